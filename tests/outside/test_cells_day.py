"""Several provinces and the ministry's control plane: a folder, a web server that shows files, two installations.

Proves: cells are added with a key to compare by telephone, and listed with health, release and what they lack; one that
is down is a row with the reason; editions of special days and procedures reach two provinces, are looked at by an
administrator or come in by themselves, and can be taken back; a forged one, an older one, a shortened one and one by
another key are refused and said; figures of all are counted from what each publishes, and who is missing is named"""

import csv
import io
import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from stage import CHECKOUT, SECRET, Person, Product, ask, bare, free_port, send, staffed, wait_until

pytestmark = [pytest.mark.long(minutes=9), pytest.mark.timeout(2400)]
DAYS = "day,kind,name\n2031-02-03,off,Nghỉ bù thử\n"
DEMO, OTHER = "75", "82"  # provinces
PROCEDURE = {
    "ma_thu_tuc": "9.999901",
    "ten_thu_tuc": "Cấp giấy phép thử vùng",
    "so_quyet_dinh": "10/QĐ-THU",
    "cap_thuc_hien": "Cấp xã",
    "loai_thu_tuc": "Loại khác",
    "linh_vuc": "Hộ tịch",
    "doi_tuong_thuc_hien": "Công dân Việt Nam",
    "detail_url": "https://example.org/9.999901",
    "co_quan_thuc_hien": "Ủy ban nhân dân cấp xã",
    "trinh_tu_thuc_hien": "Bước 1: Nộp hồ sơ.",
    "yeu_cau_dieu_kien": "Không có thông tin",
    "ket_qua_xu_ly": "Giấy phép",
    "_agency_dir": "bo-thu",
}


