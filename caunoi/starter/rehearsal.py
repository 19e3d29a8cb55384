"""A rehearsal: a marked report goes the whole way, from the web form to the answer, and is taken away again; what one
that was killed left is taken away by the next, and by the clock."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from django.db import OperationalError, transaction
from django.utils.timezone import localtime, now

from caunoi.answers import actions as answers
from caunoi.channels.adapters.web import Web
from caunoi.conversations.models import Receipt
from caunoi.directory.queries import areas, categories, text
from caunoi.events.actor import SYSTEM, Actor, Kind, RefusedError, Role, administrators_only, citizen
from caunoi.events.models import Event
from caunoi.jobs import away, direct
from caunoi.routing import actions as routing
from caunoi.routing.queries import propose
from caunoi.sla.queries import handle
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.removal import remove
from caunoi.tickets.report import Report

MARK = "[Diễn tập]"
PATIENCE = 15.0  # seconds for what the worker does after an event
REHEARSER = citizen(kind=Kind.REHEARSAL)
LOOK_BACK = timedelta(days=30)  # so far, for what a killed rehearsal left
SETTLING = timedelta(minutes=10)  # so long the worker may still be at what follows; afterwards it failed

STEPS = ("receive", "follow_up", "propose", "hand_over", "deadline", "result", "answer", "remove")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of STEPS: whether it went well, with a name or number to show for it, else the code of why not."""

    name: str
    ok: bool
    detail: str = ""


class FailedError(Exception):
    """A step that did not go well; the code of why not: busy, nowhere, worker, no_rule, no_target, no_result."""


def rehearse(*, by: Actor, patience: float = PATIENCE) -> list[Step]:
    """The whole way, as far as it goes; whatever was made is taken away again. Nothing of it becomes public."""
    administrators_only(by)
    with _alone() as alone:
        if not alone:
            return [Step(name="receive", ok=False, detail="busy")]
        _sweep(by)
        return _rehearse(by, patience)


def sweep() -> int:
    """Take away what killed rehearsals left, unless one is under way; how many reports went."""
    with _alone() as alone:
        return _sweep(SYSTEM) if alone else 0


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether nobody else rehearses: the lock ends with its session, so with a process that is killed."""
    with direct.session() as own:
        yield own.execute("SELECT pg_try_advisory_lock(hashtext('caunoi rehearsal'))").fetchone() == (True,)


def _sweep(by: Actor) -> int:
    """Nobody rehearses now: whatever reports there are of a rehearsal, nobody will take away."""
    begun = Event.objects.filter(
        kind="ticket.create", at__gt=now() - LOOK_BACK, by=REHEARSER.name, by_user=None
    ).values_list("subject_id", flat=True)
    busy = Event.objects.filter(subject="ticket", subject_id__in=begun, pending=True, at__gt=now() - SETTLING)
    left = Ticket.objects.filter(pk__in=[*begun]).exclude(pk__in=busy.values("subject_id"))
    return _remove([*left.values_list("pk", flat=True)], by)


@transaction.atomic
def _remove(ids: Collection[int], by: Actor) -> int:
    if not ids:
        return 0
    receipts = [*Receipt.objects.filter(message__conversation__tickets__in=ids).values_list("pk", flat=True)]
    count = remove(ids, by=by, rehearsal=True)
    Receipt.objects.filter(pk__in=receipts).delete()
    return count


def _rehearse(by: Actor, patience: float) -> list[Step]:
    done: list[Step] = []
    made: list[Ticket] = []

    def step[T](name: str, work: Callable[[], T], detail: Callable[[T], str] = lambda _: "") -> T:
        try:
            result = _again(work)
        except (FailedError, RefusedError) as error:
            done.append(Step(name=name, ok=False, detail=getattr(error, "code", str(error))))
            raise FailedError from error
        done.append(Step(name=name, ok=True, detail=detail(result)))
        return result

    try:
        ticket = step("receive", lambda: _receive(made), lambda row: row.code)
        step("follow_up", lambda: _settled(ticket, patience))
        best = step("propose", lambda: _proposal(ticket), lambda one: one.agency.short or one.agency.name)
        step("hand_over", lambda: routing.route(ticket, best.agency, by=SYSTEM, rule=best.rule))
        due = step("deadline", lambda: _deadline(ticket, patience), lambda row: f"{localtime(row.due):%d/%m/%Y %H:%M}")
        officer = replace(REHEARSER, roles=frozenset({Role.OFFICER}), agency_id=best.agency.pk)
        assert due
        step("result", lambda: _result(ticket, officer, patience))
        lead = replace(officer, roles=frozenset({Role.LEAD}))
        step("answer", lambda: answers.approve(ticket, by=lead))
    except FailedError:
        pass
    if made:
        settled = _wait(lambda: not _pending(made[0]), patience)  # else the worker would meet what is no more
        _again(lambda: _remove([row.pk for row in made], by))
        done.append(Step(name="remove", ok=settled))
    return done


def _receive(made: list[Ticket]) -> Ticket:
    field = next((row for publish in ("never", "review") for row in categories() if row.publish == publish), None)
    area = next(iter(areas()), None)
    if field is None or area is None:
        raise FailedError("nowhere")
    consent = text("consent")
    report = Report(
        text=f"{MARK} Thử đường đi của phiếu, {localtime():%d/%m/%Y %H:%M}.",
        channel=Web.key,
        once=f"rehearsal-{uuid4()}",
        category_id=field.pk,
        area_id=area.pk,
        consent=consent.version if consent else None,
    )
    made.append(tickets.take(report, by=REHEARSER))
    return made[0]


def _pending(ticket: Ticket) -> bool:
    return Event.objects.filter(subject="ticket", subject_id=ticket.pk, pending=True).exists()


def _wait(true: Callable[[], Any], seconds: float) -> bool:
    end = monotonic() + seconds
    while not true():
        if monotonic() > end:
            return False
        sleep(0.2)
    return True


def _again[T](act: Callable[[], T]) -> T:
    """An act that is whole or not at all, once more where the worker was in the way of it: nobody else is as quick."""
    for pause in (0.2, 1.0):
        try:
            return act()
        except OperationalError as error:
            if not away.clashed(error):
                raise
        sleep(pause)
    return act()


def _settled(ticket: Ticket, patience: float) -> None:
    if not _wait(lambda: not _pending(ticket), patience):
        raise FailedError("worker")
    ticket.refresh_from_db()


def _proposal(ticket: Ticket) -> Any:
    if ticket.state == "new":
        tickets.move(ticket, "accept", by=SYSTEM, category=ticket.category)
    if not (proposals := propose(ticket)):
        raise FailedError("no_rule")
    return proposals[0]


def _deadline(ticket: Ticket, patience: float) -> Any:
    if not _wait(lambda: handle(ticket) is not None, patience):
        raise FailedError("no_target")
    return handle(ticket)


def _result(ticket: Ticket, officer: Actor, patience: float) -> None:
    if ticket.state == "routed":
        routing.start(ticket, by=officer)
        _settled(ticket, patience)
    answers.submit(ticket, f"{MARK} Đã xử lý.", by=officer)
    ticket.refresh_from_db()
    if ticket.state != "resulted":
        raise FailedError("no_result")
