"""The old hotline's list: every row a ticket whose history our own rules allow, or left out with its reason.

Proves: The old hotline's tickets: mapping, preview, words, old/new communes, resumable after a kill, odd rows,
nobody told of the past, undo (refused when touched; statistics follow)"""

from collections import Counter
from datetime import UTC, datetime

import pytest

from caunoi.answers.models import Answer
from caunoi.conversations.models import Contact, Conversation, Message
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.imports import actions, queries
from caunoi.imports.actions import tickets as bulk
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.models import Batch, Imported
from caunoi.routing.models import Handover
from caunoi.sla.models import Deadline
from caunoi.statistics.measures import four_numbers
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Note, Ticket
from tests.imports.conftest import table, workbook

HEAD = [
    "Mã phiếu",
    "Ngày tiếp nhận",
    "Nội dung",
    "Họ tên",
    "Số điện thoại",
    "Địa điểm",
    "Xã, phường",
    "Huyện",
    "Lĩnh vực",
    "Kênh",
    "Trạng thái",
    "Đơn vị xử lý",
    "Ngày chuyển",
    "Ngày trả lời",
    "Nội dung trả lời",
    "Lý do",
    "Ghi chú",
]
LAMPS = "Chiếu sáng công cộng"
WORKS = "Xí nghiệp Công trình công cộng"


def row(code, received="02/03/2024 08:15", **cells):
    values = {
        "Mã phiếu": code,
        "Ngày tiếp nhận": received,
        "Nội dung": f"Đèn tắt số {code}",
        "Lĩnh vực": LAMPS,
        "Kênh": "Tổng đài 1022",
    }
    return [(values | cells).get(name, "") for name in HEAD]


def handled(code, state="Hoàn thành", **cells):
    more = {
        "Trạng thái": state,
        "Đơn vị xử lý": WORKS,
        "Ngày chuyển": "02/03/2024 08:30",
        "Ngày trả lời": "04/03/2024 10:00",
        "Nội dung trả lời": "Đã thay bóng.",
    }
    return row(code, **(more | cells))


def odd(batch):
    return [(one.line, one.problem, one.out) for one in queries.oddities(batch)]


def only():
    return Ticket.objects.select_related("agency", "category", "area").get()


def test_a_closed_case_has_its_whole_story(brought, town):
    brought(
        "tickets",
        table(
            [
                HEAD,
                handled(
                    "PA-1",
                    **{
                        "Họ tên": "Nguyễn Demo",
                        "Số điện thoại": "0912 345 678",
                        "Xã, phường": "Đức Liễu",
                        "Huyện": "Bù Đăng",
                        "Địa điểm": "Thôn 9",
                        "Ghi chú": "Gọi lại buổi chiều",
                    },
                ),
            ]
        ),
    )
    ticket = only()
    assert (ticket.state, ticket.category, ticket.agency, ticket.area) == (
        "closed",
        town.lamps,
        town.works,
        town.commune,
    )
    assert ticket.received == datetime(2024, 3, 2, 1, 15, tzinfo=UTC)
    assert ticket.answered == ticket.closed == datetime(2024, 3, 4, 3, 0, tzinfo=UTC)
    assert (ticket.contact.name, ticket.contact.phone, ticket.address) == (
        "Nguyễn Demo",
        "+84912345678",
        "Thôn 9, Đức Liễu, Bù Đăng",
    )
    events = Event.objects.filter(subject="ticket", subject_id=ticket.pk).order_by("id")
    assert [(e.kind.removeprefix("ticket."), e.pending) for e in events] == [
        (name, False) for name in ("create", "accept", "route", "start", "result", "approve", "close")
    ]
    assert Answer.objects.get().text == "Đã thay bóng."
    assert Handover.objects.get().state == "done"
    assert (Note.objects.get(kind="note").text, Note.objects.get(kind="note").internal) == ("Gọi lại buổi chiều", True)
    handle = Deadline.objects.get(clock="handle")
    assert (handle.met, handle.late) == (ticket.answered, False)


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ("Mới", "new"),
        ("Đã tiếp nhận", "accepted"),
        ("Đã chuyển xử lý", "routed"),
        ("Đang xử lý", "working"),
        ("Chờ duyệt", "resulted"),
        ("Đã trả lời", "answered"),
        ("Đã xử lý xong", "closed"),
        ("Từ chối", "refused"),
        ("Chờ bổ sung", "waiting"),
        ("", "answered"),
    ],
)
def test_every_state_of_the_old_list(brought, said, state):
    brought("tickets", table([HEAD, handled("1", state=said)]))
    assert only().state == state


