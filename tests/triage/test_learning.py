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
from tools.starter_model import examples_of

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


def test_of_what_nobody_told_apart_nothing_is_learnt() -> None:
    """Young installations: a flag that nobody ever set, a matter that was decided three times."""
    few = {"kind": lambda at: {"kind": "ab"[at % 2]} if at < 3 else {}, "person": lambda _at: {"person": "none"}}
    every = [
        Example(text=one.text, labels={**one.labels, **few["kind"](at), **few["person"](at)}, group=one.group)
        for at, one in enumerate(examples())
    ]
    model = train(every, ["field", "kind", "person", "urgency"])
    assert [head.name for head in model.heads] == ["field"]
    assert model.propose(features("bóng đèn hư")).keys() == {"field"}
    assert train(every[:4], ["field"]).propose(features("bóng đèn hư")) == {}


def test_a_label_that_only_one_group_has_and_a_week_alone_are_learnt_from() -> None:
    rare = [Example(text=f"cây đổ chắn lối {n}", labels={"field": "trees"}, group="6") for n in range(3)]
    assert "trees" in train([*examples(), *rare], ["field"]).heads[0].labels
    week = [Example(text=one.text, labels=one.labels, group="week") for one in examples()]
    assert train(week, ["field"]).propose(features("ổ gà gần chợ"))["field"].value == "roads"


def test_each_label_has_the_probability_from_which_it_is_seldom_wrong() -> None:
    """Of roads people were of two minds, of trees never."""
    trees = [Example(text=f"cành cây gãy {n % 7}", labels={"field": "trees"}, group=f"{n % 6}") for n in range(240)]
    model = train([*examples(480, noise=0.3), *trees], ["field"])
    limits = model.heads[0].limits
    assert limits["trees"] < limits["roads"]
    figures = model.card["heads"]["field"]["sure"]
    assert figures["trees"]["covers"] > 0.9 and figures["trees"]["wrong"] <= 0.05
    assert figures["roads"]["covers"] < 0.1
    guess = Model.from_bytes(model.to_bytes()).propose(features("cành cây gãy"))["field"]
    assert guess.sure == limits["trees"] and guess.p >= guess.sure


def test_limits_are_of_an_ordinary_day() -> None:
    """What was asked for as a trap teaches too, but does not say how often an ordinary message is misread."""
    traps = [
        Example(text="cột gãy", labels={"field": ("lamps", "roads")[n // 6 % 2]}, group=f"{n % 6}", usual=False)
        for n in range(60)
    ]
    honest = [Example(text=one.text, labels=one.labels, group=one.group) for one in traps]
    without, by_them = (train([*examples(480), *more], ["field"]) for more in (traps, honest))
    figures = [model.card["heads"]["field"] for model in (without, by_them)]
    assert [one["of"] for one in figures] == [480, 540]
    assert figures[0]["right"] > figures[1]["right"]
    assert phrases.unusual([("A", {"gate": "none"}), ("E", {"gate": "spam"}), ("E", {"gate": "none"})]) == set()
    assert phrases.unusual([("A", {"gate": "none"}), ("E", {"gate": "spam"})]) == {"E"}


def test_the_phrases_are_whole_and_of_many_hands() -> None:
    read = list(phrases.read())
    gates = {phrase["gate"] for _hand, phrase in read}
    assert len(read) >= 3000 and len({hand for hand, _ in read}) >= 8
    assert gates == {"none", *EMERGENCIES, *LEGAL, *ODD}
    assert len({phrase["text"] for _hand, phrase in read}) > len(read) * 0.99
    assert all(phrases.labels(phrase).keys() <= set(HEADS) for _hand, phrase in read)


@pytest.mark.long
def test_the_starter_is_what_the_phrases_make() -> None:
    """Whoever changes phrases or features trains it anew: `python -m tools.starter_model`. Another processor may add
    up to other last digits."""
    made = examples_of([*phrases.read()])
    model, starts_with = train(made, HEADS), starter.model()
    asked = [features(one.text) for one in made[::40]]
    pairs = [(model.propose(one)["field"], starts_with.propose(one)["field"]) for one in asked]
    assert [ours.value for ours, _theirs in pairs] == [theirs.value for _ours, theirs in pairs]
    assert max(abs(ours.p - theirs.p) for ours, theirs in pairs) <= 0.002


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
