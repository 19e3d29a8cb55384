"""A leader's and a reviewer's day: the board names who holds what is late, and says no more than its figures carry.

Proves: lateness names who holds it, true totals of satisfaction, no headline of one case, no fall that is noise,
words of the dissatisfied reach a reviewer (B3–B6)"""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from stage import Person, Product, vietnam_today

pytestmark = pytest.mark.long

SMALL = 10  # cases below which nothing is called the highest; the demo's option


def rows(person: Person, selector: str) -> list[list[str]]:
    return person.page.eval_on_selector_all(
        selector, "all => all.map(row => [...row.children].map(cell => cell.innerText.trim()))"
    )


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A demo of four days ago, in which nobody has worked since: on some mornings nothing of today's is overdue at the
    centre."""
    day = vietnam_today() - timedelta(days=4)
    with Product(
        tmp_path_factory.mktemp("left") / "home", {"CAUNOI_DEMO": "1", "CAUNOI_DEMO_DAY": f"{day}"}
    ) as product:
        yield product


def test_the_list_of_the_overdue_names_who_holds_each(left: Product, person) -> None:
    leader = person(left, "phong")
    page, listed = leader.at("/board/overdue"), {}
    while True:
        listed |= dict(
            page.eval_on_selector_all(
                "tbody tr:has(input[name=code])",
                "all => all.map(row => [row.querySelector('input[name=code]').value, row.innerText])",
            )
        )
        older = page.locator(".pager a[rel=next]")
        if not older.count():
            break
        with page.expect_navigation():
            older.click()
    assert len(listed) >= 10
    centre = []
    for code, line in listed.items():
        ticket = left.ask(f"/api/v1/tickets/{code}", authorization="Bearer demo-api-tam").json
        if ticket["holder"] is None:
            centre.append(code)
            assert re.search(r"[Tt]rung tâm|tổng đài", line), (code, line)
        else:
            assert not re.search(r"Ở trung tâm|^trung tâm", line, re.M), (code, line)
    assert centre, "the demo has reopened tickets that lie at the centre"


def test_what_runs_is_not_called_on_time(demo: Product, person) -> None:
    leader = person(demo, "phong")
    leader.at("/board/directives")
    running = [text for text in leader.page.locator(".due").all_inner_texts() if "còn" in text]
    assert running and not [text for text in running if "Đúng hạn" in text]


def test_no_headline_is_made_of_one_case(demo: Product, person) -> None:
    leader = person(demo, "phong")
    leader.at("/board/measures/handling?by=agency")
    headline = re.search(r"Cao nhất: (.+?) với", leader.text()) or re.search(r"Cao nhất: ([^,;]+),", leader.text())
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in leader.context.cookies())
    table = demo.ask("/board/measures/handling?by=agency&format=csv", cookie=cookies).text
    cases = {row[0]: int(row[4]) for row in list(csv.reader(io.StringIO(table.lstrip("\ufeff"))))[1:]}
    assert min(cases.values()) < SMALL, "the demo has agencies with a case or two"
    if headline:
        assert cases[headline[1].strip()] >= SMALL, headline[0]


def test_one_more_rating_is_one_more_in_the_total(demo: Product, person) -> None:
    leader = person(demo, "phong")

    def dissatisfied() -> int:
        leader.at("/board/satisfaction?period=30")
        last = rows(leader, "tbody tr")[-1]
        return int(re.match(r"[\d.]+", last[6])[0].replace(".", ""))

    before = dissatisfied()
    citizen = person(demo)
    link = answered_question(demo, citizen)
    citizen.at(link)
    citizen.page.locator(".rating label", has_text="Không hài lòng").click()
    citizen.page.get_by_role("button", name="Gửi đánh giá").click()
    citizen.see("Cảm ơn")
    assert dissatisfied() == before + 1


def answered_question(demo: Product, citizen: Person) -> str:
    """A citizen asks by the web form, an operator answers; the citizen's own address."""
    code, own = citizen.report("Cho hỏi đăng ký tạm trú cần giấy tờ gì?", kind="question")
    done = demo.ask(
        f"/api/v1/tickets/{code}/moves",
        {"move": "answer", "text": "Dạ, chị mang căn cước và giấy tờ chỗ ở.", "category": "procedures"},
        authorization="Bearer demo-api-lan",
    )
    assert done.status == 200, done.text
    return own


def test_what_the_dissatisfied_wrote_reaches_a_reviewer_and_nobody_else(demo: Product, person) -> None:
    reviewer = person(demo, "thu")
    page = reviewer.at("/quality/")
    page.get_by_role("link", name="Ý kiến của người chưa hài lòng").click()
    lines = page.locator("main .items > li")
    assert lines.count() >= 10
    text = lines.first.inner_text()
    assert not re.search(r"\d\d-\d{6}-\d|\b0\d{9}\b", text), "neither the ticket nor a number"
    page.get_by_role("button", name="Đánh dấu đã đọc").first.click()
    reviewer.see("Đã đánh dấu là đã đọc")
    page.get_by_role("link", name="Đã đọc").click()
    assert page.locator("main .items > li").first.inner_text().split("\n")[0] == text.split("\n")[0]
    for name in ("hoa", "minh", "lan", "phong"):
        somebody = person(demo, name)
        somebody.expect("403")
        assert somebody.page.goto(demo.address + "/quality/comments/").status == 403
