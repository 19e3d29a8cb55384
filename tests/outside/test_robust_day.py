"""A bad day: workers are killed at the wrong second, and one laptop tries to stop the whole hotline.

Proves: a killed worker's jobs run again, every periodic task killed at each statement, failed reactions listed with
retry and dismissal (O1, K2, K3)
Proves: bodies with deadlines, signature first, pictures in a bounded process (S3)"""

import http.client
import io
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from statistics import median

import pytest
from PIL import Image
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

MINUTELY = {"sla.sweep", "conversations.recover", "directives.late_orders", "imports.go_on", "reports.watch_alerts"}
PAGES = ("/", "/health/live", "/login")
SLACK = 1.0  # seconds


def jobs(product: Product) -> dict[str, dict]:
    asked = product.shell("jobs", "--json")
    assert asked.returncode in {0, 1}, asked.stderr
    return {one["task"]: one for one in map(json.loads, asked.stdout.splitlines())}


def test_jobs_are_told_to_people_and_programs(demo: Product) -> None:
    def begun() -> dict[str, dict]:
        found = jobs(demo)
        return found if all(found[name]["last_success"] for name in MINUTELY) else {}

    found = wait_until(begun, 100, every=3)
    keys = {"task", "every", "last_success", "took", "running_since", "failures", "next"}
    assert len(found) > 15 and all(keys <= set(one) for one in found.values())
    assert {found[name]["every"] for name in MINUTELY} == {60}
    assert demo.shell("jobs").returncode == 0 and "sla.sweep" in demo.shell("jobs").stdout
    assert demo.shell("jobs", "nonsense").returncode == 2


@pytest.mark.long
def test_whatever_is_killed_at_the_unlucky_second_runs_again_within_two_minutes(demo: Product) -> None:
    demo.expect(r"ended \(SIGKILL\)", r"worker of .* died")
    for after in (0.6, 0.8):
        wait_until(lambda moment=after: time.time() % 60 - moment > 0 > time.time() % 60 - moment - 0.1, 70, every=0.01)
        for worker in demo.children("caunoi.cli worker"):
            os.kill(worker, signal.SIGKILL)
        killed = time.time()

        def again(since: float = killed) -> bool:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since + 7 * 3600))
            return all(one["last_success"] > stamp for name, one in jobs(demo).items() if name in MINUTELY)

        wait_until(again, 130, every=3, why="every task has run again since the worker was killed")
    assert demo.shell("jobs").returncode == 0


@contextmanager
def calm(product: Product) -> Iterator[list[float]]:
    """Asks for pages all the while; what each took, in seconds."""
    took: list[float] = []
    ending = threading.Event()

    def visit() -> None:
        while not ending.is_set():
            for path in PAGES:
                connection = http.client.HTTPConnection("127.0.0.1", product.port, timeout=30)
                begun = time.monotonic()
                try:
                    connection.request("GET", path)
                    connection.getresponse().read()
                    took.append(time.monotonic() - begun)
                except OSError:
                    took.append(30.0)
                finally:
                    connection.close()

    visitor = threading.Thread(target=visit)
    visitor.start()
    try:
        yield took
    finally:
        ending.set()
        visitor.join(60)


def measured(took: list[float], seconds: float = 4) -> float:
    """The median of some seconds from now."""
    begun = len(took)
    end = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > end and len(took) > begun + 8, 90, why="pages answer")
    return median(took[begun:])


def test_forty_stuck_senders_change_nothing_for_others(demo: Product) -> None:
    with calm(demo) as took, ExitStack() as sockets:
        quiet = measured(took)
        for number in range(40):
            stuck = sockets.enter_context(socket.create_connection(("127.0.0.1", demo.port), 10))
            path = ("/report/abcdefgh/what", "/login", "/hooks/zalo/", "/open311/v2/requests.json")[number % 4]
            stuck.sendall(
                f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\ntext=".encode()
            )
        assert measured(took) < 3 * quiet + SLACK
        stuck.settimeout(60)
        assert b" 408 " in stuck.recv(200), "in the end they are told that nobody waits any longer"


