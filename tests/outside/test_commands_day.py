"""Every command of `caunoi`, typed into a bare shell: it helps, it works, and it says in one line what it does not
understand.

Proves: helps, works once for real, says in one line what it does not understand (every command)"""

import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from stage import CHECKOUT, Product, bare, free_port, wait_until

CALL = """\
# 2026-11-24T22:42:27.562Z <-
Event: Newchannel
Channel: PJSIP/trunk-00000000
ChannelState: 4
CallerIDNum: 0900000123
Context: from-trunk
Exten: 1022
Uniqueid: pbx1-1795560147.0
Linkedid: pbx1-1795560147.0

# 2026-11-24T22:42:31.100Z <-
Event: Hangup
Channel: PJSIP/trunk-00000000
CallerIDNum: 0900000123
Context: from-trunk
Exten: 1022
Uniqueid: pbx1-1795560147.0
Linkedid: pbx1-1795560147.0
Cause: 16

"""
AGENCIES = "Tên đơn vị;Loại\nCông ty Điện lực miền Đông;Doanh nghiệp\n"
WORK = {
    "address": (["address", "thi tran Loc Ninh, loc ninh, binh phuoc"], r"Lộc Ninh"),
    "admin": (["admin", "phu", "--json"], r'"enrol"'),
    "alike": (["alike", "-"], r'"id": 1, "alike": \[\{"id": 2, "p": 0\.[5-9]'),
    "backup": (["backup", "{folder}/kept"], r"kept"),
    "bi": (["bi", "--sql", "bao_cao"], r"GRANT SELECT"),
    "bridge": (["bridge", "--replay", "{folder}/call.ami.txt", "--speed", "100"], r""),
    "calls": (["calls", "{folder}/call.ami.txt"], r"0900000123"),
    "cells": (["cells", "init", "{folder}/plane"], r"plane_key\.pem"),
    "deadline": (["deadline", "--start", "2026-08-21T15:00:00+07:00", "--days", "2"], r"24/08/2026"),
    "demo": (["demo"], r""),
    "doctor": (["doctor", "--lang", "en"], r"in order|error|warning"),
    "export": (["export", "open-data", "{folder}/open"], r""),
    "import": (["import", "agencies", "{folder}/agencies.csv", "--preview"], r"nothing was changed"),
    "inventory": (["inventory"], r"tickets"),
    "jobs": (["jobs"], r"sla\.sweep"),
    "manage": (["manage", "migrate", "--check"], r""),
    "messages": (["messages", "--check"], r""),
    "migrate": (["migrate"], r""),
    "rebuild-statistics": (["rebuild-statistics"], r""),
    "redact": (["redact", "{folder}/texts.txt"], r"\[phone\]"),
    "store": (["store", "check", "--lang", "en"], r"each as it was written"),
    "triage": (["triage", "Đèn đường tắt cả tuần nay"], r"category +lamps"),
}
"""{command: what is typed on the running demo, what it prints}."""
READ = {
    "alike": '{"id": 1, "text": "Cúp điện hẻm 12 Lê Lợi", "at": "2026-11-30T18:00:00+07:00", "category": "power"}\n'
    '{"id": 2, "text": "mat dien hem 12 le loi", "at": "2026-11-30T18:10:00+07:00", "category": "power"}\n'
}
"""{command: what it reads from standard input}."""
KEPT_RUNNING = {"live": "/live", "web": "/health/live", "worker": "", "up": ""}
# lived by the days of restore, admin, first, upgrade, keys, evidence, proposals and the exchange
ELSEWHERE = {"archive", "restore", "init", "upgrade", "keys", "roles", "verify", "learn", "pbx"}


def typed(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CHECKOUT / "bin" / "caunoi", *words], env=bare(home), capture_output=True, text=True, timeout=120
    )


