"""Behind each proxy of deploy/: TLS, the client's own address, bodies' end, and /live at once, over what browsers
speak."""

import http.client
import json
import re
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser
from stage import CHECKOUT, Person, Product, free_port, wait_until

pytestmark = pytest.mark.long
People = Callable[..., Person]
DEPLOY = CHECKOUT / "deploy"
SECRET = "mùa xoài ở Cao Lãnh"
FIRST = 'province = "Cà Mau"\nopen = true\n[administrator]\nuser = "it"\nname = "IT (thử)"\n'
ANYHOW = ssl.create_default_context()
ANYHOW.check_hostname, ANYHOW.verify_mode = False, ssl.CERT_NONE


@dataclass
class Front:
    """A proxy that runs before the product."""

    name: str
    port: int

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self.port}"


def nginx(folder: Path, product: int, port: int) -> tuple[list[str], list[str]]:
    site = (DEPLOY / "nginx.conf").read_text("utf-8")
    site = re.sub(r"listen \[::\].*\n", "", site).replace("listen 80;", f"listen 127.0.0.1:{free_port()};")
    site = site.replace("listen 443 ssl", f"listen 127.0.0.1:{port} ssl").replace(":8022", f":{product}")
    whole = (
        f"daemon off; pid {folder}/pid; error_log stderr; events {{}}\nhttp {{ access_log off; include "
        f"{folder}/site; }}"
    )
    (folder / "site").write_text(site.replace("/etc/ssl/caunoi", str(folder)))
    (folder / "conf").write_text(whole)
    words = ["nginx", "-p", str(folder), "-c", str(folder / "conf")]
    return [*words, "-t"], words


def caddy(folder: Path, product: int, port: int) -> tuple[list[str], list[str]]:
    site = (
        (DEPLOY / "Caddyfile")
        .read_text("utf-8")
        .replace("/etc/ssl/caunoi", str(folder))
        .replace(":8022", f":{product}")
    )
    site = site.replace("1022.example.vn {", f"https://127.0.0.1:{port} {{")
    (folder / "Caddyfile").write_text(f"{{\n\tadmin off\n\tauto_https disable_redirects\n}}\n{site}")
    words = ["--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"]
    return ["caddy", "validate", *words], ["caddy", "run", *words]


def haproxy(folder: Path, product: int, port: int) -> tuple[list[str], list[str]]:
    site = (
        (DEPLOY / "haproxy.cfg")
        .read_text("utf-8")
        .replace("/etc/ssl/caunoi", str(folder))
        .replace(":8022", f":{product}")
    )
    site = site.replace("bind :80", f"bind 127.0.0.1:{free_port()}").replace("bind :443", f"bind 127.0.0.1:{port}")
    (folder / "haproxy.cfg").write_text(site)
    words = ["haproxy", "-f", str(folder / "haproxy.cfg")]
    return [*words, "-c"], [*words, "-db"]


KINDS = {"nginx": nginx, "caddy": caddy, "haproxy": haproxy}


def certify(folder: Path) -> None:
    """A certificate that nobody has to believe."""
    words = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=1022.example.vn"
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    subprocess.run([*words.split(), *files], check=True, capture_output=True)
    (folder / "both.pem").write_text((folder / "fullchain.pem").read_text() + (folder / "privkey.pem").read_text())


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Product]:
    """Open to citizens, with an administrator and an operator; no demo, which answers nobody behind a proxy."""
    home = tmp_path_factory.mktemp("behind") / "home"
    answers = home.parent / "first.toml"
    answers.write_text(FIRST, "utf-8")
    product = Product(home)
    done = product.shell("init", "--answers", str(answers), "--json", timeout=400)
    assert done.returncode == 0, done.stderr
    with product:
        admin = Person(browser, product.address)
        admin.at(json.loads(done.stdout)["enrol"].replace("http://127.0.0.1:8022", product.address))
        chosen(admin, password=SECRET, password_again=SECRET)
        admin.sign_in("it", SECRET)
        page = admin.at("/setup/people/new")
        for name, value in {"username": "lan", "full_name": "Lan (thử)"}.items():
            page.fill(f"[name={name}]", value)
        page.select_option("[name=role]", "operator")
        admin.onward()
        once = page.inner_text(".secret").strip()
        lan = Person(browser, product.address).sign_in("lan", once)
        chosen(lan, old_password=once, new_password1=SECRET, new_password2=SECRET)
    product.environ |= {"CAUNOI_PUBLIC_URL": "https://1022.example.vn", "CAUNOI_TRUSTED_PROXIES": "127.0.0.1"}
    with product:
        yield product


def chosen(somebody: Person, **passwords: str) -> None:
    """A password of one's own."""
    for name, value in passwords.items():
        somebody.page.fill(f"[name={name}]", value)
    with somebody.page.expect_navigation():
        somebody.page.press(f"[name={name}]", "Enter")


