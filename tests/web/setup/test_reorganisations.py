"""Setup → Reorganisations: from the document to the day, with a look at everything first and a way back.

Proves: Setup → Reorganisations: list, draft, changes, plan with counts, questions with a choice, schedule, undo
(page and history), progress, print, history
Proves: History stays: old tickets name the old agency and commune"""

from datetime import date

import pytest
from django.urls import reverse

from caunoi.directory.models import Agency
from caunoi.directory.queries import forget
from caunoi.events.queries import history
from caunoi.reorganisation import queries, tasks
from caunoi.reorganisation.models import Act

pytest_plugins = ["tests.reorganisation.conftest"]
DAY = date(2026, 9, 1)


@pytest.fixture
def page(client, town, clock):
    client.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def act(page):
    page.post(reverse("setup:reorganisation-new"), {"number": "12/NQ-HĐND", "title": "Sắp xếp", "on": "2026-09-01"})
    return Act.objects.get()


def here(act):
    return reverse("setup:reorganisation", args=[act.pk])


def add(page, act, what="agency", **given):
    return page.post(reverse("setup:reorganisation-change", args=[act.pk, what]), given)


def test_a_merger_from_the_document_to_the_day(page, act, town, take, clock):
    take("working")
    assert "Chưa có thay đổi nào" in page.get(here(act)).content.decode()
    answer = add(page, act, kind="merge", ends=["xncongtrinh", "dienluc"], new="Công ty Dịch vụ đô thị; dothi")
    assert answer.status_code == 302
    text = page.get(here(act)).content.decode()
    assert "Công ty Dịch vụ đô thị" in text and "Xí nghiệp Công trình công cộng" in text
    page.post(here(act), {"do": "schedule"})
    assert queries.act(act.pk).state == "scheduled"
    clock(to=DAY)
    page.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    assert "trong vòng một phút" in page.get(here(act)).content.decode()
    tasks.keep_up()
    text = page.get(here(act)).content.decode()
    assert "Đã có hiệu lực; thực hiện" in text and "Lên lịch ngày" not in text and 'value="unschedule"' not in text
    assert Agency.objects.get(code="dothi").calendar.code == "office"


def test_it_is_taken_back_from_the_page_and_from_the_history(page, act, town):
    add(page, act, kind="rename", ends=["dienluc"], new="Điện lực mới")
    for undo in (here(act), None):
        page.post(here(act), {"do": "schedule"})
        event = history(queries.act(act.pk)).filter(kind="act.schedule").last()
        page.post(undo or reverse("setup:undo", args=[event.pk]), {"do": "unschedule"})
        assert queries.act(act.pk).state == "draft"


def test_what_cannot_be_is_said_and_not_scheduled(page, act):
    add(page, act, kind="split", ends=["dienluc"], new="Điện lực mới")
    text = page.get(here(act)).content.decode()
    assert "ít nhất hai đơn vị tiếp nhận" in text
    page.post(here(act), {"do": "schedule"})
    assert queries.act(act.pk).state == "draft"


def test_what_is_unclear_is_asked_and_a_decision_is_kept(page, act, town, take):
    ticket = take("working")
    add(page, act, kind="split", ends=["xncongtrinh"], new="Xí nghiệp Đèn; den\nXí nghiệp Đường; duong")
    text = page.get(here(act)).content.decode()
    assert ticket.code in text and f"q:ticket_agency:{ticket.pk}" in text and "Minh" in text
    page.post(here(act), {"do": "choose", f"q:ticket_agency:{ticket.pk}": "-2", "q:person:1": "x"})
    assert queries.act(act.pk).choices == {f"ticket_agency:{ticket.pk}": "-2"}
    plan, _ = queries.planned(queries.act(act.pk))
    assert plan.leads == {ticket.pk: -2}


def test_communes_take_their_committees_along(page, act, town):
    add(page, act, "area", kind="rename", ends=["25417"], new="Phường Nghĩa Trung; 25417", offices="on")
    text = page.get(here(act)).content.decode()
    assert "UBND Phường Nghĩa Trung" in text and "ubnd-25417-2" not in text  # the same committee, called otherwise


@pytest.mark.parametrize("new", ["Nghĩa Trung; 25417", "Phường Nghĩa Trung", "Phường Nghĩa Trung; 254"])
def test_a_commune_needs_its_kind_and_the_states_code(page, act, new):
    answer = add(page, act, "area", kind="rename", ends=["25417"], new=new, offices="on")
    assert "Phường Lộc Ninh; 25270" in answer.content.decode() and not queries.lines(act)


