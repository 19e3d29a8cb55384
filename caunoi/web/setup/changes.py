"""What was changed, in words, and how each kind of change is taken back."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from caunoi.accounts import actions as accounts
from caunoi.accounts import queries as people
from caunoi.directory import actions as directory
from caunoi.directory import queries as rows
from caunoi.directory.options import OPTIONS
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.routing import actions as routing
from caunoi.routing import queries as rules
from caunoi.sla import actions as sla
from caunoi.sla import queries as targets
from caunoi.sla.actions import Taken
from caunoi.web.labels import CLOCK, named, word
from caunoi.web.setup.options import said
from caunoi.web.setup.words import EVENTS, FIELDS, TEXTS, VALUES
from caunoi.web.templatetags.caunoi_ui import vndate

PLACES = {
    "option": "setup:options", "text": "setup:texts", "category": "setup:categories", "target": "setup:targets", "rule": "setup:rules",
    "calendar": "setup:calendars", "day": "setup:calendars", "agency": "setup:agencies", "user": "setup:people", "key": "setup:keys",
}  # fmt: skip


def place(event: Event) -> str:
    """The view where such things are changed."""
    return PLACES[event.subject]


def told(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Events as lines: {at, who, icon, title, about, lines [{label, before, after}], undo}."""
    found = list(events)
    names = people.names({e.by for e in found})
    names_of = {
        "category": {c.pk: named(c) for c in rows.every_category()}, "agency": {a.pk: named(a) for a in rows.every_agency()},
        "calendar": {c.pk: c.name for c in rows.calendars()}, "area": {a.pk: a.name for a in rows.areas()},
    }  # fmt: skip
    latest = {(e.subject, e.subject_id): e.pk for e in sorted(found, key=lambda e: e.pk)}
    return [
        {
            "event": e, "at": e.at, "who": names.get(e.by) or (_("the system") if e.by == "system" else e.by),
            "icon": EVENTS.get(e.kind, ("", "circle"))[1], "title": _(EVENTS[e.kind][0]) if e.kind in EVENTS else e.kind,
            "about": _about(e, names_of), "lines": _lines(e, names_of), "place": place(e),
            "undo": e.kind in UNDO and latest[e.subject, e.subject_id] == e.pk,
        }
        for e in found
    ]  # fmt: skip


def _about(event: Event, names_of: Mapping[str, Mapping[int, str]]) -> str:
    """Which row it was."""
    d = event.data
    if event.subject in ("category", "agency", "calendar"):
        return names_of[event.subject].get(event.subject_id, d.get("code", ""))
    if event.subject == "option":
        return _(OPTIONS[d["name"]].meaning) if d["name"] in OPTIONS else d["name"]
    if event.subject == "text":
        return f"{_(TEXTS.get(d['key'], d['key']))} · {_('version %(version)s') % {'version': d['version']}}"
    if event.subject == "target":
        return word(CLOCK, d["clock"])
    if event.subject == "rule":
        return names_of["category"].get(d.get("category") or 0, "")
    if event.subject == "day":
        return f"{vndate(parse_date(d['date']))} · {d['note']}"
    return str(d.get("username") or d.get("label") or "")


def _value(name: str, value: Any, names_of: Mapping[str, Mapping[int, str]]) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if name in names_of and isinstance(value, int):
        return names_of[name].get(value, str(value))
    if name in VALUES:
        return word(VALUES[name], value)
    if name == "valid_to":
        return vndate(parse_date(value))
    return _("changed") if isinstance(value, dict) else str(value)


def _lines(event: Event, names_of: Mapping[str, Mapping[int, str]]) -> list[dict[str, str]]:
    d = event.data
    if event.kind == "option.set":
        one = OPTIONS.get(d["name"])
        known = one is not None and "before" in d
        return (
            [{"label": "", "before": said(one, d["before"]) or "–", "after": said(one, d["value"]) or "–"}]
            if one and known
            else []
        )
    if event.kind == "day.set":
        works = {True: _("is worked"), False: _("is off")}
        was = works[d["before"]["works"]] if d["before"] else _("as the week says")
        return [{"label": "", "before": was, "after": works[d["works"]]}]
    before, after = d.get("before") or {}, d.get("after") or {}
    lines = [
        {"label": word(FIELDS, name), "before": _value(name, before[name], names_of), "after": _value(name, after[name], names_of)}
        for name in before if before[name] != after.get(name)
    ]  # fmt: skip
    if event.kind.endswith((".retire", ".restore")):
        lines = []
    return lines + [{"label": word(FIELDS, name), "before": "", "after": _("changed")} for name in d.get("also", [])]