@pytest.fixture(params=sorted(KINDS))
def front(request: pytest.FixtureRequest, province: Product, tmp_path: Path) -> Iterator[Front]:
    """The proxy as its example says, but for addresses and the certificate; first it is asked whether it takes it."""
    name, port = request.param, free_port()
    assert shutil.which(name), f"{name} is not here: apt-get install {name}"
    certify(tmp_path)
    asked, begun = KINDS[name](tmp_path, province.port, port)
    home = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(tmp_path)}
    told = subprocess.run(asked, capture_output=True, text=True, env=home)
    assert told.returncode == 0, told.stdout + told.stderr
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(begun, stdout=log, stderr=log, env=home)
    here = Front(name, port)
    try:
        wait_until(lambda: alive(here), 20, why=(tmp_path / "log").read_text())
        yield here
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:  # it waits for its streams to end
            process.kill()
            process.wait()


def alive(front: Front) -> bool:
    with closing(connection(front)) as line:
        try:
            line.request("GET", "/health/live")
            return line.getresponse().status == 200
        except OSError:
            return False


def connection(front: Front, source: str = "127.0.0.1") -> http.client.HTTPSConnection:
    return http.client.HTTPSConnection("127.0.0.1", front.port, context=ANYHOW, timeout=60, source_address=(source, 0))


def knock(front: Front, name: str, password: str, source: str, pretended: str = "") -> int:
    """The status of a sign-in by a program at an address of this machine that says it is another."""
    line = connection(front, source)
    more = {"X-Forwarded-For": pretended} if pretended else {}
    line.request("GET", "/login", headers=more)
    answer = line.getresponse()
    answer.read()
    cookies = SimpleCookie("; ".join(answer.headers.get_all("Set-Cookie") or []))
    token = cookies["__Host-csrftoken"].value
    assert cookies["__Host-csrftoken"]["secure"], "it knows that it is asked by https"
    form = urlencode({"username": name, "password": password, "csrfmiddlewaretoken": token})
    more |= {
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"__Host-csrftoken={token}",
        "Referer": front.address,
    }
    line.request("POST", "/login", form, more)
    status = line.getresponse().status
    line.close()
    return status


def test_browsers_speak_http_2(front: Front) -> None:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    line = http.client.HTTPSConnection("127.0.0.1", front.port, context=context, timeout=20)
    line.connect()
    assert line.sock.selected_alpn_protocol() == "h2"
    line.close()


def test_whoever_tries_passwords_is_stopped_and_nobody_else_whatever_address_they_pretend(front: Front) -> None:
    tries = [knock(front, "it", "x", "127.0.0.2", f"10.0.0.{n}") for n in range(11)]
    assert tries[-1] == 429, tries
    assert knock(front, "it", SECRET, "127.0.0.3") == 302


def test_a_body_of_more_than_256_mb_is_refused(front: Front) -> None:
    with closing(connection(front)) as line:
        line.putrequest("POST", "/report")
        line.putheader("Content-Length", str(300_000_000))
        line.putheader("Content-Type", "application/x-www-form-urlencoded")
        line.endheaders(b"text=")
        with suppress(OSError):  # it stops listening once it has answered
            for _ in range(300):
                line.send(b"a" * 1_000_000)
        assert line.getresponse().status == 413


def test_a_report_is_on_the_screen_at_once(front: Front, province: Product, person: People) -> None:
    lan = person(front, ignore_https_errors=True)
    lan.expect("SSL certificate")
    lan.sign_in("lan", SECRET)
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in lan.context.cookies())
    with closing(connection(front)) as one, closing(http.client.HTTPConnection("127.0.0.1", province.port)) as other:
        through, direct = listen(one, cookies), listen(other, cookies)
        citizen = person(front, size="phone", ignore_https_errors=True)
        citizen.expect("SSL certificate")  # browsers fetch a service worker only where they believe the certificate
        citizen.report("Đèn đường trước chợ tắt", address="Chợ Biên Hòa", phone="0912345678")
        wait_until(lambda: through and direct, 20, why="both streams hear of the report")
        assert through[0][1] == direct[0][1]
        assert through[0][0] - direct[0][0] < 1, "the proxy keeps nothing back"


def listen(line: http.client.HTTPConnection, cookies: str) -> list[tuple[float, str]]:
    """What comes on /live from now on, with the moment; the stream is open when this returns."""
    line.request("GET", "/live", headers={"Cookie": cookies, "Accept": "text/event-stream"})
    answer = line.getresponse()
    assert answer.status == 200 and "event-stream" in answer.headers["Content-Type"], answer.status
    heard: list[tuple[float, str]] = []

    def read() -> None:
        try:
            while text := answer.readline().decode():
                if text.startswith("event:"):
                    heard.append((time.monotonic(), text.strip()))
        except (OSError, ValueError, AttributeError):
            pass

    threading.Thread(target=read, daemon=True).start()
    return heard
