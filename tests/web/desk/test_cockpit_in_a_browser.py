"""The cockpit in a real browser: what is wrong comes into a place that stays, and so is read aloud."""

from datetime import timedelta

import pytest
from django.utils.timezone import now
from playwright.sync_api import expect

from caunoi.calls import actions
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Direction, Queued, Started
from tests.web.desk.switchboard import NUMBER
from tests.web.desk.test_call_control import box as box

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_an_alarm_comes_into_a_place_that_stays(town, box, screens):
    tam = screens("tam")
    page = tam.go("/desk/cockpit/")
    tam.ready()
    page.evaluate("document.getElementById('floor-alarms').stays = true")
    began = now() - timedelta(minutes=5)
    events = [
        Started(call_id="w", at=began, direction=Direction.IN, caller=NUMBER, dialled="1022"),
        Queued(call_id="w", at=began, queue="tongdai1022"),
    ]
    actions.absorb(box, fold(events).values())
    expect(page.locator("[role=status] > ul.cockpit-alarms > li").first).to_contain_text("đã chờ hơn một phút")
    assert page.evaluate("document.getElementById('floor-alarms').stays")
    assert page.locator("#floor").count() == page.locator("#floor-alarms").count() == 1
