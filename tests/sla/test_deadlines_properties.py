"""The promises about deadlines, kept by the database: walks of people over tickets, told in any order, read at any
time."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from caunoi.directory import actions as directory
from caunoi.directory.queries import calendar, forget
from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.routing import actions as routing
from caunoi.sla import actions, queries, recount
from caunoi.sla.models import Deadline
from caunoi.sla.readings import gather, readings
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import RefusedError
from caunoi.tickets.report import Report
from tests.examples import examples

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)
FEW = examples(12, suppress_health_check=list(HealthCheck))
SAID = ("clock", "leg_id", "state", "started", "due", "first_due", "met", "late", "target_id")

steps = st.lists(
    st.tuples(
        st.sampled_from(["accept", "route", "start", "ask", "resume", "edit", "remark", "return", "result", "approve"]),
        st.integers(1, 40 * 60),
    ),
    min_size=1,
    max_size=9,
)


class Life:
    """A ticket and who moves it; what is not possible just now is not done."""

    def __init__(self, town, time_machine, once):
        self.town, self.clock, self.once = town, time_machine, once
        self.clock.move_to(MONDAY, tick=False)
        self.ticket = tickets.take(Report(text="Đèn tắt", channel="web", once=once, area_id=town.ward.pk), by=citizen())
        self.at = MONDAY

    def go(self, name, minutes):
        t, ticket = self.town, self.ticket
        self.at += timedelta(minutes=minutes)
        self.clock.move_to(self.at, tick=False)
        does = {
            "accept": lambda: tickets.move(ticket, "accept", by=t.lan, category=t.lamps),
            "route": lambda: routing.route(ticket, t.works, by=t.tam),
            "start": lambda: routing.start(ticket, by=t.minh),
            "ask": lambda: tickets.move(ticket, "ask", by=t.lan, question="Ở đâu?"),
            "resume": lambda: tickets.move(ticket, "resume", by=t.lan),
            "edit": lambda: tickets.edit(
                ticket, by=t.lan, summary=f"Đèn {self.at}", urgency="urgent", category=t.papers
            ),
            "remark": lambda: tickets.remark(ticket, "Đã gọi lại", by=t.lan),
            "return": lambda: routing.give_back(ticket, "Không phải", by=t.minh),
            "result": lambda: tickets.move(ticket, "result", by=t.minh, text="Xong"),
            "approve": lambda: tickets.move(ticket, "approve", by=t.hoa),
        }
        try:
            does[name]()
        except RefusedError:
            return False
        return True

    def said(self):
        rows = Deadline.objects.filter(ticket=self.ticket).order_by("clock", "leg_id")
        return [tuple(getattr(row, name) for name in SAID) for row in rows]

    def read(self, at):
        """Worked out from nothing but the history."""
        ticket = type(self.ticket).objects.get(pk=self.ticket.pk)
        told = gather([ticket.pk])[ticket.pk]
        known = {(d.clock, d.leg_id): d for d in queries.deadlines(ticket)}
        rows = readings(ticket, told, queries.targets(), at, known)
        return sorted((r.clock, r.leg_id or 0, r.state, r.due, r.met) for r in rows)


@pytest.fixture
def life(town, time_machine):
    made = iter(range(10_000))
    return lambda: Life(town, time_machine, f"life-{next(made)}")


@FEW
@given(steps)
def test_told_step_by_step_or_all_at_once_it_is_the_same(life, walk):
    one, two = life(), life()
    for name, minutes in walk:
        one.go(name, minutes)
        actions.refresh(one.ticket)
        actions.refresh(one.ticket)
    for name, minutes in walk:
        two.go(name, minutes)
        if name == "accept":
            actions.refresh(two.ticket)  # the target is fixed then
    actions.refresh(two.ticket)

    def without_legs(said):
        return [(clock, *rest) for clock, _, *rest in said if clock not in ("agency_accept",)]

    assert without_legs(one.said()) == without_legs(two.said())


@FEW
@given(steps, st.integers(0, 8))
def test_an_edit_never_moves_a_deadline_once_it_is_accepted(life, walk, where):
    one, two = life(), life()
    for each in (one, two):
        each.go("accept", 5)
        actions.refresh(each.ticket)
    for n, (name, minutes) in enumerate(walk):
        if n == where:
            two.go("edit", 0)
            actions.refresh(two.ticket)
        for each in (one, two):
            if name != "edit":
                each.go(name, minutes)
                actions.refresh(each.ticket)
    assert [s[2:] for s in one.said()] == [s[2:] for s in two.said()]


@FEW
@given(steps)
def test_any_past_instant_reads_the_same_afterwards(life, walk):
    one, then = life(), []
    actions.refresh(one.ticket)
    for name, minutes in walk:
        if one.go(name, minutes):
            actions.refresh(one.ticket)
            if name != "accept" and any(e.kind == "ticket.accept" for e in history(one.ticket)):
                then.append((one.at, one.read(one.at)))
    for at, said in then:
        again = one.read(at)
        assert [row for row in again if row[1] == 0 and row[0] == "handle"] == [
            row for row in said if row[1] == 0 and row[0] == "handle"
        ]


@FEW
@given(st.lists(st.integers(1, 20 * 60), min_size=1, max_size=4), st.integers(1, 30))
def test_time_spent_waiting_for_the_citizen_is_not_counted(life, waits, between):
    one = life()
    for name in ("accept", "route", "start"):
        one.go(name, 1)
    actions.refresh(one.ticket)
    office, before, waited = calendar("office"), queries.handle(one.ticket).due, timedelta()
    for minutes in waits:
        one.go("ask", between)
        begun = one.at
        if begun > before:
            break
        actions.refresh(one.ticket)
        assert queries.handle(one.ticket).due is None
        one.go("resume", minutes)
        actions.refresh(one.ticket)
        waited = office.between(begun, one.at)
        after = queries.handle(one.ticket).due
        assert after == office.add(before, waited)
        before = after


@FEW
@given(st.permutations([0, 0, 0, 1, 1, 1]), st.lists(st.integers(1, 600), min_size=6, max_size=6))
def test_the_order_of_independent_events_does_not_matter(life, order, minutes):
    """Two tickets live side by side; whichever comes first, each is what it would have been alone."""
    moves = ("accept", "route", "start")
    apart, together = [life(), life()], [life(), life()]
    times = sorted(minutes)
    turns = [(which, moves[order[:n].count(which)], times[n]) for n, which in enumerate(order)]
    for which, name, at in turns:
        together[which].at = MONDAY
        together[which].go(name, at)
        actions.refresh(together[which].ticket)
    for which in (1, 0):
        for _, name, at in [turn for turn in turns if turn[0] == which]:
            apart[which].at = MONDAY
            apart[which].go(name, at)
        actions.refresh(apart[which].ticket)
    for a, b in zip(apart, together, strict=True):
        assert [(s[0], *s[2:]) for s in a.said()] == [(s[0], *s[2:]) for s in b.said()]


@FEW
@given(st.integers(0, 12), st.booleans())
def test_a_swap_moves_exactly_what_it_should(life, town, later, works):
    """A day is announced late: every open deadline is where counting with that day from the start puts it, and those
    that do not run over it have not moved."""
    one = life()
    one.go("accept", 1)
    actions.refresh(one.ticket)
    before = queries.handle(one.ticket)
    day = date(2026, 8, 15) + timedelta(days=later)
    row = directory.set_day(day, works, by=town.quan, note="Hoán đổi")
    asked = recount.ask(history(row).last().pk, MONDAY, day)
    forget()
    while recount.step():
        pass
    after = queries.handle(one.ticket)
    assert after.due == calendar("office").add_days(MONDAY, 2)
    told = [e for e in history(one.ticket) if e.kind == "sla.recount"]
    assert bool(told) == (after.due != before.due)
    if not date(2026, 8, 17) <= day <= before.due.date():
        assert after.due == before.due
    asked.delete()
    directory.remove_day(row, by=town.quan)
    forget()


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-08-21T15:00", "2026-08-24T17:00"),  # the Saturday is worked
        ("2026-08-28T15:00", "2026-09-04T17:00"),  # swap day and National Day
        ("2026-02-13T10:00", "2026-02-24T17:00"),  # Tết 2026
        ("2027-02-03T10:00", "2027-02-12T17:00"),  # Tết 2027
        ("2026-11-20T09:00", "2026-11-25T17:00"),  # 24 November 2026 is a holiday
    ],
)
def test_the_calendars_traps_with_a_ticket_of_two_working_days(town, time_machine, received, due):
    time_machine.move_to(datetime.fromisoformat(f"{received}+07:00"), tick=False)
    found = tickets.take(Report(text="Đèn tắt", channel="web", once="t"), by=citizen())
    tickets.move(found, "accept", by=town.lan, category=town.lamps)
    actions.refresh(found)
    assert queries.handle(found).due == datetime.fromisoformat(f"{due}+07:00")


def test_four_working_hours_from_half_past_four(town, time_machine):
    time_machine.move_to(datetime.fromisoformat("2026-08-20T16:30+07:00"), tick=False)
    found = tickets.take(Report(text="Dây điện đứt", channel="phone", once="u"), by=town.lan)
    tickets.move(found, "accept", by=town.lan, category=town.noise, urgency="urgent")
    actions.refresh(found)
    assert queries.handle(found).due == datetime.fromisoformat("2026-08-21T11:00+07:00")
