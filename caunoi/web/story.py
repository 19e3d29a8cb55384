"""A ticket's history as a list to read: everything for the staff, the citizen's part for the citizen."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.answers import queries as answers
from caunoi.directory.boundaries import as_called
from caunoi.directory.queries import agencies_ever
from caunoi.events.actor import AGENCY, Actor, Kind, kind_of
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.files.models import Attachment
from caunoi.tickets import queries as tickets
from caunoi.tickets.models import Photo, Ticket
from caunoi.tickets.reasons import OTHER, PUBLIC, REASONS
from caunoi.tickets.undoing import undone
from caunoi.web.labels import EVENT, ROLE, named, word
from caunoi.web.masks import readable
from caunoi.web.orders import of_ticket

FOR_CITIZEN = {
    "ticket.create", "ticket.accept", "ticket.ask", "ticket.resume", "ticket.refuse", "ticket.merge", "ticket.route",
    "ticket.start", "ticket.approve", "ticket.answer", "ticket.close", "ticket.reopen", "ticket.leg_pass_on",
    "ticket.leg_return", "ticket.leg_grant_extension", "ticket.rate", "ticket.remark", "ticket.photos",
    "publication.ask_removal", "publication.decline", "publication.withdraw", "ticket.succeed", "ticket.resettle",
}  # fmt: skip
FOR_PUBLIC = {
    "ticket.create", "ticket.accept", "ticket.route", "ticket.start", "ticket.approve", "ticket.answer", "ticket.close",
    "ticket.reopen", "ticket.leg_pass_on", "ticket.leg_return", "ticket.leg_grant_extension", "ticket.succeed",
    "ticket.resettle", "ticket.refuse", "ticket.merge",
}  # fmt: skip
# What the citizen's own page calls it: it speaks to the one who wrote.
TO_CITIZEN = {
    "ticket.create": gettext_noop("We received your report"),
    "ticket.approve": gettext_noop("Answered"),
    "ticket.ask": gettext_noop("We ask you something"),
    "ticket.resume": gettext_noop("We carry on"),
    "ticket.remark": gettext_noop("You wrote to us"),
    "ticket.photos": gettext_noop("You added photos"),
    "ticket.rate": gettext_noop("You rated the answer"),
    "publication.ask_removal": gettext_noop("You asked to take it down from the public pages"),
}
BY_AN_ACT = ("ticket.succeed", "ticket.resettle")  # with its number, which is public
RENAMED = gettext_noop("The agency is now called %(agency)s")
HIDDEN_TEXT = {"ticket.leg_return"}  # between the agencies; the citizen learns only that it moves on


def picture(attachment: Attachment, *, query: str = "", caption: str = "") -> dict[str, str]:
    """A photo as components/photos.html shows it; `query` carries the right to see it (f=… of a follow link)."""
    tail = f"?{query}" if query else ""
    return {
        "url": reverse("picture", args=[attachment.name, "webp"]) + tail,
        "thumb": reverse("picture", args=[attachment.name, "small"]) + tail,
        "caption": caption,
    }


def pictures(ticket: Ticket, *, query: str = "") -> dict[str, list[dict[str, str]]]:
    """A ticket's photos by role: report, before, after."""
    found: dict[str, list[dict[str, str]]] = {role: [] for role in Photo.Role.values}
    for photo in tickets.photos(ticket):
        found[photo.role].append(picture(photo.attachment, query=query))
    return found


def _title(event: Event) -> tuple[str, str]:
    words, icon = EVENT.get(event.kind, (event.kind, "circle"))
    to = word(ROLE, event.data.get("audience", ""))
    agency = as_called(agencies_ever().get(event.data.get("agency", "")), localdate(event.at))
    if event.kind == "ticket.succeed" and event.data.get("was") == event.data.get("agency"):
        words = RENAMED
    return _(words) % {
        "agency": named(agency) or _("the agency"),
        "to": to,
    }, icon


def _text(event: Event, said: list[str]) -> str:
    if event.kind == "ticket.refuse" and event.data.get("reason") in REASONS:
        reason = REASONS[event.data["reason"]]
        advice = [] if reason.code == OTHER and said else [_(reason.advice)]
        return "\n".join([_(reason.label), *advice, *said])
    if "number" in event.data:  # of the act that moved it
        return str(event.data["number"])
    return "\n".join(said)


