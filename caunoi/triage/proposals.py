"""What a message is proposed to be: each matter with a probability and the words that weighed. Pure.

A proposal is sure, perhaps, or silent. Nothing is done by it: a person takes it or not. What goes before all else (a
life in danger, a complaint or denunciation, whom it does not concern) is one word, the gate; rules and the model may
only raise it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from caunoi.lib.messages import danger
from caunoi.lib.places import address
from caunoi.triage.features import features, words
from caunoi.triage.heads import ALARMS, ANY, EMERGENCIES, FLAGS, HEADS
from caunoi.triage.model import NONE, Guess, Model


class Certainty(StrEnum):
    SURE = "sure"
    PERHAPS = "perhaps"
    SILENT = "silent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limits:
    """From which probability on a proposal is sure, and shown at all."""

    sure: float
    perhaps: float

    def certainty(self, p: float) -> Certainty:
        return Certainty.SURE if p >= self.sure else Certainty.PERHAPS if p >= self.perhaps else Certainty.SILENT


CHOICE = Limits(sure=0.9, perhaps=0.5)
ALARM = Limits(sure=0.7, perhaps=0.1)
"""Of what is looked at by a person when in doubt: better twenty harmless messages too many than one missed."""
FLAG = Limits(sure=0.8, perhaps=0.4)
SILENCE = Guess(value="", p=0.0)
"""What a model proposes of a matter of which it learnt nothing."""
EMERGENCY, GATE = 0.04, 0.11
"""From which probability on an emergency counts, and any gate: the mean of what the head ANY says and of what the heads
that tell gates apart say together."""
RULES = {"111": "child_111", "113": "emergency_113", "114": "emergency_114", "115": "emergency_115"}
"""The gate of a number that a rule says to call."""
BY_RULE = 0.5
"""How likely an emergency is at least where a rule says so."""


def limits_of(model: Model) -> dict[str, Limits]:
    """By category: from where on its errors stayed few when it was trained; above 1 where it is never sure."""
    rows = next((head.limits for head in model.heads if head.name == "field"), {})
    return {code: replace(CHOICE, sure=sure) for code, sure in rows.items()}


@dataclass(frozen=True, kw_only=True, slots=True)
class Proposal:
    """`value`: a code, "" where nothing is proposed; `p`: the probability that a person will agree; `others`: what is
    likeliest for who does not."""

    value: str = ""
    p: float = 0.0
    certainty: Certainty = Certainty.SILENT
    why: tuple[str, ...] = ()
    others: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        return self.certainty is Certainty.SURE

    def in_words(self, typed: Mapping[str, str]) -> Self:
        """Its reasons as the message has them; numbers, which all count as 0, are none."""
        phrases = [" ".join(typed.get(word, word) for word in one.split() if "0" not in word) for one in self.why]
        return replace(self, why=tuple(dict.fromkeys(filter(None, phrases))))


def propose(
    text: str,
    model: Model,
    *,
    home: str = address.HOME,
    fields: Collection[str] | None = None,
    limits: Mapping[str, Limits] | None = None,
) -> dict[str, Proposal]:
    """kind, category, urgency, gate, danger, person and unnamed of a message. `home`: the code of the province that
    answers; `fields`: the codes of the categories in force (None: all that the model knows); `limits`: of single
    categories, before those that the model's own figures say."""
    typed = dict(words(text))
    if not typed:
        silent = {name: Proposal() for name in ("category", "kind", "urgency", *FLAGS)}
        return {"gate": Proposal(value=NONE, p=1.0, certainty=Certainty.SURE), **silent}
    guesses = model.propose(features(text, home), allowed={"field": fields} if fields is not None else {})
    guesses = {name: guesses.get(name, SILENCE) for name in HEADS}
    field = guesses["field"]
    result = {"gate": _gate(text, guesses), "category": _proposal(field, (limits or {}).get(field.value))}
    result |= {name: _proposal(guesses[name]) for name in ("kind", "urgency")}
    result |= {name: _proposal(guesses[name], FLAG) for name in FLAGS}
    return {name: one.in_words(typed) for name, one in result.items()}


def _proposal(guess: Guess, limits: Limits | None = None) -> Proposal:
    if not guess.value:
        return Proposal()
    limits = limits or (CHOICE if guess.sure is None else replace(CHOICE, sure=guess.sure))
    certainty = limits.certainty(guess.p)
    return Proposal(value=guess.value, p=guess.p, certainty=certainty, why=guess.why, others=guess.others)


def is_raised(guesses: Mapping[str, Guess]) -> bool:
    """Whether a model's guesses are enough for a gate."""
    p = {name: guesses.get(name, SILENCE).p for name in (*ALARMS, ANY)}
    return p["emergency"] >= EMERGENCY or sum(p.values()) / 2 >= GATE


def _gate(text: str, guesses: Mapping[str, Guess]) -> Proposal:
    """The likeliest alarm; an emergency before all others."""
    own, number = guesses["emergency"], danger.number(text)
    likeliest = max((guesses[name] for name in ALARMS), key=lambda guess: guess.p)
    raised = own if own.p >= EMERGENCY else likeliest if likeliest.value and is_raised(guesses) else None
    if number and likeliest.p < BY_RULE:
        raised = Guess(value=own.value if own.p >= EMERGENCY else RULES[number], p=BY_RULE, why=own.why)
    if raised is None:
        return Proposal(value=NONE, p=round(1 - likeliest.p, 3), certainty=Certainty.SURE)
    certainty = Certainty.SURE if raised.p >= ALARM.sure else Certainty.PERHAPS
    return Proposal(value=raised.value, p=raised.p, certainty=certainty, why=raised.why)


def is_emergency(gate: str) -> bool:
    """Whether somebody is in danger now."""
    return gate in EMERGENCIES
