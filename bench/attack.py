"""One laptop against the hotline: what the others notice, each in one run beside an undisturbed one.

Budget: 200 slow bodies and 200 slow headers, four pictures of 59 megapixels at once, forged webhooks of 3.7 MB on eight
connections and a flood of browsing: p95 of the others at most doubled (of the staff, in the flood), at most 50 MB more
memory (100 with pictures), at most 200 MB and 2 s in the pictures' sandbox; of 1,000 look-ups of one ticket from 100
addresses at most 10 answered; of a sign-in spray over 500 names at most 30 tried, and a right password from elsewhere
enters. Writes bench/out/attack.json.
"""

import asyncio
import io
import json
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psutil
from PIL import Image

from bench import open311, product
from bench.load import answer

TIMES, MEMORY, PICTURES_MEMORY, SANDBOX, SANDBOX_SECONDS = 2.0, 50e6, 100e6, 200e6, 2.0
LOOKUPS, TRIES = 10, 30
SECONDS, RATE, ROUNDS = 6.0, 30.0, 3
ATTACKER = "127.0.0.66"
FLOOR = 5.0  # ms: below it a doubled p95 is noise of the clock
FORM = "application/x-www-form-urlencoded"
PICTURES = {
    "a JPEG of 59 megapixels": ("JPEG", (7700, 7670)),
    "a PNG of 32 megapixels": ("PNG", (5650, 5650)),  # no larger one is decoded
    "a PNG of 59 megapixels": ("PNG", (7700, 7670)),
}
CITIZENS = ["GET / HTTP/1.1", "GET /register HTTP/1.1", "GET /open311/v2/services.json HTTP/1.1"]
STAFF = ["GET /api/v1/tickets?limit=5 HTTP/1.1\r\nAuthorization: Bearer demo-api-tam"]


def others(requests: list[str]) -> dict[str, Any]:
    """A small mixed load of pages and API."""
    return product.load(seconds=SECONDS, clients=4, requests=[f"{one}\r\n\r\n" for one in requests], rate=RATE)


async def _open() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", product.PORT, local_addr=(ATTACKER, 0), limit=2**22)


async def slow(head: str) -> None:
    """Two hundred connections that send the beginning of a request, and a byte now and then."""

    async def one() -> None:
        while True:
            with suppress(OSError):
                _, writer = await _open()
                writer.write(head.encode())
                while not writer.is_closing():
                    await asyncio.sleep(2)
                    writer.write(b"a")

    await asyncio.gather(*(one() for _ in range(200)))


async def again(count: int, head: str, body: bytes) -> None:
    """So many connections that send a request again and again."""
    request = f"{head}\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body

    async def one() -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await _open()
                while True:
                    writer.write(request)
                    await writer.drain()
                    await answer(reader)

    await asyncio.gather(*(one() for _ in range(count)))


def webhook() -> bytes:
    body = json.dumps({"event_name": "user_send_text", "all": [[{"a": [1, "ă"]}] for _ in range(155_000)]}).encode()
    assert 3_700_000 < len(body) < 4_000_000
    return body


def picture(name: str) -> bytes:
    """One of PICTURES."""
    out = io.BytesIO()
    form, size = PICTURES[name]
    Image.new("RGB", size).save(out, form)
    return out.getvalue()


def photos(data: bytes) -> tuple[str, bytes]:
    """A picture as a citizen who has begun a report sends it."""
    words = urlencode({"text": "Ổ gà trước cổng chợ", "kind": "report"})
    _, headers = _ask("POST", "/report/abcdefgh/what", words, {"Content-Type": FORM})
    place = re.match(r"/report/[^/]+", headers["location"])
    assert place
    part = 'Content-Disposition: form-data; name="photos"; filename="a"\r\nContent-Type: image/png'
    body = f"--x\r\n{part}\r\n\r\n".encode() + data + b"\r\n--x--\r\n"
    cookie = headers["set-cookie"].partition(";")[0]
    head = f"POST {place[0]}/photos HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nCookie: {cookie}"
    return head, body


def attack(name: str) -> Coroutine[Any, Any, None]:
    wrong = "X-ZEvent-Signature: mac=" + "0" * 64 + "\r\nX-Hub-Signature-256: sha256=" + "0" * 64
    match name:
        case "slow bodies":
            return slow("POST /report/abcdefgh/what HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\ntext=")
        case "slow headers":
            return slow("GET / HTTP/1.1\r\nX-Slow: ")
        case "forged zalo":
            return again(8, f"POST /hooks/zalo/ HTTP/1.1\r\n{wrong}", webhook())
        case "forged facebook":
            return again(8, f"POST /hooks/facebook/ HTTP/1.1\r\n{wrong}", webhook())
    if name in PICTURES:
        return again(4, *photos(picture(name)))
    return again(64, "GET /register?q=rac HTTP/1.1", b"")


@contextmanager
def attacking(name: str) -> Iterator[None]:
    """In a process of its own, as the attacker has."""
    child = subprocess.Popen(product.command("bench.attack", name), env=product.environment())
    time.sleep(2)
    try:
        yield
    finally:
        child.kill()
        child.wait()


def _memory(web: list[psutil.Process]) -> int:
    return sum(one.memory_info().rss for one in web)


def _ask(
    method: str, path: str, body: str = "", headers: dict[str, str] | None = None, source: str = "127.0.0.1"
) -> tuple[int, dict[str, str]]:
    line = HTTPConnection("127.0.0.1", product.PORT, timeout=60, source_address=(source, 0))
    line.request(method, path, body or None, headers or {})
    reply = line.getresponse()
    reply.read()
    line.close()
    return reply.status, {name.lower(): value for name, value in reply.getheaders()}


