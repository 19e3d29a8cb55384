"""Deputies during leave: who does whose work, from when until when. It ends by itself."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.timezone import now

from caunoi.accounts.models import Deputy, User
from caunoi.events.actions import record
from caunoi.events.actor import AGENCY, Actor, NotAllowedError, Role

FOR = " for "  # "minh for hoa": no user name has a blank
LENGTH = 150  # of a name that is written down


COLLEAGUES = Q(person__agency=F("deputy__agency")) | Q(person__agency=None, deputy__agency=None)
FIT = COLLEAGUES & ~Q(person__role=Role.ADMIN) & ~Q(deputy__role=Role.ADMIN)
"""Two of whom one may stand in for the other: `candidates`, of an arrangement."""


def _in_force() -> Q:
    """The arrangements in force: not those of a person whose role or agency has changed since."""
    at = now()
    return FIT & Q(since__lte=at, until__gt=at, ended=None, person__is_active=True, deputy__is_active=True)


def deputies(person: User) -> QuerySet[Deputy]:
    """Who stands in for a person now or later, the nearest first."""
    rows = Deputy.objects.filter(person=person, ended=None, until__gt=now())
    return rows.select_related("deputy", "person").order_by("since", "id")


def stands_in(user: User) -> QuerySet[Deputy]:
    """For whom a person stands in now."""
    return Deputy.objects.filter(_in_force(), deputy=user).select_related("person__agency").order_by("until")


def away() -> dict[int, Deputy]:
    """The absences of now and their deputies, by the id of the absent person."""
    return {d.person_id: d for d in Deputy.objects.filter(_in_force()).select_related("deputy").order_by("-since")}


def arrangement(pk: int) -> Deputy | None:
    return Deputy.objects.filter(pk=pk).select_related("person", "deputy").first()


def candidates(person: User) -> QuerySet[User]:
    """Who may stand in: colleagues of the same agency; for the centre's and the province's people, one another. Nobody
    for an administrator: another one is there."""
    if person.role == Role.ADMIN:
        return User.objects.none()
    users = User.objects.filter(is_active=True, agency=person.agency).exclude(pk=person.pk).exclude(role=Role.ADMIN)
    return users.order_by("full_name")


@transaction.atomic
def name(person: User, deputy: User, since: datetime, until: datetime, *, by: Actor) -> Deputy:
    """A person, or an administrator for them, names who does their work. ValueError for somebody who cannot, or for an
    empty, past or overlapping span."""
    if not by.is_person(person.pk) and not by.has(Role.ADMIN, Role.SYSTEM):
        raise NotAllowedError("deputy")
    if not candidates(person).filter(pk=deputy.pk).exists():
        raise ValueError("deputy")
    if until <= since or until <= now():
        raise ValueError("until")
    User.objects.select_for_update().get(pk=person.pk)
    if deputies(person).filter(since__lt=until, until__gt=since).exists():
        raise ValueError("taken")
    row = Deputy.objects.create(person=person, deputy=deputy, since=since, until=until, by=by.name)
    times: dict[str, Any] = {"since": since.isoformat(), "until": until.isoformat()}
    record("person.deputy", person, by=by, username=person.username, deputy=deputy.username, **times)
    return row


@transaction.atomic
def end(row: Deputy, *, by: Actor) -> None:
    """Before its time: the person is back, or an administrator ends it, or the deputy cannot any more."""
    if by.user_id not in (row.person_id, row.deputy_id) and not by.has(Role.ADMIN):
        raise NotAllowedError("deputy")
    if Deputy.objects.filter(pk=row.pk, ended=None).update(ended=now()):
        data: dict[str, Any] = {"username": row.person.username, "deputy": row.deputy.username}
        record("person.deputy_end", row.person, by=by, **data)


def acting(user: User, person_id: int) -> Actor | None:
    """A deputy at that person's work: their rights, and a name that says who did it for whom; None once it is over."""
    row = stands_in(user).filter(person_id=person_id).first()
    if row is None:
        return None
    actor = row.person.as_actor()
    if actor.has(*AGENCY) and actor.agency_id is None:
        return None
    name = f"{user.username}{FOR}{row.person.username}"[:LENGTH]
    return replace(actor, name=name, user_id=user.pk, behalf_id=row.person_id, custodian=False)
