"""An officer on a phone takes a ticket on and sends a result with photos; the lead approves. In a real browser."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import expect

from caunoi.answers.queries import final
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import photos
from tests.browser import Screen

pytestmark = pytest.mark.browser


def picture(colour: str) -> dict[str, Any]:
    out = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(out, "JPEG")
    return {"name": f"{colour}.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def test_a_lamp_is_mended_in_the_rain(screens: Callable[..., Screen], ticket: Ticket) -> None:
    minh = screens("minh", size="phone")
    phone = minh.go("/agency/")
    minh.look()
    with phone.expect_navigation():
        phone.click(".item-link")
    minh.look()
    minh.act("Nhận xử lý")
    minh.act("Gửi kết quả")
    minh.look()
    phone.set_input_files("[name=result-before]", [picture("black")])
    phone.set_input_files("[name=result-after]", [picture("gold"), picture("white")])
    expect(phone.locator(".picker-item")).to_have_count(3)
    phone.fill("[name=result-text]", "Đã thay bóng, đèn sáng.")
    expect(phone.locator("[data-draft-status]")).to_contain_text("Đã lưu nháp")
    phone.reload()  # the network went, the words stayed
    expect(phone.locator("[name=result-text]")).to_have_value("Đã thay bóng, đèn sáng.")
    phone.set_input_files("[name=result-before]", [picture("black")])
    phone.set_input_files("[name=result-after]", [picture("gold"), picture("white")])
    minh.act("Gửi kết quả")
    expect(phone.locator(".action-bar")).to_contain_text("Đang chờ lãnh đạo đơn vị duyệt.")
    expect(phone.locator("[data-compare]")).to_be_visible()
    minh.look()

    hoa = screens("hoa", theme="dark")
    desk = hoa.go("/agency/?stage=approve")
    with desk.expect_navigation():
        desk.click(".item-link")
    hoa.look()
    desk.fill("[name=approve-text]", "Đã thay bóng LED, đèn sáng từ tối nay.")
    hoa.press("Duyệt và trả lời")
    expect(desk.locator("article")).to_contain_text("Người dân đã có trả lời.")
    answer = final(ticket)
    assert answer is not None and answer.text == "Đã thay bóng LED, đèn sáng từ tối nay."
    assert [p.role for p in photos(ticket)] == ["report", "before", "after", "after"]
    hoa.clean()
