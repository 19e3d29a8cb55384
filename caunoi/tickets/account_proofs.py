"""Proof of being the citizen by an account elsewhere that has verified the number or the address which a report names.

It counts as a one-time code does, and what is kept is what a code keeps: rows of OneTimeCode for ⚙opened_minutes, in
one browser, with no more of the account than a keyed digest of what it proved, so that a report whose number is
corrected meanwhile is shut again. Whoever names a report by its code opens it by the number alone, as with a code by
SMS; of the others only those that bear the account's own name are opened, since numbers pass from one person to another
and are mistyped."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import now

from caunoi.accounts.citizen_account import LIFE, Verified, is_open
from caunoi.accounts.queries import digest
from caunoi.conversations.models import Contact
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import NOBODY
from caunoi.lib.numbers import codes
from caunoi.lib.vietnamese.writing import fold
from caunoi.tickets import traces
from caunoi.tickets.models import OneTimeCode, Ticket
from caunoi.vault import blind
from caunoi.vault.signing import secret_keys

SALT, KIND = "caunoi.account_proofs", "account"
MOST = 30  # reports that are opened at once, the newest
ACCOUNT = OneTimeCode.Way.ACCOUNT


@dataclass(frozen=True, kw_only=True)
class Trip:
    """Back from the provider: which report was asked for, and what the answer must go with."""

    target: Ticket | None
    expected: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """Which reports are open now, and the secret that the browser has from now on."""

    tickets: list[Ticket]
    browser: str


def begin(browser: str, code: str) -> Mapping[str, str]:
    """The browser with this secret leaves for the provider, because of the report of this code (or none): what is sent
    along, {state, nonce, verifier}. All of it follows from the row and the installation's key."""
    canonical = codes.parse(code)
    row = OneTimeCode.objects.create(
        ticket=Ticket.objects.filter(code=canonical).first() if canonical else None,
        browser=digest(browser),
        nonce=secrets.token_urlsafe(12),
        way=ACCOUNT,
    )
    return _expected(row)


def _expected(row: OneTimeCode, key: str | None = None) -> Mapping[str, str]:
    def made(what: str) -> str:
        return salted_hmac(SALT, f"{what} {row.pk} {row.nonce}", secret=key, algorithm="sha256").hexdigest()

    return {what: made(what) for what in ("state", "nonce", "verifier")}


@transaction.atomic
def come_back(browser: str, state: str) -> Trip | None:
    """The trip of the browser with this secret that has this state, once; None where it never left, came back before,
    or too long ago."""
    since = now() - timedelta(seconds=LIFE)
    rows = OneTimeCode.objects.select_for_update(of=("self",)).select_related("ticket")
    for row in rows.filter(browser=digest(browser), way=ACCOUNT, used=None, at__gt=since):
        for key in secret_keys():
            expected = _expected(row, key)
            if constant_time_compare(state, expected["state"]):
                row.delete()
                return Trip(target=row.ticket, expected=expected)
    return None


@transaction.atomic
def open_own(target: Ticket | None, who: Verified, browser: str) -> Opened:
    """Open what is this person's, in the browser with this secret, which gets another one: what somebody may have put
    into it before opens nothing."""
    fresh = secrets.token_urlsafe(24)
    opened = list(_bearing(who)[:MOST])
    if target is not None and _claim(target.contact, who):
        opened = [target, *(ticket for ticket in opened if ticket != target)]
    rows, at = OneTimeCode.objects.filter(browser=digest(browser)), now()
    if opened:
        rows.filter(way=ACCOUNT).delete()  # of whoever sat there before
        rows.update(browser=digest(fresh))
    for ticket in opened:
        OneTimeCode.objects.create(
            ticket=ticket, browser=digest(fresh), way=ACCOUNT, at=at, used=at, claim=_claim(ticket.contact, who)
        )
        record("ticket.prove", ticket, by=NOBODY, way=ACCOUNT)
    return Opened(tickets=opened, browser=fresh)


def _bearing(who: Verified) -> QuerySet[Ticket]:
    """The reports with a person's number or address, and their name, newest first; not what was told in confidence,
    which is behind a link of its own."""
    same = blind.equal(Contact, "phone", who.phone) | blind.equal(Contact, "email", who.email)
    contacts = [
        contact.pk
        for contact in Contact.objects.filter(same)
        if fold(contact.name) and fold(contact.name) == fold(who.name)
    ]
    rows = Ticket.objects.filter(contact__in=contacts, restricted=False).select_related("contact")
    return rows.order_by("-received", "-pk")


def _claim(contact: Contact, who: Verified) -> str:
    """What is kept of the claim that makes a contact's report this person's; empty where none does."""
    if who.phone and contact.phone == who.phone:
        return traces.digest(KIND, who.phone)
    if who.email and contact.email.lower() == who.email:
        return traces.digest(KIND, who.email)
    return ""


def stands(row: OneTimeCode) -> bool:
    """Whether what an account opened is still open: citizens may still use theirs, and the report still names what was
    proved."""
    return is_open() and _still_names(row)


def _still_names(row: OneTimeCode) -> bool:
    if row.ticket is None:
        return False
    contact = row.ticket.contact
    values = [value for value in (contact.phone, contact.email.lower()) if value]
    return any(row.claim in traces.digests(KIND, value) for value in values)


def opened(browser: str) -> list[Ticket]:
    """What an account has opened in the browser with this secret, newest first."""
    if not browser or not is_open():
        return []
    since = now() - timedelta(minutes=option("opened_minutes"))
    rows = OneTimeCode.objects.filter(browser=digest(browser), way=ACCOUNT, used__gt=since, ticket__isnull=False)
    rows = rows.select_related("ticket__contact", "ticket__area", "ticket__category", "ticket__agency")
    tickets = {row.ticket_id: row.ticket for row in rows if _still_names(row)}
    return sorted((ticket for ticket in tickets.values() if ticket), key=lambda one: one.received, reverse=True)


def leave(browser: str) -> None:
    """Whoever sits at the browser with this secret is done: nothing stays open in it."""
    OneTimeCode.objects.filter(Q(way=ACCOUNT) | Q(used__isnull=False), browser=digest(browser)).delete()
