"""A model learnt from examples."""

import random

import pytest

pytest.importorskip("sklearn", reason="needs scikit-learn, which comes with requirements/learn.lock")

from caunoi.triage import phrases, starter
from caunoi.triage.features import features
from caunoi.triage.heads import EMERGENCIES, HEADS, LEGAL, ODD
from caunoi.triage.learning import learn
from caunoi.triage.model import Model
from caunoi.triage.training import Example, train

LAMPS, ROADS = ("đèn đường", "bóng đèn", "cột đèn"), ("ổ gà", "mặt đường", "sụt lún")


def examples(count: int = 240, noise: float = 0.0) -> list[Example]:
    dice, made = random.Random(1), []
    for number in range(count):
        label = dice.choice(["lamps", "roads"])
        what = dice.choice(LAMPS if label == "lamps" else ROADS)
        if dice.random() < noise:
            label = "roads" if label == "lamps" else "lamps"
        text = f"{what} {dice.choice(['trước nhà', 'đầu hẻm', 'gần chợ'])} {dice.choice(['hư', 'bể', 'mong sửa'])}"
        made.append(Example(text=text, labels={"field": label}, group=f"{number % 6}"))
    return made


def test_it_proposes_what_was_decided_before() -> None:
    model = train(examples(), ["field"], {"examples": 240})
    guess = model.propose(features("Đèn đường hẻm 3 tắt rồi"))["field"]
    assert guess.value == "lamps" and guess.p > 0.9 and any("den" in word for word in guess.why)
    assert Model.from_bytes(model.to_bytes()).propose(features("ổ gà to"))["field"].value == "roads"


def test_where_people_do_not_agree_it_is_no_surer_than_they_are() -> None:
    model = train(examples(1200, noise=0.3), ["field"])
    assert 0.6 < model.propose(features("bóng đèn đầu hẻm hư"))["field"].p < 0.8


def test_a_head_learns_only_from_what_somebody_decided() -> None:
    undecided = [Example(text="ổ gà to quá", labels={"kind": kind}, group=str(n)) for n, kind in enumerate("ab" * 40)]
    assert train([*examples(), *undecided], ["field"]).heads[0].labels == ["lamps", "roads"]


def test_the_phrases_are_whole_and_of_many_hands() -> None:
    read = list(phrases.read())
    gates = {phrase["gate"] for _hand, phrase in read}
    assert len(read) >= 3000 and len({hand for hand, _ in read}) >= 8
    assert gates == {"none", *EMERGENCIES, *LEGAL, *ODD}
    assert len({phrase["text"] for _hand, phrase in read}) > len(read) * 0.99
    assert all(phrases.labels(phrase).keys() <= set(HEADS) for _hand, phrase in read)


@pytest.mark.long
def test_the_starter_is_what_the_phrases_make() -> None:
    """Whoever changes phrases or features trains it anew: `python -m tools.starter_model`."""
    made = [Example(text=p["text"], labels=phrases.labels(p), group=hand) for hand, p in phrases.read()]
    model, starts_with = train(made, HEADS), starter.model()
    asked = [features(one.text) for one in made[::40]]
    same = [model.propose(one)["field"] == starts_with.propose(one)["field"] for one in asked]
    assert sum(same) >= 0.98 * len(same)


HEADLESS = {"kind": "report", "urgency": "normal"}


def taught(dice: random.Random, count: int, *, wrong: bool, week: int) -> list[Example]:
    """Decisions of a week about words that only this province has."""
    made = []
    for _ in range(count):
        field = dice.choice(["lamps", "roads"])
        word = "đèn khía" if field == "lamps" else "lộ đan"
        told = field if not wrong else "roads" if field == "lamps" else "lamps"
        text = f"{word} {dice.choice(['trước nhà', 'đầu hẻm', 'gần chợ'])} {dice.choice(['hư', 'bể', 'mong sửa'])}"
        made.append(Example(text=text, labels={**HEADLESS, "field": told}, group=f"2026-w{week}"))
    return made


@pytest.mark.long
def test_a_model_learns_what_people_decide_here_and_one_that_got_worse_is_not_taken() -> None:
    dice = random.Random(4)
    some = [Example(text=p["text"], labels=phrases.labels(p), group=hand) for hand, p in phrases.read()]
    some = dice.sample(some, 1500)
    present = train(some, HEADS)
    better, report = learn([], taught(dice, 120, wrong=False, week=48), some, present)
    assert report.outcome == "taken" and report.after > report.before, report
    assert better.propose(features("lộ đan gần chợ bể"))["field"].value == "roads"
    fresh = taught(dice, 60, wrong=False, week=49)
    own = taught(dice, 240, wrong=True, week=48)
    _worse, report = learn(own, fresh, some, better)
    assert report.outcome == "worse" and report.after < report.before, report
