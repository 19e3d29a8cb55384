"""A citizen who reports while there is no primary: a woman of seventy with large letters on a phone, in the middle of
the usual form, and an app of the city.

Proves: while there is no primary a report is accepted by the short form, kept once in the store, numbered once when the
primary is back, with its photo and the time at which it was kept; Open311 answers a token that becomes the id; a worker
that is killed meanwhile makes no second"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from cluster import Server
from stage import Answer, Person, Product, wait_until
from test_citizen_day import photo

from tests.providers import s3
from tests.providers.s3 import S3

pytestmark = pytest.mark.long
WORDS = "Cây phượng ở cổng chợ bị bão quật nghiêng, sắp đổ vào sạp hàng"
APP = {
    "api_key": "demo-open311",
    "service_code": "",
    "description": "Nước sinh hoạt đục từ sáng nay",
    "address_string": "Hẻm 12",
}
LAMP = "Đèn kẹt cầu chì ở ngã ba, tắt ba đêm nay"
LARGE = "addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '150%' })"
PICTURE = re.compile(r'src="(/files/[^"]+)"')


@dataclass
class Town:
    product: Product
    server: Server
    bucket: S3
    service: str = ""  # one that the app may name

    @property
    def kept(self) -> list[str]:
        return sorted(name for name in self.bucket.names() if name.startswith("spool/kept/"))

    def tickets(self, words: str) -> list[str]:
        """The codes of the tickets with these words."""
        rows = self.server.ask(f"SELECT code FROM tickets_ticket WHERE text LIKE '%{words}%'")
        return [code for (code,) in rows]


def post(product: Product, **fields: str) -> Answer:
    """The app reports."""
    return product.ask("/open311/v2/requests.json", APP | fields, form="yes")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with s3.serve() as bucket, Server() as server:
        environ = {"DATABASE_URL": server.url(), "CAUNOI_DEMO": "1", **bucket.environ}
        product = Product(tmp_path_factory.mktemp("spool") / "home", environ)
        product.expect("terminating connection")
        with product:
            service = product.ask("/open311/v2/services.json?api_key=demo-open311").json[0]["service_code"]
            assert post(product, service_code=service).status == 201
            yield Town(product, server, bucket, service)


@pytest.fixture
def without(town: Town) -> Iterator[Callable[[], None]]:
    """There is no primary, until the test says that it is back."""
    gone = True
    town.server.stop()

    def back() -> None:
        nonlocal gone
        if gone:
            gone = False
            town.server.start()

    try:
        yield back
    finally:
        back()
        wait_until(lambda: town.product.ask("/health/ready").status == 200, 60, why="the database is back")


def test_in_the_middle_of_the_form_she_is_offered_the_short_one_and_has_a_number_later(
    town: Town, person: Callable[..., Person]
) -> None:
    she = person(town.product, size="phone")
    she.expect("503", "net::ERR", r"WebGL|GPU stall")
    she.page.add_init_script(LARGE)
    page = she.at("/report")
    page.fill("[name=text]", WORDS)
    she.onward()
    page.fill("main form [name=address]", "Cổng chợ Đồng Xoài")
    town.server.stop()
    try:
        she.onward()
        assert "Không chờ được?" in page.inner_text("main")
        she.shoot("waiting")
        with page.expect_navigation():
            page.get_by_role("button", name="Mở mẫu ngắn").click()
        assert page.locator("h1").inner_text() == "Mẫu ngắn"
        assert page.input_value("[name=text]") == WORDS, "her own browser still has what she wrote first"
        assert page.input_value("[name=address]") == "Cổng chợ Đồng Xoài"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, "large letters, no wider than the phone"
        she.shoot("short")
        page.set_input_files("#id_photos", [photo("cay.jpg", 60)])
        page.fill("[name=phone]", "0900 000 077")
        page.check("[name=consent]")
        with page.expect_navigation(url="**/s/*"):
            page.get_by_role("button", name="Gửi phản ánh").click()
        assert page.locator("h1").inner_text() == "Đã giữ, mã phiếu sẽ có sau"
        began = time.time()
        assert len(town.kept) == 1
        link = page.url
        page.go_back()
        with page.expect_navigation(url="**/s/*"):  # was it sent? once more
            if not page.input_value("[name=phone]"):  # what the browser does not remember, she types again
                page.fill("[name=phone]", "0900 000 077")
            page.set_input_files("#id_photos", [photo("cay.jpg", 60)])
            page.check("[name=consent]")
            page.get_by_role("button", name="Gửi phản ánh").click()
        page.reload()
        assert page.locator("h1").inner_text() == "Đã giữ, mã phiếu sẽ có sau"
        she.shoot("kept")
        assert not any(WORDS.encode() in town.bucket.read(name) for name in town.kept), "sealed"
        time.sleep(max(0.0, began + 65 - time.time()))  # so long that its time shows
    finally:
        town.server.start()
    page.wait_for_url("**/f/*", timeout=90_000)
    shown = page.inner_text("main")
    assert WORDS in shown and re.search(r"\d\d-\d{6}-\d", shown)
    wait_until(lambda: not town.kept, 30, why="the spool is empty")
    picture = PICTURE.search(page.content())
    assert picture and town.product.ask(picture[1].replace("&amp;", "&")).body[:4] == b"RIFF"
    codes = town.tickets(WORDS)
    assert len(codes) == 1, codes
    ((late,),) = town.server.ask(
        "SELECT extract(epoch FROM e.recorded - t.received)::int FROM tickets_ticket t JOIN events_event e"
        f" ON e.subject = 'ticket' AND e.subject_id = t.id AND e.kind = 'ticket.create' WHERE t.code = '{codes[0]}'"
    )
    assert int(late) >= 60, "its time counts from when it was kept"
    stranger = person(town.product, size="phone")
    stranger.at(link)
    assert "/f/" in stranger.page.url, "whoever has the address goes on to the ticket"


def test_an_app_gets_a_token_and_asks_for_the_id(town: Town, without: Callable[[], None]) -> None:
    product = town.product
    refused = post(product, service_code=town.service, api_key="nobody")
    assert refused.status == 503 and refused.headers["retry-after"] == "5"
    told = [post(product, service_code=town.service, description=LAMP, once="a-1") for _ in range(2)]
    assert [one.status for one in told] == [201, 201], told[0].text
    token = told[0].json[0]["token"]
    assert told[1].json[0]["token"] == token and len(town.kept) == 1
    asked = product.ask(f"/open311/v2/tokens/{token}.json")
    assert asked.json == [{"service_request_id": None, "token": token}]
    without()
    wait_until(
        lambda: product.ask(f"/open311/v2/tokens/{token}.json").json[0]["service_request_id"], 90, why="it is numbered"
    )
    code = product.ask(f"/open311/v2/tokens/{token}.json").json[0]["service_request_id"]
    assert town.tickets(LAMP) == [code]


def test_a_worker_that_is_killed_while_it_numbers_makes_none_twice(town: Town, without: Callable[[], None]) -> None:
    product, count = town.product, 30
    product.expect("worker", "killed", "-9")
    for number in range(count):
        words = f"Ổ gà thứ {number} kilo"
        assert post(product, service_code=town.service, once=f"k{number}", description=words).status == 201
    assert len(town.kept) == count
    told = product.shell("doctor", "--lang", "en")
    assert f"{count} reports have waited for a number" in told.stdout, told.stdout
    without()
    for _ in range(4):
        wait_until(lambda: product.children("worker"), 60, why="a worker")
        before = len(town.kept)
        wait_until(lambda before=before: len(town.kept) < before or not town.kept, 60, every=0.01, why="it numbers")
        for pid in product.children("worker"):
            os.kill(pid, signal.SIGKILL)
    wait_until(lambda: not town.kept, 120, why="all are numbered")
    rows = town.server.ask("SELECT count(*), count(DISTINCT text) FROM tickets_ticket WHERE text LIKE '%kilo'")
    assert [tuple(map(int, row)) for row in rows] == [(count, count)]
    checked = product.shell("store", "spool", "--lang", "en")
    assert checked.returncode == 0 and "0 reports wait for a number, 0 are set aside" in checked.stdout
