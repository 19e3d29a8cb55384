"""The board before a leader's eyes, at a desk and on a phone: drawn, said in words, opened down, shared, and live.

Proves: The board in a browser, desk and phone: drawn, each chart with sentence and table, axe clean, opened from a
mark, a shared link with the same figures, saved as a picture with its words, live without being asked again (a live
change used to leave empty charts)"""

import io
from datetime import timedelta

import pytest
from django.utils.timezone import now
from PIL import Image
from playwright.sync_api import expect

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.routing import actions as routing
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FOUR = "Trong 4 phiếu: 1 xử lý đúng hạn, 1 xử lý trễ; 1 chưa xong còn hạn, 1 chưa xong quá hạn."


@pytest.fixture
def lived(town, time_machine):
    """Four dark lamps: done on time, done late, open past the deadline, come today."""
    here, lamps = now(), ((21, 1), (20, 8), (19, None), (0, None))
    report = {"channel": "phone", "area_id": town.ward.pk}
    todo = []
    for n, (back, days) in enumerate(lamps):
        came = here - timedelta(days=back)
        todo.append((came, n, None))
        if days:
            todo.append((came + timedelta(days=days), n, "Đã thay bóng."))
    made = {}
    for at, n, answer in sorted(todo, key=lambda one: one[0]):
        time_machine.move_to(at)
        if answer:
            answers.submit(made[n], answer, by=town.minh)
            answers.approve(made[n], by=town.hoa)
        else:
            made[n] = tickets.take(Report(text=f"Đèn {n} không sáng", once=str(n), **report), by=citizen())
            tickets.move(made[n], "accept", by=town.lan, category=town.lamps)
            routing.route(made[n], town.works, by=town.lan)
            routing.start(made[n], by=town.minh)
        sla.refresh(made[n])
    time_machine.move_to(here)
    return made


def painted(page, place):
    """Whether something is drawn on a canvas within five seconds: more than one colour."""
    canvas = page.locator(f"{place} canvas").first
    colours = """canvas => new Set(new Uint32Array(
        canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size"""
    for _ in range(50):
        if canvas.evaluate(colours) > 1:
            return True
        page.wait_for_timeout(100)
    return False


def charts_speak(page):
    """Each chart has its sentence, and its figures as a table whose every number leads to its tickets."""
    figures = page.locator("figure[data-chart]")
    assert figures.count() > 0
    for n in range(figures.count()):
        figure = figures.nth(n)
        name = figure.get_attribute("aria-labelledby")
        assert page.locator(f"#{name}").inner_text().strip()
        assert figure.locator(".chart-canvas").get_attribute("aria-hidden") == "true"
        figure.locator("summary").click()
        expect(figure.locator("table th[scope=row]").first).to_be_visible()
        assert painted(page, f"figure[aria-labelledby={name}]"), name


def test_a_leader_reads_opens_shares_and_sees_it_live(town, lived, screens, worker):
    for size in ("phone", "desk"):
        phong = screens("phong", size=size, permissions=["clipboard-read", "clipboard-write"])
        page = phong.go("/board/")
        phong.ready()
        expect(page.locator("#four-title")).to_have_text(FOUR)
        expect(page.locator("#half")).to_contain_text("Một nửa số câu trả lời có sau")  # comes by itself, as do grades
        expect(page.locator("#content")).to_contain_text("Chưa đủ 5 lượt đánh giá")
        charts_speak(page)
        phong.look(f"board-{size}")
    taken_as_a_picture(page)
    read_by_another(phong, screens)
    opened_from_a_mark(page, lived)
    live(page, town, worker)


def taken_as_a_picture(page):
    """A chart saved says by itself what it shows: its sentence and key above, where and when it is from below."""
    with page.expect_download() as saved:
        page.locator("[data-picture='chart-agency.png']").click()
    image = Image.open(io.BytesIO(saved.value.path().read_bytes()))
    box = page.locator("[aria-labelledby=chart-agency-sentence] canvas").bounding_box()
    assert saved.value.suggested_filename == "chart-agency.png"
    assert image.width > 2 * box["width"] and image.height > 2 * box["height"] + 80
    assert len(image.convert("RGB").crop((0, 0, image.width, 80)).getcolors(9999)) > 1


def read_by_another(phong, screens):
    """The address that is shared gives another leader the same figures, at the same filters."""
    page = phong.go("/board/?channel=phone&as_of=" + (now() - timedelta(days=2)).date().isoformat())
    said = page.locator("#four-title").inner_text()
    page.locator("details.menu summary", has_text="Chia sẻ").click()
    page.locator("[data-copy='#share-address']").click()
    address = page.evaluate("navigator.clipboard.readText()")
    assert address == page.url and said.startswith("Trong 3 phiếu")
    thu = screens("thu", size="phone")
    thu.page.goto(address)
    assert thu.page.locator("#four-title").inner_text() == said
    phong.go("/board/")
    phong.ready()


def opened_from_a_mark(page, lived):
    """A press on the last day's bar, which is of today, opens just its ticket; so does the number in the table."""
    place = page.locator("[aria-labelledby=chart-agency-sentence] canvas").first
    box = place.bounding_box()
    with page.expect_navigation():
        place.click(position={"x": box["width"] - 80, "y": box["height"] / 2})
    expect(page.locator("main .code")).to_have_count(1)
    page.go_back()
    with page.expect_navigation():
        page.locator("#chart-agency-sentence").locator("xpath=ancestor::figure").locator("summary").click()
        page.locator("[aria-labelledby=chart-agency-sentence] td a").first.click()
    expect(page.locator("main .code")).to_contain_text(lived[0].code[3:6])
    page.go_back()


def live(page, town, worker):
    """What comes in shows, without the page being asked for again."""
    expect(page.locator("body")).to_have_attribute("data-live-state", "open")
    page.evaluate("window.same = true")
    tickets.take(Report(text="Đèn nữa", channel="web", once="new", area_id=town.ward.pk), by=citizen())
    worker()
    expect(page.locator("#four-title")).to_contain_text("Trong 5 phiếu")
    assert page.evaluate("window.same") is True
    expect(page.locator("[data-chart]:not([data-chart-state=ready])")).to_have_count(0)
    assert painted(page, "[aria-labelledby=chart-agency-sentence]")


def test_measures_wall_outlook_and_map(town, lived, screens):
    for size in ("phone", "desk"):
        phong = screens("phong", size=size)
        page = phong.go("/board/measures")
        expect(page.locator("tr[id^=measure-]").first).to_be_visible()
        phong.look(f"measures-{size}")
        page = phong.go("/board/measures/handling?by=agency")
        phong.ready()
        charts_speak(page)
        phong.look(f"measure-{size}")
        page = phong.go("/board/wall")
        expect(page.locator(".wall-figures")).to_contain_text("quá hạn")
        phong.look(f"wall-{size}")
        page = phong.go("/board/outlook")
        phong.ready()
        expect(page.locator("[data-map-state=ready] canvas").first).to_be_visible()
        expect(page.locator("#spots-list")).to_contain_text("Phường Bình Phước")
        charts_speak(page)
        phong.look(f"outlook-{size}")
