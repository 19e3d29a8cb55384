"""The shipped Asterisk configuration answers calls: every name in it exists, and its queue passes calls on.

There is no Asterisk among the tests; `shipped.py` reads the files as it does and plays its queue's rules.
"""

import re

import pytest
from shipped import DOCS, Caller, Member, Queue, conf, dialplan, phones

from caunoi.calls.pbx import Ami

PLAN = dialplan()
PHONES = phones()
EXTENSIONS = [str(number) for number in range(101, 111)]
"""As the demo gives them and docs/telephony.md names them."""
QUEUE = PLAN.variables["QUEUE"]
DOORS = (*EXTENSIONS, "111", "112", "113", "114", "115", "0912345678", "0271123456", "+84912345678", "0012025550123")


def section(**changes: str) -> dict[str, str]:
    found = dict(conf("queues.conf").one(QUEUE))
    return {key: value for key, value in (found | changes).items() if value}


def at_once(count: int, patience: int = 180) -> list[Caller]:
    return [Caller(came=0, patience=patience) for _ in range(count)]


# --- every name exists ---


def test_each_jump_leads_to_lines_that_exist() -> None:
    for context, extensions in PLAN.contexts.items():
        for lines in extensions.values():
            labels = {line.label for line in lines}
            for line in lines:
                if line.application in ("GotoIf", "GotoIfTime"):
                    assert {part for part in line.argument.rpartition("?")[2].split(":") if part} <= labels
                if line.application == "Goto" and "," not in line.argument:
                    assert line.argument in labels
                for place in re.findall(r"hangup_handler_push\)=([\w-]+),(\w+),1", line.argument):
                    assert place[1] in PLAN.contexts[place[0]]
                for place in re.findall(r"b\(([\w-]+)\^(\w+)\^1\)", line.argument):
                    assert place[1] in PLAN.contexts[place[0]]
            assert lines[-1].application in ("Hangup", "Return", "Goto"), f"{context} runs off its end"


def test_the_files_name_each_other_rightly() -> None:
    pjsip, trunk = conf("pjsip.conf"), PLAN.variables["TRUNK"]
    endpoints = [part for part in pjsip.named(trunk) if part["type"] == "endpoint"]
    assert [part["context"] for part in endpoints] == ["from-trunk"] and "1022" in PLAN.contexts["from-trunk"]
    assert any(part["type"] == "aor" for part in pjsip.named(endpoints[0]["aors"]))
    transports = {name for name, part in pjsip.sections if part["type"] == "transport"}
    assert {part["endpoint/transport"] for part in PHONES.values()} | {endpoints[0]["transport"]} <= transports
    assert {part["endpoint/context"] for part in PHONES.values()} == {"from-agents"} <= PLAN.contexts.keys()
    (queue,) = [line for line in PLAN.contexts["from-trunk"]["1022"] if line.application == "Queue"]
    assert PLAN.fill(queue.argument, "1022").split(",")[0] == QUEUE
    assert conf("musiconhold.conf").one(section()["musicclass"])["mode"] == "files"
    assert conf("http.conf").one("general")["enabled"] == "yes"
    assert int(conf("rtp.conf").one("general")["rtpstart"]) < int(conf("rtp.conf").one("general")["rtpend"])
    assert conf("modules.conf").one("modules")["autoload"] == "yes"


def test_what_the_bridge_signs_in_is_a_phone_there() -> None:
    ami = Ami(host="pbx", username="caunoi", secret="s", queues=(QUEUE,))
    for extension in EXTENSIONS:
        assert ami.phone(extension).removeprefix("PJSIP/") in PHONES
        assert PHONES[extension]["inbound_auth/username"] == extension
        assert int(PHONES[extension]["aor/max_contacts"]) == 1
    assert ami.context in PLAN.contexts


def test_desk_phones_and_browser_phones_differ_by_one_word() -> None:
    text = (DOCS / "pjsip_wizard.conf").read_text("utf-8")
    assert "endpoint/webrtc" not in PHONES["101"]
    assert re.search(r"\[browser-phone\]\(!\)(?:\n[^[]*)*endpoint/webrtc = yes", text)


@pytest.mark.parametrize("dialled", DOORS)
def test_what_an_operator_dials_rings_where_it_should(dialled: str) -> None:
    channel, _ = PLAN.dial("from-agents", dialled)
    if dialled in EXTENSIONS:
        assert channel == f"PJSIP/{dialled}"
    else:
        assert channel == f"PJSIP/{dialled.replace('+84', '0')}@trunk"


