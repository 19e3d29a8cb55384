"""A person's request about their data, from the receipt to the end."""

import secrets
from collections.abc import Collection, Iterable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import TextField, Value
from django.db.models.functions import Concat
from django.utils.timezone import localtime, now
from django.utils.translation import gettext, override
from django.utils.translation import gettext_noop as _

from caunoi.accounts.queries import digest
from caunoi.conversations.actions import Saying, say_all
from caunoi.conversations.models import Contact, Conversation
from caunoi.conversations.queries import Way, senders, ways
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, RefusedError, Role
from caunoi.events.rowsecurity import reading, unlimited
from caunoi.followers import erasure as followers
from caunoi.lib.vietnamese.writing import nfc
from caunoi.notifications import erasure as notifications
from caunoi.privacy import clocks, queries
from caunoi.privacy.actions.erasing import NOTE, erase, subject_of
from caunoi.privacy.actions.packaging import pack
from caunoi.privacy.clocks import BY_HAND, GIVES, OPTION, RequestKind
from caunoi.privacy.models import DataRequest, Withdrawal
from caunoi.publication.actions import withdraw
from caunoi.publication.models import Publication
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.tickets.models import Ticket

State = DataRequest.State
TIMED = (DataRequest.Proof.CODE, DataRequest.Proof.ACCOUNT)
"""What proves somebody for a while, in one browser: the page stays, the file does not go with it."""
UNPROVED = (DataRequest.Via.PAGE, DataRequest.Via.STAFF)
"""By these, whoever asked need not be the person: the file is on a page whose address only the person is sent."""
DECIDES = (Role.SUPERVISOR, Role.ADMIN)
TELLS = {
    "receive": _("We have your request about your personal data. How it stands: {link}"),
    "identify": _("We have made sure that the request about your personal data is yours. How it stands: {link}"),
    "answer": _(
        "We are dealing with your request about your personal data and finish it by {due}. How it stands: {link}"
    ),
    "extend": _("Your request about your personal data takes longer: we finish it by {due}. The reason: {link}"),
    "grant": _("Your request about your personal data is granted. How it stands: {link}"),
    "decline": _("Your request about your personal data cannot be granted. The reason: {link}"),
    "finish": _("Your request about your personal data is done. You find the outcome here: {link}"),
}


class HeldError(RefusedError):
    """Something forbids it now: a hold, or tickets that are still being handled."""

    code = "held"


class SecondPersonError(RefusedError):
    """Who added people to a request that gives data does not grant it."""

    code = "second_person"


class UnreachableError(RefusedError):
    """Nobody of those who were added can be written to, so the file would reach nobody."""

    code = "unreachable"


def _decides(by: Actor) -> None:
    if not by.has(*DECIDES):
        raise NotAllowedError("decides_data_requests")


def _thread(row: DataRequest) -> tuple[Conversation, Way] | None:
    """The way that they used last; where people were added to whoever asked, one of theirs."""
    people = row.holders or row.contacts
    thread = Conversation.objects.filter(contact__in=people).select_related("inbox", "contact").order_by("-pk").first()
    way = next(iter(ways(thread, senders())), None) if thread else None
    return None if thread is None or way is None or thread.public else (thread, way)


@unlimited()
def is_reachable(row: DataRequest) -> bool:
    """Whether the person can be written to."""
    return _thread(row) is not None


def _tell(row: DataRequest, what: str) -> None:
    """Write to the person by the way they used last, if there is one; else they read it on the page. Its address is
    theirs alone: whoever has it may take the file with everything."""
    if (own := _thread(row)) is None:
        return
    thread, way = own
    link = f"{settings.PUBLIC_URL}/privacy/r/{row.key or row.token}"
    with override("vi"):
        text = gettext(TELLS[what]).format(link=link, due=f"{localtime(row.due):%d/%m/%Y}")
    once = f"data-request-{row.pk}-{what}" + (f"-{digest(row.key or row.token)[:8]}" if what == "identify" else "")
    say_all([Saying(conversation=thread, text=text, once=once, way=way)], by=SYSTEM)


