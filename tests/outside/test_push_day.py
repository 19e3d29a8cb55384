"""An operator whose pages are all closed: the emergency rings on the device, and is silent when somebody else has it.

Proves: by one press on the list of emergencies a browser rings though no page of ours is open: the push service gets it
within seconds, sealed and signed, and reads nothing; what the browser shows has the number and no word of what was
written, leads to the list, and is replaced silently once somebody has it; whoever turns it off hears no more"""

import json
import ssl
import subprocess
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.sync_api import Page
from stage import Person, Product, copied, wait_until

pytestmark = pytest.mark.long(minutes=2)

People = Callable[..., Person]
FIRE = "cháy nhà ở hẻm 3 đường Nguyễn Huệ, lửa lan qua nhà bên, còn người trong nhà chưa ra được"
TOGGLE = "[data-push] button"
RINGS = "#alarm-pop [data-alarm]"
AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
SUBSCRIBED = """
  const way = {
    endpoint: %(endpoint)s,
    options: {},
    toJSON: () => ({ endpoint: %(endpoint)s, keys: { p256dh: %(key)s, auth: %(auth)s } }),
  };
  PushManager.prototype.subscribe = async () => {
    sessionStorage.way = "1";
    return way;
  };
  PushManager.prototype.getSubscription = async () => (sessionStorage.way ? way : null);
"""
"""A browser makes its way to its maker's service, which is not here: this one leads to ours."""


class PushService:
    """A push service with a certificate, and the one browser whose words it hands on; only that browser can read
    them."""

    def __init__(self, folder: Path) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.came: list[tuple[dict[str, str], bytes]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                service.came.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(201)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *words: Any) -> None:
                pass

        self.certificate = folder / "cert.pem"
        words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out", self.certificate]
        name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "9"]
        subprocess.run(["openssl", "req", *words, *name], check=True, capture_output=True)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def script(self) -> str:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        values = {
            "endpoint": f"https://localhost:{self.server.server_port}/way",
            "key": urlsafe_b64encode(point).rstrip(b"=").decode(),
            "auth": AUTH,
        }
        return SUBSCRIBED % {name: json.dumps(value) for name, value in values.items()}

    def words(self, at: int) -> dict[str, Any]:
        """What the browser reads of what came."""
        plain = http_ece.decrypt(self.came[at][1], private_key=self.key, auth_secret=urlsafe_b64decode(AUTH + "=="))
        return json.loads(plain)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PushService]:
    one = PushService(tmp_path_factory.mktemp("service"))
    yield one
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture(scope="module")
def ringing(demo_home: Path, tmp_path_factory: pytest.TempPathFactory, service: PushService) -> Iterator[Product]:
    home = copied(demo_home, tmp_path_factory.mktemp("product") / "home")
    environ = {
        "CAUNOI_DEMO": "1",
        "CAUNOI_PUSH_HOSTS": "localhost",
        "SSL_CERT_FILE": str(service.certificate),
    }
    with Product(home, environ) as product:
        yield product


def shown(page: Page) -> list[list[str]]:
    """Title and text of what the device shows by the staff's worker."""
    return page.evaluate(
        """async () => {
          const worker = await navigator.serviceWorker.getRegistration("/desk/alarms/");
          return (await worker.getNotifications()).map(({ title, body }) => [title, body]);
        }"""
    )


class Device:
    """The browser's own end of its push service."""

    def __init__(self, page: Page) -> None:
        self.workers: dict[str, str] = {}
        self.page, self.session = page, page.context.new_cdp_session(page)
        self.session.on("ServiceWorker.workerRegistrationUpdated", self._heard)
        self.session.send("ServiceWorker.enable")

    def _heard(self, event: dict[str, Any]) -> None:
        self.workers |= {row["scopeURL"]: row["registrationId"] for row in event["registrations"]}

    def get(self, words: dict[str, Any]) -> None:
        scope = self.page.evaluate("new URL('/desk/alarms/', location.origin).href")
        wait_until(lambda: self.page.evaluate("1") and scope in self.workers, why="the worker is there")
        self.session.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": self.page.evaluate("location.origin"),
                "registrationId": self.workers[scope],
                "data": json.dumps(words, ensure_ascii=False),
            },
        )


def cry(citizen: Person, words: str) -> None:
    """A citizen reports it on the web, past the button that calls."""
    page = citizen.at("/report")
    page.fill("[name=text]", words)
    while "/f/" not in page.url:
        if page.locator("main form [name=address]").count():
            page.fill("main form [name=address]", "Đường Hùng Vương")
        if page.locator("[name=consent]").count():
            page.check("[name=consent]")
        with page.expect_navigation():
            page.locator("main form .btn-lg").last.click()


def turn(page: Page, *, on: bool) -> None:
    button = page.locator(TOGGLE)
    button.wait_for()
    button.click()
    page.locator(f"{TOGGLE}[aria-pressed={json.dumps(on)}]").wait_for()


def test_it_rings_though_no_page_is_open_and_is_silent_when_somebody_has_it(
    ringing: Product, person: People, service: PushService
) -> None:
    lan = person(ringing, "lan", permissions=["notifications"])
    lan.context.add_init_script(service.script())
    turn(lan.at("/desk/alarms/"), on=True)
    lan.shoot("alarms-push")
    lan.page.reload()
    lan.page.locator(f"{TOGGLE}[aria-pressed=true]").wait_for()
    lan.page.goto("about:blank")
    cry(person(ringing), FIRE)
    wait_until(lambda: service.came, 20, why="the service has it")
    headers, body = service.came[0]
    assert headers["urgency"] == "high" and headers["content-encoding"] == "aes128gcm" and headers["topic"]
    assert headers["authorization"].startswith("vapid t=") and b"114" not in body
    words = service.words(0)
    assert words["title"] == "Tin khẩn cấp 114" and words["url"] == "/desk/alarms/" and words["rings"] is True
    assert "cháy" not in json.dumps(words, ensure_ascii=False) and "Nguyễn" not in json.dumps(words, ensure_ascii=False)

    page = lan.at("/desk/calls/")
    device = Device(page)
    device.get(words)
    wait_until(lambda: shown(page) == [["Tin khẩn cấp 114", "Chưa ai nhận: mở ngay."]], why="the device shows it")

    tam = person(ringing, "tam").at("/desk/")
    tam.locator(RINGS).wait_for()
    tam.keyboard.press("h")
    wait_until(lambda: len(service.came) > 1, 20, why="the service hears that somebody has it")
    assert service.words(1)["rings"] is False and service.words(1)["tag"] == words["tag"]
    device.get(service.words(1))
    wait_until(lambda: shown(page) == [["Tin khẩn cấp 114", "Đã có người nhận."]], why="it is silent")


def test_whoever_turns_it_off_hears_no_more(ringing: Product, person: People, service: PushService) -> None:
    lan = person(ringing, "lan", permissions=["notifications"])
    lan.context.add_init_script(service.script())
    page = lan.at("/desk/alarms/")
    page.evaluate("sessionStorage.way = '1'")
    page.reload()
    page.locator(f"{TOGGLE}[aria-pressed=true]").wait_for()
    turn(page, on=False)
    before = len(service.came)
    cry(person(ringing), FIRE.replace("hẻm 3", "hẻm 8"))
    page.locator(RINGS).wait_for(timeout=20_000)
    page.locator(f"{RINGS} .btn-primary").first.click()
    wait_until(lambda: page.locator(RINGS).count() == 0)
    page.wait_for_timeout(2_000)
    assert len(service.came) == before