def test_nobody_is_told_now_of_what_was_late_then(brought, work, town):
    brought("tickets", table([HEAD, handled("1", state="Đang xử lý")]))
    handle = Deadline.objects.get(clock="handle")
    assert (handle.late, handle.wake) == (True, None)
    assert not Event.objects.filter(pending=True, subject="ticket").exists()


def test_what_is_left_out_and_what_is_odd(brought):
    batch = brought(
        "tickets",
        table(
            [
                HEAD,
                row("1", received="hôm kia"),
                row("2", **{"Nội dung": ""}),
                row("3", **{"Lĩnh vực": "Chuyện lạ"}, **{"Trạng thái": "Đã tiếp nhận"}),
                handled("4", state="Đang ngâm"),
                row("5", received="01/01/2199"),
                handled("6"),
                handled("6"),
                handled("7", **{"Đơn vị xử lý": "Sở Không Có"}),
                handled("8", **{"Ngày trả lời": "01/03/2024"}),
                handled("9", **{"Kênh": "Bồ câu", "Xã, phường": "xã Không Đâu"}),
                handled("10", **{"Ngày chuyển": "05/03/2024"}),
            ]
        ),
    )
    assert odd(batch) == [
        (2, "date_unreadable", True),
        (3, "no_text", True),
        (4, "category_unknown", False),
        (4, "category_unknown", True),
        (5, "state_unknown", True),
        (6, "in_the_future", True),
        (8, "twice", True),
        (9, "agency_unknown", False),
        (10, "closed_before_received", False),
        (11, "area_unclear", False),
        (11, "channel_unknown", False),
        (12, "order_mended", False),
    ]
    assert (batch.counts["rows"], batch.counts["left"], batch.counts["apart"]) == (5, 6, 1)
    assert Counter(Ticket.objects.values_list("state", flat=True)) == {"closed": 5}


def test_an_agency_that_nobody_knows_leaves_the_answer_to_the_centre(brought):
    brought("tickets", table([HEAD, handled("7", **{"Đơn vị xử lý": "Sở Không Có"})]))
    assert (only().state, only().agency, Answer.objects.get().text) == ("closed", None, "Đã thay bóng.")


def test_a_preview_counts_what_would_come_and_writes_no_ticket(looked):
    batch = looked(
        "tickets",
        workbook([HEAD, handled("1"), handled("2", state="Đang xử lý"), row("3"), handled("4", state="Chẳng biết")]),
    )
    assert (batch.counts["states"], batch.counts["left"], batch.counts["years"]) == (
        {"closed": 1, "working": 1, "accepted": 1},
        1,
        {"2024": 3},
    )
    assert batch.plan["words"]["state"]["Hoàn thành"] == {"count": 1, "code": "closed", "how": "same", "suggest": ""}
    assert not Ticket.objects.exists()


