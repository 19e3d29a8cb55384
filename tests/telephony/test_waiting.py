"""How long a caller will wait: the estimate against the model of the exchange's queue."""

import pytest

from caunoi.telephony.speaking import WAITS
from caunoi.telephony.waiting import USUAL, QueueReading, expected_wait, minutes_said


def test_nobody_there_is_not_a_wait_and_somebody_free_is_none() -> None:
    assert expected_wait(QueueReading(wait=3, free=0, busy=0)) is None
    assert expected_wait(QueueReading(wait=0, free=1, busy=9)) == 0
    assert expected_wait(QueueReading(wait=2, free=3, busy=0)) == 0


def test_each_who_waits_before_costs_one_share_of_a_talk() -> None:
    busy = [expected_wait(QueueReading(wait=n, free=0, busy=6, took=[120] * 1000)) for n in range(4)]
    assert busy == pytest.approx([20, 40, 60, 80], rel=0.01)


def test_without_talks_a_usual_one_is_taken_and_the_first_does_not_replace_it() -> None:
    assert expected_wait(QueueReading(wait=0, free=0, busy=1)) == USUAL
    one_short = expected_wait(QueueReading(wait=0, free=0, busy=1, took=[10])) or 0
    assert USUAL * 0.5 < one_short < USUAL


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(None, None), (0, None), (44, None), (50, 1), (80, 1), (110, 2), (400, 5), (450, 10), (9000, 30)],
)
def test_minutes_are_said_in_steps(seconds: float | None, said: int | None) -> None:
    assert minutes_said(seconds) == said and (said is None or said in WAITS)
