"""A province with a PostgreSQL of its own: the address is mistyped, the server is late, gone, full, or behind
PgBouncer; a newer release was here before.

Proves: multi-host addresses in both forms, typing errors in one line without the password; PgBouncer in transaction
mode, or refused with the reason; a bounded pool; 503 with Retry-After and a form that waits; waiting at boot"""

import io
import json
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cluster import ENCODED, PASSWORD, Pooler, Server, psql, rows
from PIL import Image
from stage import CHECKOUT, Answer, Person, Product, bare, free_port, wait_until

People = Callable[..., Person]
FIRST = 'province = "Cà Mau"\nopen = true\n[administrator]\nuser = "it"\nname = "IT (thử)"\n'
SECRET = "mùa xoài ở Cao Lãnh"
TYPING_ERRORS = {
    "postgres//caunoi:{}@db/caunoi": "postgresql://",
    "mysql://caunoi:{}@db/caunoi": "postgresql://",
    "postgresql://caunoi:{}@db:54x2/caunoi": "port",
    "postgresql://caunoi:{}@db:5432": "name is missing",
    "postgresql://caunoi:{}@db/caunoi?sslmod=require": "sslmode",
    "postgresql://caunoi:{}@a:1,b:2,c:3/caunoi?port=1,2": "2 ports for 3 hosts",
    "postgresql://caunoi:geh/{}@db/caunoi": "percent-encoded",
}


# --- The address ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", TYPING_ERRORS)
def test_a_mistyped_address_is_said_in_a_line_without_the_password_and_nothing_is_made(
    address: str, tmp_path: Path
) -> None:
    product = Product(tmp_path / "home", {"DATABASE_URL": address.format("geheim")})
    for words in (("up", "--lang", "en"), ("web",), ("migrate",)):
        done = product.shell(*words)
        assert (done.returncode in (1, 2), done.stderr.count("\n")) == (True, 1), (words, done.stdout, done.stderr)
        assert "DATABASE_URL" in done.stderr and TYPING_ERRORS[address] in done.stderr, done.stderr
        assert "geh" not in done.stdout + done.stderr
    assert not product.home.exists()
    told = product.shell("doctor", "--lang", "en")
    assert (told.returncode, "DATABASE_URL" in told.stdout, "geh" in told.stdout) == (1, True, False), told.stdout


@pytest.mark.parametrize("words", [("worker",), ("live",), ("bridge",), ("admin", "it"), ("jobs",), ("backup", "b")])
def test_every_command_says_it(words: tuple[str, ...], tmp_path: Path) -> None:
    product = Product(tmp_path / "home", {"DATABASE_URL": "postgres//caunoi:geheim@db/caunoi"})
    done = product.shell(*words)
    assert (done.returncode in (1, 2), done.stderr.count("\n"), "geheim" in done.stderr) == (True, 1, False), (
        done.stderr
    )
    assert "DATABASE_URL: does not begin with postgresql://" in done.stderr


# --- A province on a server of its own --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(max_connections=60) as one:
        yield one


def set_up(product: Product) -> str:
    """The first run by a file of answers; the one-time address of the administrator."""
    answers = product.home.parent / "first.toml"
    answers.write_text(FIRST, "utf-8")
    done = product.shell("migrate", "--quiet")
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    done = product.shell("init", "--answers", str(answers), "--json")
    assert done.returncode == 0, done.stderr
    return str(json.loads(done.stdout)["enrol"])


