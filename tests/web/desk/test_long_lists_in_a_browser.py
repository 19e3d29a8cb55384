"""Lists of more than twelve in a real browser: searched without marks, by keyboard alone, and what others put into them
is shown.

Proves: selects of 23, 95 and 145 entries are searchable without marks"""

from types import SimpleNamespace

import pytest
from playwright.sync_api import Locator, Page, expect

from caunoi.directory import actions as directory
from caunoi.directory.models import Category
from caunoi.events.actor import citizen
from caunoi.procedures import actions as procedures
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import holder
from caunoi.tickets.report import Report
from tests.procedures.records import lines, raw

pytestmark = [pytest.mark.browser, pytest.mark.slow]
AGENCIES = ("Sở Xây dựng", "Sở Y tế", "Sở Giáo dục và Đào tạo", "Ban Quản lý đường bộ", "Công an tỉnh")
FIELDS = ("Cây xanh", "Cấp nước", "Thoát nước", "Rác thải", "Đường sá, vỉa hè", "Giao thông", "Trật tự xây dựng")


@pytest.fixture
def province(town: SimpleNamespace) -> SimpleNamespace:
    """The town with as many agencies, communes and categories that their lists are searched."""
    office = town.works.calendar
    names = [*AGENCIES, *(f"Trung tâm Y tế khu vực {number}" for number in range(1, 10))]
    directory.save_agencies(
        [{"code": f"a{i}", "name": name, "kind": "department", "calendar": office} for i, name in enumerate(names)]
    )
    communes = [
        {"code": f"26{n:03}", "name": f"Xã Tân Phú {n}", "kind": "Xã", "parent": town.province, "area_km2": 9.9}
        for n in range(1, 13)
    ]
    directory.save_areas(communes)
    for i, name in enumerate([*FIELDS, *(f"Lĩnh vực khác {number}" for number in range(1, 6))]):
        Category.objects.create(code=f"c{i}", name=name, group="Khác", publish="review", order=10 + i)
    return town


def typed(page: Page, name: str) -> Locator:
    """The field by which a select is searched."""
    return page.locator(f"[role=combobox]:has(+ select[name={name}])")


def value(page: Page, name: str) -> str:
    return page.locator(f"select[name={name}]").input_value()


def marked(page: Page) -> Locator:
    return page.locator("[role=option][aria-selected=true]:visible")


def a_ticket(town: SimpleNamespace) -> Ticket:
    report = Report(text="Đèn tắt trước chợ", channel="web", once="r1", category_id=town.lamps.pk)
    ticket = actions.take(report, by=citizen())
    actions.move(ticket, "accept", by=town.lan, category=town.lamps)
    return ticket


def test_a_ticket_is_forwarded_by_keyboard_alone(province, screens):
    ticket = a_ticket(province)
    lan = screens("lan")
    page = lan.go(f"/desk/{ticket.code}/")
    lan.ready()
    page.keyboard.press("f")
    agency = typed(page, "route-agency")
    expect(agency).to_be_focused()
    expect(agency).to_have_value("Xí nghiệp Công trình công cộng")
    page.keyboard.type("so xay dung")
    expect(page.locator("[role=option]:visible")).to_have_text(["Sở Xây dựng"])
    expect(marked(page)).to_have_text("Sở Xây dựng")
    lan.clean("forward-by-typing")
    page.keyboard.press("Enter")
    expect(agency).to_have_value("Sở Xây dựng")
    assert Ticket.objects.get().state == State.ACCEPTED, "Enter in an open list sends nothing"
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket")).to_contain_text("Sở Xây dựng đang xử lý")
    assert Ticket.objects.get().state == State.ROUTED
    lan.clean()


def test_words_that_mean_several_agencies_send_to_none(province, screens):
    ticket = a_ticket(province)
    lan = screens("lan")
    page = lan.go(f"/desk/{ticket.code}/")
    lan.ready()
    page.keyboard.press("f")
    page.keyboard.type("so")
    page.locator("#form-route .btn-primary").click()
    expect(typed(page, "route-agency")).to_be_focused()
    expect(page.locator(".combobox-popup .field-error")).to_have_text(
        "Anh/chị chọn một mục trong danh sách: chữ vừa gõ chưa khớp mục nào, hoặc khớp nhiều mục."
    )
    assert Ticket.objects.get().state == State.ACCEPTED
    lan.clean("forward-to-several")
    page.keyboard.type(" y te")
    page.locator("#form-route .btn-primary").click()
    expect(page.locator("#ticket")).to_contain_text("Sở Y tế đang xử lý")


