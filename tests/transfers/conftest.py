import pytest

from caunoi.events.actor import citizen
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter
from caunoi.transfers import neighbours
from tests.transfers.provinces import World


@pytest.fixture
def world(town, monkeypatch):
    yield World(monkeypatch)
    neighbours.forget()


@pytest.fixture
def lamp(town, photo):
    """A citizen's report of a lamp beyond the border."""

    def make(once="lamp", text="Đèn đường tắt ở đầu cầu bên kia", photos=("navy", "red"), **more):
        report = Report(
            text=text,
            channel="web",
            once=once,
            address="Cầu Mã Đà",
            latitude=11.4,
            longitude=106.9,
            reporter=Reporter(name="Trần Thị Mẫu", phone="+84900000777", email="mau@example.vn"),
            photos=[photo(colour) for colour in photos],
            **more,
        )
        return tickets.take(report, by=citizen())

    return make
