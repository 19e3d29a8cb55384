"""Issued reports stay, but may no longer be valid: recalled, or replaced by another one; and their numbers."""

from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, administrators_only
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.reports import actions, queries
from caunoi.reports.models import Recall, Register, Report
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError


@transaction.atomic
def recall(row: Report, reason: str, *, by: Actor) -> Recall:
    """From now on an issued report is no longer valid. NotAllowedError for who does not sign; MissingDataError without
    a reason; NotPossibleError where it is not issued, or already recalled."""
    if not by.has(*queries.SIGNS) or by.area_id is not None:
        raise NotAllowedError("report")
    locked = Report.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if locked.state != Report.State.ISSUED or queries.recall(locked) is not None:
        raise NotPossibleError("report")
    if not (why := nfc(reason).strip()[:300]):
        raise MissingDataError({"reason"})
    made = Recall.objects.create(report=locked, reason=why, by=by.name, at=now())
    record("report.recall", locked, by=by)
    return made


def stamp(row: Report) -> None:
    """Write the marked copies of a report that is no longer valid. The issued files are not touched."""
    recalled = queries.recall(row)
    if recalled is None or row.at is None or row.issued is None:
        return
    with override("vi"):
        new = queries.replacement(row)
        replaced = new is not None and new.issued is not None
        m = actions.material(
            row,
            number=row.number,
            day=localdate(row.issued),
            notice=queries.recalled(row, recalled),
            mark=_("REPLACED") if replaced else _("RECALLED"),
        )
        recalled.papers = {form: actions.store(form, content) for form, content in actions.papers(row, m)}
    recalled.save(update_fields=["papers"])


@transaction.atomic
def begin_at(series: str, year: int, number: int, *, by: Actor) -> Event | None:
    """The next report of a series and year gets this number: where a register on paper was begun before.
    NotPossibleError for a number that is not above those of all reports."""
    administrators_only(by)
    Register.objects.get_or_create(series=series, year=year)
    register = Register.objects.select_for_update().get(series=series, year=year)
    _last, highest = queries.register(series, year)
    if number <= highest or not 0 < number < 100_000:
        raise NotPossibleError("number")
    if register.last == number - 1:
        return None
    before, register.last = register.last, number - 1
    register.save(update_fields=["last"])
    return record(
        "register.begin", register, by=by, label=series, year=year, before={"next": before + 1}, after={"next": number}
    )
