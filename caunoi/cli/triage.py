"""`caunoi triage`: what messages are proposed to be, each with a probability.

Where there is an installation its fields, communes and rules count. Where there is none, or its database does not
answer, the model that comes with the product answers alone, and names no agency.
"""

import argparse
import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from caunoi.channels.registry import channels
from caunoi.cli.installation import rows
from caunoi.cli.lines import Answer, answer, objects
from caunoi.lib.places import spoken
from caunoi.triage import proposals, starter
from caunoi.triage.proposals import Certainty, Proposal
from caunoi.triage.words import MATTERS, as_json

NAME = "triage"
HELP = "propose kind, field, urgency, gate, commune and agency of messages"

type Understand = Callable[[str], Mapping[str, Proposal]]


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("text", nargs="+", metavar="TEXT", help='the message, or "-": JSON lines {"text", "channel"}')
    parser.add_argument("--json", action="store_true", help="print one object a line instead of words")


def run(args: argparse.Namespace) -> int:
    """Print the proposals for each message; 0, or 2 where a line of `-` was not understood."""
    stream = args.text == ["-"]
    questions: Iterable[tuple[int, dict[str, Any]]] = objects() if stream else [(1, {"text": " ".join(args.text)})]
    with rows() as there:
        understand = _by(there)
        return answer(
            questions,
            lambda question: as_json(understand(_text(question))),
            text=None if args.json or stream else _words,
        )


def _text(question: Mapping[str, Any]) -> str:
    text, channel = question["text"], question.get("channel")
    if not isinstance(text, str):
        raise TypeError("text is not a string")
    if channel is not None and channel not in channels():
        raise ValueError(f"channel is none of {', '.join(channels())}: {channel!r}")
    return text


def _by(there: bool) -> Understand:
    """By the rows of this installation, or without any."""
    if not there:
        return _alone
    understand = importlib.import_module("caunoi.routing.understanding").understand
    return lambda text: understand(text).matters


def _alone(text: str) -> Mapping[str, Proposal]:
    place = spoken.commune(text)
    area = Proposal(value=place.code, p=place.p, certainty=Certainty.PERHAPS) if place else Proposal()
    return {**proposals.propose(text, starter.model()), "area_code": area}


def _words(answer: Answer) -> str:
    lines = []
    for name in MATTERS:
        one = answer[name]
        why = f"  ({', '.join(answer['why'][name])})" if name in answer["why"] else ""
        lines.append(f"{name:<10} {one['value'] or '–':<16} {one['p']:.2f}{' sure' if one['sure'] else ''}{why}")
    return "\n".join(lines)
