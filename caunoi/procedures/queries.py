from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, F, Func, Max, Q, QuerySet
from django.utils.timezone import localdate

from caunoi.directory import queries as directory
from caunoi.directory.models import Agency
from caunoi.events.relations import relation
from caunoi.lib.vietnamese.writing import fold
from caunoi.procedures.finding import ProcedureAnswer as ProcedureAnswer
from caunoi.procedures.finding import ProcedureHit as ProcedureHit
from caunoi.procedures.finding import answer as answer
from caunoi.procedures.finding import sayings as sayings
from caunoi.procedures.finding import search as search
from caunoi.procedures.finding import search_result as search_result
from caunoi.procedures.finding import suggest as suggest
from caunoi.procedures.models import Import, Note, Procedure, Question, Synonym, Version
from caunoi.procedures.plan import ExistingProcedure
from caunoi.procedures.record import CODE, Record

PROCEDURES = relation(Procedure, "code name field agency retired")

LEVELS = ("Cấp bộ", "Cấp tỉnh", "Cấp xã", "Cơ quan khác")


def in_force() -> QuerySet[Procedure]:
    """The procedures that are not retired, with the version in force, in Vietnamese order."""
    return Procedure.objects.filter(retired=None, current__isnull=False).select_related("current").order_by("sort")


def find(code: str) -> Procedure | None:
    """A procedure by its code, a retired one too."""
    if not CODE.fullmatch(code := code.strip()):
        return None
    return Procedure.objects.select_related("current", "successor").filter(code=code).first()


def by_codes(codes: Sequence[str], *, lock: bool = False) -> list[Procedure]:
    """The procedures of these codes, in this order, without unknown ones; `lock` keeps an import from changing them
    before the caller's transaction ends."""
    rows = Procedure.objects.select_related("current").filter(code__in=codes)
    by_code = {p.code: p for p in (rows.select_for_update(no_key=True, of=("self",)) if lock else rows)}
    return [by_code[code] for code in codes if code in by_code]


def versions(procedure: Procedure) -> QuerySet[Version]:
    """Every version, the newest first."""
    return procedure.versions.select_related("source").order_by("-number")


def version(procedure: Procedure, number: int) -> Version | None:
    return procedure.versions.filter(number=number).first()


def ahead(procedure: Procedure) -> Version | None:
    """The version that comes into force later, if there is one."""
    coming = procedure.versions.filter(effective_from__gt=localdate())
    return coming.exclude(effective_to=F("effective_from")).order_by("number").first()


def notes(procedure: Procedure, area: str = "") -> QuerySet[Note]:
    """The province's own notes in force; with an area's code, those for everywhere and for there."""
    rows = procedure.notes.filter(active=True).select_related("area").order_by("area__sort", "id")
    return rows.filter(Q(area=None) | Q(area__code=area)) if area else rows


def every_note(procedure: Procedure) -> QuerySet[Note]:
    """All notes, removed ones last."""
    return procedure.notes.select_related("area").order_by("-active", "id")


def note(pk: int) -> Note | None:
    return Note.objects.filter(pk=pk).select_related("procedure", "area").first()


def fields() -> list[tuple[str, int]]:
    """The fields in force with how many procedures each has, the largest first."""
    rows = Procedure.objects.filter(retired=None).exclude(field="").values_list("field").annotate(n=Count("id"))
    return list(rows.order_by("-n", "field"))


def audiences() -> list[str]:
    """Groups of people that procedures in force apply to."""
    rows = Procedure.objects.filter(retired=None).values_list("audience", flat=True)
    return sorted({who for row in rows for who in row})


def browse_rows(*, field: str = "", audience: str = "", level: str = "") -> QuerySet[Procedure]:
    """The procedures in force, narrowed."""
    rows = in_force()
    if field:
        rows = rows.filter(field=field)
    if audience:
        rows = rows.filter(audience__contains=[audience])
    if level:
        rows = rows.filter(levels__contains=[level])
    return rows


def browse(
    *, field: str = "", audience: str = "", level: str = "", after: int | None = None, size: int = 30
) -> list[Procedure]:
    """A page of the procedures in force, in Vietnamese order; `after` is the id of the last one seen; one more than
    `size` when there are more."""
    rows = browse_rows(field=field, audience=audience, level=level)
    last = Procedure.objects.filter(pk=after).first() if after else None
    if last:
        rows = rows.filter(Q(sort__gt=last.sort) | Q(sort=last.sort, id__gt=last.pk))
    return list(rows.order_by("sort", "id")[: size + 1])


