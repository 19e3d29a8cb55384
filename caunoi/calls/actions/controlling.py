"""The command port: what people do with calls that go on. Asked for at the desk, done by the bridge within seconds or
never; while there is no link it is refused at once, and nothing is kept."""

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls import queries
from caunoi.calls.actions.dialling import PATIENCE
from caunoi.calls.actions.telling import tell_calls, tell_ringing, wake_bridge
from caunoi.calls.models import Call, CallCommand
from caunoi.conversations.models import Inbox
from caunoi.directory.queries import agency
from caunoi.events.actions import record
from caunoi.events.actor import Actor, RefusedError, Role
from caunoi.lib.numbers import phone
from caunoi.telephony import commands
from caunoi.telephony.calls import State
from caunoi.telephony.commands import CALLING, SUPERVISING, CommandError, Kind
from caunoi.telephony.names import national
from caunoi.telephony.plan import EMERGENCY


class CommandRefusedError(RefusedError):
    """It cannot be done with this call: `code` says why."""

    code = "command"

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@transaction.atomic
def ask_command(
    call: Call, kind: str, *, by: Actor, to: str = "", digits: str = "", operator: User | None = None
) -> CallCommand:
    """Have the exchange do something with a call: `to` whom it leads, 113, `@username`, `#agency` or a number as typed;
    `digits` to send. One steers one's own call; a supervisor listens to an `operator`'s, joins in or takes it over.
    ValueError for an unknown kind, CommandRefusedError with its code for what cannot be done."""
    what = Kind(kind)
    user = by.user_id and User.objects.filter(pk=by.user_id).first()
    if not user or not by.has(*([Role.SUPERVISOR] if what in SUPERVISING else [Role.OPERATOR, Role.SUPERVISOR])):
        raise CommandRefusedError("not_yours")
    served = user if operator is None or what not in SUPERVISING else operator
    leg = queries.steered_leg(call, served)
    if call.state == State.ENDED or leg is None or (what in SUPERVISING and served == user):
        raise CommandRefusedError("over" if call.state == State.ENDED else "not_yours")
    ami = queries.asterisk_of(call.inbox)
    if ami is None:
        raise CommandRefusedError("no_control")
    if not queries.linked(call.inbox):
        raise CommandRefusedError("pbx_down")
    number, label = _target(to) if what in CALLING else (digits.strip(), "")
    row = CallCommand(
        call=call, user=user, operator=served, leg_id=leg.leg_id, kind=what, label=label, number=number, asked=now()
    )
    try:
        commands.actions(queries.order(row, ami), queries.standing(call), queries.ends(row))
    except CommandError as error:
        raise CommandRefusedError(error.code) from None
    row.save()
    record("call.command", call, by=by, command=row.pk, what=what, operator=served.username, to=label)
    wake_bridge("command")
    return row


def _target(to: str) -> tuple[str, str]:
    """As the exchange dials it, and what may be written down of it."""
    to = to.strip()
    if to in EMERGENCY:
        return to, to
    if to.startswith("@"):
        colleague = User.objects.filter(username=to[1:], is_active=True).exclude(extension="").first()
        return (colleague.extension, to) if colleague else ("", "")
    label = to if to.startswith("#") else ""
    if label:
        office = agency(to[1:])
        to = office.phone if office else ""
    parsed = phone.parse(to)
    if parsed is None or not parsed.number:
        return "", ""
    return national(parsed.e164) if parsed.e164 else parsed.number, label


@transaction.atomic
def take_commands(box: Inbox) -> list[CallCommand]:
    """What a bridge that holds the link shall do now; what nobody took in time is not done. A bridge asks once all that
    it took is done or has failed: of what is still taken then, nobody knows any more."""
    fresh = now() - PATIENCE
    pending = CallCommand.State.ASKED, CallCommand.State.TAKEN
    waiting = CallCommand.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        call__inbox=box, state__in=pending
    )
    rows = []
    for row in waiting.select_related("call", "user", "operator").order_by("id"):
        if row.asked < fresh:
            command_failed(row, "late")
        elif row.state == CallCommand.State.ASKED:
            row.state = CallCommand.State.TAKEN
            row.save(update_fields=["state"])
            rows.append(row)
    return rows


def command_done(row: CallCommand, trouble: str = "") -> None:
    """The exchange has done it, or calls whom it was asked to call. `trouble`: why only a part of it."""
    _now(row, CallCommand.State.DONE, trouble)


def command_failed(row: CallCommand, trouble: str) -> None:
    """It did not come about, and will not."""
    _now(row, CallCommand.State.FAILED, trouble)


@transaction.atomic
def _now(row: CallCommand, state: CallCommand.State, trouble: str) -> None:
    row.state, row.trouble, row.number = state, trouble[:200], ""
    row.save(update_fields=["state", "trouble", "number"])
    tell_calls([row.call])
    tell_ringing({pk for pk in (row.user_id, row.operator_id) if pk})
