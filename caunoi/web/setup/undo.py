"""How each kind of change is taken back: by the same actions, so that the undo is an event too."""

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_date, parse_datetime

from caunoi.accounts import actions as accounts
from caunoi.accounts import queries as people
from caunoi.calls import actions as calls
from caunoi.calls import menus
from caunoi.calls import queries as hotline
from caunoi.conversations import actions as conversations
from caunoi.conversations import queries as inboxes
from caunoi.directory import actions as directory
from caunoi.directory import assurances, outages
from caunoi.directory import queries as rows
from caunoi.directory.options import OPTIONS
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.procedures import actions as procedures
from caunoi.procedures import queries as sayings
from caunoi.reorganisation import actions as reorganisation
from caunoi.reorganisation import queries as acts
from caunoi.reports import alerts
from caunoi.reports import queries as reports
from caunoi.reports.actions import write_form
from caunoi.routing import queries as rules
from caunoi.routing import rulebook
from caunoi.sla import actions as sla
from caunoi.sla import queries as targets
from caunoi.sla.actions import DuplicateTargetError
from caunoi.telephony.speaking import Act
from caunoi.triage import queries as proposals
from caunoi.triage.actions import set_limit


def _unchanged(row: Any, event: Event) -> bool:
    """Whether a row still says what the event made it say."""
    fields = {f.name: f for f in row._meta.concrete_fields}
    return all(
        fields[name].value_from_object(row) == fields[name].to_python(value)
        for name, value in event.data.get("after", {}).items()
    )


def _back(find: Callable[[int], Any], edit: Callable[..., Any]) -> Callable[[Event, Actor], bool]:
    """Restore a row's former values."""

    def take_back(event: Event, by: Actor) -> bool:
        row = find(event.subject_id)
        if row is None or not _unchanged(row, event):
            return False
        edit(row, by=by, **event.data["before"])
        return True

    return take_back


def _simply(find: Callable[[int], Any], action: Callable[..., Any]) -> Callable[[Event, Actor], bool]:
    """Undo a change by applying its opposite."""

    def take_back(event: Event, by: Actor) -> bool:
        row = find(event.subject_id)
        if row is not None:
            action(row, by=by)
        return row is not None

    return take_back


def _option(event: Event, by: Actor) -> bool:
    name, data = event.data["name"], event.data
    if name not in OPTIONS or "before" not in data or rows.option(name) != data["value"]:
        return False
    directory.set_option(name, data["before"], by=by)
    return True


def _calendar(event: Event, by: Actor) -> bool:
    row = rows.calendars().filter(pk=event.subject_id).first()
    if row is None or not _unchanged(row, event):
        return False
    before = {"name": row.name, "sessions": row.sessions} | event.data["before"]
    if before["sessions"] is None:
        return False
    directory.save_calendar(row.code, before["name"], before["sessions"], by=by)
    return True


def _set_day(before: Mapping[str, Any], by: Actor) -> None:
    calendar = rows.calendars().filter(code=before["calendar"]).first() if before["calendar"] else None
    day = parse_date(before["date"])
    assert day is not None
    directory.set_day(day, before["works"], note=before["note"], calendar=calendar, by=by)


def _day(event: Event, by: Actor) -> bool:
    row = rows.day(event.subject_id)
    if row is None or row.works != event.data["works"]:
        return False
    if event.data["before"]:
        _set_day(event.data["before"], by)
    else:
        directory.remove_day(row, by=by)
    return True


def _day_again(event: Event, by: Actor) -> bool:
    _set_day(event.data, by)
    return True


def _act(event: Event, by: Actor) -> bool:
    row = acts.act(event.subject_id)
    try:
        return row is not None and bool(reorganisation.unschedule(row, by=by))
    except reorganisation.NotADraftError:
        return False


def _target(event: Event, by: Actor) -> bool:
    row, old = targets.target_row(event.subject_id), targets.target_row(event.data.get("instead_of") or 0)
    if row is None or (event.kind == "target.change" and old is None):
        return False
    try:
        sla.restore_target(old or row, by=by, instead_of=row if old else None)
    except DuplicateTargetError:
        return False
    return True


def _rung_away(event: Event, by: Actor) -> bool:
    try:
        sla.remove_rung(event.data["code"], by=by)
    except KeyError:
        return False
    return True


def _rung_again(event: Event, by: Actor) -> bool:
    row = targets.rung(event.subject_id)
    if row is None:
        return False
    try:
        sla.add_rung(row.clock, row.to, percent=row.percent, minutes=row.minutes, by=by)
    except DuplicateTargetError:
        return False
    return True


def _form(event: Event, by: Actor) -> bool:
    """The former text becomes a new version, while nobody has written another."""
    kind, version = event.data["of"], event.data["version"]
    newest = reports.forms(kind).first()
    if newest is None or newest.version != version:
        return False
    write_form(kind, by=by, **(reports.form_fields(newest) | event.data["before"]))
    return True


