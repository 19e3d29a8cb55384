"""A province with a primary and a standby that is read from: who reads where, a standby that lags, the loss of each.

Proves: at least 80 % of the public load off the primary; own writes are seen although replay stands still; public
pages, look-ups, boards and own tickets go on without a primary, and say as of when they are; who reads does not wait
behind those who wait for a primary that stands still; so they do where the
product is started without one, and a report is kept; everything comes back by itself"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.cookiejar import CookieJar
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, HTTPRedirectHandler, Request, build_opener

import psutil
import pytest
from cluster import Server, Standby
from stage import PASSWORD, Answer, Person, Product, wait_until

pytestmark = pytest.mark.long
AWAY = "chưa có thông tin mới hơn"
FIELDS = {"what": "text kind", "where": "address", "you": "name consent"}
SETTLED = 12.0  # seconds after which an idle connection has told the server what it did


class Province(Product):
    """With its two servers."""

    primary: Server
    standby: Standby


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Province]:
    with Server(max_connections=100) as primary, Standby(primary) as standby:
        environ = {"DATABASE_URL": primary.url(), "DATABASE_READ_URL": standby.url(), "CAUNOI_DEMO": "1"}
        one = Province(tmp_path_factory.mktemp("replica") / "home", environ)
        one.primary, one.standby = primary, standby
        one.expect("terminating connection", "no primary|not read from|503 for|pool|database away|connection", "hangs")
        with one:
            standby.wait()
            yield one
        assert "declared to only read" not in one.log


class Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


class Visitor:
    """A browser's cookies, without a browser."""

    def __init__(self, province: Product) -> None:
        self.province, self.jar = province, CookieJar()
        self.opener = build_opener(HTTPCookieProcessor(self.jar), Stay)

    def ask(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> Answer:
        body = urlencode(fields).encode() if fields is not None else None
        try:
            with self.opener.open(Request(self.province.address + path, body, headers), timeout=60) as response:
                return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
        except HTTPError as error:
            with error:
                return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())

    @property
    def cookies(self) -> dict[str, str]:
        return {one.name: one.value or "" for one in self.jar}

    def first_step(self) -> str:
        """Where the first page of a report is sent."""
        action = re.search(r'action="(/report/[^"]+/what)"', self.ask("/report").text)
        assert action
        return action[1]

    def report(self, words: str) -> str:
        """A report by the steps of the web; the path of its own page."""
        path = self.first_step()
        known = {"text": words, "kind": "report", "address": "Hẻm 12", "name": "Anh Tư", "consent": "on"}
        while not path.startswith("/f/"):
            fields = {name: value for name, value in known.items() if name in FIELDS.get(path.rpartition("/")[2], "")}
            if version := re.search(r'name="consent_version" value="(\d+)"', self.ask(path).text):
                fields["consent_version"] = version[1]
            answer = self.ask(path, fields)
            assert answer.status == 302, (path, answer.status, re.sub(r"<[^>]+>|\s+", " ", answer.text)[:2000])
            path = answer.headers["location"].partition("?")[0]
        return path

    def sign_in(self, who: str) -> "Visitor":
        page = self.ask("/login").text
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        fields = {"csrfmiddlewaretoken": token[1], "username": who, "password": PASSWORD}
        answer = self.ask("/login", fields, referer=f"{self.province.address}/login")
        assert answer.status == 302, answer.text
        return self


def transactions(server: Server) -> int:
    return int(server.ask("SELECT xact_commit FROM pg_stat_database WHERE datname = 'caunoi'")[0][0])


def public_paths(province: Province) -> list[str]:
    codes = re.findall(r"/p/(\d\d-\d{6}-\d)", province.ask("/register").text)
    procedures = re.findall(r'href="/tthc/([\d.]+)', province.ask("/tthc/?q=khai%20sinh").text)
    assert codes and procedures
    words = ("đèn đường", "rác thải", "ngập nước", "tiếng ồn", "vỉa hè")
    return [
        "/",
        *(f"/register?{urlencode({'q': word})}" for word in words),
        *(f"/p/{code}" for code in codes[:8]),
        *(f"/log/{code}" for code in codes[:4]),
        *(f"/tthc/{code}" for code in procedures[:4]),
        *(f"/tthc/?{urlencode({'q': word})}" for word in words),
        "/agencies/",
        "/log",
        "/open-data",
        "/points.json",
        "/areas.json",
        "/near",
        "/sitemap.xml",
        "/open311/v2/services.json",
        "/open311/v2/requests.json?page_size=20",
        *(f"/open311/v2/requests/{code}.json" for code in codes[:4]),
        "/api/v1/open/tickets?limit=20",
    ]


