"""What the stories of the outside suite are played with: a product, a shell, people before a browser.

Nothing of the product is imported and no table is touched: what is known here of the product is what a person at a
shell, a browser or a provider's end can see.
"""

import base64
import hmac
import json
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Dialog, Error, Page, Response

HERE = Path(__file__).parent
CHECKOUT = Path(os.environ.get("OUTSIDE_CHECKOUT") or HERE.parents[1])
"""The product that is tried: this checkout, or another one, for seeing that a story fails there."""
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
SIZES = {"phone": (390, 844), "small": (360, 740), "narrow": (1280, 720), "desk": (1440, 900)}
PASSWORD = "demo1022!"
SECRET = "mùa xoài ở Cao Lãnh"
"""The password that everybody chooses in a province that is no demo."""
LOUD = re.compile(r"Traceback|Forbidden \(|Internal Server Error|\"level\": ?\"(?:error|critical)\"", re.I)
"""What has no place in a log after an ordinary day."""


def wait_until(what: Callable[[], Any], within: float = 20, every: float = 0.1, why: str = "") -> Any:
    """The first truthy value of `what`; fails when there is none within so many seconds."""
    end = time.monotonic() + within
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {within:g} s: {why or what}")
        time.sleep(every)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def balancer(folder: Path, port: int, hosts: Mapping[str, str], more: str = "") -> "subprocess.Popen[bytes]":
    """HAProxy by the example that comes with the product, without TLS, before hosts by name and address; an answer says
    in X-By who gave it. `more`: lines of its own."""
    lines = (CHECKOUT / "deploy" / "haproxy.cfg").read_text("utf-8").splitlines()
    encrypted = ("bind :443", "http-request redirect", "http-request set-header")
    site = "\n".join(line for line in lines if not line.strip().startswith(encrypted))
    servers = "\n".join(f"    server {name} {address} check" for name, address in hosts.items())
    site = site.replace("    server one 127.0.0.1:8022 check", servers).replace("bind :80", f"bind 127.0.0.1:{port}")
    site = site.replace("frontend web\n", "frontend web\n    http-response set-header x-by %b/%s\n")
    (folder / "balancer.cfg").write_text(f"{site}\n{more}")
    return subprocess.Popen(["haproxy", "-f", str(folder / "balancer.cfg"), "-db"])


def six_digits(letters: str, step: int) -> str:
    """What an app on a phone shows in a half minute, for the letters that were typed into it (RFC 6238)."""
    made = hmac.digest(base64.b32decode(letters.replace(" ", "")), step.to_bytes(8, "big"), "sha1")
    at = made[-1] & 15
    return f"{(int.from_bytes(made[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


@dataclass
class Phone:
    """Somebody's phone with an app for codes, and their recovery codes on paper."""

    letters: str
    used: int = 0
    paper: list[str] = field(default_factory=list)

    def code(self) -> str:
        """A code that was not used yet, when need be that of the next half minute."""
        here = int(time.time()) // 30
        if self.used > here:  # even that of the next one: the product takes none after it
            time.sleep((self.used * 30) - time.time() + 0.5)
            here = int(time.time()) // 30
        self.used = max(here, self.used + 1)
        return six_digits(self.letters, self.used)


PHONES: dict[str, Phone] = {}
"""By user name, of whoever was led to set up a second factor in this run."""