def test_what_others_do_takes_no_letter_from_a_search(province, screens):
    ticket = a_ticket(province)
    lan = screens("lan")
    page = lan.go(f"/desk/{ticket.code}/")
    lan.ready()
    expect(page.locator("body[data-live-state=open]")).to_be_attached()
    page.keyboard.press("f")
    page.keyboard.type("so")
    page.keyboard.press("ArrowDown")
    page.evaluate("document.querySelector('[name=route-agency]').dataset.before = ''")
    page.evaluate("document.body.dispatchEvent(new CustomEvent('live:resume'))")
    expect(page.locator("[data-before]")).to_have_count(0)
    agency = typed(page, "route-agency")
    expect(agency).to_be_focused()
    expect(agency).to_have_value("so")
    expect(marked(page)).to_have_text("Sở Giáo dục và Đào tạo")
    page.wait_for_timeout(100)  # htmx has put back what it keeps
    field, popup = agency.bounding_box(), page.locator(".combobox-popup:visible").bounding_box()
    assert field and popup and (field["x"], field["y"] + field["height"] + 4) == (popup["x"], popup["y"])
    hidden = page.locator("[name=route-agency]").bounding_box()
    assert hidden and hidden["width"] == 1
    page.keyboard.type(" y")
    expect(marked(page)).to_have_text("Sở Y tế")
    page.keyboard.press("Tab")
    assert value(page, "route-agency") == "a1"
    lan.clean()