@dataclass
class Plane:
    """The ministry's folder, and the address at which a web server shows its public part."""

    folder: Path
    address: str
    key: str = ""

    def run(self, *words: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """`caunoi cells …` in a bare shell, with no home that anything is in."""
        where = [] if words[0] == "init" else ["--folder", str(folder or self.folder)]
        return subprocess.run(
            [CHECKOUT / "bin" / "caunoi", "cells", *words, *where, "--lang", "en"],
            env=bare(self.folder.parent / "nobody"),
            capture_output=True,
            text=True,
            timeout=300,
        )

    def do(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0 and "Traceback" not in done.stderr, done.stdout + done.stderr
        return done.stdout

    def listed(self) -> dict[str, dict[str, Any]]:
        done = self.run("list", "--json")
        assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
        rows = {row["code"]: row for row in map(json.loads, done.stdout.splitlines())}
        well = all(row["state"] == "ok" and row["newest"] and row["key"] == "same" for row in rows.values())
        assert done.returncode == (0 if well else 1), rows
        return rows


@dataclass
class Country:
    plane: Plane
    demo: Product
    other: Product
    quan: Person  # of the other province

    def place(self, code: str) -> Product:
        return {DEMO: self.demo, OTHER: self.other}[code]

    def holds(self, code: str) -> dict[str, Any]:
        held: dict[str, Any] = self.place(code).ask("/cell.json").json
        return held


@pytest.fixture(scope="module")
def country(browser: Browser, demo: Product, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    folder, port = tmp_path_factory.mktemp("ministry"), free_port()
    plane = Plane(folder / "plane", f"http://127.0.0.1:{port}/cells")
    plane.key = plane.do("init", str(plane.folder)).splitlines()[1]
    (folder / "shown").mkdir()
    (folder / "shown" / "cells").symlink_to(plane.folder / "public")
    words = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "--directory", folder / "shown"]
    server = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: answers(plane.address), 20)
        with staffed(tmp_path_factory.mktemp("other"), browser, {}) as (other, quan):
            yield Country(plane, demo, other, quan)
    finally:
        server.terminate()
        server.wait(10)


def answers(address: str) -> bool:
    try:
        return ask(f"{address}/").status == 200
    except OSError:
        return False


def name_plane(quan: Person, plane: Plane, *, key: str = "", alone: bool = False) -> None:
    """An administrator names the control plane."""
    send(quan.at("/setup/options/plane_address"), value=plane.address)
    send(quan.at("/setup/options/plane_key"), value=key or plane.key)
    if alone:
        quan.at("/setup/options/plane_automatic").check("[name=value]", force=True)
        send(quan.page)


def look(quan: Person) -> None:
    """The administrator has the control plane asked now."""
    quan.at("/setup/cells/")
    with quan.page.expect_navigation():
        quan.page.click("form[action$='/cells/fetch'] button")


@pytest.fixture
def admins(country: Country, person: Callable[..., Person]) -> dict[str, Person]:
    """Just signed in: what they do here asks for a fresh proof."""
    country.quan.sign_out()
    country.quan.sign_in("quan", SECRET)
    return {DEMO: person(country.demo, "quan"), OTHER: country.quan}


def test_provinces_are_added_and_their_keys_compared(country: Country, admins: dict[str, Person]) -> None:
    plane = country.plane
    for code in (DEMO, OTHER):
        told = plane.do("add", code, country.place(code).address)
        mark = admins[code].at("/setup/cells/").inner_text("[data-mark]").strip()
        admins[code].shoot("cells-before")
        assert mark and mark in told, told
    wrong = plane.run("add", "01", country.demo.address)
    assert wrong.returncode == 2 and wrong.stderr.count("\n") == 1 and "75" in wrong.stderr, wrong.stderr
    assert not (plane.folder / "public" / "catalogue.json").exists(), "nothing is shown before it is signed"
    plane.do("sign")
    shown = ask(f"{plane.address}/catalogue.json").json
    assert [one["code"] for one in shown["cells"]] == [DEMO, OTHER] and shown["number"] == 1
    rows = plane.listed()
    assert {code: row["behind"] for code, row in rows.items()} == {DEMO: ["catalogue"], OTHER: ["catalogue"]}
    assert {row["version"] for row in rows.values()} == {country.demo.ask("/health/live").json["version"]}


def test_two_provinces_follow_the_control_plane(country: Country, admins: dict[str, Person]) -> None:
    for code, quan in admins.items():
        name_plane(quan, country.plane, alone=code == DEMO)
        look(quan)
        wait_until(lambda code=code: country.holds(code)["catalogue"] == 1, 120, why=f"{code} holds the catalogue")
    wait_until(lambda: all(row["newest"] for row in country.plane.listed().values()), 60)


def test_an_edition_reaches_both_one_looks_at_it_the_other_does_not(
    country: Country, admins: dict[str, Person], tmp_path: Path
) -> None:
    plane = country.plane
    (tmp_path / "ngay-nghi.csv").write_text(DAYS, "utf-8")
    (tmp_path / "thu-tuc.jsonl").write_text(json.dumps(PROCEDURE, ensure_ascii=False) + "\n", "utf-8")
    plane.do("edition", "holidays", str(tmp_path / "ngay-nghi.csv"), "--note", "Theo quyết định thử")
    plane.do("edition", "procedures", str(tmp_path / "thu-tuc.jsonl"), "--keep")
    plane.do("sign")
    for code, quan in admins.items():
        look(quan)
        wait_until(lambda code=code: country.holds(code)["editions"] == {"holidays": 1, "procedures": 1}, 120)
    demo, quan = admins[DEMO], admins[OTHER]
    path = "/tthc/9.999901"
    wait_until(lambda: country.demo.ask(path).status == 200, 60, why="it came in by itself")
    assert country.other.ask(path).status == 404, "here nobody has looked yet"
    states = demo.at("/setup/cells/").locator("tbody .badge").all_inner_texts()
    assert states == ["đã đưa vào"] * 2, states
    demo.shoot("cells-own")

    page = quan.at("/setup/system")
    assert "Dữ liệu dùng chung" in page.inner_text("main"), "what waits is said"
    page = quan.at("/setup/cells/")
    assert "Theo quyết định thử" in page.inner_text("main")
    quan.shoot("cells-waiting")
    with page.expect_navigation():
        page.locator("tr", has_text="Theo quyết định thử").locator("a").click()
    quan.shoot("cells-difference")
    assert "03/02/2031" in page.inner_text("main") and "Nghỉ bù thử" in page.inner_text("main")
    with page.expect_navigation():
        page.click("button[value=bring_in]")
    page = quan.at("/setup/cells/")
    with page.expect_navigation():
        page.locator("tr a").first.click()  # the procedures, which came last
    assert "/procedures/imports/" in page.url and "9.999901" in page.inner_text("main"), page.inner_text("main")
    with page.expect_navigation():
        page.click("button[value=apply]")
    wait_until(lambda: country.other.ask(path).status == 200, 60)
    wait_until(lambda: all(row["newest"] for row in plane.listed().values()), 60)


def test_what_was_brought_in_is_taken_back(country: Country, admins: dict[str, Person]) -> None:
    quan = admins[OTHER]
    page = quan.at("/setup/cells/")
    with page.expect_navigation():
        page.locator("tr", has_text="Theo quyết định thử").locator("a").click()
    with page.expect_navigation():
        page.click("button[value=undo]")
    assert "đã hoàn tác" in page.inner_text("main")
    quan.shoot("cells-undone")


def test_what_is_false_is_refused_and_said(country: Country, admins: dict[str, Person], tmp_path: Path) -> None:
    plane, quan, public = country.plane, admins[OTHER], country.plane.folder / "public"
    right, before = tmp_path / "right", country.holds(OTHER)
    shutil.copytree(public, right)

    def put(folder: Path) -> None:
        for path in public.rglob("*"):
            if path.is_file():
                path.unlink()
        shutil.copytree(folder, public, dirs_exist_ok=True)

    def refused(why: str) -> None:
        look(quan)
        wait_until(lambda: why in told(), 120, every=1, why=why)
        held = country.holds(OTHER)
        assert (held["catalogue"], held["editions"]) == (before["catalogue"], before["editions"])
        doctor = country.other.shell("doctor", "--lang", "en")
        assert why in doctor.stdout and "Traceback" not in doctor.stderr, doctor.stdout
        assert why in quan.at("/setup/system").inner_text("main")
        put(right)
        look(quan)
        wait_until(lambda: why not in told(), 120, every=1, why="and is well again")

    def told() -> str:
        quan.at("/setup/cells/")
        return quan.text()

    forged = json.loads((public / "catalogue.json").read_text())
    forged["number"] += 1
    forged["cells"][0]["address"] = "https://stranger.example"
    (public / "catalogue.json").write_text(json.dumps(forged))
    refused("not signed by the key")

    stranger = tmp_path / "stranger"
    for words in (["init", str(stranger)], *[["sign"]] * 5):
        done = plane.run(*words, folder=stranger)
        assert done.returncode == 0, done.stderr
    put(stranger / "public")
    refused("not signed by the key")

    old = tmp_path / "old"
    shutil.copytree(right, old)
    plane.do("sign")
    shutil.rmtree(right)
    shutil.copytree(public, right)
    look(quan)
    wait_until(lambda: country.holds(OTHER)["catalogue"] == before["catalogue"] + 1, 120)
    before["catalogue"] += 1
    put(old)
    refused("older than")

    (tmp_path / "ngay-nghi-2.csv").write_text(DAYS + "2031-02-04,off,Thêm một ngày\n", "utf-8")
    plane.do("edition", "holidays", str(tmp_path / "ngay-nghi-2.csv"))
    plane.do("sign")
    shutil.rmtree(right)
    shutil.copytree(public, right)
    file = public / "holidays" / "2" / "ngay-nghi-2.csv"
    file.write_bytes(file.read_bytes()[:-9])
    look(quan)
    wait_until(lambda: "is not what edition 2" in told(), 120, every=1)
    assert country.holds(OTHER)["editions"] == before["editions"], "shortened, it was not taken"
    put(right)
    look(quan)
    wait_until(lambda: country.holds(OTHER)["editions"]["holidays"] == 2, 120, why="whole, it is")


def test_figures_are_counted_from_what_each_publishes_and_who_is_missing_is_named(
    country: Country, tmp_path: Path
) -> None:
    """An installation makes its first open data within ten minutes."""
    wait_until(lambda: country.demo.ask("/open-data/tickets.csv").status == 200, 700, every=5)
    country.quan.page.goto("about:blank")  # whose page would complain that nobody answers it any more
    country.other.stop()
    rows = country.plane.listed()
    assert rows[OTHER]["state"] == "silent" and "cannot be reached" in rows[OTHER]["why"]
    assert rows[DEMO]["state"] in {"ok", "degraded"} and rows[DEMO]["version"]
    out = tmp_path / "figures.csv"
    done = country.plane.run("figures", "--out", str(out))
    assert done.returncode == 1 and f"not in it: {OTHER}" in done.stderr, done.stderr
    table = list(csv.DictReader(io.StringIO(out.read_text("utf-8-sig"))))
    published = list(csv.DictReader(io.StringIO(country.demo.ask("/open-data/tickets.csv").text)))
    assert published and {row["code"] for row in table} == {DEMO}
    counted = [row for row in published if row["state"] not in ("refused", "merged")]
    months = Counter(row["received"][:7] for row in counted)
    assert {row["month"]: int(row["published"]) for row in table} == months
    handled = Counter(row["received"][:7] for row in counted if row["status"] == "closed")
    assert {row["month"]: int(row["handled"]) for row in table if int(row["handled"])} == handled
    on_time = [row for row in counted if row["status"] == "closed" and row["late"].lower() == "false"]
    assert sum(int(row["on_time"]) for row in table) == len(on_time) > 0
    assert all(row["as_of"] for row in table)
