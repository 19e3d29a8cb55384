"""No secret lies in the tree. ruff's S rules look for passwords in our own code; this looks in every file."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAD = "-" * 5 + "BEGIN "  # not written whole here: this file is looked at too
PATTERNS = {
    "private key": re.compile(HEAD + r"[A-Z ]*PRIVATE KEY" + "-" * 5 + r"\s+[A-Za-z0-9+/=\s]{60}"),
    "age key": re.compile(r"AGE-SECRET-KEY-1[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})"),
    "Google key": re.compile(r"\bAIza[A-Za-z0-9_-]{35}\b"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{20,}"),
    "Facebook token": re.compile(r"\bEAA[A-Za-z0-9]{60,}"),
    "OpenAI key": re.compile(r"\bsk-(?:proj-)?[A-Za-z0-9_-]{40,}"),
    "JSON web token": re.compile(r"\beyJ[A-Za-z0-9_-]{20,}\.eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "database with its password": re.compile(
        r"postgres(?:ql)?://\w+:(?!password|x\b|y\b)[^@\s/{$%]{8,}@(?!127|localhost)"
    ),
    "set in the environment": re.compile(r"^\s*CAUNOI_\w*(?:SECRET|KEY|TOKEN)=[A-Za-z0-9+/_-]{24,}\s*$", re.M),
}
OF_TESTS: dict[str, set[str]] = {}
"""{kind: files} that hold an example made for a test."""
TELLTALE = {".env", "secret_key", "master_key", "id_rsa", "id_ed25519", "backup.key"}


def _tree() -> list[Path]:
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name]


def test_no_secret_lies_in_the_tree() -> None:
    seen = []
    for path in _tree():
        if not path.is_file() or path.stat().st_size > 2_000_000:
            continue
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT).as_posix()
        seen += [
            (kind, name) for kind, one in PATTERNS.items() if one.search(text) and name not in OF_TESTS.get(kind, ())
        ]
    assert seen == []


def test_no_file_of_a_home_lies_in_the_tree() -> None:
    assert [path for path in _tree() if path.name in TELLTALE or path.suffix in {".pem", ".p12", ".pfx", ".jks"}] == []


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("private key", f"{HEAD}EC PRIVATE KEY{'-' * 5}\n" + "MHcC" * 20),
        ("age key", "AGE-SECRET-KEY-1" + "Q" * 58),
        ("AWS key", "AKIA" + "A1" * 8),
        ("GitHub token", "ghp_" + "a1" * 18),
        ("JSON web token", "eyJ" + "a" * 30 + ".eyJ" + "b" * 30 + "." + "c" * 30),
        ("database with its password", "postgresql://caunoi:" + "Rat-Kho-Doan" + "@db.tinh.vn/caunoi"),
        ("set in the environment", "CAUNOI_SECRET_KEY=" + "a1B2" * 10),
    ],
)
def test_the_look_would_find_it(kind: str, text: str) -> None:
    assert PATTERNS[kind].search(text)