def _unchanged(row: Any, event: Event) -> bool:
    """Whether a row still says what the event made it say."""
    fields = {f.name: f for f in row._meta.concrete_fields}
    return all(
        fields[name].value_from_object(row) == fields[name].to_python(value)
        for name, value in event.data.get("after", {}).items()
    )


def _back(find: Callable[[int], Any], edit: Callable[..., Any]) -> Callable[[Event, Actor], bool]:
    """Give a row back what it said before."""

    def take_back(event: Event, by: Actor) -> bool:
        row = find(event.subject_id)
        if row is None or not _unchanged(row, event):
            return False
        edit(row, by=by, **event.data["before"])
        return True

    return take_back


def _simply(find: Callable[[int], Any], action: Callable[..., Any]) -> Callable[[Event, Actor], bool]:
    """Do the opposite."""

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
    row = _calendar_row(event.subject_id)
    if row is None or not _unchanged(row, event):
        return False
    before = {"name": row.name, "sessions": row.sessions} | event.data["before"]
    if before["sessions"] is None:
        return False
    directory.save_calendar(row.code, before["name"], before["sessions"], by=by)
    return True


def _set_day(said: Mapping[str, Any], by: Actor) -> None:
    calendar = rows.calendars().filter(code=said["calendar"]).first() if said["calendar"] else None
    day = parse_date(said["date"])
    assert day is not None
    directory.set_day(day, said["works"], note=said["note"], calendar=calendar, by=by)


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


def _target(event: Event, by: Actor) -> bool:
    row, old = targets.target_row(event.subject_id), targets.target_row(event.data.get("instead_of") or 0)
    if row is None or (event.kind == "target.change" and old is None):
        return False
    try:
        sla.restore_target(old or row, by=by, instead_of=row if old else None)
    except Taken:
        return False
    return True


def _category_row(pk: int) -> Any:
    return rows.every_category().filter(pk=pk).first()


def _agency_row(pk: int) -> Any:
    return rows.every_agency().filter(pk=pk).first()


def _calendar_row(pk: int) -> Any:
    return rows.calendars().filter(pk=pk).first()


def _user_row(pk: int) -> Any:
    return people.everyone().filter(pk=pk).first()


UNDO: dict[str, Callable[[Event, Actor], bool]] = {
    "option.set": _option,
    "category.add": _simply(_category_row, directory.retire),
    "category.edit": _back(_category_row, directory.edit_category),
    "category.retire": _simply(_category_row, directory.restore),
    "category.restore": _simply(_category_row, directory.retire),
    "agency.add": _simply(_agency_row, directory.retire),
    "agency.edit": _back(_agency_row, directory.edit_agency),
    "agency.retire": _simply(_agency_row, directory.restore),
    "agency.restore": _simply(_agency_row, directory.retire),
    "target.add": _simply(targets.target_row, sla.retire_target),
    "target.change": _target,
    "target.retire": _target,
    "rule.add": _simply(rules.rule, routing.retire_rule),
    "rule.edit": _back(rules.rule, routing.edit_rule),
    "rule.retire": _simply(rules.rule, routing.restore_rule),
    "rule.restore": _simply(rules.rule, routing.retire_rule),
    "calendar.edit": _calendar,
    "day.set": _day,
    "day.remove": _day_again,
    "person.deactivate": _simply(_user_row, accounts.activate),
    "person.activate": _simply(_user_row, accounts.deactivate),
}


def undo(event: Event, *, by: Actor) -> bool:
    """Take a change back; False when it cannot be, or something else was done to the same since."""
    take_back = UNDO.get(event.kind)
    return bool(take_back and take_back(event, by))
