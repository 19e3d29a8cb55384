"""Somebody of a two-person IT department sets the product up on a Friday afternoon, and makes twenty mistakes.

Proves: twenty mistakes of an IT person, each told in one line that names what is wrong, nothing changed by any"""

import json
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from stage import Product

pytestmark = pytest.mark.long

ANSWERS = 'province = "Cà Mau"\n[administrator]\nuser = "it"\nname = "IT (thử)"\n'


@pytest.fixture(scope="module")
def friday(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A province that is set up and runs."""
    room = tmp_path_factory.mktemp("friday")
    (room / "right.toml").write_text(ANSWERS, "utf-8")
    product = Product(room / "home")
    assert product.shell("init", "--answers", str(room / "right.toml"), timeout=300).returncode == 0
    with product:
        yield product


def files(folder: Path) -> dict[str, str]:
    """What the mistakes are made with."""
    texts = {
        "broken.toml": "province = [",
        "nowhere.toml": ANSWERS.replace("Cà Mau", "Cà Mâu Mới"),
        "more.toml": ANSWERS + 'colour = "blue"\n',
        "right.toml": ANSWERS,
        "people.csv": "user_name,full_name,role,agency,phone,email\nan,Nguyễn An (thử),sheriff,,,\n",
        "agencies.csv": "mã,tên\n",
        "file": "no folder",
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    (folder / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(600))
    (folder / "half").mkdir()
    (folder / "half" / "manifest.json").write_text(json.dumps({"version": "0.2.0"}))
    return {path.name: str(path) for path in folder.iterdir()}


def test_each_of_twenty_mistakes_is_told_in_a_line_and_changes_nothing(friday: Product, tmp_path: Path) -> None:
    given, elsewhere = files(tmp_path), Product(tmp_path / "elsewhere")
    before = friday.shell("inventory", "--json").stdout
    untold = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        mistakes: list[tuple[Product, tuple[str, ...], dict[str, str], str]] = [
            (friday, ("strat",), {}, "strat"),
            (friday, ("up", "--port", "eighty"), {}, "eighty"),
            (elsewhere, ("up", "--lang", "en"), {"PORT": port}, port),
            (friday, ("up", "--lang", "en"), {}, "running"),
            (elsewhere, ("up", "--lang", "en"), {"CAUNOI_HOME": given["file"]}, "file"),
            (elsewhere, ("up", "--lang", "en"), {"DATABASE_URL": "postgres//db/caunoi"}, "DATABASE_URL"),
            (elsewhere, ("up", "--lang", "en", "--host", "0.0.0.0"), {"CAUNOI_DEMO": "1"}, "demo"),
            (elsewhere, ("init", "--answers", str(tmp_path / "none.toml")), {}, "none.toml"),
            (elsewhere, ("init", "--answers", given["broken.toml"]), {}, "TOML"),
            (elsewhere, ("init", "--answers", given["nowhere.toml"]), {}, "province"),
            (elsewhere, ("init", "--answers", given["more.toml"]), {}, "colour"),
            (friday, ("init", "--answers", given["right.toml"]), {}, "already"),
            (friday, ("admin", "no such name!"), {}, "USER"),
            (friday, ("import", "agencies", given["agencies.csv"]), {}, "agencies.csv|no row|nothing"),
            (friday, ("import", "procedures", given["old.xls"]), {}, "xls"),
            (friday, ("backup", given["file"]), {}, "file"),
            (friday, ("backup", "--verify", given["half"]), {}, "half|missing|backup"),
            (elsewhere, ("restore", given["half"]), {}, "half|missing|backup"),
            (elsewhere, ("restore", given["half"], "--lang", "vi"), {}, "không phải bản sao lưu"),
            (friday, ("backup", given["half"], "--lang", "vi"), {}, "không trống"),
            (friday, ("restore", given["half"], "--force", "--lang", "vi"), {}, "đang chạy|bản sao lưu"),
            (elsewhere, ("restore", "--to", "friday"), {}, "friday"),
            (friday, ("restore", given["half"], "--force"), {}, "running|backup"),
            (elsewhere, ("upgrade",), {}, "nothing to upgrade"),
        ]
        for product, words, environ, line in mistakes:
            done = product.shell(*words, **environ)
            told = (done.stderr or done.stdout).strip()
            once = len(told.splitlines()) <= 2 and "Traceback" not in told
            if done.returncode not in {1, 2} or not once or not re.search(line, told, re.I):
                untold.append((words, done.returncode, told[-600:]))
    assert len(mistakes) > 20
    assert not untold, "\n".join(map(repr, untold))
    assert friday.shell("inventory", "--json").stdout == before
    people = friday.shell("import", "people", given["people.csv"])
    assert people.returncode == 2 and "0 new" in people.stdout and "This role is unknown" in people.stdout, people
    assert "every row is left out; nothing was changed" in people.stderr, people
    assert not (elsewhere.home / "postgres").exists()
    assert friday.ask("/health/ready").status == 200