def commands() -> list[str]:
    """The commands that `caunoi --help` names."""
    told = typed(Path("/tmp/nobody"), "--help").stdout
    return re.findall(r"^  ([a-z][a-z-]+) ", told, re.M)


@pytest.mark.parametrize("command", commands())
def test_it_helps_in_a_bare_shell_and_says_in_one_line_what_it_does_not_understand(
    command: str, tmp_path: Path
) -> None:
    done = typed(tmp_path / "home", command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: caunoi {command}")
    done = typed(tmp_path / "home", command, "--no-such-thing")
    assert (done.returncode, done.stderr.count("\n"), "Traceback" in done.stderr) == (2, 1, False), done.stderr


def test_every_command_that_is_told_of_is_lived_here() -> None:
    assert {*WORK, *KEPT_RUNNING, *ELSEWHERE} == {*commands()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("files")
    (made / "call.ami.txt").write_text(CALL)
    (made / "agencies.csv").write_text(AGENCIES, "utf-8")
    (made / "texts.txt").write_text("Gọi cho tôi theo số 0912345678 nhé.\n", "utf-8")
    return made


@pytest.mark.parametrize("command", WORK)
def test_it_works(demo: Product, folder: Path, command: str) -> None:
    words, expected = WORK[command]
    if command == "doctor":  # what the commands before it caused may still be under way
        wait_until(lambda: demo.ask("/health").json["state"] == "ok", 120, every=2)
    done = demo.shell(*(word.format(folder=folder) for word in words), given=READ.get(command), timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(expected, done.stdout + done.stderr), done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [name for name in KEPT_RUNNING if name != "up"])
def test_what_keeps_running_runs_beside_the_rest_and_ends_with_ctrl_c(demo: Product, command: str) -> None:
    port = free_port()
    words = [command] if command == "worker" else [command, "--port", str(port)]
    running = subprocess.Popen(
        [CHECKOUT / "bin" / "caunoi", *words],
        env=bare(demo.home, CAUNOI_DEMO="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        if path := KEPT_RUNNING[command]:

            def answers() -> bool:
                assert running.poll() is None, running.stdout.read()
                try:
                    return demo.ask(f"http://127.0.0.1:{port}{path}", timeout=5).status < 500
                except OSError:
                    return False

            wait_until(answers, 30, why=f"{command} answers {path}")
        else:
            time.sleep(10)
            assert running.poll() is None, running.stdout.read()
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=60)
    finally:
        running.kill()
        running.communicate()
    assert running.returncode in {0, 130, -signal.SIGINT}, said
    assert "Traceback" not in said, said


def test_up_is_not_started_twice_in_one_home(demo: Product) -> None:
    again = demo.shell("up")
    assert (again.returncode, again.stdout, "kill " in again.stderr) == (1, "", True), again.stderr
    assert "Traceback" not in again.stderr


def test_nonsense_is_answered_in_one_line(demo: Product, folder: Path) -> None:
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    for words in (
        ["import", "agencies", str(folder / "broken.xlsx")],
        ["import", "people", str(folder / "nothing.csv")],
        ["deadline", "--start", "yesterday", "--days", "2"],
        ["calls", str(folder / "nothing")],
        ["bridge", "--replay", str(folder / "texts.txt")],
        ["admin", "no such name!"],
        ["restore", str(folder / "nothing")],
        ["nonsense"],
    ):
        done = demo.shell(*words)
        assert done.returncode in {1, 2}, (words, done.stdout, done.stderr)
        assert done.stderr.count("\n") in {1, 2} and "Traceback" not in done.stderr, (words, done.stderr)


def test_what_programs_read_is_json(demo: Product, folder: Path) -> None:
    for words in (
        ["calls", "--json", str(folder / "call.ami.txt")],
        ["jobs", "--json"],
        ["address", "Đồng Xoài", "--json"],
    ):
        done = demo.shell(*words)
        assert [json.loads(line) for line in done.stdout.splitlines()], (words, done.stderr)
