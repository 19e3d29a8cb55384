"""The pages of what went wrong, as people see them: in both languages and schemes, on a phone and on a desk."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from playwright.sync_api import expect
from pytest_django import Settings

from caunoi.accounts import attempts
from caunoi.web import context
from caunoi.web.citizen import lookup
from tests.browser import Screen

LOOKS = [("phone", "light", "vi"), ("desk", "dark", "en")]
TITLES = {
    "nothing": ("Không có gì ở đây", "There is nothing here"),
    "broken": ("Hệ thống đang gặp trục trặc", "Something went wrong on our side"),
    "bare": ("Hệ thống đang gặp trục trặc", "Something went wrong on our side"),
    "away": ("Hiện chưa truy cập được dữ liệu của tổng đài", "The hotline's data cannot be reached just now"),
    "forged": ("Biểu mẫu đã quá hạn", "This form has expired"),
    "locked": ("Nhập sai mật khẩu quá nhiều lần", "Too many wrong passwords"),
    "forbidden": ("Tài khoản của anh/chị không mở được trang này", "This page is not for your account"),
    "password": ("Đặt mật khẩu", "Choose a password"),
}


def breaks(*_args: Any, **_more: Any) -> NoReturn:
    raise OperationalError("the database is away")


def errs(*_args: Any, **_more: Any) -> NoReturn:
    raise ArithmeticError("a mistake of ours")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_without_the_database_it_is_still_said_what_to_do(
    db: None, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(lookup, "render_page", breaks)
    monkeypatch.setattr(context, "option_text", breaks)
    answer = Client(raise_request_exception=False, headers={"accept-language": language}).get("/lookup")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    page = answer.content.decode()
    assert f'<html lang="{language}"' in page and 'href="tel:1022"' in page
    assert ("opens by itself" in page) == (language == "en")


@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.parametrize(("size", "theme", "language"), LOOKS, ids=["-".join(look) for look in LOOKS])
def test_each_says_what_happened_and_can_be_read(
    screens: Callable[..., Screen],
    town: SimpleNamespace,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    size: str,
    theme: str,
    language: str,
) -> None:
    def seen(screen: Screen, name: str) -> None:
        expect(screen.page.locator("h1")).to_have_text(TITLES[name][language == "en"], timeout=30_000)
        screen.complaints.clear()  # the browser names the status
        screen.look(f"error-{name}-{size}-{theme}-{language}")

    def opened(who: str = "") -> Screen:
        screen = screens(who, size=size, theme=theme)
        screen.page.set_default_timeout(30_000)
        screen.context.add_cookies([{"name": "language", "value": language, "url": screen.url}])
        return screen

    def send(screen: Screen, form: str, **more: str) -> None:
        page = screen.page
        for name, value in more.items():
            page.fill(f"{form} [name={name}]", value)
        with page.expect_navigation():
            page.locator(f"{form} .btn-primary").click()

    cache.clear()
    monkeypatch.setattr(attempts, "TRIES", 0)
    anyone, lan = opened(), opened("lan")
    anyone.go("/nothing")
    seen(anyone, "nothing")
    anyone.go("/login")
    anyone.context.clear_cookies(name="csrftoken")
    send(anyone, "main form", username="lan", password="x")
    seen(anyone, "forged")
    anyone.go("/login")
    send(anyone, "main form", username="lan", password="x")
    seen(anyone, "locked")
    lan.go("/setup/")
    seen(lan, "forbidden")
    lan.go("/password")
    send(lan, "main form")
    seen(lan, "password")
    with monkeypatch.context() as patch:
        patch.setattr(lookup, "render_page", errs)
        anyone.go("/lookup")
        seen(anyone, "broken")
        patch.setattr(context, "option_text", breaks)
        anyone.go("/lookup")
        seen(anyone, "bare")
        patch.setattr(lookup, "render_page", breaks)
        anyone.go("/lookup")
        seen(anyone, "away")