@transaction.atomic
def ask(
    kind: RequestKind,
    *,
    via: DataRequest.Via,
    by: Actor,
    ticket: Ticket | None = None,
    contacts: Collection[int] = (),
    proof: DataRequest.Proof = DataRequest.Proof.NONE,
    text: str = "",
    name: str = "",
    reach: str = "",
    token: str = "",
) -> DataRequest:
    """Take a request: by the link of a ticket, on the public page, by a member of the staff, or by what a provider
    passed on (`token` where it was promised one). The same kind by the same link while the first is open is the first
    one again, with what they add."""
    if ticket is not None:
        Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)  # two at once are one
        same = DataRequest.objects.filter(ticket=ticket.pk, kind=kind, state__in=queries.OPEN)
        before = (same.filter(proof=proof) if kind in GIVES else same).first()
        if before:
            return _append(before, nfc(text).strip())
        contacts = [*contacts, ticket.contact_id]
    at = now()
    row = DataRequest.objects.create(
        token=token or _token(),
        key=_token() if kind in GIVES and proof in TIMED else "",
        kind=kind,
        via=via,
        proof=proof,
        contacts=_person(kind, contacts),
        ticket=ticket.pk if ticket else None,
        name=nfc(name).strip()[:120],
        reach=reach.strip()[:254],
        text=nfc(text).strip(),
        received=at,
        answer_due=queries.answer_due(at),
        due=clocks.due(at, int(option(OPTION[kind]))),
    )
    record("datarequest.receive", row, by=by, kind=kind, via=via)
    _tell(row, "receive")
    return row


def _person(kind: RequestKind, contacts: Collection[int]) -> list[int]:
    return queries.proved_person(contacts) if kind in GIVES else queries.whole_person(contacts)


def _append(row: DataRequest, text: str) -> DataRequest:
    if text and text not in row.text:
        DataRequest.objects.filter(pk=row.pk).update(
            text=Concat("text", Value("\n\n" if row.text else ""), Value(text), output_field=TextField())
        )
        row.refresh_from_db()
    return row


@transaction.atomic
def ask_once(contact: int, token: str = "") -> DataRequest:
    """Take a request for erasure that a provider passed on, once while it is open. Its page is that of the last `token`
    which the provider was promised."""
    Contact.objects.select_for_update(no_key=True).filter(pk=contact).first()
    if token and (same := queries.by_token(token)):
        return same
    before = DataRequest.objects.filter(
        contacts__contains=[contact], kind=RequestKind.DELETE, via=DataRequest.Via.PROVIDER, state__in=queries.OPEN
    ).first()
    if before:
        if token:
            _set(before, queries.OPEN, token=token)
        return before
    return ask(
        RequestKind.DELETE,
        via=DataRequest.Via.PROVIDER,
        proof=DataRequest.Proof.PROVIDER,
        by=SYSTEM,
        contacts=[contact],
        token=token,
    )


@transaction.atomic
def ask_unknown(receipt: int, token: str) -> DataRequest:
    """Take a request for erasure of somebody whom the provider calls otherwise than we know them, once: with its name
    for them, by which a person may find who they are."""
    if same := queries.by_token(token):
        return same
    inbox, account = queries.account_of_deletion(receipt)
    return ask(RequestKind.DELETE, via=DataRequest.Via.PROVIDER, by=SYSTEM, text=f"{inbox}: {account}", token=token)


@transaction.atomic
def ask_from(ticket: Ticket, province: str) -> DataRequest:
    """Take a request for erasure that another province passed on, with a ticket that it had handed over: once."""
    Ticket.objects.select_for_update(no_key=True).get(pk=ticket.pk)
    if same := DataRequest.objects.filter(ticket=ticket.pk, via=DataRequest.Via.CELL).first():
        return same
    with override("vi"):
        words = gettext("Who reported %(code)s has asked %(province)s, which had handed it over, to be erased.")
    return ask(
        RequestKind.DELETE,
        via=DataRequest.Via.CELL,
        proof=DataRequest.Proof.CELL,
        by=SYSTEM,
        ticket=ticket,
        text=words % {"code": ticket.code, "province": province},
    )


@transaction.atomic
def cancel(row: DataRequest, *, by: Actor) -> bool:
    """Whoever asked does not want it any more; False once it is decided."""
    if not _set(row, [State.RECEIVED], state=State.CANCELLED, finished=now()):
        return False
    record("datarequest.cancel", row, by=by)
    return True