def test_most_of_the_public_load_is_off_the_primary(province: Province) -> None:
    """Counted by the servers themselves; what the worker does meanwhile is taken off."""
    paths = [path.replace(" ", "%20") for path in public_paths(province)]
    servers = (province.primary, province.standby)

    def spent(seconds: float, requests: list[str]) -> list[float]:
        time.sleep(SETTLED)
        before, began = [transactions(one) for one in servers], time.monotonic()
        with ThreadPoolExecutor(4) as many:
            told = list(many.map(lambda path: (path, province.ask(path, timeout=60).status), requests))
        assert [one for one in told if one[1] != 200] == []
        time.sleep(max(SETTLED, seconds - (time.monotonic() - began)))
        took = time.monotonic() - began
        return [(transactions(one) - count) / took for one, count in zip(servers, before, strict=True)] + [took]

    idle = spent(30, [])
    busy = spent(30, paths * 5)
    primary, standby = (max(0.0, (busy[n] - idle[n]) * busy[2]) for n in (0, 1))
    assert standby > 2 * len(paths), "pages are drawn anew, and read"
    share = standby / (primary + standby)
    print(
        f"{len(paths) * 5} requests: {primary:.0f} transactions on the primary, {standby:.0f} on the other: {share:.0%}"
    )
    assert share >= 0.8


def test_whoever_has_written_sees_it_although_replay_stands_still(province: Province) -> None:
    citizen, other = Visitor(province), Visitor(province)
    report = {
        "api_key": "demo-open311",
        "service_code": province.ask("/open311/v2/services.json").json[0]["service_code"],
        "description": "Ống nước vỡ trước cổng chợ",
        "address_string": "Chợ",
    }
    province.standby.pause()
    try:
        own = citizen.report("Nắp cống vỡ ở đầu hẻm")
        assert re.fullmatch(r"[0-9A-F]+", citizen.cookies["written"])
        assert "Nắp cống vỡ" in citizen.ask(own).text
        assert "Nắp cống vỡ" in other.ask(own).text, "what is not there yet is looked for on the primary"
        sent = other.ask("/open311/v2/requests.json", report)
        assert (sent.status, other.cookies["written"]) == (201, sent.headers["x-written"])
        code = sent.json[0]["service_request_id"]
        assert other.ask(f"/open311/v2/requests/{code}.json?api_key=demo-open311").status == 200
    finally:
        province.standby.resume()
    stranger = Visitor(province)
    assert "Nắp cống vỡ" in stranger.ask(own).text
    province.standby.pause()
    try:
        assert citizen.ask(f"{own}/reply", {"text": "Nước đã tràn vào nhà"}).status == 302
        assert "tràn vào nhà" in citizen.ask(own).text, "at once"
        assert "tràn vào nhà" not in stranger.ask(own).text, "it is the standby that answers others"
        assert "tràn vào nhà" in stranger.ask(own, **{"X-Written": citizen.cookies["written"]}).text
        assert "tràn vào nhà" in stranger.ask(own, **{"X-Passive": "1"}).text, "upon news"
    finally:
        province.standby.resume()
    assert "tràn vào nhà" in stranger.ask(own).text


