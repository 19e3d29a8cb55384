"""What administrators changed, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.accounts import queries as people
from caunoi.checks import level3
from caunoi.conversations.queries.channels import channel_name
from caunoi.directory import queries as rows
from caunoi.directory.options import OPTIONS
from caunoi.events.models import Event
from caunoi.privacy.retention import TERMS
from caunoi.sla import queries as targets
from caunoi.web.labels import CLOCK, REPORT_KIND, ROLE, localised_name, word
from caunoi.web.setup.ladder import spoken
from caunoi.web.setup.options import value_text
from caunoi.web.setup.undo import UNDO
from caunoi.web.setup.words import EVENTS, FIELDS, TEXTS, VALUES
from caunoi.web.targets import scope
from caunoi.web.templatetags.caunoi_ui import vndate

PLACES = {
    "option": "setup:options",
    "text": "setup:texts",
    "category": "setup:categories",
    "target": "setup:targets",
    "rule": "setup:rules",
    "rung": "setup:ladder",
    "witness": "setup:witnesses",
    "plane": "setup:cells",
    "planeedition": "setup:cells",
    "outage": "setup:outages",
    "voiceprompt": "setup:voice",
    "voicemenu": "setup:voice",
    "waitnotice": "setup:voice",
    "callresult": "setup:voice",
    "calendar": "setup:calendars",
    "day": "setup:calendars",
    "agency": "setup:agencies",
    "user": "setup:people",
    "key": "setup:keys",
    "serviceaccount": "setup:keys",
    "people": "setup:people-review",
    "inbox": "setup:inboxes",
    "batch": "setup:imports",
    "act": "setup:reorganisations",
    "synonym": "procedures:synonyms",
    "form": "setup:report-forms",
    "register": "setup:report-forms",
    "alert": "setup:alerts",
    "datarequest": "setup:privacy",
    "term": "setup:retention",
    "hold": "setup:retention",
    "breach": "setup:breaches",
    "assurance": "setup:level3",
}


@dataclass(frozen=True, kw_only=True)
class FieldChange:
    """The former and the present value of a field."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """An event of setup as setup/_changes.html shows it; `place` is the view where such things are changed, `undo`
    whether it can be taken back."""

    event: Event
    at: datetime
    who: str
    icon: str
    title: str
    about: str
    lines: list[FieldChange]
    place: str
    undo: bool


def place(event: Event) -> str:
    """The view where such things are changed."""
    one = OPTIONS.get(event.data.get("name", "")) if event.subject == "option" else None
    return "setup:helpers" if one and one.group == "helpers" else PLACES[event.subject]


def change_lines(events: Iterable[Event]) -> list[ChangeLine]:
    events = list(events)
    names = people.names({e.by for e in events})
    names_of = {
        "category": {c.pk: localised_name(c) for c in rows.every_category()},
        "agency": {a.pk: localised_name(a) for a in rows.every_agency()},
        "calendar": {c.pk: c.name for c in rows.calendars()},
        "area": {a.pk: a.name for a in rows.areas()},
    }
    scopes = {t.pk: scope(t) for t in targets.target_rows({e.subject_id for e in events if e.subject == "target"})}
    latest = {(e.subject, e.subject_id): e.pk for e in sorted(events, key=lambda e: e.pk)}
    return [
        ChangeLine(
            event=e,
            at=e.at,
            who=names.get(e.by) or (_("the system") if e.by == "system" else e.by),
            icon=EVENTS.get(e.kind, ("", "circle"))[1],
            title=_(EVENTS[e.kind][0]) if e.kind in EVENTS else e.kind,
            about=_about(e, names_of, scopes),
            lines=_lines(e, names_of),
            place=place(e),
            undo=e.kind in UNDO and latest[e.subject, e.subject_id] == e.pk,
        )
        for e in events
    ]


def _about(event: Event, names_of: Mapping[str, Mapping[int, str]], scopes: Mapping[int, str]) -> str:
    """The name of the row that a change concerns."""
    d = event.data
    if event.subject == "act":
        return str(d["number"])
    if event.subject in ("category", "agency", "calendar"):
        return names_of[event.subject].get(event.subject_id, d.get("code", ""))
    if event.subject == "option":
        return _(OPTIONS[d["name"]].meaning) if d["name"] in OPTIONS else d["name"]
    if event.subject == "form":
        return f"{word(REPORT_KIND, d['of'])} · {_('version %(version)s') % {'version': d['version']}}"
    if event.subject == "text":
        return f"{_(TEXTS.get(d['key'], d['key']))} · {_('version %(version)s') % {'version': d['version']}}"
    if event.subject == "target":
        return f"{word(CLOCK, d['clock'])} · {scopes.get(event.subject_id, '')}"
    if event.subject == "rung":
        row = targets.rung(event.subject_id)
        return spoken(targets.step(row)) if row else word(CLOCK, d["clock"])
    if event.subject == "rule":
        return names_of["category"].get(d.get("category") or 0, "")
    if event.subject == "day":
        return f"{vndate(parse_date(d['date']))} · {d['note']}"
    if event.subject == "assurance":
        requirement = level3.TEXTS.get(d.get("requirement", ""))
        return requirement.in_(get_language() or "vi") if requirement else ""
    if event.subject == "outage":
        return str(d.get("reason", ""))
    if event.subject == "term":
        return _(TERMS[d["code"]].label) if d["code"] in TERMS else d["code"]
    named_by = ("username", "label", "inbox", "word", "name", "code")
    return next((str(d[name]) for name in named_by if d.get(name)), "")


def _field(event: Event, name: str) -> str:
    return word(FIELDS, f"{event.subject}.{name}" if f"{event.subject}.{name}" in FIELDS else name)


def _value(name: str, value: Any, names_of: Mapping[str, Mapping[int, str]]) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return ", ".join(word(ROLE, one) for one in value)
    if name in names_of and isinstance(value, int):
        return names_of[name].get(value, str(value))
    if name == "channel":
        return channel_name(value)
    if name in VALUES:
        return word(VALUES[name], value)
    if name == "valid_to":
        return vndate(parse_date(value))
    return _("changed") if isinstance(value, dict) else str(value)


def _lines(event: Event, names_of: Mapping[str, Mapping[int, str]]) -> list[FieldChange]:
    d = event.data
    if event.kind == "option.set":
        one = OPTIONS.get(d["name"])
        if one is None or "before" not in d:
            return []
        was, now = (value_text(one, d[name]) or "–" for name in ("before", "value"))
        return [FieldChange(label="", before=was, after=now)]
    if event.kind == "day.set":
        works = {True: _("is worked"), False: _("is off")}
        was = works[d["before"]["works"]] if d["before"] else _("as the week says")
        return [FieldChange(label="", before=was, after=works[d["works"]])]
    before, after = d.get("before") or {}, d.get("after") or {}
    if event.subject == "inbox" and isinstance(before.get("config"), dict):
        before, after = before.pop("config") | before, after.pop("config") | after
        before = {name: before.get(name) for name in {**before, **after}}
    lines = [
        FieldChange(
            label=_field(event, name),
            before=_value(name, before[name], names_of),
            after=_value(name, after[name], names_of),
        )
        for name in before
        if before[name] != after.get(name)
    ]
    if event.kind.endswith((".retire", ".restore", ".cancel")):
        lines = []
    return lines + [FieldChange(label=word(FIELDS, name), before="", after=_("changed")) for name in d.get("also", [])]
