"""What a citizen writes, old name or new, is understood the day an act comes into force; see also conftest."""

import pytest

from caunoi.directory.geography import commune_rows, geography, resolve
from caunoi.directory.models import Area
from caunoi.directory.queries import forget
from caunoi.events.models import Event
from caunoi.reorganisation import tasks
from caunoi.tickets import tasks as tickets
from caunoi.tickets.models import Ticket
from tests.reorganisation.conftest import DAY, scheduled, ward

pytestmark = pytest.mark.django_db


@pytest.fixture
def communes(town):
    """Phường Lộc Ninh and Xã Lộc Thành, as the list has them, and what they become."""
    province = Area.objects.get(code="75")
    rows = {}
    for row in commune_rows(province):
        if row["code"] in ("25270", "25294"):
            rows[row["code"]] = Area.objects.create(sort="", folded="", **row)
    return rows["25270"], rows["25294"]


@pytest.fixture
def joined(town, communes, clock):
    new = ward("25999", "Phường Lộc Ninh Mới", communes[0])
    scheduled(town, "99/NQ-HĐND", ("merge", "area", communes, ["25999"]), begins=[new])
    clock(DAY)
    tasks.keep_up()
    forget()


@pytest.mark.parametrize(
    "words",
    [
        "ấp 3, xã Lộc Thành",
        "khu phố 1, phường Lộc Ninh",
        "khu phố 1, phường Lộc Ninh Mới",
        "ấp 3, xã Lộc Thái, huyện Lộc Ninh",
        "ấp 3, xã Lộc Thành, huyện Lộc Ninh",
        "xã Lộc Ninh",
        "khu pho 1 phuong loc ninh moi",
        "thị trấn Lộc Ninh, huyện Lộc Ninh, tỉnh Bình Phước",
    ],
)
def test_old_names_and_the_new_one_lead_to_the_commune_of_today(joined, words):
    assert resolve(words).area_code == "25999"


def test_what_is_far_from_the_act_is_as_it_was(joined):
    assert resolve("ấp 2, xã Lộc Quang").area_code == "25292"
    assert resolve("xã Đức Liễu, huyện Bù Đăng").area_code == "25417"


def test_the_unit_of_the_day_it_was_written_is_still_known(joined):
    assert resolve("ấp 3, xã Lộc Thành", on=DAY.replace(month=8)).then_code == "25294"


def test_a_report_with_an_old_name_comes_in_with_its_commune(joined, take):
    ticket = take("new", address="ấp 3, xã Lộc Thành")
    Ticket.objects.update(area=None)
    tickets.locate(Event.objects.get(kind="ticket.create", subject_id=ticket.pk))
    assert Ticket.objects.get(pk=ticket.pk).area.code == "25999"


def test_the_list_of_communes_does_not_bring_the_old_ones_back(joined):
    codes = {row["code"] for row in commune_rows(Area.objects.get(code="75"))}
    assert "25999" in codes and not codes & {"25270", "25294"}


def test_of_a_divided_commune_one_asks_with_its_parts(town, communes, clock):
    parts = [ward("25998", "Phường Lộc Đông", communes[0]), ward("25999", "Phường Lộc Tây", communes[0])]
    scheduled(town, "98/NQ-HĐND", ("split", "area", communes[:1], ["25998", "25999"]), begins=parts)
    clock(DAY)
    tasks.keep_up()
    forget()
    answer = resolve("khu phố 1, phường Lộc Ninh")
    assert answer.area_code is None
    assert {c.area_code for c in answer.candidates} >= {"25998", "25999"}
    assert resolve("phường Lộc Tây").area_code == "25999"


def test_the_same_rows_are_the_same_geography(joined):
    first = geography()
    forget()
    assert geography() is first
