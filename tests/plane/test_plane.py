"""The control plane's folder, what it asks cells, and the table of their figures."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import duckdb
import httpx
import pytest

from caunoi.cli import cells as command
from caunoi.cli.main import Parser
from caunoi.lib import cells
from caunoi.plane import asking
from caunoi.plane import folder as store
from caunoi.plane.folder import Folder, PlaneError

KEYS = {"75": bytes(range(32)), "01": bytes(range(1, 33))}
SECRET = "Nguyễn Văn Canary"
TICKETS = """
SELECT * FROM (VALUES
    ('a', TIMESTAMPTZ '2026-09-30 17:30:00+00', 'closed', 'closed', false, $secret),
    ('b', TIMESTAMPTZ '2026-10-02 03:00:00+00', 'closed', 'closed', true, $secret),
    ('c', TIMESTAMPTZ '2026-10-03 03:00:00+00', 'open', 'working', true, $secret),
    ('d', TIMESTAMPTZ '2026-11-03 03:00:00+00', 'open', 'working', false, $secret),
    ('e', TIMESTAMPTZ '2026-11-04 03:00:00+00', 'closed', 'refused', false, $secret)
) AS t(code, received, status, state, late, text)
"""


class World:
    """Two installations as the network has them; `instead` answers otherwise, by host and path."""

    def __init__(self, folder: Path) -> None:
        path = str(folder / "t.parquet")
        own = duckdb.connect()
        own.execute(f"COPY ({TICKETS.replace('$secret', repr(SECRET))}) TO '{path}' (FORMAT parquet)")
        tickets = Path(path).read_bytes()
        resource = {"path": "tickets.parquet", "hash": f"sha256:{sha256(tickets).hexdigest()}"}
        package = {"created": "2026-11-29T02:10:00+07:00", "resources": [resource]}
        self.answers = {
            "/health": {"state": "ok", "reasons": []},
            "/open-data/datapackage.json": package,
            "/open-data/tickets.parquet": tickets,
        }
        self.instead: dict[tuple[str, str], object] = {}

    def about(self, code: str) -> dict[str, object]:
        key = cells.key_text(KEYS[code])
        known = {"version": "0.2.0", "upgraded": "2026-11-20T01:00:00Z", "catalogue": 1, "editions": {"holidays": 1}}
        return {"format": 1, "code": code, "name": f"Tổng đài {code}", "key": key, **known}

    def answer(self, request: httpx.Request) -> httpx.Response:
        code, path = request.url.host.partition(".")[0], request.url.path
        value = self.instead.get((code, path), self.about(code) if path == "/cell.json" else self.answers[path])
        if isinstance(value, Exception):
            raise value
        if isinstance(value, httpx.Response):
            return value
        content = value if isinstance(value, bytes) else json.dumps(value).encode()
        return httpx.Response(200, content=content)


@pytest.fixture
def world(tmp_path, monkeypatch):
    made = World(tmp_path)
    monkeypatch.setattr(asking, "client", lambda: httpx.Client(transport=httpx.MockTransport(made.answer)))
    return made


@pytest.fixture
def plane(tmp_path):
    folder = Folder(tmp_path / "plane")
    folder.create()
    return folder


def run(plane: Folder, *words: str) -> int:
    parser = Parser(prog="caunoi cells")
    command.arguments(parser)
    return command.run(parser.parse_args([*words, "--folder", str(plane.path), "--lang", "en"]))


def address(code: str) -> str:
    return f"https://{code}.example"


def both(plane: Folder, capsys: pytest.CaptureFixture[str]) -> None:
    for code in KEYS:
        assert run(plane, "add", code, address(code)) == 0
    assert run(plane, "sign") == 0
    capsys.readouterr()


def test_a_folder_is_made_once_and_its_key_is_its_owners(plane):
    assert (plane.path / "plane_key.pem").stat().st_mode & 0o777 == 0o600
    assert not [path for path in plane.public.rglob("*") if "key" in path.name]
    with pytest.raises(PlaneError):
        plane.create()


def test_a_cell_is_added_with_the_key_to_compare_and_shown_once_it_is_signed(plane, world, capsys):
    assert run(plane, "add", "75", address("75")) == 0
    assert cells.fingerprint(KEYS["75"]) in capsys.readouterr().out and plane.published() is None
    assert run(plane, "sign") == 0
    shown = plane.published()
    assert (shown.number, shown.cells["75"].address, shown.cells["75"].key) == (1, address("75"), KEYS["75"])
    assert run(plane, "remove", "75") == 0 and run(plane, "sign") == 0
    assert (plane.published().number, plane.published().cells) == (2, {})
    assert run(plane, "remove", "75") == 2


def test_who_is_another_province_or_has_another_key_is_not_added(plane, world, capsys):
    world.instead["75", "/cell.json"] = world.about("01")
    assert run(plane, "add", "75", address("75")) == 2 and "province 01" in capsys.readouterr().err
    assert run(plane, "add", "01", address("01"), "--fingerprint", cells.fingerprint(KEYS["75"])) == 2
    assert run(plane, "add", "01", address("01"), "--fingerprint", cells.fingerprint(KEYS["01"])) == 0
    assert run(plane, "add", "99", address("75")) == 2
    assert run(plane, "add", "01", "ftp://01.example") == 2
    assert set(plane.draft().cells) == {"01"}


def test_a_changed_key_is_said(plane, world, capsys):
    both(plane, capsys)
    world.instead["75", "/cell.json"] = world.about("75") | {"key": cells.key_text(KEYS["01"])}
    assert run(plane, "list", "--json") == 1
    rows = {row["code"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (rows["75"]["key"], rows["01"]["key"]) == ("other", "same")
    assert run(plane, "add", "75", address("75")) == 0
    assert cells.fingerprint(KEYS["75"]) in capsys.readouterr().out


def test_whoever_is_well_is_listed_so(plane, world, capsys):
    both(plane, capsys)
    assert run(plane, "list") == 0
    out = capsys.readouterr().out
    assert "0.2.0" in out and "2026-11-20" in out and out.count("yes") == 2
    rows = run(plane, "list", "--json"), capsys.readouterr().out.splitlines()
    assert rows[0] == 0 and {json.loads(line)["state"] for line in rows[1]} == {"ok"}


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("/cell.json", httpx.ConnectError("no"), "ConnectError"),
        ("/cell.json", httpx.ReadTimeout("slow"), "ReadTimeout"),
        ("/cell.json", httpx.Response(404), "404"),
        ("/cell.json", httpx.Response(302, headers={"location": "http://127.0.0.1/"}), "302"),
        ("/cell.json", b"x" * 300_000, "too much"),
        ("/cell.json", b"[" * 90_000, "cannot be read"),
        ("/cell.json", {"code": "75"}, "no installation"),
        ("/health", {"state": "fine"}, "health"),
    ],
)
def test_one_that_does_not_answer_is_a_row_with_the_reason(plane, world, capsys, path, answer, why):
    both(plane, capsys)
    world.instead["75", path] = answer
    assert run(plane, "list", "--json") == 1
    rows = {row["code"]: row for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert (rows["75"]["state"], rows["01"]["state"]) == ("silent", "ok") and why in rows["75"]["why"]
    assert run(plane, "list") == 1 and "silent" in capsys.readouterr().out


def test_one_that_is_behind_is_listed_so(plane, world, capsys, tmp_path):
    both(plane, capsys)
    (tmp_path / "days.csv").write_text("day,kind,name\n2031-02-03,off,Nghỉ\n")
    for _ in range(2):
        assert run(plane, "edition", "holidays", str(tmp_path / "days.csv")) == 0
    assert run(plane, "sign") == 0
    capsys.readouterr()
    assert run(plane, "list", "--json") == 1
    assert {tuple(json.loads(row)["behind"]) for row in capsys.readouterr().out.splitlines()} == {
        ("catalogue", "holidays")
    }


@pytest.mark.parametrize(
    ("subject", "name", "content"),
    [
        ("holidays", "days.csv", b"day,kind,name\n2031-02-30,off,X\n"),
        ("holidays", "days.csv", b"day,kind,name\n2031-02-03,maybe,X\n"),
        ("holidays", "days.csv", b"day,kind,name\n2031-02-03,off,X\n2031-02-03,off,Y\n"),
        ("holidays", "days.csv", b"\xff\xfe"),
        ("holidays", "days.csv", b""),
        ("holidays", "ngày.csv", b"day,kind,name\n2031-02-03,off,X\n"),
        ("areas", "areas.geojson", b"{}"),
        ("areas", "75.geojson", b"{}"),
        ("procedures", "list.xlsx", b"PK nothing"),
        ("procedures", "list.jsonl", b"{}\n"),
    ],
)
def test_no_edition_is_made_of_what_no_cell_could_read(plane, tmp_path, capsys, subject, name, content):
    (tmp_path / name).write_bytes(content)
    assert run(plane, "edition", subject, str(tmp_path / name)) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and not plane.draft().editions


def test_the_draft_is_not_what_is_shown(plane, world, capsys):
    both(plane, capsys)
    assert plane.is_published()
    run(plane, "remove", "75")
    assert not plane.is_published() and set(plane.published().cells) == set(KEYS)


class KilledError(Exception):
    pass


@pytest.mark.parametrize("spare", range(4))
def test_killed_at_any_file_it_signs_on_and_what_is_shown_fits(plane, world, capsys, monkeypatch, spare):
    both(plane, capsys)
    write, left = store._write, [spare]

    def limited(*args, **more):
        if not left[0]:
            raise KilledError
        left[0] -= 1
        write(*args, **more)

    monkeypatch.setattr(store, "_write", limited)
    killed = False
    try:
        plane.sign()
    except KilledError:
        killed = True
    monkeypatch.setattr(store, "_write", write)
    assert killed == (spare < 3), "what is written of a catalogue: what comes, its signature, itself"
    number = 1 if spare == 0 else 2
    assert plane.published().number == number
    assert run(plane, "sign") == 0 and plane.published().number == number + 1


def test_what_others_put_in_place_of_the_catalogue_is_not_gone_on_with(plane, world, capsys):
    both(plane, capsys)
    document = cells.write_catalogue(9, datetime.now(UTC), [])
    (plane.public / "catalogue.json").write_bytes(document)
    assert run(plane, "sign") == 2 and "not signed" in capsys.readouterr().err


def test_figures_count_what_is_published_by_month_and_take_nothing_else(plane, world, capsys, tmp_path):
    both(plane, capsys)
    out = tmp_path / "table.csv"
    assert run(plane, "figures", "--json", "--out", str(out)) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    own = [row for row in rows if row["code"] == "75"]
    counts = ("month", "published", "handled", "on_time", "overdue")
    assert [tuple(row[name] for name in counts) for row in own] == [("2026-10", 3, 2, 1, 1), ("2026-11", 1, 0, 0, 0)]
    assert {row["as_of"] for row in rows} == {"2026-11-29T02:10:00+07:00"} and len(rows) == 4
    assert SECRET not in out.read_text("utf-8-sig") and out.read_text("utf-8-sig").count("\n") == 5


@pytest.mark.parametrize(
    ("path", "answer", "why"),
    [
        ("/open-data/datapackage.json", httpx.Response(503), "503"),
        ("/open-data/datapackage.json", {"created": "x"}, "cannot be read"),
        ("/open-data/tickets.parquet", b"cut off", "anew"),
        ("/open-data/tickets.parquet", httpx.ConnectError("no"), "ConnectError"),
    ],
)
def test_a_cell_whose_figures_are_missing_is_named(plane, world, capsys, path, answer, why):
    both(plane, capsys)
    world.instead["75", path] = answer
    assert run(plane, "figures") == 1
    done = capsys.readouterr()
    assert "not in it: 75" in done.err and why in done.err and "2026-10" in done.out
