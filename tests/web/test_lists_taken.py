"""Lists taken away as tables: the same rows as on the page, for the same eyes, and no formula in them.

Proves: Staff's lists as CSV and XLSX (queue/search, agency's work, board's tickets, call-backs, orders, openings;
calls had CSV): same filters, same eyes, no formula, constant-memory CSV and XLSX, taking is an event
(`list.take`) with reason, filters, count and the mark that every row bears"""

import csv
import io
from datetime import UTC, datetime

import openpyxl
import pytest
from django.test import Client

from caunoi.conversations.models import Callback
from caunoi.directives import actions as directives
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.web import sheets

EVIL = '=HYPERLINK("http://xau.example")'


def client(town, name):
    found = Client(headers={"accept-language": "vi"})
    found.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return found


def take(town, name, path, form="csv"):
    address = f"{path}{'&' if '?' in path else '?'}format={form}"
    answer = client(town, name).post(address, {"reason": "Báo cáo tháng cho tỉnh"})
    assert answer.status_code == 200, answer.status_code
    content = b"".join(answer.streaming_content)
    if form == "csv":
        assert content.startswith(b"\xef\xbb\xbf")
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    return [[cell.value for cell in row] for row in sheet.iter_rows()], sheet


@pytest.fixture
def ticket(town):
    report = Report(text=EVIL, channel="web", once="a", area_id=town.ward.pk)
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    return ticket


LISTS = [
    ("lan", "/desk/?tab=all"),
    ("minh", "/agency/"),
    ("phong", "/board/tickets"),
    ("lan", "/desk/callbacks/"),
    ("phong", "/board/directives"),
    ("hoa", "/agency/directives"),
    ("tam", "/desk/openings"),
]


@pytest.mark.parametrize(("name", "path"), LISTS)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_every_list_of_the_staff_is_a_table_to_take_away(town, ticket, name, path, form):
    page = client(town, name).get(path.split("?")[0]).content.decode()
    found = take(town, name, path, form)
    head = found[0] if form == "csv" else found[0][0]
    assert len(head) > 4 and all(head)
    assert Event.objects.filter(kind="list.take", by=name).count() == 1
    assert f"format={form}" in page or "items" not in page


def test_no_list_leaves_without_a_reason(town, ticket):
    address = "/desk/?tab=all&format=csv"
    for answer in (client(town, "lan").get(address), client(town, "lan").post(address, {"reason": "  xem  "})):
        assert answer["Content-Type"].startswith("text/html") and ticket.code not in answer.content.decode()
    assert answer.status_code == 422 and answer["Cache-Control"] == "no-store"
    assert not Event.objects.filter(kind="list.take").exists()


def test_a_copy_leads_to_who_downloaded_it_and_why(town, ticket):
    head, row = take(town, "lan", "/desk/?tab=all&q=&area=25195")
    event = Event.objects.get(kind="list.take")
    assert head[-1] == "Người tải về" and row[-1].startswith("lan ") and row[-1].endswith(event.data["mark"])
    assert event.data == {
        "list": "tickets",
        "form": "csv",
        "reason": "Báo cáo tháng cho tỉnh",
        "filters": {"tab": "all", "area": "25195"},
        "count": 1,
        "mark": event.data["mark"],
    }


def test_the_list_of_all_staff_is_recorded_too(town):
    address = "/setup/imports/all/people.csv"
    assert "reason" in client(town, "quan").get(address).content.decode()
    answer = client(town, "quan").post(address, {"reason": "Đối chiếu danh sách cán bộ"})
    event = Event.objects.get(kind="list.take")
    assert event.data["count"] == len(town.users) and event.data["mark"] in answer["Content-Disposition"]


@pytest.mark.parametrize(
    ("name", "path"), [("lan", "/desk/?tab=all"), ("minh", "/agency/"), ("phong", "/board/tickets")]
)
def test_a_formula_is_text(town, ticket, name, path):
    row = take(town, name, path)[1]
    assert row[0] == ticket.code and row[-2] == f"'{EVIL}"
    cells, sheet = take(town, name, path, "xlsx")
    assert cells[1][-2] == EVIL
    assert {cell.data_type for line in sheet.iter_rows() for cell in line} <= {"s", "n", "d"}


def test_a_table_is_in_the_words_of_the_page(town, ticket):
    head, row = take(town, "lan", "/desk/?tab=all")
    told = dict(zip(head, row, strict=True))
    assert (told["Trạng thái"], told["Phường, xã"], told["Kênh"]) == (
        "Đã chuyển xử lý",
        "Phường Bình Phước",
        "Trang web",
    )


def test_filters_of_the_page_hold_for_the_table(town, ticket):
    assert len(take(town, "lan", "/desk/?tab=waiting")) == 1
    assert len(take(town, "lan", "/desk/?tab=out&area=25195")) == 2


def test_an_officer_takes_away_only_what_the_agency_may_see(town, ticket):
    assert len(take(town, "minh", "/agency/")) == 2
    assert len(take(town, "binh", "/agency/")) == 1


def test_many_pages_make_one_table_without_gaps(town, ticket, monkeypatch):
    for number in range(6):
        tickets.take(Report(text=f"Đèn {number}", channel="web", once=f"n{number}"), by=citizen())
    whole = [row[0] for row in take(town, "lan", "/desk/?tab=all")]
    monkeypatch.setattr("caunoi.web.desk.queue.CHUNK", 2)
    assert [row[0] for row in take(town, "lan", "/desk/?tab=all")] == whole
    assert len(set(whole)) == 8


def test_orders_and_callbacks_say_all_there_is(town, ticket):
    directives.give("+Làm ngay", datetime(2100, 1, 1, tzinfo=UTC), ticket=ticket, by=town.phong)
    Callback.objects.create(reason="missed_call", phone="+84912345678", outcome="@cuối")
    assert take(town, "phong", "/board/directives")[1][:3] == [
        ticket.code,
        "Xí nghiệp Công trình công cộng",
        "'+Làm ngay",
    ]
    row = take(town, "lan", "/desk/callbacks/")[1]
    assert row[0] == "0912 345 678" and row[-2] == "'@cuối"


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1"])
def test_what_begins_a_formula_is_known(text):
    assert sheets.safe(text) == f"'{text}"


@pytest.mark.parametrize("value", ["Đèn = tắt", "", None, 5, -5])
def test_what_begins_none_stays(value):
    assert sheets.safe(value) == value
