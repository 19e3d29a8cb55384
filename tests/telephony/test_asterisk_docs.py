"""The configuration that we tell operators to use says what the translator reads, and grants no more than that."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from caunoi.telephony.ami import parse
from caunoi.telephony.asterisk import EXAMPLE, QUEUE_STATUS, RULES, translate
from caunoi.telephony.events import CallEvent, MessageLeft, Missed, Outcome, Recorded

DOCS = Path(__file__).parents[2] / "docs" / "asterisk"
NOW = datetime(2026, 8, 6, 1, tzinfo=UTC)


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def user_event(name: str, **values: str) -> tuple[CallEvent, ...]:
    """What the translator says of a UserEvent as the example dialplan sends it, with its variables filled in."""
    (arguments,) = re.findall(rf"UserEvent\({name},(.*)\)$", text_of("extensions.conf"), re.M)
    filled = re.sub(r"\$\{(?:CHANNEL\()?(\w+)\)?\}", lambda match: values.get(match[1], ""), arguments)
    packet = parse("\n".join(["Event: UserEvent", f"UserEvent: {name}", *filled.split(",")]))
    return tuple(event for event in translate(packet, NOW) if isinstance(event, CallEvent))


@pytest.mark.parametrize("status", sorted(QUEUE_STATUS))
def test_the_dialplan_says_why_the_queue_let_a_caller_go(status: str) -> None:
    assert user_event("HotlineQueueExit", QUEUESTATUS=status, linkedid="pbx1-1.1") == (
        Missed(call_id="pbx1-1.1", at=NOW, reason=QUEUE_STATUS[status]),
    )


def test_the_dialplan_says_when_the_hotline_was_closed() -> None:
    (event,) = user_event("HotlineOutOfHours", linkedid="pbx1-1.1")
    assert isinstance(event, Missed) and event.reason is Outcome.OUT_OF_HOURS


def test_the_hangup_handler_says_where_the_message_and_the_recording_lie() -> None:
    filled = {
        "MESSAGE_FILE": "/m/pbx1-1.1-message.wav",
        "RECORD_STATUS": "HANGUP",
        "MIXMONITOR_FILENAME": "/m/pbx1-1.1.wav",
    }
    events = user_event("HotlineHangup", linkedid="pbx1-1.1", **filled)
    assert events == (
        MessageLeft(call_id="pbx1-1.1", at=NOW, file="/m/pbx1-1.1-message.wav"),
        Recorded(call_id="pbx1-1.1", at=NOW, file="/m/pbx1-1.1.wav"),
    )
    assert user_event("HotlineHangup", linkedid="pbx1-1.1") == ()


def test_the_event_filter_lets_through_what_is_read_and_nothing_near_it() -> None:
    filters = [re.compile(each) for each in re.findall(r"^eventfilter = (.+)$", text_of("manager.conf"), re.M)]

    def passes(lines: str) -> bool:
        return any(each.search(lines) for each in filters)

    variables = {"VarSet", "UserEvent"}  # variables reach only other users; UserEvents are filtered by their own name
    assert all(passes(f"Event: {name}\r\nPrivilege: call,all\r\n") for name in RULES.keys() - variables)
    assert passes("Event: UserEvent\r\nPrivilege: user,all\r\nUserEvent: HotlineHangup\r\n")
    for noise in ("HangupRequest", "Newexten", "VarSet", "RTCPSent", "Cdr", "DeviceStateChange", "NewchannelX"):
        assert not passes(f"Event: {noise}\r\nPrivilege: call,all\r\n")


def test_the_manager_user_has_no_right_to_run_programs() -> None:
    rights = dict(re.findall(r"^(read|write) = (.+)$", text_of("manager.conf"), re.M))
    assert rights == {"read": "call,agent,cdr,system,user", "write": "agent,originate,call,reporting"}
    assert "timestampevents = yes" in text_of("manager.conf")


def test_no_secret_is_shipped() -> None:
    for path in DOCS.glob("*.conf"):
        assert not re.search(r"^\s*;?\s*(secret|\S*password)\s*=[^\S\n]*\S", path.read_text("utf-8"), re.M)


def test_the_contexts_that_mean_outgoing_are_those_of_the_example() -> None:
    assert "[from-agents]" in text_of("extensions.conf") and "from-agents" in EXAMPLE.operator_contexts
    assert "[from-trunk]" in text_of("extensions.conf") and "from-trunk" not in EXAMPLE.operator_contexts
