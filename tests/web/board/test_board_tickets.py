"""Behind the figures: lists that go on page by page, and one ticket to read."""

import pytest

from caunoi.routing import actions as routing
from caunoi.routing.queries import custody


@pytest.mark.parametrize(
    ("name", "address"),
    [("tam", "/desk/{}/"), ("thu", "/desk/{}/"), ("phong", "/board/tickets/{}"), ("hoa", "/agency/{}/")],
)
def test_a_code_leads_to_where_its_reader_may_read_it(at, august, name, address):
    client = at(name)
    rows = {row.code: row.url for row in client.get("/board/tickets?period=month").context["rows"]}
    assert rows[august.a.code] == address.format(august.a.code)
    assert client.get(rows[august.a.code]).status_code == 200


def test_the_list_goes_on_page_by_page(at, august, monkeypatch):
    monkeypatch.setattr("caunoi.web.board.tickets.PAGE", 4)
    client, address, seen = at("phong"), "/board/tickets?period=month", []
    while address:
        context = client.get(address).context
        seen += [row.code for row in context["rows"]]
        address = context["next"] and "/board/tickets" + context["next"]
    assert len(seen) == len(set(seen)) == 10
    assert seen[0] == august.j.code


def test_the_parts_are_tabs_with_their_counts(at, august):
    context = at("phong").get("/board/tickets?period=month&part=open_overdue").context
    assert [row.code for row in context["rows"]] == [august.e.code]
    assert [tab.count for tab in context["tabs"]] == [10, 4, 1, 4, 1]


def test_the_administrator_reads_figures_not_tickets(at, august):
    client = at("quan")
    assert client.get("/board/?period=month").context["whole"].total == 10
    page = client.get("/board/tickets?period=month")
    assert "Tài khoản này xem số liệu, không xem phiếu." in page.content.decode()
    assert page.context["rows"] == []
    assert client.get(f"/board/tickets/{august.a.code}").status_code == 404


def test_a_leader_reads_the_whole_story_and_nobodys_name(at, august):
    html = at("phong").get(f"/board/tickets/{august.d.code}").content.decode()
    for words in ("Việc d", "Xí nghiệp Công trình công cộng", "Xong.", "Chỉ trung tâm được biết."):
        assert words in html
    assert "Demo Kín" not in html and "900000321" not in html
    assert "<form" not in html.split("<article")[1].split("</article>")[0]


def test_another_agencys_lead_does_not_find_it(at, august):
    assert at("yen").get(f"/board/tickets/{august.a.code}").status_code == 404
    assert at("phong").get("/board/tickets/26-999999-9").status_code == 404


def test_a_leader_grants_the_time_that_was_asked_for(at, town, august):
    routing.ask_extension(august.e, 3, "Chờ cột đèn", by=town.minh)
    phong = at("phong")
    html = phong.get(f"/board/tickets/{august.e.code}").content.decode()
    assert "xin thêm 3 ngày làm việc" in html and "Chờ cột đèn" in html
    assert at("thu").post(f"/board/tickets/{august.e.code}/grant").status_code == 302  # a reviewer may not
    assert custody(august.e).get().granted_days == 0
    assert phong.post(f"/board/tickets/{august.e.code}/grant").status_code == 302
    assert custody(august.e).get().granted_days == 3
    assert phong.get(f"/board/tickets/{august.e.code}/grant").status_code == 405
