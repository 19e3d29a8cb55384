"""What Asterisk's channel names and dial strings say."""

import re

CLICK_TO_CALL = "c2c-"  # begins our own ids of calls that we originate
CHECK = "check-"  # begins the ids of calls to the echo, which are nobody's
PARTY = "with-"  # begins the ids of those whom we call into a call, `with-<command>-<call>`
LISTENER = "spy-"  # begins the ids of phones that only listen to a call, `spy-<command>-<call>`
KEEPS_PLACE = "1"  # the key by which who waits hangs up and keeps their place
DANGER = frozenset({"111", "112", "113", "114", "115"})
NUMBER = re.compile(r"\+?\d{3,15}")


def is_call(call_id: str) -> bool:
    """Whether an id is a call's own, or of somebody who serves one; the echo's and a listener's is nobody's."""
    return bool(call_id) and not call_id.startswith((CHECK, LISTENER))


def party_id(command: int, call_id: str) -> str:
    """The id of the channel by which we call somebody into a call."""
    return f"{PARTY}{command}-{call_id}"


def listener_id(command: int, call_id: str) -> str:
    """The id of the channel by which a supervisor's phone listens to a call."""
    return f"{LISTENER}{command}-{call_id}"


def command_of(leg_id: str) -> int | None:
    """The command by which somebody was called into a call."""
    match = re.match(rf"{PARTY}(\d{{1,18}})-.", leg_id)
    return int(match[1]) if match else None


def served(call_id: str) -> str | None:
    """The call into which a channel of this id was called; None for one that is a call of its own."""
    return call_id.split("-", 2)[2] if command_of(call_id) is not None else None


def endpoint(channel: str) -> str:
    """The phone's name in a channel's or interface's: `PJSIP/agent1-0000000e` → `agent1`, `Local/101@q/n` → `101`."""
    name = channel.partition("/")[2] or channel
    if "@" in name:
        return name.partition("@")[0]
    head, dash, tail = name.rpartition("-")
    return head if dash and len(tail) == 8 and all(char in "0123456789abcdef" for char in tail) else name


def outside_number(dial_string: str, channel: str) -> str | None:
    """The number that a dial string sends out through a trunk; None where it rings a phone of ours.

    `0912…@trunk`, `trunk/0912…` and `trunk/sip:0912…@host` are outside; `agent1` and `101/sip:101@10.0.0.5` are not.
    """
    rest = re.sub(r"^(PJSIP|SIP|IAX2|DAHDI)/", "", dial_string)
    user = re.split(r"[/:]", rest.partition("@")[0])[-1]
    if channel.startswith("Local/") or user == endpoint(channel) or not NUMBER.fullmatch(user):
        return None
    return user


def leads_outside(dialled: str) -> bool:
    """Whether a dialled number leads outside: 113, 114, 115 and their like, or anything longer than an extension."""
    return bool(NUMBER.fullmatch(dialled)) and (len(dialled) > 4 or dialled in DANGER)


def national(number: str) -> str:
    """A number in E.164 as it is dialled here: +84912345678 → 0912345678, others with 00."""
    return f"0{number[3:]}" if number.startswith("+84") else f"00{number[1:]}"
