"""Whatever happens, in whatever order it becomes known: the kept figures equal a full recount, a past day keeps the
answer that was given on it, and all of it comes out of the log again.

Proves: As of any past day (to the hour): the same question keeps its answer, whatever is entered late, extended,
reopened, recounted since
Proves: Equal to a full recount, and rebuilt to the same rows, through random weeks with late entries, merges,
reopening, refusals, late holidays, successions
Proves: One filter (agency, field, commune, channel), the whole and months of two, and old or new boundaries
answered from sums, equal to the spans one by one; spans of an older version are right at once and written to in
small steps"""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, example, given
from hypothesis import strategies as st

from caunoi.directory import actions as directory
from caunoi.directory import queries as rows
from caunoi.directory.boundaries import boundaries
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.routing import actions as routing
from caunoi.routing import queries as legs
from caunoi.sla import actions as sla
from caunoi.sla import recount as counting
from caunoi.statistics import counting as numbers
from caunoi.statistics import rollup
from caunoi.statistics.counting import Number
from caunoi.statistics.figures import grouped
from caunoi.statistics.measures import MEASURES
from caunoi.statistics.models import Cursor, Distribution, Hold, Pair, Span, Tally
from caunoi.statistics.outlook import daily
from caunoi.statistics.scope import FOUR, NARROW, NONE, Scope
from caunoi.statistics.spans import FACTS, PAIR, PARTS, TALLY
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import RefusedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.examples import examples
from tests.statistics.recount import BY, four

BEGIN = datetime.fromisoformat("2026-08-03T07:00:00+07:00")
SINCE, UNTIL = BEGIN.replace(day=1, hour=0), BEGIN + timedelta(days=60)
MOVES = (
    "accept",
    "route",
    "start",
    "result",
    "approve",
    "answer",
    "close",
    "reopen",
    "refuse",
    "merge",
    "ask",
    "resume",
    "leg_return",
    "leg_pass_on",
    "extend",
    "edit",
    "succeed",
)

ON = {
    "new": "accept",
    "accepted": "route",
    "routed": "start",
    "working": "result",
    "resulted": "approve",
    "waiting": "resume",
    "answered": "close",
    "closed": "reopen",
    "refused": "reopen",
    "merged": "reopen",
}

# (hours that pass, what happens, to which ticket, how late it is written down in hours, does counting go on then)
steps = st.lists(
    st.tuples(
        st.integers(0, 20),
        st.sampled_from(("take", "take", "take", *["on"] * 25, *MOVES, "holiday")),
        st.integers(0, 5),
        st.integers(0, 30),
        st.booleans(),
    ),
    min_size=30,
    max_size=70,
)


def counted(at, as_of=None, scope=None):
    found = grouped(scope or Scope(since=SINCE, until=UNTIL, at=at, as_of=as_of), BY)
    return {
        by: Counter({(r.key, part): getattr(r, part) for r in found[by] for part in FOUR if getattr(r, part)})
        for by in BY
    }


def kept():
    """Every row that is kept, as it would be compared."""
    spans = Span.objects.order_by("ticket", "since").values_list(
        "ticket", "received", "place", "since", "until", *FACTS
    )
    holds = Hold.objects.order_by("ticket", "hop").values_list("ticket", "agency", "since", "until", "known", "over")
    none = dict.fromkeys(PARTS, 0)
    tallies = Tally.objects.exclude(**none).order_by(*TALLY).values_list(*TALLY, *PARTS)
    pairs = Pair.objects.exclude(**none).order_by(*PAIR).values_list(*PAIR, *PARTS)
    return list(spans), list(holds), list(tallies), list(pairs), distributions()


def distributions():
    """What lies on which step."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT what, "by", since, key, i, counts[i]
               FROM statistics_distribution, generate_subscripts(counts, 1) i
               WHERE counts[i] <> 0 ORDER BY 1, 2, 3, 4, 5"""
        )
        return cursor.fetchall()


def one_by_one(at):
    """A moment after which nothing is known yet, and of which no sum tells: no midnight."""
    later = at + timedelta(hours=1)
    return later if later.hour else later + timedelta(hours=1)


