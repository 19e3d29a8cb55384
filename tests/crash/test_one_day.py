"""One seed, one day: people, providers, the exchange, the clock and the administrators do what they do, in whatever
order, and the database fails in the middle of it; whoever was not answered does it again, as people do. In the evening,
when the workers have done what was left, everything holds that must hold.

The seed is Hypothesis's: a day that fails is made as short as it can be, is tried first the next time (var/hypothesis)
and becomes an `@example` here. `make nightly` lives twenty times as many.

Proves: invariants hold after random days of reports, chats, calls, moves, replies, sent messages, kills, lost
connections, a change of deadlines, holidays and a reorganisation; nobody is sent anything twice"""

import copy
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count

import httpx
import pytest
import time_machine
from django.db import Error, OperationalError, close_old_connections, transaction
from django.test import Client
from django.utils.timezone import now
from hypothesis import HealthCheck, Phase, event, given
from hypothesis import strategies as st

from caunoi import moves
from caunoi.calls import actions as calls
from caunoi.channels import registry
from caunoi.channels.base import DeliveryError, UncertainDeliveryError
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Inbox, Outgoing, Receipt
from caunoi.directory import actions as directory
from caunoi.directory.queries import in_force
from caunoi.events.actor import SYSTEM, RefusedError
from caunoi.events.models import Event
from caunoi.jobs import away
from caunoi.reorganisation.tasks import keep_up
from caunoi.sla import actions as sla
from caunoi.sla import recount, watch
from caunoi.sla.models import Target
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Direction, Ended, GaveUp, Queued, Started
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from tests.chat import SECRET, Chat
from tests.conftest import forget
from tests.crash import invariants
from tests.crash.faults import Fault, Saboteur
from tests.crash.stage import settle
from tests.examples import examples
from tests.reorganisation.conftest import agency, scheduled

