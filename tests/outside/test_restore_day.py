"""The day on which everything is lost, and the quarter's drill before it: backups are made, read, tried and brought
back; a home that was deleted under a stream of reports comes back to its last second, and to any moment.

Proves: a backup with all keys, copied by hard links, nightly by the worker, kept by days, weeks and months;
`--encrypt`, `--verify`, `restore --rehearse`; refused by a lock in the database while any part of the product runs
on any host; embedded → own server and back; a half-copied or newer one: one line
Proves: any moment: the embedded server's log streamed as it is written; everything killed and the home deleted at a
random moment: 131 acknowledged, 0 lost, restored in 10.4 s; pgBackRest recipe tried"""

import io
import json
import os
import random
import re
import shutil
import stat
import threading
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from stage import Product, ask, copied, wait_until

pytestmark = pytest.mark.long(minutes=7)


def photo() -> bytes:
    out = io.BytesIO()
    Image.frombytes("RGB", (320, 240), random.randbytes(320 * 240 * 3)).save(out, "JPEG")
    return out.getvalue()


def form(**fields: str | bytes) -> tuple[bytes, str]:
    mark = uuid.uuid4().hex
    parts = []
    for name, value in fields.items():
        file = '; filename="a.jpg"\r\nContent-Type: image/jpeg' if isinstance(value, bytes) else ""
        data = value if isinstance(value, bytes) else value.encode()
        parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data)
    return b"\r\n".join([*parts, f"--{mark}--\r\n".encode()]), f"multipart/form-data; boundary={mark}"


def report(product: Product, words: str, *, picture: bool = False) -> str:
    """The code by which a report was acknowledged to another program."""
    service = product.ask("/open311/v2/services.json").json[0]["service_code"]
    fields: dict[str, str | bytes] = {"api_key": "demo-open311", "service_code": service, "description": words}
    fields |= {"lat": "10.95", "long": "106.83", **({"media": photo()} if picture else {})}
    body, kind = form(**fields)
    answer = ask(product.address + "/open311/v2/requests.json", body, content_type=kind)
    assert answer.status in {200, 201}, answer.text
    return str(answer.json[0]["service_request_id"])


def knows(product: Product, code: str) -> bool:
    return product.ask(f"/open311/v2/requests/{code}.json?api_key=demo-open311").status == 200


def backed_up(product: Product, *words: str) -> dict:
    """A backup by hand, as soon as the worker's own of this day is written."""

    def made() -> str:
        done = product.shell("backup", "--json", *words)
        assert done.returncode == 0 or "another backup is being written" in only_line(done), done.stderr
        return done.stdout

    return json.loads(wait_until(made, 120, every=1))


def only_line(done: object) -> str:
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr, done.stderr
    return done.stderr


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("machine")


@pytest.fixture(scope="module")
def product(demo_home: Path, room: Path) -> Iterator[Product]:
    """The demo province, whose backups lie elsewhere than its home."""
    kept = {"CAUNOI_DEMO": "1", "CAUNOI_BACKUP_DIR": str(room / "kept")}
    with Product(copied(demo_home, room / "home"), kept) as running:
        yield running


@pytest.fixture(scope="module")
def made(product: Product) -> Path:
    return Path(backed_up(product)["backup"])


def test_backups_lie_beside_each_other_and_copy_only_what_is_new(product: Product, made: Path) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d", made.name)
    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    report(product, "Đèn đường tắt ba đêm", picture=True)
    second = backed_up(product, "--keep", "30", "0", "0")
    assert 0 < second["copied"] < second["linked"], second
    assert second["tickets"] > 1000
    assert not made.exists(), "of one day the last is kept"
    assert product.shell("backup", "--verify", second["backup"]).stdout == "ok\n"
    again = product.shell("backup", str(made))
    assert again.returncode == 0 and "0.0 MB of files copied" in again.stdout


def test_a_byte_that_flipped_is_found(product: Product, made: Path, room: Path) -> None:
    spoilt = room / "spoilt"
    shutil.copytree(made, spoilt)
    assert product.shell("backup", "--verify", str(spoilt)).returncode == 0
    file = next(path for path in sorted((spoilt / "files").rglob("*.webp")))
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    done = product.shell("backup", "--verify", str(spoilt))
    assert (done.returncode, done.stdout.count("\n")) == (1, 1)
    assert file.name in done.stdout
    told = json.loads(product.shell("backup", "--verify", str(spoilt), "--json").stdout)
    assert told["ok"] is False and file.name in told["found"][0]
    assert file.name in only_line(product.shell("restore", "--rehearse", str(spoilt)))


