import csv
import gzip
import io
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import override

from caunoi.conversations.queries.channels import channel_names
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, administrators_only
from caunoi.events.models import Event
from caunoi.jobs import replica
from caunoi.lib.vietnamese.writing import nfc
from caunoi.reports import cases as behind
from caunoi.reports import compose, figures, markup, named, pdf, prose, queries, sheet, spans, word
from caunoi.reports.cases import FIELDS as COLUMNS
from caunoi.reports.compose import Material
from caunoi.reports.models import Form, Paper, Recall, Register, Report
from caunoi.reports.queries import FIELDS
from caunoi.statistics import rollup
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError

State = Report.State
Progress = Callable[[int], None]


class UnknownNamesError(Exception):
    """A form's text has unknown `names`."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(", ".join(names))
        self.names = names


class OvertakenError(Exception):
    """Somebody has changed it since it was read to be edited or signed off."""


def check(text: str) -> None:
    """UnknownNamesError when a name in braces is unknown."""
    if names := markup.unknown(text, compose.TEXT, compose.ALONE):
        raise UnknownNamesError(names)


def _may(by: Actor, roles: Iterable[Any]) -> None:
    if not by.has(*roles) or by.area_id is not None:
        raise NotAllowedError("report")


@transaction.atomic
def write_form(kind: str, *, by: Actor, **values: str) -> Form:
    """A new version of a form; older reports keep theirs. UnknownNamesError; MissingDataError without issuer, series,
    place, name, subject or text."""
    administrators_only(by)
    fields = {name: nfc(values.get(name, "")).replace("\r\n", "\n").strip() for name in FIELDS}
    if lacking := {name for name in ("issuer", "series", "place", "name", "about", "body") if not fields[name]}:
        raise MissingDataError(lacking)
    check(fields["body"])
    check(fields["about"])
    last = queries.forms(kind).select_for_update().first()
    before = queries.form_fields(last) if last else queries.form_fields(queries.form(kind))
    row = Form.objects.create(kind=kind, version=last.version + 1 if last else 1, by=by.name, at=now(), **fields)
    changed = {name: fields[name] for name in FIELDS if before[name] != fields[name]}
    before = {name: before[name] for name in changed}
    record("form.write", row, by=by, of=kind, version=row.version, after=changed, before=before)
    return row


@transaction.atomic
def draft(kind: str, code: str, *, by: Actor) -> Report:
    """Begin a report; its figures are read in the background. ValueError for a code that is no span of this kind."""
    _may(by, queries.MAKES)
    span = spans.parse(code, figures.turn())
    if span.kind != kind or span.since >= now():
        raise ValueError(code)
    form = _form(kind, by)
    row = Report.objects.create(
        kind=kind,
        code=span.code,
        since=span.since,
        until=span.until,
        form=form,
        state=State.MAKING,
        body=form.body,
        signer=form.signer,
        by=by.name,
        made=now(),
    )
    record("report.draft", row, by=by, of=kind, code=code)
    return row


def _form(kind: str, by: Actor) -> Form:
    """The form in force, saved by the first report that needs it."""
    form = queries.form(kind)
    if form.pk is None:
        values = queries.form_fields(form) | {"by": by.name, "at": now()}
        form, _new = Form.objects.get_or_create(kind=kind, version=1, defaults=values)
    return form


@transaction.atomic
def replace(row: Report, reason: str, *, by: Actor) -> Report:
    """Begin a report in place of an issued one: with its text and new figures. The old one is valid until this is
    issued. Asked twice, it is the same. MissingDataError without a reason; NotPossibleError where it was replaced."""
    _may(by, queries.MAKES)
    old, why = _locked(row, State.ISSUED), nfc(reason).strip()[:300]
    if (begun := queries.replacement(old)) is not None:
        if begun.state == State.ISSUED:
            raise NotPossibleError("report")
        return begun
    if not why:
        raise MissingDataError({"reason"})
    made = Report.objects.create(
        kind=old.kind,
        code=old.code,
        since=old.since,
        until=old.until,
        form=_form(old.kind, by),
        state=State.MAKING,
        body=old.body,
        signer=old.signer,
        by=by.name,
        made=now(),
        replaces=old,
        why=why,
    )
    record("report.draft", made, by=by, of=old.kind, code=old.code)
    return made


def _locked(row: Report, *states: State) -> Report:
    """The report as it is now, locked. NotPossibleError in another state."""
    locked = Report.objects.select_for_update(of=("self",)).select_related("form", "replaces").get(pk=row.pk)
    if locked.state not in states:
        raise NotPossibleError("report")
    return locked


@transaction.atomic
def refresh(row: Report, *, by: Actor) -> Report:
    """Read the figures of a draft again; the text stays. Also for one that a dead worker left unfinished."""
    _may(by, queries.MAKES)
    locked = _locked(row, State.DRAFT, State.MAKING)
    locked.state, locked.progress, locked.trouble = State.MAKING, 0, ""
    locked.save(update_fields=["state", "progress", "trouble"])
    record("report.refresh", locked, by=by)
    return locked


def _as_read(row: Report, version: str | None) -> None:
    """OvertakenError when a person read another `version` (queries.version); None: no person read it."""
    if version is not None and version != queries.version(row):
        raise OvertakenError


@transaction.atomic
def edit(row: Report, *, body: str, signer: str, by: Actor, version: str | None = None) -> Report:
    """Write a draft's text; where it names measures that were not read, its figures are read again. UnknownNamesError;
    OvertakenError when it is no longer the `version` that the writer began with."""
    _may(by, queries.MAKES)
    locked = _locked(row, State.DRAFT)
    _as_read(locked, version)
    locked.body, locked.signer = nfc(body).replace("\r\n", "\n").strip() or locked.form.body, nfc(signer).strip()[:120]
    check(locked.body)
    locked.save(update_fields=["body", "signer"])
    record("report.edit", locked, by=by)
    return refresh(locked, by=by) if queries.unread(locked) else locked


@transaction.atomic
def drop(row: Report, *, by: Actor) -> Event:
    """Drop a draft."""
    _may(by, queries.MAKES)
    locked = _locked(row, State.DRAFT)
    Report.objects.filter(pk=locked.pk).update(state=State.DROPPED)
    return record("report.drop", locked, by=by)


@transaction.atomic
def restore(row: Report, *, by: Actor) -> Event:
    """Restore a dropped draft. NotPossibleError where another has taken its place."""
    _may(by, queries.MAKES)
    locked = _locked(row, State.DROPPED)
    if locked.replaces is not None and queries.replacement(locked.replaces) is not None:
        raise NotPossibleError("report")
    Report.objects.filter(pk=locked.pk).update(state=State.DRAFT)
    return record("report.restore", locked, by=by)


@transaction.atomic
def issue(row: Report, *, by: Actor, version: str | None = None) -> Report:
    """Sign a draft off: it gets the next number and today's date, and never changes again. The papers are written in
    the background. Twice is once. NotAllowedError for a deputy who worked on it; NotPossibleError without figures;
    OvertakenError when it is no longer the `version` that was read."""
    _may(by, queries.SIGNS)
    if queries.own(row, by):
        raise NotAllowedError("own_report")
    locked = _locked(row, State.DRAFT, State.ISSUING)
    if locked.state == State.DRAFT:
        _as_read(locked, version)
    if locked.at is None:
        raise NotPossibleError("report")
    locked.state, locked.progress, locked.issued_by, locked.trouble = State.ISSUING, 0, by.name, ""
    locked.save(update_fields=["state", "progress", "issued_by", "trouble"])
    record("report.issue", locked, by=by)
    return locked


def prepare(row: Report, *, progress: Progress = lambda percent: None, at: datetime | None = None) -> None:
    """Read the figures of a report, store its cases and write its papers; it is a draft then. Idempotent."""
    if row.state != State.MAKING:
        return
    moment, measures = at or now(), named.measures(f"{row.body}\n{row.form.about}")
    rollup.fresh()
    read = replica.read(lambda: figures.reading(queries.span(row), moment, measures))
    progress(30)
    packed, count = replica.read(lambda: _pack_cases(row, moment))
    file_name = default_storage.save(_name("csv.gz"), ContentFile(packed))
    progress(55)
    with override("vi"):
        text = prose.summary(
            read, queries.span(row), queries.compared(row), hotline=option("hotline_name"), small=option("small_number")
        )
    row.at, row.figures, row.summary, row.cases = moment, read | {"cases": count}, text, file_name
    with transaction.atomic():
        _locked(row, State.MAKING)
        _write(row, progress)
        row.state, row.progress = State.DRAFT, 100
        row.save(update_fields=["at", "figures", "summary", "cases", "state", "progress"])


def _pack_cases(row: Report, at: datetime) -> tuple[bytes, int]:
    """Every case that is counted, as it is now, as a packed table; and how many."""
    count, out = 0, io.BytesIO()
    with (
        gzip.GzipFile(fileobj=out, mode="wb", mtime=0) as packed,
        io.TextIOWrapper(packed, "utf-8", newline="") as text,
    ):
        sink = csv.writer(text)
        for case in behind.every(figures.scope(queries.span(row), at)):
            sink.writerow(_plain(getattr(case, name)) for name in COLUMNS)
            count += 1
    return out.getvalue(), count


def _plain(value: str | datetime | None) -> str:
    return value.isoformat() if isinstance(value, datetime) else value or ""


def _name(ending: str) -> str:
    return f"reports/{localdate():%Y/%m}/{secrets.token_urlsafe(16)}.{ending}"


def material(
    row: Report, *, number: int | None = None, day: date | None = None, notice: str = "", mark: str = ""
) -> Material:
    """The content of a report's papers; `notice` and `mark` are for a copy of one that is no longer valid."""
    return Material(
        head=queries.form_fields(row.form),
        body=row.body,
        signer=row.signer,
        span=queries.span(row),
        compared=queries.compared(row),
        figures=row.figures,
        summary=row.summary,
        hotline=option("hotline_name"),
        small=option("small_number"),
        way=f"{settings.STAFF_URL}/board/reports/{row.pk}/cases",
        names=channel_names(),
        number=number,
        day=day,
        notice=notice or queries.replacing(row),
        mark=mark,
    )


