"""A thousand made-up answers beside the same counted one by one in Python: whatever is asked of the figures, by sums or
from the rows, it is what is there."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from caunoi.directory.models import Agency
from caunoi.statistics import figures, rollup, spans, tallies
from caunoi.statistics.counting import half_answered_within
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped, ids
from caunoi.statistics.models import Span, Tally
from caunoi.statistics.periods import VIETNAM
from caunoi.statistics.scope import FOUR, GROUPS, NARROW, NONE, Scope


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}:00+07:00")


NOW = at("09-10T12:00")
CAME = [
    at(text)
    for text in (
        "06-30T23:59",
        "07-01T00:00",
        "07-17T10:00",
        "07-25T11:59",
        "07-25T12:00",
        "07-31T23:30",
        "08-01T00:00",
        "08-01T06:59",
        "08-15T09:00",
        "08-31T23:59",
        "09-01T00:00",
        "09-05T08:00",
        "09-06T00:00",
    )
]
CODES = {
    "agency": ("xncongtrinh", "dienluc", ""),
    "category": ("lamps", "noise", ""),
    "area": ("25195", "25417", ""),
    "channel": ("web", "phone"),
}
TIMES = [
    (at("07-01T00:00"), at("09-01T00:00")),  # whole months
    (at("06-30T00:00"), at("09-07T00:00")),  # whole days around them
    (at("07-17T10:00"), at("09-05T08:00")),  # broken days and months
    (at("08-01T00:00"), at("08-02T00:00")),
    (at("08-01T05:00"), at("08-01T08:00")),  # within a day
    (at("07-02T00:00"), at("07-31T00:00")),  # within a month
]
BOUNDARIES = ((1, "A", True), (2, "B", False), (3, "B", True))
UNITS = {"1>3": "A", "1>2": "A", "2>3": "B", ">1": "A", ">2": "B", "2>1": "A", "9>3": "B", ">9": "", ">": ""}


@pytest.fixture
def rows(town: SimpleNamespace) -> list[Span]:
    """What is true of 260 tickets now, and of some of them what was before; and one that alone came by the app on its
    day, and was refused."""
    rollup.catch_up()
    chance, made = Random(1022), []
    for ticket in range(1, 261):
        came = chance.choice(CAME)
        facts = {name: chance.choice(codes) for name, codes in CODES.items()}
        row = Span(
            ticket=ticket,
            received=came,
            place=chance.choice(list(UNITS)),
            since=came,
            phase=chance.choice((0, 0, 1, 1, 2)),
            late=chance.random() < 0.3,
            restricted=chance.random() < 0.2,
            kind="report",
            due=chance.choice((NOW - timedelta(hours=1), NOW, NOW + timedelta(hours=1), None)),
            reason="",
            reopened=0,
            returns=0,
            extensions=0,
            contacts=1,
            **facts,
        )
        if ticket % 3 == 0:
            before = Span(**{**_facts(row), "phase": 0, "late": False, "channel": "web"})
            row.since = before.until = came + timedelta(hours=chance.randrange(1, 48))
            made.append(before)
        made.append(row)
    made.append(
        Span(**{**_facts(made[-1]), "ticket": 261, "received": at("08-20T10:00"), "phase": 2, "channel": "app"})
    )
    Span.objects.bulk_create(made)
    spans.tally_all()
    return list(Span.objects.order_by("ticket", "since"))


def _facts(row: Span) -> dict[str, Any]:
    return {field.attname: getattr(row, field.attname) for field in Span._meta.fields}


def part(row: Span, moment: datetime) -> str | None:
    if row.phase == 2:
        return None
    if row.phase == 1:
        return "late" if row.late else "on_time"
    return "open_overdue" if row.due is not None and row.due < moment else "open_within"


def key(row: Span, by: str, scope: Scope) -> str:
    local = row.received.astimezone(VIETNAM)
    turned = local - timedelta(days=24, hours=12)
    following = (turned.replace(day=1) + timedelta(days=32)).replace(day=1)
    code = {"area": UNITS[row.place]} if scope.boundaries is not None else {}
    return {
        "": "",
        "day": f"{local:%Y-%m-%d}",
        "week": f"{local:%G-W%V}",
        "month": f"{local:%Y-%m}",
        "report_month": f"{following:%Y-%m}",
        "branch": row.agency,
        **{name: getattr(row, name) for name in NARROW},
        **code,
    }[by]


def matching(rows: Iterable[Span], scope: Scope) -> list[Span]:
    """The rows that a scope is about, by its words."""
    moment = scope.as_of and scope.as_of.replace(minute=0, second=0, microsecond=0)
    found = []
    for row in rows:
        if moment is None:
            true = row.until is None
        else:
            true = row.since <= moment and (row.until is None or row.until > moment)
        narrow = all(key(row, name, scope) == code for name, code in scope.codes.items())
        when = scope.since <= row.received < scope.until
        kind = (scope.outside or row.phase != 2) and (scope.restricted or not row.restricted)
        if scope.part:
            kind = kind and part(row, min(scope.at, moment or scope.at)) == scope.part
        if true and narrow and when and kind:
            found.append(row)
    return found


def expected(rows: Iterable[Span], scope: Scope, by: str) -> list[Row]:
    moment = min(scope.at, scope.as_of.replace(minute=0, second=0, microsecond=0)) if scope.as_of else scope.at
    numbers: Counter[tuple[str, str | None]] = Counter(
        (key(row, by, scope), part(row, moment)) for row in matching(rows, scope)
    )
    keys = {group for group, name in numbers if name or scope.outside} | ({""} if by == "" else set())
    return [Row(key=group, **{name: numbers[group, name] for name in FOUR}) for group in sorted(keys)]


def scope_of(time: tuple[datetime, datetime], **more: object) -> Scope:
    return Scope(since=time[0], until=time[1], at=NOW, **more)  # type: ignore[arg-type]


def alike(rows: list[Span], scope: Scope, groupings: Iterable[str] = tuple(GROUPS)) -> None:
    found = grouped(scope, groupings)
    assert {by: found[by] for by in groupings} == {by: expected(rows, scope, by) for by in groupings}, scope


@pytest.mark.parametrize("time", TIMES, ids=lambda time: f"{time[0]:%m-%dT%H}")
def test_of_everything(rows, time):
    scope = scope_of(time)
    assert scope.is_tallied
    alike(rows, scope)
    for by in GROUPS if time is TIMES[2] else ():  # each grouping alone, in whatever company
        alike(rows, scope, [by])


@pytest.mark.parametrize("time", TIMES[:3], ids=lambda time: f"{time[0]:%m-%dT%H}")
def test_within_one_code_and_within_two(rows, time):
    for one, two in combinations(NARROW, 2):
        for code, other in ((CODES[one][0], NONE), (NONE, CODES[two][1])):
            scope = scope_of(time, **{one: code})
            assert scope.is_tallied
            alike(rows, scope)
            both = scope.narrowed({two: other})
            assert both.is_tallied and both.codes == {one: code.strip("-"), two: other.strip("-")}
            alike(rows, both)
    three = scope_of(time, agency="dienluc", area="25195", category="lamps")
    assert not three.is_tallied
    alike(rows, three)


@pytest.mark.parametrize("time", TIMES, ids=lambda time: f"{time[0]:%m-%dT%H}")
def test_in_the_boundaries_of_another_day(rows, time):
    scope = scope_of(time, boundaries=BOUNDARIES)
    assert scope.is_tallied
    alike(rows, scope)
    alike(rows, scope, ["area"])
    for narrow in ({"area": "A"}, {"area": "B", "channel": "web"}, {"channel": "phone"}):
        narrowed = scope.narrowed(narrow)
        assert not narrowed.is_tallied
        alike(rows, narrowed)


@pytest.mark.parametrize("time", TIMES[1:3], ids=lambda time: f"{time[0]:%m-%dT%H}")
def test_what_no_sum_answers_is_counted(rows, time):
    for more in (
        {"as_of": at("08-15T10:59")},
        {"as_of": at("09-01T01:30"), "channel": "web"},
        {"as_of": at("09-01T00:30"), "channel": "web", "area": "25195"},
        {"as_of": NOW + timedelta(days=2)},
        {"as_of": at("08-02T09:10"), "boundaries": BOUNDARIES},
        {"restricted": False},
        {"outside": True},
        {"part": "late"},
        {"part": "on_time"},
        {"part": "open_within"},
        {"part": "open_overdue", "boundaries": BOUNDARIES},
        {"part": "open_overdue", "as_of": at("08-15T10:59")},
    ):
        scope = scope_of(time, **more)
        assert not scope.is_tallied
        alike(rows, scope)


@pytest.mark.parametrize("time", TIMES[:3], ids=lambda time: f"{time[0]:%m-%dT%H}")
def test_on_a_past_evening(rows, time):
    for evening in (at("07-02T00:00"), at("08-02T00:00"), at("09-01T00:00"), at("09-10T00:00"), at("09-12T00:00")):
        for more in ({}, {"boundaries": BOUNDARIES}, {"channel": "web"}, {"agency": NONE}):
            scope = replace(scope_of(time, **more), at=evening, as_of=evening)
            assert scope.is_tallied and scope.evening == evening.date() - timedelta(days=1)
            alike(rows, scope)
            last = replace(scope, at=evening - timedelta(microseconds=1))  # as the board asks
            assert last.evening and grouped(last, GROUPS) == grouped(scope, GROUPS)
    scope = replace(scope_of(time, channel="web", area="25195"), as_of=at("09-01T00:00"))
    assert not scope.is_tallied
    alike(rows, scope)


def test_no_evening_is_an_hour_of_the_day_or_one_that_is_looked_at_from_before():
    midnight, time = at("09-01T00:00"), TIMES[0]
    assert scope_of(time).evening is None
    assert replace(scope_of(time), as_of=midnight).evening == date(2026, 8, 31)
    assert replace(scope_of(time), as_of=midnight.astimezone(UTC) + timedelta(minutes=59)).evening == date(2026, 8, 31)
    assert replace(scope_of(time), as_of=midnight + timedelta(hours=1)).evening is None
    assert replace(scope_of(time), as_of=midnight, at=midnight - timedelta(seconds=1)).evening is None


def test_what_one_agency_or_one_commune_may_see_of_it(town, rows):
    for time in TIMES:
        for column, code, row in (("agency", "dienluc", town.power), ("area", "25417", town.commune)):
            scope = scope_of(time, **{f"only_{column}": row.pk})
            own = scope_of(time, **{column: code})
            assert not scope.is_tallied
            assert grouped(scope, GROUPS) == grouped(own, GROUPS)


def test_agencies_that_count_as_one(town, rows):
    heirs = {"dienluc": "xncongtrinh"}
    time = TIMES[2]
    whole, plain = scope_of(time, heirs=heirs), scope_of(time)
    of = {row.key: row for row in grouped(plain, ["agency"])["agency"]}
    assert grouped(plain, ["agency"]) == {"agency": [of[""], of["dienluc"], of["xncongtrinh"]]}
    one = Row(
        key="xncongtrinh",
        **{part: getattr(of["dienluc"], part) + getattr(of["xncongtrinh"], part) for part in FOUR},
    )
    assert grouped(whole, ["agency", ""]) == {"agency": [of[""], one], "": grouped(plain, [""])[""]}
    assert grouped(whole, ["category"]) == grouped(plain, ["category"])
    for code in ("dienluc", "xncongtrinh"):
        scope = scope_of(time, heirs=heirs, agency=code)
        assert scope.members == ["xncongtrinh", "dienluc"] and not scope.is_tallied
        assert grouped(scope, [""])[""] == [replace(one, key="")]
    other = scope_of(time, heirs=heirs, agency="ubnd-25195")
    assert other.members == ["ubnd-25195"] and other.is_tallied
    assert scope_of(time, heirs=heirs, agency=NONE).members == scope_of(time).members == []
    for only, total in ((town.works, one), (town.power, of["dienluc"])):
        scope = scope_of(time, heirs=heirs, only_agency=only.pk)
        assert grouped(scope, [""])[""] == [replace(total, key="")]


def test_a_branch_sums_its_agencies(town, rows):
    Agency.objects.filter(code="dienluc").update(parent=town.works)
    scope = scope_of(TIMES[2])
    sums: Counter[str] = Counter()
    for row in grouped(scope, ["agency"])["agency"]:
        sums[row.key and "xncongtrinh"] += row.total
    assert {row.key: row.total for row in grouped(scope, ["branch"])["branch"]} == sums


def test_where_nothing_is_the_whole_says_so_and_no_group_does(rows):
    for more in ({}, {"channel": "web"}, {"agency": "web", "area": "no"}, {"as_of": NOW}):
        scope = Scope(since=at("03-01T00:00"), until=at("04-01T00:00"), at=NOW, **more)
        assert grouped(scope, GROUPS) == {by: [] for by in GROUPS} | {"": [Row()]}


def test_while_sums_are_made_anew_nobody_believes_them(rows, monkeypatch):
    Tally.objects.update(open=77)
    scope = scope_of(TIMES[0])
    assert grouped(scope, [""])[""] != expected(rows, scope, "")
    lag = rollup.lag()
    monkeypatch.setattr(rollup, "lag", lambda: replace(lag, building=True, worker=True))
    alike(rows, scope)


def test_the_tickets_behind_a_figure_newest_first(rows, monkeypatch):
    for scope in (
        scope_of(TIMES[0]),
        scope_of(TIMES[2], part="late"),
        scope_of(TIMES[1], agency="dienluc"),
        Scope(since=at("01-01T00:00"), until=NOW, at=NOW),  # long, of everything
        Scope(since=at("01-01T00:00"), until=NOW, at=NOW, outside=True),
    ):
        wanted = sorted((row.ticket for row in matching(rows, scope)), reverse=True)
        for near in (20_000, 30, 1):
            monkeypatch.setattr(figures, "NEAR", near)
            assert ids(scope, size=1000) == wanted
            assert ids(scope, size=5) == wanted[:6]
            assert ids(scope, size=5, before=wanted[5]) == wanted[6:12]
            assert ids(scope, size=5, before=wanted[-1]) == []


def test_how_many_came_each_day_refused_ones_too(rows):
    scope = scope_of((at("07-01T00:00"), at("09-05T00:00")))
    now = [row for row in rows if row.until is None and scope.since <= row.received < scope.until]
    for by in ("", *NARROW):
        counted = Counter((key(row, by, scope), row.received.astimezone(VIETNAM).date()) for row in now)
        assert tallies.daily(scope, by) == [(code, day, n) for (code, day), n in sorted(counted.items())]
    assert min(day for _, day, _ in tallies.daily(scope, "")) == date(2026, 7, 1)
    assert max(day for _, day, _ in tallies.daily(scope, "")) == date(2026, 9, 1)


def test_whole_days_and_months_are_those_of_vietnam():
    utc = datetime(2026, 7, 31, 17, 0, tzinfo=UTC)  # midnight of the first of August here
    assert tallies.days(utc, utc + timedelta(days=2)) == (at("08-01T00:00"), at("08-03T00:00"))
    assert tallies.days(utc + timedelta(seconds=1), utc + timedelta(days=2, hours=3)) == (
        at("08-02T00:00"),
        at("08-03T00:00"),
    )
    assert tallies.months(utc, at("10-01T00:00")) == (at("08-01T00:00"), at("10-01T00:00"))
    assert tallies.months(utc + timedelta(seconds=1), at("10-31T23:00")) == (at("09-01T00:00"), at("10-01T00:00"))


def test_which_sums_answer_for_what():
    def ways(**codes):
        return [some for some, *_ in tallies.ways(scope_of(TIMES[1], **codes), list(GROUPS))]

    assert ways() == [["", "agency", "area", "category", "channel", "day", "week", "month"]]
    assert ways(area="25195") == [["", "day", "week", "month"], ["agency", "category", "channel"]]
    assert ways(area="25195", channel="web") == [["", "month"]]
    assert ways(category="lamps", channel="web") == [["", "agency", "area", "month"]]
    within = list(tallies.ways(scope_of(TIMES[2]), [""]))
    assert within == [([""], at("07-18T00:00"), at("09-05T00:00"))]
    assert list(tallies.ways(scope_of(TIMES[4]), list(GROUPS))) == []
    assert list(tallies.ways(scope_of(TIMES[5], area="25195"), ["agency"])) == []
    assert list(tallies.ways(scope_of(TIMES[2], area="25195"), ["agency"])) == [
        (["agency"], at("08-01T00:00"), at("09-01T00:00"))
    ]


def test_half_of_the_answers_came_within(rows):
    scope = scope_of(TIMES[1])
    assert half_answered_within(scope) == (None, False)
    for row, hours in zip(matching(rows, scope), (2, 5, 9)):
        Span.objects.filter(pk=row.pk).update(answered=row.received + timedelta(hours=hours))
    assert half_answered_within(scope) == (timedelta(hours=5), False)


def test_ratings_know_a_time_and_one_agency_and_nothing_else():
    base = scope_of(TIMES[0])
    assert base.rated and replace(base, agency="dienluc").rated and replace(base, only_agency=1).rated
    for more in ({"category": "a"}, {"area": "a"}, {"channel": "a"}, {"part": "late"}, {"only_area": 1}):
        assert not replace(base, **more).rated
    assert not replace(base, agency="dienluc", only_agency=1).rated
