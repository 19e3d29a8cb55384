"""Reading the calls. The log is for the centre's staff; nobody else has a way here."""

import secrets
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings as installation
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Reverse
from django.utils.timezone import get_current_timezone, localdate, now

from caunoi.accounts.models import User
from caunoi.calls import menus, pbx
from caunoi.calls.models import (
    NUMBER,
    NUMBERED,
    BrowserPhone,
    Call,
    CallCommand,
    CallLeg,
    CallNote,
    CallQuality,
    CallResult,
    Dial,
    Gap,
    Link,
    Presence,
    Skill,
)
from caunoi.calls.operator_states import BusyPhone, OperatorReading, OperatorState, Word, read
from caunoi.calls.operators import Operator
from caunoi.calls.planning import First, plan
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import callbacks, opened, served_earlier
from caunoi.directory import queries as directory
from caunoi.directory.queries import Fresh
from caunoi.events.actor import Actor, Role
from caunoi.events.relations import relation
from caunoi.events.visibility import visible
from caunoi.lib.numbers import phone
from caunoi.telephony import commands, facts
from caunoi.telephony.calls import State
from caunoi.telephony.commands import Ends, Kind, Order, Standing
from caunoi.telephony.events import Direction, Outcome
from caunoi.telephony.names import command_of
from caunoi.telephony.plan import Plan, PlanError
from caunoi.telephony.skills import ANY, EARLIER
from caunoi.telephony.speaking import LiveDoor
from caunoi.telephony.waiting import QueueReading
from caunoi.vault import blind
from caunoi.vault.fields import BlindEndOf

CALLS = relation(
    Call,
    "id internal direction state outcome queue began connected ended waited talked sound operator phone_index "
    "transferred_to",
)
LEGS = relation(CallLeg, "id call user rang_at talk_from ended_at talked outcome beaten ringing")
PRESENCES = relation(Presence, "id user state reason since until ends")
WRITING_UP = (Word.AFTER_CALL.value, "paperwork")  # the breaks in which a call is written up

NUMBERED_LEGS = Q(operator__regex=NUMBERED) | Q(leg_id__regex=NUMBER)  # in which older processes wrote a number
ON_THE_PHONE = frozenset({Role.OPERATOR, Role.SUPERVISOR})
MISSED = frozenset(
    {
        Outcome.ABANDONED,
        Outcome.TIMEOUT,
        Outcome.JOIN_EMPTY,
        Outcome.OUT_OF_HOURS,
        Outcome.VOICEMAIL,
        Outcome.BUSY,
        Outcome.NO_ANSWER,
        Outcome.UNKNOWN,
    }
)
LATELY, LATEST_TALKS = timedelta(hours=2), 30  # by which a wait is estimated
LONG_CALL = timedelta(hours=4)  # with its wait; by a longer one no wait is estimated
OWN_PLACE = frozenset(
    "host port username secret recordings logs logs_database wss turn turn_secret cti_key live_key standby_of".split()
)
"""The settings that a second exchange has of its own."""
AGAIN = timedelta(hours=24)  # for which a call that was not served puts the next one earlier
PAGE = 50
TRIED = timedelta(minutes=15)
RECENT = timedelta(hours=12)
NOTICED = timedelta(minutes=2)  # so long an operator reads that a supervisor has taken a call over
ENDLESS = timedelta(days=1)  # no call goes on for so long: lose_forgotten ends it before
JUST_NOW = timedelta(seconds=20)
ALIVE = timedelta(seconds=30)  # a bridge that gave no sign of life for so long is taken for dead


def visible_to(by: Actor) -> QuerySet[Call]:
    """The calls an actor may see: for the centre's staff all, except those about a ticket closed to them."""
    return visible(Call.objects.select_related("operator"), by)


def find(by: Actor, pk: int) -> Call | None:
    return visible_to(by).filter(pk=pk).first()


def call(pk: int) -> Call | None:
    """A call for the product itself."""
    return Call.objects.filter(pk=pk).first()


