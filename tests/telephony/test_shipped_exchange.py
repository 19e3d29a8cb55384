"""The example configuration answers calls: it is what `caunoi pbx write` makes, and every name in it exists.

There is no Asterisk among the tests; `shipped.py` reads the files as it does, `app_queue.py` plays the queue's rules.
"""

import re
from dataclasses import replace

import pytest
from app_queue import INVALID, Caller, Exchange, Operator
from shipped import DOCS, Line, conf, dialplan, docs, phones, queue_sections

from caunoi.calls.pbx import Ami
from caunoi.telephony import files
from caunoi.telephony.gaps import CEL, LOGS
from caunoi.telephony.plan import CallQueue, Manager, PlanError, Telephone
from caunoi.telephony.speaking import MUTE
from tools.exchange_docs import EXAMPLE

PLAN = dialplan(docs("extensions.conf"))
PHONES = phones(docs("pjsip_wizard.conf"))
EXTENSIONS = [str(number) for number in range(101, 111)]
"""As the demo gives them and docs/telephony.md names them."""
QUEUE = PLAN.variables["FIRST_QUEUE"]
DOORS = (*EXTENSIONS, "111", "112", "113", "114", "115", "0912345678", "0271123456", "+84912345678", "0012025550123")


def test_the_example_is_written_by_the_command() -> None:
    """Run: .venv/bin/python -m tools.exchange_docs"""
    assert files.write(EXAMPLE, "example") == {
        path.name: docs(path.name) for path in DOCS.iterdir() if path.suffix != ".md"
    }


# --- every name exists ---


def test_each_jump_leads_to_lines_that_exist() -> None:
    for context, extensions in PLAN.contexts.items():
        for name, lines in extensions.items():
            labels = {line.label for line in lines}
            for target in [target for line in lines for target in jumps(line)]:
                where, _, rest = target.replace("${MENU}", "main").partition(",")
                if rest and "," not in rest:  # an extension of the same context
                    labelled = {line.label for line in extensions[where]} | {"1"}
                    assert rest in labelled, f"{context},{name}: {target}"
                elif rest:
                    number = rest.rpartition(",")[0].replace("${EXTEN}", "1022").replace("${HOTLINE}", "1022")
                    assert PLAN.match(where, number), f"{context},{name}: {target}"
                else:
                    assert target in labels, f"{context},{name}: {target}"
            for place in re.findall(r"hangup_handler_push\)=([\w-]+),(\w+),1", str(lines)):
                assert place[1] in PLAN.contexts[place[0]]
            for place in re.findall(r"b\(([\w-]+)\^(\w+)\^1\)", str(lines)):
                assert place[1] in PLAN.contexts[place[0]]
            assert lines[-1].application in ("Hangup", "Return", "Goto"), f"{context},{name} runs off its end"


def jumps(line: Line) -> list[str]:
    match line.application:
        case "Goto" if "${EXTEN:" in line.argument:
            return [f"from-agents,{re.sub(r'[$][{]FILTER.0-9,[$][{]EXTEN:[0-9][}].[}]', '912', line.argument)}"]
        case "Goto" if line.argument.count(",") != 1:
            return [line.argument]
        case "Goto":
            return [line.argument]
        case "Gosub":
            return [line.argument]
        case "GotoIf" | "GotoIfTime":
            whither = line.argument.rpartition("?")[2]
            return [whither] if "," in whither else [part for part in whither.split(":") if part]
    return []


def test_the_files_name_each_other_rightly() -> None:
    pjsip, trunk = conf(docs("pjsip.conf")), PLAN.variables["TRUNK"]
    endpoints = [part for part in pjsip.named(trunk) if part["type"] == "endpoint"]
    assert [part["context"] for part in endpoints] == ["from-trunk"] and "1022" in PLAN.contexts["from-trunk"]
    assert any(part["type"] == "aor" for part in pjsip.named(endpoints[0]["aors"]))
    transports = {name for name, part in pjsip.sections if part["type"] == "transport"}
    assert {part["endpoint/transport"] for part in PHONES.values()} | {endpoints[0]["transport"]} <= transports
    assert {part["endpoint/context"] for part in PHONES.values()} == {"from-agents"} <= PLAN.contexts.keys()
    queues = queue_sections(docs("queues.conf"))
    assert conf(docs("musiconhold.conf")).one(queues[QUEUE]["musicclass"])["mode"] == "files"
    assert queues[QUEUE]["context"] in PLAN.contexts
    assert conf(docs("http.conf")).one("general")["enabled"] == "yes"
    rtp = conf(docs("rtp.conf")).one("general")
    assert int(rtp["rtpstart"]) < int(rtp["rtpend"])
    assert conf(docs("modules.conf")).one("modules")["autoload"] == "yes"


