"""`caunoi calls`, as an IT department's script meets it."""

import io
import json
from argparse import ArgumentParser
from pathlib import Path

import pytest

from caunoi.cli import calls

TRANSCRIPTS = Path(__file__).parents[1] / "telephony" / "transcripts"
DANGER = TRANSCRIPTS / "danger.ami.txt"


def asked(*argv: str) -> int:
    parser = ArgumentParser()
    calls.arguments(parser)
    return calls.run(parser.parse_args(list(argv)))


def test_each_call_is_one_line_of_json_with_the_contracts_keys(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("--json", str(TRANSCRIPTS / "missed.ami.txt"), str(DANGER)) == 0
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["outcome"] for row in rows] == [
        "timeout",
        "out_of_hours",
        "join_empty",
        "abandoned",
        "no_answer",
        "answered",
    ]
    keys = "call_id direction from to queue outcome waited talked legs recording transferred"
    assert all(list(row) == keys.split() for row in rows)
    assert list(rows[-1]["legs"][0]) == ["operator", "rang", "outcome", "talked"]
    assert err == ""


def test_people_are_told_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(str(TRANSCRIPTS / "local_member.ami.txt")) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert "0912345678 → 1022" in line and "Nguyễn Văn An answered 6+30 s" in line and "px-1.1.wav" in line


def test_a_dash_reads_json_lines_of_the_same_arguments(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = f"{json.dumps({'files': [str(DANGER), str(DANGER)]})}\n\nnot json\n{json.dumps({'files': [str(DANGER)]})}\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    assert asked("-") == 2
    out, err = capsys.readouterr()
    assert [json.loads(line)["call_id"] for line in out.splitlines()] == ["px-5.1"] * 3
    assert err == '-: line 3 is not {"files": ["…"]}\n'


def test_what_cannot_be_read_is_said_and_the_rest_still_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    noise = tmp_path / "noise.bin"
    noise.write_bytes(bytes(range(256)) * 4)
    assert asked("--json", str(tmp_path / "none.txt"), str(noise), str(tmp_path), str(DANGER)) == 1
    out, err = capsys.readouterr()
    assert [json.loads(line)["outcome"] for line in out.splitlines()] == ["answered"]
    assert [line.rpartition(": ")[2] for line in err.splitlines()] == [
        "No such file or directory",
        "no AMI packet in it",
        "Is a directory",
    ]


def test_a_file_cut_at_any_byte_gives_the_right_outcome_or_unknown_and_says_so(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    whole = DANGER.read_bytes()
    for size in range(200, len(whole), 61):
        cut = tmp_path / "cut.txt"
        cut.write_bytes(whole[:size])
        asked("--json", str(cut))
        out, err = capsys.readouterr()
        for line in out.splitlines():
            row = json.loads(line)
            assert (row["call_id"], row["outcome"]) == ("px-5.1", "unknown")
            assert "has no end in it: outcome unknown" in err
