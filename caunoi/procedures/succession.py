from caunoi.events.actor import Actor
from caunoi.lib.places.succession import Plan
from caunoi.procedures.models import Note


def succeed(plan: Plan, *, by: Actor) -> None:
    """The province's notes on procedures pass to the communes that follow; of a divided one to every part."""
    rows = Note.objects.in_bulk(plan.notes)
    more = []
    for pk, row in rows.items():
        row.area_id, *others = plan.notes[pk]
        more += [
            Note(procedure_id=row.procedure_id, area_id=to, text=row.text, phone=row.phone, by=row.by, at=row.at)
            for to in others
        ]
    Note.objects.bulk_update(rows.values(), ["area"])
    Note.objects.bulk_create(more)
