"""What may be the same as a ticket, beside it and beside the form of a new one; joined by one act, and undone."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.utils.timezone import localdate, now

from caunoi.tickets import actions
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.triage.alike import Report as Heard
from caunoi.triage.likes import like
from caunoi.web.likes import _in_words
from caunoi.web.setup import ai_register
from tests.web.desk.switchboard import client_of


def report(town: SimpleNamespace, once: str, text: str, **more: Any) -> Ticket:
    reporter = Reporter(name="Bạch Thị Mai", phone=f"+8490000{len(once):04}")
    ticket = actions.take(
        Report(channel="zalo", once=once, text=text, area_id=town.ward.pk, reporter=reporter, **more), by=town.lan
    )
    actions.index([ticket])
    return ticket


def outage(town: SimpleNamespace) -> Ticket:
    return report(
        town, "first", "Cúp điện hết khu phố 3 phường Bình Phước từ 5 giờ chiều, nghe trạm biến áp nổ một tiếng"
    )


HEARD = "mất điện khu phố 3 phường Bình Phước từ chiều tới giờ chưa có lại"


def test_the_second_caller_s_words_show_the_first_report_and_why(town: SimpleNamespace) -> None:
    first = outage(town)
    report(town, "other", "Ngập đường Hùng Vương khu phố 3 phường Bình Phước")
    (one, *_) = like(Heard(text=HEARD, at=now(), area=town.ward.code), town.lan)
    assert one.ticket == first and one.p > 0.5
    html = client_of(town, "lan").post("/desk/hints", {"text": HEARD}).content.decode()
    assert first.code in html and "data-join" in html and "cùng giờ" in html


def test_who_may_not_see_a_ticket_is_not_led_to_it(town: SimpleNamespace) -> None:
    first = outage(town)
    Ticket.objects.filter(pk=first.pk).update(restricted=True)
    assert like(Heard(text=HEARD, at=now(), area=town.ward.code), town.lan) == []


def test_what_is_closed_is_not_joined(town: SimpleNamespace) -> None:
    first = outage(town)
    actions.move(first, "refuse", by=town.lan, reason="spam")
    assert like(Heard(text=HEARD, at=now(), area=town.ward.code), town.lan) == []


def test_nothing_is_alike_to_another_matter_or_to_no_words(town: SimpleNamespace) -> None:
    outage(town)
    assert like(Heard(text="xin hỏi thủ tục đổi giấy phép lái xe", at=now()), town.lan) == []
    assert like(Heard(text="alo", at=now()), town.lan) == []


def test_the_form_saves_and_joins_by_one_press_and_it_is_undone(town: SimpleNamespace) -> None:
    first, client = outage(town), client_of(town, "lan")
    typed = {"once": "e2", "channel": "phone", "phone": "0900000222", "text": HEARD, "kind": "report", "then": "accept"}
    sent = client.post("/desk/new", typed | {"into": first.code})
    assert sent.status_code == 302
    second = Ticket.objects.exclude(pk=first.pk).get()
    assert (second.state, second.merged_into) == ("merged", first)
    assert client.post(f"/desk/{second.code}/undo").status_code == 302
    second.refresh_from_db()
    assert (second.state, second.merged_into) == ("new", None)


def test_a_code_that_is_none_loses_nothing(town: SimpleNamespace) -> None:
    typed = {"once": "e3", "channel": "phone", "text": HEARD, "kind": "report", "then": "keep", "into": "26-000000-0"}
    page = client_of(town, "lan").post("/desk/new", typed)
    assert page.status_code == 422 and HEARD in page.content.decode()
    assert not Ticket.objects.exists()


def test_a_ticket_is_joined_to_an_earlier_one_only(town: SimpleNamespace) -> None:
    first = outage(town)
    second = report(town, "second", HEARD)
    client = client_of(town, "lan")
    beside = client.get(f"/desk/{second.code}/around").content.decode()
    assert first.code in beside and 'data-key="u"' in beside
    assert 'data-key="u"' not in client.get(f"/desk/{first.code}/around").content.decode()
    assert client.post(f"/desk/{second.code}/move/merge", {"merge-into": first.code}).status_code == 302
    second.refresh_from_db()
    assert second.merged_into == first


def test_old_tickets_of_the_same_words_are_less_likely(town: SimpleNamespace) -> None:
    first = outage(town)
    fresh = like(Heard(text=HEARD, at=now(), area=town.ward.code), town.lan)[0].p
    Ticket.objects.filter(pk=first.pk).update(received=now() - timedelta(days=9))
    stale = like(Heard(text=HEARD, at=now(), area=town.ward.code), town.lan)
    assert not stale or stale[0].p < fresh


def test_what_people_did_with_what_was_alike_is_counted(town: SimpleNamespace) -> None:
    first = outage(town)
    joined, left, unread = (report(town, f"second-{number}", f"{HEARD} {number}") for number in (5, 6, 7))
    other = report(town, "0", "Ngập đường Hùng Vương khu phố 3")
    client = client_of(town, "lan")
    for _again in range(2):
        for ticket in (joined, left, unread):
            assert first.code in client.get(f"/desk/{ticket.code}/around").content.decode()
    month = localdate()
    assert ai_register.use("alike", month) == (0, 0, 0, 0)  # nobody has decided yet
    actions.move(joined, "merge", by=town.lan, into=first)
    actions.move(left, "accept", by=town.lan, category=town.lamps)
    assert ai_register.use("alike", month) == (2, 1, 0, 1)
    actions.move(left, "merge", by=town.lan, into=other)
    assert ai_register.use("alike", month) == (2, 1, 1, 0)


def test_what_the_form_joins_is_counted_as_taken_and_undone_it_is_not(town: SimpleNamespace) -> None:
    first, client = outage(town), client_of(town, "lan")
    typed = {"once": "e4", "channel": "phone", "phone": "0900000222", "text": HEARD, "kind": "report", "then": "accept"}
    client.post("/desk/new", typed | {"into": first.code})
    second = Ticket.objects.exclude(pk=first.pk).get()
    assert ai_register.use("alike", localdate()) == (1, 1, 0, 0)
    client.post(f"/desk/{second.code}/undo")
    assert ai_register.use("alike", localdate()) == (0, 0, 0, 0)


def test_what_both_say_is_said_in_phrases_and_no_number_stands_alone(town: SimpleNamespace) -> None:
    ticket = report(town, "words", "đèn đường tắt ở ấp 3 xã Tân Lợi, có cây đổ và đổ rác")
    said = _in_words(["3", "tan loi", "xa tan", "tat", "cay do", "do rac"], ticket, town.lan)
    assert said == ["xã Tân Lợi", "tắt", "cây đổ", "đổ rác"]
