"""Words of people's requests about their data, for both sides: those who ask and those who decide."""

from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.lib.numbers import phone
from caunoi.privacy.actions.erasing import LEFT
from caunoi.privacy.models import DataRequest
from caunoi.privacy.register import HOLDINGS
from caunoi.web.labels import word

KIND = {
    "see": gettext_noop("See what is kept about me"),
    "copy": gettext_noop("A copy of everything"),
    "correct": gettext_noop("Correct something"),
    "delete": gettext_noop("Delete everything about me"),
    "withdraw": gettext_noop("Withdraw my consent"),
    "limit": gettext_noop("Limit what is done with it"),
    "object": gettext_noop("Object to what is done with it"),
}
STATE = {
    "received": gettext_noop("Received"),
    "granted": gettext_noop("Granted, being carried out"),
    "done": gettext_noop("Done"),
    "declined": gettext_noop("Declined"),
    "cancelled": gettext_noop("Taken back"),
}
VIA = {
    "link": gettext_noop("By the link of a ticket"),
    "page": gettext_noop("On the public page"),
    "staff": gettext_noop("Taken by the hotline"),
    "provider": gettext_noop("Passed on by the provider of a channel"),
    "cell": gettext_noop("Passed on by another province, which had handed over their report"),
}
PROOF = {
    "link": gettext_noop("They have the ticket's own link"),
    "code": gettext_noop("They opened the ticket with a one-time code"),
    "account": gettext_noop("They opened the ticket with an account of theirs that has verified its number"),
    "staff": gettext_noop("A person has made sure"),
    "provider": gettext_noop("The provider vouches for the account"),
    "cell": gettext_noop("The other province vouches for them"),
    "": gettext_noop("Nobody has made sure yet"),
}


@dataclass(frozen=True, kw_only=True)
class ErasedRows:
    """How many rows of a kind were erased, or still hold something."""

    what: str
    count: int


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What was erased, and where something still stands; no word of the person's."""

    finished: datetime | None
    erased: list[ErasedRows]
    left: list[ErasedRows]
    backups: int  # days after which the last backup with them is gone


def reachable(typed: str) -> str:
    """A whole phone number (E.164) or a whole e-mail address; empty for anything else."""
    number = phone.parse(typed)
    if number and number.e164:
        return number.e164
    try:
        validate_email(typed.strip())
    except ValidationError:
        return ""
    return typed.strip()


def table_name(label: str) -> str:
    """A table in the words of the register of processing."""
    return _(HOLDINGS[label].label) if label in HOLDINGS else label


def certificate(row: DataRequest, backups: int) -> Certificate | None:
    """The certificate of an erasure; None for other requests, and before it is done."""
    if row.kind != "delete" or not row.progress or row.finished is None:
        return None
    labels = {model._meta.db_table: model._meta.label_lower for model in apps.get_models()}
    erased = [
        ErasedRows(what=table_name(table), count=count)
        for stage, counts in row.progress.items()
        if stage != LEFT
        for table, count in counts.items()
    ]
    left = [
        ErasedRows(what=table_name(labels.get(table, table)), count=count)
        for table, count in row.progress.get(LEFT, {}).items()
    ]
    return Certificate(finished=row.finished, erased=erased, left=left, backups=backups)


def clock(row: DataRequest) -> str:
    """late, open or over."""
    if row.state not in ("received", "granted"):
        return "over"
    late = row.due < now() or (row.answered is None and row.answer_due < now())
    return "late" if late else "open"


def kind_text(row: DataRequest) -> str:
    return word(KIND, row.kind)


def state_text(row: DataRequest) -> str:
    return word(STATE, row.state)
