"""The reviewer's hand in a real browser: words selected are hidden, strokes are painted over, J leads on."""

import pytest
from playwright.sync_api import expect

from caunoi.events.actor import citizen
from caunoi.publication import actions as publications
from caunoi.publication import queries as publication
from caunoi.publication import readings
from caunoi.tickets import actions
from caunoi.tickets.report import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SELECT = """(wanted) => { for (const part of document.querySelectorAll('[data-field=text] [data-start]')) {
    const at = part.textContent.indexOf(wanted);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(part.firstChild, at);
    range.setEnd(part.firstChild, at + wanted.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
} }"""


def told(town, text, once="a"):
    ticket = actions.take(Report(text=text, channel="web", once=once), by=citizen())
    actions.move(ticket, "accept", by=town.lan, category=town.noise)
    publications.propose(ticket)
    return ticket


def test_words_selected_are_hidden_and_the_public_side_follows(town, screens):
    first = told(town, "😀 Nhà anh Bảy Rô hát karaoke Sao Đêm, gọi 0900 000 001.")
    second = told(town, "Quán ồn ào", "b")
    thu = screens("thu")
    page = thu.go(f"/desk/publish/{first.code}/")
    public = page.locator("#preview-text")
    expect(public).to_have_text("😀 Nhà anh [tên] hát karaoke Sao Đêm, gọi [số điện thoại].")
    page.get_by_label("0900 000 001").last.uncheck()
    expect(public).to_have_text("😀 Nhà anh [tên] hát karaoke Sao Đêm, gọi 0900 000 001.")
    page.evaluate(SELECT, " Sao Đêm")
    page.keyboard.press("1")
    expect(public).to_have_text("😀 Nhà anh [tên] hát karaoke [tên], gọi 0900 000 001.")
    thu.clean("review")
    page.locator(".action-bar .btn-primary").click()
    expect(page).to_have_url(f"{thu.url}/desk/publish/{second.code}/")
    assert publication.find(first.code).text == "😀 Nhà anh [person] hát karaoke [person], gọi 0900 000 001."


def test_j_and_k_walk_the_queue(town, screens):
    codes = [told(town, f"Quán {n} ồn ào", str(n)).code for n in range(2)]
    thu = screens("thu")
    page = thu.go("/desk/publish/")
    for key, code in (("j", codes[0]), ("j", codes[1]), ("k", codes[0])):
        page.keyboard.press(key)
        expect(page).to_have_url(f"{thu.url}/desk/publish/{code}/")


def test_a_stroke_of_the_brush_is_painted_over(town, screens, photo):
    ticket, pk = told(town, "Quán ồn ào"), photo()
    actions.add_photos(ticket, [pk], "report", by=citizen(ticket.pk))
    thu = screens("thu")
    page = thu.go(f"/desk/publish/{ticket.code}/photo/{pk}")
    box = page.locator("[data-brush-place] canvas").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    page.locator(".action-bar .btn-primary").click()
    expect(page.get_by_role("button", name="Lùi một bước")).to_be_visible()
    ((stroke,),) = readings.blurs(publication.publication_of(ticket))[pk].shapes
    assert abs(stroke["points"][0][0] - 250) <= 20 and abs(stroke["points"][-1][0] - 500) <= 20
    thu.clean("brush")
