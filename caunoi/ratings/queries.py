from datetime import timedelta

from django.db.models import Count
from django.utils.timezone import now

from caunoi.directory.queries import Fresh, option
from caunoi.ratings.models import Rating
from caunoi.tickets.lifecycle import HANDLED, State
from caunoi.tickets.models import Ticket


def given(ticket: Ticket) -> Rating | None:
    """The citizen's rating of the present answer."""
    return Rating.objects.filter(ticket=ticket, round=ticket.reopened).first()


def can_rate(ticket: Ticket) -> bool:
    """Answered, within the window, and not yet rated."""
    fresh = ticket.touched > now() - timedelta(days=option("rate_days"))
    return State(ticket.state) in HANDLED and fresh and given(ticket) is None


def grades(agency_id: int | None = None) -> dict[str, int] | None:
    """How many of each grade; None for an agency with fewer than the province's smallest group."""
    rows = Rating.objects.all() if agency_id is None else Rating.objects.filter(agency_id=agency_id)
    counted = dict(rows.order_by().values_list("grade").annotate(n=Count("id")))
    if agency_id is not None and sum(counted.values()) < option("show_groups_of"):
        return None
    return {grade.value: counted.get(grade.value, 0) for grade in Rating.Grade}


def _by_agency() -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    rows = Rating.objects.filter(agency__isnull=False).order_by().values_list("agency_id", "grade")
    for agency_id, grade, n in rows.annotate(n=Count("id")):
        found.setdefault(agency_id, {g.value: 0 for g in Rating.Grade})[grade] = n
    return {key: grades for key, grades in found.items() if sum(grades.values()) >= option("show_groups_of")}


grades_by_agency: Fresh[dict[int, dict[str, int]]] = Fresh(_by_agency)
"""How many of each grade, for every agency with enough of them to betray nobody."""
