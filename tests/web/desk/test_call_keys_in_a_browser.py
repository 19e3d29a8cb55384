"""The keys beside a call in a real browser: Enter does what stands beside its field and nothing else, and a point
begins the keys of the call."""

import pytest
from playwright.sync_api import expect

from caunoi.calls.models import CallCommand, Presence
from tests.web.desk.test_call_control import box as box
from tests.web.desk.test_call_control import call as call

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def asked():
    return list(CallCommand.objects.order_by("id").values_list("kind", flat=True))


def test_enter_among_the_digits_sends_them_and_does_nothing_else_to_the_call(town, call, screens):
    lan = screens("lan")
    page = lan.go("/desk/phone/")
    lan.ready()
    digits = page.locator("#call-digits")
    digits.fill("12#")
    with page.expect_response(lambda response: response.request.headers.get("hx-request") and "phone" in response.url):
        page.evaluate("document.body.dispatchEvent(new CustomEvent('live:health'))")
    expect(digits).to_have_value("12#")
    with page.expect_response("**/steer"):
        digits.press("Enter")
    assert asked() == ["digits"]


def test_a_point_and_a_letter_press_a_key_of_the_call(town, call, screens):
    lan = screens("lan")
    page = lan.go("/desk/phone/")
    lan.ready()
    page.locator("#call-keys [value=mute]").wait_for()
    with page.expect_response("**/steer"):
        for key in (".", "m"):
            page.keyboard.press(key)
    assert asked() == ["mute"]


def test_enter_in_the_reason_puts_nobody_on_duty(town, call, screens):
    Presence.objects.create(user=town.users["lan"], state="break", reason="meal", by="lan")
    tam = screens("tam")
    page = tam.go("/desk/calls/")
    page.locator("#duty-lan > summary").click()
    reason = page.locator("#why-lan")
    reason.fill("Hết ca")
    reason.press("Enter")
    reason.press("Control+Enter")
    page.wait_for_timeout(500)
    assert page.url.endswith("/desk/calls/")
    expect(reason).to_have_value("Hết ca")
    assert Presence.objects.get(user=town.users["lan"]).state == "break"
