"""Keys as they are declared: what leads to a place from everywhere means nothing else on any page."""

import re
from pathlib import Path

import caunoi.web
from caunoi.tickets.lifecycle import MOVES, State
from caunoi.web.access import DESK
from caunoi.web.context import STAFF

TEMPLATES = Path(caunoi.web.__file__).parent / "templates"
DECLARED = re.compile(r'\b(?:data-)?key="([^"{]+)"')
BEGUN = re.compile(r'\b(?:data-)?key="([^"]+)"')  # what follows the first stroke may be filled in
EVERYWHERE = {place.key.split()[0] for place in STAFF if place.key} | {"?"}


def firsts() -> dict[str, list[str]]:
    """The first key of whatever has one, and where it is declared."""
    result: dict[str, list[str]] = {}
    for path in TEMPLATES.rglob("*.html"):
        for keys in DECLARED.findall(path.read_text()):
            result.setdefault(keys.split()[0].lower(), []).append(str(path.relative_to(TEMPLATES)))
    for move in MOVES.values():
        result.setdefault(move.key, []).append(move.name)
    return result


def test_no_page_takes_a_key_that_leads_somewhere_from_everywhere() -> None:
    assert {"g", "n", "?"} == EVERYWHERE
    assert {key: where for key, where in firsts().items() if key in EVERYWHERE} == {}


def test_no_key_of_one_stroke_is_the_beginning_of_a_longer_one() -> None:
    declared = {"?", *(place.key for place in STAFF if place.key), *(move.key for move in MOVES.values())}
    for path in TEMPLATES.rglob("*.html"):
        declared |= set(BEGUN.findall(path.read_text()))
    strokes = [keys.lower().split() for keys in declared if not keys.startswith(("{", "Ctrl "))]
    longer = {first for first, *rest in strokes if rest}
    assert longer == {"g", ".", ","}
    assert longer & {one[0] for one in strokes if len(one) == 1} == set()


def test_moves_that_stand_side_by_side_at_the_desk_have_keys_of_their_own() -> None:
    aside = ["j", "k", "t", "i"]  # the queue, the search for procedures and the call beside a ticket
    for state in State:
        for role in DESK:
            names = [move.name for move in MOVES.values() if state in move.sources and role in move.roles]
            keys = aside + [MOVES[name].key for name in names]
            assert len(set(keys)) == len(keys), (state, role, names)


def test_a_key_that_is_printed_is_the_key() -> None:
    wrong = [
        (str(path.relative_to(TEMPLATES)), key, shown)
        for path in TEMPLATES.rglob("*.html")
        for key, shown in re.findall(r'data-key="(\w)"(?:(?!data-key=).)*?<kbd>(\w)</kbd>', path.read_text(), re.DOTALL)
        if key != shown.lower()
    ]
    assert wrong == []