def look_up() -> Counter[int]:
    """A thousand times the state of one ticket, by its right number, from a hundred addresses."""
    line = HTTPConnection("127.0.0.1", product.PORT, timeout=60)
    line.request("GET", "/open311/v2/services.json")
    service = json.loads(line.getresponse().read())[0]["service_code"]
    phone = f"09{time.time_ns() // 1_000_000_000 % 10**8:08}"  # nobody has asked about it in this hour
    fields = {**open311.FIELDS, "service_code": service, "phone": phone}
    posted = open311.request("/open311/v2/requests.json", **fields)
    head, _, form = posted.partition("\r\n\r\n")
    line.request("POST", head.split()[1], form.replace("{n}", "1").encode(), {"Content-Type": FORM})
    code = json.loads(line.getresponse().read())[0]["service_request_id"]
    words = urlencode({"code": code, "phone": phone})
    every = (f"127.0.1.{n % 100 + 1}" for n in range(1000))
    return Counter(_ask("POST", "/lookup", words, {"Content-Type": FORM}, source)[0] for source in every)


def enter(name: str, password: str, source: str) -> int:
    _, headers = _ask("GET", "/login", source=source)
    token = SimpleCookie(headers["set-cookie"])["csrftoken"].value
    words = urlencode({"username": name, "password": password, "csrfmiddlewaretoken": token})
    more = {"Content-Type": FORM, "Cookie": f"csrftoken={token}", "Referer": f"http://127.0.0.1:{product.PORT}/login"}
    return _ask("POST", "/login", words, more, source)[0]


def _sandboxes(web: list[psutil.Process]) -> list[psutil.Process]:
    return [child for one in web for child in one.children() if "caunoi.files.develop" in " ".join(child.cmdline())]


def _peak(process: psutil.Process) -> int:
    """Bytes of real memory that it had at most."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def sandbox_time(data: bytes) -> float:
    """Seconds from sending a picture to its answer, once the sandbox runs."""
    head, body = photos(data)
    path = head.split()[1]
    names = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    for _ in range(2):
        line, begun = HTTPConnection("127.0.0.1", product.PORT, timeout=60), time.perf_counter()
        line.request("POST", path, body, names)
        line.getresponse().read()
        took = time.perf_counter() - begun
    return took


class Report:
    """The figures, and whether each is within its bar."""

    def __init__(self) -> None:
        self.figures: dict[str, Any] = {}
        self.good = True

    def add(self, name: str, value: Any, good: bool, bar: str) -> None:
        self.figures[name] = value
        self.good &= good
        print(f"{name:<44}{value!s:>24}   {'ok' if good else 'MISSED'} ({bar})", flush=True)


def measure(report: Report, web: list[psutil.Process], name: str, requests: list[str], memory: float) -> None:
    """The pair of runs with the middle ratio: the machine has other things to do, too."""
    pairs, grown = [], 0
    for _ in range(ROUNDS):
        quiet, before = others(requests), _memory(web)
        with attacking(name):
            under, grown = others(requests), max(grown, _memory(web) - before)
        ratio = under["p95_ms"] / max(quiet["p95_ms"], FLOOR)
        pairs.append((ratio, f"{quiet['p95_ms']} → {under['p95_ms']} ms", set(under["status"]) == {"200"}))
    ratio, value, _ = sorted(pairs)[ROUNDS // 2]
    report.add(f"{name}: p95 of the others", value, ratio < TIMES and all(good for _, _, good in pairs), "< 2×")
    report.add(f"{name}: memory", f"{grown / 1e6:+.0f} MB", grown <= memory, f"≤ {memory / 1e6:.0f} MB")


def main() -> int:
    report = Report()
    with product.database(), product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready") as web:
        others([*CITIZENS, *STAFF])  # warm
        for name in ("slow bodies", "slow headers", "forged zalo", "forged facebook"):
            measure(report, web, name, [*CITIZENS, *STAFF], MEMORY)
        for name in ("photos_per_hour", "photo_limit"):  # first what decoding costs, then what the limits are worth
            product.lift(name)
        for name in PICTURES:
            took = sandbox_time(picture(name))
            report.add(f"one, {name}", f"{took:.2f} s", took <= SANDBOX_SECONDS, "≤ 2 s")
            measure(report, web, name, [*CITIZENS, *STAFF], PICTURES_MEMORY)
            busy = sum(product.cpu([one]) for one in _sandboxes(web))
            report.add(f"{name}: the sandboxes worked", f"{busy:.1f} s", busy > 0, "more than nothing")
        most = max(_peak(one) for one in _sandboxes(web))
        report.add("pictures: the largest sandbox", f"{most / 1e6:.0f} MB", most <= SANDBOX, "≤ 200 MB")
        measure(report, web, "a flood of browsing (staff)", STAFF, MEMORY)
        seen = look_up()
        report.add("1,000 look-ups, answered", dict(seen), 0 < seen[200] <= LOOKUPS, f"≤ {LOOKUPS}")
        tries = Counter(enter(f"cb-{n}", "Matkhau@123", ATTACKER) for n in range(500))
        report.add("500 names sprayed", dict(tries), tries[200] <= TRIES and tries[429] > 0, f"≤ {TRIES} tried")
        elsewhere = enter("hoa", "demo1022!", "127.0.0.40")
        report.add("the right password from elsewhere", elsewhere, elsewhere == 302, "enters")
    product.write("attack", report.figures)
    print("budget kept" if report.good else "budget MISSED")
    return 0 if report.good else 1


if __name__ == "__main__":
    if len(sys.argv) > 1:
        asyncio.run(attack(sys.argv[1]))
    else:
        sys.exit(main())
