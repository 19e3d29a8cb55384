"""A province adds a channel of its own, by one file in a folder; what lacks in it is said at start, and then it lives:
set up by the administrator, written to by a citizen, answered, public, counted, in the open data."""

import csv
import hmac
import json
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from stage import Product, copied, wait_until

from tests.providers.server import Call, Provider, Told

pytestmark = pytest.mark.long
ADDED = Path(__file__).parents[1] / "channels" / "added"
TOKEN = "demo-viber-token"
WORDS = "Đèn đường hẻm 3 phường Bình Phước tắt mấy hôm nay"
CLERK = "Bearer demo-api-lan"


class Viber(Provider):
    """Takes messages as Viber does."""

    def __init__(self) -> None:
        super().__init__(0)
        self.sent: list[dict[str, Any]] = []

    def handle(self, call: Call) -> Told:
        if call.headers.get("x-viber-auth-token") != TOKEN:
            return Told(body={"status": 2, "status_message": "invalidAuthToken"})
        self.sent.append(call.json)
        return Told(body={"status": 0, "status_message": "ok", "message_token": len(self.sent)})

    def texts(self, person: str) -> list[str]:
        return [sent["text"] for sent in self.sent if sent["receiver"] == person]


@pytest.fixture(scope="module")
def viber() -> Iterator[Viber]:
    provider = Viber()
    provider.start()
    yield provider
    provider.stop()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    own = tmp_path_factory.mktemp("own") / "channels"
    shutil.copytree(ADDED, own)
    return own


@pytest.fixture(scope="module")
def demo(demo_home: Path, folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home = copied(demo_home, tmp_path_factory.mktemp("product") / "home")
    environ = {"CAUNOI_DEMO": "1", "CAUNOI_CHANNELS": str(folder), "CAUNOI_HOLD_SECONDS": "0"}
    product = Product(home, environ)
    file = folder / "viber.py"
    whole = file.read_text()
    file.write_text(
        whole.replace('"Account token": "', '"Another": "').replace('"message-circle", 25', '"nothing", 25')
    )
    refused = product.shell("up", "--lang", "en", PORT=str(product.port), timeout=300)
    assert refused.returncode == 1, refused.stdout
    assert "caunoi: channel viber: no Vietnamese for 'Account token'" in refused.stderr
    assert "caunoi: channel viber: no icon nothing: add it to assets/icons.txt" in refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    file.write_text(whole)
    with product:
        yield product
    shutil.rmtree(home.parent)


def call(demo: Product, token: str = TOKEN, **event: Any) -> int:
    body = json.dumps(event, ensure_ascii=False).encode()
    signature = hmac.digest(token.encode(), body, "sha256").hex()
    headers = {"content-type": "application/json", "x-viber-content-signature": signature}
    return demo.ask("/hooks/viber-1022/", body, **headers).status


def api(demo: Product, path: str, body: dict[str, Any] | None = None, user: str = CLERK) -> Any:
    answer = demo.ask(f"/api/v1{path}", body, authorization=user)
    assert answer.status in (200, 201), answer.text
    return answer.json


def by_channel(demo: Product) -> dict[str, int]:
    since, until = (datetime.now(UTC) + timedelta(days=days) for days in (-2, 2))
    rows = api(
        demo, f"/measures/tickets?from={since:%Y-%m-%d}&to={until:%Y-%m-%d}&by=channel", None, "Bearer demo-api-phong"
    )
    return {row["channel"]: row["total"] for row in rows["rows"]}


def test_a_channel_of_a_file_lives(demo: Product, person: Any, viber: Viber, tmp_path: Path) -> None:
    chief = person(demo, "quan")
    page = chief.at("/setup/inboxes/new")
    page.click("main a:has-text('Viber')")
    assert "Mã của tài khoản bot" in chief.text(), "its own words"
    for name, value in {"name": "viber-1022", "label": "Viber của tỉnh", "token": TOKEN, "api_base": viber.url}.items():
        page.locator(f"[name=inbox-{name}]").fill(value)
    with page.expect_navigation():
        page.locator("main form button[value=save]").click()
    assert "/hooks/viber-1022/" in page.content(), chief.text()

    bad = {"event": "message", "message_token": "1", "sender": {"id": "x"}, "message": {"text": "x"}}
    wait_until(lambda: call(demo, "another", **bad) == 403, why="the inbox is known")
    demo.expect(r"Forbidden: /hooks/viber-1022/")
    event = {
        "event": "message",
        "timestamp": int(time.time() * 1000),
        "message_token": "5741311803571721087",
        "sender": {"id": "01234567890A=", "name": "Bà Tư"},
        "message": {"type": "text", "text": WORDS},
    }
    assert [call(demo, **event), call(demo, **event)] == [200, 200], "sent twice, as providers do"
    (made,) = wait_until(lambda: api(demo, "/tickets?channel=viber")["items"], why="a ticket, and one only")
    code = made["code"]
    assert api(demo, f"/tickets/{code}")["channel"] == "viber"
    wait_until(lambda: any(code in text for text in viber.texts("01234567890A=")), why="told the code in their chat")

    clerk = person(demo, "lan")
    clerk.at(f"/desk/{code}/")
    assert "Viber" in clerk.text() and WORDS in clerk.text()
    entry = clerk.at("/desk/new")
    assert entry.locator("[name=channel][value=viber]").count() == 1, "the staff may enter it by hand"
    lights = [
        s["service_code"] for s in demo.ask("/open311/v2/services.json").json if "đèn" in s["service_name"].lower()
    ]
    api(demo, f"/tickets/{code}/moves", {"move": "accept", "category": lights[0], "area": "25195"})
    api(demo, f"/tickets/{code}/moves", {"move": "answer", "text": "Đã thay bóng đèn.", "category": lights[0]})
    wait_until(lambda: any("Đã thay bóng đèn." in text for text in viber.texts("01234567890A=")), why="the answer")

    wait_until(lambda: demo.ask(f"/p/{code}").status == 200, why="public")
    citizen = person(demo)
    citizen.expect(r"WebGL|GPU stall")
    citizen.at("/channels")
    citizen.see("Viber của tỉnh")
    citizen.at(f"/p/{code}/join")
    assert "Viber" in citizen.text(), "its chat can be followed by"

    wait_until(lambda: by_channel(demo).get("viber") == 1, why="counted under its key")
    leader = person(demo, "phong")
    leader.expect(r"WebGL|GPU stall")
    leader.at("/board/?channel=viber")
    assert "Viber" in leader.text()
    assert '"viber"' in demo.ask("/api/v1/openapi.json", authorization=CLERK).text
    wrong = demo.ask("/api/v1/tickets", {"text": "x", "channel": "vibes"}, authorization=CLERK)
    assert wrong.status == 422 and "viber" in wrong.text

    done = demo.shell("export", "open-data", str(tmp_path / "open"), timeout=300)
    assert done.returncode == 0, done.stderr
    with (tmp_path / "open" / "tickets.csv").open(encoding="utf-8", newline="") as file:
        assert [row["channel"] for row in csv.DictReader(file) if row["code"] == code] == ["viber"]
