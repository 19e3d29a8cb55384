import csv
import gzip
import io
import json
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.files.storage import default_storage
from django.db.models import Max, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.reports import named, saying, spans
from caunoi.reports.cases import BASE, Case
from caunoi.reports.cases import FIELDS as COLUMNS
from caunoi.reports.figures import turn
from caunoi.reports.models import Form, Paper, Recall, Register, Report
from caunoi.reports.spans import Kind, Span
from caunoi.reports.starters import starter
from caunoi.statistics.scope import NONE

READS = frozenset({Role.LEADER, Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN, Role.SYSTEM})
MAKES = frozenset({Role.LEADER, Role.SUPERVISOR, Role.REVIEWER, Role.SYSTEM})
WORKS = ("report.draft", "report.edit")
SIGNS = frozenset({Role.LEADER, Role.REVIEWER, Role.SYSTEM})
FIELDS = ("superior", "issuer", "series", "place", "name", "about", "body", "recipients", "signs", "signer")
PAGE = 25
MOMENTS = {"received", "due", "answered", "handled"}
COUNTS = {"returns", "extensions", "reopened", "contacts"}


class AlteredError(Exception):
    """A file differs from what was issued."""


def own(row: Report, by: Actor) -> bool:
    """Whether a deputy would sign off a report that they worked on themself."""
    workers = history(row).filter(kind__in=WORKS).values_list("by_user", flat=True)
    return any(by.deputises_for_own(user_id) for user_id in workers)


def may_make(by: Actor) -> bool:
    """Whether this member of staff drafts reports; not those who see only one area."""
    return by.has(*MAKES) and by.area_id is None


def may_sign(row: Report, by: Actor) -> bool:
    return by.has(*SIGNS) and by.area_id is None and not own(row, by)


def may_edit(row: Report, by: Actor) -> bool:
    """Whether the draft's text may be written now: its figures are there, and it is not issued."""
    return may_make(by) and row.state == Report.State.DRAFT and row.at is not None


def reports(by: Actor) -> QuerySet[Report]:
    """The reports this member of staff may read, the newest first: they are of the whole province, so not for those who
    see one area."""
    rows = Report.objects.select_related("form", "replaces", "recall").order_by("-id")
    return rows.exclude(state=Report.State.DROPPED) if by.has(*READS) and by.area_id is None else rows.none()


def report(by: Actor, pk: int) -> Report | None:
    return reports(by).filter(pk=pk).first()


def report_row(pk: int) -> Report | None:
    return Report.objects.filter(pk=pk).select_related("form", "replaces").first()


def version(row: Report) -> str:
    """Identifies a draft's text and figures, to notice changes."""
    return sha256(json.dumps([row.body, row.signer, str(row.at)]).encode()).hexdigest()[:12]


def last_change(row: Report, *kinds: str) -> Event | None:
    """When a draft's text was last edited or its figures refreshed, and by whom."""
    return history(row).filter(kind__in=kinds or ("report.edit", "report.refresh")).last()


def ahead(row: Report) -> Event | None:
    """Since when a draft's text differs from its papers, which are written with its figures."""
    written = last_change(row, "report.edit") if row.state == Report.State.DRAFT else None
    return written if written is not None and row.at is not None and written.at > row.at else None


def recall(row: Report) -> Recall | None:
    """The recall of an issued report, if there is one."""
    return Recall.objects.filter(report=row).first()


def replacement(row: Report) -> Report | None:
    """The report in the place of another, issued or on its way."""
    return Report.objects.filter(replaces=row).exclude(state=Report.State.DROPPED).first()


def numbered(row: Report) -> str:
    """ "01/BC-IOC" of an issued one."""
    return f"{row.number:02}/{row.series}"


def replacing(row: Report) -> str:
    """The notice on its paper about the report that it replaces; empty where it replaces none."""
    old = row.replaces
    if old is None or old.issued is None:
        return ""
    return _("Replaces report No. %(number)s of %(day)s: %(reason)s") % {
        "number": numbered(old),
        "day": saying.day(localdate(old.issued)),
        "reason": row.why,
    }


