"""`caunoi redact`: one text a line in, what may go public out."""

import json
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from caunoi.cli.main import main

LETTER = "Tôi tên Lê Thị Lụa, sđt 0912 345 678"


def test_a_file_is_masked_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "letters.txt"
    file.write_bytes(f"\ufeff{LETTER}\r\n\nĐèn đường hư\n".encode())
    assert main(["redact", str(file)]) == 0
    assert capsys.readouterr().out == "Tôi tên [person], sđt [phone]\n\nĐèn đường hư\n"


def test_json_says_what_was_found_and_where_in_the_composed_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "letters.txt"
    file.write_text(unicodedata.normalize("NFD", LETTER) + "\n", "utf-8")
    assert main(["redact", "--json", str(file)]) == 0
    row = json.loads(capsys.readouterr().out)
    assert row == {
        "public": "Tôi tên [person], sđt [phone]",
        "found": [
            {"kind": "person", "start": 8, "end": 18, "text": "Lê Thị Lụa"},
            {"kind": "phone", "start": 24, "end": 36, "text": "0912 345 678"},
        ],
    }


def test_a_file_that_is_not_there_is_said_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["redact", "nowhere.txt"]) == 1
    assert capsys.readouterr().err.startswith("nowhere.txt: cannot be read")


def test_broken_bytes_from_a_pipe_are_read_with_a_warning() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "caunoi.cli.redact", "-"],
        input=b"g\xe1\xbb\x8di \xff 0912345678\n" + LETTER.encode(),
        capture_output=True,
        check=False,
        env={"LANG": "C", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert done.returncode == 0
    assert done.stdout.decode() == "gọi \ufffd [phone]\nTôi tên [person], sđt [phone]\n"
    assert done.stderr.decode().startswith("-: line 1: not UTF-8")
    assert b"Traceback" not in done.stderr