@dataclass
class Answer:
    """What came back over HTTP; redirects are not followed."""

    status: int
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def ask(
    url: str, body: bytes | dict[str, Any] | None = None, *, method: str = "", timeout: float = 30, **headers: str
) -> Answer:
    """One HTTP request by a program; a dict is sent as JSON, or as a form when `form="yes"` is given."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    if isinstance(body, dict):
        if names.pop("form", ""):
            body = urlencode(body, doseq=True).encode()
            names.setdefault("content-type", "application/x-www-form-urlencoded")
        else:
            body = json.dumps(body, ensure_ascii=False).encode()
            names.setdefault("content-type", "application/json")
    request = Request(url, data=body, headers=names, method=method or ("POST" if body is not None else "GET"))
    try:
        with build_opener(_Stay).open(request, timeout=timeout) as response:
            return Answer(response.status, {k.lower(): v for k, v in response.headers.items()}, response.read())
    except HTTPError as error:
        with error:
            return Answer(error.code, {k.lower(): v for k, v in error.headers.items()}, error.read())


def vietnam_today() -> date:
    """The day that it is in Vietnam, which begins seven hours before the machine's."""
    return (datetime.now(UTC) + timedelta(hours=7)).date()


def bare(home: Path, **more: str) -> dict[str, str]:
    """The environment of a shell in which nobody has prepared anything."""
    return {"PATH": os.environ["PATH"], "HOME": str(home.parent), "CAUNOI_HOME": str(home), **more}


