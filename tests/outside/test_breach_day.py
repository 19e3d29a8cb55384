"""A breach of personal data, from “discovered” to “everybody told”."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from stage import Person, Product, wait_until

from tests.providers.sms import Sms

pytestmark = pytest.mark.long

CLERK = "Bearer demo-api-lan"
NUMBERS = ("0912345611", "0912345612")
LETTER = "Danh sách phản ánh sáng nay đã bị người ngoài xem. Anh/chị hãy cảnh giác với cuộc gọi lạ; hỏi 1022."


@pytest.fixture(scope="module")
def gateway() -> Iterator[Sms]:
    provider = Sms()
    provider.start()
    yield provider
    provider.stop()


def api(product: Product, path: str, body: dict[str, Any]) -> Any:
    answer = product.ask(f"/api/v1{path}", body, authorization=CLERK)
    assert answer.status in (200, 201), answer.text
    return answer.json


def send(person: Person, **fields: str) -> None:
    """Fill in a form of setup and save it."""
    page = person.page
    for name, value in fields.items():
        control = page.locator(f"#setup-form [name={name}]")
        if control.first.get_attribute("type") in ("radio", "checkbox"):
            page.locator(f"#setup-form [name={name}][value={value}]").check(force=True)
        elif control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation():
        page.locator("#setup-form button[value=save]").click()


def follow_link(person: Person, words: str) -> None:
    with person.page.expect_navigation():
        person.page.locator("main").get_by_role("link", name=words).first.click()


def test_a_breach_from_discovered_to_everybody_told(demo: Product, person: Any, gateway: Sms) -> None:
    chief: Person = person(demo, "quan")
    page = chief.at("/setup/inboxes/sms/edit")
    for field, value in (gateway.settings("vnpt") | gateway.secrets()).items():
        control = page.locator(f"[name=inbox-{field}]")
        if control.evaluate("e => e.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(str(value))
    with page.expect_navigation():
        page.locator("main form button[value=save]").click()
    codes = [
        api(demo, "/tickets", {"text": "Rác chưa thu gom", "channel": "phone", "contact": {"phone": number}})["code"]
        for number in NUMBERS
    ]
    nobody = api(demo, "/tickets", {"text": "Rác chưa thu gom", "channel": "counter"})["code"]

    chief.at("/setup/")
    follow_link(chief, "Vi phạm dữ liệu")
    follow_link(chief, "Ghi nhận vi phạm")
    moment = f"{datetime.now(ZoneInfo('Asia/Ho_Chi_Minh')) - timedelta(hours=1):%Y-%m-%dT%H:%M}"
    words = {"title": "Lộ danh sách phản ánh", "what": "Máy của một cán bộ bị mất, danh sách còn mở."}
    send(chief, discovered=moment, **words)
    assert "Thời hạn bắt đầu tính" in chief.text()
    breach = page.url

    follow_link(chief, "Đánh giá")
    chief.page.locator("#setup-form [name=kinds][value=contact]").check(force=True)
    words = {"cause": "Mất máy", "assessment": "Có số điện thoại", "measures": "Đã khóa máy"}
    send(chief, kinds="location", harm="possible", **words)
    assert "phải báo cho người bị ảnh hưởng" in chief.text()  # their places were touched

    page = chief.at(breach)
    follow_link(chief, "Kết thúc")  # too early
    chief.expect("422")
    chief.page.fill("[name=lessons]", "Khóa màn hình")
    chief.page.locator("#setup-form button[value=save]").click()
    chief.see("Còn thiếu")

    chief.at(breach)
    follow_link(chief, "Đã báo cơ quan chuyên trách")
    send(chief, authority="Bộ Công an (A05)", number="12/BC", at=moment)
    follow_link(chief, "Ai bị ảnh hưởng")
    send(chief, codes="\n".join([*codes, nobody]))
    assert "Đã thêm 3 người" in chief.text()
    follow_link(chief, "Báo cho người bị ảnh hưởng")
    send(chief, letter=LETTER)
    assert "2 tin đang được gửi đi" in chief.text()

    def everybody() -> bool:
        chief.at(breach)
        return "Không tới được" in chief.text() and "Đã tới: 2" in chief.text()

    wait_until(lambda: {sent["to"][-9:] for sent in gateway.sent} >= {number[1:] for number in NUMBERS}, within=60)
    wait_until(everybody, within=60, every=1)
    with page.expect_navigation():
        page.get_by_role("button", name="Tôi đã báo").first.click()
    assert "Đã có người báo trực tiếp: 1" in chief.text()
    assert "Không tới được" not in chief.text()

    follow_link(chief, "Kết thúc")
    send(chief, lessons="Khóa màn hình sau năm phút")
    chief.at(breach)
    follow_link(chief, "Bản in báo cáo")
    text = chief.text()
    for words in ("Mất máy", "Bộ Công an (A05)", "12/BC", LETTER, "Khóa màn hình sau năm phút", "Đã tới: 2"):
        assert words in text, words
