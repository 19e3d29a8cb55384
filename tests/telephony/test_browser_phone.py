"""A browser phone's secrets, and the way that its exchange goes by the written files."""

import base64
import hashlib
import hmac
import json
import re
from datetime import UTC, datetime

import pytest
from shipped import docs

from caunoi.calls.sound_quality import NOTHING, Sound, SoundTrouble, sound
from caunoi.telephony.browser_phone import STORE, digest, order, turn

NOW = datetime(2026, 12, 1, 1, tzinfo=UTC)


def context(name: str) -> list[str]:
    """The lines of a context of the written dialplan."""
    (body,) = re.findall(rf"^\[{name}\]\n(.*?)(?=^\[|\Z)", docs("extensions.conf"), re.M | re.S)
    return [line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith(";")]


def test_what_is_written_down_proves_the_password_for_its_own_extension_and_realm_alone() -> None:
    proof = digest("109", "geheim")
    assert proof == hashlib.md5(b"109:caunoi:geheim").hexdigest()
    assert len({proof, digest("110", "geheim"), digest("109", "other")}) == 3


def test_the_exchange_is_told_by_a_call_that_is_nobodys_and_the_dialplan_stores_what_sorcery_reads() -> None:
    fields = order("109", "a" * 32, "phone-1")
    assert fields["Channel"] == f"Local/109@{STORE}" and fields["ChannelId"].startswith("check-")
    assert "geheim" not in str(fields) and "Async" not in fields, "its answer says that it is done"
    (line,) = [line for line in context(STORE) if line.startswith("exten => 109,1,")]
    (place, stored) = re.fullmatch(r"exten => 109,1,Set\(DB\(([^)]+)\)=(.*)\)", line).groups()  # type: ignore[union-attr]
    row = json.loads(stored.replace("${FILTER(0-9a-f,${DIGEST})}", "a" * 32))
    assert row == {"auth_type": "md5", "username": "109", "realm": "caunoi", "md5_cred": "a" * 32}
    assert "auth = astdb,hotline\n" in docs("sorcery.conf") and place == "hotline/auth/browser-109"
    assert "endpoint/auth = browser-109\n" in docs("pjsip_wizard.conf")


def test_only_browser_phones_have_a_place_there_and_no_phone_can_dial_it() -> None:
    assert {line.split(",")[0] for line in context(STORE) if line.startswith("exten")} == {
        "exten => 109",
        "exten => 110",
    }
    assert STORE not in "\n".join(context("from-agents")), "nor is it included"


def test_a_caller_whose_operator_is_lost_hears_so_and_is_the_first_of_the_line_again() -> None:
    queue = "\n".join(context("hotline-queue"))
    assert "Queue(${QUEUE},ct" in queue, "c: the call goes on once the operator's phone is gone"
    assert 'GotoIf($["${QUEUESTATUS}" = "CONTINUE"]?hotline-talked,${EXTEN},1)' in queue
    steps = [line.partition(",")[2] for line in context("hotline-talked")]
    ways = ["Playback(caunoi/lost)", "Set(QUEUE_PRIO=10)", "Goto(hotline-queue,${EXTEN},1)"]
    assert [step for step in steps if step in ways] == ways
    assert 'ExecIf($["${HANGUPCAUSE}" = "44"]' in "\n".join(context("hotline-lost"))
    assert "Set(CHANNEL(hangup_handler_push)=hotline-lost,s,1)" in "\n".join(context("add-linkedid"))


def test_a_lost_browser_is_noticed_within_ten_seconds() -> None:
    text = docs("pjsip_wizard.conf").partition("[browser-phone](!)")[2]
    figures = {name: float(value) for name, value in re.findall(r"^(\S+) = ([\d.]+)$", text, re.M)}
    assert figures["endpoint/rtp_timeout"] <= 10
    assert figures["aor/qualify_frequency"] + figures["aor/qualify_timeout"] <= 10


def test_a_turn_server_that_shares_the_secret_takes_the_name_until_it_expires() -> None:
    name, password = turn("s3cret", "lan", NOW)
    assert name == f"{int(NOW.timestamp()) + 12 * 3600}:lan"
    assert password == base64.b64encode(hmac.digest(b"s3cret", name.encode(), "sha1")).decode()


WELL = {
    "seconds": 60,
    "received": 3000,
    "lost": 0.01,
    "jitter": 0.01,
    "round_trip": 0.05,
    "incoming": 0.1,
    "outgoing": 0.1,
}


def test_figures_that_are_well_say_nothing() -> None:
    assert not list(sound(WELL).troubles())


@pytest.mark.parametrize(
    ("figures", "trouble"),
    [
        ({"received": 0, "incoming": None}, SoundTrouble.NOTHING_CAME),
        ({"incoming": 0.0001}, SoundTrouble.SILENT_CITIZEN),
        ({"outgoing": 0}, SoundTrouble.SILENT_OPERATOR),
        ({"lost": 0.2}, SoundTrouble.LOSS),
        ({"jitter": 0.08}, SoundTrouble.JITTER),
        ({"round_trip": 0.7}, SoundTrouble.DELAY),
    ],
)
def test_figures_that_are_not_say_what_is_wrong(figures: dict[str, float | None], trouble: SoundTrouble) -> None:
    assert list(sound({**WELL, **figures}).troubles()) == [trouble]


def test_silence_in_a_talk_of_a_moment_is_none() -> None:
    assert not list(Sound(seconds=2, received=0, lost=0, incoming=NOTHING, outgoing=NOTHING).troubles())


@pytest.mark.parametrize(
    "figures", [{"lost": 1.5}, {"seconds": -1}, {"received": "9"}, {"incoming": True}, {"jitter": float("nan")}]
)
def test_figures_that_cannot_be_are_refused(figures: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        sound({**WELL, **figures})
