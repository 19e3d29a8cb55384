"""Custodians are named by one administrator or supervisor and confirmed by another; anybody of these ends it."""

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.confidential.models import Custodian
from caunoi.confidential.queries import NAMING
from caunoi.events.actions import record
from caunoi.events.actor import CUSTODIANS, Actor, NotAllowedError, RefusedError


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
    row.ended, row.ended_by = now(), decider
    row.save(update_fields=["ended", "ended_by"])
    User.objects.filter(pk=row.user_id).update(custodian=False)
    record("custodian.end", row.user, by=by, username=row.user.username)
    return True


def _decider(by: Actor, about: User) -> User:
    """Who decides, in person. NotAllowedError, SamePersonError."""
    if not by.has(*NAMING) or by.user_id is None:
        raise NotAllowedError("administrators_and_supervisors_only")
    if by.concerns(about.pk):
        raise SamePersonError
    return User.objects.get(pk=by.user_id)
