"""How people tell of a procedure: words of ours for each code, none of them from real people.

The rows lie in `procedures/data/tales.tsv`: the national codes that share them, and what somebody says who needs that
procedure but knows neither its name nor its paper. They are one more text of the procedure for the index, so that a
story meets them as a question meets a name. `procedures/data/stories.tsv` has whole stories of several hands, with the
codes that answer them.
"""

import csv
from collections import defaultdict
from functools import cache
from pathlib import Path

from caunoi.procedures.search.chat import in_full

TALES = Path(__file__).parent.parent / "data" / "tales.tsv"
STORIES = TALES.parent / "stories.tsv"


@cache
def rows() -> dict[str, str]:
    """By code, how people tell of it."""
    texts: dict[str, list[str]] = defaultdict(list)
    with TALES.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for code in line["codes"].split():
                texts[code].append(in_full(line["tale"]))
    return {code: " . ".join(tale) for code, tale in texts.items()}


def text(code: str) -> str:
    """How people tell of the procedure with this code; empty where nobody has written it down."""
    return rows().get(code, "")


@cache
def stories_by_code(without: str = "") -> dict[str, tuple[str, ...]]:
    """By code, the stories that it answers; `without`: the hand whose stories are left out, to be asked about."""
    texts: dict[str, list[str]] = defaultdict(list)
    with STORIES.open(encoding="utf-8", newline="") as file:
        for line in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            for code in line["codes"].split() if line["hand"] != without else ():
                texts[code].append(in_full(line["story"]))
    return {code: tuple(stories) for code, stories in texts.items()}


def stories(code: str) -> tuple[str, ...]:
    """The stories that the procedure with this code answers."""
    return stories_by_code().get(code, ())
