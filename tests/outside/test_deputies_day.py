"""A day of leave. Whoever stands in for another tries all that they may not do as themself: approve their own answer,
score it, be both of a blind pair, ask a citizen about a ticket of their own, answer their own order. A name is one
person's for ever.

Proves: a person is a row: rules between people compare people, for deputies too; a user name is never used again"""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from stage import Person, Product, vietnam_today, wait_until

pytestmark = pytest.mark.long

People = Callable[..., Person]
OTHER = "button:has-text('Do the work of')"


def api(demo: Product, name: str, path: str, body: dict[str, Any] | None = None) -> Any:
    found = demo.ask(f"/api/v1{path}", body, authorization=f"Bearer demo-api-{name}")
    assert found.status < 300, (found.status, found.text)
    return found.json


def deputise(demo: Product, person: People, deputy: str, absent: str) -> Person:
    """Somebody names a deputy, who then sits before their own browser at that person's work."""
    away, today = person(demo, absent, language="en"), vietnam_today()
    page = away.at("/away/")
    page.select_option("[name=deputy]", deputy)
    page.fill("[name=since]", (today - timedelta(days=1)).isoformat())
    page.fill("[name=until]", (today + timedelta(days=2)).isoformat())
    with page.expect_navigation():
        page.click("main form button:has-text('Name the deputy')")
    assert "Your deputy sees and does your work" in away.text()
    away.close()
    return at_their_work(demo, person, deputy)


def at_their_work(demo: Product, person: People, deputy: str) -> Person:
    """A deputy before a browser, at the work of whom they stand in for."""
    found = person(demo, deputy, language="en")
    found.expect("403")  # a part of the page before, asked for as the other
    found.at("/away/")
    with found.page.expect_navigation():
        found.page.locator(OTHER).last.click()
    found.see("You work as")
    return found


def answered(demo: Product, by: str, words: str, phone: str = "") -> str:
    """A ticket that this operator takes on and answers; its code."""
    field = demo.ask("/open311/v2/services.json").json[0]["service_code"]
    contact = {"contact": {"name": "Bà Tư", "phone": phone}} if phone else {}
    code = api(demo, by, "/tickets", {"text": words, "channel": "phone", "category": field, **contact})["code"]
    api(demo, by, f"/tickets/{code}/moves", {"move": "answer", "text": "Đã trả lời rõ ràng.", "category": field})
    return str(code)


def test_a_deputy_does_not_approve_what_they_wrote(demo: Product, person: People) -> None:
    mine = [one["code"] for one in api(demo, "minh", "/tickets?state=working&limit=20")["items"]]
    code = next(one for one in mine if "result" in api(demo, "minh", f"/tickets/{one}")["moves"])
    api(demo, "minh", f"/tickets/{code}/moves", {"move": "result", "text": "Đã thay bóng đèn."})
    minh = at_their_work(demo, person, "minh")  # the demo's Hoa has named him
    page = minh.at(f"/agency/{code}/")
    assert page.locator("form[action$='/move/approve']").count() == 0
    assert "You wrote this answer yourself" in minh.post(f"/agency/{code}/move/approve", **{"approve-text": "Xong"})
    assert api(demo, "hoa", f"/tickets/{code}")["state"] == "resulted"
    assert "approve" in api(demo, "tam", f"/tickets/{code}")["moves"]  # nobody else of the agency is there
    assert api(demo, "hoa", f"/tickets/{code}/moves", {"move": "approve"})["state"] == "answered"


