"""What follows from calls, and what comes in about them by webhook, read in batches."""

import logging
from collections.abc import Iterable

import httpx
from django.db import transaction

from caunoi.accounts import queries as people
from caunoi.calls import actions, pbx, queries
from caunoi.calls.actions.recordings import NoRecordingError, read_recording
from caunoi.calls.models import Call
from caunoi.conversations.actions import mark
from caunoi.conversations.models import Inbox, Receipt
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.jobs import away, queue
from caunoi.jobs.attempts import attempts
from caunoi.jobs.lookout import Pump
from caunoi.telephony import calls as reducer
from caunoi.telephony.connectors.base import UnreadableError
from caunoi.telephony.events import CallEvent, MemberSeen

log = logging.getLogger(__name__)
BATCH = 200
type Read = tuple[Receipt, tuple[CallEvent | MemberSeen, ...]]


def settle(event: Event) -> None:
    """A call has ended: call back, or no more."""
    actions.settle(event.subject_id)


def show(event: Event) -> None:
    """A call-back was asked for, taken or ended: refresh the screens that list them."""
    actions.tell_callback(event.subject_id)


def recall(event: Event) -> None:
    """A person's account or desk phone has changed: who may not serve any more is signed off, the exchange told
    anew."""
    user = people.everyone().filter(pk=event.subject_id).first()
    if user and not (user.is_active and user.role in queries.ON_THE_PHONE):
        actions.sign_off(user, by=SYSTEM)
    actions.close_forsaken()
    actions.wake_bridge("presence")


def fetch(event: Event) -> None:
    """A call has ended: get its recording while it can be had."""
    call = Call.objects.filter(pk=event.subject_id, sound="").first()
    if call and call.recording:
        fetch_recording.defer(call_id=event.subject_id)


def fill_in(event: Event) -> None:
    """An exchange is heard again: read what it wrote down meanwhile."""
    if gap := queries.gap(event.subject_id):
        actions.fill_in(gap)


@queue.every("* * * * *")
def mind_gaps(timestamp: int) -> None:
    """Every minute, note how far the exchanges' logs have come, and read again what could not be read."""
    actions.note_places()
    actions.fill_gaps()


def http() -> httpx.Client:
    return httpx.Client(timeout=30, follow_redirects=False)


@queue.task(retry=7)
def fetch_recording(call_id: int) -> None:
    """Copy one recording; a NotYet is let out, so that the queue tries again, over some ten minutes."""
    call = Call.objects.select_related("inbox").get(pk=call_id)
    if call.sound or not call.recording:
        return
    try:
        with http() as client:
            data = read_recording(call, queries.settings(call.inbox), client)
        call = actions.keep_recording(call.pk, data)
        actions.empty_mailbox(call, queries.settings(call.inbox))
    except NoRecordingError as error:
        log.info("no recording of call %s: %s", call.pk, error)


@queue.every("40 5 * * *")
def refresh_prompts(timestamp: int) -> None:
    """Each morning, say anew what callers hear of hours and of the commonest procedures."""
    actions.refresh_prompts()


@queue.every("23 * * * *")
def lose_forgotten(timestamp: int) -> None:
    """Every hour, end the calls that nobody told the end of."""
    actions.lose_forgotten()


@queue.every("*/10 * * * *")
def seal_legs(timestamp: int) -> None:
    """Put away what older rows say of phones outside."""
    actions.seal_legs()


def read_receipts() -> int:
    """Understand one batch of what came in about calls; how many receipts it held. One that cannot be read, or cannot
    be kept as rows, becomes `unreadable` with the reason, and the rest goes on."""
    with transaction.atomic():
        waiting = Receipt.objects.filter(state=Receipt.State.WAITING, inbox__channel="phone").select_related("inbox")
        batch = list(waiting.order_by("id").select_for_update(skip_locked=True, of=("self",))[:BATCH])
        by_inbox: dict[Inbox, list[Read]] = {}
        for receipt in batch:
            try:
                events = _understood(receipt)
            except Exception as error:
                _unreadable(receipt, error)
            else:
                by_inbox.setdefault(receipt.inbox, []).append((receipt, events))
        for box, read in by_inbox.items():
            _keep(box, read)
    return len(batch)


def _understood(receipt: Receipt) -> tuple[CallEvent | MemberSeen, ...]:
    connector = pbx.connector(queries.settings(receipt.inbox))
    try:
        return connector.translate(pbx.request(receipt.raw), receipt.at).events
    except (KeyError, AttributeError, TypeError) as error:
        raise UnreadableError(f"not a receipt of a PBX: {error!r}") from error


def _keep(box: Inbox, read: list[Read]) -> None:
    def fail(one: Read, error: Exception) -> None:
        if away.passing(error):
            raise error
        _unreadable(one[0], error)

    for attempt in attempts(read, fail):
        with attempt as part, transaction.atomic():
            _absorb(box, (event for _, events in part for event in events))
            mark([receipt for receipt, _ in part], Receipt.State.READ)


def _absorb(box: Inbox, events: Iterable[CallEvent | MemberSeen]) -> None:
    events = list(events)
    actions.absorb(box, reducer.fold(event for event in events if isinstance(event, CallEvent)).values())
    actions.echo_presence(event for event in events if isinstance(event, MemberSeen))


def _unreadable(receipt: Receipt, error: Exception) -> None:
    if not isinstance(error, UnreadableError):
        log.exception("receipt %s cannot be read", receipt.pk, exc_info=error)
    mark([receipt], Receipt.State.UNREADABLE, str(error) or type(error).__name__)


pump = Pump("calls", read_receipts)
wake = pump.wake  # something came in: look now
