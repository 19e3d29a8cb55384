from caunoi.answers import actions
from caunoi.events.models import Event
from caunoi.procedures.models import Procedure


def recheck(event: Event) -> None:
    """A procedure changed or ended: mark what cites it, and have those called whose answer is wrong now."""
    procedure = Procedure.objects.select_related("current").get(pk=event.subject_id)
    actions.call_back(actions.compare_anew(procedure), procedure)