def test_what_is_sent_when_the_leave_is_over_is_not_done_and_that_is_told(demo: Product, person: People) -> None:
    hoa = person(demo, "hoa", language="en")
    minh = at_their_work(demo, person, "minh")
    mine = [one["code"] for one in api(demo, "minh", "/tickets?state=working&limit=20")["items"]]
    code = next(one for one in mine if "result" in api(demo, "minh", f"/tickets/{one}")["moves"])
    page = minh.at(f"/agency/{code}/move/result")
    page.fill("[name=result-text]", "Đã sửa xong, gửi khi chị Hoa vừa về.")
    hoa.at("/away/")
    with hoa.page.expect_navigation():
        hoa.page.click("main button:has-text('End it')")
    with page.expect_navigation():
        page.locator("form:has([name=result-text]) .action-bar .btn-primary").click()
    assert "You are no longer a deputy" in minh.text() and "Somebody else" not in minh.text()
    assert api(demo, "minh", f"/tickets/{code}")["state"] == "working"
    assert minh.at(f"/agency/{code}/move/result").input_value("[name=result-text]").startswith("Đã sửa xong")


def cases(who: Person, sample: str) -> dict[str, str]:
    """Code of the ticket → address of its case."""
    rows = who.at(sample).locator("main table a[href*='/quality/cases/']")
    return {one.inner_text().strip(): one.get_attribute("href") or "" for one in rows.all()}


def points(who: Person, address: str) -> dict[str, str]:
    """All criteria met, as the form of a case that one may score sends them."""
    found = who.at(address).locator("[data-scorecard] input[type=radio]")
    return dict.fromkeys({one.get_attribute("name") or "" for one in found.all()}, "2") | {"do": "finish"}


@pytest.fixture(scope="module")
def drawn(demo: Product, browser: Any) -> tuple[str, str, str]:
    """A sample of today in which each answer is scored by two: its address, and the codes of one of Lan's and one of
    Mai's."""
    own, other = answered(demo, "lan", "Hỏi về thủ tục cấp lại căn cước."), ""
    thu = Person(browser, demo.address, language="en").sign_in("thu")
    other = answered(demo, "tam", "Hỏi lịch cúp điện phường Bình Phước.")
    page, today = thu.at("/quality/samples/new"), vietnam_today().isoformat()
    for name, value in {"since": today, "until": today, "size": "500", "least": "5", "double": "100"}.items():
        page.fill(f"main [name={name}]", value)
    with page.expect_navigation():
        page.click("main button[value=draw]")
    sample = thu.path
    thu.close()
    return sample, own, other


def test_nobody_scores_their_own_answer_for_another(demo: Product, person: People, drawn: tuple[str, str, str]) -> None:
    sample, own, other = drawn
    lan = deputise(demo, person, "lan", "thu")
    found = cases(lan, sample)
    filled = points(lan, found[other])
    assert filled.keys() > {"do"}
    page = lan.at(found[own])
    assert page.locator("[data-scorecard]").count() == 0
    assert "not yours to score" in lan.post(f"{found[own]}score", **filled)
    assert page.locator("form[action$='/calibrate']").count() == 0
    assert "cannot be done any more" in lan.post(f"{found[own]}calibrate")
    lan.at(sample)
    lan.post(f"{sample}remove")
    assert own in cases(lan, sample)
    assert "0/2" in lan.at(sample).locator("tr", has_text=own).inner_text()


def test_one_person_is_not_both_of_a_blind_pair(demo: Product, person: People, drawn: tuple[str, str, str]) -> None:
    sample, own, _other = drawn
    thu = person(demo, "thu", language="en")
    address = cases(thu, sample)[own]
    filled = points(thu, address)
    thu.at(address)
    thu.post(f"{address}score", **filled)
    thu.close()
    thu = deputise(demo, person, "thu", "tam")
    page = thu.at(address)
    assert page.locator("[data-scorecard]").count() == 0
    thu.post(f"{address}score", **filled)
    assert "1/2" in thu.at(sample).locator("tr", has_text=own).inner_text()
    thu.at("/away/")
    tam = person(demo, "tam", language="en")
    tam.at(address)
    tam.post(f"{address}score", **filled)
    assert "2/2" in tam.at(sample).locator("tr", has_text=own).inner_text()


