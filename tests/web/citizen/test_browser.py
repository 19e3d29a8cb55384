"""A citizen on a phone, in a real browser: with JavaScript and without, from the home page to the answer."""

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caunoi.answers import actions as answers
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from tests.browser import Screen

HERE = {"latitude": 11.52, "longitude": 106.9}

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def phone(request: Any, screens: Callable[..., Screen]) -> Screen:
    return screens(size="phone", scripts=request.param, geolocation=HERE, permissions=["geolocation"])


@pytest.fixture
def file(picture: Any, tmp_path: Path) -> Path:
    path = tmp_path / "lamp.jpg"
    path.write_bytes(picture().read())
    return path


def on(phone: Screen) -> Page:
    """To the next step."""
    button = phone.look().locator("main form button.btn-primary")
    with phone.page.expect_navigation():
        button.click()
    return phone.page


def tap(page: Page, latitude: float, longitude: float) -> None:
    """Touch a place on the map."""
    expect(page.locator("[data-map][data-map-state=ready]")).to_be_visible(timeout=20_000)
    at = page.evaluate(
        f"(({{x, y}}) => ({{x, y}}))(document.querySelector('[data-map]').map.project([{longitude}, {latitude}]))"
    )
    page.locator("[data-map] canvas").click(position=at)


def write(phone: Screen, file: Path) -> None:
    """From the home page to the ticket's page."""
    page = phone.page
    page.goto("/")
    phone.look().get_by_role("link", name=re.compile("^Phản ánh")).first.click()
    page.fill("[name=text]", "Đèn đường trước chợ tắt ba ngày nay.")
    on(phone)
    if phone.scripts:
        tap(page, HERE["latitude"], HERE["longitude"])
        page.go_back()
        expect(page.locator("[name=text]")).to_have_value("Đèn đường trước chợ tắt ba ngày nay.")
        page.go_forward()
        expect(page.locator("[data-map][data-map-state=ready]")).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Vị trí của tôi").click()
        expect(page.locator("#id_lat")).to_have_value("11.520000")
    else:
        page.select_option("[name=area]", "25195")
    page.fill("[name=address]", "Trước chợ Đồng Xoài")
    on(phone)
    page.set_input_files("#id_photos", file)
    if phone.scripts:
        page.get_by_role("button", name="Bỏ ảnh 1").click()
        expect(page.locator(".picker-item")).to_have_count(0)
        page.get_by_role("button", name="Hoàn tác").click()
        expect(page.locator(".picker-item")).to_have_count(1)
    else:
        page.get_by_role("button", name="Thêm các ảnh này").click()
        expect(page.locator(".picker-item")).to_have_count(1)
    on(phone)
    page.fill("[name=phone]", "0900 000 001")
    page.check("[name=consent]")
    on(phone)
    expect(page.locator("main")).to_contain_text("Trước chợ Đồng Xoài")
    on(phone)


def test_a_report_is_written_followed_answered_and_rated(
    phone: Screen, file: Path, town: SimpleNamespace, photo: Any, worker: Any
) -> None:
    write(phone, file)
    ticket = Ticket.objects.get()
    assert (ticket.area, ticket.contact.phone, ticket.photos.count()) == (town.ward, "+84900000001", 1)
    assert (ticket.latitude is not None) is phone.scripts
    page = phone.look()
    expect(page.get_by_role("status").locator(".code")).to_have_text(ticket.code)

    worker()
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    worker()
    if not phone.scripts:
        page.reload()
    expect(page.locator("main")).to_contain_text("Xí nghiệp Công trình công cộng đang giữ phiếu")

    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bốn bóng.", by=town.minh, before=[photo()], after=[photo("gold")])
    answers.approve(ticket, by=town.hoa)
    worker()
    page.goto(f"/f/{ticket.follow}")
    expect(phone.look().locator("main")).to_contain_text("Đã thay bốn bóng.")
    page.get_by_text("Hài lòng", exact=True).click()
    page.get_by_label("Nhanh").check()
    phone.press("Gửi đánh giá")
    expect(page.locator("main")).to_contain_text("không biết ai đã đánh giá")
    page.goto(f"/p/{ticket.code}")
    expect(phone.look().locator("main")).to_contain_text("Đã thay bốn bóng.")
    page.goto("/register")
    expect(phone.look().locator("main")).to_contain_text("Đèn đường trước chợ")
    assert phone.complaints == []


def test_what_is_typed_outlives_lost_cookies(phone: Screen) -> None:
    page = phone.page
    page.goto("/report")
    phone.context.clear_cookies()
    page.fill("[name=text]", "Cây nghiêng ra đường.")
    on(phone)
    phone.context.clear_cookies()
    on(phone)
    page.goto(page.url.replace("/photos", "/what"))
    expect(page.locator("[name=text]")).to_have_value("Cây nghiêng ra đường.")


@pytest.mark.parametrize("width", [320, 834, 1440])
def test_no_page_is_wider_than_its_screen(screens: Callable[..., Screen], width: int) -> None:
    seen = screens(size=(width, 800))
    for path in ("/", "/report", "/lookup", "/register", "/login"):
        seen.go(path)
        seen.clean()
