"""Every act of the product, broken at each statement that it sends: refused by the server, cut off before it arrives,
committed and never answered. Then what must hold holds, and the act done again is done once.

`pytest -m long tests/crash` breaks every act; the ordinary run a few of a ticket's way from the first word to the
grade, and sees that no public action has been forgotten.

Proves: acts of citizens, staff and the worker broken at each of their statements, by the server itself, are done once
when they are done again; a public action that no act reaches says why"""

import copy

import pytest
from django.db import transaction

from tests.conftest import forget
from tests.crash import on_people, on_seams, on_setup, on_tickets, on_triage, on_worker, public
from tests.crash.faults import Fault
from tests.crash.reasons import REASONS
from tests.crash.stage import Play

SCENARIOS = {
    one.name: one
    for module in (on_tickets, on_people, on_setup, on_seams, on_triage, on_worker)
    for one in module.SCENARIOS
}
WAY = ("a report comes by web", "a citizen rates")
"""What the ordinary run breaks too, by lost connections alone."""


@pytest.mark.slow
@pytest.mark.parametrize("name", WAY)
def test_on_its_way_a_ticket_is_broken_at_every_statement(stage, name):
    with stage.ready(SCENARIOS[name]) as (kept, subject):
        Play(stage, SCENARIOS[name], kept, subject).done_once(Fault.CUT)


@pytest.mark.long
@pytest.mark.parametrize("name", sorted(SCENARIOS))
def test_whatever_breaks_at_whatever_statement_the_act_is_done_once(stage, name):
    with stage.ready(SCENARIOS[name]) as (kept, subject):
        Play(stage, SCENARIOS[name], kept, subject).done_once(Fault.REFUSED, Fault.CUT)


@pytest.mark.slow
def test_no_public_action_is_forgotten(town, subtests):
    """What acts call is broken with them: which actions they reach is seen, not claimed."""
    codes, reached = public.actions(), set()
    for name, scenario in SCENARIOS.items():
        forget()
        here = copy.deepcopy(town)
        with subtests.test(name), transaction.atomic():
            subject = scenario.ready(here)
            with public.watched(codes) as called:
                scenario.act(here, subject)
            reached |= called
            transaction.set_rollback(True)
    forgotten = sorted(codes.keys() - reached - REASONS.keys())
    assert forgotten == [], "a scenario in tests/crash/on_*.py, or a reason in tests/crash/reasons.py"
    assert sorted(REASONS.keys() - codes.keys()) == [], "there is no such action any more"
    both = sorted(REASONS.keys() & reached)
    assert both == [], f"they have a scenario by now: {' '.join(both)}"