def test_without_a_primary_everybody_reads_on_and_reads_as_of_when(province: Province) -> None:
    leader = Visitor(province).sign_in("phong")
    operator = Visitor(province).sign_in("lan")
    assert leader.ask("/board/").status == operator.ask("/desk/").status == 200
    code = re.findall(r"/p/(\d\d-\d{6}-\d)", province.ask("/register").text)[0]
    own = Visitor(province).report("Cây đổ chắn đường")
    report = Visitor(province).first_step()
    paths = ["/", "/tthc/", "/tthc/?q=khai%20sinh", "/register", f"/p/{code}", own, "/lookup", "/log"]
    province.standby.wait()
    province.primary.stop()
    try:
        until = time.monotonic() + 25
        while time.monotonic() < until:
            told = {path: province.ask(path) for path in paths}
            assert {path: one.status for path, one in told.items()} == dict.fromkeys(paths, 200)
            if all(AWAY in one.text for one in told.values()):
                break
        else:
            raise AssertionError("nobody says that there is no primary")
        assert {one.headers["cache-control"] for one in told.values()} == {"no-store"}
        assert "+00:00" in told["/"].headers["x-as-of"]
        assert province.ask("/open311/v2/requests.json").status == 200
        board = leader.ask("/board/")
        assert (board.status, AWAY in board.text, 'action="/logout"' in board.text) == (200, True, True)
        assert operator.ask("/").status == 200, "who is signed in reads public pages too"
        assert operator.ask("/desk/").status == 503
        form = province.ask(report, {"text": "Cây đổ chắn đường", "kind": "report"}, form="yes")
        assert (form.status, "Cây đổ chắn đường" in form.text) == (503, True)
        health = province.ask("/health")
        assert (health.status, health.json["state"], health.json["reasons"]) == (200, "degraded", ["primary"])
        assert (province.ask("/health/ready").status, province.ask("/health/reads").status) == (503, 200)
        began = time.monotonic()
        for _ in range(5):
            assert province.ask("/").status == 200
        print(f"a page without a primary: {(time.monotonic() - began) / 5 * 1000:.0f} ms")
    finally:
        province.primary.start()
    wait_until(lambda: province.ask("/health/ready").status == 200, 60, why="the primary is back")
    wait_until(lambda: AWAY not in province.ask("/").text, 60, why="the note is gone")
    assert Visitor(province).report("Cây đổ chắn đường").startswith("/f/")
    assert operator.ask("/desk/").status == 200
    wait_until(lambda: not province.standby.ask("SELECT 1 WHERE pg_last_wal_replay_lsn() IS NULL"), 10)
    province.standby.wait()


def test_who_reads_does_not_wait_behind_those_who_wait_for_a_primary_that_stands_still(province: Province) -> None:
    """Nothing cuts their connections here, so they wait for as long as it does."""
    own = Visitor(province).report("Đường ngập")
    province.standby.wait()
    report = Visitor(province).first_step()
    waiting = [(report, {"text": "Cây đổ", "kind": "report"}), (f"{own}/reply", {"text": "Nước còn dâng"})] * 40
    with ThreadPoolExecutor(len(waiting)) as many:
        _signal(province.primary, signal.SIGSTOP)
        try:
            sent = [many.submit(Visitor(province).ask, *one) for one in waiting]
            time.sleep(2)
            longest, until = dict[str, float](), time.monotonic() + 20
            while time.monotonic() < until:
                for path in ("/lookup", "/", "/register", "/tthc/?q=khai%20sinh", "/health/reads"):
                    began = time.monotonic()
                    assert province.ask(path, timeout=30).status == 200
                    longest[path] = max(longest.get(path, 0.0), time.monotonic() - began)
                time.sleep(0.2)
            print(*(f"{path} took {seconds:.1f} s at most" for path, seconds in longest.items()), sep="\n")
            assert max(longest.values()) < 6, "a search waits as long as others until it is known"
            began = time.monotonic()
            assert province.ask(report, {"text": "Cây đổ", "kind": "report"}, form="yes", timeout=30).status == 503
            assert time.monotonic() - began < 4, "it is known, and said at once"
        finally:
            _signal(province.primary, signal.SIGCONT)
        assert {one.result().status for one in sent} <= {302, 503}
    ready = [f"/health/ready?{n}" for n in range(10)]
    wait_until(
        lambda: {province.ask(path).status for path in ready} == {200}, 60, why="each process knows that it is awake"
    )
    wait_until(lambda: AWAY not in province.ask("/").text, 60, why="the note is gone")
    assert Visitor(province).report("Đường đã rút nước").startswith("/f/")
    province.standby.wait()


def _signal(server: Server, number: signal.Signals) -> None:
    postmaster = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
    for pid in [postmaster, *(one.pid for one in psutil.Process(postmaster).children())]:
        os.kill(pid, number)