def test_nobody_asks_a_citizen_about_a_ticket_of_their_own(demo: Product, person: People) -> None:
    quan = person(demo, "quan", language="en")
    page = quan.at("/setup/options/survey_percent")
    page.fill("[name=value]", "100")
    with page.expect_navigation():
        page.click("main form .btn-primary")
    mai = person(demo, "mai", language="en")
    numbers = iter(range(471, 490))

    def drawn() -> tuple[str, str] | None:
        """The code of a ticket of Lan's, and the address of its call-back; None while another share is drawn."""
        number = next(numbers)
        code = answered(demo, "lan", f"Hỏi giờ làm việc một cửa, quầy {number}.", phone=f"0900000{number}")
        for _ in range(15):
            rows = mai.at("/desk/callbacks/").locator("main a[href^='/desk/callbacks/']", has_text=f"000 {number}")
            if rows.count():
                return code, rows.first.get_attribute("href") or ""
            mai.page.wait_for_timeout(1000)
        return None

    code, address = wait_until(drawn, 120, why="the survey is asked for")
    assert code in mai.at(address).inner_text("main").replace(" ", "")
    as_lan = person(demo, "lan", language="en")
    as_mai = deputise(demo, person, "lan", "mai")
    for lan in (as_lan, as_mai):
        page = lan.at(address)
        assert page.locator(".rate").count() == 0
        for path, fields in (
            ("survey", {"grade": "good"}),
            ("reached", {"outcome": "Rất hài lòng."}),
            ("give_up", {"outcome": "Không gọi được."}),
        ):
            lan.at(address)
            assert "a colleague asks about it" in lan.post(f"{address.rstrip('/')}/{path}", **fields)
    mai.at(address)
    assert "Written down" in mai.post(f"{address.rstrip('/')}/survey", grade="good")


def test_nobody_answers_the_order_they_gave(demo: Product, person: People) -> None:
    tam = deputise(demo, person, "tam", "phong")
    code = api(demo, "lan", "/tickets", {"text": "Cây đổ chắn đường.", "channel": "phone"})["code"]
    page = tam.at(f"/board/directives/new?ticket={code}")
    page.fill("main [name=text]", "Xử lý ngay trong ngày.")
    page.fill("main [name=due]", (vietnam_today() + timedelta(days=1)).isoformat())
    with page.expect_navigation():
        page.click("main form .btn-primary")
    own = person(demo, "tam", language="en")
    page = own.at("/board/directives")
    order = page.locator("[id^=order-]", has_text="Xử lý ngay trong ngày.").first
    number = re.search(r"\d+", order.get_attribute("id") or "")
    assert number and order.locator("button[value=complete], button[value=acknowledge]").count() == 0
    said = own.post(f"/board/directives/{number[0]}", do="complete", answer="Đã xong.")
    assert "You gave this order yourself" in said


def test_a_user_name_is_one_persons_for_ever(demo: Product, person: People, tmp_path: Path) -> None:
    people = tmp_path / "people.csv"

    def bring(name: str, *more: str) -> str:
        people.write_text(f"Tên đăng nhập,Họ và tên,Vai trò\nba.ly,{name},Tổng đài viên\n", encoding="utf-8")
        return demo.shell("import", "people", str(people), *more).stdout

    done = bring("Lý Ba")
    number = re.search(r"import (\d+)|undo (\d+)", done)
    assert number, done
    assert demo.shell("import", "undo", number[1] or number[2]).returncode == 0
    quan = person(demo, "quan", language="en")
    quan.expect("422")
    assert "ba.ly" not in quan.at("/setup/people/?q=ba.ly").inner_text("main table, main .empty")
    page = quan.at("/setup/people/new")
    page.fill("[name=username]", "ba.ly")
    page.fill("[name=full_name]", "Trần Ba")
    page.select_option("[name=role]", "operator")
    page.click("main form .btn-primary")
    quan.see("one that was used is never given to another")
    refused = demo.shell("admin", "ba.ly", "--name", "Trần Ba")
    assert refused.returncode == 1 and refused.stderr.count("\n") == 1 and "never used again" in refused.stderr
    assert "+ ba.ly" not in bring("Trần Ba")
    assert "+ ba.ly" in bring("Lý Ba")  # who had it has it again
