"""What was proposed of a ticket is kept, and what people decided of it; figures, limits and editions rest on that."""

import sys
from contextlib import nullcontext
from inspect import unwrap

import pytest
from django.urls import reverse

from caunoi import moves
from caunoi.events.actor import NotAllowedError, citizen
from caunoi.events.queries import history
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.triage import actions, queries, ringing, starter, tasks
from caunoi.triage.exam import Exam
from caunoi.triage.models import Alarm, Edition, Figure, Reading
from caunoi.triage.proposals import Certainty

LAMP = "Đèn đường trước nhà tôi không sáng cả tuần nay, bóng đèn hư"


def ticket(text: str, once: str = "c", **more):
    return tickets.take(Report(text=text, channel="web", once=once, **more), by=citizen())


def test_what_was_proposed_is_kept_and_what_a_person_decided(town, work):
    row = ticket(LAMP)
    work()
    reading = Reading.objects.get(ticket=row)
    assert reading.proposed["category"][0] == "lamps" and reading.settled is None and reading.decided == {}
    moves.perform("accept", [row], by=town.lan, move_input={"category": town.lamps, "area": town.ward})
    work()
    reading.refresh_from_db()
    assert reading.decided["category"] == "lamps" and reading.decided["area_code"] == town.ward.code
    assert reading.decided["gate"] == "none" and reading.settled


def test_what_is_undone_is_undecided_again_and_a_correction_counts(town, work):
    row = ticket(LAMP)
    moves.perform("accept", [row], by=town.lan, move_input={"category": town.lamps})
    work()
    tickets.edit(row, by=town.lan, kind="petition")
    work()
    assert Reading.objects.get(ticket=row).decided["kind"] == "petition"
    other = ticket(LAMP, once="d")
    moves.perform("refuse", [other], by=town.lan, move_input={"reason": "unclear"})
    moves.undo(other, by=town.lan)
    work()
    reading = Reading.objects.get(ticket=other)
    assert reading.decided == {} and reading.settled is None


def test_a_refusal_says_which_gate_it_was(town, work):
    row = ticket("Bán nhà mặt tiền giá rẻ, gọi ngay 0900000000 để được tư vấn")
    work()
    moves.perform("refuse", [row], by=town.lan, move_input={"reason": "advertising"})
    work()
    assert Reading.objects.get(ticket=row).decided == {"gate": "spam"}


def test_figures_count_agreement_by_month_channel_and_field(town, work):
    for number in range(3):
        row = ticket(f"{LAMP}, lần {number}", once=f"n{number}")
        chosen = town.noise if number == 2 else town.lamps
        moves.perform("accept", [row], by=town.lan, move_input={"category": chosen})
    work()
    actions.count()
    actions.count()
    (one,) = queries.agreements("value").values()
    assert one.decided == 3 and one.agreed == 2 and Figure.objects.filter(matter="category").count() == 1
    assert queries.outcomes("lamps")


def test_a_limit_is_the_provinces_own_and_can_be_taken_back(town, client):
    with pytest.raises(NotAllowedError):
        actions.set_limit(town.lamps, 0.99, by=town.lan)
    client.force_login(town.users["quan"])
    page = client.post(reverse("setup:limit", args=["lamps"]), {"sure": "99", "do": "save"})
    assert page.status_code == 302 and queries.own_limits() == {"lamps": 0.99}
    event = history(town.lamps).last()
    assert event.data == {"before": {"sure": None}, "after": {"sure": 0.99}}
    assert "99%" in client.get(reverse("setup:triage")).content.decode()
    assert client.post(reverse("setup:undo", args=[event.pk])).status_code == 302
    queries.own_limits.drop()
    assert queries.own_limits() == {}


def test_an_edition_proposes_from_when_it_was_taken_and_a_worse_one_never(town):
    def exam(before: int, after: int, alarms: float = 1.0) -> Exam:
        return Exam(taught=9, of=100, before=before, after=after, alarms_before=1.0, alarms_after=alarms)

    for report in (exam(80, 79), exam(80, 90, alarms=0.9)):
        assert actions.add_edition(starter.model(), report, 7).data is None
        assert queries.present().edition is None and queries.learnt_until() == 0
    taken = actions.add_edition(starter.model(), exam(80, 80), 7)
    assert queries.present().edition == taken.pk and queries.learnt_until() == 7
    assert queries.understand(LAMP).matters["category"].certainty is not Certainty.SILENT
    Edition.objects.filter(pk=taken.pk).update(base="another release's")
    queries.present.drop()
    assert queries.present().edition is None


def test_whether_an_alarm_was_one_is_a_decision_about_the_gate(town, work):
    row = ticket("cháy nhà lớn ở hẻm 5, lửa lan qua nhà bên, còn người kẹt trong nhà")
    work()
    moves.perform("accept", [row], by=town.lan, move_input={"category": town.lamps})
    work()
    reading = Reading.objects.get(ticket=row)
    assert reading.proposed["gate"][0] == "emergency_114" and "gate" not in reading.decided
    ringing.judge(Alarm.objects.get(ticket=row), "real", by=town.lan)
    work()
    reading.refresh_from_db()
    assert reading.decided["gate"] == "emergency_114"
    ringing.judge(Alarm.objects.get(ticket=row), "no_emergency", by=town.lan)
    work()
    reading.refresh_from_db()
    assert reading.decided["gate"] == "none"


@pytest.mark.parametrize(
    ("program", "fails"),
    [
        ("print('worse: …'); raise SystemExit(1)", False),
        ("raise RuntimeError('no memory')", True),
        ("import os; os.kill(os.getpid(), 9)", True),
    ],
)
def test_a_night_that_broke_off_is_a_failure_and_no_worse_model(monkeypatch, program, fails):
    monkeypatch.setattr(tasks, "find_spec", lambda name: name)
    monkeypatch.setattr(tasks.home, "command", lambda *words: [sys.executable, "-c", program])
    with pytest.raises(tasks.NotLearntError) if fails else nullcontext():
        unwrap(tasks.learn.func)(0)  # its failure, and not what the clock notes of it