def test_connections_that_ask_nothing_are_closed(demo: Product) -> None:
    with ExitStack() as sockets:
        idle = [sockets.enter_context(socket.create_connection(("127.0.0.1", demo.port), 60)) for _ in range(20)]
        for half in idle[::2]:
            half.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        assert {one.recv(100) for one in idle} == {b""}


def test_forged_webhooks_of_megabytes_change_nothing_for_others(demo: Product) -> None:
    body = json.dumps({"event_name": "user_send_text", "all": [[{"a": [1, "ă"]}] for _ in range(155_000)]}).encode()
    assert 3_700_000 < len(body) < 4_000_000
    answers: list[int] = []
    ending = threading.Event()

    def forge() -> None:
        while not ending.is_set():
            with suppress(OSError):  # a connection that was dropped: whoever forges may wait for an answer
                answers.append(demo.ask("/hooks/zalo/", body, x_zevent_signature="mac=" + "0" * 64, timeout=60).status)

    with calm(demo) as took:
        quiet = measured(took)
        forgers = [threading.Thread(target=forge) for _ in range(4)]
        for forger in forgers:
            forger.start()
        try:
            assert measured(took) < 6 * quiet + SLACK
        finally:
            ending.set()
            for forger in forgers:
                forger.join(90)
    assert set(answers) == {403}


def bomb() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (7700, 7670)).save(out, "PNG")
    return out.getvalue()


def memory(product: Product) -> int:
    """Bytes that all processes of the product hold."""
    total = 0
    for pid in product.children("caunoi"):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as told:
                total += int(re.search(r"Pss:\s+(\d+)", told.read())[1]) * 1024
        except OSError:
            pass
    return total


def photos_form(citizen: Person) -> tuple[str, dict[str, str]]:
    """Where a citizen who has begun a report sends photos, and as whom."""
    page = citizen.at("/report")
    page.fill("[name=text]", "Đèn đường trước chợ không sáng")
    with page.expect_navigation():
        page.locator("form:has([name=text])").evaluate("form => form.requestSubmit()")
    citizen.at(re.sub(r"/[a-z]+/?$", "/photos", citizen.path))
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in citizen.context.cookies())
    return citizen.path, {"Cookie": cookies, "Accept-Language": "en", "Origin": citizen.address}


def form_data(token: str, picture: bytes) -> tuple[str, bytes]:
    mark = "----drill"
    lines = [
        f'--{mark}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n',
        f'--{mark}\r\nContent-Disposition: form-data; name="photos"; filename="a.png"\r\n',
        "Content-Type: image/png\r\n\r\n",
    ]
    return f"multipart/form-data; boundary={mark}", "".join(lines).encode() + picture + f"\r\n--{mark}--\r\n".encode()


def test_a_picture_of_fifty_nine_megapixels_costs_nothing(demo: Product, person: Callable[..., Person]) -> None:
    citizen = person(demo)
    photos, headers = photos_form(citizen)
    assert photos.endswith("/photos")
    token = citizen.page.locator("[name=csrfmiddlewaretoken]")
    kind, body = form_data(token.first.input_value() if token.count() else "", bomb())
    headers["Content-Type"] = kind
    before, most, ending = memory(demo), [0], threading.Event()

    def watch() -> None:
        while not ending.wait(0.05):
            most[0] = max(most[0], memory(demo))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        with calm(demo) as took:
            quiet = measured(took)
            senders = []
            for _ in range(4):
                sender = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=90)
                sender.request("POST", photos, body, headers)
                senders.append(sender)
            assert measured(took) < 6 * quiet + SLACK
            pages = [sender.getresponse() for sender in senders]
            said = [page.read().decode() for page in pages]
            for sender in senders:
                sender.close()
    finally:
        ending.set()
        watcher.join(10)
    assert {page.status for page in pages} == {422}
    assert all("too many pixels" in page or "just now" in page for page in said), "refused, or asked to come again"
    assert any("too many pixels" in page for page in said)
    assert most[0] - before < 400_000_000, f"{(most[0] - before) / 1e6:.0f} MB more"
