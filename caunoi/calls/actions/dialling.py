"""Click-to-call: asked for at the desk, done within seconds or never. A late one would ring an operator minutes
later."""

from datetime import timedelta

from django.db import models, transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls import queries
from caunoi.calls.actions.telling import tell_dial, wake_bridge
from caunoi.calls.models import Dial
from caunoi.conversations.models import Inbox
from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, RefusedError, Role
from caunoi.lib.numbers import phone

PATIENCE = timedelta(seconds=5)


class NoPhoneError(RefusedError):
    """Nothing can be dialled: `code` says why."""

    code = "no_phone"

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@transaction.atomic
def ask_dial(user: User, number: str, *, by: Actor, about: models.Model | None = None) -> Dial:
    """Ring one's desk phone and then a citizen's number (as typed). NoPhoneError with `no_extension`, `no_number`,
    `no_pbx` or `pbx_down`; then nothing is queued for later."""
    if by.user_id != user.pk or not by.has(Role.OPERATOR, Role.SUPERVISOR):
        raise NotAllowedError("own_phone")
    if not user.extension:
        raise NoPhoneError("no_extension")
    parsed = phone.parse(number)
    if parsed is None or not parsed.e164:
        raise NoPhoneError("no_number")
    boxes = [box for box, _ in queries.asterisks()]
    if not boxes:
        raise NoPhoneError("no_pbx")
    box = queries.exchange_for(user, boxes)
    if box is None:
        raise NoPhoneError("pbx_down")
    subject = str(about._meta.model_name) if about is not None else ""
    row = Dial.objects.create(
        inbox=box,
        user=user,
        extension=user.extension,
        number=parsed.e164,
        subject=subject,
        subject_id=about.pk if about is not None else None,
    )
    record("call.dial", row, by=by, about=subject, about_id=row.subject_id)
    wake_bridge("dial")
    return row


@transaction.atomic
def take_dials(box: Inbox) -> list[Dial]:
    """What a bridge that holds the link shall dial now; what nobody took in time has failed."""
    fresh = now() - PATIENCE
    waiting = Dial.objects.select_for_update(skip_locked=True).filter(inbox=box, state=Dial.State.ASKED).order_by("id")
    dials = []
    for row in waiting:
        if row.asked < fresh:
            dial_failed(row, "late")
        else:
            row.state = Dial.State.TAKEN
            row.save(update_fields=["state"])
            dials.append(row)
    return dials


def dial_sent(row: Dial) -> None:
    """The PBX rings the operator's phone."""
    _now(row, Dial.State.SENT, "")


def dial_failed(row: Dial, trouble: str) -> None:
    """It did not come about, and will not."""
    _now(row, Dial.State.FAILED, trouble)


@transaction.atomic
def _now(row: Dial, state: Dial.State, trouble: str) -> None:
    row.state, row.trouble = state, trouble[:200]
    row.save(update_fields=["state", "trouble"])
    tell_dial(row.user_id, row.pk)
