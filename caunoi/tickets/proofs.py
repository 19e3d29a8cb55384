"""Proof of being the citizen, for whoever has lost the link: a one-time code by the way the person used, or read out by
an operator who rings the number on file.

It is valid for ⚙code_minutes and ⚙code_tries, once, and only in the browser that asked for it, in which the ticket is
then open for ⚙opened_minutes. Whoever asks learns nothing: a row is written whether or not code and number belong
together, and what is sent goes to the citizen alone."""

import secrets
from collections.abc import Mapping
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.timezone import now

from caunoi.accounts.queries import digest
from caunoi.conversations.models import Contact
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import NOBODY, Actor, NotAllowedError, Role
from caunoi.events.turns import take_turn
from caunoi.lib.numbers import codes, phone
from caunoi.tickets import account_proofs, traces
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.tickets.models import OneTimeCode, Ticket
from caunoi.tickets.queries import handlers
from caunoi.vault import blind
from caunoi.vault.signing import secret_keys

SALT, DIGITS = "caunoi.proofs", 6
DAY = timedelta(days=1)
CODE, LINK, CALL = "code", "link", "call"
WAYS = (CODE, LINK, CALL)
"""What may be asked for: a code by message, the link itself by message, a code that is read out."""
PROOF = "proof"  # the reason of the call in which it is read out
Way = OneTimeCode.Way


@transaction.atomic
def ask(code: str, number: str, browser: str, what: str) -> OneTimeCode:
    """Somebody asks to open the ticket of a code and a phone number, in the browser with this secret. The row of it
    has a ticket where both belong together and neither has been asked about too often."""
    ticket = _matching(code, number)
    return OneTimeCode.objects.create(
        ticket=ticket,
        browser=digest(browser),
        nonce=secrets.token_urlsafe(12),
        way=Way.CALL if what == CALL else Way.MESSAGE,
        until=None if what == CALL else now() + timedelta(minutes=option("code_minutes")),
    )


def _matching(code: str, number: str) -> Ticket | None:
    canonical, parsed = codes.parse(code), phone.parse(number)
    if not canonical or parsed is None or not parsed.e164:
        return None
    take_turn(f"code number {parsed.e164}", f"code ticket {canonical}")
    theirs = blind.equal(Contact, "phone", parsed.e164, "contact")
    most, ticket = option("codes_a_day"), Ticket.objects.filter(theirs, code=canonical, restricted=False).first()
    often = traces.times("code number", parsed.e164, DAY) >= most or traces.times("code ticket", canonical, DAY) >= most
    wrong = "" if ticket else "?"  # what is typed wrong uses up nothing of the citizen's, and takes as long
    traces.leave("code number", wrong + parsed.e164)
    traces.leave("code ticket", wrong + canonical)
    return None if often else ticket


@transaction.atomic
def ask_again(ticket: Ticket) -> bool:
    """The citizen, who has proved it, asks for the link; whether it may be sent once more today."""
    take_turn(f"code ticket {ticket.code}")
    if traces.times("code ticket", ticket.code, DAY) >= option("codes_a_day"):
        return False
    traces.leave("code ticket", ticket.code)
    return True


def reveal_code(pk: int) -> Mapping[str, str] | None:
    """{code} of a letter; None when it is no longer valid."""
    row = OneTimeCode.objects.filter(pk=pk, until__gt=now(), used=None, ticket__isnull=False).first()
    return {"code": _code(row)} if row else None


def reveal_link(pk: int) -> Mapping[str, str] | None:
    """{link} of a letter to the citizen of a ticket."""
    ticket = Ticket.objects.filter(pk=pk).first()
    return {"link": f"{settings.PUBLIC_URL}/f/{ticket.follow}"} if ticket else None


@transaction.atomic
def redeem(typed: str, browser: str) -> tuple[Ticket, str] | None:
    """The ticket that a code opens in the browser with this secret, and the secret that this browser has from now on;
    None for a wrong one, which counts."""
    mark, most = digest(browser), option("code_tries")
    rows = OneTimeCode.objects.select_for_update().filter(browser=mark, used=None, tries__lt=most)
    waiting = list(rows.filter(until__gt=now()).order_by("-pk"))
    digits = "".join(letter for letter in typed if letter.isdecimal() and letter.isascii())
    row = next((row for row in waiting if _matches(digits, row) and row.ticket_id), None)
    if row is None or row.ticket is None:
        OneTimeCode.objects.filter(pk__in=[row.pk for row in waiting]).update(tries=F("tries") + 1)
        return None
    row.used = now()
    row.save(update_fields=["used"])
    fresh = secrets.token_urlsafe(24)  # what somebody may have put into this browser before opens nothing
    OneTimeCode.objects.filter(browser=mark).update(browser=digest(fresh))
    record("ticket.prove", row.ticket, by=NOBODY, way=row.way)
    return row.ticket, fresh


def proved(code: str, browser: str) -> OneTimeCode | None:
    """The code, or what an account proved, by which the browser with this secret may open the ticket of this code
    now."""
    if not browser or not codes.parse(code):
        return None
    since = now() - timedelta(minutes=option("opened_minutes"))
    rows = OneTimeCode.objects.filter(browser=digest(browser), used__gt=since, ticket__code=codes.parse(code))
    rows = rows.filter(ticket__restricted=False)  # to whoever holds the phone, nothing leads into a case
    rows = rows.select_related("ticket__contact").order_by("-used")
    return next((row for row in rows if row.way != Way.ACCOUNT or account_proofs.stands(row)), None)


def waiting_call(ticket_id: int) -> OneTimeCode | None:
    """The code that its citizen waits to be read: the newest one asked for that was not used."""
    rows = OneTimeCode.objects.filter(ticket=ticket_id, way=Way.CALL, used=None, at__gt=now() - DAY)
    return rows.filter(Q(until=None) | Q(until__gt=now())).order_by("-pk").first()


def reads_own(ticket_id: int, by: Actor) -> bool:
    """Whether somebody would read out the code of a ticket that they, or whom they act for, handled."""
    return by.concerns(handlers([ticket_id]).get(ticket_id))


@transaction.atomic
def read_out(ticket: Ticket, *, by: Actor) -> str:
    """The code, for the operator who has rung the number on file to read out; it is valid from now on. Who worked on
    the ticket may not: NotAllowedError. NotPossibleError when nobody waits for one."""
    if not by.has(Role.OPERATOR, Role.SUPERVISOR) or reads_own(ticket.pk, by):
        raise NotAllowedError("read_out")
    row = waiting_call(ticket.pk)
    if row is None:
        raise NotPossibleError("read_out")
    if row.until is None:
        row.until = now() + timedelta(minutes=option("code_minutes"))
        row.save(update_fields=["until"])
        record("ticket.read_code", ticket, by=by)
    return _code(row)


def forget() -> int:
    """Delete codes that are over; how many."""
    return OneTimeCode.objects.filter(at__lt=now() - 2 * DAY).delete()[0]


def _matches(digits: str, row: OneTimeCode) -> bool:
    """Whether this is the code of a row, also where it was sent under a key before."""
    return any(constant_time_compare(digits, _code(row, key)) for key in secret_keys())


def _code(row: OneTimeCode, key: str | None = None) -> str:
    made = salted_hmac(SALT, f"{row.pk} {row.nonce}", secret=key, algorithm="sha256").digest()
    return f"{int.from_bytes(made) % 10**DIGITS:0{DIGITS}}"
