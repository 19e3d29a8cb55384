"""The log of calls and whom we must call back. Numbers are for who may know reporters, and null for everybody else."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from caunoi.api.v1 import inputs
from caunoi.api.v1.directives import moment
from caunoi.api.v1.inputs import Code, UnknownCodeError
from caunoi.calls import actions, queries
from caunoi.calls.models import Call, CallLeg
from caunoi.conversations.models import Callback
from caunoi.conversations.queries import callback, callbacks_by_state
from caunoi.events.actor import Actor, Role
from caunoi.telephony.events import Outcome
from caunoi.tickets.lifecycle import NotAllowedError
from caunoi.tickets.queries import knows_reporter, of_calls
from caunoi.tickets.showings import show_contacts

calls_router, callbacks_router = Router(tags=["calls"]), Router(tags=["calls"])
WHO = (Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER)

type CallOutcome = Literal["", "missed"] | Outcome


class CallNarrowing(Schema):
    """[from, to): dates begin at midnight in Vietnam, times are RFC 3339. `operator`: a user name, whose phone rang;
    `outcome`: of a call that is over, or `missed` for those that nobody took. `before`: the last `id` of the page
    before."""

    since: Code | None = Field(None, alias="from")
    until: Code | None = Field(None, alias="to")
    operator: Code = ""
    queue: Annotated[str, Field(max_length=80)] = ""
    outcome: CallOutcome = ""
    before: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(queries.PAGE, ge=1, le=500)


class CallbackNarrowing(Schema):
    """`state`: open (nobody has it yet), claimed, done, given_up; without, those that still wait (open, claimed).
    `before`: the last `id` of the page before."""

    state: Callback.State | None = None
    before: int | None = Field(None, ge=1, lt=2**63)
    limit: int = Field(queries.PAGE, ge=1, le=500)


def _may(request: HttpRequest) -> Actor:
    by: Actor = request.auth  # type: ignore[attr-defined]  # set by the framework from Bearer.authenticate
    if not by.has(*WHO):
        raise NotAllowedError("calls")
    return by


def _leg(leg: CallLeg, *, numbers: bool) -> dict[str, Any]:
    outside = leg.name if numbers or not leg.outside else None
    return {
        "operator": leg.user.username if leg.user else outside or None,
        "rang": round(leg.rang, 1),
        "outcome": leg.outcome,
        "talked": round(leg.talked, 1),
    }


def _call(call: Call, *, numbers: bool, tickets: list[str]) -> dict[str, Any]:
    over = call.state == "ended"

    def number(value: str) -> str | None:
        return value if numbers and value else None

    return {
        "id": call.pk,
        "call_id": call.call_id,
        "direction": call.direction,
        "from": number(call.caller),
        "to": number(call.dialled) if call.direction == "out" else call.dialled or None,
        "queue": call.queue or None,
        "state": call.state,
        "outcome": call.outcome if over else None,
        "began": moment(call.began),
        "connected": moment(call.connected),
        "ended": moment(call.ended),
        "waited": round(call.waited, 1),
        "talked": round(call.talked, 1),
        "operator": call.operator.username if call.operator else None,
        "legs": [_leg(leg, numbers=numbers) for leg in call.legs.all()],
        "transferred": number(call.transferred_to),
        "recorded": bool(call.sound),
        "callback": call.callback_id,
        "tickets": tickets,
    }


@calls_router.get("", url_name="calls")
def calls(request: HttpRequest, narrow: Query[CallNarrowing]) -> dict[str, Any]:
    """Calls, newest first, seconds as numbers; `next` is the `before` of the following page, null on the last. A page
    with numbers is on record, as the log that is exported at the desk."""
    by = _may(request)
    since, until = inputs.moment("from", narrow.since), inputs.moment("to", narrow.until)
    if since and until and since >= until:
        raise UnknownCodeError("to", "must be later than from")
    filters = queries.Filters(
        since=since, until=until, operator=narrow.operator, queue=narrow.queue, outcome=narrow.outcome
    )
    before = None
    if narrow.before is not None:
        last = inputs.require("before", queries.find(by, narrow.before))
        before = (last.began, last.pk)
    batch = queries.page(by, filters, before=before, size=narrow.limit)
    page, numbers = batch[: narrow.limit], knows_reporter(by)
    if numbers and page:
        actions.exported(by=by)
    linked = of_calls([call.pk for call in page], by)
    return {
        "items": [
            _call(call, numbers=numbers, tickets=[ticket.code for ticket in linked.get(call.pk, ())]) for call in page
        ],
        "next": page[-1].pk if len(batch) > len(page) else None,
    }


@callbacks_router.get("", url_name="callbacks")
def callbacks(request: HttpRequest, narrow: Query[CallbackNarrowing]) -> dict[str, Any]:
    """Whom we must call, or called, newest first."""
    by = _may(request)
    last = None if narrow.before is None else inputs.require("before", callback(narrow.before, by))
    rows = callbacks_by_state(by, narrow.state)
    batch = list((rows.filter(pk__lt=last.pk) if last else rows)[: narrow.limit + 1])
    page, numbers = batch[: narrow.limit], knows_reporter(by)
    if numbers:
        show_contacts([row.contact for row in page], by=by, place="api")
    return {
        "items": [
            {
                "id": row.pk,
                "number": row.phone if numbers and row.phone else None,
                "reason": row.reason,
                "state": row.state,
                "times": row.times,
                "asked": moment(row.asked),
                "due": moment(row.due),
                "attempts": row.attempts,
                "operator": row.operator or None,
                "ended": moment(row.ended),
            }
            for row in page
        ],
        "next": page[-1].pk if len(batch) > len(page) else None,
    }
