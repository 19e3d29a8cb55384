"""Texts of the import pages. English sources."""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from caunoi.accounts.titles import TITLES
from caunoi.conversations.queries.channels import channel_names
from caunoi.directory import queries as directory
from caunoi.imports.oddities import problem as english
from caunoi.lib.numbers.phone import display
from caunoi.web.labels import KIND, STATE, URGENCY, agency_choices, category_choices, reasons
from caunoi.web.setup.words import AGENCY_KINDS

WHAT = {"agencies": _("Agencies"), "people": _("People"), "tickets": _("Tickets of the old system")}
ABOUT = {
    "agencies": _("Names, kinds, phone numbers, mailboxes, calendars. Known ones are changed field by field."),
    "people": _(
        "Names, roles, agencies, phone numbers. New people are invited; nobody gets a password that others know."
    ),
    "tickets": _("The old hotline's records, as tickets with their history. Nobody is notified about past events."),
}
STATES = {
    "waiting": _("Being read"),
    "ready": _("To be reviewed"),
    "applying": _("Being carried out"),
    "done": _("Carried out"),
    "failed": _("Not readable"),
    "dropped": _("Dropped"),
    "undoing": _("Being taken back"),
    "undone": _("Taken back"),
}
FIELDS = {
    "code": _("Code"),
    "name": _("What it is called"),
    "name_en": _("Name in English"),
    "short": _("Short name"),
    "kind": _("Kind"),
    "area": _("Commune"),
    "phone": _("Phone number"),
    "email": _("E-mail"),
    "address": _("Address"),
    "calendar": _("Calendar"),
    "username": _("User name"),
    "full_name": _("Full name"),
    "role": _("Role"),
    "agency": _("Agency"),
    "extension": _("Extension of the desk phone"),
    "received": _("Day it came in"),
    "received_time": _("Time of day, in a column of its own"),
    "text": _("What the citizen said or wrote"),
    "summary": _("Summary"),
    "reporter_address": _("Where the citizen lives"),
    "district": _("Former district"),
    "latitude": _("Latitude"),
    "longitude": _("Longitude"),
    "occurred": _("When it happened"),
    "category": _("Category"),
    "urgency": _("Urgency"),
    "channel": _("Channel"),
    "state": _("State"),
    "routed": _("Day it was handed over"),
    "answered": _("Day it was answered"),
    "closed": _("Day it was closed"),
    "answer": _("The answer"),
    "reason": _("Reason of a refusal"),
    "note": _("Notes for the staff"),
}
OWN = {
    "agencies": {"name": _("Name of the agency")},
    "tickets": {
        "name": _("Name of the citizen"),
        "address": _("Place of the matter"),
        "code": _("Number in the old system"),
    },
}
ORDERS = {
    "dmy": _("Day, month, year (25/12/2025)"),
    "mdy": _("Month, day, year (12/25/2025)"),
    "ymd": _("Year, month, day (2025-12-25)"),
}
NOT_NOW = {
    "changed_meanwhile": _("Something has changed in the meantime. Look at the new plan."),
    "not_ready": _("This file is not there any more, or was carried out already."),
    "touched": _("Somebody has worked on some of these tickets since; they cannot be taken back."),
}
HOW = {"told": _("as you chose"), "same": _("by its name"), "guess": _("by a word in it"), "none": _("unknown")}


def field(what: str, name: str) -> str:
    return gettext(OWN.get(what, {}).get(name) or FIELDS.get(name, name))


def problem(code: str) -> str:
    return gettext(english(code))


def options(what: str, name: str) -> list[tuple[str, str]]:
    """What the words of a field may mean: codes with their names."""
    if name == "agency":
        return agency_choices()
    if name == "category":
        return category_choices()
    if name == "calendar":
        return list(directory.calendars().values_list("code", "name"))
    if name == "reason":
        return reasons()
    kinds = AGENCY_KINDS if what == "agencies" else KIND
    table = {"role": TITLES, "state": STATE, "channel": channel_names(), "urgency": URGENCY, "kind": kinds}[name]
    return [(code, gettext(label)) for code, label in table.items() if code != "merged"]


def value(what: str, name: str, code: str, names: dict[str, dict[str, str]]) -> str:
    """A value as people read it; `names` remembers the names of codes."""
    if name in ("agency", "category", "calendar", "role", "kind", "state", "channel", "urgency", "reason"):
        if name not in names:
            names[name] = dict(options(what, name))
        return names[name].get(code, code)
    if name == "area":
        area: Any = directory.area(code)
        return area.name if area else code
    return display(code) if name == "phone" else code


def word_of(what: str) -> str:
    return gettext(WHAT[what])