def test_the_exchange_writes_down_what_gaps_are_filled_in_from() -> None:
    cdr, cel = conf(docs("cdr.conf")).one("csv"), conf(docs("cel.conf")).one("general")
    assert (cdr["usegmtime"], cdr["loguniqueid"], cel["enable"]) == ("no", "yes", "yes") and "dateformat" not in cel
    assert {"CHAN_START", "ANSWER", "HANGUP", "BRIDGE_ENTER", "BLINDTRANSFER"} == set(cel["events"].split(","))
    written = conf(docs("cel_custom.conf")).one("mappings")["Master.csv"].split(",")
    names = [value[value.rindex("{") + 1 :].rstrip("})").rpartition("(")[2].lower() for value in written]
    read = [column.removeprefix("cid_") for column in CEL]
    assert len(names) == len(read) and all(name.endswith(column) for name, column in zip(names, read, strict=True))
    rotated = set(re.findall(r"(?m)^/var/log/asterisk/(\S+)", docs("logrotate-asterisk")))
    assert LOGS.keys() <= rotated


def test_what_the_bridge_signs_in_is_a_phone_there() -> None:
    ami = Ami(host="pbx", username="caunoi", secret="s", queues=(QUEUE,))
    for extension in EXTENSIONS:
        assert ami.phone(extension).removeprefix("PJSIP/") in PHONES
        desk, browser = (PHONES[extension].get(name) for name in ("inbound_auth/username", "endpoint/auth"))
        assert extension == desk or browser == f"browser-{extension}"
        assert int(PHONES[extension]["aor/max_contacts"]) == 1
    assert ami.context in PLAN.contexts


def test_desk_phones_and_browser_phones_differ() -> None:
    assert "endpoint/webrtc" not in PHONES["101"] and PHONES["110"]["endpoint/webrtc"] == "yes"
    assert PHONES["101"]["endpoint/transport"] != PHONES["110"]["endpoint/transport"]


@pytest.mark.parametrize("dialled", DOORS)
def test_what_an_operator_dials_rings_where_it_should(dialled: str) -> None:
    channel, _ = PLAN.dial("from-agents", dialled)
    if dialled in EXTENSIONS:
        assert channel == f"PJSIP/{dialled}"
    else:
        assert channel == f"PJSIP/{dialled.replace('+84', '0')}@trunk"


@pytest.mark.parametrize(
    "dialled",
    [
        "00&Local/102@hotline-password/n&PJSIP/00",
        "0912345678&Local/1795785912.736@hotline-conference/n",
        "+84912345678,102,1",
        "18001091&PJSIP/113@trunk",
        "+12&Local/x@hotline-hold",
    ],
)
def test_whatever_a_phone_dials_one_number_is_called_and_none_of_ours(dialled: str) -> None:
    channel, number = PLAN.dial("from-agents", dialled)
    assert re.fullmatch(r"PJSIP/\d+@trunk", channel), (channel, number)


def test_what_would_be_another_line_or_section_of_a_file_is_refused() -> None:
    secret = "x\n[boss]\nsecret = y\nwrite = all"
    rows = ({"secret": secret}, {"secret": "a;b"}, {"product": "1\n[boss]"}, {"username": "general"})
    for manager in (Manager(**row) for row in rows):
        with pytest.raises(PlanError):
            replace(EXAMPLE, manager=manager)
    for extension in ("_.", "_X", "h", "s", "trunk", "1 2", ""):
        with pytest.raises(PlanError):
            replace(EXAMPLE, phones=(Telephone(extension=extension, name="x"),))
    for queue in ("general", "_x", "trunk", "hotline-queue"):
        with pytest.raises(PlanError):
            replace(EXAMPLE, queues=(CallQueue(name=queue),), speaking=MUTE)


def test_no_extension_is_a_number_for_danger_to_life() -> None:
    assert not PHONES.keys() & {str(number) for number in range(111, 116)}
    assert PLAN.dial("from-agents", "+12025550123")[0] == "PJSIP/0012025550123@trunk"
    assert PLAN.dial("from-agents", "18001091")[0] == "PJSIP/18001091@trunk"


