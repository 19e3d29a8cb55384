"""Whether an exchange does what the hotline needs: asked over the manager interface, answered with what to mend.

`ask` signs in, looks, and lets the exchange call its own echo, which rings nobody; `findings` is what follows from the
answers. What cannot be asked with the few rights of our user is read from the exchange's files by its own dialplan
function AST_CONFIG, and said so.
"""

import asyncio
import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from caunoi.host.finding import NOTHING, Finding, State, Text, _, broken, warning
from caunoi.telephony.ami import Packet
from caunoi.telephony.client import ActionRefusedError, Client, Connect, ReplyTimeoutError, Snapshot, Timing
from caunoi.telephony.events import Device
from caunoi.telephony.members import member_of
from caunoi.telephony.names import CHECK, endpoint

PATIENCE = 6.0  # seconds for the call to the echo
OURS = timedelta(seconds=2)
"""How far two clocks may be apart."""
ACTIONS = ("QueueAdd", "QueueRemove", "QueuePause", "QueueStatus", "Originate", "Hangup", "CoreShowChannels", "Ping")
DANGEROUS = ("Command", "UpdateConfig", "ModuleLoad", "Reload")
NEEDED = (
    *("Newchannel", "Hangup", "DialBegin", "DialEnd", "OriginateResponse", "BlindTransfer", "AttendedTransfer"),
    *("AgentCalled", "AgentConnect", "AgentComplete", "AgentRingNoAnswer"),
    *("QueueCallerJoin", "QueueCallerLeave", "QueueCallerAbandon"),
    *("QueueMemberAdded", "QueueMemberPause", "QueueMemberRemoved", "QueueMemberStatus"),
)
MOST_FILTERS = 30
QUEUE_SETTINGS = ("autofill", "autopause", "joinempty")
CODECS = {"alaw", "ulaw"}


@dataclass(kw_only=True)
class Answers:
    """What an exchange answered. `refusal`: why there is no link. `config`: values of its files, "" for what is not
    set; empty where it does not read them for us. `codecs`: by endpoint. `call_refusal`: why no call came about."""

    refusal: str = ""
    members: tuple[Packet, ...] = ()
    queues: frozenset[str] = frozenset()
    actions: frozenset[str] = frozenset()
    config: Mapping[str, str] = field(default_factory=dict)
    filters: tuple[str, ...] = ()
    codecs: Mapping[str, str] = field(default_factory=dict)
    events: list[tuple[datetime, Packet]] = field(default_factory=list)
    echo: Packet | None = None
    called: bool = False
    call_refusal: str = ""


class Ear:
    """Hears what the exchange says."""

    def __init__(self) -> None:
        self.answers = Answers()
        self.snapshot: asyncio.Future[Snapshot] = asyncio.get_running_loop().create_future()
        self.echo = asyncio.Event()

    def event(self, packet: Packet, received_at: datetime) -> None:
        self.answers.events.append((received_at, packet))
        if packet["UserEvent"] == "HotlineCheck":
            self.answers.echo = packet
            self.echo.set()

    def up(self, snapshot: Snapshot) -> None:
        if not self.snapshot.done():
            self.snapshot.set_result(snapshot)

    def down(self, reason: str, since: datetime) -> None:
        if not self.snapshot.done():
            self.snapshot.set_exception(ConnectionError(reason))


async def ask(
    connect: Connect, *, username: str, secret: str, queues: Sequence[str], call: bool, timing: Timing | None = None
) -> Answers:
    """Sign in and look; with `call` the exchange calls its own echo. Never raises: what went wrong is an answer."""
    ear = Ear()
    client = Client(username=username, secret=secret, connect=connect, listener=ear, timing=timing)
    link = asyncio.create_task(client.run())
    try:
        snapshot = await ear.snapshot
        answers = ear.answers
        answers.members = snapshot.members
        answers.actions = await _actions(client)
        answers.config = await _config(client, username, queues)
        answers.queues = frozenset([queue for queue in queues if await _has_queue(client, queue, snapshot)])
        answers.filters = await _filters(client, username) if answers.config else ()
        phones = {endpoint(member["Location"] or member["Interface"]) for member in snapshot.members}
        answers.codecs = {
            name: await _value(client, f"PJSIP_ENDPOINT({name},allow)") for name in sorted({"trunk", *phones})
        }
        if call:
            await _call(client, ear)
    except (ConnectionError, TimeoutError) as error:
        ear.answers.refusal = str(error) or type(error).__name__
    finally:
        link.cancel()
        with suppress(asyncio.CancelledError):
            await link
    return ear.answers


