"""Hands the queue to the providers in rounds, one message a thread in each; an inbox starts with one at a time and then
ever more side by side, so that a provider that is away is tried once and a storm does not wait for a slow one.

A row is claimed before its round, and durably marked just before it is handed over. A worker that dies leaves it so:
what was not handed over goes out later as if nothing had happened; of the rest only what channels recognise as a
duplicate is sent again, and a person decides about what may have arrived, so that no citizen gets it twice."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from datetime import timedelta

import httpx
from django.db import InterfaceError, OperationalError, transaction
from django.utils.timezone import now

from caunoi.channels.base import (
    Account,
    Channel,
    DeliveryError,
    Outbound,
    Sent,
    TokenExpiredError,
    UncertainDeliveryError,
    Window,
    WindowClosedError,
)
from caunoi.channels.registry import channel
from caunoi.conversations import queries
from caunoi.conversations.actions.inboxes import hand_over, in_trouble, send_renewed, well
from caunoi.conversations.actions.outgoing import end, other_way, outbound, whole
from caunoi.conversations.actions.patience import patience, pause
from caunoi.conversations.models import Inbox, Message, Outgoing

log = logging.getLogger(__name__)

BATCH = 40
AT_ONCE = 8  # messages on their way to one provider
LEASE = timedelta(minutes=2)
LIFE = timedelta(days=3)  # older news is worse than none: another way is taken
WHOLE_INBOX = ("network", "limit", "token", "setup")  # DeliveryError.code: the next message would fare no better
INTERRUPTED = "interrupted while being sent: it may have arrived"
OVER = "what it was about is over"
MAYBE = "no answer: it may have arrived"

_lanes = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="sending")


@dataclass(kw_only=True)
class Sending:
    """One message on its way."""

    row: Outgoing
    adapter: Channel
    outbound: Outbound
    account: Account
    result: Sent | Exception | None = None

    def go(self) -> None:
        """Hand it to the provider; needs no database, and so runs in any thread."""
        self.again(lambda: self.adapter.send(self.outbound, self.account))

    def again(self, send: Callable[[], Sent]) -> None:
        try:
            self.result = send()
        except (OperationalError, InterfaceError):  # our own database: what was handed over is decided by `recover`
            raise
        except Exception as error:
            self.result = error


def dispatch(http: httpx.Client, *, limit: int = BATCH) -> int:
    """Send what is due; how many rows were looked at."""
    batch = _claim(limit)
    boxes: dict[int, Inbox] = {}
    for row in batch:
        row.inbox = boxes.setdefault(row.inbox_id, row.inbox)
    last_messages = queries.last_heard(row.conversation_id for row in batch if row.conversation_id)
    since = queries.sent_since(last_messages)
    waiting = list(batch)
    width: dict[int, int] = defaultdict(lambda: 1)
    away: dict[int, tuple[float, str]] = {}
    while waiting:
        turn, waiting = _round(waiting, width)
        ready = []
        for row in turn:
            if row.inbox_id in away:
                _later(row, *away[row.inbox_id], counted=False)
            elif (sending := _ready(row, last_messages.get(row.conversation_id or 0), since, http)) is not None:
                ready.append(sending)
        for sending in _sent(_handed(ready)):
            if _settled(sending, http, away):
                since[sending.row.conversation_id or 0] += 1
        for pk in {row.inbox_id for row in turn}:
            width[pk] = AT_ONCE if pk in away else min(AT_ONCE, width[pk] * 2)
    return len(batch)


def _claim(limit: int) -> Sequence[Outgoing]:
    with transaction.atomic():
        free = Outgoing.objects.filter(state=Outgoing.State.QUEUED, due__lte=now(), claimed=None, inbox__active=True)
        due = free.order_by("due", "id").select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)
        batch = list(due[:limit])
        if not batch:
            return []
        Outgoing.objects.filter(pk__in=batch).update(claimed=now())
    chosen = Outgoing.objects.filter(pk__in=batch)
    people = chosen.select_related("inbox", "message__conversation__contact", "conversation__contact")
    return list(people.order_by("due", "id"))


def recover() -> int:
    """Release the claims of a dead worker; how many. What it had not begun is queued again; of what it was handing
    over, whatever is safe to repeat is tried again, and the rest is listed."""
    left = Outgoing.objects.filter(state=Outgoing.State.QUEUED, claimed__lt=now() - LEASE).select_related("inbox")
    for row in left:
        mine = Outgoing.objects.filter(pk=row.pk, state=Outgoing.State.QUEUED, claimed=row.claimed, handed=row.handed)
        if row.handed is None or _repeatable(row):
            mine.update(claimed=None, handed=None)
        else:
            mine.update(claimed=None, handed=None, state=Outgoing.State.FAILED, trouble=INTERRUPTED)
    return len(left)


def _round(waiting: Sequence[Outgoing], width: Mapping[int, int]) -> tuple[list[Outgoing], list[Outgoing]]:
    """What goes side by side now, and what comes after it: a thread's messages stay in order."""
    first, later = list[Outgoing](), list[Outgoing]()
    threads = set[int]()
    count: dict[int, int] = defaultdict(int)
    for row in waiting:
        thread = row.conversation_id or -row.pk
        if thread in threads or count[row.inbox_id] >= width[row.inbox_id]:
            later.append(row)
        else:
            count[row.inbox_id] += 1
            first.append(row)
        threads.add(thread)
    return first, later


