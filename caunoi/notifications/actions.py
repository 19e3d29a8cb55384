from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.conversations.queries import Senders, senders
from caunoi.directives.models import Directive
from caunoi.directory.models import Agency
from caunoi.events.actor import Actor, NotAllowedError
from caunoi.events.models import Event
from caunoi.events.screens import tell_screens
from caunoi.notifications import letters, queries
from caunoi.notifications.letters import Letter
from caunoi.notifications.models import Look, Notification
from caunoi.notifications.notices import AT_AGENCY, NOTICES, OF_ROLE, OUTSIDE, Audience, Notice
from caunoi.tickets.confidence import REFUSE
from caunoi.tickets.models import Participant, Sight, Ticket
from caunoi.tickets.undoing import hold, undone

LATELY = timedelta(minutes=1)
ALSO = 200  # single notices that are remembered as seen; then the older ones count as seen too


def _agencies(events: Iterable[Event]) -> Mapping[str | int, Agency]:
    """The agencies that events name, by code and by id."""
    data = [event.data for event in events]
    codes, ids = {d["agency"] for d in data if d.get("agency")}, {d["agency_id"] for d in data if d.get("agency_id")}
    rows = Agency.objects.filter(Q(code__in=codes) | Q(pk__in=ids)) if codes or ids else []
    return {name: row for row in rows for name in (row.code, row.pk)}


def _agency(ticket: Ticket | None, event: Event, agencies: Mapping[str | int, Agency]) -> Agency | None:
    """The agency a notice is about, or for: the one that the event names, else the one that leads."""
    leads = ticket.agency if ticket else None
    if event.kind == "handover.answer":
        return leads
    if pk := event.data.get("agency_id"):
        return agencies.get(pk)
    return agencies.get(event.data.get("agency", ""), leads)


def _concerns(
    notice: Notice,
    event: Event,
    ticket: Ticket | None,
    agency: Agency | None,
    directive: Directive | None,
    able: Senders,
) -> bool:
    only = OF_ROLE.get(event.data.get("audience", ""))  # an event of the ladder names whom it is for
    if (notice.to in AT_AGENCY and agency is None) or (only is not None and notice.to is not only):
        return False
    if directive is not None and notice.to is Audience.SUPERVISOR and agency is not None:
        return event.kind == "explanation.late"  # what an agency is ordered or asked is not the centre's to do
    if notice.to is Audience.CITIZEN and ticket is not None and ticket.restricted:
        return False  # a letter on a phone that others read could hurt whoever reported it
    if event.kind == "publication.decline":
        return bool(event.data.get("citizen")) == (notice.to is Audience.CITIZEN)  # else an operator asked for somebody
    if event.kind == "ticket.create" and ticket is not None:
        if notice.to is Audience.CENTRE:
            return not ticket.operator  # the centre wrote it itself
        return letters.reaches(ticket, able)  # who cannot be written to has the code from us or our page
    if event.kind == "ticket.reopen" and notice.to is Audience.CITIZEN:
        return event.by_user is not None  # who opened it again themselves knows it
    return True


def tell(occurrences: Iterable[tuple[Ticket | None, Event, Directive | None]]) -> None:
    """Record who hears of each event, and write to the citizens. Calling it again notifies nobody twice; those outside
    the house hear of an event only once it can no longer be taken back."""
    every, able = list(occurrences), senders()
    undone_ids = undone(event for _, event, _ in every)
    every = [one for one in every if one[1].pk not in undone_ids]
    agencies = _agencies(event for _, event, _ in every)
    rows: list[Notification] = []
    written: list[Letter] = []
    for ticket, event, directive in every:
        agency = directive.agency if directive else _agency(ticket, event, agencies)
        for notice in NOTICES.get(event.kind, ()):
            if not _concerns(notice, event, ticket, agency, directive, able):
                continue
            recipient = f"{notice.to}:{agency.pk}" if agency and notice.to in AT_AGENCY else str(notice.to)
            waits = notice.to in OUTSIDE and ticket is not None and hold(event, ticket)
            rows += (
                ()
                if waits
                else (
                    Notification(
                        event=event,
                        ticket=ticket,
                        directive=directive,
                        notice=notice.name,
                        audience=notice.to,
                        recipient=recipient,
                        agency=agency if notice.to is not Audience.CITIZEN else None,
                        at=event.at,
                    ),
                )
            )
            if notice.says and ticket is not None:
                written.append(Letter(event=event, ticket=ticket, notice=notice, agency=agency))
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    if written:
        letters.write(written, able)


