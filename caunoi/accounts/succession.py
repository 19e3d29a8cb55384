"""People and programs follow their agency where an act of reorganisation leads; it takes effect with their next click
or call. A program of an agency that is dissolved ends with it."""

from django.db import transaction
from django.db.models import F
from django.utils.timezone import now

from caunoi.accounts.models import Deputy, Key, ServiceAccount, User
from caunoi.accounts.queries import apps, exchanges
from caunoi.events.actions import record
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.lib.places.succession import Plan


def succeed(plan: Plan, *, by: Actor) -> None:
    """People, and the programs."""
    _people(plan, by=by)
    _programs(plan, by=by)


def _programs(plan: Plan, *, by: Actor) -> None:
    """To the new agency or commune, with the keys they have; those of a dissolved agency work no more."""
    rows = ServiceAccount.objects.in_bulk({*plan.programs, *plan.program_areas, *plan.closed_programs})
    for pk, row in rows.items():
        data = {"label": row.name, "act": plan.act, "document": plan.number, "owner": row.owner_id}
        if pk in plan.closed_programs:
            keys = Key.objects.filter(account=row, revoked=None).update(revoked=plan.at)
            record("service.close", row, by=by, at=plan.at, **data, keys=keys)
            continue
        row.agency_id = plan.programs.get(pk, row.agency_id)
        row.area_id = plan.program_areas.get(pk, row.area_id)
        row.save(update_fields=["agency", "area"])
        record("service.follow", row, by=by, at=plan.at, **data, agency=row.agency_id, area=row.area_id)
    if rows:
        transaction.on_commit(apps.drop)
        transaction.on_commit(exchanges.drop)


def _people(plan: Plan, *, by: Actor) -> None:
    """To the new agency or commune. A deputy in an agency that was divided no longer stands in when the two are no
    longer colleagues."""
    people = User.objects.in_bulk({*plan.people, *plan.people_areas})
    events = []
    for pk, user in people.items():
        before = {"agency": user.agency_id, "area": user.area_id}
        user.agency_id = plan.people.get(pk, user.agency_id)
        user.area_id = plan.people_areas.get(pk, user.area_id)
        after = {"agency": user.agency_id, "area": user.area_id}
        data = {"username": user.username, "act": plan.act, "number": plan.number}
        data |= {"before": {k: v for k, v in before.items() if v != after[k]}}
        data |= {"after": {k: v for k, v in after.items() if v != before[k]}}
        common = {"at": plan.at, "kind": "person.follow", "subject": "user", "pending": False, **by.signature}
        events.append(Event(subject_id=pk, data=data, **common))
    User.objects.bulk_update(people.values(), ["agency", "area"], batch_size=500)
    Event.objects.bulk_create(events)
    apart = Deputy.objects.filter(ended=None, until__gt=now()).exclude(person__agency=F("deputy__agency"))
    apart.filter(person__in=people, person__agency__isnull=False).update(ended=plan.at)
    apart.filter(deputy__in=people, deputy__agency__isnull=False).update(ended=plan.at)
