"""Every page of the staff that an address of the access table shows, in a real browser: with the longest names and all
folds open it is no wider than a phone or a desk, and has a title and one heading.

Proves: On a phone one conversation at a time; the mark of trouble fits (it made every page 259 px too wide while a
channel was ill)"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter
from caunoi.web.access import PUBLIC, TOKEN, allowed
from tests.web.test_access import ALL, PEOPLE, SAMPLES
from tools.look import SIZES

pytestmark = pytest.mark.browser

LONG = (
    "Trung tâm Quản lý, khai thác công trình hạ tầng kỹ thuật đô thị và dịch vụ công ích khu vực Bình Phước – Đồng Xoài"
)


@pytest.fixture
def crowded(town: SimpleNamespace) -> dict[str, Any]:
    """A ticket with a word, a caller and an agency of the longest names, at its agency; what stands in addresses."""
    town.works.name = LONG
    town.works.save()
    report = Report(
        text=f"Đèn tắt trước nhà, xem https://example.vn/{'anh-chup-' * 24}\n" + "Tối đen không thấy đường đi. " * 150,
        reporter=Reporter(name="Công Tằng Tôn Nữ Huyền Trân Bảo Ngọc Thuỳ Dương Quỳnh Anh Demo", phone="0900000001"),
        channel="phone",
        once="a",
        category_id=town.lamps.pk,
        area_id=town.ward.pk,
        latitude=11.52,
        longitude=106.9,
    )
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    return {**SAMPLES, "code": ticket.code, "token": ticket.follow}


def pages(town: SimpleNamespace, samples: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, page) of each address of the staff that answers with a whole page, as the first who may come in sees
    it."""
    clients = {}
    for who in PEOPLE:
        clients[who] = Client()
        clients[who].force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    for view, parameters in ALL:
        may = allowed(view)
        if may in (PUBLIC, TOKEN):
            continue
        who = next(name for name in PEOPLE if town.users[name].as_actor().has(*may))
        path = reverse(view, kwargs={name: samples[name] for name in parameters})
        answer = clients[who].get(path)
        kind = answer.get("Content-Type", "")
        if answer.status_code == 200 and kind.startswith("text/html") and b"<html" in answer.content:
            yield path, answer.content.decode()


@pytest.mark.slow
def test_no_page_is_too_wide_and_each_says_what_it_is(
    screens: Any, town: SimpleNamespace, crowded: dict[str, Any]
) -> None:
    seen = screens(scripts=False)  # as they come: charts and maps have widths, and tests, of their own
    seen.page.goto(f"{seen.url}/lookup", timeout=60_000)
    walked, wrong = 0, []
    for path, content in pages(town, crowded):
        page = seen.page
        page.set_content(content, timeout=60_000)
        page.evaluate("document.querySelectorAll('details.fold').forEach((fold) => (fold.open = true))")
        if page.locator("h1").count() != 1 or not page.title().strip(" –"):
            wrong.append(f"{path}: {page.title()}")
        for width, height in (SIZES["desk"], SIZES["phone"]):
            page.set_viewport_size({"width": width, "height": height})
            if not page.get_by_role("heading", level=1).count():  # a hidden one names nothing
                wrong.append(f"{path}: no heading on {width}")
            if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                wrong.append(f"{path}: {wide} px wide on {width}")
        walked += 1
    assert wrong == []
    assert walked > 70
