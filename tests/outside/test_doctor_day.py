"""An IT department's bad days: what is broken on purpose, at a shell, and that `caunoi doctor` finds each and says what
to do.

Faults in the database are planted by its own tools, as a careless colleague would.

Proves: one list of 84 checks: `caunoi doctor` (`{check, state, why, mend}` of every check), Setup → *The system*
(with *Look from outside too*), *Ready?*, `/health`, `caunoi_check`; about 60 planted faults in 45 stories, each
found with its mend: settings, home, keys, disks, frozen worker and pages, migrations, durability, connections,
stuck jobs, overdue tasks, photos, demo accounts, backups, certificate, DNS, proxy
"""

import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from cluster import psql, rows
from stage import CHECKOUT, Product, bare, copied, free_port, wait_until

pytestmark = pytest.mark.long


def found(product: Product, **environ: str) -> dict[str, dict[str, str]]:
    """{check: {state, why, mend}} of what is not in order; the worst of what one check finds."""
    done = product.shell("doctor", "--json", "--lang", "en", **environ)
    assert "Traceback" not in done.stderr, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert rows and all(set(row) == {"check", "state", "why", "mend"} for row in rows), done.stderr
    assert done.returncode == (1 if any(row["state"] == "broken" for row in rows) else 0)
    worst_last = sorted(rows, key=lambda row: row["state"] == "broken")
    return {row["check"]: row for row in worst_last if row["state"] != "ok"}


def names(product: Product, check: str, state: str = "broken", **environ: str) -> bool:
    row = found(product, **environ).get(check)
    assert row is not None, f"{check} was not found"
    assert row["state"] == state and row["why"] and row["mend"], row
    return True


