"""`caunoi pbx check`: an exchange is asked by its manager interface, and each of its mistakes is said with its mend."""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from fake_pbx import FakePbx, packet
from shipped import conf, docs

from caunoi.host.finding import Finding, State
from caunoi.telephony import checkup
from caunoi.telephony.ami import Packet, parse
from caunoi.telephony.asterisk import translate
from caunoi.telephony.checkup import Answers

QUEUE = "tongdai1022"
FILES = "0123456789ab"


@dataclass
class Configured(FakePbx):
    """An exchange that runs by files: it reads them for us (AST_CONFIG), and calls its echo as its dialplan says.
    `files`: other texts than the written ones; `apart`: seconds by which its clock differs."""

    files: Mapping[str, str] = field(default_factory=dict)
    may: tuple[str, ...] = checkup.ACTIONS
    apart: float = 0.0
    status: str = "1"
    refuses: str = ""
    dialplan: bool = True
    folder: str = "1"

    def _answer(self, action: Packet) -> bytes:
        this = {"ActionID": action["ActionID"]}
        match action["Action"]:
            case "ListCommands":
                return packet(Response="Success", **this, **dict.fromkeys(self.may, "What it does"))
            case "Getvar":
                return packet(Response="Success", **this, Value=self._read(action["Variable"]))
            case "QueueStatus":
                member = packet(
                    Event="QueueMember",
                    Queue=self.queue,
                    Name="lan",
                    Location="PJSIP/101",
                    Status=self.status,
                    **this,
                )
                listed = packet(Response="Success", **this, EventList="start") + member
                return listed + packet(Event="QueueStatusComplete", **this, EventList="Complete")
            case "Originate" if self.refuses:
                return packet(Response="Error", **this, Message=self.refuses)
            case "Originate":
                return packet(Response="Success", **this) + (self._echo(action) if self.dialplan else b"")
        return super()._answer(action)

    def _text(self, name: str) -> str:
        return self.files.get(name, docs(name))

    def _read(self, expression: str) -> str:
        if found := re.fullmatch(r"PJSIP_ENDPOINT\((.+),allow\)", expression):
            return "(alaw|ulaw)"
        if found := re.fullmatch(r"QUEUE_EXISTS\((.+)\)", expression):
            return str(int(bool(conf(self._text("queues.conf")).named(found[1]))))
        found = re.fullmatch(r"AST_CONFIG\((.+?),(.+?),(.+?)(?:,(\d+))?\)", expression)
        assert found, expression
        section = re.search(rf"^\[{found[2]}\]\n(.*?)(?=^\[|\Z)", self._text(found[1]), re.M | re.S)
        values = re.findall(rf"^{found[3]} = (.+)$", section[1] if section else "", re.M)
        return next(iter(values[int(found[4] or 0) :]), "")

    def _echo(self, action: Packet) -> bytes:
        mark, stamps = action["ChannelId"], {"Timestamp": f"{time.time() + self.apart:.6f}"}
        if self._read("AST_CONFIG(manager.conf,general,timestampevents)") != "yes":
            stamps = {}
        channel = {**stamps, "Channel": "Local/talk@hotline-check-1;1", "Uniqueid": mark, "Linkedid": mark}
        echo = {"Files": FILES, "Folder": self.folder, "Codecs": "(alaw|ulaw)"}
        return (
            packet(Event="Newchannel", **channel, Context="hotline-check", Exten="echo")
            + packet(Event="UserEvent", **channel, UserEvent="HotlineCheck", **echo)
            + packet(Event="Hangup", **channel, Cause="16")
        )


def asked(pbx: FakePbx, *, secret: str = "s3cret", call: bool = True) -> Answers:
    async def story() -> Answers:
        async with pbx.listening() as port:
            return await checkup.ask(
                lambda: asyncio.open_connection("127.0.0.1", port),
                username="caunoi",
                secret=secret,
                queues=(QUEUE,),
                call=call,
                timing=checkup.Timing(action=2, booted=2),
            )

    return asyncio.run(story())


def found(pbx: FakePbx, *, call: bool = True) -> dict[str, Finding]:
    return {one.check: one for one in checkup.findings(asked(pbx, call=call), queues=(QUEUE,), files=FILES)}


def wrong(findings: Mapping[str, Finding]) -> dict[str, State]:
    return {name: one.state for name, one in findings.items() if one.state != State.OK}


def changed(name: str, old: str, new: str) -> dict[str, str]:
    assert old in docs(name)
    return {name: docs(name).replace(old, new)}


