"""What a program may do by the keys of its service account: names that never change, and their words (English sources,
which pages translate)."""

from collections.abc import Collection

from django.utils.translation import gettext_noop as _

SCOPES = {
    "tickets.read": _("Read tickets that its role may see"),
    "reporters.read": _("See who reported: name, phone number, address (opening an identity is for people alone)"),
    "tickets.write": _("Log tickets for citizens and send pictures"),
    "moves": _("Move tickets on: accept, route, answer …"),
    "procedures": _("Search administrative procedures"),
    "measures": _("Read the hotline's figures"),
    "directives": _("Read leaders' orders"),
    "receipts": _("Read what came in by an inbox, without its content"),
    "calls.read": _("Read the log of calls, and who must be called back"),
    "reports.post": _("Post citizens' reports by Open311"),
    "calls.report": _("Report calls of a telephone exchange (CTI)"),
}
OPEN311, CTI = "reports.post", "calls.report"
DOORS = {"open311": OPEN311, "cti": CTI}  # a use of a key that is one scope
API = tuple(name for name in SCOPES if name not in DOORS.values())
ROLES = ("operator", "supervisor", "reviewer", "leader", "officer", "lead")  # whose view an account may have


def check(use: str, scopes: Collection[str]) -> None:
    """ValueError unless these scopes are those of this use."""
    if (set(scopes) != {DOORS[use]}) if use in DOORS else (not scopes or not set(scopes) <= set(API)):
        raise ValueError("scopes")
