"""An evening of an outage at the desk: the second caller's words show the first report, one key joins them, another is
undone; the 31st caller of a mass outage is seen as such; nothing joins by itself.

Proves: while an operator writes, the open tickets that may tell of the same thing are shown, how surely and why; one
key saves and joins, both reporters are tied to one ticket and it can be undone; one key joins beside a new ticket;
the 31st caller of an outage finds it; `caunoi alike -` answers a set with and without an installation (D25, D26)"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

People = Callable[..., Person]
AT_DESK = "Bearer demo-api-lan"
FIRST = "Cúp điện cả hẻm 214 đường Phú Riềng Đỏ phường Bình Phước từ 6 giờ tối, nghe trạm biến áp nổ"
SECOND = "mất điện hẻm 214 Phú Riềng Đỏ phường Bình Phước, trạm biến áp nổ, nhà có người già"


def arrive(demo: Product, words: str, once: str) -> str:
    body = {"text": words, "channel": "zalo", "once": once}
    return str(demo.ask("/api/v1/tickets", body, authorization=AT_DESK).json["code"])


def state(demo: Product, code: str) -> str:
    return str(demo.ask(f"/api/v1/tickets/{code}", authorization=AT_DESK).json["state"])


def hears(who: Person, words: str, phone: str, code: str) -> Page:
    """A form into which a caller's words are typed, until that ticket stands beside it."""
    page = who.at("/desk/new")
    page.wait_for_load_state("networkidle")
    if (left := page.locator("[data-draft-discard]")).is_visible():
        left.click()
        wait_until(lambda: not page.input_value("#id_text"))
    page.fill("#id_phone", phone)
    page.locator("#id_text").press_sequentially(words, delay=3)
    page.locator("#alike", has_text=code).wait_for(timeout=30_000)
    return page


def test_the_second_caller_is_joined_by_one_key_and_both_are_tied_to_one_ticket(demo: Product, person: People) -> None:
    first = arrive(demo, FIRST, "alike-1")
    lan = person(demo, "lan")
    wait_until(lambda: state(demo, first) == "new")
    page = hears(lan, SECOND, "0900000881", first)
    beside = page.locator("#alike")
    assert "cùng giờ" in beside.inner_text() and "cùng nói" in beside.inner_text(), "and it says why"
    assert page.locator("#alike [data-join]").count() == 1
    with page.expect_navigation():
        page.locator("#id_text").press("Control+,")
    assert re.search(r"gộp vào", page.locator(".toast").first.inner_text())
    second = page.url.rstrip("/").rsplit("/", 1)[1].partition("?")[0]
    assert (state(demo, second), state(demo, first)) == ("merged", "new")
    page.locator("#ticket", has_text=first).wait_for()

    page.locator(".toast button:has-text('Hoàn tác')").click()
    wait_until(lambda: state(demo, second) == "new", why="it is undone")

    page = lan.at(f"/desk/{second}")
    page.locator("#alike [data-key=u]").wait_for()
    assert state(demo, second) == "new", "nothing joins by itself"
    with page.expect_navigation():
        page.keyboard.press("u")
    wait_until(lambda: state(demo, second) == "merged", why="one key joins on its page")
    assert lan.at(f"/desk/{second}").locator(f"a[href*='{first}']").count() >= 1


def test_the_first_report_is_never_joined_to_a_later_one(demo: Product, person: People) -> None:
    first = arrive(demo, "Ống nước vỡ trước chợ Minh Hưng nước chảy tràn đường", "alike-2")
    later = arrive(demo, "vỡ ống nước ngay trước chợ Minh Hưng, nước tràn ra đường", "alike-3")
    page = person(demo, "lan").at(f"/desk/{later}")
    page.locator("#alike [data-key=u]").wait_for()
    page = person(demo, "lan").at(f"/desk/{first}")
    page.locator("#around").wait_for()
    page.wait_for_load_state("networkidle")
    assert page.locator("#alike [data-key=u]").count() == 0


WORDINGS = (
    "mất điện khu phố 3 phường Bình Phước",
    "cúp điện nguyên khu phố 3 rồi ad ơi, Bình Phước",
    "kp3 binh phuoc mat dien tu chieu",
    "khu phố 3 phường Bình Phước chưa có điện lại",
    "trạm biến áp khu phố 3 nổ, mất điện",
)


def test_the_thirty_first_caller_of_an_outage_finds_it(demo: Product, person: People) -> None:
    codes = [arrive(demo, f"{WORDINGS[n % 5]}, nhà số {n + 1}", f"mass-{n}") for n in range(30)]
    page = person(demo, "lan").at("/desk/new")
    page.wait_for_load_state("networkidle")
    page.locator("#id_text").press_sequentially("mất điện khu phố 3 phường Bình Phước từ chiều tới giờ", delay=3)
    page.locator("#alike").wait_for(timeout=30_000)
    shown = page.locator("#alike .code").all_inner_texts()
    assert shown and all(any(re.sub(r"\D", "", code) == re.sub(r"\D", "", one) for code in codes) for one in shown)


def test_the_shell_answers_a_set_with_and_without_an_installation(demo: Product, tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": FIRST, "at": "2026-11-30T18:05:00+07:00", "category": "power"},
        {"id": "b", "text": "Xin hỏi thủ tục cấp lại thẻ bảo hiểm y tế", "at": "2026-11-30T18:06:00+07:00"},
        {"id": "c", "text": SECOND, "at": "2026-11-30T18:20:00+07:00", "category": "power"},
        {"id": "d", "text": "Đèn đường xã Tân Lợi hỏng", "at": "2026-11-29T18:20:00+07:00", "category": "lamps"},
    ]
    given = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    for answer in (demo.shell("alike", "-", given=given), Product(tmp_path / "none").shell("alike", "-", given=given)):
        lines = [json.loads(line) for line in answer.stdout.splitlines()]
        assert [line["id"] for line in lines] == ["a", "b", "c", "d"], answer.stderr
        assert [lines[0]["alike"][0]["id"], lines[2]["alike"][0]["id"]] == ["c", "a"]
        assert all(0 <= one["p"] <= 1 for line in lines for one in line["alike"])
        assert all(len(line["alike"]) == 3 and [*line] == ["id", "alike"] for line in lines)
        assert lines[0]["alike"][0]["p"] > 0.5 > lines[1]["alike"][0]["p"]
    places = [json.dumps({"id": name, "text": FIRST, name: "25195"}) for name in ("area_code", "area")]
    likely = demo.shell(
        "alike", "-", given="\n".join([*places, json.dumps({"id": "else", "text": SECOND, "area": "1"})])
    )
    named = [json.loads(line)["alike"] for line in likely.stdout.splitlines()]
    assert named[0][0] == {"id": "area", "p": named[1][0]["p"]} and named[1][0]["id"] == "area_code", likely.stderr
    wrong = demo.shell("alike", "-", given='{"id": 1, "text": "x", "at": "gestern"}\n')
    assert wrong.returncode == 2 and wrong.stderr.startswith("line 1: at is no time")
