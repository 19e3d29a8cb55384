"""The measures by name, the ranking, the outlook and the wall through the client.

Proves: Deadlines of the next 24 hours, and how many will be missed judging from 60 days
Proves: Ageing, map of hot spots, drill from each mark, all as CSV; wall view; live by SSE; share as link or picture"""

import csv
import io
import re
from datetime import timedelta

import pytest

from caunoi.calls.models import Call
from caunoi.conversations import queries as conversations
from caunoi.events.actor import citizen
from caunoi.statistics import counting
from caunoi.statistics.measures import MEASURES
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from tests.web.board.conftest import TODAY

MONTH = "period=month"
ABOUT = r"khoảng \d"


def page(client, path, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response


def test_every_measure_stands_on_one_page_with_what_it_means(at, august):
    html = page(at("phong"), f"/board/measures?{MONTH}").content.decode()
    for name in MEASURES:
        assert f'id="measure-{name}"' in html, name


@pytest.mark.parametrize("name", sorted(set(MEASURES) - {"tickets"}))
def test_every_measure_opens_by_each_of_its_groups_as_page_and_as_sheet(at, august, name):
    client = at("phong")
    for by in MEASURES[name].groups[1:] or ("channel",):
        path = f"/board/measures/{name}?{MONTH}&by={by}"
        page(client, path)
        sheet = page(client, f"{path}&format=csv")
        rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
        assert len(rows[0]) == 5


def test_a_length_of_very_many_is_said_to_be_about_so(at, august, monkeypatch):
    client, slow = at("phong"), f"/board/slow?{MONTH}"
    assert not re.search(ABOUT, page(client, slow).content.decode())
    monkeypatch.setattr(counting, "ENOUGH", -1)
    for path in (f"/board/measures?{MONTH}", f"/board/measures/handling?{MONTH}&by=agency", slow):
        assert re.search(ABOUT, page(client, path).content.decode()), path


def test_a_mark_of_a_measure_opens_down_to_tickets(at, august):
    shown = page(at("phong"), f"/board/measures/handling?{MONTH}&by=agency")
    urls = {row.name: row.url for row in shown.context["lines"]}
    assert len(at("phong").get(urls["Xí nghiệp Công trình công cộng"]).context["rows"]) == 6


def test_an_agencys_lead_sees_no_calls_and_no_other_agency(at, august):
    html = page(at("hoa"), f"/board/measures?{MONTH}").content.decode()
    assert 'id="measure-calls"' not in html
    page(at("hoa"), "/board/measures/calls", 404)
    assert "agency" not in {
        t.url.rpartition("by=")[2] for t in page(at("hoa"), "/board/measures/returns").context["tabs"]
    }


def test_a_past_evening_is_told_as_it_was(at, august):
    now = page(at("phong"), f"/board/?{MONTH}").context["whole"]
    then = page(at("phong"), f"/board/?{MONTH}&as_of=2026-08-05")
    assert (now.total, then.context["whole"].total) == (10, 4)
    assert then.context["whole"].on_time == 3 and then.context["whole"].open_within == 1
    assert "tính đến cuối ngày" in then.content.decode()
    listed = page(at("phong"), f"/board/tickets?{MONTH}&as_of=2026-08-05&part=open_within")
    assert {row.code for row in listed.context["rows"]} == {august.d.code}


@pytest.mark.parametrize("day", ["2026-08-26", "2027-01-01", "rubbish", "9999-12-31", "2026-13-01"])
def test_an_evening_that_has_not_been_is_now(at, august, day):
    assert page(at("phong"), f"/board/?{MONTH}&as_of={day}").context["whole"].total == 10


def test_agencies_side_by_side_rank_nobody_by_few(at, august):
    shown = page(at("phong"), f"/board/ranking?{MONTH}")
    assert [line.rank for line in shown.context["lines"]] == [None, None]
    assert "chưa đủ phiếu để xếp hạng" in shown.content.decode()


def test_the_outlook_says_what_falls_next_and_how_old_the_open_ones_are(at, august):
    shown = page(at("phong"), "/board/outlook")
    ageing = shown.context["ageing"]
    assert ageing.open == 5 and sum(ageing.spec["series"][1]["values"]) == 1
    assert shown.context["soon"].agencies == []
    assert "Chưa đủ ngày" in shown.content.decode()
    client = at("phong")
    for one in ageing.spec["series"]:
        for value, url in zip(one["values"], one["urls"], strict=True):
            assert len(client.get(url).context["rows"]) == value


def test_a_deadline_of_the_next_day_is_listed(at, august, time_machine):
    time_machine.move_to(TODAY.replace(day=27, hour=8), tick=False)
    soon = page(at("phong"), "/board/outlook").context["soon"]
    assert [row.code for row in soon.rows] == [august.f.code] and [one.falling for one in soon.agencies] == [1]


@pytest.mark.parametrize("table", ["rises", "load", "ageing", "soon"])
def test_everything_of_the_outlook_leaves_as_csv(at, august, table):
    response = page(at("phong"), f"/board/outlook?format=csv&table={table}")
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_a_flood_in_one_commune_is_called_unusual_and_opens_down_to_its_tickets(at, town, august, time_machine):
    def take(day, n):
        time_machine.move_to(day, tick=False)
        for i in range(n):
            report = Report(text="Ngập", channel="web", once=f"{day}-{i}", area_id=town.commune.pk)
            tickets.take(report, by=citizen())

    for week in range(12, 0, -1):
        take(TODAY - timedelta(days=1, weeks=week), 1)
    take(TODAY - timedelta(days=1), 12)
    time_machine.move_to(TODAY, tick=False)
    (rise,) = page(at("phong"), "/board/outlook").context["risen"]
    assert (rise.by, rise.key, rise.count) == ("area", "25417", 13)
    assert len(at("phong").get(rise.url).context["rows"]) == 13


def test_the_wall_shows_today_and_calls(at, town, august):
    box = conversations.inbox("phone")
    for n, (outcome, waited) in enumerate([("answered", 5), ("answered", 90), ("abandoned", 40), ("out_of_hours", 0)]):
        Call.objects.create(
            inbox=box,
            call_id=f"c{n}",
            facts={},
            direction="in",
            state="ended",
            outcome=outcome,
            began=TODAY,
            ended=TODAY,
            waited=waited,
        )
    shown = page(at("phong"), "/board/wall")
    assert [call.value for call in shown.context["calls"]] == ["3", "2", "1/3", "1/3"]
    assert shown.context["today"].total == 0 and shown.context["share"] == "4/6"


def test_a_ticket_given_back_is_counted_as_returned(at, town, august):
    tickets.move(august.e, "leg_return", by=town.minh, reason="không phải của chúng tôi")
    row = MEASURES["returns"].read(page(at("phong"), f"/board/?{MONTH}").context["filters"].question.scope(), "")[0]
    assert row["value"] == 1
