"""What each measure says of a handful of tickets that can be counted by hand.

Proves: the four numbers sum; by agency, field, channel, commune, period; each opens down to tickets
Proves: Every number named once (25 measures: name, words, formula vi/en, unit, owner, groups), on
`/board/measures`, each with a page, chart, table, CSV, API
Proves: By day, ISO week, month, own reporting month (25th 12:00), agency, branch of the agency tree, commune,
field, channel, hop, reason
Proves: All measures of a period said in a few statements, as each is alone"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from caunoi.answers import actions as answers
from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.directory.models import Agency
from caunoi.directory.queries import option
from caunoi.events.actor import citizen
from caunoi.reports import figures
from caunoi.reports.spans import Kind
from caunoi.reports.spans import Span as ReportSpan
from caunoi.routing import actions as routing
from caunoi.sla import actions as sla
from caunoi.statistics import counting, rollup
from caunoi.statistics.counting import half_answered_within
from caunoi.statistics.measures import MEASURES, TALLIED, four_numbers, wholes
from caunoi.statistics.models import Hold, Span
from caunoi.statistics.scope import Scope
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

CALL_MEASURES = {
    *("calls", "calls_answered", "service_level", "calls_abandoned"),
    *("calls_wait", "calls_talk", "calls_transferred", "calls_repeated"),
}
MONDAY = datetime.fromisoformat("2026-08-03T08:00:00+07:00")


@pytest.fixture
def week(town, time_machine):
    """Four lamps, answered after 2, 4 and 30 hours and never; the first came back once, the second was reopened; a
    paper is refused. Agency xncongtrinh held them from the first half hour on."""
    made = {}
    for once in ("fast", "again", "slow", "open", "refused"):
        time_machine.move_to(MONDAY, tick=False)
        channel = "phone" if once == "refused" else "web"
        report = Report(text="Đèn tắt", channel=channel, once=once, area_id=town.ward.pk)
        made[once] = tickets.take(report, by=citizen())
    tickets.move(made["refused"], "refuse", by=town.lan, reason="unclear")
    for hours, once in ((0.5, "fast"), (0.5, "again"), (0.5, "slow"), (0.5, "open")):
        time_machine.move_to(MONDAY + timedelta(hours=hours), tick=False)
        tickets.move(made[once], "accept", by=town.lan, category=town.lamps)
        routing.route(made[once], town.works, by=town.lan)
    time_machine.move_to(MONDAY + timedelta(hours=1), tick=False)
    routing.give_back(made["fast"], "nhầm", by=town.minh)
    routing.route(made["fast"], town.power, by=town.lan)
    tickets.move(
        made["fast"],
        "leg_return",
        by=town.tam.__class__(name="x", roles=town.minh.roles, agency_id=town.power.pk),
        reason="nhầm",
    )
    for hours, once in ((2, "fast"), (4, "again"), (30, "slow")):
        time_machine.move_to(MONDAY + timedelta(hours=hours), tick=False)
        if once == "fast":
            tickets.move(made[once], "answer", by=town.lan, text="Xong.")
        else:
            routing.start(made[once], by=town.minh)
            answers.submit(made[once], "Xong.", by=town.minh)
            answers.approve(made[once], by=town.hoa)
            routing.finish(made[once])
    time_machine.move_to(MONDAY + timedelta(hours=31), tick=False)
    tickets.move(made["again"], "reopen", by=town.lan, reason="vẫn tắt")
    time_machine.move_to(MONDAY + timedelta(hours=40), tick=False)
    tickets.move(made["again"], "answer", by=town.lan, text="Xong thật.")
    for ticket in made.values():
        ticket.refresh_from_db()
        sla.refresh(ticket)
    return made


def said(name, by="", **more):
    scope = Scope(since=MONDAY, until=MONDAY + timedelta(days=7), at=MONDAY + timedelta(hours=41), **more)
    return {row["key"]: row for row in MEASURES[name].read(scope, by)}


@pytest.mark.parametrize(
    ("name", "value", "of"),
    [
        ("first_answer", 4, 3),
        ("first_answer_p90", 24.8, 3),
        ("handling", 30, 3),
        ("handling_p90", 38, 3),
        ("custody", 2, 4),
        ("custody_p90", 21.7, 4),
        ("returns", 2, 4),
        ("extensions", 0, 4),
        ("reopened", 1 / 3, 3),
        ("contacts", 1, 4),
        ("refusals", 1, 1),
        ("questions", 0, 4),
        ("on_time", 2 / 3, 3),
    ],
)
def test_each_says_what_a_clerk_would_count(week, name, value, of):
    (row,) = said(name).values()
    assert (row["value"], row["of"]) == (pytest.approx(value, abs=1e-3), of)


@pytest.mark.parametrize("more", [{}, {"as_of": MONDAY + timedelta(hours=31)}, {"since": MONDAY + timedelta(days=9)}])
def test_many_are_said_at_once_as_each_is_alone(week, more, django_assert_max_num_queries):
    until = MONDAY + timedelta(days=10)
    scope = Scope(**({"since": MONDAY - timedelta(days=1), "until": until, "at": until} | more))
    alone = {name: m.read(scope, "") if "" in m.groups else [] for name, m in MEASURES.items()}
    with django_assert_max_num_queries(30):
        assert wholes(scope, list(MEASURES)) == alone


def test_of_very_many_a_length_is_told_to_one_per_cent_and_a_report_stays_exact(week, monkeypatch):
    at, names = MONDAY + timedelta(hours=41), [name for name, m in MEASURES.items() if "" in m.groups]
    for since in (MONDAY, MONDAY.replace(hour=0)):  # within a day, and from whole ones
        scope = Scope(since=since, until=since + timedelta(days=7), at=at)
        exact = wholes(scope, names)
        with monkeypatch.context() as patch:
            patch.setattr(counting, "ENOUGH", -1)
            assert wholes(replace(scope, exact=True), names) == exact
            rounded = wholes(scope, names)
            for name in names:
                assert rounded[name] == MEASURES[name].read(scope, "")
                (row,), (one,) = rounded[name], exact[name]
                if MEASURES[name].unit == "hours":
                    assert row.pop("about") and row.pop("value") == pytest.approx(one.pop("value"), 0.01, 1 / 120)
                assert row == one, name
            assert "about" in MEASURES["handling"].rows(scope, "day")[0]
            assert half_answered_within(scope) == (pytest.approx(timedelta(hours=4), abs=timedelta(minutes=3)), True)
            week_of = ReportSpan(kind=Kind.WEEK, code="2026-W32", since=scope.since, until=scope.until)
            assert half_answered_within(figures.scope(week_of, at)) == (timedelta(hours=4), False)


def test_custody_is_counted_by_the_agency_that_held_the_ticket_and_by_hop(week):
    by_agency = said("custody", "agency")
    assert set(by_agency) == {"xncongtrinh", "dienluc"}
    assert by_agency["xncongtrinh"]["of"] == 3 and by_agency["xncongtrinh"]["value"] == 3.5
    assert by_agency["dienluc"]["value"] == 0
    assert sum(row["of"] for row in said("custody", "hop").values()) == 4


def test_refusals_are_told_by_reason_and_the_mix_by_channel(week):
    assert {k: r["value"] for k, r in said("refusals", "reason").items()} == {"unclear": 1}
    assert {k: r["value"] for k, r in said("channels", "channel").items()} == {"web": 1.0}


def test_as_of_a_past_evening_only_what_was_known_then_counts(week):
    evening = MONDAY.replace(hour=0) + timedelta(days=1)
    assert said("handling", as_of=evening)[""] == {"key": "", "value": 3.0, "of": 2}
    assert said("reopened", as_of=evening)[""]["value"] == 0
    assert said("custody", as_of=evening)[""]["of"] == 3
    (row,) = MEASURES["tickets"].read(Scope(since=MONDAY, until=evening, at=evening, as_of=evening), "")
    assert (row["on_time"], row["open_within"], row["total"]) == (2, 2, 4)


def test_a_branch_of_the_tree_sums_its_agencies(week, town):
    Agency.objects.filter(code="dienluc").update(parent=town.works)
    assert said("tickets", "branch")["xncongtrinh"]["total"] == 3
    assert said("tickets", "agency")["xncongtrinh"]["total"] == 3


@pytest.mark.parametrize(
    ("by", "key"), [("day", "2026-08-03"), ("week", "2026-W32"), ("month", "2026-08"), ("report_month", "2026-08")]
)
def test_times_are_named_as_people_here_count_them(week, by, key):
    assert set(said("tickets", by)) == {key}
    assert set(said("handling", by)) == {key}


def test_the_reporting_month_of_the_twenty_fifth_at_noon_belongs_to_the_next(town, time_machine):
    for hour, once in ((11, "before"), (12, "after")):
        time_machine.move_to(MONDAY.replace(day=25, hour=hour), tick=False)
        tickets.take(Report(text="Đèn tắt", channel="web", once=once), by=citizen())
    found = four_numbers(MONDAY, MONDAY + timedelta(days=60), "report_month")
    assert [(r["key"], r["total"]) for r in found] == [("2026-08", 1), ("2026-09", 1)]


def test_every_measure_has_words_a_unit_and_an_owner_and_can_be_asked_by_each_of_its_groups(week):
    for measure in MEASURES.values():
        assert measure.title and measure.definition and measure.formula and measure.unit and measure.owner
        for by in measure.groups:
            assert isinstance(said(measure.name, by), dict)


def test_calls_are_counted_as_a_shift_leader_would(town):
    def call(n, outcome, waited=0.0, *, minutes=0, **more):
        began = MONDAY + timedelta(minutes=minutes)
        known = {"direction": "in", "state": "ended", "ended": began + timedelta(minutes=2), "facts": {}} | more
        Call.objects.create(
            inbox=make_inbox("phone", "phone"), call_id=str(n), began=began, outcome=outcome, waited=waited, **known
        )

    promised = float(option("answer_seconds"))
    call(1, "answered", promised)
    call(2, "answered", promised + 1, minutes=60 * 24)
    call(3, "abandoned", 9)
    call(4, "timeout", 99)
    call(5, "out_of_hours")
    call(6, "unknown")
    call(7, "answered", direction="out")
    call(8, "answered", state="talking", ended=None)
    call(9, "answered", minutes=-1)
    call(10, "answered", minutes=60 * 24 * 7)
    assert {name: said(name)[""] for name in ("calls", "calls_answered", "service_level", "calls_abandoned")} == {
        "calls": {"key": "", "value": 4, "of": 6},
        "calls_answered": {"key": "", "value": 2, "of": 6},
        "service_level": {"key": "", "value": 0.25, "of": 4},
        "calls_abandoned": {"key": "", "value": 0.25, "of": 4},
    }
    assert {key: row["value"] for key, row in said("calls", "day").items()} == {"2026-08-03": 3, "2026-08-04": 1}
    call(11, "answered", 10, talked=200, operator=town.users["lan"], queue="1022", transferred_to="113")
    for name, by, key, value in (
        ("calls_wait", "operator", "lan", 10),
        ("calls_talk", "queue", "1022", 200),
        ("calls_transferred", "operator", "lan", 1),
        ("calls_repeated", "", "", 0),
        ("calls", "hour", "2026-08-03T08:00", 4),
        ("calls", "half_hour", "2026-08-04T08:00", 1),
    ):
        assert said(name, by)[key]["value"] == value, (name, by)
    assert said("calls", as_of=MONDAY + timedelta(minutes=2))[""]["of"] == 0
    assert said("calls", as_of=MONDAY + timedelta(minutes=3))[""]["of"] == 6


def test_hand_overs_are_counted_from_when_they_were_known_and_not_before_their_ticket(week):
    rollup.catch_up()
    Hold.objects.filter(agency="dienluc").update(since=MONDAY - timedelta(hours=1))
    assert said("custody", "agency").keys() == {"xncongtrinh"}
    Hold.objects.update(since=MONDAY, until=MONDAY + timedelta(hours=6), known=MONDAY, over=MONDAY + timedelta(hours=7))
    Hold.objects.filter(hop=1).update(agency="dienluc")
    hour = MONDAY + timedelta(hours=7)
    assert said("custody", as_of=hour - timedelta(hours=1))[""] == {"key": "", "value": None, "of": 0}
    assert said("custody", as_of=hour)[""]["value"] == 6
    Hold.objects.update(known=hour + timedelta(hours=1))
    assert said("custody", as_of=hour)[""]["of"] == 0


def test_an_answer_that_is_dated_before_its_ticket_is_no_length(week):
    rollup.catch_up()
    Span.objects.filter(answered__isnull=False).update(answered=MONDAY - timedelta(hours=1), handled=MONDAY)
    assert said("first_answer")[""] == {"key": "", "value": None, "of": 0}
    assert said("handling")[""] == {"key": "", "value": 0, "of": 3}


def test_shares_of_nothing_are_none(town):
    assert said("on_time")[""] == {"key": "", "value": None, "of": 0}
    assert said("handling")[""] == {"key": "", "value": None, "of": 0}
    assert said("reopened", "agency") == said("channels", "channel") == said("satisfaction", "agency") == {}
    assert said("satisfaction")[""] == said("response")[""] == {"key": "", "value": None, "of": 0}
    assert wholes(Scope(since=MONDAY, until=MONDAY, at=MONDAY), ["channels", "calls", "on_time"]) == {
        "channels": [],
        "calls": [{"key": "", "value": None, "of": 0}],
        "on_time": [{"key": "", "value": None, "of": 0}],
    }


def test_a_share_is_of_all_groups_together(week):
    rollup.catch_up()
    Span.objects.filter(ticket=week["fast"].pk).update(channel="zalo")
    assert said("channels", "channel") == {
        "web": {"key": "web", "value": 0.75, "of": 4},
        "zalo": {"key": "zalo", "value": 0.25, "of": 4},
    }
    Span.objects.filter(ticket=week["fast"].pk).update(kind="question", contacts=3)
    assert said("questions")[""]["value"] == 0.25 and said("contacts")[""]["value"] == 1.5
    Span.objects.filter(ticket=week["fast"].pk).update(returns=5, extensions=2)
    assert said("returns", "channel")["zalo"] == {"key": "zalo", "value": 5, "of": 1}
    assert said("extensions")[""] == {"key": "", "value": 2, "of": 4}


def test_the_api_names_each_group_by_what_it_was_asked_for(week):
    scope = Scope(since=MONDAY, until=MONDAY + timedelta(days=7), at=MONDAY + timedelta(hours=41))
    assert MEASURES["refusals"].rows(scope, "reason") == [{"reason": "unclear", "value": 1, "of": 1}]
    assert MEASURES["refusals"].rows(scope, "") == [{"value": 1, "of": 1}]
    four = {"on_time": 2, "late": 1, "open_within": 0, "open_overdue": 1, "total": 4}
    asked = four_numbers(MONDAY, MONDAY + timedelta(days=7), at=MONDAY + timedelta(days=6))
    assert asked == [{"key": "", **four}]
    assert MEASURES["tickets"].rows(replace(scope, at=MONDAY + timedelta(days=6)), "channel") == [
        {"channel": "web", **four}
    ]


def test_the_four_numbers_of_one_commune(week, town):
    until = MONDAY + timedelta(days=7)
    for area, total in ((town.ward, 4), (town.commune, 0)):
        assert four_numbers(MONDAY, until, area_id=area.pk)[0]["total"] == total


@pytest.mark.parametrize(
    ("more", "names"),
    [
        (True, "on_time satisfaction response calls_answered service_level"),
        (
            False,
            "first_answer first_answer_p90 handling handling_p90 custody custody_p90 returns extensions reopened "
            "contacts calls_abandoned calls_wait calls_repeated",
        ),
        (None, "tickets refusals channels questions calls calls_talk calls_transferred"),
    ],
)
def test_of_which_figures_more_is_better(more, names):
    assert {m.name for m in MEASURES.values() if m.more is more} == set(names.split())


def test_what_is_summed_and_what_is_a_share():
    units = {
        unit: {m.name for m in MEASURES.values() if m.unit == unit}
        for unit in ("tickets", "share", "hours", "contacts", "calls", "seconds")
    }
    assert sum(len(names) for names in units.values()) == len(MEASURES) == 25
    assert units["tickets"] | units["calls"] == TALLIED
    assert {"tickets", "returns", "extensions", "refusals", "calls", "calls_answered"} == TALLIED
    assert units["contacts"] == {"contacts"}
    assert units["seconds"] == {"calls_wait", "calls_talk"}
    assert units["hours"] == {
        f"{name}{part}" for name in ("first_answer", "handling", "custody") for part in ("", "_p90")
    }


def test_by_what_each_may_be_asked():
    time = ("day", "week", "month", "report_month")
    usual = ("", "agency", "branch", "area", "category", "channel", *time)
    more = {"custody": ("hop",), "custody_p90": ("hop",), "refusals": ("reason",)}
    other = {
        "channels": ("channel", "category", "area", "agency", "branch"),
        **dict.fromkeys(("satisfaction", "response"), ("", "agency", "branch", *time)),
        **{name: ("", *time, "queue", "operator", "hour", "half_hour") for name in MEASURES if name in CALL_MEASURES},
    }
    for name, measure in MEASURES.items():
        assert measure.groups == other.get(name, (*usual, *more.get(name, ()))), name