def existing() -> dict[str, ExistingProcedure]:
    """Everything we have, for plan.py."""
    newest = Version.objects.order_by("procedure_id", "-number").distinct("procedure_id")
    contents = {v.procedure_id: v for v in newest.iterator(chunk_size=1000)}
    return {
        p.code: ExistingProcedure(
            record=contents[p.pk].record,
            listed=p.listed,
            full_digest=p.full_digest,
            source=p.source,
            retired=p.retired is not None,
        )
        for p in Procedure.objects.all()
    }


def imports() -> QuerySet[Import]:
    """Every import, the newest first, without the raw files."""
    return Import.objects.defer("raw", "oddities", "plan", "trail").order_by("-id")


def import_row(pk: int) -> Import | None:
    return Import.objects.defer("raw", "trail").filter(pk=pk).first()


def undoable(row: Import) -> bool:
    """Whether it was applied and can be undone."""
    return Import.objects.filter(pk=row.pk, state=Import.State.DONE, trail__isnull=False).exists()


def waiting(pk: int) -> Import | None:
    """An uploaded file not read yet."""
    return Import.objects.filter(pk=pk, state=Import.State.WAITING).first()


def retired() -> QuerySet[Procedure]:
    """Retired procedures, the latest first."""
    return Procedure.objects.exclude(retired=None).select_related("current", "successor").order_by("-retired", "sort")


def _questions_since(since: datetime) -> QuerySet[Question]:
    return Question.objects.filter(at__gte=since).exclude(folded="")


def unfound(since: datetime, size: int = 15) -> list[dict[str, Any]]:
    """Searches without results: {folded, text, times, last}, the commonest first."""
    return _counted(_questions_since(since).filter(found=[]), 1, size)


def unpicked(since: datetime, size: int = 15) -> list[dict[str, Any]]:
    """Repeated searches whose results nobody ever opened."""
    rows = _questions_since(since).exclude(found=[])
    opened = rows.exclude(picked="").values("folded")
    return _counted(rows.exclude(folded__in=opened), 2, size)


def _counted(rows: QuerySet[Question], least: int, size: int) -> list[dict[str, Any]]:
    counted: Any = rows.values("folded").annotate(times=Count("id"), last=Max("at"), text=Max("text"))
    return list(counted.filter(times__gte=least).order_by("-times", "-last", "folded")[:size])


def sought(since: datetime) -> list[tuple[Procedure, int]]:
    """The procedures that were opened from searches most, with how often."""
    rows = Question.objects.filter(at__gte=since).exclude(picked="").values_list("picked")
    counts = dict(rows.annotate(times=Count("id")).order_by("-times", "picked")[:50])
    return [(procedure, counts[procedure.code]) for procedure in by_codes(list(counts))]


def never_found(since: datetime) -> QuerySet[Procedure]:
    """Procedures in force that no search returned."""
    code = Func("found", function="unnest", output_field=CharField())
    return in_force().exclude(code__in=Question.objects.filter(at__gte=since).annotate(code=code).values("code"))


def synonym(word: str) -> Synonym | None:
    """The province's own row for a word."""
    return Synonym.objects.filter(word=word).first()


def synonym_row(pk: int) -> Synonym | None:
    return Synonym.objects.filter(pk=pk).first()


def offices(record: Record, area: str) -> list[Agency]:
    """Where to go in a commune for a procedure: the agencies of the directory that are in its "cơ quan thực hiện", or
    the commune's own where it is done at that level."""
    folded = fold(f"{record.agency}\n{record.authority}")
    police = "cong an" in folded or "canh sat" in folded
    communal = "Cấp xã" in record.levels or "cap xa" in folded
    place, result = directory.area(area), []
    for agency in directory.agencies():
        own = place is not None and agency.area_id == place.pk
        if agency.kind == "commune":
            fits = own and communal and not police
        elif agency.kind == "police" and agency.area_id:
            fits = own and police
        else:
            fits = any(len(name) > 4 and name in folded for name in (fold(agency.name), fold(agency.short)))
        if fits:
            result.append(agency)
    return sorted(result, key=lambda agency: agency.kind != "commune")[:4]
