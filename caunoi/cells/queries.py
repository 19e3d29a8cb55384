"""The catalogue that we hold, our own key, and the editions that came in."""

from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import Max, QuerySet
from django.utils.timezone import now

from caunoi import __version__
from caunoi.cells.models import Plane, PlaneEdition
from caunoi.directory.queries import option_now, province_code
from caunoi.jobs.models import Release
from caunoi.lib import cells
from caunoi.lib.cells import Catalogue, CatalogueError
from caunoi.lib.crypto import succession
from caunoi.procedures.models import Import
from caunoi.vault import shared_keys


def plane() -> Plane | None:
    """What we hold of the control plane that the options name; None where none is named, or it never was asked."""
    key = str(option_now("plane_key"))
    return Plane.objects.filter(key=key).first() if key and option_now("plane_address") else None


def is_member() -> bool:
    """Whether the options name a control plane."""
    return bool(option_now("plane_key") and option_now("plane_address"))


def catalogue() -> Catalogue | None:
    """The newest one that we hold, verified anew; None where there is none, or the row was changed."""
    row = plane()
    if row is None or not row.number:
        return None
    try:
        return cells.read_catalogue(bytes(row.document), row.signature, cells.public_key(row.key))
    except (CatalogueError, ValueError):
        return None


def own_key() -> Ed25519PrivateKey:
    """By which we sign what we say to other cells: the one that the catalogue names where we have it, else the newest.
    OSError; ValueError where the file holds none."""
    keys, _public = succession.read_keys(shared_keys.read(shared_keys.CELL))
    newest = catalogue()
    own = newest.cells.get(province_code()) if newest else None
    return next((one for one in keys if own and succession.raw(one.public_key()) == own.key), keys[0])


def newest_key() -> bytes:
    """The public part of the key that we want the catalogue to name. OSError, ValueError."""
    keys, _public = succession.read_keys(shared_keys.read(shared_keys.CELL))
    return succession.raw(keys[0].public_key())


def upgraded() -> datetime:
    """Since when this release has been at work."""
    release = Release.objects.filter(version=__version__).first()
    return release.at if release else now()


def newest_numbers(row: Plane) -> dict[str, int]:
    """The highest edition of each subject that came in."""
    return dict(row.editions.values_list("subject").annotate(newest=Max("number")))


def editions() -> QuerySet[PlaneEdition]:
    """Those of the control plane that is named, the newest first, without their content."""
    row = plane()
    every = PlaneEdition.objects.select_related("incoming").defer(
        "raw", "document", "trail", "incoming__raw", "incoming__plan", "incoming__oddities", "incoming__trail"
    )
    return every.filter(plane=row).order_by("-pk") if row else every.none()


def edition(pk: int) -> PlaneEdition | None:
    """One of them."""
    return editions().filter(pk=pk).first()


def waiting() -> list[PlaneEdition]:
    """What an administrator has to decide on."""
    return [row for row in editions() if state(row) == PlaneEdition.State.WAITING]


STATES = {
    Import.State.DONE: PlaneEdition.State.DONE,
    Import.State.DROPPED: PlaneEdition.State.DROPPED,
    Import.State.UNDONE: PlaneEdition.State.UNDONE,
}


def state(row: PlaneEdition) -> str:
    """Where it stands; of procedures as its import does."""
    if row.incoming is None:
        return row.state
    return STATES.get(Import.State(row.incoming.state), PlaneEdition.State.WAITING)