def test_a_citizen_reads_on_in_a_browser_and_the_staff_see_how_far_the_standby_is(
    province: Province, person: Callable[..., Person]
) -> None:
    quan, phong = person(province, "quan"), person(province, "phong")
    citizen = person(province, size="phone")
    for one in (quan, phong, citizen):
        one.expect("503", "net::ERR", "Failed to load resource", "WebGL|GPU stall")
    standbys = quan.at("/setup/system").locator("section[aria-labelledby=standbys]")
    assert "127.0.0.1" in standbys.inner_text(), standbys.inner_text()
    quan.shoot("standbys")
    page, board = citizen.at("/"), phong.at("/board/")
    assert page.locator("[data-as-of]").count() == 0
    province.primary.stop()
    try:
        wait_until(lambda: page.reload() and page.locator("[data-as-of]").count(), 30, 1, why="it says as of when")
        citizen.shoot("as-of-home")
        with page.expect_navigation():
            page.locator("main a[href='/tthc/']").first.click()
        page.reload()
        assert page.locator("[data-as-of]").is_visible() and page.locator("h1").is_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.go_back()
        assert page.locator("[data-as-of]").is_visible()
        board.reload()
        assert board.locator("[data-as-of]").is_visible() and board.locator("main h1").is_visible()
        phong.shoot("as-of-board")
        assert quan.page.goto(province.address + "/setup/system").status == 503, "what writes waits"
    finally:
        province.primary.start()
    wait_until(lambda: province.ask("/health/ready").status == 200, 60, why="the primary is back")
    wait_until(lambda: page.reload() and not page.locator("[data-as-of]").count(), 60, 1, why="the note is gone")
    quan.at("/setup/system")
    province.standby.wait()


def test_what_starts_while_there_is_no_primary_answers_who_reads(province: Province) -> None:
    """The host is switched off and on, a process of pages dies, and then there is a primary again."""
    operator = Visitor(province).sign_in("lan")
    own = Visitor(province).report("Cây gãy sau bão")
    province.standby.wait()
    province.stop()
    province.primary.stop()
    try:
        province.start(says="There is no primary.")
        assert (province.ask("/health/ready").status, province.ask("/health/reads").status) == (503, 200)
        paths = ["/", "/tthc/", "/tthc/?q=khai%20sinh", "/register", own, "/lookup"]

        def read() -> bool:
            told = {path: province.ask(path) for path in paths}
            assert {path: one.status for path, one in told.items()} == dict.fromkeys(paths, 200)
            return all(AWAY in one.text for one in told.values())

        wait_until(read, 30, every=1, why="each page says as of when it is")
        assert "Cây gãy sau bão" in province.ask(own).text
        assert operator.ask("/").status == 200 and operator.ask("/desk/").status == 503
        for pid in province.children("caunoi.cli web"):
            os.kill(pid, signal.SIGKILL)

        def again() -> bool:
            with suppress(OSError):
                return province.ask("/register").status == 200
            return False

        wait_until(again, 60, every=1, why="other processes answer")
        short = province.ask("/report/short").text
        assert 'action="/report/short"' in short
        fields = {"text": "Điện giật ở trụ đèn", "consent": "on", "send": "1", "once": "a-start-without-a-primary"}
        kept = Visitor(province).ask("/report/short", fields)
        assert kept.status == 302, kept.text[:2000]
    finally:
        province.primary.start()
    wait_until(lambda: province.ask("/health/ready").status == 200, 60, why="the primary is back")
    numbered = "SELECT count(*) FROM tickets_ticket WHERE text = 'Điện giật ở trụ đèn'"
    wait_until(lambda: province.primary.ask(numbered) == [("1",)], 90, every=1, why="what was kept is numbered")
    assert operator.ask("/desk/").status == 200
    assert Visitor(province).report("Cây đổ chắn đường").startswith("/f/")
    province.standby.wait()


def test_without_the_standby_the_primary_answers_and_the_doctor_says_so(province: Province) -> None:
    assert "caunoi_replica_up" in province.ask("/metrics").text
    province.standby.stop()
    try:
        for _ in range(6):
            assert {province.ask(path).status for path in ("/", "/register", "/tthc/?q=khai%20sinh")} == {200}
        told = province.shell("doctor", "--lang", "en")
        assert "The standby 127.0.0.1" in told.stdout and "cannot be reached" in told.stdout, told.stdout
        assert re.search(r"caunoi_replica_up\{server=\"[^\"]+\"\} 0", province.ask("/metrics").text)
    finally:
        province.standby.start()

    def read() -> bool:
        before = _reads(province)
        province.ask("/register?q=x")
        return _reads(province) > before

    wait_until(read, 40, every=1, why="it is read from again")
    told = province.shell("doctor", "--all", "--lang", "en")
    assert "The standbys that are read from keep up" in told.stdout, told.stdout


def _reads(province: Province) -> float:
    found = re.search(r'caunoi_reads_total\{at="standby"\} ([\d.]+)', province.ask("/metrics").text)
    return float(found[1]) if found else 0.0
