"""Prints docs/lifecycle.md from the table of caunoi/tickets/lifecycle.py and the words of caunoi/locale."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import polib

from caunoi.tickets.lifecycle import MOVES, Leg, Move, diagram

LOCALE = Path(__file__).parents[1] / "caunoi" / "locale" / "vi"
HEAD = """# The life of a ticket

Printed by `tools/lifecycle.py` from `caunoi/tickets/lifecycle.py`, which decides. `stay`: the state does not change;
`back`: to where it was asked from. Overdue is computed, never a state.
"""


def page() -> str:
    """The diagram, what each move is called, who may do it with what, who hears of it, and what follows."""
    words = {entry.msgid: entry.msgstr for part in sorted(LOCALE.glob("*.po")) for entry in polib.pofile(str(part))}
    moves = list(MOVES.values())
    parts = [
        HEAD,
        f"```mermaid\n{diagram()}\n```\n",
        _table(
            ["move", "button", "nút", "from", "to", "who", "needs", "may bring"],
            [
                [
                    move.name,
                    move.label,
                    words[move.label],
                    _list(sorted(move.sources)),
                    move.target,
                    _list(sorted(move.roles)),
                    _list(datum.name for datum in move.needs),
                    _list(datum.name for datum in move.may),
                ]
                for move in moves
            ],
        ),
        "## Who hears of it\n\nThe history of the ticket says it to the staff, to its citizen and to anybody (`=`: the "
        "same words); a notice goes to its audience, short and, where there is room, long.\n",
        _table(
            ["move", "staff", "citizen", "anybody", "to whom", "short", "long"],
            [[move.name, *cells] for move in moves for cells in _audiences(move)],
        ),
        "## What is asked for\n\nEach field of a move's form, and of the API, with its kind. Words that the citizen "
        "may read are marked.\n",
        _table(
            ["move", "datum", "kind", "of", "label", "hint", "citizen reads", "insisted on", "lines", "first"],
            [
                [
                    move.name,
                    datum.name,
                    datum.kind,
                    datum.of,
                    datum.label,
                    datum.hint,
                    "yes" if datum.citizen else "",
                    "yes" if datum.expected else "",
                    str(datum.rows) if datum.kind == "words" else "",
                    _code(datum.initial),
                ]
                for move in moves
                for datum in move.takes.values()
            ],
        ),
        "## What follows\n\nWho makes the move, what it writes further, who else may judge it, what takes it back; "
        "which tasks of `flow.py` react; on which hand-over of the agency it acts; with whom the ticket lies then.\n",
        _table(
            ["move", "icon", "key", "advice", "by the code of", "reactions", "hand-over", "lies with", "counts as"],
            [
                [
                    move.name,
                    move.icon,
                    move.key,
                    move.advice,
                    _list(_paths(move), "<br>"),
                    _list(move.reactions),
                    _leg(move.leg),
                    move.holder,
                    move.counts,
                ]
                for move in moves
            ],
        ),
    ]
    return "\n".join(parts)


def _audiences(move: Move) -> Iterator[list[str]]:
    """The lines of a move: its history and its first notice, then a line for each more."""
    said = [move.history.staff, move.history.citizen, move.history.public] if move.history else ["", "", ""]
    notices = [*move.notices, *([("followers", move.followers)] if move.followers else [])]
    for n, (audience, *texts) in enumerate(notices or [("",)]):
        yield [*(said if n == 0 else ["", "", ""]), audience, *[*texts, "", ""][:2]]


def _paths(move: Move) -> Iterator[str]:
    for what in ("owner", "effect", "condition"):
        if path := getattr(move, what):
            yield f"{what}: {_code(path)}"
    yield from (f"undo: {_code(path)}" for path in move.undo)


def _leg(leg: Leg | None) -> str:
    if leg is None:
        return ""
    asked = {None: "", True: ", more time asked for", False: ", no more time asked for"}[leg.extension_asked]
    return f"{leg.role or 'any'}: {', '.join(sorted(leg.states))}{asked}"


def _code(path: str) -> str:
    return f"`{path.removeprefix('caunoi.')}`" if path else ""


def _list(items: Iterable[str], between: str = ", ") -> str:
    return between.join(items)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows)) + "\n"


if __name__ == "__main__":
    print(page(), end="")
