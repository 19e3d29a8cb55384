import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import FilteredRelation, Q, QuerySet
from django.urls import reverse

from caunoi.directory.models import Area
from caunoi.opendata import boundaries
from caunoi.opendata.boundaries import Boundaries
from caunoi.opendata.fields import STORED_FIELDS
from caunoi.opendata.models import Edition
from caunoi.publication import queries as publication
from caunoi.publication.models import Publication
from caunoi.store.places import StoreError
from caunoi.store.queries import fetch
from caunoi.tickets.lifecycle import OPEN

STORED = "open-data"  # the folder of editions in the store
LAST = "SHA256SUMS"  # is stored when all others are
_fetching = Lock()
_seen: set[str] = set()  # folders of editions that were whole


def published_rows(publications: QuerySet[Publication], *more: str) -> QuerySet[Any, tuple[Any, ...]]:
    """Published tickets as rows of `more` and STORED_FIELDS."""
    handle = FilteredRelation(
        "ticket__deadlines", condition=Q(ticket__deadlines__clock="handle", ticket__deadlines__leg=None)
    )
    rows = publications.select_related(None).annotate(handle=handle)
    return rows.values_list(*more, *(f.source for f in STORED_FIELDS if f.source))


def everything() -> QuerySet[Any, tuple[Any, ...]]:
    """All that is public, in the order in which it was published."""
    return published_rows(publication.published()).order_by("pk")


def stored(folder: str, name: str) -> str:
    """The name in the store of a file of the edition that has this folder."""
    return f"{STORED}/{folder}/{name}"


def copies() -> Path:
    """Where this host keeps copies of files that lie in a bucket. (Up to 0.1 the editions themselves.)"""
    return Path(settings.HOME) / "open-data"


def local(edition: Edition, name: str) -> Path:
    """One of its files on this machine's disk, fetched where it is not yet. FileNotFoundError, StoreError."""
    copy = copies() / edition.folder / name
    if copy.exists():
        return copy
    try:
        path = Path(default_storage.path(stored(edition.folder, name)))
    except NotImplementedError:
        with _fetching:  # many may ask for a new edition at once
            if not copy.exists():
                fetch(stored(edition.folder, name), copy)
        for other in copies().iterdir():
            if other.name != edition.folder:
                shutil.rmtree(other, ignore_errors=True)
        return copy
    if not path.exists():
        raise FileNotFoundError(path)
    return path


def newest() -> Edition | None:
    """The last edition that was made, whether it may still be served or not."""
    return Edition.objects.order_by("-id").first()


def fresh(edition: Edition) -> bool:
    """Whether nothing has been recalled since it was read."""
    return edition.recalls == publication.recalls()


def current() -> Edition | None:
    """The edition to serve, if there is one."""
    edition = newest()
    return edition if edition and fresh(edition) and _whole(edition) else None


def _whole(edition: Edition) -> bool:
    """Whether its files are there. They are not after a restore: backups leave them out."""
    if edition.folder in _seen or (copies() / edition.folder).is_dir():
        return True
    with suppress(StoreError):
        if default_storage.exists(stored(edition.folder, LAST)):
            _seen.add(edition.folder)
    return edition.folder in _seen


def areas() -> Iterator[tuple[str, str, Boundaries]]:
    """(code, name, boundaries) of every area that tickets may lie in, the retired ones too; the newest of each
    code."""
    seen = set()
    rows = Area.objects.exclude(parent=None).order_by("code", "-valid_from", "-id")
    for code, name, until in rows.values_list("code", "name", "valid_to"):
        if code not in seen:
            seen.add(code)
            yield code, name, boundaries.boundaries_of(code, until)


def page(
    *, category: str = "", area: str = "", agency: str = "", status: str = "", before: int | None = None, size: int
) -> list[dict[str, Any]]:
    """A page of open tickets, the last published first, from `before` (a publication's id) on; one more than `size`
    when there are more. Each is a mapping of FIELDS and its `id`."""
    status = {"closed": "done"}.get(status, status)
    filters = publication.RegisterFilter(category=category, area=area, agency=agency, status=status)
    listing = _open if status == "open" else publication.newest
    ids = listing(filters, before=before, size=size + 1)
    return _dressed(publication.published().filter(pk__in=ids).order_by("-pk"), size + 1)


def _open(filters: publication.RegisterFilter, *, before: int | None = None, size: int) -> list[int]:
    """The newest that somebody still works on. The register's index only knows which have no answer, and refused or
    merged ones have none either."""
    result: list[int] = []
    while ids := publication.newest(filters, before=before, size=size):
        rows = publication.published().filter(pk__in=ids, ticket__state__in=OPEN).order_by("-pk")
        result += rows.values_list("pk", flat=True)
        if len(result) >= size or len(ids) < size:
            break
        before = ids[-1]
    return result[:size]


def find(code: str) -> dict[str, Any] | None:
    """One open ticket by its code."""
    published = publication.find(code)
    rows = _dressed(publication.published().filter(pk=published.pk), 1) if published else []
    return rows[0] if rows else None


def address(code: str) -> str:
    """The address of a ticket's page."""
    return str(settings.PUBLIC_URL) + reverse("citizen:ticket", args=[code])


def _dressed(publications: QuerySet[Publication], limit: int) -> list[dict[str, Any]]:
    rows = []
    for pk, until, *values in published_rows(publications, "pk", "ticket__area__valid_to")[:limit]:
        row: dict[str, Any] = dict(zip((f.name for f in STORED_FIELDS), values, strict=True))
        if row["area_code"]:
            row |= boundaries.boundaries_of(row["area_code"], until).columns(row["area_code"], row["area"])
        rows.append({"id": pk, "url": address(row["code"]), **row})
    return rows
