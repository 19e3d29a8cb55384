"""What the commands for an installation's keeper say to people, in the language of their shell.

Proves: keys, jobs, backup, restore and verify speak Vietnamese where LANG does, or by --lang; JSON stays the same"""

import argparse
import json
from pathlib import Path

import pytest

from caunoi.cli import backup, jobs, keys, lines, restore, verify
from caunoi.events.seals import Verification

MODULES = (backup, jobs, keys, restore, verify)


def run(module: object, *words: str) -> int:
    parser = argparse.ArgumentParser()
    module.arguments(parser)  # type: ignore[attr-defined]
    return int(module.run(parser.parse_args(words)))  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "vi_VN.UTF-8"}, "vi"),
        ({"LANG": "vi_VN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "vi_VN"}, "vi"),
    ],
)
def test_the_shell_says_which(environ: dict[str, str], language: str) -> None:
    assert lines.language(environ) == language


@pytest.mark.parametrize("module", MODULES, ids=[one.NAME for one in MODULES])
def test_each_takes_it_as_an_option(module: object) -> None:
    parser = argparse.ArgumentParser()
    module.arguments(parser)  # type: ignore[attr-defined]
    assert parser.parse_args(["--lang", "vi"]).lang == "vi"


def test_a_backup_says_in_vietnamese_what_is_missing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(backup, "--verify", "--lang", "vi") == 2
    assert "cần thư mục của một bản sao lưu" in capsys.readouterr().err
    assert run(backup, "--new-key", str(tmp_path / "key"), "--lang", "vi") == 0
    out, err = capsys.readouterr()
    assert out.startswith("age1") and "Khóa riêng nằm trong" in err
    assert run(backup, "--new-key", str(tmp_path / "key")) == 1
    assert "no key is ever overwritten" in capsys.readouterr().err
    assert run(restore, "--lang", "vi") == 2
    assert "hãy nêu thư mục của bản sao lưu" in capsys.readouterr().err


def test_what_does_not_fit_is_said_in_vietnamese_and_json_stays(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "_all", lambda: iter([Verification(what="events", count=3, first_bad="event 2")]))
    monkeypatch.setattr(verify.seals, "unsealed", lambda: 7)
    assert run(verify, "--lang", "vi") == 1
    out = capsys.readouterr().out
    assert "SAI: event 2" in out and "7 sự kiện mới hơn chưa được niêm phong" in out
    said = []
    for language in ("vi", "en"):
        assert run(verify, "--json", "--lang", language) == 1
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert json.loads(said[0]) == {"what": "events", "count": 3, "ok": False, "first_bad": "event 2"}
    assert run(verify, "--lang", "en") == 1
    assert "   WRONG: event 2" in capsys.readouterr().out


def test_a_table_has_its_heads_in_both_languages(capsys: pytest.CaptureFixture[str]) -> None:
    for language, head in (("vi", "KHÓA"), ("en", "KEY")):
        lines.print_table(keys.HEADS, [("log", "abc", "2026-11-29", "0", "x", "")], language)
        first, row = capsys.readouterr().out.splitlines()
        assert first.startswith(head) and row.split() == ["log", "abc", "2026-11-29", "0", "x"]
