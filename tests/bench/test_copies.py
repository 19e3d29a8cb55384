"""Copies for the benches are what the product would have written: it finds nothing to mend in them.

Proves: A million published tickets for the benches by SQL from what the product wrote: words, counters, statistics,
references, indexes equal to what it would have written; kept in `var/bench-register` (or BENCH_HOME), shared by
portal and opendata"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client

from bench import copied, copies
from caunoi.conversations import queries as conversations
from caunoi.directory import queries as directory
from caunoi.lib.numbers import codes
from caunoi.opendata import queries as opendata
from caunoi.publication.actions.entries import _squares, _words
from caunoi.publication.models import Entry, Publication, Square
from caunoi.publication.queries import RegisterFilter, counted, listed, published
from caunoi.publication.readings import fresh
from caunoi.statistics import rollup
from caunoi.tickets import tally
from caunoi.tickets.models import Ticket

pytestmark = pytest.mark.django_db  # without it no test database is made
SEED, WANTED = 120, 400
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1"
# Each foreign key: how many rows name a row that is not there.
KEYS = """
SELECT conrelid::regclass::text, a.attname, confrelid::regclass::text, f.attname FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
JOIN pg_attribute f ON f.attrelid = confrelid AND f.attnum = confkey[1]
WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""


@dataclass(frozen=True)
class Register:
    """The ids of the publications that the product wrote and of their copies, and the indexes before."""

    originals: set[int]
    copied: list[Publication]
    indexes: list[Any]


def rows(sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given or None)
        return list(cursor.fetchall())


@pytest.fixture(scope="module")
def register(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Register]:
    kept: Path = settings.MEDIA_ROOT
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("files")
    directory.forget()
    conversations.inbox.cache_clear()
    with django_db_blocker.unblock(), transaction.atomic():
        indexes = rows(INDEXES)
        copies.originals(SEED, WANTED)
        originals = set(published().values_list("pk", flat=True))
        copies.copy(WANTED)
        yield Register(originals, list(published().exclude(pk__in=originals).order_by("pk")), indexes)
        transaction.set_rollback(True)
    settings.MEDIA_ROOT = kept
    directory.forget()
    conversations.inbox.cache_clear()


def test_there_are_as_many_as_asked_for_with_codes_of_their_own(register: Register) -> None:
    assert len(register.originals) + len(register.copied) == WANTED == published().count()
    assert opendata.everything().count() == WANTED
    assert max(p.pk for p in register.copied) < min(register.originals)
    assert all(codes.parse(code) == code for code in Ticket.objects.values_list("code", flat=True))
    said = [p.text for p in register.copied]
    assert len(set(said)) == len(said)
    years = {p.ticket.received.year for p in register.copied}
    assert len(years) >= 3 and max(years) - min(years) <= 11


def test_every_row_that_a_copy_names_is_there(register: Register) -> None:
    found = rows(KEYS, [table.name for table in copied.TABLES])
    assert len(found) > 30
    for table, column, other, key in found:
        there = f"SELECT 1 FROM {other} o WHERE o.{key} = t.{column}"
        lost = f"SELECT count(*) FROM {table} t WHERE t.{column} IS NOT NULL AND NOT EXISTS ({there})"
        assert rows(lost) == [(0,)], (table, column)


def test_indexes_are_as_before(register: Register) -> None:
    def plain(found: list[Any]) -> list[tuple[str, str]]:
        return [(name, made.partition(" WHERE ")[0]) for name, made in found]  # PostgreSQL words a condition anew

    assert plain(rows(INDEXES)) == plain(register.indexes)


def test_words_for_searching_are_those_that_the_product_writes(register: Register) -> None:
    def written(value: Any) -> str:
        return str(rows("SELECT %s::tsvector::text", value.value)[0][0])

    entries = Entry.objects.in_bulk()
    for p in register.copied:
        assert entries[p.pk].vector == written(_words(p))


def test_the_public_text_is_what_the_raw_one_would_become(register: Register) -> None:
    for p in register.copied[:60]:
        made = fresh(p.ticket, p.answer)
        assert (made["text"].public, made["title"].public) == (p.text, p.title)


def test_the_counters_are_what_counting_anew_gives(register: Register) -> None:
    kept = {(s.level, s.block, s.x, s.y, s.category, s.area, s.agency, s.done): s.count for s in Square.objects.all()}
    anew: Counter[Any] = Counter()
    for entry in Entry.objects.defer("vector"):
        for s in _squares(entry, 1):
            anew[s.level, s.block, s.x, s.y, s.category, s.area, s.agency, s.done] += 1
    assert kept == dict(anew)
    assert counted(RegisterFilter())["all"] == WANTED
    assert rollup.recount(p.ticket_id for p in register.copied) == 0
    assert tally.recount() == 0


def test_pages_of_a_copy_tell_its_story(register: Register) -> None:
    p = register.copied[0]
    page = Client().get(f"/p/{p.ticket.code}")
    story = page.context["story"]
    assert p.text[-25:] in page.content.decode() and len(story) >= 3
    assert all(item.at.date().year in (p.ticket.received.year, p.ticket.received.year + 1) for item in story)
    number = p.text.rsplit(" ", 1)[1].rstrip(".")
    assert p.pk in [row.pk for row in listed(RegisterFilter(text=f"cột đèn {number}")).rows]
    assert Client().get(f"/api/v1/open/tickets/{p.ticket.code}").json()["due"] is not None