def _set(row: DataRequest, states: Iterable[str], **values: object) -> bool:
    if not DataRequest.objects.filter(pk=row.pk, state__in=list(states)).update(**values):
        return False
    row.refresh_from_db()
    return True


@transaction.atomic
def identify(
    row: DataRequest, contacts: Collection[int], phones: Collection[str], marks: Iterable[str], *, by: Actor
) -> DataRequest:
    """Whose data it is about, as somebody made sure: contacts, which of their numbers (E.164) are proved to be theirs,
    further words by which they are recognised. Only who was on the request already or is offered to `by` is taken.

    Where it gives data, whoever asked may not be whom somebody adds: the file is then at another address, which is sent
    by a way of those who were added, and somebody else grants it. UnreachableError where none of them has any."""
    _decides(by)
    kind, before = RequestKind(row.kind), set(row.contacts)
    with reading(by):
        offered = {one.pk for one in queries.may_be_theirs(row)}
    chosen = Contact.objects.filter(pk__in=set(contacts) & (before | offered)).values_list("pk", flat=True)
    every = _person(kind, list(chosen))
    theirs = {number for number, _proved in queries.numbers(every)}
    words = [word for one in marks if (word := nfc(one).strip()[:120])]
    values: dict[str, object] = {"contacts": every, "phones": sorted(theirs.intersection(phones)), "marks": words}
    if kind in GIVES and (added := sorted(set(every) - before)):
        values |= {"holders": added, "token" if row.via in UNPROVED else "key": _token()}
        if before or every != queries.proved_person(every[:1]):
            values["widened_by"] = by.user_id
    if not _set(row, [State.RECEIVED], **values, proof=row.proof or DataRequest.Proof.STAFF):
        return row
    if "key" in values and not is_reachable(row):
        raise UnreachableError("unreachable")
    record("datarequest.identify", row, by=by, contacts=row.contacts)
    if "holders" in values:
        _tell(row, "identify")
    elif kind in GIVES and row.via in UNPROVED and set(every) != before:
        _set(row, [State.RECEIVED], token=_token(), holders=sorted(set(row.holders) & set(every)))
        _tell(row, "identify")
    return row


def _token() -> str:
    return secrets.token_urlsafe(18)


@transaction.atomic
def answer(row: DataRequest, *, by: Actor) -> bool:
    """Tell them that it is dealt with and until when: what the law wants within two working days."""
    _decides(by)
    if row.answered or not _set(row, [State.RECEIVED], answered=now()):
        return False
    record("datarequest.answer", row, by=by)
    _tell(row, "answer")
    return True


@transaction.atomic
def extend(row: DataRequest, reason: str, *, by: Actor) -> bool:
    """The one extension, by as much again; MissingDataError without a reason, False when it was extended before."""
    _decides(by)
    if not reason.strip():
        raise MissingDataError({"reason"})
    if row.first_due is not None:
        return False
    due = clocks.extended(row.received, int(option(OPTION[RequestKind(row.kind)])))
    if not _set(row, queries.OPEN, first_due=row.due, due=due, extension_reason=nfc(reason).strip()):
        return False
    record("datarequest.extend", row, by=by)
    _tell(row, "extend")
    return True


@transaction.atomic
def grant(row: DataRequest, reason: str = "", *, by: Actor) -> bool:
    """Grant it; a worker carries it out. MissingDataError while nobody knows whose data it is, HeldError when something
    forbids to delete it, SecondPersonError for who added people to one that gives data."""
    _decides(by)
    if by.concerns(row.widened_by):
        raise SecondPersonError("second_person")
    if not row.contacts or not row.proof:
        raise MissingDataError({"contacts"})
    if row.kind == RequestKind.DELETE and _forbidden(row):
        raise HeldError("held")
    at = now()
    values = {"decided": at, "decided_by": by.name, "reason": nfc(reason).strip(), "answered": row.answered or at}
    if not _set(row, [State.RECEIVED], state=State.GRANTED, **values):
        return False
    record("datarequest.grant", row, by=by)
    if row.kind == RequestKind.DELETE:
        _tell(row, "grant")
    return True


