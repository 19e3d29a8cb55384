"""The portal in a real browser: the map and its islands, the slider by keyboard, joining with and without
JavaScript.

Proves: In a real browser: the map asks for what is looked at and has its islands, the slider by keyboard and
without scripts, joining with and without JavaScript"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import expect

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.followers import queries as followers
from caunoi.publication import actions
from caunoi.publication.models import Publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from tests.browser import Screen

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def lamp(town: SimpleNamespace, photo: Callable[..., int], worker: Any) -> Publication:
    """An open lamp at the market, and one at the school that was mended, with both pictures."""
    for number, where in enumerate(("trường học", "chợ Đồng Xoài")):
        report = Report(
            text=f"Đèn đường trước {where} tắt mấy hôm nay.",
            channel="web",
            once=where,
            area_id=town.ward.pk,
            latitude=11.50 + number / 50,
            longitude=106.90,
        )
        ticket = tickets.take(report, by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        routing.route(ticket, town.works, by=town.lan)
        if not number:
            routing.start(ticket, by=town.minh)
            answers.submit(ticket, "Đã thay bóng.", by=town.minh, before=[photo("navy")], after=[photo("gold")])
            answers.approve(ticket, by=town.hoa)
    worker()
    mended = Publication.objects.order_by("id")[0]
    actions.publish(mended, by=town.thu, photos=[p.attachment_id for p in mended.ticket.photos.all()])
    return Publication.objects.select_related("ticket").order_by("-id")[0]


def test_the_map_of_the_register_has_its_islands_and_asks_for_what_is_looked_at(
    screens: Callable[..., Screen], lamp: Publication
) -> None:
    page = screens(size="phone").go("/register")
    area = page.locator("[data-map=spots]")
    expect(area).to_have_attribute("data-map-spots", "ready", timeout=30_000)
    layers = page.evaluate("document.querySelector('[data-map]').map.getStyle().layers.map(layer => layer.id)")
    assert {"islands", "archipelagos", "points", "clusters"} <= set(layers)
    expect(page.locator(".map-inset")).to_have_attribute(
        "aria-label", "Quần đảo Hoàng Sa (Việt Nam), Quần đảo Trường Sa (Việt Nam)"
    )
    expect(page.locator("select[name=area]")).to_be_visible()  # what the map shows can be chosen without it


def test_before_and_after_are_compared_by_keyboard(screens: Callable[..., Screen], lamp: Publication) -> None:
    mended = Publication.objects.order_by("id").select_related("ticket")[0]
    page = screens(size="phone").go(f"/p/{mended.ticket.code}")
    slider = page.get_by_label("So sánh trước và sau")
    slider.focus()
    page.keyboard.press("End")
    assert page.evaluate("document.querySelector('.compare').style.getPropertyValue('--at')") == "100%"
    plain = screens(size="phone", scripts=False).go(f"/p/{mended.ticket.code}")
    boxes = [plain.locator(".compare > img").nth(n).bounding_box() for n in (0, 1)]
    assert boxes[0] and boxes[1] and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"] + 1


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_somebody_joins_instead_of_reporting_again(
    screens: Callable[..., Screen], lamp: Publication, scripts: bool
) -> None:
    screen = screens(size="phone", scripts=scripts)
    page = screen.go("/report")
    page.fill("[name=text]", "Đèn đường trước chợ Đồng Xoài tắt ba ngày nay.")
    screen.press("Tiếp tục")
    page.locator("details.fold summary").click()
    page.fill("[name=lat]", "11.5201")
    page.fill("[name=long]", "106.9001")
    if scripts:
        page.locator("[name=long]").blur()
        expect(page.locator("#alike")).to_contain_text("chợ Đồng Xoài", timeout=15_000)
    else:
        screen.press("Tiếp tục")
    screen.press("Tôi cũng gặp việc này")
    expect(screen.look().locator("h1")).to_have_text("Anh/chị đã góp tên vào phiếu này")
    expect(page.locator("main")).to_contain_text("Phản ánh của anh/chị chưa được gửi")
    assert followers.joined(lamp) == 1
    screen.press("Rút tên khỏi phiếu")
    assert followers.joined(lamp) == 0
    assert screen.complaints == []