def _ready(row: Outgoing, last_message: Message | None, since: Mapping[int, int], http: httpx.Client) -> Sending | None:
    """How a row goes out; None when it goes another way, or not at all."""
    adapter = channel(row.inbox.channel)
    if adapter is None or not adapter.sends:
        end(row, Outgoing.State.FAILED, f"no channel {row.inbox.channel} that sends")
        return None
    if now() - row.at > LIFE:
        other_way(row, Outgoing.State.EXPIRED, row.trouble or "too old")
        return None
    account = queries.account(row.inbox, http)
    unsent = outbound(row, last_message, since.get(row.conversation_id or 0, 0))
    window = adapter.window(unsent, account, now())
    if window is Window.CLOSED:
        other_way(row, Outgoing.State.EXPIRED, "the provider's window is closed")
        return None
    text = whole(row)
    if text is None:
        end(row, Outgoing.State.EXPIRED, OVER)
        return None
    return Sending(row=row, adapter=adapter, outbound=replace(unsent, window=window, text=text), account=account)


def _handed(ready: Sequence[Sending]) -> Sequence[Sending]:
    """Mark them as being handed over, leaving out those that another worker took because it believed this one dead."""
    if not ready:
        return []
    at, ids = now(), [sending.row.pk for sending in ready]
    mine = Outgoing.objects.filter(pk__in=ids, state=Outgoing.State.QUEUED, claimed=ready[0].row.claimed)
    if mine.update(claimed=at, handed=at) < len(ready):
        ours = set(Outgoing.objects.filter(pk__in=ids, claimed=at, handed=at).values_list("pk", flat=True))
        ready = [sending for sending in ready if sending.row.pk in ours]
    return ready


def _sent(ready: Sequence[Sending]) -> Iterator[Sending]:
    """Side by side, each as soon as the provider has answered."""
    if len(ready) < 2:
        for sending in ready:
            sending.go()
    else:
        going = {_lanes.submit(sending.go): sending for sending in ready}
        ready = [going[done] for done in as_completed(going)]
    yield from ready


def _settled(sending: Sending, http: httpx.Client, away: dict[int, tuple[float, str]]) -> bool:
    """Record the outcome of one; whether the provider accepted it."""
    row, adapter = sending.row, sending.adapter
    if isinstance(sending.result, TokenExpiredError) and adapter.renewable(sending.account):
        sending.again(lambda: send_renewed(adapter, sending.outbound, row.inbox, http, used=sending.account.secrets))
    if isinstance(sending.result, WindowClosedError) and sending.outbound.window is not Window.TEMPLATE:
        window = adapter.window(replace(sending.outbound, last_received=None), sending.account, now())
        if window is Window.TEMPLATE:
            sending.outbound = replace(sending.outbound, window=window)
            sending.again(lambda: hand_over(adapter, sending.outbound, row.inbox, http))
    match sending.result:
        case Sent(external_id=name):
            _accepted(row, name, sending.outbound.window)
            return True
        case WindowClosedError() as error:
            other_way(row, Outgoing.State.EXPIRED, str(error))
        case DeliveryError() as error if error.retry:
            _refused(row, error, away)
        case DeliveryError() as error:
            other_way(row, Outgoing.State.FAILED, str(error))
        case error:
            log.error("outgoing %s failed", row.pk, exc_info=error)
            end(row, Outgoing.State.FAILED, f"{type(error).__name__}: {error}")
    return False


def _accepted(row: Outgoing, name: str, window: Window) -> None:
    Outgoing.objects.filter(pk=row.pk).update(
        state=Outgoing.State.SENT,
        window=window,
        external_id=name,
        sent=now(),
        attempts=row.attempts + 1,
        claimed=None,
        handed=None,
        trouble="",
    )
    if row.inbox.trouble:  # it is back: so is everything that waits for it
        waiting = Outgoing.objects.filter(inbox=row.inbox, state=Outgoing.State.QUEUED, claimed=None, due__gt=now())
        waiting.update(due=now())
        well(row.inbox)


def _refused(row: Outgoing, error: DeliveryError, away: dict[int, tuple[float, str]]) -> None:
    """Not now: tried again, unless it may have arrived."""
    wait = error.wait if error.wait is not None else pause(row.attempts)
    if error.code in WHOLE_INBOX:
        if error.code != "limit":
            in_trouble(row.inbox, str(error))
        wait = error.wait if error.wait is not None else max(pause(0), patience(row.inbox))
        away[row.inbox_id] = (wait, str(error))
    if isinstance(error, UncertainDeliveryError) and not _repeatable(row):
        end(row, Outgoing.State.FAILED, f"{MAYBE} ({error})")
    else:
        _later(row, wait, str(error))


def _repeatable(row: Outgoing) -> bool:
    adapter = channel(row.inbox.channel)
    return adapter is not None and adapter.repeatable(queries.account(row.inbox, queries.NO_NETWORK))


def _later(row: Outgoing, wait: float, trouble: str, *, counted: bool = True) -> None:
    row.due, row.claimed, row.handed, row.trouble = now() + timedelta(seconds=wait), None, None, trouble[:300]
    row.attempts += counted
    row.save(update_fields=["due", "claimed", "handed", "trouble", "attempts"])