async def _actions(client: Client) -> frozenset[str]:
    """The actions that our user may do."""
    with suppress(ActionRefusedError, ReplyTimeoutError):
        packet = await client.act("ListCommands")
        return frozenset(key for key, _value in packet.pairs) - {"Response", "ActionID"}
    return frozenset()


async def _value(client: Client, expression: str) -> str:
    with suppress(ActionRefusedError, ReplyTimeoutError):
        return (await client.act("Getvar", {"Variable": expression}))["Value"]
    return ""


async def _config(client: Client, username: str, queues: Iterable[str]) -> dict[str, str]:
    if not await _value(client, "AST_CONFIG(manager.conf,general,enabled)"):
        return {}
    places = {
        "timestampevents": "manager.conf,general,timestampevents",
        "read": f"manager.conf,{username},read",
        "write": f"manager.conf,{username},write",
        **{f"{queue} {name}": f"queues.conf,{queue},{name}" for queue in queues for name in QUEUE_SETTINGS},
        "autofill": "queues.conf,general,autofill",
    }
    return {name: await _value(client, f"AST_CONFIG({where})") for name, where in places.items()}


async def _has_queue(client: Client, queue: str, snapshot: Snapshot) -> bool:
    if any(member["Queue"] == queue for member in snapshot.members):
        return True
    return await _value(client, f"QUEUE_EXISTS({queue})") == "1"


async def _filters(client: Client, username: str) -> tuple[str, ...]:
    """The filters of events of our user; none where the exchange does not count a file's lines of one name."""
    results: list[str] = []
    for index in range(MOST_FILTERS):
        one = await _value(client, f"AST_CONFIG(manager.conf,{username},eventfilter,{index})")
        if not one or one in results:
            break
        results.append(one)
    return tuple(results) if len(results) > 1 else ()


async def _call(client: Client, ear: Ear) -> None:
    ear.answers.called = True
    mark = f"{CHECK}{secrets.token_hex(4)}"
    fields = {
        "Channel": "Local/talk@hotline-check",
        "Context": "hotline-check",
        "Exten": "echo",
        "Priority": "1",
        "Timeout": str(int(PATIENCE * 1000)),
        "Async": "true",
        "ChannelId": mark,
        "OtherChannelId": f"{mark}-2",
    }
    try:
        await client.act("Originate", fields)
        async with asyncio.timeout(PATIENCE):
            await ear.echo.wait()
            while not any(packet["Event"] == "Hangup" for _at, packet in ear.answers.events):
                await asyncio.sleep(0.05)
    except ActionRefusedError as error:
        ear.answers.call_refusal = str(error)
    except TimeoutError:
        pass  # what did not come is missed by the findings


# --- what follows ---

WRITE = _("Write its files again: caunoi pbx write, and load them as it says.")
ALLOW = _("See manager.conf in docs/asterisk, or write the files: caunoi pbx write.")


def findings(answers: Answers, *, queues: Sequence[str], files: str = "") -> Iterator[Finding]:
    """One finding of every check, in order; without a call those are left out that it answers. `files`: the version
    that the set-up would write."""
    if answers.refusal:
        yield _of_check(
            "login",
            broken(
                _("The exchange does not let us in: %(reason)s.", reason=answers.refusal),
                _("No call is known, and nobody is signed in to a queue."),
                _("Compare user, secret, address and port of the inbox with manager.conf there."),
            ),
        )
        return
    yield _fine("login", _("The exchange lets us in."))
    for name, check in CHECKS.items():
        if name in BY_CALL and not answers.called:
            continue
        yield _of_check(name, check(answers, queues, files))


def _fine(name: str, what: Text) -> Finding:
    return Finding(check=name, part="running", state=State.OK, what=what)


def _of_check(name: str, finding: Finding) -> Finding:
    return replace(finding, check=name, part="running")