def for_staff(ticket: Ticket, by: Actor, orders: Iterable[dict[str, Any]] | None = None) -> list[dict[str, Any]]:
    """Everything that happened, oldest first, with who did it and the words that go with it, as `by` may read them;
    `orders` are those of `orders.of_ticket`, where they are known."""
    events = list(history(ticket))
    people = names({e.by for e in events})
    notes = tickets.notes(ticket, internal=True) if len(events) > 1 else {}  # nobody has said anything at its creation
    items: list[dict[str, Any]] = []
    for event in events:
        title, icon = _title(event)
        own = event.kind == "ticket.result"  # an agency's words, written without knowing the reporter
        said = [n.text if own else readable(n.text, ticket, by) for n in notes.get(event.pk, [])]
        who = {
            Kind.CITIZEN: _("Citizen"), Kind.APP: _("Citizen"), Kind.LINK: _("by a one-time link"),
        }.get(kind_of(event.by), people.get(event.by, ""))  # fmt: skip
        kind = "late" if event.kind in ("sla.breach", "sla.escalate") else "done"
        text = _text(event, said)
        items.append(
            {"event": event.kind, "title": title, "icon": icon, "at": event.at, "by": who, "text": text, "kind": kind}
        )
    items = sorted([*items, *_orders(of_ticket(ticket, by) if orders is None else orders)], key=lambda item: item["at"])
    if by.has(*AGENCY):
        return [item for item in items if item["event"] != "ticket.rate"]  # a rating never betrays its rater
    return items


def _orders(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What leaders ordered about it: given, read, carried out."""
    items = []
    for line in lines:
        row, late = line["row"], "late" if line["done_late"] else "done"
        told = _asked(line, late) if line["explains"] else [
            ("directive.give", _("A leader's order to %(agency)s") % {"agency": line["to"]}, row.at, line["by"], line["text"], "done"),
            ("directive.acknowledge", _("The order has been read"), row.acknowledged, line["acknowledged_by"], "", "done"),
            ("directive.complete", _("The order has been carried out"), row.done, line["done_by"], row.answer, late),
            ("directive.withdraw", _("The order was taken back"), row.withdrawn, "", "", "done"),
        ]  # fmt: skip
        items += [
            {"event": event, "title": title, "icon": "flag", "at": at, "by": who, "text": text, "kind": kind}
            for event, title, at, who, text, kind in told if at
        ]  # fmt: skip
    return items


def _asked(line: dict[str, Any], late: str) -> list[tuple[str, str, Any, str, str, str]]:
    """An explanation, asked for and given."""
    row = line["row"]
    return [
        ("explanation.give", _("%(agency)s is asked to explain why it is late") % {"agency": line["to"]}, row.at, line["by"], line["text"], "done"),
        ("explanation.complete", _("The explanation has come"), row.done, line["done_by"], row.answer, late),
        ("explanation.withdraw", _("No explanation is asked for any more"), row.withdrawn, "", "", "done"),
    ]  # fmt: skip


def _own(event: Event) -> bool:
    """Whether the citizen did it, and not the staff for the citizen."""
    return kind_of(event.by) is Kind.CITIZEN


def _told(event: Event) -> bool:
    """Whether the citizen's page tells of it: of remarks and photos only the citizen's own, and a reply only once."""
    if event.kind in ("ticket.remark", "ticket.photos", "publication.ask_removal"):
        return _own(event)
    if event.kind == "publication.decline":
        return bool(event.data.get("citizen"))
    return event.kind in FOR_CITIZEN and not (event.kind == "ticket.resume" and _own(event))


def for_citizen(ticket: Ticket) -> list[dict[str, Any]]:
    """What the citizen may know, oldest first; the answer's own words come from the answer that was approved. `code` is
    the event's kind."""
    notes = tickets.notes(ticket, internal=False)
    final = answers.final(ticket)
    items = []
    events = list(history(ticket))
    gone = undone(events)
    for event in filter(_told, events):
        if event.pk in gone:
            continue
        title, icon = _title(event)
        title = _(TO_CITIZEN[event.kind]) if event.kind in TO_CITIZEN else title
        said = [n.text for n in notes.get(event.pk, []) if n.kind != "note" or event.kind == "ticket.remark"]
        if event.kind == "ticket.approve" and final is not None and final.approved == event.at:
            said = [final.text]
        text = "" if event.kind in HIDDEN_TEXT else _text(event, said)
        items.append(
            {
                "code": event.kind, "title": title, "icon": icon, "at": event.at, "text": text, "kind": "done",
                "own": _own(event),
            }
        )  # fmt: skip
    return items


def reopening(story: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The last time it was opened again: `at`, and `own` when its citizen did it."""
    return next((item for item in reversed(list(story)) if item["code"] == "ticket.reopen"), None)


def refused_publicly(ticket: Ticket) -> str:
    """Why a published ticket was refused, as far as anybody may know it."""
    last = next((event for event in reversed(list(history(ticket))) if event.kind == "ticket.refuse"), None)
    code = last.data.get("reason", "") if last else ""
    return _(REASONS[code].label) if code in PUBLIC else ""


def for_public(ticket: Ticket) -> list[dict[str, Any]]:
    """What anybody may know of a published ticket's way: which steps and when, in nobody's words; of an act its number."""
    items = []
    events = list(history(ticket))
    gone = undone(events)
    for event in events:
        if event.kind in FOR_PUBLIC and event.pk not in gone:
            title, icon = _title(event)
            title = _("Answered") if event.kind == "ticket.approve" else title
            text = _text(event, []) if event.kind in BY_AN_ACT else ""
            items.append(
                {
                    "code": event.kind,
                    "title": title,
                    "icon": icon,
                    "at": event.at,
                    "text": text,
                    "kind": "done",
                    "own": _own(event),
                }
            )
    return items
