"""A ticket's facts over time, told from its events."""

from datetime import datetime, timedelta

from caunoi.statistics.story import DONE, OPEN, OUT, Facts, Moved, TicketEvent, tell

MONDAY = datetime.fromisoformat("2026-08-03T08:10:00+07:00")


def hours(n):
    return MONDAY + timedelta(hours=n)


def said(n, kind, *, at=None, **data):
    return TicketEvent(hours(n), hours(n if at is None else at), f"ticket.{kind}", data)


def story(*events, due=24.0, moved=()):
    first = Facts(channel="phone", kind="report")
    created = said(0, "create", to="new", channel="phone")
    return tell(first, MONDAY, [created, *events], [Moved(hours(0), hours(due)), *moved])


def test_what_happens_within_an_hour_is_one_span():
    told = story(
        said(0.1, "accept", to="accepted", category="lamps"), said(0.2, "route", to="routed", agency="xncongtrinh")
    )
    (span,) = told.spans
    assert span.since == MONDAY.replace(hour=9, minute=0) and span.until is None
    assert (span.facts.category, span.facts.agency, span.facts.phase) == ("lamps", "xncongtrinh", OPEN)


def test_an_answer_after_the_deadline_is_late_and_one_before_it_is_not():
    for answered, late in ((20, False), (30, True)):
        told = story(said(1, "accept", to="accepted"), said(answered, "answer", to="answered"))
        facts = told.spans[-1].facts
        assert (facts.phase, facts.late, facts.handled) == (DONE, late, hours(answered))


def test_what_was_reopened_is_open_again_and_late_once_it_is_answered_again_however_fast():
    told = story(
        said(1, "answer", to="answered"), said(3, "reopen", to="accepted", reason=""), said(5, "answer", to="answered")
    )
    assert [(s.facts.phase, s.facts.late) for s in told.spans] == [
        (OPEN, False),
        (DONE, False),
        (OPEN, False),
        (DONE, True),
    ]
    assert told.spans[-1].facts.answered == hours(1) and told.spans[-1].facts.handled == hours(5)


def test_a_refusal_reopened_counts_as_before_and_late():
    told = story(
        said(1, "refuse", to="refused", reason="unclear"),
        said(3, "reopen", to="accepted"),
        said(5, "answer", to="answered"),
    )
    assert [s.facts.phase for s in told.spans] == [OPEN, OUT, OPEN, DONE]
    assert told.spans[1].facts.reason == "unclear" and told.spans[2].facts.reason == ""
    assert told.spans[-1].facts.late and told.spans[-1].facts.reopened == 0


def test_a_late_event_counts_from_when_it_became_known_with_the_time_at_which_it_happened():
    told = story(said(1, "accept", to="accepted"), said(30, "answer", at=20, to="answered"))
    before, after = told.spans[-2:]
    assert before.until == after.since == hours(30).replace(minute=0) + timedelta(hours=1)
    assert not before.facts.phase and after.facts.handled == hours(20) and not after.facts.late


def test_an_answer_written_down_late_came_no_earlier_than_what_it_followed():
    told = story(
        said(1, "accept", to="accepted"),
        said(28, "leg_return", to="accepted"),
        said(30, "answer", at=20, to="answered"),
    )
    assert told.spans[-1].facts.handled == hours(28) and told.spans[-1].facts.late


def test_a_deadline_that_moves_is_known_only_from_then_on():
    told = story(moved=[Moved(hours(30), hours(48))])
    assert [s.facts.due for s in told.spans] == [hours(24), hours(48)]


def test_an_answer_while_the_clock_stood_still_is_measured_by_the_deadline_that_it_then_had():
    told = story(
        said(2, "ask", to="waiting"),
        said(40, "answer", to="answered"),
        moved=[Moved(hours(2), None), Moved(hours(40), hours(62))],
    )
    assert told.spans[-1].facts.late is False


def test_custody_passes_from_the_centre_along_the_hops_and_ends_with_the_answer():
    told = story(
        said(1, "accept", to="accepted"),
        said(2, "route", to="routed", agency="a"),
        said(4, "leg_pass_on", to="routed", agency="b"),
        said(7, "leg_return", to="accepted", agency="b"),
        said(8, "route", to="routed", agency="c"),
        said(9, "approve", to="answered"),
    )
    assert [(h.hop, h.agency, h.since, h.until) for h in told.holds] == [
        (0, "", hours(0), hours(2)),
        (1, "a", hours(2), hours(4)),
        (2, "b", hours(4), hours(7)),
        (3, "", hours(7), hours(8)),
        (4, "c", hours(8), hours(9)),
    ]
    assert told.spans[-1].facts.returns == 1


def test_contacts_are_the_first_words_the_remarks_and_the_further_calls():
    told = story(
        said(1, "call", call=1),
        said(2, "call", call=2),
        said(3, "remark", internal=False),
        said(4, "remark", internal=True),
        said(5, "uncall", call=2),
    )
    assert [s.facts.contacts for s in told.spans] == [1, 2, 3, 2]
