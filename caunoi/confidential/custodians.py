"""Custodians are named by one administrator or supervisor and confirmed by another; anybody of these ends it, and it
ends by itself when others get a way into the account."""

import secrets

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext, gettext_noop, override

from caunoi.accounts.models import User
from caunoi.accounts.sessions import renew_streams
from caunoi.confidential.models import Custodian
from caunoi.confidential.queries import NAMING
from caunoi.conversations.actions import post
from caunoi.conversations.queries import senders
from caunoi.events.actions import record
from caunoi.events.actor import CUSTODIANS, Actor, NotAllowedError, RefusedError
from caunoi.notifications.enrolment import ways


class SamePersonError(RefusedError):
    """The second person must be another one, and nobody decides about themself."""

    code = "same_person"


@transaction.atomic
def name(user: User, reason: str, *, by: Actor) -> Custodian:
    """Propose somebody. SamePersonError for oneself; ValueError for whom it cannot be."""
    asker = _decider(by, user)
    if user.role not in CUSTODIANS or user.area_id is not None or not user.is_active or not reason.strip():
        raise ValueError("user")
    try:
        with transaction.atomic():
            row = Custodian.objects.create(user=user, reason=reason.strip()[:300], asked_by=asker)
    except IntegrityError:
        raise ValueError("already") from None
    record("custodian.name", user, by=by, username=user.username)
    return row


@transaction.atomic
def confirm(row: Custodian, *, by: Actor) -> bool:
    """Let them in; False where somebody else has decided meanwhile. SamePersonError for whoever named them."""
    row = Custodian.objects.select_for_update().get(pk=row.pk)
    decider = _decider(by, row.user)
    if by.concerns(row.asked_by_id):
        raise SamePersonError
    if row.confirmed is not None or row.ended is not None:
        return False
    row.confirmed, row.confirmed_by = now(), decider
    row.save(update_fields=["confirmed", "confirmed_by"])
    User.objects.filter(pk=row.user_id).update(custodian=True)
    renew_streams(row.user)
    record("custodian.confirm", row.user, by=by, username=row.user.username)
    return True


@transaction.atomic
def end(row: Custodian, *, by: Actor) -> bool:
    """They read no more, from their next request on; False where it has ended already. Whoever is one may lay it
    down."""
    row = Custodian.objects.select_for_update().get(pk=row.pk)
    decider = row.user if by.is_person(row.user_id) else _decider(by, row.user)
    if row.ended is not None:
        return False
    _end(row, decider, by)
    return True


def _end(row: Custodian, decider: User | None, by: Actor) -> None:
    row.ended, row.ended_by = now(), decider
    row.save(update_fields=["ended", "ended_by"])
    _blind(row.user, by)


def _blind(user: User, by: Actor) -> None:
    user.custodian = False
    User.objects.filter(pk=user.pk).update(custodian=False)
    renew_streams(user)
    record("custodian.end", user, by=by, username=user.username)


@transaction.atomic
def lose(user: User, *, by: Actor) -> None:
    """Somebody else gave them a password, took their second factors or changed where they are reached: whoever signs in
    next may be another, and reads nothing. All custodians hear of it, and they themselves where they were reached."""
    row = Custodian.objects.select_for_update(of=("self",)).filter(user=user, ended=None).first()
    reads = User.objects.filter(pk=user.pk, custodian=True).exists()
    if reads:
        tell_all(gettext_noop("A custodianship ended because the account was changed"), reverse("setup:custodians"))
    if row is not None:
        _end(row, User.objects.get(pk=by.user_id) if by.user_id else None, by)
    elif reads:
        _blind(user, by)


def tell_all(sentence: str, path: str) -> None:
    """A mail or text to each custodian, which leads to a page; of what was reported it says nothing."""
    mark, able = secrets.token_hex(8), senders()
    with override("vi"):
        title = gettext(sentence)
    for user in User.objects.filter(custodian=True, is_active=True, demo=False):
        if options := ways(user, able):
            box, address = next(iter(options.values()))
            text = f"{title}: {settings.STAFF_URL}{path}"
            post(box, address, text, once=f"confidence:{mark}:{user.pk}", title=title)


def _decider(by: Actor, about: User) -> User:
    """Who decides, in person. NotAllowedError, SamePersonError."""
    if not by.has(*NAMING) or by.user_id is None:
        raise NotAllowedError("administrators_and_supervisors_only")
    if by.concerns(about.pk):
        raise SamePersonError
    return User.objects.get(pk=by.user_id)
