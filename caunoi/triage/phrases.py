"""Phrases that were written for learning: what people say to a hotline, and what a person decided of it. A file a hand,
so that a model is asked about each hand's phrases by weights that the others' made. A hand is named by the letter of
its writer, with a number where one writer wrote in several ways.

A line is a JSON object: `text`, `channel`, `kind`, `field`, `urgency`, `gate` (one word for what goes before all else),
`danger`, `person`, `unnamed` (flags; one that is missing was not decided), `area` (a commune's code where the text
names one)."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from caunoi.triage.heads import EMERGENCIES, FLAGS, ODD, of_gate
from caunoi.triage.model import NONE

FOLDER = Path(__file__).parent / "data" / "phrases"


def read(folder: Path = FOLDER) -> Iterator[tuple[str, dict[str, Any]]]:
    """(hand, phrase) of every file."""
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            yield file.stem, json.loads(line)


def writer(hand: str) -> str:
    return hand.rstrip("0123456789")


def unusual(read: Iterable[tuple[str, Mapping[str, Any]]]) -> set[str]:
    """The hands that were asked for emergencies, complaints and the like: most of their phrases are."""
    every, gated = Counter[str](), Counter[str]()
    for hand, phrase in read:
        every[hand] += 1
        gated[hand] += phrase["gate"] != NONE
    return {hand for hand in every if gated[hand] * 2 > every[hand]}


def labels(phrase: Mapping[str, Any]) -> dict[str, str]:
    """What was decided of a phrase, by head. Where nobody would ask for a field, there is none."""
    gate = phrase["gate"]
    result = {
        "kind": phrase["kind"],
        "urgency": phrase["urgency"],
        **of_gate(gate),
        **{flag: flag if phrase[flag] else NONE for flag in FLAGS if flag in phrase},
    }
    if gate not in EMERGENCIES and gate not in ODD:
        result["field"] = phrase["field"]
    return result
