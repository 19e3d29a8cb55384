import pytest

from tests.crash import on_tickets, public
from tests.crash.faults import Fault
from tests.crash.stage import Outcome, Play

SCENARIOS = [*on_tickets.SCENARIOS]


@pytest.mark.long
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_whatever_breaks_at_whatever_statement_the_act_is_done_once(stage, scenario):
    with stage.ready(scenario) as (template, subject):
        play = Play(stage, scenario, template, subject)
        moments = [play.broken(fault) for fault in Fault]
    assert min(moments) >= 1, "it commits"


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_quick(stage, scenario):
    with public.watched(public.actions()) as reached:
        with stage.copied(stage.template) as place:
            subject = scenario.ready(stage.town)
            before = place.state()
            assert place.attempt(scenario, stage.town, subject) is Outcome.DONE
            assert place.state() != before
    print(len(reached))
