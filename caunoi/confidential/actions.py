"""What can be done in the confidential lane. No event of the product tells of it: the case's own entries do."""

import secrets
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from pathlib import PurePath
from typing import Any

from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from caunoi.accounts.models import User
from caunoi.calls.actions import drop_recordings, give_back, shut
from caunoi.calls.actions.recordings import ENDINGS
from caunoi.calls.models import Call
from caunoi.confidential import queries
from caunoi.confidential.custodians import tell_all
from caunoi.confidential.lanes import STEPS, Lane, State, Way
from caunoi.confidential.models import Case, Entry, File
from caunoi.directory import queries as directory
from caunoi.directory.models import Area
from caunoi.events.actor import Actor, NotAllowedError, RefusedError, Role, citizen
from caunoi.files.queries import content
from caunoi.lib.privacy.identity import ERASED
from caunoi.lib.vietnamese.writing import nfc
from caunoi.tickets import confidence
from caunoi.tickets.actions import remark, take
from caunoi.tickets.correspondence import CONFIDENCE
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Note, Photo, Suggestion, Ticket
from caunoi.tickets.report import Report, Reporter

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
MOST = 10_000  # letters of what somebody writes
AT_ONCE = 200  # tickets, and recordings


class NotNowError(RefusedError):
    """The case has moved on."""

    code = "not_now"


@transaction.atomic
def receive(
    report: Report,
    lane: Lane,
    way: Way,
    *,
    by: Actor | None = None,
    files: Iterable[tuple[str, str, bytes]] = (),
    ticket: Ticket | None = None,
    call: Call | None = None,
    talk: Iterable[Mapping[str, Any]] = (),
    of: str = "",
    at: datetime | None = None,
) -> Case:
    """A case from what somebody reports; the same report (`once`) again is the first case. `files`: name, content type
    and bytes; `of`: the code of the ticket to which it was a reply; the call goes with it where it was `by`'s own.
    MissingDataError when there are no words."""
    report = report.clean()
    if row := Case.objects.filter(once=report.once).first():
        return row
    call = call if call is not None and _is_own(call, by) else None
    who, area = report.reporter, Area.objects.filter(pk=report.area_id).first() if report.area_id else None
    words = {
        "text": report.text,
        "summary": report.summary,
        "address": report.address,
        "area": area.code if area else "",
        "occurred": report.occurred.isoformat() if report.occurred else "",
        "name": who.name,
        "phone": who.phone,
        "email": who.email,
        "talk": list(talk),
        "of": of,
    }
    row = Case(
        code=f"K-{''.join(secrets.choice(LETTERS) for _ in range(8))}",
        once=report.once,
        lane=lane,
        way=way,
        channel=report.channel,
        words=words,
        follow=secrets.token_urlsafe(18),
        ticket=ticket,
        call=call,
        received=at or now(),
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # the same report, sent again at the same moment
        return Case.objects.get(once=report.once)
    if call is not None:
        shut(call)
    Entry.objects.create(case=row, kind=Entry.Kind.RECEIVE, by_id=by.user_id if by else None, at=row.received)
    for name, content_type, data in files:
        File.objects.create(case=row, name=name[:200], content_type=content_type[:100], data=data)
    tell_all(gettext_noop("Something was reported in confidence"), reverse("confidential:home"))
    return row


def _is_own(call: Call, by: Actor | None) -> bool:
    """Whether somebody may give a call away with what was said in it: their own, one of nobody's, or a supervisor."""
    return by is None or call.operator_id in (None, by.user_id) or by.has(Role.SUPERVISOR)


@transaction.atomic
def take_in(ticket: Ticket) -> Case:
    """The case of a restricted ticket: its words, messages and files are sealed into it, and leave the ticket and
    everything that hung on it."""
    ticket = Ticket.objects.select_for_update(of=("self",)).select_related("contact").get(pk=ticket.pk)
    if row := queries.of_ticket(ticket.pk):
        return row
    contact = ticket.contact
    report = Report(
        text=ticket.text,
        summary=ticket.summary,
        address=ticket.address,
        area_id=ticket.area_id,
        occurred=ticket.occurred,
        channel=ticket.channel,
        once=f"ticket:{ticket.pk}",
        reporter=Reporter(name=contact.name, phone=contact.phone, email=contact.email, address=contact.address),
    )
    lane = queries.lane_of(f"{ticket.summary}\n{ticket.text}") or Lane.DENUNCIATION
    way = Way.WORDS if confidence.refused_by_words(ticket) else Way.REFUSAL
    talk = [
        {
            "at": message.at.isoformat(),
            "inbound": message.inbound,
            "subject": message.subject_line,
            "text": message.text,
        }
        for message in confidence.messages(ticket)
    ]
    talk += [
        {"at": "", "inbound": False, "subject": note.kind, "text": note.text}
        for note in Note.objects.filter(ticket=ticket).order_by("id")
    ]
    of = Suggestion.objects.filter(ticket=ticket, why=CONFIDENCE).values_list("other__code", flat=True).first() or ""
    row = receive(report, lane, way, files=_files(ticket), ticket=ticket, talk=talk, of=of, at=ticket.received)
    confidence.empty(ticket)
    return row


@transaction.atomic
def add_later(ticket: Ticket) -> Case | None:
    """What a citizen sent to a ticket after it was taken in, by whatever way, is a reply of its case. None where there
    is no case."""
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket.pk)
    row = Case.objects.select_for_update().filter(ticket=ticket.pk).first()
    if row is None:
        return None
    texts, files = confidence.sent_since(ticket), list(_files(ticket))
    for text in texts or [""] * bool(files):
        Entry.objects.create(case=row, kind=Entry.Kind.REPLY, text=text[:MOST])
    for name, content_type, data in files:
        File.objects.create(case=row, name=name[:200], content_type=content_type[:100], data=data)
    confidence.empty(ticket, again=True)
    if texts or files:
        tell_all(gettext_noop("Something was reported in confidence"), reverse("confidential:home"))
    return row


