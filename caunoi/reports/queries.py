import csv
import gzip
import io
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.utils.translation import override

from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.reports import spans
from caunoi.reports.cases import Case
from caunoi.reports.figures import turn
from caunoi.reports.models import Form, Paper, Report
from caunoi.reports.spans import Kind, Span
from caunoi.reports.starters import starter
from caunoi.statistics.scope import NONE

READS = frozenset({Role.LEADER, Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN, Role.SYSTEM})
MAKES = frozenset({Role.LEADER, Role.SUPERVISOR, Role.REVIEWER, Role.SYSTEM})
SIGNS = frozenset({Role.LEADER, Role.REVIEWER, Role.SYSTEM})
FIELDS = ("superior", "issuer", "series", "place", "name", "about", "body", "recipients", "signs", "signer")
PAGE = 25
COLUMNS = tuple(Case.__dataclass_fields__)


class Altered(Exception):
    """A file is no longer what was issued."""


def reports(by: Actor) -> QuerySet[Report]:
    """The reports this member of staff may read, the newest first: they are of the whole province, so not for those who
    see one area."""
    found = Report.objects.select_related("form").order_by("-id")
    return found.exclude(state=Report.State.DROPPED) if by.has(*READS) and by.area_id is None else found.none()


def report(by: Actor, pk: int) -> Report | None:
    return reports(by).filter(pk=pk).first()


def report_row(pk: int) -> Report | None:
    return Report.objects.filter(pk=pk).select_related("form").first()


def span(row: Report) -> Span:
    """What a report is about, as it was when it was made."""
    return Span(kind=Kind(row.kind), code=row.code, since=row.since, until=row.until)


def compared(row: Report) -> dict[str, Span]:
    """What it is compared with."""
    one = span(row)
    return {"before": spans.before(one, turn()), "year_before": spans.year_before(one, turn())}


def forms(kind: str) -> QuerySet[Form]:
    """Every version of a form, the newest first."""
    return Form.objects.filter(kind=kind).order_by("-version")


def form(kind: str) -> Form:
    """The form in force; where the province has not written its own, one that is not saved."""
    found = forms(kind).first()
    if found is not None:
        return found
    with override("vi"):
        return Form(kind=kind, version=0, **starter(option("hotline_name"), option("place")))


def form_row(pk: int) -> Form | None:
    return Form.objects.filter(pk=pk).first()


def said(form: Form) -> dict[str, str]:
    """What a form says, by field."""
    return {name: getattr(form, name) for name in FIELDS}


def papers(row: Report) -> dict[str, Paper]:
    return {paper.form: paper for paper in Paper.objects.filter(report=row)}


def content(paper: Paper) -> bytes:
    """The bytes of a paper. Altered when they are not what its hash says."""
    with default_storage.open(paper.name) as file:
        found: bytes = file.read()
    if sha256(found).hexdigest() != paper.sha256:
        raise Altered(paper.name)
    return found


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def cases(row: Report) -> Iterator[Case]:
    """Every case that a report counts, as it was counted."""
    if not row.cases:
        return
    with default_storage.open(row.cases) as file, gzip.open(file) as unpacked:
        for one in csv.reader(io.TextIOWrapper(unpacked, "utf-8", newline="")):
            values = dict(zip(COLUMNS, one, strict=True))
            received = datetime.fromisoformat(values.pop("received"))
            due, answered = _moment(values.pop("due")), _moment(values.pop("answered"))
            yield Case(received=received, due=due, answered=answered, **values)


def counted(row: Report, by: str, key: str, part: str) -> Iterator[Case]:
    """The cases behind one figure: of one group (NONE: those without one) and one of the four parts, where given."""
    wanted = "" if key == NONE else key
    for case in cases(row):
        if (not part or case.part == part) and (not by or getattr(case, by) == wanted):
            yield case