def among(by: Actor, ids: Iterable[int]) -> list[Call]:
    """Of these calls those this actor may see, newest first."""
    return list(visible_to(by).filter(pk__in=list(ids)).order_by("-began", "-id"))


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the log may be narrowed by; empty = everything. `number`: whole, or its last four digits or more."""

    number: str = ""
    operator: str = ""  # user name
    outcome: str = ""  # of Outcome, "missed", "heard_badly" or "unnoted"
    direction: str = ""
    queue: str = ""
    day: date | None = None
    since: datetime | None = None  # began in [since, until)
    until: datetime | None = None


def filtered(by: Actor, filters: Filters) -> QuerySet[Call]:
    """The calls that fit, newest first."""
    rows = visible_to(by).filter(internal=False)
    if filters.number.strip():
        rows = rows.filter(_numbered(filters.number))
    if filters.operator:
        legs = CallLeg.objects.filter(call=OuterRef("pk"), user__username=filters.operator)
        rows = rows.filter(Exists(legs))
    if filters.outcome == "missed":
        rows = rows.filter(direction="in", state=State.ENDED, outcome__in=sorted(MISSED))
    elif filters.outcome == "heard_badly":
        rows = rows.filter(~Q(one_way="", sound_trouble=""))
    elif filters.outcome == "unnoted":
        rows = rows.filter(state=State.ENDED, connected__isnull=False, note=None)
    elif filters.outcome:
        rows = rows.filter(outcome=filters.outcome)
    if filters.queue:
        rows = rows.filter(queue=filters.queue)
    if filters.direction:
        rows = rows.filter(direction=filters.direction)
    if filters.day:
        start = datetime.combine(filters.day, datetime.min.time(), get_current_timezone())
        rows = rows.filter(began__gte=start, began__lt=start + timedelta(days=1))
    if filters.since:
        rows = rows.filter(began__gte=filters.since)
    if filters.until:
        rows = rows.filter(began__lt=filters.until)
    return rows.order_by("-began", "-id")


def _numbered(typed: str) -> Q:
    parsed = phone.parse(typed)
    if parsed and parsed.e164:
        return blind.equal(Call, "phone", parsed.e164)
    digits = "".join(filter(str.isdecimal, typed))
    if len(digits) < BlindEndOf.END:
        return Q(pk=None)
    older = Call.objects.alias(ending=Reverse("phone_plain")).filter(ending__startswith=digits[::-1])
    return Q(pk__in=[*older.values_list("pk", flat=True), *blind.ending(Call, "phone", digits)])


def page(by: Actor, filters: Filters, *, before: tuple[datetime, int] | None = None, size: int = PAGE) -> list[Call]:
    """A page of the log from `before` (a call's beginning and id) on; one more than `size` when there are more."""
    rows = filtered(by, filters).select_related("note__result").prefetch_related("legs__user")
    if before:
        began, pk = before
        rows = rows.filter(Q(began__lt=began) | Q(began=began, pk__lt=pk), began__lte=began)
    return list(rows[: size + 1])


def of_phone(number: str, by: Actor, *, but: int | None = None, limit: int = 5) -> list[Call]:
    """The calls with a number (E.164), newest first."""
    if not number:
        return []
    return list(
        visible_to(by).filter(blind.equal(Call, "phone", number)).exclude(pk=but or 0).order_by("-began", "-id")[:limit]
    )


def left_message() -> Q:
    """The call-backs for which a message was left."""
    return Q(Exists(Call.objects.filter(callback=OuterRef("pk"), outcome=Outcome.VOICEMAIL)))


def callbacks_by_gap(by: Actor, gaps: Iterable[Gap]) -> dict[int, int]:
    """How many call-backs of callers of whom nobody heard an actor sees waiting, by the gap; those without any are not
    in it."""
    rows = callbacks(by).filter(calls__gap__in=[gap.pk for gap in gaps]).order_by()
    return dict(rows.values_list("calls__gap").annotate(count=Count("pk", distinct=True)))


def of_queue(queue: str) -> Q:
    """The call-backs of callers of a queue."""
    return Q(Exists(Call.objects.filter(callback=OuterRef("pk"), queue=queue)))


def queues() -> list[str]:
    """The queues of calls that the inboxes' settings name."""
    return sorted({queue for _box, ami in asterisks() for queue in ami.queues})


def messages(by: Actor, callback_ids: Iterable[int]) -> dict[int, list[Call]]:
    """The calls that left a message, newest first, of these call-backs."""
    result: dict[int, list[Call]] = {}
    left = visible_to(by).filter(callback__in=list(callback_ids), outcome=Outcome.VOICEMAIL)
    for row in left.order_by("-began", "-id"):
        result.setdefault(row.callback_id or 0, []).append(row)
    return result


def awaited(call: Call) -> bool:
    """Whether a recording that the exchange told of, or a message, has still to be copied. A name that only follows
    from the rule is awaited for as long as one is tried for."""
    if call.sound or not call.recording or call.ended is None:
        return False
    has_file = "recorded_file" in call.facts or "message_file" in call.facts
    return has_file or call.ended > now() - TRIED


def legs(call: Call) -> list[CallLeg]:
    """The phones that were rung for a call, in order."""
    rung = CallLeg.objects.filter(call=call).select_related("user")
    return list(rung.order_by(F("rang_at").asc(nulls_last=True), "id"))


def ringing(user_id: int) -> Call | None:
    """The call that rings on somebody's desk phone now, or that they talk on; the newest."""
    busy = Q(ringing=True) | Q(talk_from__isnull=False, ended_at=None)
    leg = (
        CallLeg.objects.filter(busy, user_id=user_id)
        .exclude(call__state=State.ENDED)
        .select_related("call")
        .order_by("-call_id")
        .first()
    )
    return leg.call if leg else None


@dataclass(frozen=True, kw_only=True)
class OperatorNow:
    """An operator, what they do now, and the presence of theirs that counts; None before the first."""

    user: User
    reading: OperatorReading
    presence: Presence | None


def operator_now(user: User) -> OperatorNow:
    """What somebody does now."""
    readings = operators_now([user.pk])
    return readings[0] if readings else OperatorNow(user=user, reading=read(None, None, now()), presence=None)


def operators_now(user_ids: Iterable[int] | None = None) -> list[OperatorNow]:
    """What operators do now: of these users, or of all who are on duty or on a call, longest in their state first. The
    one place that pages, figures and programs ask."""
    some = Q() if user_ids is None else Q(user_id__in=list(user_ids))
    on_a_phone = _busy_phones(some)
    on_duty = Presence.objects.filter(some, until=None, user__is_active=True)
    if user_ids is None:
        on_duty = on_duty.filter(~Q(state=Presence.State.OFF) | Q(user_id__in=list(on_a_phone)))
    rows = {row.user_id: row for row in on_duty.select_related("user")}
    people = {pk: row.user for pk, row in rows.items()}
    people |= {user.pk: user for user in User.objects.filter(pk__in=on_a_phone.keys() - people.keys())}
    at = now()
    readings = [
        OperatorNow(
            user=user,
            reading=read(rows[pk].statement if pk in rows else None, on_a_phone.get(pk), at),
            presence=rows.get(pk),
        )
        for pk, user in people.items()
    ]
    return sorted(readings, key=lambda one: (one.reading.since or at, one.user.pk))


def _busy_phones(some: Q) -> dict[int, BusyPhone]:
    """The phones that ring or are talked on, by user; who talks on one does not see another ring."""
    busy = Q(ringing=True) | Q(talk_from__isnull=False, ended_at=None)
    legs = CallLeg.objects.filter(some, busy, user__isnull=False).exclude(call__state=State.ENDED)
    by_user: dict[int, list[BusyPhone]] = {}
    for pk, call, talks, rings, began in legs.values_list("user_id", "call_id", "talk_from", "rang_at", "call__began"):
        phone = BusyPhone(call=call, talks=talks is not None, since=talks or rings or began)
        by_user.setdefault(pk, []).append(phone)
    return {pk: max(phones, key=lambda one: (one.talks, one.since, one.call)) for pk, phones in by_user.items()}


def presence(user_id: int) -> Presence | None:
    """An operator's latest presence; None before the first."""
    return Presence.objects.filter(user_id=user_id, until=None).first()


def unread(user_id: int) -> Presence | None:
    """What somebody else set an operator to in the last hours, and they have not acknowledged."""
    rows = Presence.objects.filter(user_id=user_id, since__gt=now() - RECENT, unread=True)
    return rows.order_by("-since").first()


def history(user_id: int, since: datetime) -> QuerySet[Presence]:
    """An operator's presences since a moment, newest first."""
    return Presence.objects.filter(Q(until=None) | Q(until__gt=since), user_id=user_id).order_by("-since")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A caller whom nobody has answered, since when, in which queue."""

    call_id: int
    queue: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Floor:
    """The hotline now, as of `at`: those who wait, the longest first, and everybody on duty or on a call."""

    at: datetime
    waiting: tuple[Waiting, ...]
    operators: tuple[OperatorNow, ...]

    @property
    def longest(self) -> float:
        """For how many seconds the first has waited."""
        return max(0.0, (self.at - self.waiting[0].since).total_seconds()) if self.waiting else 0.0

    def count(self, state: OperatorState) -> int:
        return sum(one.reading.state is state for one in self.operators)


def floor() -> Floor:
    """Who waits and who is there: the one reading of the hotline as it is now."""
    # Who keeps a place waits by a call of ours, which stands in the queue for them.
    waiting_calls = Q(direction="in") | ~Q(queue="")
    calls = Call.objects.filter(waiting_calls, state__in=(State.WAITING, State.RINGING), internal=False)
    rows = calls.order_by("began", "id").values_list("id", "queue", "began")
    waiting = tuple(Waiting(call_id=pk, queue=queue, since=began) for pk, queue, began in rows)
    return Floor(at=now(), waiting=waiting, operators=tuple(operators_now()))


def dial(pk: int, user_id: int) -> Dial | None:
    """A click-to-call of this user's."""
    return Dial.objects.filter(pk=pk, user_id=user_id).select_related("inbox").first()


def dialled(dial: Dial) -> Call | None:
    """The call that came of a click-to-call, once the PBX has told of it."""
    return Call.objects.filter(inbox=dial.inbox, call_id=dial.call_id).first()


def dial_of(call: Call) -> Dial | None:
    """The click-to-call that a call came of."""
    mark, _, rest = call.call_id.partition("-")
    pk = rest.rpartition("-")[2]
    if mark != "c2c" or not pk.isdigit() or len(pk) > 18:
        return None
    row = Dial.objects.filter(pk=int(pk), inbox_id=call.inbox_id).select_related("user").first()
    return row if row and row.call_id == call.call_id else None


def steered_leg(call: Call, user: User) -> CallLeg | None:
    """The leg on which somebody talks in a call and may steer it; None for others. Whoever was only called into it
    steers it once its operator has gone."""
    talking = list(CallLeg.objects.filter(call=call, talk_from__isnull=False, ended_at=None).order_by("talk_from"))
    serving = [leg for leg in talking if command_of(leg.key) is None and leg.user_id] or talking
    return next((leg for leg in serving if leg.user_id == user.pk), None)


def asterisk_of(box: Inbox) -> pbx.Ami | None:
    """An inbox's Asterisk; None where it has none to link to."""
    return next((ami for one, ami in asterisks() if one.pk == box.pk), None)


def order(row: CallCommand, ami: pbx.Ami) -> Order:
    """A command as the exchange needs it."""
    return Order(
        id=row.pk or 0,
        kind=Kind(row.kind),
        number=row.number,
        phone=ami.phone(row.user.extension) if row.user.extension else "",
        caller=ami.caller,
        context=ami.context,
    )


def ends(row: CallCommand) -> Ends:
    """The channels of a command's call, by what was last heard."""
    call = facts.load(Call.objects.get(pk=row.call_id).facts)
    leg = CallLeg.objects.filter(call=row.call_id, leg_id=row.leg_id).first()
    return commands.ends(
        call.call_id, call.channel, call.phones, leg.key if leg else "", outgoing=call.outgoing, over=call.over_at
    )


def standing(call: Call) -> Standing:
    """How a call stands by what was done with it."""
    done = CallCommand.objects.filter(call=call, state=CallCommand.State.DONE).order_by("id")
    legs = CallLeg.objects.filter(call=call, ended_at=None)
    there = {number for leg in legs if (number := command_of(leg.key)) is not None}
    return commands.standing([(row.pk, Kind(row.kind)) for row in done], there=there)


def called_in(calls: Iterable[Call]) -> list[tuple[CallCommand, CallLeg | None]]:
    """Whom somebody called into these calls, with the phone that was rung for it, oldest first."""
    ids = [call.pk for call in calls]
    rows = CallCommand.objects.filter(call__in=ids, kind=Kind.BRING_IN, state=CallCommand.State.DONE)
    legs = {command_of(leg.key): leg for leg in CallLeg.objects.filter(call__in=ids)} if rows else {}
    return [(row, legs.get(row.pk)) for row in rows.select_related("user").order_by("id")]


def supervised(user_id: int) -> list[CallCommand]:
    """What supervisors did lately with the calls of an operator, newest first. Who listens does so until the call is
    over, as far as anybody can see."""
    at = now()
    goes_on = Q(kind__in=sorted(commands.SPYING)) & ~Q(call__state=State.ENDED)
    rows = CallCommand.objects.filter(
        Q(asked__gt=at - NOTICED) | goes_on,
        operator=user_id,
        kind__in=sorted(commands.SUPERVISING),
        state=CallCommand.State.DONE,
        asked__gt=at - ENDLESS,
    )
    return list(rows.select_related("user", "call").order_by("-id"))


def refused_command(user_id: int) -> CallCommand | None:
    """The last thing that somebody wanted done with a call, if the exchange refused it just now."""
    row = CallCommand.objects.filter(user=user_id, asked__gt=now() - JUST_NOW).order_by("-id").first()
    return row if row and row.trouble else None


def _phone_inboxes() -> list[Inbox]:
    return opened(Inbox.objects.filter(channel="phone", active=True).order_by("id"))


phone_inboxes: Fresh[list[Inbox]] = Fresh(_phone_inboxes)
"""The inboxes by which calls come in."""


def exchange(key_label: str) -> Inbox | None:
    """The inbox for whose calls a CTI key speaks: the one that names the key (`cti_key`), else one that names none and
    has no Asterisk of its own."""
    return exchange_of(key_label, phone_inboxes())


def exchange_of(key_label: str, boxes: Iterable[Inbox]) -> Inbox | None:
    """The same among `boxes`."""
    boxes = list(boxes)
    own = [box for box in boxes if box.config.get("cti_key") == key_label]
    free = [box for box in boxes if not box.config.get("cti_key") and not box.config.get("host")]
    return next(iter(own or free), None)


def settings(box: Inbox) -> Mapping[str, Any]:
    """An inbox's settings, secrets included. A second exchange is like the first, but for where it is."""
    own = {**box.config, **box.secrets}
    first = active_of(box)
    if first is None:
        return own
    return {**own, **{name: value for name, value in settings(first).items() if name not in OWN_PLACE}}


def active_of(box: Inbox) -> Inbox | None:
    """The inbox of the exchange that this one stands by for; None for one of its own."""
    name = str(box.config.get("standby_of") or "")
    first = Inbox.objects.filter(channel="phone", name=name).exclude(pk=box.pk).first() if name else None
    return first if first and not first.config.get("standby_of") else None


def standby_of(box: Inbox) -> Inbox | None:
    """The inbox of the exchange that stands by for this one."""
    return next((one for one, _ in asterisks() if (first := active_of(one)) and first.pk == box.pk), None)


def exchange_for(user: User, boxes: Iterable[Inbox]) -> Inbox | None:
    """Of these exchanges the one by which somebody is rung: one that is linked and reaches their phone, else the first
    that is linked; None where none is."""
    links = {row.inbox_id: row for row in Link.objects.filter(inbox__in=list(boxes)) if holds(row)}
    there = [box for box in boxes if box.pk in links]
    return next((box for box in there if links[box.pk].reached.get(user.username)), next(iter(there), None))


def begun_between(box: Inbox, since: datetime, until: datetime) -> int:
    """How many calls an inbox's exchange had."""
    return Call.objects.filter(inbox=box, internal=False, began__gte=since, began__lt=until).count()


def drilled() -> dict[int, datetime]:
    """The inboxes whose exchange is left alone for a drill, until when."""
    rows = Link.objects.filter(drill_until__gt=now())
    return {row.inbox_id: row.drill_until for row in rows if row.drill_until}


def asterisks() -> list[tuple[Inbox, pbx.Ami]]:
    """The inboxes that have an Asterisk to link to, those that stand by last. One whose settings make no sense has
    none."""
    result = []
    for box in Inbox.objects.filter(channel="phone", active=True).order_by("id"):
        with suppress(ValueError):
            if ami := pbx.ami(settings(box)):
                result.append((box, ami))
    return sorted(result, key=lambda pair: bool(pair[0].config.get("standby_of")))


def telephones() -> list[tuple[str, str]]:
    """The extension and the owner's name of every phone that people have at their desks, by extension; of two who share
    one the first."""
    rows = User.objects.filter(is_active=True, role__in=sorted(ON_THE_PHONE)).exclude(extension="")
    names: dict[str, str] = {}
    for user in rows.order_by("pk"):
        names.setdefault(user.extension, str(user))
    return sorted(names.items())


def browser_phone_box(user: User) -> Inbox | None:
    """The inbox at whose Asterisk this person's extension is a phone in the browser, one that is linked before others;
    None where it is none."""
    if not user.extension:
        return None
    boxes = []
    for box in Inbox.objects.filter(channel="phone", active=True, config__has_key="wss").order_by("id"):
        setup = settings(box)
        if user.extension in pbx.words(setup.get("browser_phones")) and setup.get("host") and setup["wss"]:
            boxes.append(box)
    if len(boxes) < 2:
        return next(iter(boxes), None)
    return next((box for box in boxes if linked(box)), boxes[0])


def phones_to_tell(box: Inbox) -> list[BrowserPhone]:
    """The browser phones of which an inbox's Asterisk has to be told."""
    return list(BrowserPhone.objects.filter(inbox=box, state=BrowserPhone.State.ASKED).order_by("id"))


def talked_on(user: User, call_id: str) -> Call | None:
    """The call of that id in which a phone of this person talked; without an id the latest of this hour."""
    legs = CallLeg.objects.filter(user=user, talk_from__isnull=False).select_related("call")
    if call_id:  # of the inboxes by their ids, so that both columns of its index are used
        boxes = list(Inbox.objects.filter(channel="phone").values_list("pk", flat=True))
        legs = legs.filter(call__inbox__in=boxes, call__call_id=call_id)
    else:
        legs = legs.filter(talk_from__gt=now() - timedelta(hours=1))
    leg = legs.order_by("-talk_from").first()
    return leg.call if leg else None


def qualities(call: Call) -> list[CallQuality]:
    """How a call was heard, talk by talk."""
    return list(call.qualities.select_related("user").order_by("at"))


def exchange_plan(box: Inbox, *, product: str) -> Plan | None:
    """What an inbox's Asterisk is to be like; None for an inbox without one. ValueError for what none could be."""
    ami = pbx.ami(settings(box))
    if ami is None:
        return None
    opening = str(settings(box).get("opening") or "always")
    try:
        calendar = directory.calendar(opening)
    except KeyError:
        raise PlanError(f"no calendar {opening!r}") from None
    key = str(settings(box).get("live_key") or "")
    live = LiveDoor(address=f"http://{product}:{installation.PORT}/voice", key=key) if key else None
    speaking = menus.speaking(box, live)
    first = First(
        skills=skill_codes(),
        seconds=directory.option("overflow_seconds"),
        remembers=bool(directory.option("known_days")),
    )
    return plan(ami, settings(box), telephones(), calendar, speaking, first=first, today=localdate(), product=product)


def skill_codes() -> tuple[str, ...]:
    """The languages and fields for which somebody who may serve is rung."""
    rows = Skill.objects.filter(user__is_active=True, user__role__in=sorted(ON_THE_PHONE)).exclude(code=ANY)
    return tuple(rows.order_by("code").values_list("code", flat=True).distinct())


def skills() -> dict[int, dict[str, bool]]:
    """What operators are rung for, by their ids."""
    result: dict[int, dict[str, bool]] = {}
    for user_id, code, first in Skill.objects.values_list("user_id", "code", "first"):
        result.setdefault(user_id, {})[code] = first
    return result


def line_priority(number: str) -> int:
    """The priority at which a caller (E.164) enters the line: earlier where it was said so of them, or where a call of
    today was not served."""
    if not number:
        return 0
    missed = Call.objects.filter(
        blind.equal(Call, "phone", number),
        callback__state__in=("open", "claimed"),
        began__gt=now() - AGAIN,
    )
    return EARLIER if served_earlier(number) or missed.exists() else 0


def times_since(number: str, at: datetime, by: Actor) -> int:
    """How often somebody has called with a number (E.164) since then."""
    rows = visible_to(by).filter(blind.equal(Call, "phone", number), direction=Direction.IN)
    return rows.filter(began__gte=at).count()


def last_talk(user_id: int) -> Call | None:
    """The call that somebody has talked on last, once it is over."""
    legs = CallLeg.objects.filter(user_id=user_id, talk_from__isnull=False, call__state=State.ENDED)
    leg = legs.select_related("call").order_by("-call_id").first()
    return leg.call if leg else None


def last_extension(number: str) -> str:
    """The phone of whoever talked to this caller (E.164) last, within ⚙ `known_days`, where they are free now; else
    ""."""
    days = directory.option("known_days")
    if not number or not days:
        return ""
    talks = Call.objects.filter(blind.equal(Call, "phone", number), began__gt=now() - timedelta(days=days))
    last = talks.filter(outcome=Outcome.ANSWERED).exclude(operator=None).order_by("-began").first()
    if last is None or last.operator is None or operator_now(last.operator).reading.state is not OperatorState.READY:
        return ""
    return last.operator.extension


def box_of_live_key(key: str) -> Inbox | None:
    """The inbox whose exchange asks with this key what is true now."""
    if not key:
        return None
    boxes = ((box, str(settings(box).get("live_key") or "")) for box, _ami in asterisks())
    return next((box for box, own in boxes if own and secrets.compare_digest(own.encode(), key.encode())), None)


def queue_reading(queue: str, at: datetime | None = None) -> QueueReading:
    """How full a queue is, as the next caller finds it. Every operator on duty serves every queue."""
    at = at or now()
    states = Counter(one.reading.state for one in operators_now())
    recent = Call.objects.filter(began__gt=at - LATELY - LONG_CALL)  # by which there is an index
    talks = recent.filter(outcome=Outcome.ANSWERED, queue=queue, ended__gt=at - LATELY).order_by("-ended")
    after = directory.option("after_call_seconds")
    return QueueReading(
        wait=Call.objects.filter(state__in=(State.WAITING, State.RINGING), queue=queue, internal=False).count(),
        free=states[OperatorState.READY],
        busy=states[OperatorState.RINGING] + states[OperatorState.TALKING] + states[OperatorState.AFTER_CALL],
        took=[talked + after for talked in talks.values_list("talked", flat=True)[:LATEST_TALKS]],
    )


def result(code: str) -> CallResult | None:
    """What may come of a call, by its code."""
    return CallResult.objects.filter(code=code, retired=None).first()


def result_row(pk: int) -> CallResult | None:
    """One that may be chosen no more, too."""
    return CallResult.objects.filter(pk=pk).first()


def results() -> list[CallResult]:
    """What may come of a call, in the order of the choice."""
    return list(CallResult.objects.filter(retired=None).order_by("position", "id"))


def grade_of(call: Call) -> str:
    """The grade that the caller gave by key, from 1 to 5; "" without one. For ratings alone: staff do not learn it."""
    graded = call.facts.get("graded")
    return str(graded[1]) if graded else ""


def note_of(call: Call) -> CallNote | None:
    """What its operator said came of a call."""
    return CallNote.objects.filter(call=call).select_related("result").first()


def operators() -> list[Operator]:
    """Everybody whom an Asterisk may ring: on duty, before a page of ours, with a desk phone. Of two who share a phone
    the one who came last."""
    rows = (
        Presence.objects.filter(until=None, user__is_active=True, user__role__in=sorted(ON_THE_PHONE))
        .exclude(Q(state=Presence.State.OFF) | Q(seen=None) | Q(user__extension=""))
        .order_by("since", "id")
        .select_related("user")
    )
    at, rung_for = now(), skills()
    return list({row.user.extension: _operator(row, at, rung_for.get(row.user_id, {})) for row in rows}.values())


def _operator(row: Presence, at: datetime, rung_for: Mapping[str, bool]) -> Operator:
    statement = row.statement.at(at)
    return Operator(
        username=row.user.username,
        extension=row.user.extension,
        state="available" if statement.word is Word.AVAILABLE else "break",
        reason=statement.reason,
        ends=statement.ends,
        skills=rung_for,
    )


def open_ids(box: Inbox) -> set[str]:
    """The ids of an inbox's calls that have not ended."""
    return set(Call.objects.filter(inbox=box).exclude(state=State.ENDED).values_list("call_id", flat=True))


def begun_ids(box: Inbox, ids: Iterable[str]) -> set[str]:
    """Of these call ids those whose beginning is known."""
    rows = Call.objects.filter(inbox=box, call_id__in=list(ids))
    return {row.call_id for row in rows if "started_at" in row.facts}


def links() -> list[Link]:
    """The bridge's links, of the inboxes that still have an Asterisk."""
    boxes = [box for box, _ in asterisks()]
    return list(Link.objects.select_related("inbox").filter(inbox__in=boxes))


def holds(link: Link) -> bool:
    """Whether a link is up, and the bridge that says so alive."""
    return link.up_since is not None and link.seen > now() - ALIVE


def link(box: Inbox) -> Link | None:
    """The bridge's link to an inbox's Asterisk, once it has tried."""
    return Link.objects.filter(inbox=box).first()


def gap(pk: int | None) -> Gap | None:
    """A time in which nobody listened."""
    return Gap.objects.select_related("inbox").filter(pk=pk).first() if pk else None


def gaps(since: datetime) -> list[Gap]:
    """The times in which nobody listened that were not over at `since`, newest first."""
    rows = Gap.objects.select_related("inbox").filter(Q(until=None) | Q(until__gt=since))
    return list(rows.order_by("-since"))


def served(box: Inbox) -> tuple[str, ...]:
    """The queues whose members the bridge keeps or kept at an inbox's Asterisk."""
    row = link(box)
    return tuple(row.queues.split()) if row else ()


def linked(box: Inbox) -> bool:
    """Whether the bridge holds a link to an inbox's Asterisk now."""
    row = link(box)
    return row is not None and holds(row)
