"""A rehearsal: a marked report goes the whole way, from the web form to the answer, and is taken away again."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic, sleep
from typing import Any
from uuid import uuid4

from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.directory.queries import areas, categories, text
from caunoi.events.actor import SYSTEM, Actor, Refused, Role, administrators_only, citizen
from caunoi.events.models import Event
from caunoi.routing import actions as routing
from caunoi.routing.queries import propose
from caunoi.sla.queries import handle
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Channel
from caunoi.tickets.models import Ticket
from caunoi.tickets.removal import remove
from caunoi.tickets.report import Report

MARK = "[Diễn tập]"
PATIENCE = 15.0  # seconds for what the worker does after an event
REHEARSER = Actor(name="rehearsal")

STEPS = ("receive", "follow_up", "propose", "hand_over", "deadline", "result", "answer", "remove")


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step of STEPS: whether it went well, and a name or number that was found, or why not."""

    name: str
    ok: bool
    detail: str = ""


class FailedError(Exception):
    """A step that did not go well; says why."""


def rehearse(*, by: Actor, patience: float = PATIENCE) -> list[Step]:
    """The whole way, as far as it goes; whatever was made is taken away again. Nothing of it becomes public."""
    administrators_only(by)
    done: list[Step] = []
    made: list[Ticket] = []

    def step[T](name: str, work: Callable[[], T], detail: Callable[[T], str] = lambda _: "") -> T:
        try:
            result = work()
        except (FailedError, Refused) as error:
            done.append(Step(name=name, ok=False, detail=str(error)))
            raise FailedError from error
        done.append(Step(name=name, ok=True, detail=detail(result)))
        return result

    try:
        ticket = step("receive", lambda: _receive(made), lambda row: row.code)
        step("follow_up", lambda: _settled(ticket, patience))
        best = step("propose", lambda: _proposal(ticket), lambda one: one.agency.short or one.agency.name)
        step("hand_over", lambda: routing.route(ticket, best.agency, by=SYSTEM, rule=best.rule))
        due = step(
            "deadline", lambda: _deadline(ticket, patience), lambda row: f"{row.due.astimezone():%d/%m/%Y %H:%M}"
        )
        officer = replace(REHEARSER, roles=frozenset({Role.OFFICER}), agency_id=best.agency.pk)
        assert due
        step("result", lambda: _result(ticket, officer))
        lead = replace(officer, roles=frozenset({Role.LEAD}))
        step("answer", lambda: answers.approve(ticket, by=lead))
    except FailedError:
        pass
    if made:
        settled = _wait(lambda: not _pending(made[0]), patience)  # else the worker would meet what is no more
        remove([row.pk for row in made], by=by, rehearsal=True)
        done.append(Step(name="remove", ok=settled))
    return done


def _receive(made: list[Ticket]) -> Ticket:
    field = next((row for wanted in ("never", "review") for row in categories() if row.publish == wanted), None)
    area = next(iter(areas()), None)
    if field is None or area is None:
        raise FailedError("a field that is not published at once, and a commune, are needed")
    consent = text("consent")
    report = Report(
        text=f"{MARK} Thử đường đi của phiếu, {now():%d/%m/%Y %H:%M}.", channel=Channel.WEB, once=f"rehearsal-{uuid4()}",
        category_id=field.pk, area_id=area.pk, consent=consent.version if consent else None,
    )  # fmt: skip
    made.append(tickets.take(report, by=citizen()))
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


def _settled(ticket: Ticket, patience: float) -> None:
    if not _wait(lambda: not _pending(ticket), patience):
        raise FailedError("the worker did not take up what follows; is it running?")
    ticket.refresh_from_db()


def _proposal(ticket: Ticket) -> Any:
    if ticket.state == "new":
        tickets.move(ticket, "accept", by=SYSTEM, category=ticket.category)
    if not (found := propose(ticket)):
        raise FailedError("no rule proposes an agency")
    return found[0]


def _deadline(ticket: Ticket, patience: float) -> Any:
    if not _wait(lambda: handle(ticket) is not None, patience):
        raise FailedError("no target gives it a deadline")
    return handle(ticket)


def _result(ticket: Ticket, officer: Actor) -> None:
    routing.start(ticket, by=officer)
    answers.submit(ticket, f"{MARK} Đã xử lý.", by=officer)
    ticket.refresh_from_db()
    if ticket.state != "resulted":
        raise FailedError("the result did not reach the lead")