def test_killed_in_the_middle_and_run_again_nothing_is_there_twice(town, file, monkeypatch):
    path = file(table([HEAD, *(handled(str(n)) for n in range(25))]))
    monkeypatch.setattr(bulk, "CHUNK", 10)
    batch = actions.look(actions.open_batch("tickets", path, by=SYSTEM), path)
    actions.begin(batch, Batch.State.APPLYING, by=SYSTEM)
    write, calls = bulk._write, []

    def dies(*args):
        calls.append(1)
        write(*args)
        if len(calls) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(bulk, "_write", dies)
    batch.refresh_from_db()
    with pytest.raises(KeyboardInterrupt):
        actions.bring_in(batch, by=SYSTEM, path=path)
    assert Ticket.objects.count() == 10
    monkeypatch.setattr(bulk, "_write", write)
    again = actions.open_batch("tickets", path, by=SYSTEM)
    assert (again.pk, again.line) == (batch.pk, 11)
    again = actions.bring_in(again, by=SYSTEM, path=path)
    assert (Ticket.objects.count(), Imported.objects.count(), again.counts["rows"]) == (25, 25, 25)
    third = actions.look(actions.open_batch("tickets", path, by=SYSTEM), path)
    assert (third.counts["rows"], third.counts["known"], third.counts["changed"]) == (0, 25, 0)


def test_a_row_that_says_something_else_now_is_told_and_left(brought, looked):
    brought("tickets", table([HEAD, handled("1", state="Đang xử lý")]))
    batch = looked("tickets", table([HEAD, handled("1")]))
    assert (odd(batch), batch.counts["changed"]) == ([(2, "changed_since", False)], 1)


def test_taken_back_nothing_is_left_but_the_log(brought, town):
    mine = Contact.objects.count(), Conversation.objects.count(), Message.objects.count()
    batch = brought(
        "tickets", table([HEAD, *(handled(str(n), state=s) for n, s in enumerate(["Mới", "Đang xử lý", "Hoàn thành"]))])
    )
    events = Event.objects.filter(subject="ticket").count()
    since = datetime(2024, 1, 1, tzinfo=UTC)
    assert four_numbers(since, datetime(2025, 1, 1, tzinfo=UTC))[0]["total"] == 3
    batch = actions.undo(batch, by=town.quan)
    assert (batch.state, Ticket.objects.count(), Imported.objects.count(), Deadline.objects.count()) == (
        "undone",
        0,
        0,
        0,
    )
    assert (Contact.objects.count(), Conversation.objects.count(), Message.objects.count()) == mine
    assert Event.objects.filter(subject="ticket").count() == events + 3
    assert four_numbers(since, datetime(2025, 1, 1, tzinfo=UTC))[0]["total"] == 0
    assert Event.objects.filter(kind="ticket.remove", data={"batch": batch.pk}).count() == 3


def test_what_somebody_works_on_is_not_taken_away(brought, town):
    batch = brought("tickets", table([HEAD, handled("1"), handled("2", state="Mới")]))
    tickets.move(Ticket.objects.get(state="new"), "accept", by=town.lan, category=town.lamps)
    with pytest.raises(actions.WrongStateError) as told:
        actions.undo(batch, by=town.quan)
    assert (told.value.code, Ticket.objects.count()) == ("touched", 2)


def test_a_mapping_gives_columns_words_defaults_and_dates(brought, town):
    brought(
        "tickets",
        table(
            [["When", "What", "Notes", "More", "How"], ["02/17/2024 01:05:00 PM", "Noise at night", "a", "b", "fax"]]
        ),
        columns={"received": ("When",), "text": ("What",), "note": ("Notes", "More"), "channel": ("How",)},
        words={"channel": {"fax": "paper"}},
        defaults={"category": "noise", "state": "working", "agency": "dienluc"},
        order="mdy",
        zone="UTC",
    )
    ticket = only()
    assert (ticket.received, ticket.channel, ticket.category, ticket.agency) == (
        datetime(2024, 2, 17, 13, 5, tzinfo=UTC),
        "paper",
        town.noise,
        town.power,
    )
    assert Note.objects.get().text == "a\nb"


def test_the_documented_example_is_a_mapping():
    from pathlib import Path

    from caunoi.imports.mapping import parse

    page = (Path(__file__).parents[2] / "docs" / "imports.md").read_text()
    told = parse(page.split("```toml\n", 1)[1].split("```", 1)[0], "tickets")
    assert isinstance(told, ColumnMapping)
    assert told.code("state", "ĐÃ XỬ LÝ XONG") == "closed"
