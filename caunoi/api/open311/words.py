"""Our tickets in GeoReport v2's words: the only file that knows both."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from caunoi.answers.label import label
from caunoi.answers.models import Answer
from caunoi.answers.queries import by_machine
from caunoi.api.open311.reply import moment
from caunoi.api.open311.services import spoken
from caunoi.events.models import Event
from caunoi.events.queries import histories
from caunoi.files.models import Attachment
from caunoi.publication.models import Publication
from caunoi.ratings import queries as ratings
from caunoi.sla.models import Deadline
from caunoi.sla.queries import handles
from caunoi.tickets.lifecycle import OPEN, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import disputed


def status(ticket: Ticket) -> str:
    """open until the citizen has an answer (or was refused, or referred to an earlier report)."""
    return "open" if State(ticket.state) in OPEN else "closed"


def states(statuses: Iterable[str]) -> list[str]:
    """The states behind the statuses asked for."""
    names = set(statuses)
    return sorted(s.value for s in State if ("open" if s in OPEN else "closed") in names)


def _address(photo: Attachment) -> str:
    return settings.PUBLIC_URL + reverse("picture", kwargs={"name": photo.name, "size": "large"})


def _updates(events: Iterable[Event]) -> list[dict[str, Any]]:
    """When the ticket came to which state; whose hand it was is not the public's."""
    result: list[dict[str, Any]] = []
    for event in events:
        state = event.data.get("to")
        if state and (not result or result[-1]["state"] != state):
            result.append({"datetime": moment(event.at), "state": state})
    return result


def _notes(publication: Publication, answer: Answer | None) -> str | None:
    """The answer, and that a machine helped, where one did; of a ticket that was opened again, said to be the earlier
    one."""
    if not publication.answer:
        return None
    text = f"{publication.answer} ({note})" if (note := label(answer)) else publication.answer
    if disputed(publication.ticket):
        return _("Opened again; the earlier answer was: %(answer)s") % {"answer": text}
    return text


def _deadline(deadline: Deadline | None) -> list[dict[str, Any]]:
    return [{"clock": deadline.clock, "due": moment(deadline.due), "state": deadline.state}] if deadline else []


def _common(ticket: Ticket) -> dict[str, Any]:
    category = ticket.category
    return {
        "service_request_id": ticket.code,
        "status": status(ticket),
        "status_notes": None,
        "service_name": spoken(category.name, category.name_en) if category else None,
        "service_code": category.code if category else None,
        "requested_datetime": moment(ticket.received),
        "updated_datetime": moment(ticket.touched),
    }


def own_requests(tickets: Sequence[Ticket]) -> list[dict[str, Any]]:
    """Tickets that are not public, for the app that posted them: that they are here, and how far, but not what they
    say."""
    due = handles(tickets)
    return [{**_common(t), "expected_datetime": moment(due[t.pk].promised if t.pk in due else None)} for t in tickets]


def published_requests(publications: Sequence[Publication]) -> list[dict[str, Any]]:
    """Published tickets, for anybody. A fixed number of statements however many they are."""
    tickets = [p.ticket for p in publications]
    due = handles(tickets)
    events: dict[int, list[Event]] = {}
    for event in histories("ticket", [t.pk for t in tickets]):
        events.setdefault(event.subject_id, []).append(event)
    grades = ratings.grades_by_agency() if tickets else {}
    drafted = by_machine([ticket.pk for ticket in tickets])
    result = []
    for publication, ticket in zip(publications, tickets, strict=True):
        deadline, agency, area = due.get(ticket.pk), ticket.agency, ticket.area
        photos = [_address(photo) for photo in publication.photos.all()]
        result.append(
            {
                **_common(ticket),
                "status_notes": _notes(publication, drafted.get(ticket.pk)),
                "description": publication.text,
                "agency_responsible": spoken(agency.name, agency.name_en) if agency else None,
                "service_notice": None,
                "expected_datetime": moment(deadline.promised if deadline else None),
                "address": publication.place or (area.name if area else None),
                "address_id": area.code if area else None,
                "zipcode": None,
                "lat": publication.latitude,
                "long": publication.longitude,
                "media_url": photos[0] if photos else None,
                "extended_attributes": {
                    "title": publication.title,
                    "kind": ticket.kind,
                    "area": area.code if area else None,
                    "state": ticket.state,
                    "disputed": disputed(ticket),
                    "urgency": ticket.urgency,
                    "channel": ticket.channel,
                    "published_datetime": moment(publication.published),
                    "updates": _updates(events.get(ticket.pk, ())),
                    "deadlines": _deadline(deadline),
                    "rating": grades.get(agency.pk) if agency else None,  # of the agency, in groups: never of one rater
                    "photos": photos,
                },
            }
        )
    return result