def measured_alike(at, monkeypatch):
    """Every measure from the sums is what the rows say, lengths to 1 % and half a minute."""
    monkeypatch.setattr(numbers, "ENOUGH", -1)
    for since in (SINCE, BEGIN.replace(hour=12), SINCE - timedelta(days=2)):
        whole = Scope(since=since, until=UNTIL, at=at)
        for scope in (whole, whole.narrowed({"channel": "web"}), whole.narrowed({"agency": NONE})):
            for measure in MEASURES.values():
                if not isinstance(measure.read, Number) or measure.read.summed is None:
                    continue
                for by in measure.groups:
                    sums = {row["key"]: row for row in measure.read(scope, by)}
                    lines = {row["key"]: row for row in replace(measure.read, summed=None)(scope, by)}
                    assert sums.keys() == lines.keys(), (measure.name, by)
                    for key, row in lines.items():
                        where = (measure.name, by, key, scope)
                        assert sums[key]["of"] == row["of"], where
                        if not sums[key].get("about"):
                            assert sums[key] == row, where
                        else:
                            assert abs(sums[key]["value"] - row["value"]) <= 0.01 * row["value"] + 1 / 120, where


def narrowed_alike(at):
    """Within each code of each group: the sums say what counting the spans one by one says, also of a broken month."""
    for since in (SINCE - timedelta(days=2), BEGIN.replace(hour=12)):
        for name in NARROW:
            for row in grouped(Scope(since=SINCE, until=UNTIL, at=at), [name])[name]:
                scope = Scope(since=since, until=UNTIL, at=at).narrowed({name: row.key or NONE})
                assert scope.is_tallied
                counted_one_by_one = replace(scope, as_of=one_by_one(at))
                assert grouped(scope, BY) == grouped(counted_one_by_one, BY), (name, row.key)
                for other in NARROW[NARROW.index(name) + 1 :]:
                    for inner in grouped(scope, [other])[other]:
                        both = scope.narrowed({other: inner.key or NONE})
                        assert both.is_tallied
                        assert grouped(both, BY) == grouped(replace(both, as_of=counted_one_by_one.as_of), BY)


def elsewhere_alike(at):
    """In other boundaries too: by the unit where each was, or where nobody knows, where it stands."""
    places = Counter()
    for ticket in Ticket.objects.exclude(state__in=("refused", "merged")).select_related("area", "area_then"):
        places[getattr(ticket.area_then or ticket.area, "code", "")] += 1
    for since in (SINCE, BEGIN.replace(hour=12)):
        scope = Scope(since=since, until=UNTIL, at=at, boundaries=boundaries("then"))
        assert scope.is_tallied
        found = grouped(scope, ["area", "agency"])
        assert found["area"] == grouped(replace(scope, as_of=one_by_one(at)), ["area"])["area"]
        assert since > SINCE or {row.key: row.total for row in found["area"]} == places


