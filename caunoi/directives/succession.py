from caunoi.directives.models import Directive
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.lib.places.succession import Plan


def succeed(plan: Plan, *, by: Actor) -> None:
    """A leader's open orders go to the agency that follows, with their due."""
    rows = Directive.objects.in_bulk(plan.orders)
    for pk, row in rows.items():
        row.agency_id = plan.orders[pk]
    Directive.objects.bulk_update(rows.values(), ["agency"], batch_size=500)
    data, kind = {"act": plan.act, "number": plan.number}, "directive.follow"
    Event.objects.bulk_create(
        Event(at=plan.at, kind=kind, subject="directive", subject_id=pk, data=data, **by.signature) for pk in rows
    )
