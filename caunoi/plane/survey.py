"""How every cell of a catalogue is: all are asked at once, and one that does not answer is a row that says why."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx

from caunoi.lib.cells import Catalogue, Cell
from caunoi.plane import asking
from caunoi.plane.asking import SilentCellError

AT_ONCE = 16


@dataclass(frozen=True, kw_only=True)
class CellState:
    """`state`: ok, degraded, down, or silent (`why`); `behind`: what it does not hold in the newest edition;
    `stranger`: another key answers there than the catalogue's."""

    cell: Cell
    state: str
    why: str = ""
    version: str = ""
    upgraded: str = ""
    behind: list[str] = field(default_factory=list)
    stranger: bool = False

    @property
    def is_well(self) -> bool:
        return self.state == "ok" and not self.behind and not self.stranger


def survey(members: Iterable[Cell], newest: Catalogue | None) -> list[CellState]:
    """By code; `newest` is the catalogue that they should hold."""
    with asking.client() as http, ThreadPoolExecutor(AT_ONCE) as pool:
        rows = pool.map(lambda cell: _state(http, cell, newest), sorted(members, key=lambda one: one.code))
        return list(rows)


def _state(http: httpx.Client, cell: Cell, newest: Catalogue | None) -> CellState:
    try:
        about = asking.about(http, cell.address)
        state, reasons = asking.health(http, cell.address)
    except SilentCellError as error:
        return CellState(cell=cell, state="silent", why=str(error))
    behind = []
    if newest and about.catalogue < newest.number:
        behind.append("catalogue")
    if newest:
        behind += [subject for subject, number in newest.editions.items() if about.editions.get(subject, 0) < number]
    return CellState(
        cell=cell,
        state=state,
        why=", ".join(reasons),
        version=about.version,
        upgraded=about.upgraded,
        behind=behind,
        stranger=(about.cell.code, about.cell.key) != (cell.code, cell.key),
    )
