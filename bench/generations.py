"""Which copies are made of the originals, how far back in time, and what each says besides."""

import random
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from caunoi.cli import product  # noqa: F401  makes Django ready

# isort: split

from django.db import connection
from django.utils.timezone import localtime

from caunoi.lib.numbers import codes
from caunoi.lib.places.gazetteer import everything
from caunoi.lib.vietnamese.writing import fold, lexemes, norm, tokens
from caunoi.publication.models import Publication
from caunoi.tickets.lifecycle import HANDLED
from caunoi.tickets.numbering import numbers

YEARS, STILL_OPEN = 10, timedelta(days=90)
METRES_600 = 6  # steps of 0.001°, the grid of public places
LAMP_POSTS = 200_000

SENTENCE = " ngay trước quán zzwá zzwé, cột đèn {number}."
"""What a copy says besides; zzwá and zzwé become words with marks, {number} a lamp post's."""


def execute(sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given or None)
        return list(cursor.fetchall()) if cursor.description else []


def _vocabulary() -> tuple[list[str], list[int]]:
    """Words with marks, from common to rare: those of the country's place names, with how often they stand there."""
    found = Counter(
        word
        for unit in everything()
        for word in map(norm, tokens(unit.name.lower()))
        if word != fold(word) and word.isalpha()
    )
    return list(found), list(found.values())


def _templates(chosen: Sequence[Publication]) -> Iterable[tuple[int, str]]:
    """(ticket, its entry's words) as the product would write them, with the sentence's words left open."""
    said = SENTENCE.format(number="zznumber")
    for p in chosen:
        yield p.ticket_id, lexemes([(p.title, "A"), (p.text + said, "B"), (p.place, "B"), (p.answer, "C")])


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        raw = cursor.connection.cursor()  # type: ignore[union-attr]  # psycopg's own
        with raw.copy(f"COPY {table} FROM STDIN") as out:
            for row in rows:
                out.write_row(row)


def plan(chosen: Sequence[Publication], lacking: int) -> int:
    """Write down, in a table `copies`, each copy that is to be made; how many generations there are."""
    over = [p for p in chosen if p.ticket.state in HANDLED]
    dice = random.Random(6)
    words, weights = _vocabulary()
    generations = max(1, -(-lacking // max(1, len(over))))
    step = YEARS * 52 / generations
    execute(
        """
        CREATE TEMP TABLE templates (ticket bigint, entry_words text) ON COMMIT DROP;
        CREATE TEMP TABLE drawn (ticket bigint, generation int, back interval, north int, east int, code text,
                                 follow text, one text, one_plain text, two text, two_plain text, number text)
            ON COMMIT DROP
        """
    )
    _copy("templates", _templates(chosen))

    def rows() -> Iterable[tuple[Any, ...]]:
        left, received = lacking, {p.ticket_id: localtime(p.ticket.received) for p in chosen}
        plain = {word: fold(word) for word in words}
        for generation in range(1, generations + 1):
            back = timedelta(weeks=max(1, round(generation * step)))
            some = list(islice((p for p in (chosen if back <= STILL_OPEN else over)), left))
            left -= len(some)
            years = Counter((received[p.ticket_id] - back).year for p in some)
            known = {year: iter(numbers(year, count)) for year, count in years.items()}
            drawn = iter(dice.choices(words, weights, k=2 * len(some)))
            for p in some:
                year, one, two = (received[p.ticket_id] - back).year, next(drawn), next(drawn)
                yield (
                    p.ticket_id,
                    generation,
                    back,
                    dice.randint(-METRES_600, METRES_600),
                    dice.randint(-METRES_600, METRES_600),
                    codes.make(year, next(known[year])),
                    secrets.token_urlsafe(15),
                    one,
                    plain[one],
                    two,
                    plain[two],
                    str(dice.randint(1, LAMP_POSTS)),
                )

    planned = list(rows())
    _copy("drawn", planned)
    filled = "{}"
    for left_open, column in (
        ("zzwá", "one"),
        ("zzwa", "one_plain"),
        ("zzwé", "two"),
        ("zzwe", "two_plain"),
        ("zznumber", "number"),
    ):
        filled = f"replace({filled}, '{left_open}', {column})"
    sentence = "'" + SENTENCE.format(number="zznumber") + "'"
    execute(
        f"""
        CREATE TEMP VIEW copies AS
        SELECT d.ticket, d.generation, d.back, d.north, d.east, d.code, d.follow, {filled.format(sentence)} AS said,
               {filled.format("entry_words")} AS entry_words
        FROM drawn d JOIN templates USING (ticket);
        CREATE INDEX ON drawn (generation);
        ANALYZE drawn, templates
        """
    )
    return generations