@dataclass
class Product:
    """An installation: a home, an environment, and `caunoi up` when it runs.

    `with Product(home) as product` starts it and ends it; at the end its log must be quiet but for what the story
    expected (`product.expect(pattern)`).
    """

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    port: int = field(default_factory=free_port)
    words: Sequence[str] = ("--lang", "en")
    command: Path = CHECKOUT / "bin" / "caunoi"
    expected: list[str] = field(default_factory=list)
    _process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log_file(self) -> Path:
        return self.home.parent / f"{self.home.name}.log"

    @property
    def log(self) -> str:
        return self.log_file.read_text("utf-8", "replace") if self.log_file.exists() else ""

    @property
    def pid(self) -> int:
        assert self._process, "it does not run"
        return self._process.pid

    def shell(
        self, *words: str, given: str | None = None, timeout: float = 120, **environ: str
    ) -> subprocess.CompletedProcess[str]:
        """Types `caunoi …` into a shell with an empty environment, for this home."""
        return subprocess.run(
            [self.command, *words],
            env=bare(self.home, **{**self.environ, **environ}),
            input=given,
            stdin=subprocess.DEVNULL if given is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=self.home.parent,
        )

    def start(self, within: float = 400, says: str = "Ready: ") -> Self:
        """`caunoi up`, until it says that it is ready, or what it says instead."""
        before = len(self.log)
        with self.log_file.open("ab") as out:
            self._process = subprocess.Popen(
                [self.command, "up", *self.words],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.home.parent,
                start_new_session=True,
                env=bare(self.home, PORT=str(self.port), **self.environ),
            )

        def ready() -> bool:
            assert self._process
            assert self._process.poll() is None, self.log[before:]
            return says in self.log[before:]

        try:
            wait_until(ready, within, why=says)
        except AssertionError:
            self.kill()
            raise
        return self

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Ctrl-C, or as systemd ends it."""
        if self._process and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()
                raise
        self._process = None

    def kill(self) -> None:
        """The plug is pulled: everything at once, the database too."""
        if self._process:
            for pid in [*self.children(), self._process.pid]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self._process.wait(30)
        self._process = None

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def children(self, word: str = "") -> list[int]:
        """Processes of this product whose command line holds a word, e.g. "caunoi.cli worker"."""
        assert self._process
        every = subprocess.run(["ps", "-eo", "pid=,ppid=,args="], capture_output=True, text=True).stdout.splitlines()
        rows = [(int(a), int(b), c) for a, b, c in (line.strip().split(None, 2) for line in every if line.strip())]
        wanted, found = {self._process.pid}, []
        while more := [row for row in rows if row[1] in wanted and row[0] not in wanted]:
            wanted |= {pid for pid, _, _ in more}
            found += more
        return [pid for pid, _, command in found if word in command]

    def expect(self, *patterns: str) -> None:
        """These lines of the log belong to the story."""
        self.expected += patterns

    def complaints(self) -> list[str]:
        """Lines of the log that have no place in an ordinary day."""
        return [
            line
            for line in self.log.splitlines()
            if LOUD.search(line) and not any(re.search(known, line) for known in self.expected)
        ]

    def ask(self, path: str, body: bytes | dict[str, Any] | None = None, **more: Any) -> Answer:
        return ask(path if path.startswith("http") else self.address + path, body, **more)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: Any, *rest: Any) -> None:
        self.stop()
        if kind is None:
            assert self.complaints() == [], "\n".join(self.complaints())


def copied(template: Path, home: Path) -> Path:
    """A home like another one that does not run; whoever owns a file there owns it here."""
    subprocess.run(["cp", "-a", template, home], check=True)
    (home / "up.lock").unlink(missing_ok=True)
    return home


class Person:
    """Somebody before a browser: their own cookies and storage, and everything that the browser complained about.

    `person.at("/desk/")` opens a page; `person.page` is Playwright's; `person.sign_in("lan")`; a second window of the
    same person is `person.window()`.
    """

    def __init__(
        self,
        browser: Browser,
        address: str,
        *,
        size: str = "desk",
        scripts: bool = True,
        language: str = "vi",
        theme: str = "light",
        **more: Any,
    ) -> None:
        width, height = SIZES[size]
        self.address, self.size = address, size
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height},
            java_script_enabled=scripts,
            color_scheme=theme,
            locale="vi-VN" if language == "vi" else "en-GB",
            timezone_id="Asia/Ho_Chi_Minh",
            is_mobile=size in {"phone", "small"},
            has_touch=size in {"phone", "small"},
            **more,
        )
        self.complaints: list[str] = []
        self.expected: list[str] = []
        self.requests: list[str] = []
        self.page: Page = self.window()

    def window(self) -> Page:
        page = self.context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: self._complain(error.message))
        page.on("console", self._heard)
        page.on("response", self._answered)
        page.on("request", lambda request: self.requests.append(request.url))
        page.on("dialog", self._dialog)
        return page

    def _complain(self, text: str) -> None:
        if not any(re.search(known, text) for known in self.expected):
            self.complaints.append(text)

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and "GL Driver Message" not in message.text:  # Chromium's own, of a map
            self._complain(f"{message.text} ({message.location['url']})")

    def _answered(self, response: Response) -> None:
        if response.status >= 500:
            self._complain(f"{response.status} {response.url}")

    def _dialog(self, dialog: Dialog) -> None:
        try:
            dialog.accept()  # "leave this page?"
        except Error:
            pass

    def expect(self, *patterns: str) -> None:
        """The story wants these complaints, e.g. "403"."""
        self.expected += patterns
        self.complaints = [text for text in self.complaints if not any(re.search(p, text) for p in patterns)]

    def at(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.address + path, wait_until="load")
        return self.page

    @property
    def path(self) -> str:
        self.page.wait_for_timeout(10)  # Playwright hears of a page's way only while it is asked something
        return urlsplit(self.page.url).path

    def sign_in(self, name: str, password: str = PASSWORD) -> Self:
        self.at("/login")
        self.page.fill("[name=username]", name)
        self.page.fill("[name=password]", password)
        with self.page.expect_navigation():
            self.page.press("[name=password]", "Enter")
        assert self.path != "/login", self.page.inner_text("main")
        if self.path == "/login/second":
            self.page.fill("[name=proof-code]", PHONES[name].code())
            with self.page.expect_navigation():
                self.page.press("[name=proof-code]", "Enter")
            assert self.path != "/login/second", self.page.inner_text("main")
        return self.enrol(name)

    def enrol(self, name: str) -> Self:
        """Sets up an app on their phone, where the product leads them to do so before anything else."""
        if self.path != "/factors/":
            return self
        self.at("/factors/app")
        phone = PHONES[name] = Phone(self.page.inner_text("[data-letters]"))
        self.page.fill("[name=code]", phone.code())
        with self.page.expect_navigation():
            self.page.press("[name=code]", "Enter")
        if self.path == "/factors/codes":
            phone.paper = self.page.locator("[data-codes] li").all_inner_texts()
            with self.page.expect_navigation():
                self.page.locator("main .card .btn-primary").click()
        return self

    def onward(self) -> Page:
        """Presses the one large button of a step, and waits for the next."""
        with self.page.expect_navigation():
            self.page.locator("main form .btn-primary").last.click()
        return self.page

    def report(self, words: str, *, address: str = "", kind: str = "", **you: str) -> tuple[str, str]:
        """A citizen's report by the steps of the web; its code and the address of its page."""
        self.at(f"/report?kind={kind}" if kind else "/report")
        self.page.fill("[name=text]", words)
        while "/f/" not in self.onward().url:
            for name, value in {"address": address, **you}.items():
                if value and self.page.locator(f"main form [name={name}]").count():
                    self.page.fill(f"main form [name={name}]", value)
            if self.page.locator("[name=consent]").count():
                self.page.check("[name=consent]")
        code = re.search(r"\d\d-\d{6}-\d", self.page.inner_text("main"))
        assert code, self.page.inner_text("main")
        return code[0], self.page.url.partition("?")[0]

    def post(self, path: str, **fields: str) -> str:
        """Posts what the page does not offer, from a page of one's own; what is then to be read."""
        with self.page.expect_navigation():
            self.page.evaluate(POST, [path, fields])
        return self.text()

    def take_down(self, words: str, *, channel: str = "", phone: str = "") -> str:
        """An operator writes a ticket down and only saves it; the path of its page."""
        page = self.at("/desk/new")
        if channel:
            page.locator(f"[name=channel][value={channel}]").check(force=True)
        page.fill("#id_phone", phone)
        page.fill("#id_text", words)
        page.check("input[name=then][value=keep]")
        with page.expect_navigation():
            page.click("#entry .btn-primary")
        assert re.match(r"/desk/\d\d-", self.path), self.text()
        return self.path

    def sign_out(self) -> None:
        """As the page offers it: the form that posts to /logout, wherever it stands."""
        with self.page.expect_navigation():
            self.page.evaluate("document.querySelector('form[action*=\"/logout\"]').requestSubmit()")

    def storage(self) -> str:
        """All that this browser keeps for the address: local and session storage."""
        return self.page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")

    def see(self, text: str, within: float = 15) -> None:
        """Waits until the page shows a text."""
        self.page.get_by_text(text).first.wait_for(timeout=within * 1000)

    def text(self) -> str:
        return self.page.inner_text("body")

    def shoot(self, name: str) -> None:
        """For people who look (CAUNOI_SHOTS names a folder): this page on a phone and a desk, light and dark."""
        if not (folder := os.environ.get("CAUNOI_SHOTS")):
            return
        before = self.page.viewport_size
        for size in ("phone", "desk"):
            width, height = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            for theme in ("light", "dark"):
                self.page.emulate_media(color_scheme=theme)
                self.page.wait_for_timeout(400)  # colours change slowly
                self.page.screenshot(path=Path(folder) / f"{name}-{size}-{theme}.png", full_page=True)
        self.page.emulate_media(color_scheme="light")
        if before:
            self.page.set_viewport_size(before)

    def close(self) -> None:
        self.context.close()