@transaction.atomic
def decline(row: DataRequest, reason: str, *, by: Actor) -> bool:
    """Decline it and say why, as they will read it; MissingDataError without a reason."""
    _decides(by)
    if not reason.strip():
        raise MissingDataError({"reason"})
    at = now()
    values = {"decided": at, "decided_by": by.name, "reason": nfc(reason).strip(), "answered": row.answered or at}
    if not _set(row, [State.RECEIVED], state=State.DECLINED, finished=at, **values):
        return False
    record("datarequest.decline", row, by=by)
    _tell(row, "decline")
    return True


def carry_out(row: DataRequest, *, by: Actor = SYSTEM) -> None:
    """Do what was granted; done twice it is done once. What only a person can do (a correction, a limit, an objection)
    waits for `finish`; what something forbids meanwhile waits for another decision."""
    if row.state != State.GRANTED:
        return
    kind = RequestKind(row.kind)
    if kind is RequestKind.DELETE:
        if _hold_back(row, by):
            return
        erase(row, by=by)
    elif kind in GIVES:
        _give(row)
    elif kind is RequestKind.WITHDRAW:
        _withdraw(row)
    else:
        return
    _finish(row, by)


@transaction.atomic
def _hold_back(row: DataRequest, by: Actor) -> bool:
    """Whether it is not erased after all: a hold, or a ticket at work, came between the decision and the first stage.
    It is then to be decided again."""
    row.refresh_from_db(from_queryset=DataRequest.objects.select_for_update())
    if row.state != State.GRANTED:
        return True
    if row.progress or not _forbidden(row):
        return False
    _set(row, [State.GRANTED], state=State.RECEIVED, decided=None, decided_by="", reason="")
    record("datarequest.hold_back", row, by=by)
    return True


def _forbidden(row: DataRequest) -> bool:
    return bool(queries.on_hold(row.contacts) or queries.at_work(row.contacts))


def _give(row: DataRequest) -> None:
    own = row.ticket if row.via == DataRequest.Via.LINK else None
    name = pack(queries.givable(subject_of(row), own))
    until = now() + timedelta(days=int(option("package_days")))
    if not DataRequest.objects.filter(pk=row.pk, package="").update(package=name, package_until=until):
        default_storage.delete(name)  # another worker was quicker


@transaction.atomic
def _withdraw(row: DataRequest) -> None:
    """Nothing more is done that rested on their consent: being written to by browsers and as a follower, and being in
    the public register. The ticket itself rests on the authority's duty, and goes on."""
    row.refresh_from_db(from_queryset=DataRequest.objects.select_for_update())
    if row.state != State.GRANTED:
        return  # another worker was quicker
    person = subject_of(row)
    for contact in Contact.objects.select_for_update().filter(pk__in=person.contacts, consent__isnull=False):
        Withdrawal.objects.create(contact=contact.pk, version=contact.consent or 0, request=row)
    Contact.objects.filter(pk__in=person.contacts).update(consent=None)
    notifications.erase(person.tickets)
    followers.erase(person.contacts, person.identity.emails)
    for publication in Publication.objects.filter(ticket__in=person.tickets, state=Publication.State.PUBLISHED):
        withdraw(publication, NOTE, by=SYSTEM)


@transaction.atomic
def finish(row: DataRequest, done: str, *, by: Actor) -> bool:
    """A person has carried it out and says what was done; MissingDataError without words, False for what only a worker
    does."""
    _decides(by)
    if not done.strip():
        raise MissingDataError({"reason"})
    return row.kind in BY_HAND and _finish(row, by, reason=nfc(done).strip())


def _finish(row: DataRequest, by: Actor, **values: object) -> bool:
    with transaction.atomic():
        if not _set(row, [State.GRANTED], state=State.DONE, finished=now(), **values):
            return False
        counts = {stage: sum(rows.values()) for stage, rows in row.progress.items()}
        record("datarequest.finish", row, by=by, kind=row.kind, rows=counts)
        if row.kind != RequestKind.DELETE:  # nobody knows any more where to write to
            _tell(row, "finish")
    return True


def drop_packages() -> int:
    """Delete the files whose time is over; how many."""
    rows = list(DataRequest.objects.filter(package_until__lt=now()).exclude(package=""))
    for row in rows:
        with transaction.atomic():
            DataRequest.objects.filter(pk=row.pk).update(package="")
            transaction.on_commit(partial(default_storage.delete, row.package))
    return len(rows)
