"""Keeping the register's index up to date: entries, the squares of the map, and the edition that caches belong to."""

from collections.abc import Collection, Iterable, Iterator

from django.db import connection, transaction
from django.db.models import Value

from caunoi.jobs import turns
from caunoi.lib import locks
from caunoi.lib.places.squares import LEVELS, block, square
from caunoi.lib.vietnamese.writing import lexemes
from caunoi.publication.models import Change, Entry, Publication, Square
from caunoi.tickets.lifecycle import HANDLED

COLUMNS = ("shown", "done", "category_id", "area_id", "agency_id", "latitude", "longitude")


def _entry(publication: Publication) -> Entry:
    """The index entry as it should be, without the words."""
    ticket = publication.ticket
    return Entry(
        publication=publication,
        shown=publication.state == Publication.State.PUBLISHED,
        done=ticket.state in HANDLED,
        category_id=ticket.category_id,
        area_id=ticket.area_id,
        agency_id=ticket.agency_id,
        latitude=publication.latitude,
        longitude=publication.longitude,
    )


def _words(p: Publication) -> Value:
    return Value(lexemes([(p.title, "A"), (p.text, "B"), (p.place, "B"), (p.answer, "C")]))


def _existing(publications: Collection[Publication]) -> dict[int, Entry]:
    """The index entries as they are, locked."""
    rows = Entry.objects.filter(pk__in=[p.pk for p in publications]).defer("vector")
    return {row.pk: row for row in rows.order_by("pk").select_for_update()}


@transaction.atomic
def file(publications: Collection[Publication]) -> None:
    """Bring the index up to date with publications whose words may have changed."""
    existing, rows = _existing(publications), [_entry(publication) for publication in publications]
    for publication, entry in zip(publications, rows):
        entry.vector = _words(publication)
    fields = ["vector", *_fields()]
    Entry.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["publication"], update_fields=fields, batch_size=1000
    )
    _move((existing.get(row.pk), row) for row in rows)
    if any(row.shown or (row.pk in existing and existing[row.pk].shown) for row in rows):
        renew()


@transaction.atomic
def refile(tickets: Collection[int]) -> None:
    """The same where only the tickets changed: state, field, commune, agency."""
    publications = list(Publication.objects.filter(ticket__in=tickets).select_related("ticket").order_by("pk"))
    existing = _existing(publications)
    pairs = [(existing[p.pk], _entry(p)) for p in publications if p.pk in existing]
    changed = [(old, new) for old, new in pairs if _values(old) != _values(new)]
    Entry.objects.bulk_update([new for _, new in changed], _fields(), batch_size=500)
    _move(changed)
    if any(p.state == Publication.State.PUBLISHED for p in publications):
        renew()


def _fields() -> list[str]:
    return [name.removesuffix("_id") for name in COLUMNS]


def _values(entry: Entry) -> list[object]:
    return [getattr(entry, name) for name in COLUMNS]


def _move(pairs: Iterable[tuple[Entry | None, Entry]]) -> None:
    """Take entries out of the squares where they were counted, and count them where they are."""
    rows: list[Square] = []
    for old, new in pairs:
        if old is None or _values(old) != _values(new):
            rows += [*(_squares(old, -1) if old else ()), *_squares(new, 1)]
    Square.objects.bulk_create(rows, batch_size=2000)


def _squares(entry: Entry, count: int) -> Iterator[Square]:
    """Where an entry counts: in the whole, and at each level in the square of its place."""
    if not entry.shown:
        return
    values = {
        "category": entry.category_id,
        "area": entry.area_id,
        "agency": entry.agency_id,
        "done": entry.done,
        "count": count,
    }
    yield Square(level=0, block=0, x=0, y=0, **values)
    if entry.latitude is None or entry.longitude is None:
        return
    for level in LEVELS:
        x, y = square(level, entry.longitude, entry.latitude)
        yield Square(
            level=level,
            block=block(x, y),
            x=x,
            y=y,
            east=count * entry.longitude,
            north=count * entry.latitude,
            **values,
        )


FOLD = """
WITH fresh AS (
    SELECT DISTINCT level, block FROM publication_square WHERE NOT folded
), gone AS (
    DELETE FROM publication_square s USING fresh f WHERE s.level = f.level AND s.block = f.block RETURNING s.*
)
INSERT INTO publication_square (level, block, x, y, category, area, agency, done, count, east, north, folded)
SELECT level, block, x, y, category, area, agency, done, sum(count), sum(east), sum(north), true FROM gone
GROUP BY level, block, x, y, category, area, agency, done HAVING sum(count) <> 0
"""


@transaction.atomic
def fold() -> None:
    """Make one row of the rows of a square. The sums stay what they are at every moment."""
    if turns.alone(locks.FOLDS_REGISTER):
        with connection.cursor() as cursor:
            cursor.execute(FOLD)


def renew() -> None:
    """Begin a new edition when the caller's transaction commits: pages of the register cached before are no longer
    shown."""
    Change.objects.create()


SWEEP = """
WITH gone AS (DELETE FROM publication_change RETURNING id)
INSERT INTO publication_edition (id, swept) SELECT 1, count(*) FROM gone
ON CONFLICT (id) DO UPDATE SET swept = publication_edition.swept + excluded.swept
"""


def sweep() -> None:
    """Count the changes and sweep them away; the number of the edition stays what it is."""
    with connection.cursor() as cursor:
        cursor.execute(SWEEP)