def send(page: Page, **values: str) -> None:
    """Fills in the page's form and sends it by its one large button."""
    for name, value in values.items():
        control = page.locator(f"main [name={name}]").first
        match control.evaluate("e => e.type"):
            case "radio" | "checkbox":
                page.locator(f"main [name={name}][value='{value}']").check(force=True)
            case "select-one":
                control.select_option(value)
            case _:
                control.fill(value)
    with page.expect_navigation():
        page.locator("main form button.btn-primary").first.click()


def newcomer(admin: Person, name: str, role: str) -> None:
    """An account whose owner has chosen a password of their own, in a browser that is closed afterwards."""
    send(admin.at("/setup/people/new"), username=name, full_name=f"{name.title()} (thử)", role=role)
    once = admin.page.inner_text(".secret").strip()
    browser = admin.context.browser
    assert browser
    first = Person(browser, admin.address)
    first.at("/login")
    send(first.page, username=name, password=once)
    send(first.page, old_password=once, new_password1=SECRET, new_password2=SECRET)
    assert first.complaints == []
    first.close()


POST = """([path, fields]) => {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = path;
  fields.csrfmiddlewaretoken = document.querySelector('[name=csrfmiddlewaretoken]').value;
  for (const [name, value] of Object.entries(fields)) {
    const field = document.createElement('input');
    field.name = name;
    field.value = value;
    form.append(field);
  }
  document.body.append(form);
  form.submit();
}"""