class World:
    """A town in which things happen, most of them possible."""

    def __init__(self, town, clock):
        self.town, self.clock, self.now, self.made, self.answers = town, clock, BEGIN, [], {}
        self.last = {}
        clock.move_to(self.now, tick=False)

    def go_on(self, hours):
        """Time passes; at every midnight somebody reads the figures."""
        end = self.now + timedelta(hours=hours)
        while True:
            midnight = (self.now + timedelta(days=1)).replace(hour=0)
            if midnight > end:
                break
            self.now = midnight
            self.clock.move_to(midnight, tick=False)
            self.answers[midnight] = counted(midnight)
        self.now = end
        self.clock.move_to(end, tick=False)

    def take(self, n):
        town = self.town
        report = Report(
            text="Việc",
            once=f"o-{Event.objects.count()}-{n}",
            channel=("phone", "zalo", "web")[n % 3],
            area_id=(town.ward.pk, town.commune.pk, None)[n % 3],
            category_id=(town.lamps.pk, None)[n % 2],
        )
        ticket = tickets.take(report, by=citizen())
        self.made.append(ticket)
        self.last[ticket.pk] = self.now
        sla.refresh(ticket)

    def do(self, name, n, late):
        if name == "holiday":
            directory.set_day(self.now.date() + timedelta(days=1 + n), False, by=SYSTEM, note="bão")
            rows.forget()
            counting.ask(Event.objects.latest("id").pk, self.now, None)
            while counting.step():
                pass
            return
        ticket = self.made[n % len(self.made)]
        at = max(self.now - timedelta(hours=late), self.last[ticket.pk])
        if self._move(ticket, name, n, at):
            self.last[ticket.pk] = at
            sla.refresh(Ticket.objects.get(pk=ticket.pk))

    def _move(self, ticket, name, n, at):
        town = self.town
        try:
            ticket.refresh_from_db()
            if name == "on":
                name = "answer" if ticket.state == "accepted" and n % 2 else ON[ticket.state]
            agency = (town.works, town.power, town.agencies["ubnd-25195"])[n % 3]
            lead = legs.lead(ticket)
            officer = next((u.as_actor() for u in town.users.values() if lead and u.agency_id == lead.agency_id), None)
            match name:
                case "route":
                    routing.route(ticket, agency, by=town.tam, at=at)
                case "start" | "result" | "approve":
                    boss = town.tam if name == "approve" else officer
                    if boss is None:
                        return False
                    tickets.move(ticket, name, by=boss, at=at, text="Xong.")
                    if name == "approve":
                        routing.finish(ticket, at=at)
                case "leg_return" if officer:
                    routing.give_back(ticket, "không phải việc của chúng tôi", by=officer)
                case "leg_pass_on" if officer:
                    routing.pass_on(ticket, agency, by=officer)
                case "extend" if officer:
                    routing.ask_extension(ticket, 1 + n, "mưa", by=officer)
                    routing.grant_extension(ticket, by=town.tam)
                case "edit":
                    tickets.edit(ticket, by=town.lan, category=town.noise, area=town.commune)
                case "succeed":  # the commune was merged: its open tickets are the other's
                    if ticket.area_id == town.commune.pk:
                        ticket.area_then = town.commune
                        ticket.save(update_fields=["area_then"])
                    tickets.edit(ticket, by=SYSTEM, area=town.ward)
                case "merge":
                    into = self.made[(n + 1) % len(self.made)]
                    if into.pk == ticket.pk:
                        return False
                    tickets.move(ticket, name, by=town.tam, at=at, into=into)
                    routing.finish(ticket, at=at)
                case "refuse":
                    tickets.move(ticket, name, by=town.tam, at=at, reason=("unclear", "denunciation")[n % 2])
                case "leg_return" | "leg_pass_on" | "extend":
                    return False
                case _:
                    given = {"category": town.papers, "question": "Ở đâu?", "reason": "chưa xong", "text": "Rồi."}
                    tickets.move(
                        ticket, name, by=SYSTEM if name in ("accept", "close", "resume") else town.tam, at=at, **given
                    )
        except RefusedError:
            return False
        return True


# It was answered before it was given back, but written down after: it is answered, and stays so until it is closed.
WRITTEN_LATE = [
    (2, "on", 0, 0, True),
    (1, "route", 0, 0, True),
    (20, "leg_return", 0, 15, True),
    (1, "on", 1, 10, True),
    *[(20, "take", n, 0, True) for n in range(12)],
    (1, "on", 0, 0, True),
]


def wipe():
    for model in (Span, Hold, Tally, Pair, Distribution, Cursor):
        model.objects.all().delete()


@examples(12, phases=(Phase.explicit, Phase.generate), suppress_health_check=list(HealthCheck))
@given(story=steps)
@example(story=WRITTEN_LATE)
def test_what_is_kept_equals_a_full_recount_and_a_past_day_keeps_its_answer(town, time_machine, story):
    with transaction.atomic(), pytest.MonkeyPatch.context() as monkeypatch:  # each story begins in an empty town
        try:
            tell(town, time_machine, story, monkeypatch)
        finally:
            transaction.set_rollback(True)
            rows.forget()


def tell(town, time_machine, story, monkeypatch):
    world = World(town, time_machine)
    world.take(0)
    for hours, name, n, late, count in story:
        world.go_on(hours)
        world.take(n) if name == "take" else world.do(name, n, late)
        if count:
            rollup.catch_up()
    world.go_on(30)
    assert counted(world.now) == four(SINCE, UNTIL, world.now)
    spans_only = Scope(since=SINCE, until=UNTIL, at=world.now, as_of=one_by_one(world.now))
    assert not spans_only.is_tallied
    assert counted(world.now, scope=spans_only) == four(SINCE, UNTIL, world.now)  # not from the sums
    narrowed_alike(world.now)
    elsewhere_alike(world.now)
    came = daily(Scope(since=SINCE, until=UNTIL, at=world.now), "area")
    assert came == daily(spans_only, "area")
    assert sum(n for days in came.values() for n in days.values()) == len(world.made)
    measured_alike(world.now, monkeypatch)
    for midnight, then in world.answers.items():
        assert Scope(since=SINCE, until=UNTIL, at=world.now, as_of=midnight).evening
        assert counted(world.now, as_of=midnight) == then, midnight
    before = kept()
    wipe()
    rollup.rebuild()
    assert kept() == before