def test_no_extension_is_a_number_for_danger_to_life() -> None:
    assert not PHONES.keys() & {str(number) for number in range(111, 116)}
    assert PLAN.dial("from-agents", "+12025550123")[0] == "PJSIP/0012025550123@trunk"
    assert PLAN.dial("from-agents", "18001091")[0] == "PJSIP/18001091@trunk"


def test_who_finds_nobody_is_asked_for_a_message_under_the_calls_own_name() -> None:
    lines = PLAN.contexts["from-trunk"]["1022"]
    told = [line.application for line in lines]
    after_queue = told[told.index("Queue") :]
    assert "VoiceMail" not in told and "Record" in after_queue
    (message,) = [line.argument for line in lines if line.argument.startswith("MESSAGE=")]
    assert "${CHANNEL(linkedid)}" in message and message.endswith(".wav")
    (record,) = [line.argument for line in lines if line.application == "Record"]
    assert record.startswith("${MESSAGE},") and record.endswith("k"), "k: what was said before hanging up is kept"


def test_nothing_is_claimed_that_is_not_there() -> None:
    for path in DOCS.iterdir():
        text = path.read_text("utf-8")
        assert "one key" not in text.lower() and "per sign-in" not in text


# --- the queue's rules ---


def test_twenty_operators_and_thirty_callers_at_once() -> None:
    members = [Member(name=str(number)) for number in range(20)]
    callers = at_once(30)
    Queue(section(), members).run(callers, 200)
    assert all(caller.answered is not None for caller in callers)
    assert sorted(caller.answered or 0 for caller in callers)[19] <= 5, "twenty are served at once"


def test_without_autofill_only_the_head_of_the_line_is_offered() -> None:
    """What the shipped file lacked until November 2026; the model fails as the exchange did."""
    members = [Member(name=str(number)) for number in range(20)]
    callers = at_once(30, patience=20)
    Queue(section(autofill=""), members).run(callers, 200)
    served = len([caller for caller in callers if caller.answered is not None])
    again = at_once(30, patience=20)
    Queue(section(), [Member(name=str(number)) for number in range(20)]).run(again, 200)
    assert served <= 12 < 20 == len([caller for caller in again if caller.answered is not None])


def test_one_absent_operator_is_rung_once_and_the_next_answers() -> None:
    lan, tam = Member(name="lan", absent=True), Member(name="tam", last_call=-100)
    (caller,) = callers = at_once(1, patience=48)
    Queue(section(), [lan, tam]).run(callers, 60)
    assert caller.answered is not None and caller.answered <= 20
    assert (lan.rung, lan.paused, tam.rung) == (1, True, 1)


def test_without_the_pause_the_absent_one_is_rung_for_ever() -> None:
    """As in the transcript absent_operator_rung_again: three times, and the other never."""
    lan, tam = Member(name="lan", absent=True), Member(name="tam", last_call=-100)
    (caller,) = callers = at_once(1, patience=48)
    Queue(section(autopause="no"), [lan, tam]).run(callers, 60)
    assert (caller.left, lan.rung, tam.rung) == ("ABANDON", 3, 0)


@pytest.mark.parametrize("device", ["invalid", "unavailable"])
def test_where_no_phone_can_be_rung_callers_are_asked_for_a_message_at_once(device: str) -> None:
    (caller,) = callers = at_once(1)
    Queue(section(), [Member(name="lan", device=device)]).run(callers, 5)
    assert caller.left == "JOINEMPTY"


def test_who_comes_while_all_are_on_a_break_waits_and_is_served_when_one_is_back() -> None:
    lan = Member(name="lan", paused=True)
    (caller,) = callers = at_once(1)
    queue = Queue(section(), [lan])
    queue.run(callers, 5)
    assert (caller.left, caller.answered) == ("", None)
    lan.paused = False
    queue.run(callers, 20)
    assert caller.answered is not None


def test_the_docs_followed_to_the_letter_answer_a_call() -> None:
    """Setup gives 101 to lan, the bridge signs PJSIP/101 in, the queue rings it: a phone that the files have."""
    there = {name: Member(name=name) for name in PHONES}
    interface = Ami(host="pbx", username="caunoi", secret="s", queues=(QUEUE,)).phone("101")
    member = there.get(interface.removeprefix("PJSIP/"), Member(name="?", device="invalid"))
    (caller,) = callers = at_once(1)
    Queue(section(), [member]).run(callers, 20)
    assert caller.answered == 2