def _limit(event: Event, by: Actor) -> bool:
    """The former limit, while nobody has set another."""
    category = rows.every_category().filter(pk=event.subject_id).first()
    if category is None or proposals.own_limits().get(category.code) != event.data["after"]["sure"]:
        return False
    set_limit(category, event.data["before"]["sure"], by=by)
    return True


def _menu_again(event: Event, by: Actor) -> bool:
    box = inboxes.inbox_row(event.data.get("box", 0))
    return box is not None and calls.restore_menu(box, event, by=by)


def _key(event: Event, by: Actor) -> bool:
    """A key does again what it did before, or nothing, while it does what the event made it do."""
    menu, key = menus.menu(event.subject_id), event.data["key"]
    if menu is None or "former" not in event.data:
        return False
    choice, former = next((one for one in menu.choices.all() if one.key == key), None), event.data["former"]
    if (choice.act if choice else "") != event.data["act"]:
        return False
    try:
        if former:
            calls.put_choice(menu, key, by=by, **former | {"act": Act(former["act"])})
        elif choice:
            calls.drop_choice(choice, by=by)
    except calls.BadPromptError:
        return False
    return True


def _notice_again(event: Event, by: Actor) -> bool:
    row, until = menus.notice(event.subject_id), parse_datetime(event.data.get("until", ""))
    return row is not None and until is not None and calls.resume_notice(row, until, by=by)


def _result(event: Event, by: Actor) -> bool:
    row = hotline.result_row(event.subject_id)
    if row is None or not _unchanged(row, event):
        return False
    values = {"label": row.label, "label_en": row.label_en, "retired": row.retired} | event.data["before"]
    calls.put_result(row.code, by=by, **values | {"retired": bool(values["retired"])})
    return True


def _of(every: Callable[[], QuerySet[Any]]) -> Callable[[int], Any]:
    """How one of these rows is found by its id."""
    return lambda pk: every().filter(pk=pk).first()


_category, _agency, _user = _of(rows.every_category), _of(rows.every_agency), _of(people.everyone)

UNDO: dict[str, Callable[[Event, Actor], bool]] = {
    "option.set": _option,
    "category.add": _simply(_category, directory.retire),
    "category.edit": _back(_category, directory.edit_category),
    "category.retire": _simply(_category, directory.restore),
    "category.restore": _simply(_category, directory.retire),
    "category.limit": _limit,
    "agency.add": _simply(_agency, directory.retire),
    "agency.edit": _back(_agency, directory.edit_agency),
    "agency.retire": _simply(_agency, directory.restore),
    "agency.restore": _simply(_agency, directory.retire),
    "target.add": _simply(targets.target_row, sla.retire_target),
    "target.change": _target,
    "target.retire": _target,
    "rung.add": _rung_away,
    "rung.remove": _rung_again,
    "form.write": _form,
    "alert.add": _simply(alerts.alert, alerts.switch_off),
    "alert.edit": _back(alerts.alert, alerts.edit_alert),
    "alert.off": _simply(alerts.alert, alerts.switch_on),
    "alert.on": _simply(alerts.alert, alerts.switch_off),
    "rule.add": _simply(rules.rule, rulebook.retire_rule),
    "rule.edit": _back(rules.rule, rulebook.edit_rule),
    "rule.retire": _simply(rules.rule, rulebook.restore_rule),
    "rule.restore": _simply(rules.rule, rulebook.retire_rule),
    "calendar.edit": _calendar,
    "day.set": _day,
    "day.remove": _day_again,
    "assurance.make": _simply(assurances.assurance, assurances.withdraw),
    "outage.announce": _simply(outages.outage, outages.cancel),
    "outage.edit": _back(outages.outage, outages.edit),
    "outage.cancel": _simply(outages.outage, outages.restore),
    "outage.restore": _simply(outages.outage, outages.cancel),
    "inbox.edit": _back(inboxes.inbox_row, conversations.edit_inbox),
    "inbox.on": _simply(inboxes.inbox_row, conversations.switch_off),
    "inbox.off": _simply(inboxes.inbox_row, conversations.switch_on),
    "synonym.add": _simply(sayings.synonym_row, procedures.withdraw_synonym),
    "synonym.edit": _back(sayings.synonym_row, procedures.edit_synonym),
    "menu.drop": _menu_again,
    "menu.choice": _key,
    "notice.end": _notice_again,
    "call_result.edit": _result,
    "act.schedule": _act,
    "person.deactivate": _simply(_user, accounts.activate),
    "person.activate": _simply(_user, accounts.deactivate),
}


def undo(event: Event, *, by: Actor) -> bool:
    """Take a change back; False when it cannot be, or something else was done to the same since."""
    take_back = UNDO.get(event.kind)
    return bool(take_back and take_back(event, by))
