"""A ticket's history as a list to read: everything for the staff, the citizen's part for the citizen."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from operator import attrgetter

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.queries import names
from caunoi.answers import queries as answers
from caunoi.directory.boundaries import as_called
from caunoi.directory.queries import agencies_ever
from caunoi.events.actor import Actor, Kind
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.files.models import Attachment
from caunoi.ratings.queries import history_for
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import words_for_citizen
from caunoi.tickets.models import Photo, Ticket
from caunoi.tickets.reasons import OTHER, PUBLIC, REASONS
from caunoi.tickets.undoing import undone
from caunoi.transfers import queries as transfers
from caunoi.web.called_in import called_in
from caunoi.web.labels import EVENT, ROLE, Happening, localised_name, word
from caunoi.web.masks import readable
from caunoi.web.orders import OrderLine, of_ticket
from caunoi.web.templatetags.caunoi_ui import vndate

BY_AN_ACT = ("ticket.succeed", "ticket.resettle")  # with its number, which is public


@dataclass(frozen=True, kw_only=True)
class Step:
    """One thing that happened to a ticket, as components/timeline.html shows it: `event` is its kind, `kind` how its
    mark looks (done now late ahead), `own` says that the citizen did it, `id` is its anchor."""

    event: str = ""
    title: str
    icon: str = ""
    at: dt.datetime | None = None
    by: str = ""
    text: str = ""
    kind: str = "done"
    own: bool = False
    id: str = ""


@dataclass(frozen=True)
class PictureLinks:
    """A photo as components/photos.html shows it."""

    url: str
    thumb: str
    caption: str = ""


RENAMED = gettext_noop("The agency is now called %(agency)s")


def picture(attachment: Attachment, *, query: str = "") -> PictureLinks:
    """Where a photo is; `query` carries the right to see it (f=… of a follow link)."""
    tail = f"?{query}" if query else ""
    return PictureLinks(
        url=reverse("picture", args=[attachment.name, "webp"]) + tail,
        thumb=reverse("picture", args=[attachment.name, "small"]) + tail,
    )


def pictures(ticket: Ticket, *, query: str = "") -> dict[str, list[PictureLinks]]:
    """A ticket's photos by role: report, before, after."""
    result: dict[str, list[PictureLinks]] = {role: [] for role in Photo.Role.values}
    for photo in tickets.photos(ticket):
        result[photo.role].append(picture(photo.attachment, query=query))
    return result


def _title(event: Event, sentence: str) -> str:
    """A sentence of history with the names that it speaks of, as they were then."""
    to = word(ROLE, event.data.get("audience", ""))
    agency = as_called(agencies_ever().get(event.data.get("agency", "")), localdate(event.at))
    if event.kind == "ticket.succeed" and event.data.get("was") == event.data.get("agency"):
        sentence = RENAMED
    province = transfers.province(event.data["cell"]) if "cell" in event.data else ""
    values = {"agency": localised_name(agency) or _("the agency"), "to": to, "province": province}
    if assignee := event.data.get("assignee"):
        values["assignee"] = names({assignee}).get(assignee, assignee)
    if event.kind == "ticket.snooze":
        values["until"] = vndate(dt.datetime.fromisoformat(event.data["until"]))
    return _(sentence) % values


def sentence(ticket: Ticket, kinds: Collection[str]) -> str:
    """What the last event of these kinds says in the staff's history, "Handed to …"; empty where there is none."""
    event = history(ticket).filter(kind__in=kinds).last()
    return _title(event, EVENT[event.kind].staff) if event and event.kind in EVENT else ""


def _text(event: Event, texts: list[str]) -> str:
    if event.data.get("reason") in REASONS:
        reason = REASONS[event.data["reason"]]
        advice = [] if (reason.code == OTHER and texts) or not reason.advice else [_(reason.advice)]
        return "\n".join([_(reason.label), *advice, *texts])
    if "number" in event.data:  # of the act that moved it
        return str(event.data["number"])
    return "\n".join(texts)


def for_staff(ticket: Ticket, by: Actor, orders: Iterable[OrderLine] | None = None) -> list[Step]:
    """Everything that happened, oldest first, with who did it and the words that go with it, as `by` may read them;
    `orders` are those of `orders.of_ticket`, where they are known."""
    events = history_for(ticket, by)
    people = names({e.by for e in events})
    notes = tickets.notes(ticket, internal=True) if len(events) > 1 else {}  # there are none at its creation
    items: list[Step] = []
    for event in events:
        happening = EVENT.get(event.kind) or Happening(staff=event.kind, icon="circle")
        title, icon = _title(event, happening.staff), happening.icon
        own = event.kind == "ticket.result"  # an agency's words, written without knowing the reporter
        texts = [n.text if own else readable(n.text, ticket, by) for n in notes.get(event.pk, [])]
        who = {
            Kind.CITIZEN: _("Citizen"),
            Kind.APP: _("Citizen"),
            Kind.LINK: _("by a one-time link"),
        }.get(event.actor_kind, people.get(event.by, ""))
        kind = "late" if event.kind in ("sla.breach", "sla.escalate", "alarm.climb") else "done"
        text = _text(event, texts)
        step = Step(event=event.kind, title=title, icon=icon, at=event.at, by=who, text=text, kind=kind)
        items.append(replace(step, own=event.actor_kind in (Kind.CITIZEN, Kind.APP), id=f"e{event.pk}"))
    if any(event.kind == "ticket.call" for event in events):
        items += _called_in(ticket, by)
    ordered = _orders(of_ticket(ticket, by) if orders is None else orders)
    return sorted([*items, *ordered], key=attrgetter("at"))