def test_the_fields_of_a_new_ticket_are_chosen_without_a_mark_or_a_mouse(province, screens):
    lan = screens("lan")
    page = lan.go("/desk/new")
    page.fill("#id_text", "Vỉa hè hỏng")
    typed(page, "category").focus()
    page.keyboard.type("via he")
    page.keyboard.press("Tab")
    expect(typed(page, "category")).to_have_value("Đường sá, vỉa hè")
    assert value(page, "category") == "c4"
    page.locator("label[for=id_area]").click()
    expect(typed(page, "area")).to_be_focused()
    for key in ("ArrowDown", "ArrowDown", "PageDown", "ArrowUp", "Enter"):
        page.keyboard.press(key)
    assert value(page, "area") != ""
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    assert value(page, "area") == ""
    expect(typed(page, "area")).to_have_attribute("placeholder", "Chưa rõ")
    typed(page, "category").focus()
    page.keyboard.type("xyz")
    expect(page.locator(".combobox-popup .hint:visible")).to_contain_text("Không có mục nào khớp")
    lan.look("nothing-matches")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette")).to_be_visible()
    expect(page.locator(".combobox-popup:visible")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(typed(page, "category")).to_have_value("Đường sá, vỉa hè")
    typed(page, "category").click()
    expect(page.locator("[role=option]:visible")).to_have_count(16)
    lan.look("list-open")
    page.locator("[role=option]:visible", has_text="Rác thải").click()
    assert value(page, "category") == "c3"
    lan.clean()


def test_a_draft_is_shown_and_so_is_what_a_form_with_a_mistake_came_back_with(province, screens):
    lan = screens("lan")
    page = lan.go("/desk/new")
    typed(page, "category").focus()
    page.keyboard.type("rac thai")
    with page.expect_response("**/drafts"):
        page.keyboard.press("Enter")
    page.reload()
    expect(typed(page, "category")).to_have_value("Rác thải")
    page.locator("[data-draft-discard]").click()
    expect(typed(page, "category")).to_have_value("")
    page.locator("[name=then][value=route]").check()
    typed(page, "agency").focus()
    page.keyboard.type("y te khu vuc 7")
    page.keyboard.press("Enter")
    page.fill("#id_text", "Đèn tắt")
    page.locator("#entry .btn-primary").click()
    expect(page.locator(".error-summary")).to_be_visible()
    expect(typed(page, "agency")).to_have_value("Trung tâm Y tế khu vực 7")
    expect(typed(page, "category")).to_have_attribute("aria-invalid", "true")
    page.locator(".error-summary a[href='#id_category']").click()
    expect(typed(page, "category")).to_be_focused()
    expect(typed(page, "category")).to_be_in_viewport()
    assert page.evaluate("scrollY") == 0, "the column scrolls, not the page"
    page.keyboard.type("rac")
    expect(marked(page)).to_have_text("Rác thải")
    lan.complaints = [line for line in lan.complaints if "422" not in line]
    lan.look("category-is-missing")


def test_what_is_proposed_is_shown(province, screens):
    offer = '<div id="hints"><button data-offer="category" data-value="c3" data-sure type="button">Rác</button></div>'
    lan = screens("lan")
    lan.page.route("**/desk/hints", lambda route: route.fulfill(body=offer, content_type="text/html"))
    page = lan.go("/desk/new")
    expect(typed(page, "category")).to_have_value("Rác thải")
    expect(page.locator("label[for=id_category] [data-offered-mark]")).to_be_visible()
    typed(page, "category").focus()
    page.keyboard.type("cap nuoc")
    page.keyboard.press("Enter")
    expect(page.locator("[data-offered-mark]")).to_have_count(0)


def test_escape_closes_the_list_first_then_the_dialog_around_it(province, screens):
    lan = screens("lan")
    page = lan.go("/desk/new")
    page.evaluate(
        """() => {
            const dialog = document.createElement("dialog");
            dialog.className = "dialog";
            document.getElementById("entry").append(dialog);
            dialog.append(document.getElementById("id_category").closest(".field"));
            dialog.showModal();
        }"""
    )
    dialog = page.locator("dialog.dialog[open]")
    field = dialog.get_by_role("combobox")
    field.click()
    option = page.locator("[role=option]:visible").last
    option.scroll_into_view_if_needed()
    box, around = page.locator(".combobox-popup").bounding_box(), dialog.bounding_box()
    assert box and around and box["height"] > around["height"], "nothing cuts it off"
    lan.clean("list-in-a-dialog")
    option.click()
    expect(field).to_have_value("Lĩnh vực khác 5")
    page.keyboard.type("x")
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(field).to_have_value("Lĩnh vực khác 5")
    expect(page.locator(".combobox-popup")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("dialog.dialog[open]")).to_have_count(0)


def test_escape_leaves_the_list_then_closes_the_form_of_the_move(province, screens):
    ticket = a_ticket(province)
    lan = screens("lan")
    page = lan.go(f"/desk/{ticket.code}/")
    lan.ready()
    page.keyboard.press("f")
    page.keyboard.type("rx")
    assert page.locator("details.move[open]").count() == 1, "letters to search by are no keys of the page"
    page.keyboard.press("Escape")
    expect(page.locator("#move-route")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#move-route > summary")).to_be_focused()
    expect(page.locator("details.move[open]")).to_have_count(0)


def test_the_procedures_of_one_category_are_found_by_its_name_without_marks(province, screens):
    records = [raw(f"1.{n:06}", linh_vuc=name) for n, name in enumerate(("Đất đai", "Hộ tịch", *map(str, range(12))))]
    procedures.bring_in(procedures.look(procedures.upload("a", lines(*records), by=province.thu)), by=province.thu)
    thu = screens("thu")
    page = thu.go("/procedures/")
    typed(page, "field").focus()
    page.keyboard.type("dat")
    page.keyboard.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(typed(page, "field")).to_have_value("Đất đai (1)")
    expect(page.locator("tbody tr")).to_have_count(1)
    thu.look("procedures-of-a-category")


@pytest.mark.parametrize("more", [{"size": "phone"}, {"scripts": False}])
def test_fingers_and_browsers_without_scripts_have_the_select_itself(province, screens, more):
    lan = screens("lan", **more)
    page = lan.go("/desk/new")
    assert page.locator("select#id_category + [role=combobox], [role=combobox]:has(+ select)").count() == 0
    page.locator("#id_category").select_option("c3")
    box = page.locator("#id_category").bounding_box()
    assert box and box["width"] > 100
    lan.clean()


@pytest.mark.parametrize(("size", "theme"), [((390, 844), "dark"), ((700, 500), "light")])
def test_a_narrow_or_low_window_has_room_for_the_list(province, screens, size, theme):
    lan = screens("lan", size=(1440, 900), theme=theme)
    page = lan.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    lan.go("/desk/new")
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    typed(page, "area").click()
    popup = page.locator(".combobox-popup:visible").bounding_box()
    assert popup and popup["x"] >= 0 and popup["x"] + popup["width"] <= size[0]
    assert popup["y"] >= 0 and popup["y"] + popup["height"] <= size[1] and popup["height"] >= 120
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
    page.keyboard.press("End")
    for _ in range(3):
        page.keyboard.press("PageDown")
    option, popup = marked(page).bounding_box(), page.locator(".combobox-popup:visible").bounding_box()
    assert option and popup and popup["y"] <= option["y"], "what is marked is in sight"
    assert option["y"] + option["height"] <= popup["y"] + popup["height"]


def test_the_agency_that_was_chosen_gets_the_ticket(province, screens):
    lan = screens("lan")
    page = lan.go("/desk/new")
    page.fill("#id_text", "Đèn tắt")
    page.locator("[name=then][value=route]").check()
    for name, words in (("category", "chieu sang"), ("agency", "duong bo")):
        typed(page, name).focus()
        page.keyboard.type(words)
        page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    ticket = Ticket.objects.get()
    agency = holder(ticket)
    assert (ticket.category, agency and agency.name) == (province.lamps, "Ban Quản lý đường bộ")
    lan.clean()