def _rights(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    if not answers.actions:
        return _unknown(_("The exchange does not say what our user may do."))
    if lacking := [action for action in ACTIONS if action not in answers.actions]:
        return broken(
            _("Our user may not do: %(actions)s.", actions=", ".join(lacking)),
            _("Operators are not signed in to queues, or cannot call by a click."),
            ALLOW,
        )
    if too_many := [action for action in DANGEROUS if action in answers.actions]:
        return warning(
            _("Our user may do more than it needs: %(actions)s.", actions=", ".join(too_many)),
            _("Whoever learns its secret can run programs on the exchange."),
            ALLOW,
        )
    return _fine("", _("Our user may do what is needed, and no more."))


def _timestamps(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    events = [packet for _at, packet in answers.events if packet["Event"] not in ("", "FullyBooted")]
    if any(packet["Timestamp"] for packet in events):
        return _fine("", _("Events carry their time."))
    if answers.config.get("timestampevents", "") in YES:
        return _fine("", _("Events carry their time, by the exchange's file."))
    if events or answers.config:
        return broken(
            _("Events do not carry their time."),
            _("Waiting and talking times are wrong by whatever the line delays."),
            _("Set timestampevents = yes in manager.conf of the exchange."),
        )
    return _unknown(_("No event came by which it could be told whether they carry their time."))


YES = ("yes", "true", "on", "1")


def _clock(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    gaps = []
    for at, packet in answers.events:
        with suppress(ValueError, OverflowError):
            gaps.append(at.timestamp() - float(packet["Timestamp"]))
    if not gaps:
        return _unknown(_("No event came by which the clocks could be compared."))
    gap = min(gaps, key=abs)
    if abs(gap) > OURS.total_seconds():
        return broken(
            _("The exchange's clock is %(seconds)s s apart from ours.", seconds=round(-gap, 1)),
            _("Calls stand at wrong times, and waits are counted wrongly after a break of the link."),
            _("Let both machines keep their time by NTP."),
        )
    return _fine("", _("Its clock goes as ours."))


def _queues(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    if not queues:
        return broken(
            _("The inbox names no queue."), _("Nobody can be rung."), _("Setup, Inboxes: name the exchange's queues.")
        )
    if lacking := [queue for queue in queues if queue not in answers.queues]:
        return broken(
            _("The exchange has no queue %(queues)s, or it has nobody in it.", queues=", ".join(lacking)),
            _("Its callers reach nobody."),
            WRITE,
        )
    return _fine("", _("The queues are there."))


def _autofill(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    return _by_file(
        answers,
        [
            queue
            for queue in queues
            if (answers.config.get(f"{queue} autofill") or answers.config.get("autofill", "")) not in YES
        ],
        _("Only the first of the line is offered to anybody (autofill) in %(queues)s.", queues=", ".join(queues)),
        _("In a test with twenty operators free, only 13 of 360 callers reached one."),
        _("All who wait are offered at once, by the exchange's file."),
    )


def _autopause(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    return _by_file(
        answers,
        [queue for queue in queues if answers.config.get(f"{queue} autopause", "") not in (*YES, "all")],
        _("A phone that rings in vain is not paused (autopause) in %(queues)s.", queues=", ".join(queues)),
        _("One absent operator is rung again and again, while others are free."),
        _("A phone that rings in vain is paused, by the exchange's file."),
    )


def _by_file(answers: Answers, wrong: Sequence[str], what: Text, why: Text, fine: Text) -> Finding:
    if not answers.config:
        return _unknown(_("The exchange does not read its files for us (func_config)."))
    return broken(what, why, WRITE) if wrong else _fine("", fine)


def _members(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    at = datetime.now(UTC)
    ours = [packet for packet in answers.members if packet["Queue"] in queues]
    lost = sorted({packet["Name"] for packet in ours if member_of(packet, at).device is Device.UNREACHABLE})
    invalid = sorted({packet["Name"] for packet in ours if packet["Status"] == "4"})
    if invalid:
        return broken(
            _("The exchange has no phone for: %(names)s.", names=", ".join(invalid)),
            _("They are signed in and cannot be rung; where all are so, every caller is turned away."),
            _("Write its files again: caunoi pbx write; or correct the extension in Setup, People."),
        )
    if lost:
        return warning(
            _("Phones that are not connected: %(names)s.", names=", ".join(lost)),
            _("They are signed in and cannot be rung."),
            _("Switch the phone on; see that it registers with its extension and password."),
        )
    return _fine("", _("Everybody who is signed in can be rung (%(count)s).", count=len(ours)))


def _mailbox(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    if "VoicemailUsersList" in answers.actions:
        return warning(
            _("The exchange keeps mailboxes (app_voicemail)."),
            _("A message in a mailbox cannot be heard in the product, as it might be another's."),
            _("Record messages by the dialplan (Record), and noload app_voicemail.so."),
        )
    return _fine("", _("No mailbox is used; messages are recorded by their calls."))


def _codecs(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    codecs_of = {name: set(re.findall(r"\w+", text)) for name, text in answers.codecs.items() if text}
    if answers.echo is not None and answers.echo["Codecs"]:
        codecs_of["trunk"] = set(re.findall(r"\w+", answers.echo["Codecs"]))
    if not codecs_of:
        return _unknown(_("The exchange does not say which codecs its phones have."))
    if wrong := sorted(name for name, codecs in codecs_of.items() if not codecs & CODECS):
        return broken(
            _("Neither alaw nor ulaw is allowed for: %(names)s.", names=", ".join(wrong)),
            _("Their calls are silent, or do not come about."),
            WRITE,
        )
    return _fine("", _("Phones and trunk have alaw or ulaw."))


def _echo(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    if answers.call_refusal:
        return broken(
            _("The exchange refuses to call: %(reason)s.", reason=answers.call_refusal),
            _("Nobody can call by a click."),
            ALLOW,
        )
    if answers.echo is None:
        return broken(
            _("The call to the echo did not come about."),
            _("The dialplan is not the one that is written, or its events do not reach us."),
            WRITE,
        )
    return _fine("", _("A call to the echo was put through."))


def _recorder(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    if answers.echo is None:
        return _unknown(_("Without a call to the echo the folder there is not known."))
    if answers.echo["Folder"] != "1":
        return broken(
            _("The exchange has no folder for recordings."),
            _("Neither recordings nor messages are kept."),
            _("Make the folder RECORDINGS of extensions.conf, for the user of the exchange."),
        )
    return _fine("", _("The exchange has its folder for recordings."))


def _events(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    seen = {packet["Event"] for _at, packet in answers.events}
    if answers.called and answers.echo is not None and not {"Newchannel", "Hangup"} <= seen:
        return broken(_("Of a call, not all events came."), _("Calls have no beginning or no end."), ALLOW)
    if not answers.filters:
        if answers.echo is not None:
            return _fine("", _("The events of a call come; those of queues are not filtered, or cannot be asked."))
        return _unknown(_("No filter of events is known."))
    if kept_back := [name for name in NEEDED if not passes(answers.filters, name)]:
        return broken(
            _("The filter of events keeps back: %(names)s.", names=", ".join(kept_back)),
            _("What they tell is not known: calls, rings or breaks."),
            ALLOW,
        )
    return _fine("", _("All events that are needed come through the filter."))


def passes(filters: Iterable[str], event: str) -> bool:
    """Whether an event comes through the filters of manager.conf."""
    packet = f"Event: {event}\r\nPrivilege: call,all\r\n"
    inward = [one.removeprefix("!") for one in filters if not one.startswith("!")]
    outward = [one[1:] for one in filters if one.startswith("!")]
    return (not inward or any(re.search(one, packet) for one in inward)) and not any(
        re.search(one, packet) for one in outward
    )


def _version(answers: Answers, queues: Sequence[str], files: str) -> Finding:
    loaded = answers.echo["Files"] if answers.echo is not None else ""
    if not loaded or not files:
        return _unknown(_("Which files the exchange has loaded is not known."))
    if loaded != files:
        return warning(
            _(
                "The exchange has loaded other files (%(loaded)s) than the set-up would write (%(files)s).",
                loaded=loaded,
                files=files,
            ),
            _("A phone, a queue or the opening hours may be older than here."),
            WRITE,
        )
    return _fine("", _("The exchange has loaded what the set-up would write."))


def _unknown(what: Text) -> Finding:
    return Finding(state=State.WARN, what=what, why=NOTHING, mend=_("Look yourself, as docs/asterisk says."))


CHECKS = {
    "rights": _rights,
    "timestampevents": _timestamps,
    "clock": _clock,
    "queue": _queues,
    "autofill": _autofill,
    "autopause": _autopause,
    "members": _members,
    "mailbox": _mailbox,
    "codecs": _codecs,
    "call": _echo,
    "folder": _recorder,
    "events": _events,
    "files": _version,
}
BY_CALL = ("clock", "call", "folder", "files")