def _called_in(ticket: Ticket, by: Actor) -> list[Step]:
    """Who was called into its calls: 113, 114, 115, an agency on duty, a colleague; and whether they picked up."""
    return [
        Step(
            event="call.command",
            title=_("Called in: %(who)s") % {"who": one.who},
            icon="phone-outgoing",
            at=one.row.asked,
            by=one.by,
            text=one.outcome,
            kind="done" if one.answered else "late",
        )
        for one in called_in(tickets.calls(ticket, by))
    ]


def _orders(lines: Iterable[OrderLine]) -> list[Step]:
    """What leaders ordered about it: given, read, carried out."""
    items = []
    for line in lines:
        row, late = line.row, "late" if line.done_late else "done"
        parts = (
            _explanation_lines(line, late)
            if line.explains
            else [
                (
                    "directive.give",
                    _("A leader's order to %(agency)s") % {"agency": line.to},
                    row.at,
                    line.by,
                    line.text,
                    "done",
                ),
                (
                    "directive.acknowledge",
                    _("The order has been read"),
                    row.acknowledged,
                    line.acknowledged_by,
                    "",
                    "done",
                ),
                (
                    "directive.complete",
                    _("The order has been carried out"),
                    row.done,
                    line.done_by,
                    row.answer,
                    late,
                ),
                ("directive.withdraw", _("The order was taken back"), row.withdrawn, "", "", "done"),
            ]
        )
        items += [
            Step(event=event, title=title, icon="flag", at=at, by=who, text=text, kind=kind)
            for event, title, at, who, text, kind in parts
            if at
        ]
    return items


def _explanation_lines(line: OrderLine, late: str) -> list[tuple[str, str, dt.datetime | None, str, str, str]]:
    """An explanation, asked for and given."""
    row = line.row
    return [
        (
            "explanation.give",
            _("%(agency)s is asked to explain why it is late") % {"agency": line.to},
            row.at,
            line.by,
            line.text,
            "done",
        ),
        ("explanation.complete", _("The explanation has come"), row.done, line.done_by, row.answer, late),
        ("explanation.withdraw", _("No explanation is asked for any more"), row.withdrawn, "", "", "done"),
    ]


def _own(event: Event) -> bool:
    """Whether the citizen did it, and not the staff for the citizen."""
    return event.actor_kind is Kind.CITIZEN


def _visible_to_citizen(event: Event) -> bool:
    """Whether the citizen's page tells of it: of remarks and photos only the citizen's own, and a reply only once."""
    if event.kind in ("ticket.remark", "ticket.photos", "publication.ask_removal"):
        return _own(event)
    if event.kind == "publication.decline":
        return bool(event.data.get("citizen"))
    happening = EVENT.get(event.kind)
    return bool(happening and happening.citizen) and not (event.kind == "ticket.resume" and _own(event))


def for_citizen(ticket: Ticket) -> list[Step]:
    """What the citizen may know, oldest first; the answer's own words come from the answer that was approved."""
    notes = tickets.notes(ticket, internal=False)
    final = answers.final(ticket)
    items = []
    events = list(history(ticket))
    undone_ids = undone(events)
    for event in filter(_visible_to_citizen, events):
        if event.pk in undone_ids:
            continue
        happening = EVENT[event.kind]
        texts = [n.text for n in notes.get(event.pk, []) if words_for_citizen(event.kind, n.kind)]
        if not texts and final is not None and final.approved == event.at:
            texts = [final.text]
        items.append(
            Step(
                event=event.kind,
                title=_title(event, happening.to_citizen()),
                icon=happening.icon,
                at=event.at,
                text=_text(event, texts),
                own=_own(event),
            )
        )
    return items


def reopening(story: Sequence[Step]) -> Step | None:
    """The last time it was opened again."""
    return next((step for step in reversed(story) if step.event == "ticket.reopen"), None)


def refused_publicly(ticket: Ticket) -> str:
    """Why a published ticket was refused, as far as anybody may know it."""
    code = _refusal(ticket)
    return _(REASONS[code].label) if code in PUBLIC else ""


def refused_as_emergency(ticket: Ticket) -> bool:
    """Whether its citizen was sent to an emergency number instead."""
    return _refusal(ticket) == "emergency"


def _refusal(ticket: Ticket) -> str:
    """The reason of the last refusal."""
    last = history(ticket).filter(kind__in=("ticket.refuse", "ticket.hand_over")).last()
    return last.data.get("reason", "") if last else ""


def for_public(ticket: Ticket) -> list[Step]:
    """What anybody may know of a published ticket's way: which steps and when, in nobody's words; of an act its
    number."""
    items = []
    events = list(history(ticket))
    undone_ids = undone(events)
    for event in events:
        happening = EVENT.get(event.kind)
        if happening is not None and happening.public and event.pk not in undone_ids:
            text = _text(event, []) if event.kind in BY_AN_ACT else ""
            items.append(
                Step(
                    event=event.kind,
                    title=_title(event, happening.to_public()),
                    icon=happening.icon,
                    at=event.at,
                    text=text,
                    own=_own(event),
                )
            )
    return items