def recalled(row: Report, recall: Recall) -> str:
    """The notice on a marked copy: since when it is no longer valid, the number that replaced it, and why."""
    new, params = replacement(row), {"day": saying.day(localdate(recall.at)), "reason": recall.reason}
    if new is None or new.issued is None:
        return _("Recalled on %(day)s: %(reason)s") % params
    params |= {"number": numbered(new), "on": saying.day(localdate(new.issued))}
    return _("Replaced by report No. %(number)s of %(on)s: %(reason)s") % params


def register(series: str, year: int) -> tuple[int, int]:
    """Of a series and year: the last number given or set, and the highest that a report has."""
    row = Register.objects.filter(series=series, year=year).first()
    highest = Report.objects.filter(series=series, year=year).aggregate(most=Max("number"))["most"]
    return row.last if row else 0, highest or 0


def span(row: Report) -> Span:
    """A report's span, as it was when it was made."""
    return Span(kind=Kind(row.kind), code=row.code, since=row.since, until=row.until)


def compared(row: Report) -> dict[str, Span]:
    """The spans that it is compared with."""
    one = span(row)
    return {"before": spans.before(one, turn()), "year_before": spans.year_before(one, turn())}


def unread(row: Report) -> bool:
    """Whether its text names measures that its figures do not have."""
    read = row.figures.get("measured", {})
    return any(not set(groups) <= set(read.get(name, {})) for name, groups in named.measures(row.body).items())


def forms(kind: str) -> QuerySet[Form]:
    """Every version of a form, the newest first."""
    return Form.objects.filter(kind=kind).order_by("-version")


def form(kind: str) -> Form:
    """The form in force; where the province has not written its own, an unsaved one."""
    own_form = forms(kind).first()
    if own_form is not None:
        return own_form
    with override("vi"):
        return Form(kind=kind, version=0, **starter(kind, option("hotline_name"), option("place")))


def form_fields(form: Form) -> dict[str, str]:
    """A form's texts, by field."""
    return {name: getattr(form, name) for name in FIELDS}


def papers(row: Report) -> dict[str, Paper]:
    return {paper.form: paper for paper in Paper.objects.filter(report=row)}


def content(paper: Paper) -> bytes:
    """The bytes of a paper. AlteredError when they are not what its hash says."""
    return _bytes(paper.name, paper.sha256)


def marked(recall: Recall, form: str) -> bytes | None:
    """The bytes of the marked copy of a paper, once there is one. AlteredError as above."""
    copy = recall.papers.get(form)
    return _bytes(copy["name"], copy["sha256"]) if copy else None


def _bytes(name: str, digest: str) -> bytes:
    with default_storage.open(name) as file:
        data: bytes = file.read()
    if sha256(data).hexdigest() != digest:
        raise AlteredError(name)
    return data


def _moment(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def cases(row: Report) -> Iterator[Case]:
    """Every case that a report counts, as it was counted."""
    if not row.cases:
        return
    with default_storage.open(row.cases) as file, gzip.open(file) as unpacked:
        for one in csv.reader(io.TextIOWrapper(unpacked, "utf-8", newline="")):
            values: dict[str, Any] = dict(zip(COLUMNS, one))  # older files have fewer
            for name in MOMENTS & values.keys():
                values[name] = _moment(values[name])
            for name in COUNTS & values.keys():
                values[name] = int(values[name] or 0)
            yield Case(**values)


def counted(row: Report, by: str, key: str, part: str, of: str = "") -> Iterator[Case]:
    """The cases behind one figure, narrowed where given: to a group (NONE: those without one), one of the four parts,
    the cases of a measure of BASE."""
    code, base = "" if key == NONE else key, BASE.get(of)
    for case in cases(row):
        if (not part or case.part == part) and (not by or getattr(case, by) == code) and (not base or base(case)):
            yield case