@pytest.fixture(scope="module")
def province(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Open to citizens; the address names two hosts, of which the first is dead."""
    address = server.url(
        more=f"?host=127.0.0.1,127.0.0.1&port={free_port()},{server.port}&target_session_attrs=read-write"
    )
    address = address.replace(f"127.0.0.1:{server.port}/", "/")
    product = Product(tmp_path_factory.mktemp("server") / "home", {"DATABASE_URL": address})
    set_up(product)
    with product:
        yield product


@pytest.mark.long
def test_both_forms_of_an_address_with_several_hosts_lead_to_the_server(province: Product, server: Server) -> None:
    other = server.url(more="?target_session_attrs=read-write").replace("@", f"@127.0.0.1:{free_port()},", 1)
    for address in (province.environ["DATABASE_URL"], other):
        done = province.shell("jobs", "--json", DATABASE_URL=address)
        assert '"task"' in done.stdout, done.stderr
        told = province.shell("doctor", "--lang", "en", DATABASE_URL=address)
        assert "DATABASE_URL" not in told.stdout, told.stdout


def gone_for(server: Server, seconds: float) -> threading.Thread:
    """The server is killed now, and started again in a while."""
    server.stop()
    back = threading.Timer(seconds, server.start)
    back.start()
    return back


OPEN311 = "/open311/v2/requests/26-000001-9"


@pytest.mark.long
def test_without_the_database_everybody_is_told_to_wait_and_in_their_own_form(
    province: Product, server: Server
) -> None:
    province.expect("terminating connection")
    assert province.ask("/").status == 200
    server.stop()
    try:
        told: dict[str, Answer] = {
            path: province.ask(path, authorization="Bearer nobody")
            for path in (
                "/",
                "/lookup",
                "/login",
                "/api/v1/tickets/26-000001-9",
                OPEN311 + ".json",
                OPEN311 + ".xml",
                "/health/ready",
            )
        }
        told["post"] = province.ask("/report", {"text": "Đèn tắt"}, form="yes")
        counted = province.ask("/metrics")
    finally:
        server.start()
    assert {path: one.status for path, one in told.items()} == dict.fromkeys(told, 503)
    assert counted.status == 200, "what it counts itself is told all the same"
    assert all(one.headers["retry-after"] == "5" for path, one in told.items() if path != "/health/ready")
    assert told["/api/v1/tickets/26-000001-9"].json["code"] == 503
    assert told[OPEN311 + ".json"].json[0]["code"] == 503
    assert "<errors><error><code>503</code>" in told[OPEN311 + ".xml"].text
    assert "Thử lại" in told["/"].text and "chưa truy cập được dữ liệu" in told["/"].text
    wait_until(lambda: province.ask("/health/ready").status == 200, 30, why="the database is back")
    assert province.ask("/health/live").status == 200


@pytest.mark.long
@pytest.mark.parametrize("scripts", [True, False])
def test_a_form_that_meets_no_database_keeps_what_was_typed_and_arrives(
    province: Product, server: Server, person: People, scripts: bool
) -> None:
    province.expect("terminating connection")
    citizen = person(province, size="phone", scripts=scripts)
    citizen.expect("503", "net::ERR")
    words = f'Nắp cống "vỡ" & <nguy hiểm>\nở đầu hẻm {scripts}'
    page = citizen.at("/report")
    page.fill("[name=text]", words)
    back = gone_for(server, 8)
    try:
        citizen.onward()
        assert "chưa truy cập được dữ liệu" in page.inner_text("main")
        if scripts:
            wait_until(lambda: page.locator("[data-again]").count() == 0, 40, why="it is sent again by itself")
        else:
            back.join()
            page.get_by_role("button", name="Gửi lại").click()
    finally:
        back.join()
    while "/f/" not in page.url:
        for name, value in (("address", "Hẻm 12"), ("name", "Anh Tư")):
            if page.locator(f"main form [name={name}]").count():
                page.fill(f"main form [name={name}]", value)
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
        citizen.onward()
    assert "ở đầu hẻm" in page.inner_text("main") and "<nguy hiểm>" in page.inner_text("main")


@pytest.mark.long
def test_a_password_is_never_written_into_a_page(province: Product, server: Server, person: People) -> None:
    province.expect("terminating connection")
    somebody = person(province)
    somebody.expect("503")
    page = somebody.at("/login")
    page.fill("[name=username]", "it")
    page.fill("[name=password]", "rất bí mật")
    back = gone_for(server, 6)
    try:
        with page.expect_navigation():
            page.press("[name=password]", "Enter")
        assert "chưa truy cập được dữ liệu" in page.inner_text("main")
        assert "rất bí mật" not in page.content()
    finally:
        back.join()
    wait_until(lambda: province.ask("/health/ready").status == 200, 30)


# --- Too few connections ----------------------------------------------------------------------------------------------


@pytest.mark.long
def test_eighty_at_once_on_a_server_with_few_connections_wait_or_are_told_to(tmp_path: Path) -> None:
    with Server(max_connections=24) as small:
        product = Product(tmp_path / "home", {"DATABASE_URL": small.url()})
        set_up(product)
        with product:
            began = time.monotonic()
            with ThreadPoolExecutor(80) as many:
                paths = ["/", "/lookup", "/report", "/open311/v2/services.json"] * 40
                told = list(many.map(lambda path: product.ask(path, timeout=60).status, paths))
            took = time.monotonic() - began
            print(f"{len(paths)} requests in {took:.1f} s: { {s: told.count(s) for s in set(told)} }")
            assert set(told) <= {200, 503}
            assert told.count(200) >= 150, "those who wait are served"
            assert product.ask("/health/ready").status == 200


# --- The server is late -----------------------------------------------------------------------------------------------


def starting(product: Product) -> subprocess.Popen[bytes]:
    with product.log_file.open("ab") as out:
        return subprocess.Popen(
            [CHECKOUT / "bin" / "caunoi", "up", "--lang", "en"],
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            env=bare(product.home, PORT=str(product.port), **product.environ),
        )


@pytest.mark.long
def test_up_waits_for_a_database_that_is_late_and_says_why(tmp_path: Path) -> None:
    late = Server()
    product = Product(tmp_path / "home", {"DATABASE_URL": late.url()})
    process = starting(product)
    try:
        wait_until(lambda: "Waiting for it" in product.log, 30, why="it says that it waits")
        assert "refused" in product.log
        time.sleep(3)
        assert product.log.count("Waiting for it") == 1, product.log
        assert PASSWORD not in product.log and ENCODED not in product.log
        late.make()
        wait_until(lambda: "Ready: " in product.log, 200, why="Ready")
        assert "going on" in product.log and "Traceback" not in product.log
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        late.__exit__()


@pytest.mark.parametrize(
    ("wrong", "line"),
    [((f":{ENCODED}@", ":falsch@"), "fix the user and password"), ((":", ":"), "create the user and the database")],
)
def test_a_wrong_password_or_name_is_said_and_sigterm_ends_the_waiting(
    server: Server, tmp_path: Path, wrong: tuple[str, str], line: str
) -> None:
    product = Product(
        tmp_path / "home", {"DATABASE_URL": server.url("caunoi" if wrong[0] != ":" else "fremd").replace(*wrong)}
    )
    process = starting(product)
    try:
        wait_until(lambda: "Waiting for it" in product.log, 30, why="it says that it waits")
        assert line in product.log, product.log
    finally:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    assert time.monotonic() - began < 2
    alone = subprocess.Popen(
        [CHECKOUT / "bin" / "caunoi", "worker"],
        stderr=subprocess.PIPE,
        text=True,
        env=bare(product.home, **product.environ),
    )
    assert alone.stderr
    assert line in alone.stderr.readline()
    began = time.monotonic()
    alone.send_signal(signal.SIGTERM)
    alone.wait(30)
    assert time.monotonic() - began < 2
    alone.stderr.close()


# --- A newer release was here -----------------------------------------------------------------------------------------

NEWER = (
    "from django.db import migrations\n"
    "class Migration(migrations.Migration):\n"
    '    dependencies = [("jobs", "{last}")]\n'
    "    operations = []\n"
)


def release(folder: Path, version: str, serves_from: str) -> Path:
    """A release to come: this checkout with another version and a migration more."""
    folder.mkdir()
    subprocess.run(["cp", "-a", CHECKOUT / "caunoi", folder / "caunoi"], check=True)
    for name in ("pyproject.toml", "requirements"):
        (folder / name).symlink_to(CHECKOUT / name)
    for path, pattern, new in (
        ("__init__.py", r'__version__ = ".*"', f'__version__ = "{version}"'),
        ("host/releases.py", r'SERVES_FROM = ".*"', f'SERVES_FROM = "{serves_from}"'),
    ):
        text, count = re.subn(pattern, new, (folder / "caunoi" / path).read_text("utf-8"))
        assert count == 1
        (folder / "caunoi" / path).write_text(text, "utf-8")
    migrations = folder / "caunoi" / "jobs" / "migrations"
    last = max(path.stem for path in migrations.glob("0*.py"))
    (migrations / "0900_to_come.py").write_text(NEWER.format(last=last))
    return folder


def upgrade(product: Product, code: Path) -> None:
    done = subprocess.run(
        [CHECKOUT / ".venv" / "bin" / "python", "-m", "caunoi.cli", "migrate", "--quiet"],
        capture_output=True,
        text=True,
        env=bare(product.home, PYTHONPATH=str(code), **product.environ),
        cwd=code,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.long
def test_older_code_serves_a_newer_database_only_where_the_newer_release_allows_it(tmp_path: Path) -> None:
    with Server() as own:
        product = Product(tmp_path / "home", {"DATABASE_URL": own.url()})
        set_up(product)
        now = product.shell("--version").stdout.strip()
        with product:
            upgrade(product, release(tmp_path / "kind", "0.8.0", now))
            assert product.ask("/health/ready").status == 200, "it may go on"
            assert product.shell("migrate").returncode == 0, "one may roll back"
            upgrade(product, release(tmp_path / "hard", "0.9.0", "0.9.0"))
            told = product.ask("/health/ready")
            assert (told.status, "0.9.0" in told.text) == (503, True), told.text
        for words in (
            ("web",),
            ("worker",),
            ("live",),
            ("bridge",),
            ("migrate",),
            ("up", "--lang", "en"),
            ("admin", "it"),
        ):
            done = product.shell(*words)
            assert done.returncode == 1, (words, done.stdout)
            assert "upgraded by release 0.9.0" in done.stdout + done.stderr and now in done.stdout + done.stderr
            assert "Traceback" not in done.stdout + done.stderr
        own.ask("DELETE FROM jobs_release WHERE version <> '" + now + "'")  # code that leaves no name: a branch
        done = product.shell("worker")
        assert (done.returncode, "jobs.0900_to_come" in done.stderr) == (1, True), done.stderr


# --- Behind PgBouncer -------------------------------------------------------------------------------------------------


@pytest.mark.long
def test_a_pooler_without_the_servers_own_address_is_refused_with_the_reason(server: Server, tmp_path: Path) -> None:
    with Pooler(server) as pooler:
        product = Product(tmp_path / "home", {"DATABASE_URL": pooler.url})
        for words in (("web",), ("worker",), ("live",), ("bridge",), ("up", "--lang", "en")):
            done = product.shell(*words)
            said = done.stdout + done.stderr
            assert (done.returncode, "DATABASE_DIRECT_URL" in said, "Traceback" in said) == (1, True, False), said
        told = product.shell("doctor", "--lang", "en").stdout
        assert "BROKEN  database: DATABASE_URL leads to a pooler" in told, told
        for direct, why in (
            (pooler.url + "?application_name=x", "leads to a pooler too"),
            (server.url("postgres"), "another database"),
        ):
            done = product.shell("worker", DATABASE_DIRECT_URL=direct)
            assert (done.returncode, why in done.stderr) == (1, True), done.stderr
    # keeps what a session needs; a database of its own, which no other home has sealed
    with Server() as own, Pooler(own, mode="session") as pooler:
        done = Product(tmp_path / "home", {"DATABASE_URL": pooler.url}).shell("migrate", "--quiet")
        assert (
            done.returncode,
            done.stderr.count("\n"),
            "without DATABASE_DIRECT_URL no restore sees" in done.stderr,
        ) == (0, 1, True), done.stderr


def photo() -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 90, 90)).save(out, "JPEG")
    return {"name": "cot.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


LEAKS = """
SELECT name, setting FROM pg_settings WHERE source = 'session'
AND name NOT IN ('TimeZone', 'client_encoding', 'application_name', 'DateStyle', 'IntervalStyle')
"""  # PgBouncer itself gives those to each client anew


HELD = (
    "SELECT count(*) FROM pg_listening_channels()",
    "SELECT count(*) FROM pg_prepared_statements",
    "SELECT count(*) FROM pg_cursors WHERE is_holdable",
)


def leaks(pooler: Pooler, connections: int) -> set[tuple[str, ...]]:
    """What each of the server's connections behind the pooler carries that a session of somebody's left there. Each is
    looked at in a transaction that is open for as long as the others': so each has its own."""
    look = ["BEGIN", "SELECT pg_backend_pid()", "SELECT pg_sleep(3)", *HELD, LEAKS, "COMMIT"]
    told = [rows(one) for one in [psql(pooler.url, *look) for _ in range(connections)]]
    assert len({one[0] for one in told}) == connections
    assert all(one[2:5] == [("0",)] * 3 for one in told), told
    return {row for one in told for row in one[5:]}


@pytest.mark.long
def test_the_whole_product_works_behind_pgbouncer_and_leaves_nothing_in_its_connections(
    tmp_path: Path, person: People
) -> None:
    with Server(max_connections=100) as own, Pooler(own, size=8) as pooler:
        environ = {"DATABASE_URL": pooler.url, "DATABASE_DIRECT_URL": own.url(), "CAUNOI_DEMO": "1"}
        with Product(tmp_path / "home", environ) as product:
            lan = person(product, "lan")
            page = lan.at("/desk/")
            page.locator("body[data-live-state=open]").wait_for()
            citizen = person(product, size="phone")
            citizen.at("/report")
            citizen.page.fill("[name=text]", "Cột điện nghiêng trước chợ Bình Phước")
            began = 0.0
            while "/f/" not in citizen.page.url:
                for name, value in (("address", "Chợ Bình Phước"), ("phone", "0912345678")):
                    if citizen.page.locator(f"main form [name={name}]").count():
                        citizen.page.fill(f"main form [name={name}]", value)
                if citizen.page.locator("[data-photos-field]").count():
                    citizen.page.set_input_files("[data-photos-field]", photo())
                if citizen.page.locator("[name=consent]").count():
                    citizen.page.check("[name=consent]")
                began = time.monotonic()
                citizen.onward()
            code = re.search(r"\d\d-\d{6}-\d", citizen.page.inner_text("main"))
            assert code
            wait_until(lambda: code[0] in page.inner_text("main") or "Cột điện nghiêng" in page.inner_text("main"), 10)
            print(f"on the operator's screen after {time.monotonic() - began:.2f} s")
            assert time.monotonic() - began < 5
            assert lan.at(f"/desk/{code[0]}").locator("img[src*='/files/'], [data-lightbox] img, main img").count() >= 1
            assert "khai sinh" in citizen.at("/tthc/?q=dang+ky+khai+sinh").inner_text("main")
            assert product.ask("/api/v1/procedures?q=khai+sinh", authorization="Bearer demo-api-lan").json["items"]
            assert person(product, "phong").at("/board/").locator("main").inner_text()
            told = product.ask(
                "/api/v1/measures/tickets?from=2026-01-01&to=2026-12-31&by=agency",
                authorization="Bearer demo-api-phong",
            )
            assert told.json["rows"]
            done = product.shell("export", "open-data", str(tmp_path / "out"))
            assert done.returncode == 0, done.stderr
            assert any((tmp_path / "out").rglob("*.csv"))
            jobs = [json.loads(line) for line in product.shell("jobs", "--json").stdout.splitlines()]
            assert not [one for one in jobs if one["failures"]]
            assert leaks(pooler, 8) == set()
            assert "synchronous_commit" not in product.log