def passed(context: str) -> list[Line]:
    """The lines of the one extension of a context."""
    (lines,) = PLAN.contexts[context].values()
    return lines


def test_who_finds_nobody_is_asked_for_a_message_under_the_calls_own_name() -> None:
    assert passed("hotline-queue")[0].application == "Queue"
    assert passed("hotline-queue")[-1] == Line("", "Goto", "hotline-message,${EXTEN},1")
    lines = passed("hotline-message")
    (message,) = [line.argument for line in lines if line.argument.startswith("MESSAGE=")]
    assert "${CHANNEL(linkedid)}" in message and message.endswith(".wav")
    (record,) = [line.argument for line in lines if line.application == "Record"]
    assert record.startswith("${MESSAGE},") and record.endswith("k"), "k: what was said before hanging up is kept"
    assert "VoiceMail" not in docs("extensions.conf").replace("Not VoiceMail()", "")


def test_nobody_is_recorded_before_they_were_told() -> None:
    lines = passed("hotline")
    told = [line.application for line in lines]
    asked = next(index for index, line in enumerate(lines) if line.argument.startswith("hotline-consent"))
    assert asked < told.index("MixMonitor") and lines[asked + 1].argument.endswith("?unrecorded")
    after = next(index for index, line in enumerate(lines) if line.label == "unrecorded")
    assert told.index("MixMonitor") < after


def test_who_presses_1_stands_at_the_same_place_and_is_called_twice_at_most() -> None:
    keys = [line.argument for line in PLAN.contexts["hotline-keys"]["1"]]
    (kept,) = [argument for argument in keys if argument.startswith("Local/")]
    assert "${QUEUEPOSITION}*${QUEUE}*${CALLER}" in kept
    queues = [line.argument for line in passed("hotline-place") if line.application == "Queue"]
    newer, older = [re.sub(r"\$\{CUT[^}]*\}", "?", argument).split(",") for argument in queues]
    assert newer.index("hotline-turn") == 6 and older.index("hotline-turn") == 7, "before 21 a macro stood in front"
    assert PLAN.match("hotline-place", "3*tongdai1022*0912345678")
    assert [line.application for line in passed("hotline-callback")].count("Dial") == 2


def test_the_second_line_is_taken_where_the_first_is_gone() -> None:
    for dialled in ("113", "0912345678"):
        lines = PLAN.contexts["from-agents"][PLAN.match("from-agents", dialled) or ""]
        assert any("@trunk2," in line.argument and "CHANUNAVAIL" in line.argument for line in lines)


def test_nothing_is_claimed_that_is_not_there() -> None:
    for path in DOCS.iterdir():
        text = path.read_text("utf-8")
        assert "one key" not in text.lower() and "per sign-in" not in text


@pytest.mark.parametrize("device", ["invalid", "unavailable"])
def test_where_no_phone_can_be_rung_callers_are_asked_for_a_message_at_once(device: str) -> None:
    exchange = Exchange(queue_sections(docs("queues.conf")))
    exchange.add(Operator("lan", device=device), QUEUE)
    caller = Caller(1, came=exchange.now)
    exchange.call(caller, QUEUE)
    exchange.run()
    assert caller.status == "JOINEMPTY"


def test_who_comes_while_all_are_on_a_break_waits_and_is_served_when_one_is_back() -> None:
    exchange = Exchange(queue_sections(docs("queues.conf")))
    lan, caller = Operator("lan"), Caller(1, came=exchange.now)
    exchange.add(lan, QUEUE, paused=True)
    exchange.call(caller, QUEUE)
    exchange.at(exchange.now + 30, lambda: exchange.pause(lan, False))
    exchange.run()
    assert caller.status == "ANSWERED" and 30 <= caller.waited <= 40


def test_the_docs_followed_to_the_letter_answer_a_call() -> None:
    """Setup gives 101 to lan, the bridge signs PJSIP/101 in, the queue rings it: a phone that the files have."""
    exchange = Exchange(queue_sections(docs("queues.conf")))
    interface = Ami(host="pbx", username="caunoi", secret="s", queues=(QUEUE,)).phone("101")
    there = interface.removeprefix("PJSIP/") in PHONES
    exchange.add(Operator("lan") if there else Operator("lan", device=INVALID), QUEUE)
    caller = Caller(1, came=exchange.now)
    exchange.call(caller, QUEUE)
    exchange.run()
    assert caller.status == "ANSWERED" and caller.waited <= 2
