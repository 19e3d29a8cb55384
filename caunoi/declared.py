"""Checked at start: everything that is declared in a table has its words in both languages, its owner and what follows
it, or the product does not start and says what lacks."""

import json
import re
import sys
from collections.abc import Iterator
from functools import cache
from inspect import Parameter, signature
from pathlib import Path

from django.utils.module_loading import import_string
from django.utils.translation import trans_real

from caunoi.api.v1.inputs import TYPES
from caunoi.channels.registry import channels, faults
from caunoi.flow import REACTIONS, TASKS
from caunoi.notifications.notices import NOTICES
from caunoi.notifications.tasks import tell, tell_alarm, tell_alert, tell_moved, tell_order, tell_person
from caunoi.tickets.datum import Datum, DatumKind
from caunoi.tickets.lifecycle import MOVES, STAY, Move
from caunoi.web.labels import EVENT
from caunoi.web.moves import CODES, FIELDS
from caunoi.web.texts import texts

TELLERS = {tell, tell_alarm, tell_alert, tell_moved, tell_order, tell_person}
IN_HISTORY = ("ticket.", "publication.", "handover.", "sla.", "alarm.")
"""Kinds of events that a ticket's history shows."""


@cache
def icons() -> frozenset[str]:
    """The icons that the built sprite has; none before the pages are built."""
    dist = Path(__file__).parent / "web" / "static" / "dist"
    try:
        sprite = json.loads((dist / "manifest.json").read_text())["assets/icons.svg"]["file"]
        return frozenset(re.findall(r'<symbol id="([\w-]+)"', (dist / sprite).read_text()))
    except (OSError, KeyError):
        return frozenset()


def _paths(move: Move) -> Iterator[str]:
    yield from filter(None, (move.owner, move.effect, move.condition, move.preview, *move.undo))
    for datum in move.takes.values():
        yield from filter(None, (datum.initial, datum.offered))


def _datum(datum: Datum) -> Iterator[str]:
    if datum.kind not in FIELDS or (datum.kind not in TYPES and datum.kind is not DatumKind.NUMBER):
        yield f"no form or API field for {datum.kind}"
    if datum.kind is DatumKind.CODE and datum.of not in CODES:
        yield f"no words for the codes of {datum.name} ({datum.of})"


def _owner(move: Move) -> Iterator[str]:
    try:
        parameters = signature(import_string(move.owner)).parameters
    except ImportError:  # `_paths` says so
        return
    if any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for name in ("by", "at", *move.takes):
        if name not in parameters:
            yield f"{move.owner} does not take {name}"


def of_move(move: Move) -> Iterator[str]:
    """What a move's row lacks, besides words."""
    if not (move.label and move.icon and move.key and move.sources and move.roles):
        yield "a label, an icon, a key, states and roles are needed"
    if icons() and move.icon not in icons():
        yield f"no icon {move.icon}: add it to assets/icons.txt"
    for path in _paths(move):
        try:
            import_string(path)
        except ImportError as error:
            yield f"{path} cannot be found: {error}"
    for datum in move.takes.values():
        yield from _datum(datum)
    if unknown := set(move.reactions) - set(TASKS):
        yield f"no reaction is called {', '.join(sorted(unknown))}"
    reactions = {"refresh": move.target != STAY, "tell": move.notices, "tell_followers": move.followers}
    for name, needed in reactions.items():
        if needed and name not in move.reactions:
            yield f"its reactions lack {name}"
    if move.owner:
        yield from _owner(move)
    if move.history is None and not move.owner:
        yield "nobody tells of it: it has neither a sentence for history nor an owner"


def of_events() -> Iterator[str]:
    """What events lack: words for history, somebody who tells of their notices."""
    for kind, tasks in REACTIONS.items():
        if kind.startswith(IN_HISTORY) and kind not in EVENT:
            yield f"{kind}: no words in web/labels.py EVENT"
        if kind in NOTICES and not TELLERS & set(tasks):
            yield f"{kind}: has notices, but no reaction tells of it"
    for kind in NOTICES.keys() - REACTIONS.keys():
        yield f"{kind}: has notices, but nothing reacts to it"


def of_icons() -> Iterator[str]:
    """The channels whose icon is not drawn."""
    for key, adapter in channels().items():
        name = getattr(adapter, "icon", "")
        if name and icons() and name not in icons():
            yield f"channel {key}: no icon {name}: add it to assets/icons.txt"


def problems() -> Iterator[str]:
    """Everything that is declared and lacks something, a line each."""
    for move in MOVES.values():
        yield from (f"move {move.name}: {problem}" for problem in of_move(move))
    yield from of_events()
    yield from faults()
    yield from of_icons()
    words = trans_real.translation("vi")
    for where, text in dict.fromkeys(texts()):
        if text and words.gettext(text) is text:
            yield f"{where}: no Vietnamese for {text!r}"


def complete() -> bool:
    """Whether nothing lacks anything; says on standard error what does."""
    lacking = list(problems())
    for problem in lacking:
        print(f"caunoi: {problem}", file=sys.stderr)
    return not lacking
