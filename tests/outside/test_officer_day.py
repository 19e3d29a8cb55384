"""A day of an officer, a leader and an administrator: a result sent without a network, photos that a page cannot give
back, a role nobody knows, options, names that need not be seen, a notice of what was withdrawn, figures that agree."""

import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page
from stage import Person, Product, wait_until
from test_reorganisation_day import change, drafted, schedule

pytestmark = pytest.mark.long

People = Callable[..., Person]
LARGE = "document.documentElement.style.fontSize = '200%'"
WIDTH = "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
AFTER = "[name=result-after]"
PICKER = f"fieldset:has({AFTER})"


def photo(name: str, colour: str) -> FilePayload:
    found = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(found, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": found.getvalue()}


def file(name: str, kind: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def result(minh: Person, number: int) -> str:
    """The form of the result of one of the tickets in work."""
    page = minh.at("/agency/?stage=work")
    links = page.eval_on_selector_all("main a[href^='/agency/2']", "all => all.map(a => a.getAttribute('href'))")
    found = 0
    for link in links:
        if minh.at(link).locator("a[href$='/move/result']").count():
            if found == number:
                return f"{link}move/result"
            found += 1
    raise AssertionError("no result to be sent")


def send(page: Page) -> None:
    page.locator("form:has([name=result-text]) .action-bar .btn-primary").click()


# --- Results ----------------------------------------------------------------------------------------------------------


def test_a_result_sent_without_a_network_stays_with_its_words_and_photos(demo: Product, person: People) -> None:
    minh = person(demo, "minh", size="small")
    minh.expect("ERR_INTERNET_DISCONNECTED")
    path = result(minh, 0)
    page = minh.at(path)
    page.set_input_files(AFTER, [photo("sau1.jpg", "green"), photo("sau2.jpg", "orange")])
    page.locator(PICKER, has_text="Đã chọn 2 ảnh").wait_for()
    minh.context.set_offline(True)
    page.locator("[data-offline]", has_text="có mạng lại, bản nháp sẽ được lưu").wait_for()
    page.type("[name=result-text]", "Đã thay bóng đèn, viết khi mất mạng.")
    send(page)
    said = "Chưa gửi: đang mất mạng. Nội dung và ảnh vẫn còn trên trang này; có mạng hãy gửi lại."
    page.locator("[role=alert]", has_text=said).wait_for()
    page.press("[name=result-text]", "Control+Enter")
    assert minh.path == path
    assert page.locator("[role=alert]", has_text=said).count() == 1
    assert page.input_value("[name=result-text]") == "Đã thay bóng đèn, viết khi mất mạng."
    assert page.evaluate(f"document.querySelector('{AFTER}').files.length") == 2
    minh.context.set_offline(False)
    with page.expect_navigation():
        send(page)
    assert minh.path == path.removesuffix("move/result")
    assert "viết khi mất mạng" in minh.text()
    assert page.locator("main img").count() >= 2


def test_photos_that_a_page_cannot_give_back_are_asked_for_again(demo: Product, person: People) -> None:
    minh = person(demo, "minh", size="small")
    page = minh.at(result(minh, 1))
    assert "Ảnh phải chọn lại" not in minh.text()
    none = [
        file("ghi chú.txt", "text/plain", b"abc"),
        file("bản vẽ.pdf", "application/pdf", b"%PDF-1.4"),
        file("rỗng.jpg", "image/jpeg", b""),
    ]
    page.set_input_files(AFTER, [*none, photo("sau.jpg", "green")])
    page.locator(PICKER, has_text="Đã chọn 1 ảnh").wait_for()
    said = page.inner_text(PICKER)
    assert all(f"{one['name']} không phải là ảnh" in said for one in none)
    assert page.evaluate(f"document.querySelector('{AFTER}').files.length") == 1
    with page.expect_response(lambda r: r.url.endswith("/drafts")):
        page.type("[name=result-text]", "Đã cắt cành.")
    page.wait_for_timeout(2500)
    page.reload()
    page.locator(PICKER, has_text="Ảnh phải chọn lại.").wait_for()
    assert page.input_value("[name=result-text]") == "Đã cắt cành."
    minh.expect("422")
    bad = file("hỏng.jpg", "image/jpeg", b"no picture" * 100)
    page.set_input_files(AFTER, [photo("sau.jpg", "green"), bad])
    page.locator(PICKER, has_text="Đã chọn 2 ảnh").wait_for()
    with page.expect_navigation():
        send(page)
    page.locator(PICKER, has_text="Ảnh phải chọn lại.").wait_for()
    assert "hỏng.jpg không phải là ảnh" in page.inner_text(PICKER)
    assert page.input_value("[name=result-text]") == "Đã cắt cành."
    page.set_input_files(AFTER, [photo("sau.jpg", "green")])
    page.locator(PICKER, has_text="Đã chọn 1 ảnh").wait_for()
    assert "Ảnh phải chọn lại" not in page.inner_text(PICKER)
    with page.expect_navigation():
        send(page)
    assert minh.path.count("/") == 3


def test_what_is_pasted_beyond_the_room_there_is_says_so(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/new")
    page.fill("#id_text", "a" * 9_999)
    page.evaluate("""() => {
      const data = new DataTransfer(); data.setData('text/plain', 'bcdef');
      const field = document.querySelector('#id_text'); field.focus();
      field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true}));
    }""")
    lan.see("Chỉ giữ 10.000 ký tự đầu.")
    page.type("#id_text", "b")
    assert "Chỉ giữ 10.000 ký tự đầu." not in lan.text()


def clock(late: str) -> str:
    """Which clock is late, by its mark; the ticket's own bears no name."""
    return late and (late.lower().partition("quá hạn")[0].strip(" ·\n") or "the ticket")


def test_the_list_of_work_goes_by_the_clock_that_the_ticket_shows(demo: Product, person: People) -> None:
    minh = person(demo, "minh")
    page = minh.at("/agency/?stage=accept")
    late = """all => Object.fromEntries(all.map(a => [a.getAttribute('href'),
      a.closest('li').querySelector('.due-overdue')?.innerText ?? '']))"""
    listed = {
        path: clock(text)
        for path, text in page.eval_on_selector_all("main a.item-link[href^='/agency/2']", late).items()
    }
    assert any(listed.values()) and not all(listed.values())
    for path, late in listed.items():
        card = minh.at(path).locator(".deadline")
        assert (card.locator(".due-overdue").count() > 0) == bool(late), path
        own, whole = card.locator(".hint .due-overdue").count(), card.locator(":not(.hint) > .due-overdue").count()
        assert not late or (whole if late == "the ticket" else own), (path, late)


# --- Set-up -----------------------------------------------------------------------------------------------------------


def test_somebody_of_an_unknown_role_is_left_out_until_the_word_means_something(
    demo: Product, person: People, tmp_path: Path
) -> None:
    quan = person(demo, "quan")
    page = quan.at("/setup/imports/")
    (tmp_path / "nguoi.csv").write_text(
        "Họ và tên;Vai trò;Đơn vị\nLý Văn Vương;Vua;Công ty Điện lực\nLý Văn Viên;Chuyên viên;Công ty Điện lực\n",
        "utf-8",
    )
    page.locator("[name=what][value=people]").check(force=True)
    page.set_input_files("[name=file]", tmp_path / "nguoi.csv")
    with page.expect_navigation():
        page.locator("form:has([name=file]) button.btn-primary").click()
    page.locator("button[value=apply]").wait_for(timeout=60_000)
    listed = page.locator("ul.items", has_text="Lý Văn Viên").inner_text()
    assert "Lý Văn Vương" not in listed
    quan.see("Không rõ vai trò này")
    page.locator("form a", has_text="Cột và từ ngữ").click()
    page.select_option("tr:has(th:text-is('Vua')) select", label="Lãnh đạo đơn vị")
    with page.expect_navigation():
        page.locator("main .action-bar .btn-primary").click()
    page.locator("ul.items", has_text="Lý Văn Vương").wait_for(timeout=60_000)
    assert "Không rõ vai trò này" not in quan.text()
    page.locator("button[value=drop]").click()


def test_an_option_is_shown_as_it_is_and_taken_back_at_once(demo: Product, person: People) -> None:
    quan = person(demo, "quan")
    address = "/setup/options/reopen_days"
    page = quan.at(address)
    before = page.input_value("[name=value]")

    def save(value: str) -> None:
        page.fill("[name=value]", value)
        with page.expect_navigation():
            page.press("[name=value]", "Enter")

    save(before)
    quan.see("Không có gì thay đổi.")
    assert f"{before} → {before}" not in quan.at("/setup/history").inner_text("main")
    for value in ("16", "17", "18"):
        quan.at(address)
        save(value)
        undo = page.get_by_role("button", name="Hoàn tác").first
        undo.wait_for()
        for _ in range(6):  # whichever of the processes is asked
            assert f'value="{value}"' in quan.context.request.get(demo.address + address).text()
        with page.expect_navigation():
            undo.click()
        quan.see("Đã hoàn tác")
        assert quan.at(address).input_value("[name=value]") == before


def test_administrators_see_nobody_who_wrote(demo: Product, person: People) -> None:
    quan = person(demo, "quan")
    for name in ("zalo", "sms", "email", "facebook"):
        page = quan.at(f"/setup/inboxes/{name}/")
        assert page.locator("main a[href*='?to=']").count() == 0
        assert page.locator("#try a").count() == 0
        assert page.input_value("[name=to]") == ""
    page.type("[name=to]", "mot-dia-chi")
    assert page.input_value("[name=to]") == "mot-dia-chi"


def test_the_notice_of_an_act_that_was_withdrawn_says_so(demo: Product, person: People) -> None:
    quan = person(demo, "quan")
    day = datetime.now(UTC) + timedelta(days=9, hours=7)
    act = drafted(quan, "96/NQ-HĐND", f"{day:%Y-%m-%d}")
    change(quan, act, "agency", "merge", ["xncongtrinh", "capnuoc"], "Công ty Hạ tầng")
    schedule(quan, act)
    minh = person(demo, "minh")

    def told() -> int:
        return minh.at("/notices/").locator("a.act", has_text="96/NQ-HĐND").count()

    wait_until(lambda: told() == 1, 40, 1, "the officer is told")
    minh.page.locator("a.act", has_text="96/NQ-HĐND").click()
    minh.see(f"Có hiệu lực vào {day:%d/%m/%Y}")
    page = quan.at(act)
    with page.expect_navigation():
        page.click("button[value=unschedule]")
    wait_until(lambda: told() == 2, 40, 1, "the officer is told that it was taken back")
    for number in range(2):
        minh.at("/notices/").locator("a.act", has_text="96/NQ-HĐND").nth(number).click()
        minh.see("đã được rút lại")
        assert "96/NQ-HĐND" in minh.text() and f"{day:%d/%m/%Y}" in minh.text() and "Công ty Hạ tầng" in minh.text()


def order(phong: Person, words: str) -> None:
    page = phong.at("/board/directives/new?agency=xncongtrinh")
    page.fill("[name=text]", words)
    page.fill("[name=due]", f"{datetime.now(UTC) + timedelta(days=3):%Y-%m-%d}")
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()


def test_the_answers_to_two_orders_stay_apart_and_the_map_stays_when_the_page_is_refreshed(
    demo: Product, person: People
) -> None:
    phong, hoa = person(demo, "phong"), person(demo, "hoa")
    order(phong, "Rà soát đèn đường")
    order(phong, "Rà soát cống thoát nước")
    page = hoa.at("/agency/directives")
    cards = {word: page.locator("li.card", has_text=word) for word in ("đèn đường", "thoát nước")}
    for word, card in cards.items():
        card.locator("summary").click()
        card.locator("textarea").fill(f"Trả lời về {word}")
    others = page.locator("textarea[name=answer]").count() - 2
    order(phong, "Rà soát cây xanh")
    page.locator("li.card", has_text="cây xanh").wait_for()
    for word, card in cards.items():
        assert card.locator("textarea").input_value() == f"Trả lời về {word}"
    rest = [field.input_value() for field in page.locator("textarea[name=answer]").all()]
    assert sorted(filter(None, rest)) == sorted(f"Trả lời về {word}" for word in cards) and len(rest) == others + 3
    cards["đèn đường"].locator("textarea").focus()
    ordered = phong.at("/board/directives").locator("li.card", has_text="đèn đường")
    with phong.page.expect_navigation():
        ordered.locator("button[value=withdraw]").click()
    cards["đèn đường"].wait_for(state="detached")
    assert page.evaluate("document.activeElement.name") != "answer"
    page = hoa.at("/agency/")
    page.locator("#work-map canvas").first.wait_for()
    page.evaluate("document.querySelector('#work-map canvas').dataset.same = 1")
    with page.expect_response(lambda answer: answer.url.endswith("/agency/")):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:resume'))")
    page.wait_for_timeout(500)
    assert page.locator("#work-map canvas[data-same]").count() == 1


def test_wrong_codes_and_numbers_are_named_in_good_words(demo: Product, person: People) -> None:
    quan = person(demo, "quan")
    quan.expect("422")
    page = quan.at("/setup/fields/new")
    page.fill("[name=code]", "lũ lụt")
    page.fill("[name=order]", "-3")
    with page.expect_navigation():
        page.press("[name=code]", "Enter")
    said = page.inner_text(".error-summary")
    assert "Mã: chỉ dùng chữ không dấu, chữ số, dấu - và dấu _; không có dấu cách." in said
    assert "Thứ tự: không nhỏ hơn 0." in said
    page = quan.at("/setup/options/reopen_days")
    page.fill("[name=value]", "0")
    with page.expect_navigation():
        page.press("[name=value]", "Enter")
    said = page.inner_text(".error-summary")
    assert "không nhỏ hơn 1." in said and "Đảm bảo" not in said


# --- Board ------------------------------------------------------------------------------------------------------------


def test_the_wall_and_the_list_count_the_overdue_alike(demo: Product, person: People) -> None:
    phong = person(demo, "phong")
    page = phong.at("/board/overdue")
    chips = [text.split("\n") for text in page.locator(".chips .chip").all_inner_texts()]
    listed = {
        name.strip(): int(count) for name, count in (c for c in chips if len(c) == 2 and c[1].strip().isdecimal())
    }
    page = phong.at("/board/wall")
    worst = {
        row.locator("span").first.inner_text().strip(): int(row.locator(".num").inner_text())
        for row in page.locator("ol.worst li").all()
    }
    assert worst and all(listed[name] == count for name, count in worst.items())
    total = page.locator(".wall-figures .card:has(.due-overdue) .stat-value").inner_text()
    assert int(total) == sum(listed.values())


@pytest.mark.parametrize(("name", "paths"), [("minh", ["/agency/"]), ("phong", ["/board/", "/board/wall"])])
def test_letters_of_twice_the_size_fit_a_small_phone(
    demo: Product, person: People, name: str, paths: list[str]
) -> None:
    somebody = person(demo, name, size="small")
    page = somebody.at(paths[0])
    found = page.eval_on_selector_all("main a[href^='/agency/2']", "all => all.map(a => a.getAttribute('href'))")
    wide = {}
    for path in [*paths, *found[:5]]:
        somebody.at(path).evaluate(LARGE)
        page.wait_for_timeout(300)
        width, room = page.evaluate(WIDTH)
        if width > room:
            wide[path] = width
        for bar in page.locator(".action-bar").all():
            box = bar.bounding_box()
            assert box and box["x"] >= 0 and box["x"] + box["width"] <= room
    assert wide == {}
    assert re.match(r"/(agency|board)/", somebody.path)
