"""What people do with calls from the desk: whose it is, what the bridge tells the exchange, what is written down.

Proves: 113, 114, 115 by one key, and the ledger says it; nobody steers another's call; nothing is kept for an exchange
that is away"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from bridged import held, linked, play, until
from django.db import OperationalError, connection
from django.utils.timezone import now
from fake_pbx import FakePbx
from recordings import call_events, frames_of

from caunoi.calls import actions, bridge, queries
from caunoi.calls.models import Call, CallCommand, CallLeg
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox
from caunoi.events.models import Event
from caunoi.telephony.calls import fold
from caunoi.telephony.commands import Kind

FRAMES = frames_of("conference_with_114")
CALL = "1795785912.736"
ROOM = f"Redirect hotline-citizen {CALL} hotline-conference {CALL}"
type World = Any


@pytest.fixture
def lan(town: World) -> Any:
    return with_phone(town.users["lan"], "101")


@pytest.fixture
def tam(town: World) -> Any:
    return with_phone(town.users["tam"], "102")


def with_phone(user: Any, extension: str) -> Any:
    user.extension = extension
    user.save()
    return user


def heard(box: Inbox, until: str, name: str = "conference_with_114") -> Call:
    """What an exchange told up to a moment, HH:MM:SS, of its first call."""
    frames = tuple(frame for frame in frames_of(name) if f"{frame.at:%H:%M:%S}" <= until)
    actions.absorb(box, fold(call_events(frames)).values())
    return Call.objects.get(inbox=box, call_id=CALL)


def up(box: Inbox) -> Inbox:
    actions.up(box, now())
    actions.alive(box)
    return box


def done(row: CallCommand) -> CallCommand:
    actions.command_done(row)
    return row


def kinds() -> list[str]:
    return list(Event.objects.filter(kind__startswith="call.").order_by("id").values_list("kind", flat=True))


# --- who may ---


@pytest.mark.django_db
def test_one_steers_ones_own_call_and_nobody_elses(asterisk: Inbox, lan: Any, tam: Any, town: World) -> None:
    call = heard(up(asterisk), "13:25:14")
    row = actions.ask_command(call, "hold", by=lan.as_actor())
    assert (row.user, row.operator, row.state) == (lan, lan, "asked")
    for who, kind in (
        (tam, "hold"),
        (tam, "hang_up"),
        (lan, "listen"),
        (lan, "take_over"),
        (town.users["minh"], "hold"),
    ):
        with pytest.raises(actions.CommandRefusedError) as refused:
            actions.ask_command(call, kind, by=who.as_actor(), operator=lan)
        assert refused.value.code == "not_yours"
    with pytest.raises(ValueError, match="juggle"):
        actions.ask_command(call, "juggle", by=lan.as_actor())


@pytest.mark.django_db
def test_a_supervisor_listens_to_an_operators_call_and_it_is_written_down(asterisk: Inbox, lan: Any, tam: Any) -> None:
    call = heard(up(asterisk), "13:25:14")
    for kind in ("listen", "whisper", "barge", "take_over"):
        done(actions.ask_command(call, kind, by=tam.as_actor(), operator=lan))
    told = [event.data for event in Event.objects.filter(kind="call.command", by="tam").order_by("id")]
    assert [one["what"] for one in told] == ["listen", "whisper", "barge", "take_over"]
    assert {one["operator"] for one in told} == {"lan"}
    assert [row.kind for row in queries.supervised(lan.pk)] == ["take_over", "barge", "whisper", "listen"]


@pytest.mark.django_db
def test_an_operator_reads_who_listens_until_the_call_is_over(asterisk: Inbox, lan: Any, tam: Any) -> None:
    call = heard(up(asterisk), "13:25:14")
    for kind in ("listen", "take_over"):
        done(actions.ask_command(call, kind, by=tam.as_actor(), operator=lan))
    CallCommand.objects.update(asked=now() - timedelta(minutes=30))
    assert [row.kind for row in queries.supervised(lan.pk)] == ["listen"]
    Call.objects.update(state="ended")
    assert queries.supervised(lan.pk) == []


@pytest.mark.django_db
def test_while_the_exchange_is_away_nothing_is_kept(asterisk: Inbox, lan: Any) -> None:
    call = heard(asterisk, "13:25:14")
    with pytest.raises(actions.CommandRefusedError) as refused:
        actions.ask_command(call, "hold", by=lan.as_actor())
    assert refused.value.code == "pbx_down"
    make_inbox("phone", "phone", host="")
    with pytest.raises(actions.CommandRefusedError) as refused:
        actions.ask_command(Call.objects.get(pk=call.pk), "hold", by=lan.as_actor())
    assert refused.value.code == "no_control"
    assert not CallCommand.objects.exists() and "call.command" not in kinds()


@pytest.mark.django_db
def test_a_call_that_is_over_is_left_alone(asterisk: Inbox, lan: Any) -> None:
    call = heard(up(asterisk), "13:25:59")
    with pytest.raises(actions.CommandRefusedError) as refused:
        actions.ask_command(call, "hold", by=lan.as_actor())
    assert refused.value.code == "over"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("to", "number", "label"),
    [
        ("114", "114", "114"),
        ("@tam", "102", "@tam"),
        ("#xncongtrinh", "02713888888", "#xncongtrinh"),
        ("0912 345 678", "0912345678", ""),
        ("+84 912 345 678", "0912345678", ""),
    ],
)
def test_whom_a_call_is_led_to(
    asterisk: Inbox, lan: Any, tam: Any, town: World, to: str, number: str, label: str
) -> None:
    agency = town.agencies["xncongtrinh"]
    agency.phone = "0271 3888 888"
    agency.save()
    row = actions.ask_command(heard(up(asterisk), "13:25:14"), "bring_in", by=lan.as_actor(), to=to)
    row.refresh_from_db()
    assert (row.number, row.label) == (number, label)
    done(row).refresh_from_db()
    assert row.number == ""


@pytest.mark.django_db
@pytest.mark.parametrize("to", ["", "@nobody", "@minh", "#nowhere", "bốn"])
def test_nobody_is_called_where_there_is_no_number(asterisk: Inbox, lan: Any, to: str) -> None:
    with pytest.raises(actions.CommandRefusedError) as refused:
        actions.ask_command(heard(up(asterisk), "13:25:14"), "consult", by=lan.as_actor(), to=to)
    assert refused.value.code == "no_number"


@pytest.mark.django_db
def test_who_was_called_in_answered_is_written_once(asterisk: Inbox, lan: Any) -> None:
    call = heard(up(asterisk), "13:25:14")
    row = done(actions.ask_command(call, "bring_in", by=lan.as_actor(), to="114"))
    CallCommand.objects.filter(pk=row.pk).update(id=7)  # as the recording has it
    heard(asterisk, "13:25:16")
    assert queries.standing(call).party is None and "call.join" not in kinds()
    with pytest.raises(actions.CommandRefusedError) as refused:
        actions.ask_command(call, "hang_up", by=lan.as_actor())
    assert refused.value.code == "still_ringing"
    heard(asterisk, "13:25:18")
    heard(asterisk, "13:25:59")
    (joined,) = Event.objects.filter(kind="call.join")
    assert joined.data == {"command": 7} and f"{joined.at:%H:%M:%S}" == "13:25:17"
    ((asked, leg),) = queries.called_in([call])
    assert (asked.label, leg and leg.name, leg and round(leg.talked)) == ("114", "114", 5)
    assert kinds()[-1] == "call.end" and Call.objects.get().outcome == "answered"


@pytest.mark.django_db
def test_what_was_asked_long_ago_is_never_done(asterisk: Inbox, lan: Any) -> None:
    row = actions.ask_command(heard(up(asterisk), "13:25:14"), "hold", by=lan.as_actor())
    CallCommand.objects.filter(pk=row.pk).update(asked=now() - timedelta(seconds=30))
    assert actions.take_commands(asterisk) == []
    row.refresh_from_db()
    assert (row.state, row.trouble) == ("failed", "late")


@pytest.mark.django_db
def test_what_a_bridge_took_and_did_not_live_to_do_has_failed(asterisk: Inbox, lan: Any) -> None:
    row = actions.ask_command(heard(up(asterisk), "13:25:14"), "transfer", by=lan.as_actor(), to="0912 345 678")
    assert actions.take_commands(asterisk) == [row]
    assert actions.take_commands(asterisk) == [], "nobody does it twice"
    CallCommand.objects.update(asked=now() - timedelta(seconds=10))
    assert actions.take_commands(asterisk) == []
    row.refresh_from_db()
    assert (row.state, row.trouble, row.number) == ("failed", "late", "")
    assert queries.refused_command(lan.pk) == row


# --- at the exchange ---


def closing[T](act: Callable[[], T]) -> Callable[[], T]:
    def work() -> T:
        try:
            return act()
        finally:
            connection.close()

    return work


def said(pbx: FakePbx) -> list[str]:
    """The actions that do something with a call, in short."""
    fields = ("Context", "Exten", "ExtraContext", "ExtraExten", "ChannelId", "Conference", "Digit")
    quiet = {"Login", "QueueStatus", "CoreShowChannels", "Ping", "QueueAdd", "QueueRemove", "QueuePause", "Getvar"}
    return [
        " ".join([each["Action"], *(each[name] for name in fields if each[name])])
        for each in pbx.actions
        if each["Action"] not in quiet
    ]


def steered(asterisk: Inbox, lan: Any, pbx: FakePbx, kind: str, **how: str) -> CallCommand:
    """What became of a command at an exchange."""
    heard(asterisk, "13:25:14")

    async def story() -> None:
        async with pbx.listening() as port, held(asterisk, port) as line:
            pbx.channels = (CALL,)
            await until(linked(asterisk))
            call = await asyncio.to_thread(closing(Call.objects.get))
            ask = lambda: actions.ask_command(call, kind, by=lan.as_actor(), **how)  # noqa: E731
            await asyncio.to_thread(closing(ask))
            line.ask("command")
            await until(lambda: CallCommand.objects.filter(state__in=["done", "failed"]).exists())

    pbx.channels = (CALL,)
    play(story())
    return CallCommand.objects.get()


@pytest.mark.parametrize(
    ("kind", "how", "expected"),
    [
        ("bring_in", {"to": "114"}, [ROOM, f"Originate hotline-conference {CALL} with-%s-{CALL}"]),
        ("hold", {}, [f"Redirect hotline-hold {CALL} hotline-conference {CALL}"]),
        ("transfer", {"to": "113"}, ["BlindTransfer hotline-transfer 113"]),
        ("mute", {}, [ROOM, f"ConfbridgeMute {CALL}"]),
        ("hang_up", {}, ["Hangup"]),
        ("digits", {"digits": "1#"}, ["PlayDTMF 1", "PlayDTMF #"]),
    ],
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
def test_the_exchange_is_told(asterisk: Inbox, lan: Any, kind: str, how: dict[str, str], expected: list[str]) -> None:
    pbx = FakePbx()
    row = steered(asterisk, lan, pbx, kind, **how)
    assert (row.state, row.trouble) == ("done", "")
    assert said(pbx) == [line.replace("%s", str(row.pk)) for line in expected]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
def test_nobody_is_led_into_a_dialplan_that_does_not_have_it(asterisk: Inbox, lan: Any) -> None:
    pbx = FakePbx(without=("hotline-conference",))
    row = steered(asterisk, lan, pbx, "bring_in", to="114")
    assert (row.state, row.trouble) == ("failed", "no_room")
    assert said(pbx) == []
    assert queries.refused_command(lan.pk) == row and not queries.standing(row.call).room


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
def test_who_was_led_into_the_room_stays_there_though_nobody_can_be_called(asterisk: Inbox, lan: Any) -> None:
    row = steered(asterisk, lan, FakePbx(silent={"Originate"}), "bring_in", to="114")
    assert row.state == "done" and "no answer" in row.trouble
    assert queries.standing(row.call).room and queries.refused_command(lan.pk) == row


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
def test_what_the_exchange_does_not_answer_has_not_come_about(asterisk: Inbox, lan: Any) -> None:
    row = steered(asterisk, lan, FakePbx(silent={"Redirect"}), "hold")
    assert row.state == "failed" and "no answer" in row.trouble
    assert Kind(row.kind) is Kind.HOLD and not CallLeg.objects.filter(leg_id__startswith="with-").exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("part", "states"), [("_steering", ["done", "failed"]), ("actions.command_done", ["done", "done"])]
)
def test_while_the_database_is_away_the_next_command_has_its_turn_and_what_was_done_is_written(
    asterisk: Inbox, lan: Any, monkeypatch: pytest.MonkeyPatch, part: str, states: list[str]
) -> None:
    call = heard(up(asterisk), "13:25:14")
    for digits in ("1", "2"):
        actions.ask_command(call, "digits", by=lan.as_actor(), digits=digits)
    home, _, name = f"bridge.{part}".rpartition(".")
    owner = {"bridge": bridge, "bridge.actions": actions}[home]
    true, failures = getattr(owner, name), [OperationalError("gone")]

    def once(*args: Any) -> Any:
        if failures:
            raise failures.pop()
        return true(*args)

    monkeypatch.setattr(owner, name, once)
    pbx = FakePbx()
    pbx.channels = (CALL,)

    async def story() -> None:
        async with pbx.listening() as port, held(asterisk, port) as line:
            await until(linked(asterisk))
            line.ask("command")
            await until(lambda: CallCommand.objects.filter(state__in=["done", "failed"]).count() == 2)

    play(story())
    assert sorted(CallCommand.objects.values_list("state", flat=True)) == states
    assert said(pbx) == ["PlayDTMF 1", "PlayDTMF 2"][-states.count("done") :]