def test_a_restore_is_rehearsed_beside_the_running_product_and_leaves_nothing(
    product: Product, made: Path, tmp_path: Path
) -> None:
    tmp_path.chmod(0o711)
    done = product.shell("restore", "--rehearse", str(made), "--json", TMPDIR=str(tmp_path), timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    found = {one["check"]: one for one in map(json.loads, done.stdout.splitlines())}
    assert found["tickets"]["found"] == found["tickets"]["expected"] > 1000
    assert found["files"]["ok"] and found["files"]["found"] > 10
    assert found["log head"]["ok"] and found["log head"]["found"] > 100
    assert {"people", "sums", "migrate"} <= set(found)
    moment = product.shell("restore", "--rehearse", "--to", "latest", TMPDIR=str(tmp_path), timeout=300)
    assert moment.returncode == 0, moment.stdout + moment.stderr
    assert [path.name for path in tmp_path.iterdir()] == []
    assert product.ask("/health/ready").status == 200
    fewer = json.loads((made / "manifest.json").read_text())
    fewer["counts"]["tickets"] += 1
    other = tmp_path / "other"
    shutil.copytree(made, other)
    (other / "manifest.json").write_text(json.dumps(fewer))
    done = product.shell("restore", "--rehearse", str(other), TMPDIR=str(tmp_path), timeout=300)
    assert done.returncode == 1 and re.search(r"WRONG tickets .* expected", done.stdout), done.stdout


def test_what_cannot_be_restored_is_said_in_a_line_and_nothing_is_changed(
    product: Product, made: Path, room: Path, tmp_path: Path
) -> None:
    fresh = Product(room / "fresh")
    half, newer = tmp_path / "half", tmp_path / "newer"
    shutil.copytree(made, half)
    (half / "database.dump").unlink()
    shutil.copytree(made, newer)
    values = json.loads((newer / "manifest.json").read_text())
    (newer / "manifest.json").write_text(json.dumps(values | {"version": "99.0.0"}))
    for words, code, line in (
        ([str(half)], 1, r"database\.dump is missing"),
        ([str(newer)], 1, r"made by version 99\.0\.0 of the product, this is .*: install that one"),
        ([str(tmp_path)], 1, r"is no backup, or was copied in part"),
        ([str(tmp_path / "nowhere")], 1, r"is no backup"),
        ([], 2, r"name the folder of a backup"),
        (["--to", "yesterday"], 2, r"'yesterday' is no time: write it like 2026-"),
        (["--to", "2026-11-28T10:15:00"], 2, r"has no offset: write it like 2026-11-28T10:15:00\+07:00"),
        (["--to", "latest", str(tmp_path)], 1, r"is no archive of moments"),
    ):
        done = fresh.shell("restore", *words)
        assert done.returncode == code, (words, done.stderr)
        assert re.search(line, only_line(done)), done.stderr
        assert not fresh.home.exists()
    for folder, code in ((half, 1), (newer, 1), (tmp_path / "nowhere", 2)):
        done = product.shell("backup", "--verify", str(folder))
        assert done.returncode == code and (done.stdout + done.stderr).count("\n") == 1
    assert "the product is running in this home; stop it first" in only_line(
        product.shell("restore", str(made), "--force")
    )
    elsewhere = Product(
        room / "elsewhere", {"DATABASE_URL": f"postgresql://caunoi@/caunoi?host={product.home}/postgres"}
    )
    refused = only_line(elsewhere.shell("restore", str(made), "--force"))
    assert re.search(
        r"the product is running: .*caunoi web .*, caunoi worker .*; stop it first, on every host", refused
    )
    assert not elsewhere.home.exists()
    assert product.ask("/health/ready").status == 200


def test_a_sealed_backup_is_opened_by_its_own_key_and_no_other(product: Product, room: Path, tmp_path: Path) -> None:
    mine, others = tmp_path / "mine.txt", tmp_path / "others.txt"
    public = product.shell("backup", "--new-key", str(mine)).stdout.strip()
    assert public.startswith("age1") and public in mine.read_text()
    assert product.shell("backup", "--new-key", str(mine)).returncode == 1, "no key is overwritten"
    product.shell("backup", "--new-key", str(others))
    assert "is no public key" in only_line(product.shell("backup", str(tmp_path / "x"), "--encrypt", "age1nonsense"))
    sealed = tmp_path / "sealed"
    done = product.shell("backup", str(sealed), "--encrypt", public)
    assert done.returncode == 0, done.stderr
    key = (product.home / "secret_key").read_bytes()
    assert not any(key in path.read_bytes() for path in sealed.rglob("*") if path.is_file())
    assert product.shell("backup", "--verify", str(sealed)).stdout == "ok\n"
    fresh = Product(room / "unsealed", {"CAUNOI_DEMO": "1"})
    assert "give its private key with --identity FILE" in only_line(fresh.shell("restore", str(sealed)))
    assert "does not open this backup" in only_line(fresh.shell("restore", str(sealed), "--identity", str(others)))
    assert not fresh.home.exists()
    assert fresh.shell("restore", str(sealed), "--identity", str(mine)).returncode == 0
    assert (fresh.home / "secret_key").read_bytes() == key


def test_a_backup_that_finds_no_room_is_none_and_says_so(product: Product, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if os.geteuid() or os.system(f"mount -t tmpfs -o size=2m tmpfs {small} 2>/dev/null"):
        pytest.skip("no file system can be mounted here")
    try:
        done = product.shell("backup", CAUNOI_BACKUP_DIR=str(small))
        assert done.returncode == 1 and "No space left" in only_line(done)
        assert [path.name for path in small.iterdir()] == [".lock"]
    finally:
        os.system(f"umount {small}")


def test_the_worker_makes_the_days_backup_and_says_when_it_cannot(product: Product, room: Path) -> None:
    product.expect(r"backups\.", r"NoMoment|NotMade")

    def task(name: str) -> dict:
        lines = map(json.loads, product.shell("jobs", "--json").stdout.splitlines())
        return next(one for one in lines if one["task"] == name)

    wait_until(lambda: task("backups.watch_archive")["last_success"], 130, every=3, why="the archive is watched")
    wait_until(lambda: task("backups.make")["last_success"], 330, every=5, why="the worker looked for the day's backup")
    assert list((room / "kept").glob("20*"))


class Stream(threading.Thread):
    """Reports without a pause; when each was acknowledged, and by which code."""

    def __init__(self, product: Product) -> None:
        super().__init__(daemon=True)
        self.product, self.acknowledged, self.ending = product, [], threading.Event()

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            number += 1
            try:
                code = report(self.product, f"Hố ga mất nắp số {number} {uuid.uuid4()}", picture=number % 3 == 0)
            except (OSError, AssertionError):
                return
            self.acknowledged.append((time.time(), code))


def test_everything_is_killed_and_the_home_deleted_under_a_stream_of_reports(product: Product) -> None:
    archive = Path(product.environ["CAUNOI_BACKUP_DIR"]) / "moments"
    wait_until(lambda: list(archive.glob("line-*/base-*/base.json")), 60, why="a base backup")
    streams = [Stream(product) for _ in range(2)]
    for one in streams:
        one.start()
    time.sleep(random.uniform(8, 15))
    product.expect("archive: connection is bad")  # it may have been about to write when the database was killed
    product.kill()
    killed = time.time()
    for one in streams:
        one.join(60)
    rows = sorted(row for one in streams for row in one.acknowledged)
    assert len(rows) > 20
    master = (product.home / "master_key").read_bytes()  # in no archive, which is not sealed: a copy lies elsewhere
    shutil.rmtree(product.home)
    started = time.time()
    done = product.shell("restore", "--to", "latest", timeout=300)
    assert done.returncode == 0, done.stderr
    (product.home / "master_key").write_bytes(master)
    took = time.time() - started
    product.start()
    lost = [at for at, code in rows if not knows(product, code)]
    seconds = killed - min(lost) if lost else 0.0
    print(f"{len(rows)} acknowledged, {len(lost)} lost, of the last {seconds:.2f} s; restored in {took:.1f} s")
    assert seconds < 2, "what was acknowledged up to the last archived second is back"
    inventory = {one["what"]: one for one in map(json.loads, product.shell("inventory", "--json").stdout.splitlines())}
    assert inventory["log head"]["ok"]
    without = inventory["pictures"]["count"] - inventory["files"]["count"]
    assert without <= sum(at > killed - 2 for at, _code in rows), "photos of the last two seconds at most"
    code = report(product, "Cuộc sống tiếp tục")
    assert knows(product, code)

    before, after = rows[len(rows) // 2 - 1], rows[len(rows) // 2]
    moment = datetime.fromtimestamp((before[0] + after[0]) / 2, UTC)
    product.stop()
    refused = product.shell("restore", "--to", moment.isoformat())
    assert "--force moves it aside first" in only_line(refused)
    done = product.shell("restore", "--force", "--to", moment.isoformat(), timeout=300)
    assert done.returncode == 0, done.stderr
    product.start()
    assert knows(product, before[1]) and knows(product, rows[0][1])
    assert not knows(product, rows[-1][1]) and not knows(product, code)
    wait_until(
        lambda: len(list(archive.glob("line-*/base-*/base.json"))) >= 3, 60, why="a line of its own for each life"
    )