def test_the_states_own_list_of_a_day_is_brought_in(page, town, clock):
    page.post(reverse("setup:reorganisation-new"), {"number": "30/NQ", "title": "Mười phường", "on": "2026-04-30"})
    act = Act.objects.get()
    page.post(here(act), {"do": "list"})
    assert [(line.kind, line.heirs) for line in queries.lines(act) if line.what == "area"] == [("rename", ["75"])]
    page.post(here(act), {"do": "list"})  # twice is once
    assert len([line for line in queries.lines(act) if line.what == "area"]) == 1


def test_a_change_is_taken_out_and_a_draft_deleted(page, act):
    add(page, act, kind="rename", ends=["dienluc"], new="Điện lực mới")
    (line,) = queries.lines(act)
    page.post(here(act), {"do": f"remove:{line.pk}"})
    assert queries.lines(act) == [] and queries.act(act.pk).units == []
    page.post(here(act), {"do": "drop"})
    assert page.get(here(act)).status_code == 404
    assert "Chưa có đợt sắp xếp nào" in page.get(reverse("setup:reorganisations")).content.decode()


def test_the_same_form_sent_twice_makes_one_act(page, act):
    page.post(reverse("setup:reorganisation-new"), {"number": "12/NQ-HĐND", "title": "Sắp xếp", "on": "2026-09-01"})
    assert Act.objects.count() == 1


def test_the_printed_plan_has_everything(page, act, town, take):
    take("routed")
    add(page, act, kind="merge", ends=["xncongtrinh", "dienluc"], new="Công ty Dịch vụ đô thị; dothi")
    text = page.get(reverse("setup:reorganisation-print", args=[act.pk])).content.decode()
    assert "Phương án sắp xếp" in text and "Phiếu đang mở ở đơn vị" in text and "<select" not in text


def test_a_ticket_still_says_what_the_agency_was_called_when_it_was_handed_over(page, act, town, take, clock, client):
    ticket = take("answered")
    add(page, act, kind="rename", ends=["xncongtrinh"], new="Xí nghiệp Đô thị; dothi")
    page.post(here(act), {"do": "schedule"})
    clock(to=DAY)
    tasks.keep_up()
    forget()
    client.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(reverse("desk:ticket", args=[ticket.code])).content.decode()
    assert "Đã chuyển cho Xí nghiệp Công trình công cộng" in text and "Đã chuyển cho Xí nghiệp Đô thị" not in text


@pytest.fixture
def dated(page, town):
    """A draft of a day, with one change."""

    def make(on, number="15/NQ-HĐND"):
        page.post(reverse("setup:reorganisation-new"), {"number": number, "title": "Sắp xếp", "on": on})
        act = Act.objects.get(number=number)
        add(page, act, kind="merge", ends=["xncongtrinh", "dienluc"], new="Công ty Dịch vụ đô thị; dothi")
        return act

    return make


def test_one_of_today_asks_for_its_number_and_can_be_stopped_for_five_minutes(page, dated, clock):
    act = dated("2026-08-17")
    text = page.get(here(act)).content.decode()
    assert 'name="number"' in text and 'name="reason"' not in text
    for typed in ("", "15/NQ"):
        answer = page.post(here(act), {"do": "schedule", "number": typed})
        assert answer.status_code == 422 and 'role="alert"' in answer.content.decode()
    assert queries.act(act.pk).state == "draft"
    page.post(here(act), {"do": "schedule", "number": "15/nq-hđnd "})
    clock(minutes=4)
    tasks.keep_up()
    assert queries.act(act.pk).state == "scheduled"
    assert 'value="unschedule"' in page.get(here(act)).content.decode()
    page.post(here(act), {"do": "unschedule"})
    clock(minutes=2)
    tasks.keep_up()
    assert queries.act(act.pk).state == "draft" and Agency.objects.get(code="dienluc").valid_to is None
    told = page.get(f"/notices/acts/{act.pk}").content.decode()
    assert "đã được rút lại" in told and "17/08/2026" in told and "Công ty Dịch vụ đô thị" in told
    page.post(here(act), {"do": "schedule", "number": "15/NQ-HĐND"})
    clock(minutes=6)
    tasks.keep_up()
    assert queries.act(act.pk).state == "in_force"


def test_one_of_the_past_wants_a_reason_too_and_says_which_figures_change(page, dated, take, clock):
    take("working")
    act = dated("2020-01-01")
    text = page.get(here(act)).content.decode()
    assert 'name="reason"' in text and "1 phiếu" in text
    page.post(here(act), {"do": "schedule", "number": "15/NQ-HĐND"})
    page.post(here(act), {"do": "schedule", "number": "15/NQ-HĐND", "reason": "  "})
    assert queries.act(act.pk).state == "draft"
    page.post(here(act), {"do": "schedule", "number": "15/NQ-HĐND", "reason": "Ghi chậm"})
    act = queries.act(act.pk)
    assert act.state == "scheduled" and act.reason == "Ghi chậm"
