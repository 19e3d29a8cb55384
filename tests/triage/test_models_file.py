"""A model as a file: what was written is read, and what is no model is refused."""

from array import array

import pytest

from caunoi.triage.features import GROUPS
from caunoi.triage.model import MAGIC, BadModelError, Curve, Head, Model

CURVE = Curve(at=[-1.0, 0.0, 1.0], low=[0.0, 0.4, 0.9], high=[0.1, 0.6, 1.0])
FIELD = Head(name="field", labels=["lamps", "roads", "trees"], bias=[0.0, 0.0, -0.5], curve=CURVE)
ALARM = Head(name="emergency", labels=["emergency_114", "none"], bias=[-0.5, 0.5], curve=CURVE)


def model() -> Model:
    """Of two words: den speaks for lamps, chay for an alarm."""
    weights = array("b", [100, -50, -50, -100, 100, 0, 0, 0, 127, -127])
    return Model(
        heads=[FIELD, ALARM],
        rows={"den": 0, "chay": 1},
        idf=array("f", [1.0, 2.0]),
        weights=weights,
        steps=[0.01] * 5,
        card={"phrases": 2},
    )


def groups(*words: str) -> list[frozenset[str]]:
    return [frozenset(words), *[frozenset[str]()] * (len(GROUPS) - 1)]


def test_the_likeliest_label_is_proposed_with_what_spoke_for_it() -> None:
    guesses = model().propose(groups("den", "unknown"))
    assert (guesses["field"].value, guesses["field"].why) == ("lamps", ("den",))
    assert guesses["field"].p == pytest.approx(1 / 1.1, abs=0.001)
    assert guesses["emergency"].p < 0.2, "den speaks against an alarm"


def test_of_an_alarm_the_probability_is_that_of_anything_but_none() -> None:
    guess = model().propose(groups("chay"))["emergency"]
    assert (guess.value, guess.why) == ("emergency_114", ("chay",))
    assert guess.p >= 0.5


def test_only_what_is_allowed_is_proposed() -> None:
    assert model().propose(groups("den"), {"field": ["roads", "trees"]})["field"].value == "roads"
    nothing = model().propose(groups("den"), {"field": ["markets"]})["field"]
    assert (nothing.value, nothing.p) == ("", 0.0)


def test_a_message_without_a_known_word_is_answered_too() -> None:
    assert model().propose(groups())["field"].p <= 0.6


def test_what_is_written_is_read() -> None:
    again = Model.from_bytes(model().to_bytes())
    assert again.propose(groups("den", "chay")) == model().propose(groups("den", "chay"))
    assert again.card == {"phrases": 2} and again.width == 5


@pytest.mark.parametrize(
    "data",
    [b"", b"GIF89a", MAGIC, MAGIC + b"nonsense", model().to_bytes()[:-10], model().to_bytes()[len(MAGIC) :]],
    ids=["empty", "other", "head", "nonsense", "cut", "headless"],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(BadModelError):
        Model.from_bytes(data)


def test_a_curve_never_falls_and_stays_between_nothing_and_certainty() -> None:
    values = [CURVE.probability(score / 10) for score in range(-30, 30)]
    assert values == sorted(values) and values[0] >= 0 and values[-1] <= 1