def untell(event: Event) -> None:
    """The event was undone at once, so nobody hears of it."""
    Notification.objects.filter(event=event).delete()


@transaction.atomic
def look(by: Actor, pk: int | None = None, *, up_to: int | None = None) -> None:
    """This member of staff has looked at one notice, or at all there were when the page (`up_to`) was drawn.
    NotAllowedError for another's notice."""
    if by.user_id is None:
        raise NotAllowedError("look")
    Look.objects.get_or_create(reader=by.name)
    row = Look.objects.select_for_update().get(reader=by.name)
    if pk is None:
        newest = queries.mine(by).values_list("pk", flat=True)
        until = (newest.filter(pk__lte=up_to) if up_to is not None else newest).first() or 0
        row.until = max(row.until, until)
    else:
        if not queries.mine(by).filter(pk=pk).exists():
            raise NotAllowedError("look")
        row.also = sorted({*row.also, pk})
    row.also = [seen for seen in row.also if seen > row.until]
    if len(row.also) > ALSO:
        row.until, row.also = row.also[-ALSO - 1], row.also[-ALSO:]
    row.save()


def announce(pairs: Iterable[tuple[Ticket, str]], *, agencies: bool = True) -> None:
    """Let open screens know that tickets changed, and by what kind of event: ids only, to the desk, the agencies and
    the citizen of each. Of what is restricted, to nobody but custodians; whoever holds the link, which others may
    read, only as it is refused, which their page says too."""
    every = list(pairs)
    theirs: dict[int, list[str]] = {}
    rows = Participant.objects.filter(ticket__in=[one for one, _ in every if not one.restricted])
    rows = rows.filter(Q(until=None) | Q(until__gte=now() - LATELY))  # from whose lists it just went
    for ticket_id, agency_id in rows.values_list("ticket_id", "agency_id") if agencies else ():
        theirs.setdefault(ticket_id, []).append(f"agency:{agency_id}")
    tell_screens(
        {
            "to": ["restricted", *([f"ticket:{ticket.pk}"] if kind == REFUSE else [])]
            if ticket.restricted
            else ["desk", f"ticket:{ticket.pk}", f"opened:{ticket.pk}", *theirs.get(ticket.pk, ())],
            "event": "ticket",
            "id": ticket.pk,
            "kind": kind,
        }
        for ticket, kind in every
    )


def announce_threads(pks: Iterable[int], *, restricted: bool = False) -> None:
    """Let the desk know that threads changed, or custodians alone."""
    to = "restricted" if restricted else "desk"
    tell_screens({"to": [to], "event": "conversation", "id": pk} for pk in sorted(set(pks)))


def announce_writing(about: str) -> None:
    """Let the desk know that somebody began or stopped writing about a matter (ticket-12, thread-7); custodians alone
    where the ticket is theirs."""
    what, _, pk = about.partition("-")
    shut = what == "ticket" and pk.isdecimal() and Sight.objects.filter(pk=pk, restricted=True).exists()
    tell_screens([{"to": ["restricted" if shut else "desk"], "event": "writing", "id": about}])


def announce_health() -> None:
    """Let the desk know that a channel fell ill or is well again."""
    tell_screens([{"to": ["desk"], "event": "health", "id": 0}])


def announce_order(directive: Directive, event: Event) -> None:
    """Refresh the screens that show a leader's order; one about a restricted ticket is on custodians' screens only."""
    if directive.ticket is not None and directive.ticket.restricted:
        topics = ["restricted"]
    else:
        topics = ["desk", *([f"agency:{directive.agency_id}"] if directive.agency_id else [])]
    seen = {"id": directive.ticket_id} if directive.ticket_id else {}
    tell_screens([{"to": topics, "event": "ticket", "kind": event.kind, **seen}])


def announce_all() -> None:
    """Make every open list reload: the deadlines of many tickets moved."""
    agencies = Agency.objects.filter(people__is_active=True).values_list("pk", flat=True).distinct()
    topics = ["desk", *(f"agency:{pk}" for pk in agencies)]
    parts = (topics[begin : begin + 400] for begin in range(0, len(topics), 400))  # a payload holds 8 kB
    tell_screens({"to": part, "event": "ticket", "kind": "recount.finish"} for part in parts)
