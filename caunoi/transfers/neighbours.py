"""Who this installation is among the cells, and who the others are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import monotonic

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from caunoi.cells import queries
from caunoi.directory.queries import option, province_code
from caunoi.lib.cells import Catalogue, Cell
from caunoi.lib.places import gazetteer

FRESH = 5.0  # seconds for which a process need not look again


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """The catalogue that we hold, the own code in it, and what gives the key by which this cell signs."""

    own: str
    catalogue: Catalogue
    signer: Callable[[], Ed25519PrivateKey]

    @property
    def others(self) -> Sequence[Cell]:
        """The other provinces, in the order of their codes."""
        return [cell for code, cell in sorted(self.catalogue.cells.items()) if code != self.own]


def name_of(cell: Cell) -> str:
    """The province of a cell; the catalogue may name it by its hotline, and all of those have one name."""
    unit = gazetteer.unit(cell.code)
    return unit.name if unit else cell.name


_last: list[tuple[float, Neighbourhood | None]] = []


def neighbourhood() -> Neighbourhood | None:
    """None where no catalogue is held here, or it does not name this installation."""
    if not _last or monotonic() - _last[0][0] > FRESH:
        _last[:] = [(monotonic(), _load())]
    return _last[0][1]


def forget() -> None:
    """Look again."""
    _last.clear()


def _load() -> Neighbourhood | None:
    catalogue = queries.catalogue() if option("plane_key") else None
    own = province_code()
    if catalogue is None or own not in catalogue.cells:
        return None
    return Neighbourhood(own=own, catalogue=catalogue, signer=queries.own_key)