ANSWERS = (
    'province = "82"\nhotline_name = "Tổng đài 1022 (thử)"\nopen = true\n[administrator]\nuser = "quan"\nname = '
    '"Quản (thử)"\n'
)


@contextmanager
def staffed(folder: Path, browser: Browser, staff: Mapping[str, str]) -> Iterator[tuple[Product, Person]]:
    """A province that is no demo, set up at the shell: its product, and the administrator `quan`, signed in, who has
    added these people (name to role). At the end their browser must have complained of nothing."""
    port = free_port()
    product = Product(folder / "home", {"CAUNOI_PUBLIC_URL": f"http://127.0.0.1:{port}"}, port=port)
    (folder / "first.toml").write_text(ANSWERS, "utf-8")
    done = product.shell("init", "--answers", str(folder / "first.toml"), "--json", timeout=400)
    assert done.returncode == 0, done.stderr
    with product:
        quan = Person(browser, product.address)
        quan.at(json.loads(done.stdout)["enrol"])
        send(quan.page, password=SECRET, password_again=SECRET)
        quan.sign_in("quan", SECRET)
        for name, role in staff.items():
            newcomer(quan, name, role)
        yield product, quan
        quan.close()
        assert quan.complaints == []


HIT = """() => {
  const seen = (e) => e.checkVisibility({checkOpacity: true, checkVisibilityCSS: true});
  const names = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [role=button], [role=tab]';
  const wrong = [];
  const menu = document.querySelector('details.menu[open]');  // what it covers is there again when it closes
  for (const e of (menu ?? document).querySelectorAll(names)) {
    if (!seen(e) || e.closest('[inert], [aria-hidden=true]')) continue;
    e.scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'});
    const box = [...e.getClientRects()].find((r) => r.width > 2 && r.height > 2);
    if (!box) continue;
    const style = getComputedStyle(e);
    if (style.clipPath !== 'none' || style.pointerEvents === 'none') continue;
    const x = box.left + box.width / 2;
    if (x < 0 || x >= innerWidth) {
      wrong.push([e.outerHTML.slice(0, 160), 'outside of the window']);
      continue;
    }
    const label = e.labels?.length ? [...e.labels] : [];
    let top, own;
    for (let look = 0; look < 2 && !own; look += 1) {  // a page that still loads is scrolled along by the first look
      const now = [...e.getClientRects()].find((r) => r.width > 2 && r.height > 2) ?? box;
      top = document.elementFromPoint(now.left + now.width / 2, now.top + now.height / 2);
      own = top && (e === top || e.contains(top) || label.some((l) => l === top || l.contains(top)));
    }
    if (!own) wrong.push([e.outerHTML.slice(0, 160), top ? top.outerHTML.slice(0, 120) : 'nothing']);
  }
  scrollTo(0, 0);
  return wrong;
}"""


def unreachable(page: Page) -> list[tuple[str, str]]:
    """Controls that the mouse does not hit at their middle, with what lies there instead."""
    return [tuple(row) for row in page.evaluate(HIT)]