def _files(ticket: Ticket) -> Iterable[tuple[str, str, bytes]]:
    for photo in Photo.objects.filter(ticket=ticket).select_related("attachment").order_by("id"):
        with content(photo.attachment) as file:
            yield f"{photo.role}.webp", "image/webp", file.read()


@transaction.atomic
def take_in_recording(row: Case) -> bool:
    """The recording of the call in which it was told is sealed into the case and leaves the store; False where there is
    none, or none yet."""
    calls = Call.objects.select_for_update().filter(pk=row.call_id) if row.call_id else Call.objects.none()
    call = calls.exclude(sound="").first()
    if call is None or not default_storage.exists(call.sound):
        return False
    with default_storage.open(call.sound) as file:
        name = PurePath(call.sound).name
        content_type = ENDINGS.get(name.rpartition(".")[2], "application/octet-stream")
        File.objects.create(case=row, name=name, content_type=content_type, data=file.read())
    drop_recordings([call.pk])
    return True


def take_in_all() -> int:
    """Seal into cases the words of restricted tickets, also of those from before there was a lane, what was sent to
    them since, and the recordings of calls in which something was told in confidence; how many. One that fails stops
    no other: ExceptionGroup in the end."""
    faults: list[Exception] = []
    due: list[Callable[[], object]] = [partial(take_in, ticket) for ticket in confidence.to_take_in()[:AT_ONCE]]
    due += [partial(add_later, ticket) for ticket in confidence.to_add()[:AT_ONCE]]
    due += [partial(take_in_recording, row) for row in queries.with_recordings()[:AT_ONCE]]
    for act in due:
        try:
            act()
        except Exception as error:
            faults.append(error)
    if faults:
        raise ExceptionGroup("not taken in", faults)
    return len(due)


def _custodian(by: Actor) -> User:
    if not queries.may_read(by) or by.user_id is None:
        raise NotAllowedError("custodians_only")
    return User.objects.get(pk=by.user_id)


def look(row: Case, *, by: Actor) -> None:
    """A custodian has opened it: that stands in it, once an hour."""
    user = _custodian(by)
    last = row.entries.filter(by=user).order_by("-id").first()
    if last is None or (now() - last.at).total_seconds() > 3600:
        Entry.objects.create(case=row, kind=Entry.Kind.LOOK, by=user)


@transaction.atomic
def step(row: Case, name: str, text: str = "", *, by: Actor) -> Case:
    """A step of STEPS. NotAllowedError, NotNowError; ValueError where words are needed."""
    user, rule, text = _custodian(by), STEPS[name], nfc(text).strip()[:MOST]
    row = Case.objects.select_for_update().get(pk=row.pk)
    if row.state not in rule.sources:
        raise NotNowError
    if rule.needs and not text:
        raise ValueError("text")
    row.state = rule.to
    row.holder = row.holder or user
    at = now()
    for column in ("taken", "forwarded", "closed"):
        if rule.to == column and getattr(row, column) is None:
            setattr(row, column, at)
    if name == "reopen":
        row.closed = None
    row.save(update_fields=["state", "holder", "taken", "forwarded", "closed"])
    Entry.objects.create(case=row, kind=name, by=user, at=at, text=text)
    if name == "ordinary":
        _become_ticket(row, by=by)
        if row.call is not None:
            give_back(row.call)
    elif name == "erase":
        _erase(row)
    return row


def _erase(row: Case) -> None:
    """Its words, files and link go, and what was written about it but why it was erased; who did what and when
    stays."""
    row.words = {name: [] if name == "talk" else "" for name in row.words} | {"text": ERASED}
    row.follow = secrets.token_urlsafe(18)
    row.save(update_fields=["words", "follow", "follow_index"])
    row.files.all().delete()
    row.entries.exclude(kind=Entry.Kind.ERASE).update(text=None)


def _become_ticket(row: Case, *, by: Actor) -> Ticket:
    """It was nothing to be confidential about: the centre gets it as a ticket, or the ticket to which it was a reply
    gets it, while that is open."""
    words = row.words
    of = Ticket.objects.filter(code=words.get("of") or None, state__in=OPEN, restricted=False).first()
    if of is not None:
        remark(of, words["text"], by=citizen(of.pk), internal=False)
        return of
    area = directory.area(words["area"])
    report = Report(
        text=words["text"],
        summary=words["summary"],
        address=words["address"],
        area_id=area.pk if area else None,
        occurred=datetime.fromisoformat(words["occurred"]) if words["occurred"] else None,
        channel=row.channel,
        once=f"case:{row.code}",
        ordinary=True,
        reporter=Reporter(name=words["name"], phone=words["phone"], email=words["email"]),
    )
    return take(report, by=by)


@transaction.atomic
def write(row: Case, text: str, kind: Entry.Kind, *, by: Actor | None = None) -> Entry:
    """A custodian's note (NOTE) or words to whoever reported it (TELL), or their reply (REPLY, without `by`).
    ValueError for no words; NotNowError where it has become an ordinary ticket."""
    user = None if kind is Entry.Kind.REPLY else _custodian(by) if by else None
    text = nfc(text).strip()[:MOST]
    if not text or (user is None) != (kind is Entry.Kind.REPLY):
        raise ValueError("text")
    row = Case.objects.select_for_update().get(pk=row.pk)
    if row.state in (State.ORDINARY, State.ERASED):
        raise NotNowError
    return Entry.objects.create(case=row, kind=kind, by=user, text=text)