@pytest.fixture(scope="module")
def own(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A demo of its own, to be spoilt."""
    folder = tmp_path_factory.mktemp("spoilt")
    product = Product(copied(demo_home, folder / "home"), {"CAUNOI_DEMO": "1"})
    product.expect(".*")
    with product:
        yield product


def sql(product: Product, *commands: str) -> None:
    """By the database's own tool, as its owner."""
    rows(psql(door(product), *commands))


def door(product: Product) -> str:
    """The address of the embedded database."""
    return f"postgresql://caunoi@/caunoi?host={quote(str(product.home / 'postgres'), safe='')}"


def test_a_sound_demo_has_nothing_broken(own: Product) -> None:
    wait_until(lambda: not [row for row in found(own).values() if row["state"] == "broken"], 60, every=2)


WRONG = {  # variable: (value, check, state)
    "CAUNOI_PUBLIC_URL": ("1022.example.vn", "public_url", "broken"),
    "CAUNOI_TRUSTED_PROXIES": ("nginx", "trusted_proxies", "broken"),
    "CAUNOI_ALLOWED_HOSTS": ("https://1022.example.vn", "allowed_hosts", "broken"),
    "CAUNOI_SECRET_KEY": ("short", "secret_key", "broken"),
    "CAUNOI_LOG_KEY_FILE": ("/etc/hostname", "log_key", "broken"),
    "CAUNOI_MASTER_KEY_PKCS11": ("libsofthsm2.so", "master_key", "broken"),
    "PORT": ("many", "port", "broken"),
    "CAUNOI_ASSIST_SECONDS": ("zz", "numbers", "broken"),
    "CAUNOI_ASSIST_URL": ("foo", "addresses", "broken"),
    "CAUNOI_LOG_LEVEL": ("LOUD", "choices", "broken"),
    "CAUNOI_DEBUG": ("1", "debug", "broken"),
    "CAUNOI_METRICS_TOKEN": ("short", "metrics_token", "warn"),
    "CAUNOI_ALOWED_HOSTS": ("x", "names", "warn"),
}
ALONE = [
    ("secret_key", "broken", {"CAUNOI_SECRET_KEY_FILE": "/nowhere"}),
    ("log_key", "broken", {"CAUNOI_LOG_KEY_FILE": "/nowhere"}),
    ("numbers", "broken", {"CAUNOI_HOLD_SECONDS": "-1"}),
    ("addresses", "broken", {"CAUNOI_TILE_HOSTS": "https://tiles.example.vn/{z}"}),
    ("choices", "broken", {"CAUNOI_PROVINCE": "99"}),
    ("choices", "broken", {"CAUNOI_DEMO_DAY": "yesterday"}),
    ("public_url", "warn", {"CAUNOI_PUBLIC_URL": "http://1022.example.vn", "CAUNOI_DEMO": ""}),
    ("database", "broken", {"DATABASE_URL": "postgresql://caunoi:x@127.0.0.1:9/caunoi"}),
    ("database", "broken", {"CAUNOI_PG_BIN": "/usr/bin"}),
]


def test_a_dozen_wrong_settings_at_once_are_each_named(own: Product) -> None:
    rows = found(own, **{name: value for name, (value, _, _) in WRONG.items()})
    for check, state in ((check, state) for _, check, state in WRONG.values()):
        assert rows[check]["state"] == state and rows[check]["mend"], check


@pytest.mark.parametrize(("check", "state", "environ"), ALONE)
def test_a_wrong_setting_is_named(own: Product, check: str, state: str, environ: dict[str, str]) -> None:
    assert names(own, check, state, **environ)


def test_a_misspelt_address_of_the_database_is_named_without_its_password(own: Product) -> None:
    rows = found(own, DATABASE_URL="postgresql://caunoi:mat-khau-kin@127.0.0.1:54x2/caunoi")
    assert any(row["state"] == "broken" for row in rows.values())
    assert "mat-khau-kin" not in json.dumps(rows)


@contextmanager
def changed(path: Path, mode: int) -> Iterator[None]:
    before = path.stat().st_mode
    path.chmod(mode)
    try:
        yield
    finally:
        path.chmod(before)


def test_a_home_that_others_enter_and_keys_that_they_read(own: Product) -> None:
    with changed(own.home, 0o755):
        assert names(own, "home", "warn")
    with changed(own.home / "log_key.pem", 0o644):
        assert names(own, "home")


def test_a_key_that_is_none_and_one_that_is_gone_come_back_by_themselves(own: Product) -> None:
    """They lie sealed in the database, which the files of each host follow."""
    key = own.home / "log_key.pem"
    before = key.read_text()
    own.stop()
    key.write_text("garbage\n")
    assert names(own, "keys"), "where nobody works"
    own.start()
    wait_until(lambda: key.read_text() == before, 30, why="it starts with the right one")
    key.write_text("garbage\n")
    wait_until(lambda: key.exists() and key.read_text() == before, 30, why="the right key instead of another")
    key.unlink()
    wait_until(lambda: key.exists() and key.read_text() == before, 30, why="the key that was gone")
    assert key.stat().st_mode & 0o777 == 0o600
    assert own.shell("keys").returncode == 0


def test_a_disk_without_room(own: Product, tmp_path: Path) -> None:
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    try:
        assert names(own, "disk", CAUNOI_BACKUP_DIR=str(tmp_path))
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_folders_on_a_disk_that_only_reads(own: Product) -> None:
    files = own.home / "files"
    files.mkdir(exist_ok=True)
    if subprocess.run(["mount", "--bind", files, files], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", files], check=True)
        assert names(own, "folders")
        assert own.ask("/health").json["state"] == "degraded"
    finally:
        subprocess.run(["umount", files], check=True)


def test_backups_that_are_none(own: Product, tmp_path: Path) -> None:
    assert names(own, "backup", CAUNOI_BACKUP_DIR=str(tmp_path / "not-mounted"))
    place = tmp_path / "backups"
    place.mkdir(mode=0o755)
    assert names(own, "backup", CAUNOI_BACKUP_DIR=str(place))  # everybody may look into it
    place.chmod(0o700)
    assert names(own, "backup", "warn", CAUNOI_BACKUP_DIR=str(place))  # none was ever made
    done = own.shell("backup", CAUNOI_BACKUP_DIR=str(place))
    assert done.returncode == 0, done.stderr
    (made,) = (path for path in place.iterdir() if not path.name.startswith("."))
    made.rename(place / "2026-01-01T02-00-00")
    assert names(own, "backup", CAUNOI_BACKUP_DIR=str(place))


def test_a_key_for_the_backups_that_is_none_and_one_that_lies_beside_them(own: Product, tmp_path: Path) -> None:
    assert names(own, "recipient", CAUNOI_BACKUP_RECIPIENT="age1nonsense")
    made = own.shell("backup", "--new-key", str(own.home / "backup.key"))
    assert made.returncode == 0, made.stderr
    public = next(word for word in (made.stdout + made.stderr).split() if word.startswith("age1"))
    assert names(own, "recipient", CAUNOI_BACKUP_RECIPIENT=public)
    (own.home / "backup.key").unlink()


def test_files_of_another_user(own: Product) -> None:
    lost = own.home / "files"
    before = lost.stat().st_uid
    os.chown(lost, 65534, -1)
    try:
        assert names(own, "owner")
    finally:
        os.chown(lost, before, -1)


def test_few_open_files(own: Product) -> None:
    few = f"ulimit -n 256; exec '{CHECKOUT}/bin/caunoi' doctor --json --lang en"
    said = subprocess.run(["sh", "-c", few], env=bare(own.home, **own.environ), capture_output=True, text=True).stdout
    assert any(row["check"] == "open_files" and row["state"] == "warn" for row in map(json.loads, said.splitlines()))


@contextmanager
def frozen(pids: list[int]) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            try:
                os.kill(pid, signal.SIGCONT)
            except ProcessLookupError:
                pass


def test_a_frozen_worker(own: Product) -> None:
    with frozen(own.children("caunoi.cli worker")):  # each process of pages finds out for itself
        wait_until(lambda: own.ask("/health").json["reasons"] == ["worker"], 60, every=2)
        assert own.ask("/health/ready").status == 200
        assert names(own, "worker")
    wait_until(lambda: own.ask("/health").json["state"] == "ok", 120, every=2)


def test_frozen_pages(own: Product) -> None:
    with frozen(own.children("caunoi.cli web")):
        assert names(own, "answers")


def test_a_product_that_does_not_run_and_one_that_was_never_started(demo_home: Path, tmp_path: Path) -> None:
    stopped = Product(copied(demo_home, tmp_path / "home"), {"CAUNOI_DEMO": "1"})
    assert names(stopped, "answers", "warn")
    assert names(Product(tmp_path / "new"), "product", "warn")


def test_a_database_that_is_gone(own: Product) -> None:
    postmaster = int((own.home / "postgres" / "postmaster.pid").read_text().split()[0])
    with frozen([own.pid]):  # nobody starts it again
        os.kill(postmaster, signal.SIGKILL)
        wait_until(lambda: own.ask("/health").status == 503, 30, every=0.5)
        assert own.ask("/health").json["state"] == "down"
        assert own.ask("/health").json["reasons"] == ["database"]
        assert own.ask("/metrics").status == 200
        assert "caunoi_health 2.0" in own.ask("/metrics").text
        assert own.ask("/health/ready").status == 503
        assert own.ask("/health/live").status == 200
    wait_until(lambda: own.ask("/health").json["state"] == "ok", 120, every=1)


def test_a_database_that_is_not_migrated(own: Product) -> None:
    sql(own, "CREATE TABLE kept AS SELECT * FROM django_migrations WHERE app = 'starter' OR name = '0002_seen'")
    sql(own, "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations)")
    try:
        assert names(own, "migrated")
        wait_until(lambda: own.ask("/health").status == 503, 30, every=0.5)
    finally:
        own.shell("manage", "migrate", "--fake")
        sql(own, "DROP TABLE kept")


def test_a_database_that_does_not_write_to_disk(own: Product) -> None:
    sql(own, "ALTER SYSTEM SET full_page_writes = off", "SELECT pg_reload_conf()")
    try:
        wait_until(lambda: "durable" in found(own), 20, every=1)
    finally:
        sql(own, "ALTER SYSTEM RESET full_page_writes", "SELECT pg_reload_conf()")


def test_a_database_whose_connections_run_out(own: Product) -> None:
    hogs = [psql(door(own), "SELECT pg_sleep(60)") for _ in range(32)]
    try:
        wait_until(lambda: "connections" in found(own), 30, every=1)
    finally:
        for hog in hogs:
            hog.kill()
            hog.communicate()
        sql(own, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(60)'")


def test_a_job_whose_worker_is_gone_and_an_event_that_waits(own: Product) -> None:
    with frozen(own.children("caunoi.cli worker")):
        sql(
            own,
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at)"
            " VALUES ('other', 'caunoi.sla.tasks.sweep', '{}', 'todo', now() - interval '2 hours')",
        )
        assert names(own, "queue")
        sql(own, "DELETE FROM procrastinate_jobs WHERE queue_name = 'other'")
        sql(
            own,
            "INSERT INTO events_event (at, recorded, kind, subject, subject_id, by, data, pending)"
            " VALUES (now() - interval '1 hour', now() - interval '1 hour', 'nothing.known', 'x', 1, 'x', '{}', true)",
        )
        assert names(own, "events")
    wait_until(lambda: "events" not in found(own), 120, every=2)


def test_a_task_that_is_overdue(own: Product) -> None:
    sql(
        own,
        "UPDATE jobs_periodictask SET succeeded = now() - interval '3 days', since = now() - interval '9 days',"
        " failed = now(), failures = 20 WHERE task LIKE '%forget_orphans'",
    )
    assert names(own, "jobs")


def test_photos_that_are_gone(own: Product) -> None:
    files, aside = own.home / "files", own.home / "aside"
    files.rename(aside)
    try:
        assert names(own, "photos")
    finally:
        if files.exists():
            shutil.rmtree(files)
        aside.rename(files)


def test_accounts_of_the_demo_where_there_is_none(demo_home: Path, tmp_path: Path) -> None:
    product = Product(copied(demo_home, tmp_path / "home"))
    with product:
        row = found(product)["demo"]
        assert row["state"] == "broken" and re.search(r"\d+ accounts and \d+ keys of the demo", row["why"])


def test_a_province_that_nobody_has_set_up(tmp_path: Path) -> None:
    with Product(tmp_path / "home") as product:
        rows = found(product)
        for check in ("administrator", "fields", "targets", "agencies", "operators", "communes"):
            assert rows[check]["state"] == "broken", check
        assert rows["web"]["state"] == "warn"  # the portal is closed
        assert product.ask("/health").json == {"state": "ok", "reasons": [], "findings": []}


class Other(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"It works!")

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def serving(certificate: tuple[Path, Path] | None = None) -> Iterator[int]:
    """Another program at an address, with a certificate or without."""
    server: HTTPServer = ThreadingHTTPServer(("127.0.0.1", 0), Other)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def hosts() -> Iterator[str]:
    """A name of this machine that is not localhost."""
    kept = Path("/etc/hosts").read_text()
    try:
        with Path("/etc/hosts").open("a") as file:
            file.write("127.0.0.1 1022.caunoi.example\n")
    except OSError:
        pytest.skip("/etc/hosts cannot be written here")
    yield "1022.caunoi.example"
    Path("/etc/hosts").write_text(kept)


def certificate(folder: Path, name: str, days: int) -> tuple[Path, Path]:
    key, cert = folder / "key.pem", folder / "cert.pem"
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-subj", f"/CN={name}"]
    subprocess.run(
        ["openssl", "req", *words, "-addext", f"subjectAltName=DNS:{name}", "-days", str(days)],
        check=True,
        capture_output=True,
    )
    return cert, key


def test_a_public_address_that_nobody_knows(own: Product) -> None:
    assert names(own, "public_address", CAUNOI_PUBLIC_URL="https://nobody.invalid", CAUNOI_DEMO="")


def test_a_public_address_that_leads_to_another_program(own: Product, hosts: str) -> None:
    with serving() as port:
        row = found(own, CAUNOI_PUBLIC_URL=f"http://{hosts}:{port}", CAUNOI_DEMO="")["public_address"]
        assert row["state"] == "broken" and "another program" in row["why"]
    row = found(own, CAUNOI_PUBLIC_URL=f"http://{hosts}:{free_port()}", CAUNOI_DEMO="")["public_address"]
    assert row["state"] == "broken" and "does not answer" in row["why"]


@pytest.mark.parametrize(
    ("name", "days", "trusted", "state", "word"),
    [
        ("1022.caunoi.example", 90, False, "broken", "cannot be used"),
        ("other.example", 90, True, "broken", "cannot be used"),
        ("1022.caunoi.example", 2, True, "broken", "ends in"),
        ("1022.caunoi.example", 10, True, "warn", "ends in"),
    ],
)
def test_a_certificate_that_browsers_refuse_or_that_ends_soon(
    own: Product, hosts: str, tmp_path: Path, name: str, days: int, trusted: bool, state: str, word: str
) -> None:
    made = certificate(tmp_path, name, days)
    environ = {"SSL_CERT_FILE": str(made[0])} if trusted else {}
    with serving(made) as port:
        url = f"https://{hosts}:{port}"
        done = own.shell("doctor", "--json", "--lang", "en", CAUNOI_PUBLIC_URL=url, CAUNOI_DEMO="", **environ)
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert any(r["check"] == "public_address" and r["state"] == state and word in r["why"] for r in rows), done.stdout


class Proxy(BaseHTTPRequestHandler):
    """A proxy that forgets something."""

    def __init__(self, port: int, headers: dict[str, str], *args: object) -> None:
        self.to, self.more = port, headers
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        with closing(HTTPConnection("127.0.0.1", self.to, timeout=10)) as connection:
            connection.request("GET", self.path, headers={"Host": self.headers["Host"], **self.more})
            answer = connection.getresponse()
            body = answer.read()
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        pass


@contextmanager
def forgetful(port: int, **headers: str) -> Iterator[int]:
    make: Callable[..., Proxy] = partial(
        Proxy, port, {name.replace("_", "-"): value for name, value in headers.items()}
    )
    server = ThreadingHTTPServer(("127.0.0.1", 0), make)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("proxies", "headers", "word"),
    [
        ("127.0.0.1", {}, "X-Forwarded-For"),
        ("10.9.9.9", {"X_Forwarded_For": "203.0.113.7"}, "not trusted"),
        ("127.0.0.1", {"X_Forwarded_For": "203.0.113.7", "X_Forwarded_Proto": "https"}, "sees https"),
    ],
)
def test_a_proxy_that_forgets_something(
    hosts: str, tmp_path: Path, proxies: str, headers: dict[str, str], word: str
) -> None:
    product = Product(tmp_path / "home", {"CAUNOI_TRUSTED_PROXIES": proxies, "CAUNOI_ALLOWED_HOSTS": hosts})
    with product, forgetful(product.port, **headers) as port:
        row = found(product, CAUNOI_PUBLIC_URL=f"http://{hosts}:{port}")["public_address"]
        assert row["state"] == "broken" and word in row["why"], row


def test_the_administrators_page_says_the_same(own: Product, person: Callable[..., object]) -> None:
    quan = person(own, "quan")
    page = quan.at("/setup/system?ask=all")  # type: ignore[attr-defined]
    assert page.locator("table code", has_text="sla.sweep").count() == 1
    with frozen(own.children("caunoi.cli worker")):
        time.sleep(45)
        page = quan.at("/setup/system")  # type: ignore[attr-defined]
        assert "worker" in page.inner_text("main").lower()
        assert page.locator(".health.bad").count() == 1
