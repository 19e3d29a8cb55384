"""Prints docs/lifecycle.md from the table of caunoi/tickets/lifecycle.py and the words of caunoi/locale."""

from pathlib import Path

import polib

from caunoi.tickets.lifecycle import MOVES, diagram

LOCALE = Path(__file__).parents[1] / "caunoi" / "locale" / "vi"
HEAD = """# The life of a ticket

Printed by `tools/lifecycle.py` from `caunoi/tickets/lifecycle.py`, which decides. `stay`: the state does not change;
`back`: to where it was asked from. Overdue is computed, never a state.
"""


def page() -> str:
    """The diagram, what each move is called, and who may do it with what."""
    words = {entry.msgid: entry.msgstr for part in sorted(LOCALE.glob("*.po")) for entry in polib.pofile(str(part))}
    rows = [
        [
            move.name,
            move.label,
            words[move.label],
            ", ".join(sorted(move.sources)),
            move.target,
            ", ".join(sorted(move.roles)),
            ", ".join(datum.name for datum in move.needs),
            ", ".join(datum.name for datum in move.may),
        ]
        for move in MOVES.values()
    ]
    heads = ["move", "button", "nút", "from", "to", "who", "needs", "may bring"]
    table = "\n".join(f"| {' | '.join(cells)} |" for cells in (heads, ["---"] * len(heads), *rows))
    return f"{HEAD}\n```mermaid\n{diagram()}\n```\n\n{table}\n"


if __name__ == "__main__":
    print(page(), end="")
