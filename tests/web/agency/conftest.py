"""A lamp that Minh's company must mend, reported by somebody whose name, number and letters nobody there may see."""

import io
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from caunoi.events.actor import citizen
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

NAME, PHONE, EMAIL = "Phạm Thị Demo Hạnh", "+84900000777", "hanh.demo@example.com"
TEXT = (
    "Tôi là Phạm Thị Demo Hạnh, số 0900 000 777, hanh.demo@example.com, CCCD 070190000123. "
    "Đèn trước số 12 hẻm 45 đường Phú Riềng Đỏ không sáng. Xin cảm ơn, Demo Hạnh."
)


def jpeg(colour: str = "navy") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return SimpleUploadedFile(f"{colour}.jpg", out.getvalue(), "image/jpeg")


@pytest.fixture
def lamp(town: SimpleNamespace, photo: Callable[..., int]) -> Callable[..., Ticket]:
    """Report a lamp and hand it to an agency, the works unless another is named."""

    def make(
        once: str = "lamp", agency: str = "xncongtrinh", text: str = TEXT, urgency: str = "", **more: object
    ) -> Ticket:
        report = Report(
            text=text,
            channel="web",
            once=once,
            area_id=town.ward.pk,
            category_id=town.lamps.pk,
            photos=[photo(by=citizen())],
            address="12 hẻm 45 đường Phú Riềng Đỏ",
            reporter=Reporter(name=NAME, phone=PHONE, email=EMAIL),
            **more,
        )
        ticket = tickets.take(report, by=citizen())
        tickets.move(ticket, "accept", by=town.lan, urgency=urgency)
        routing.route(ticket, town.agencies[agency], by=town.lan, note="Chị Demo Hạnh gọi 0900000777 nhắc hai lần.")
        return ticket

    return make


@pytest.fixture
def ticket(lamp: Callable[..., Ticket]) -> Ticket:
    return lamp()


@pytest.fixture
def at(town: SimpleNamespace) -> Callable[[str], Client]:
    """Somebody of the town at their browser."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(town.users[name])
        return client

    return sign_in