MORNING = datetime(2026, 8, 17, 0, 30, tzinfo=UTC)  # a Monday, 7:30 in Vietnam
WORDS = ("Đèn đường tắt ở ngã tư", "Rác chất đống ở chợ", "Ổ gà trước cổng trường", "Karaoke ồn sau 22 giờ", "Tố cáo")
STAFF = ("lan", "tam", "minh", "hoa", "binh", "yen")
INPUT = {
    "category": lambda day, n: (day.town.lamps, day.town.noise, day.town.papers)[n % 3],
    "area": lambda day, n: (day.town.ward, day.town.commune)[n % 2],
    "agency": lambda day, n: (day.town.works, day.town.power, day.town.agencies["ubnd-25417"])[n % 3],
    "into": lambda day, n: day.ticket(n // 3),
    "days": lambda day, n: 1 + n % 4,
    "reason": lambda day, n: ("unclear", "outside", "duplicate", "settled")[n % 4],
}
"""What a move is given by the name of its field; words else."""
KINDS = (
    *["report"] * 2,
    *["message"] * 2,
    "ring",
    *["move"] * 40,
    *["citizen"] * 4,
    *["hours"] * 4,
    *["worker"] * 6,
    *["send"] * 4,
    "holiday",
    "target",
    "reorganise",
)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # a day is long; its words tell more than a shorter one
faults = st.none() | st.tuples(st.sampled_from(list(Fault)), st.integers(1, 30))
steps = st.lists(
    st.tuples(st.sampled_from(KINDS), st.integers(0, 119), st.one_of(st.none(), st.none(), faults)),
    min_size=60,
    max_size=140,
)


class Day:
    """The town, and what happens in it."""

    def __init__(self, town, clock, provider):
        self.town, self.clock, self.provider = town, clock, provider
        self.numbers, self.log, self.is_reorganised = count(), [], False
        self.http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(503)))

    def live(self, kind, n, fault):
        """One thing happens, and takes its time; where it breaks, whoever did it does it again."""
        self.clock.shift(timedelta(seconds=20))
        act = getattr(self, kind)(n)
        if act is None:
            return
        saboteur = Saboteur(*fault) if fault else None
        self.log.append(f"{kind} {n} {saboteur or ''}")
        if saboteur is None:
            self._try(act)
            return
        with saboteur.at_work():
            lost = self._try(act)
        if lost:
            self._leases_are_over()
            self._try(act)

    def _try(self, act):
        """Whether it broke."""
        try:
            act()
        except RefusedError:
            return False
        except Error as error:
            assert away.passing(error), f"an error that nobody would wait after: {error!r}"
            return True
        finally:
            close_old_connections()
        return False

    def _leases_are_over(self):
        """Whoever was in the middle of it is dead, and others take it up."""
        for model in (Event, Receipt):
            model.objects.filter(claimed__isnull=False).update(claimed=None)

    def ticket(self, n):
        """One of the first few, so that much happens to it; the restricted ones are their custodians'."""
        rows = list(Ticket.objects.filter(restricted=False).order_by("pk").values_list("pk", flat=True)[:5])
        return Ticket.objects.get(pk=rows[n % len(rows)]) if rows else None

    # --- what happens -------------------------------------------------------------------------------------------------

    def report(self, n):
        once = f"report-{next(self.numbers)}"
        person = Reporter(name=f"Người dân {n % 4}", phone=f"+8490000000{n % 4}" if n % 3 else "")
        channel = ("web", "app", "phone", "counter")[n % 4]
        words = WORDS[n % len(WORDS)] if n % 11 else "Tôi tố cáo ông chủ tịch nhận hối lộ"
        made = Report(text=f"{words}, số {n}", channel=channel, once=once, reporter=person)
        by = self.town.lan if channel in ("phone", "counter") else SYSTEM
        return lambda: tickets.take(made, by=by)

    def message(self, n):
        """A provider's call, perhaps for the second time."""
        raw = {"id": f"m{n % 40}", "from": f"u{n % 5}", "text": f"{WORDS[n % len(WORDS)]} {n % 40}"}
        return lambda: conversations.keep(Inbox.objects.get(name="chat"), raw["id"], raw)

    def ring(self, n):
        at, who = now(), f"call-{next(self.numbers)}"
        begins = [
            Started(call_id=who, at=at, direction=Direction.IN, caller=f"090000000{n % 4}", dialled="1022"),
            Queued(call_id=who, at=at, queue="tongdai1022"),
        ]
        ends = [GaveUp(call_id=who, at=at + timedelta(seconds=40))] if n % 2 else []
        told = fold([*begins, *ends, Ended(call_id=who, at=at + timedelta(seconds=90))])
        return lambda: calls.absorb(Inbox.objects.get(name="phone"), told.values())

    def move(self, n):
        ticket = self.ticket(n)
        if ticket is None:
            return None
        actor = getattr(self.town, STAFF[n % len(STAFF)])
        there = [one for one in moves.possible(ticket, actor) if one.name not in ("transfer", "transfer_recall")]
        if not there:
            return None
        move = there[n // len(STAFF) % len(there)]
        given = {field: value(self, n) for field, value in INPUT.items()}
        if move.name != "refuse":
            given["reason"] = "Chưa xong."
        given |= {"text": "Đã sửa.", "question": "Ở đâu?", "note": "Gấp", "without": "on"}
        given = {field: value for field, value in given.items() if field in move.takes and value != ticket}
        return lambda: moves.perform(move.name, [Ticket.objects.get(pk=ticket.pk)], by=actor, move_input=given)

    def citizen(self, n):
        ticket = self.ticket(n)
        if ticket is None:
            return None
        page, form = (
            ("reply", {"text": f"Vẫn thế, {n}"}),
            ("rate", {"grade": "good", "comment": "Cảm ơn"}),
            ("reopen", {"reopen_text": "Lại hỏng"}),
            ("close", {}),
        )[n % 4]

        def act():
            answer = Client(raise_request_exception=False).post(f"/f/{ticket.follow}/{page}", form)
            assert answer.status_code != 500
            if answer.status_code == 503:
                raise OperationalError("503")

        return act

    def hours(self, n):
        """Time passes; the tasks by the clock run."""
        self.clock.shift(timedelta(hours=1 + n % 30))

        def act():
            while watch.sweep():
                pass
            while recount.step():
                pass
            keep_up()
            conversations.recover()

        return act

    def worker(self, n):
        return settle

    def send(self, n):
        if n % 4 == 0:
            self.provider.refuse.append(DeliveryError("away", retry=True, code="network"))
        if n % 7 == 0:
            self.provider.refuse.append(UncertainDeliveryError("no answer"))
        return lambda: conversations.dispatch(self.http)

    def holiday(self, n):
        on = now().date() + timedelta(days=1 + n % 5)
        return lambda: directory.set_day(on, False, by=self.town.quan, note="Bão")

    def target(self, n):
        row = Target.objects.filter(in_force(), clock="handle", category=self.town.lamps).first()
        if row is None:
            return None
        return lambda: sla.change_target(row, days=1 + n % 5, minutes=None, calendar="office", by=self.town.quan)

    def reorganise(self, n):
        """The works and the power company become one, tomorrow."""
        if self.is_reorganised:
            return None
        self.is_reorganised = True
        new = agency("dothi", "Công ty Dịch vụ đô thị", self.town.works)
        on = now().date() + timedelta(days=2)
        merge = ("merge", "agency", [self.town.works, self.town.power], ["dothi"])

        @transaction.atomic
        def act():
            scheduled(self.town, "12/NQ-HĐND", merge, begins=[new], on=on)

        return act

    # --- the evening --------------------------------------------------------------------------------------------------

    def end(self, place):
        """What was left is done, and everything holds."""
        for _ in range(3):
            self.clock.shift(timedelta(minutes=7))
            self._leases_are_over()
            self.hours(0)()
            settle()
            self.provider.refuse.clear()
            while conversations.dispatch(self.http):
                pass
        wrong = [*invariants.sums(), *invariants.offences(place.own)]
        assert not wrong, "\n".join([*wrong, *self.log])
        twice = [who for who, times in Counter(one.id for one in self.provider.said).items() if times > 1]
        assert not twice, "\n".join([f"sent twice: {twice}", *self.log])
        left = Outgoing.objects.filter(state=Outgoing.State.QUEUED).count()
        assert left == 0, "\n".join([f"{left} messages wait", *self.log])
        event(f"{Event.objects.values('kind').distinct().count() // 5 * 5} kinds of events or more")
        event(f"{len(self.provider.said) // 3 * 3} messages sent or more")


@pytest.fixture
def provider(monkeypatch):
    """Zalo's place is taken by a channel of the tests' own."""
    channel = Chat()
    table = {**registry.channels(), channel.key: channel}
    monkeypatch.setattr(registry, "channels", lambda: table)
    return channel


@pytest.mark.slow
@examples(
    4, phases=(Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink), suppress_health_check=list(HealthCheck)
)
@given(day=steps)
def test_in_the_evening_of_whatever_day_everything_holds(stage, provider, day):
    provider.said.clear()
    provider.refuse.clear()
    with stage.trial() as place, time_machine.travel(MORNING, tick=False) as clock:
        conversations.make_inbox("chat", "zalo", secrets={"secret": SECRET}, app_id="1022")
        lived = Day(copy.deepcopy(stage.town), clock, provider)
        for kind, n, fault in day:
            lived.live(kind, n, fault)
        lived.end(place)
    forget()