def papers(row: Report, m: Material) -> Iterator[tuple[str, bytes]]:
    """A report's three papers, form and content, one after the other. The same report gives the same bytes."""
    assert row.at is not None
    paper = compose.paper(m)
    yield "pdf", pdf.render(paper, row.at)
    yield "docx", word.render(paper, row.at)
    yield "xlsx", sheet.render(paper, m, queries.cases(row), row.figures["cases"], figures.names())


def _write(row: Report, progress: Progress, *, number: int | None = None, day: date | None = None) -> None:
    with override("vi"):
        written = papers(row, material(row, number=number, day=day))
        for percent, (form, content) in zip((70, 80, 90), written, strict=True):
            Paper.objects.update_or_create(report=row, form=form, defaults=store(form, content))
            progress(percent)


def store(form: str, content: bytes) -> dict[str, Any]:
    """Store a paper's bytes; returns {name, size, sha256}."""
    name = default_storage.save(_name(form), ContentFile(content))
    return {"name": name, "size": len(content), "sha256": sha256(content).hexdigest()}


@transaction.atomic
def seal(row: Report, *, progress: Progress = lambda percent: None, day: date | None = None) -> None:
    """Give a report that is being issued its number and write its final papers, or do neither. Idempotent.

    The series' register is locked until the end, so that numbers follow each other without a gap in the order in which
    the papers are finished."""
    locked = Report.objects.select_for_update(of=("self",)).select_related("form", "replaces").get(pk=row.pk)
    if locked.state != State.ISSUING:
        return
    today = day or localdate()
    series = locked.form.series
    Register.objects.get_or_create(series=series, year=today.year)
    register = Register.objects.select_for_update().get(series=series, year=today.year)
    register.last += 1
    register.save(update_fields=["last"])
    _write(locked, progress, number=register.last, day=today)
    locked.series, locked.year, locked.number = series, today.year, register.last
    locked.state, locked.progress, locked.issued = State.ISSUED, 100, now()
    locked.save(update_fields=["series", "year", "number", "state", "progress", "issued"])
    if locked.replaces is not None:  # from now on that one is no longer valid
        values = {"reason": locked.why, "by": locked.issued_by, "at": now()}
        Recall.objects.get_or_create(report=locked.replaces, defaults=values)
        record("report.replace", locked.replaces, by=SYSTEM, number=register.last)


def failed(row: Report, trouble: str) -> None:
    """It could not be made or issued: back to a draft, with what went wrong."""
    rows = Report.objects.filter(pk=row.pk, state__in=[State.ISSUING, State.MAKING])
    rows.update(state=State.DRAFT, trouble=trouble[:300])


def at(row: Report, percent: int) -> None:
    """How far the work on a report is."""
    Report.objects.filter(pk=row.pk, state__in=[State.MAKING, State.ISSUING]).update(progress=percent)
