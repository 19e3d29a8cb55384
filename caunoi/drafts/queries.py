from datetime import timedelta

from django.db.models import Q
from django.utils.timezone import now

from caunoi.drafts.models import Draft, Sending

WRITING = timedelta(minutes=2)  # so long after the last letter somebody still counts as writing


def drafts(user_id: int, about: str = "") -> tuple[dict[tuple[str, str], Draft], list[str]]:
    """A person's unsent drafts by (about, form); and the names of the others now writing about this one matter. Ask
    only about a matter that the person may see."""
    matching = Q(user=user_id)
    if about:
        matching |= Q(about=about, at__gt=now() - WRITING)
    rows = list(Draft.objects.filter(matching).select_related("user").order_by("id"))
    mine = {(row.about, row.form): row for row in rows if row.user_id == user_id}
    return mine, list(dict.fromkeys(str(row.user) for row in rows if row.user_id != user_id))


def sending(user_id: int, once: str) -> Sending | None:
    """The form of that id, when it was sent."""
    return Sending.objects.filter(user=user_id, once=once).first()
