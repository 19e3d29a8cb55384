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
    Event.objects.bulk_create(
        Event(
            at=plan.at,
            kind="directive.follow",
            subject="directive",
            subject_id=pk,
            **by.signature,
            data={"act": plan.act, "number": plan.number},
        )
        for pk in rows
    )
