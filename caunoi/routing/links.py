"""One-time links for agencies without accounts: made by the centre, shown without the reporter, used once to answer."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.routing import queries
from caunoi.routing.models import OPEN_LEGS, Handover, Link
from caunoi.tickets.lifecycle import NotPossibleError

MAKERS = (Role.OPERATOR, Role.SUPERVISOR)


@transaction.atomic
def make(leg: Handover, *, by: Actor, days: int | None = None) -> Link:
    """A link to an open leg, for ⚙link_days days; earlier ones to the same leg no longer work."""
    if not by.has(*MAKERS):
        raise NotAllowedError("link")
    locked = Handover.objects.select_for_update().select_related("ticket", "agency").get(pk=leg.pk)
    if locked.state not in OPEN_LEGS:
        raise NotPossibleError("link")
    at = now()
    Link.objects.filter(leg=locked, revoked=None, used=None).update(revoked=at, revoked_by=by.name)
    link = Link.objects.create(
        leg=locked,
        nonce=secrets.token_hex(16),
        by=by.name,
        made=at,
        expires=at + timedelta(days=days or option("link_days")),
    )
    record("handover.link", locked.ticket, by=by, at=at, agency=locked.agency.code, link=link.pk)
    return link


@transaction.atomic
def revoke(link: Link, *, by: Actor) -> None:
    """The link no longer works; twice is once."""
    if not by.has(*MAKERS):
        raise NotAllowedError("link")
    if Link.objects.filter(pk=link.pk, revoked=None, used=None).update(revoked=now(), revoked_by=by.name):
        record("handover.link", link.leg.ticket, by=by, agency=link.leg.agency.code, link=link.pk, revoked=True)


def open_first(link: Link) -> None:
    """Somebody looks at it; the first time counts, and it is when the agency received the leg."""
    if link.opened is None:
        at = now()
        Link.objects.filter(pk=link.pk, opened=None).update(opened=at)
        Handover.objects.filter(pk=link.leg_id, received=None).update(received=at)


@transaction.atomic
def use(word: str) -> Link:
    """Use up a link for its one answer. Locked: of two at once, the second gets LinkClosedError."""
    link = queries.link(word)
    Link.objects.select_for_update().get(pk=link.pk)
    link = queries.link(word)  # as it is now that nobody else can use it
    link.used = now()
    link.save(update_fields=["used"])
    return link