def test_an_exchange_by_the_written_files_is_well_and_nobody_is_rung() -> None:
    pbx = Configured()
    findings = found(pbx)
    assert wrong(findings) == {} and len(findings) >= 13
    (call,) = [action for action in pbx.actions if action["Action"] == "Originate"]
    assert call["Channel"].startswith("Local/") and "PJSIP" not in str(call.pairs)
    assert {action["Action"] for action in pbx.actions} <= {*checkup.ACTIONS, "Login", "ListCommands", "Getvar"}


MISTAKES = [
    ("autofill", {"files": {"queues.conf": docs("queues.conf").replace("autofill = yes\n", "")}}, State.BROKEN),
    ("autopause", {"files": changed("queues.conf", "autopause = all", "autopause = no")}, State.BROKEN),
    ("queue", {"files": changed("queues.conf", "[tongdai1022]", "[another]"), "queue": "another"}, State.BROKEN),
    ("timestampevents", {"files": changed("manager.conf", "timestampevents = yes", "")}, State.BROKEN),
    ("events", {"files": changed("manager.conf", "AgentConnect|", "")}, State.BROKEN),
    ("clock", {"apart": 90.0}, State.BROKEN),
    ("clock", {"apart": -90.0}, State.BROKEN),
    ("members", {"status": "4"}, State.BROKEN),
    ("members", {"status": "5"}, State.WARN),
    ("rights", {"may": tuple(sorted(set(checkup.ACTIONS) - {"Originate"}))}, State.BROKEN),
    ("rights", {"may": (*checkup.ACTIONS, "Command")}, State.WARN),
    ("mailbox", {"may": (*checkup.ACTIONS, "VoicemailUsersList")}, State.WARN),
    ("call", {"refuses": "Permission denied"}, State.BROKEN),
    ("folder", {"folder": "0"}, State.BROKEN),
]


@pytest.mark.parametrize(
    ("name", "how", "state"), MISTAKES, ids=[f"{name}-{n}" for n, (name, _, _) in enumerate(MISTAKES)]
)
def test_a_mistake_is_said_with_its_mend(name: str, how: dict[str, object], state: State) -> None:
    one = found(Configured(**how))[name]  # type: ignore[arg-type]
    assert one.state == state and one.what.in_("en") and one.mend.in_("en")
    assert one.what.in_("vi") != one.what.in_("en"), "in Vietnamese"


def test_a_wrong_secret_is_one_line() -> None:
    (one,) = checkup.findings(asked(Configured(), secret="another"), queues=(QUEUE,), files=FILES)
    assert (one.check, one.state) == ("login", State.BROKEN) and "Authentication failed" in one.what.in_("en")


def test_an_exchange_that_is_not_there_is_one_line() -> None:
    async def story() -> Answers:
        return await checkup.ask(
            lambda: asyncio.open_connection("127.0.0.1", 1), username="x", secret="x", queues=(QUEUE,), call=True
        )

    (one,) = checkup.findings(asyncio.run(story()), queues=(QUEUE,), files=FILES)
    assert (one.check, one.state) == ("login", State.BROKEN)


def test_without_the_call_what_the_call_says_is_left_out() -> None:
    pbx = Configured()
    findings = found(pbx, call=False)
    assert wrong(findings) == {} and not findings.keys() & {"clock", "call", "folder", "files"}
    assert "Originate" not in {action["Action"] for action in pbx.actions}


def test_a_dialplan_that_is_not_ours_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkup, "PATIENCE", 0.2)
    findings = found(Configured(dialplan=False))
    assert findings["call"].state == State.BROKEN and findings["files"].state == State.WARN


def test_the_call_to_the_echo_is_no_call_of_the_hotline() -> None:
    text = "Event: Newchannel\nChannel: Local/talk@hotline-check-1;1\nContext: hotline-check\n"
    assert translate(parse(f"{text}Uniqueid: check-1\nLinkedid: check-1"), datetime.now(UTC)) == ()
    assert translate(parse(f"{text}Uniqueid: pbx-1.1\nLinkedid: pbx-1.1"), datetime.now(UTC)) != ()


@pytest.mark.parametrize("name", checkup.NEEDED)
def test_the_written_filters_let_through_what_is_needed(name: str) -> None:
    filters = re.findall(r"^eventfilter = (.+)$", docs("manager.conf"), re.M)
    assert checkup.passes(filters, name)
    assert not checkup.passes([*filters, f"!Event: {name}"], name)
    assert not checkup.passes(filters, f"{name}X")
