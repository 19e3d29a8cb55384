"""What Ctrl-K, the list and the call-backs find, and by which clock a ticket is shown to the centre."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.conversations.actions import ask_callback, claim_callback
from caunoi.conversations.queries import callback_counts, callbacks
from caunoi.directory.models import Agency
from caunoi.events.actor import SYSTEM, citizen
from caunoi.sla.models import Deadline
from caunoi.sla.queries import NEVER, first_due, pressing, pressings
from caunoi.tickets import actions, search
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import Filters, listed
from caunoi.tickets.report import Report, Reporter
from tests.web.desk.switchboard import client_of


def taken(once: str, text: str = "Đèn đường tắt ở ngã tư", **more: Any) -> Ticket:
    reporter = Reporter(name="Người Demo", phone="+84900000001")
    return actions.take(Report(text=text, channel="web", once=once, reporter=reporter, **more), by=citizen())


def clock(ticket: Ticket, name: str, minutes: int, state: str = "running") -> Deadline:
    """A clock of the ticket that falls due so many minutes from now."""
    due = now() + timedelta(minutes=minutes)
    return Deadline.objects.create(ticket=ticket, clock=name, state=state, started=now() - timedelta(hours=2), due=due)


def labels(client: Client, text: str) -> list[str]:
    return [item["label"] for item in client.get("/desk/find", {"q": text}).json()["items"]]


def test_a_code_is_found_while_it_is_typed(town: SimpleNamespace) -> None:
    ticket = taken("r1")
    for length in (6, 8, 9, 10):
        assert listed(town.lan, Filters(text=ticket.code[:length])) == [ticket]
    assert listed(town.lan, Filters(text="26-99999")) == []


def test_digits_that_are_a_code_and_a_number_are_the_number_when_there_is_no_such_ticket(
    town: SimpleNamespace,
) -> None:
    report = Report(text="Ổ gà", channel="web", once="r1", reporter=Reporter(phone="+84901230571"))
    ticket = actions.take(report, by=citizen())
    assert listed(town.lan, Filters(text="901230571")) == [ticket]  # 90-123057-1 would be a code


@pytest.mark.parametrize("name", ["lan", "tam", "minh", "hoa", "thu", "phong", "quan"])
def test_all_of_the_staff_find_by_one_address_what_they_may_see(town: SimpleNamespace, name: str) -> None:
    ticket = taken("r1")
    client = client_of(town, name)
    home = client.get("/after-login", follow=True)
    assert 'data-url="/desk/find"' in home.content.decode()
    seen = any(ticket.code in label for label in labels(client, ticket.code))
    assert seen == (name in {"lan", "tam", "thu", "phong"})


def test_an_administrator_finds_pages_of_setup_and_an_operator_does_not(town: SimpleNamespace) -> None:
    assert "Thời hạn xử lý" in labels(client_of(town, "quan"), "thoi han")
    assert labels(client_of(town, "lan"), "thoi han") == []


def test_nothing_is_asked_of_a_single_letter_and_nobody_from_outside_asks(town: SimpleNamespace) -> None:
    taken("r1")
    assert labels(client_of(town, "lan"), "2") == []
    assert Client().get("/desk/find", {"q": "26"}).status_code in {302, 401}


def test_a_search_of_the_list_looks_in_all_states_unless_a_tab_is_chosen(town: SimpleNamespace) -> None:
    ticket = taken("r1")
    actions.move(ticket, "accept", by=town.lan, category=town.lamps)
    actions.move(ticket, "answer", by=town.lan, text="Đã sửa.", category=town.lamps)
    client = client_of(town, "lan")
    html = client.get("/desk/", {"q": ticket.code}).content.decode()
    assert f"/desk/{ticket.code}/" in html
    assert "Đã tìm trong tất cả các phiếu." in html
    html = client.get("/desk/", {"q": ticket.code, "tab": "todo"}).content.decode()
    assert f"/desk/{ticket.code}/" not in html
    assert "Tìm trong tất cả các phiếu" in html
    assert 'name="tab" value="todo" type="hidden"' not in html


def test_call_backs_are_counted_by_part_and_none_is_cut_off(town: SimpleNamespace) -> None:
    at = now() - timedelta(hours=3)
    rows = [
        ask_callback(phone=f"+8490100{n:04}", reason="missed_call", by=SYSTEM, at=at + timedelta(seconds=n), due=at)
        for n in range(130)
    ]
    claim_callback(rows[0], by=town.lan)
    claim_callback(rows[1], by=town.tam)
    assert callback_counts(town.lan) == {"all": 130, "mine": 1, "free": 128, "late": 130, "tried": 0}
    client = client_of(town, "lan")
    page, seen = client.get("/desk/callbacks/"), []
    while True:
        seen += [one.row.pk for one in page.context["rows"]]
        assert page.context["count"] == 130
        if not page.context["next"]:
            break
        page = client.get("/desk/callbacks/" + page.context["next"])
    assert seen == [row.pk for row in rows]
    assert [row.pk for row in callbacks(town.lan, "mine")] == [rows[0].pk]
    for typed in ("0901 000 129", "+84901000129", "00129"):
        found = client.get("/desk/callbacks/", {"q": typed, "part": "free"})
        assert [one.row.pk for one in found.context["rows"]] == [rows[129].pk]
    assert client.get("/desk/callbacks/", {"q": "---", "after": "x", "part": "y"}).context["rows"] == []


def test_what_presses_is_the_first_due_of_the_centres_own_clocks(town: SimpleNamespace) -> None:
    ticket = taken("r1")
    assert pressing([]) is None
    whole, own = clock(ticket, "handle", 7000), clock(ticket, "accept", -80, "breached")
    clock(ticket, "reply", -200)
    assert pressings([ticket]) == {ticket.pk: own}
    own.state = Deadline.State.MET
    own.save()
    assert pressings([ticket]) == {ticket.pk: whole}
    whole.state, whole.due = Deadline.State.PAUSED, None
    whole.save()
    assert pressings([ticket]) == {ticket.pk: whole}


def test_the_work_list_stands_in_the_order_in_which_it_falls_due_page_by_page(town: SimpleNamespace) -> None:
    tickets = [taken(f"r{n}") for n in range(5)]
    for ticket, minutes in zip(tickets, (30, -5, 90, 10), strict=False):
        clock(ticket, "accept", minutes)
    order = [tickets[n].pk for n in (1, 3, 0, 2, 4)]  # the last has no clock yet
    first = first_due(town.lan, Filters(states=frozenset({"new"})), size=2)
    assert [t.pk for t in first] == order[:3]
    after = first[1].falls, first[1].pk
    rest = first_due(town.lan, Filters(states=frozenset({"new"})), after=after, size=4)
    assert [t.pk for t in rest] == order[2:]
    assert rest[-1].falls == NEVER


@pytest.mark.parametrize("few", [0, search.FEW])  # common words and rare ones are looked for by different ways
def test_words_are_looked_for_among_all_that_waits_not_on_its_first_page(
    town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(search, "FEW", few)
    early, late = taken("early"), taken("late", "Nắp cống vỡ ở hẻm Ba Khía")
    actions.index([early, late])
    for minutes, ticket in enumerate((early, late), 1):
        Deadline.objects.filter(ticket=ticket).delete()
        clock(ticket, "accept", minutes)
    new = frozenset({"new"})
    assert first_due(town.lan, Filters(states=new), size=0) == [early]
    assert first_due(town.lan, Filters(states=new, text="hem ba khia"), size=0) == [late]


def test_the_list_and_the_ticket_are_red_when_the_centre_is_late(town: SimpleNamespace) -> None:
    ticket = taken("r1")
    clock(ticket, "handle", 7000)
    clock(ticket, "accept", -80, "breached")
    client = client_of(town, "lan")
    for path in ("/desk/", f"/desk/{ticket.code}/"):
        html = client.get(path).content.decode()
        assert "due-overdue" in html
        assert "Tiếp nhận" in html


def entry(**given: Any) -> dict[str, Any]:
    return {"once": "e1", "channel": "phone", "text": "Rác ở đầu ngõ", "kind": "report", "then": "route"} | given


def test_the_commune_of_the_address_decides_who_is_proposed_and_who_gets_it(town: SimpleNamespace) -> None:
    client = client_of(town, "lan")
    typed = entry(category="noise", address="thôn 9, xã Nghĩa Trung")
    assert "UBND Xã Nghĩa Trung" in client.post("/desk/hints", typed).content.decode()
    assert client.post("/desk/new", typed).status_code == 302
    (ticket,) = listed(town.lan, Filters())
    assert ticket.agency == Agency.objects.get(code="ubnd-25417")
    assert ticket.area is not None
    assert ticket.area.code == "25417"


def test_without_a_proposal_it_is_said_and_nothing_is_saved(town: SimpleNamespace) -> None:
    client = client_of(town, "lan")
    assert "chưa có quy tắc" in client.post("/desk/hints", entry(category="noise")).content.decode()
    page = client.post("/desk/new", entry(category="noise"))
    assert page.status_code == 422
    assert "Chưa có quy tắc nào chỉ ra đơn vị" in page.content.decode()
    assert listed(town.lan, Filters()) == []


def test_what_sounds_alike_is_looked_for_by_whole_words(town: SimpleNamespace, work: Any) -> None:
    ticket = taken("r1", "Mất điện ở khu phố bảy phường Bình Phước từ chiều tới giờ chưa có")
    work()
    said = "Dạ alo cho em hỏi xíu, mất điện ở khu phố bảy phường Bình Phước từ chiều tới giờ chưa có"
    assert " " not in said[-61:-59]  # what was looked for began inside of a word
    assert ticket.code in client_of(town, "lan").post("/desk/hints", {"text": said}).content.decode()
