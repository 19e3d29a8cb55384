"""Alarms: which words ring, with whom, who takes them, how they climb, and what the citizen hears.

Proves: one alarm a word, however often and by whichever event it is heard; silent by a person's press alone; each step
once; nothing personal in it or in what is sent of it; what is in confidence rings with custodians alone"""

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import sessions
from caunoi.accounts.models import User
from caunoi.checks import people
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Message, Outgoing
from caunoi.directory.actions import set_option
from caunoi.events import outbox
from caunoi.events.actor import NotAllowedError, Role, citizen, service
from caunoi.events.models import Event
from caunoi.notifications.models import Notification
from caunoi.notifications.queries import mine
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.triage import alarms as queries
from caunoi.triage import ringing as actions
from caunoi.triage.models import Alarm
from caunoi.triage.queries import understand
from caunoi.web.story import for_staff
from tests.providers.sms import Sms

FIRE = "cháy nhà ở hẻm 3 đường Hùng Vương, lửa lan qua nhà bên, còn người trong nhà"
BULB = "bóng đèn cháy trước nhà số 12 đường Lê Lợi, nhờ thay giúp"
CHILD = "có người đánh đập trẻ em ngay cạnh nhà tôi, bé đang khóc thét, cứu bé với"


def follow() -> None:
    while outbox.drain():
        pass


def sits(town: SimpleNamespace, *names: str) -> None:
    for name in names:
        sessions.begin(town.users[name], device="", address="", method="password", familiar=True)


@pytest.fixture
def texts(town: SimpleNamespace) -> Any:
    """An SMS gateway, and phones of some of the staff: who was sent what."""
    make_inbox("texts", "sms", secrets=Sms().secrets(), brand="1022", preset="vnpt", url="https://sms.example")
    for number, name in enumerate(("lan", "tam", "phong", "quan", "thu")):
        User.objects.filter(username=name).update(phone=f"+8491200011{number}")
        town.users[name].refresh_from_db()
    phones = {user.phone: name for name, user in town.users.items() if user.phone}
    return lambda: [(phones[row.address], row.text) for row in Outgoing.objects.order_by("id") if row.address in phones]


def later(seconds: float) -> None:
    """Time passes for what climbs."""
    for row in Alarm.objects.exclude(climbs=None):
        Alarm.objects.filter(pk=row.pk).update(climbs=row.climbs - timedelta(seconds=seconds))


def test_a_message_rings_once_and_its_citizen_is_told_to_call_before_all_else(town, chat):
    sits(town, "lan")
    chat.write(FIRE)
    follow()
    row = Alarm.objects.get()
    assert (row.number, row.certain, row.level, row.acknowledged) == ("114", True, 0, None)
    assert row.climbs and row.ticket == Ticket.objects.get()
    ours = [out.text for out in Outgoing.objects.order_by("due", "id")]
    assert ours[0].startswith("Gọi ngay 114") and "tự động" in ours[0] and len(ours) == 2
    for event in Event.objects.all():
        event.pending = True
        event.claimed = None
        event.save(update_fields=["pending", "claimed"])
    follow()
    assert Alarm.objects.count() == 1 and Outgoing.objects.count() == 2, "the same events again"
    assert Notification.objects.filter(notice="alarm.raise.citizen").count() == 1
    stored = json.dumps([*Alarm.objects.values(), *Event.objects.values("data")], default=str)
    assert "Hùng Vương" not in stored


def test_a_harmless_word_does_not_ring(town, chat):
    chat.write(BULB)
    follow()
    assert not Alarm.objects.exists() and not [out for out in Outgoing.objects.all() if "Gọi ngay" in out.text]


def test_a_perhaps_rings_and_says_nothing_to_the_citizen(town, chat, monkeypatch):
    urgent = queries.Emergency(gate="emergency_115", number="115", p=0.2, certain=False)
    monkeypatch.setattr(queries, "emergency", lambda text: urgent)
    chat.write("bà ngoại em mệt lắm")
    follow()
    assert Alarm.objects.get().number == "115"
    assert not [out for out in Outgoing.objects.all() if "115" in out.text]


def test_what_is_less_likely_than_the_province_wants_does_not_ring(town, monkeypatch):
    words = "bà ngoại em mệt lắm không biết sao"
    p = understand(words).matters["gate"].p
    set_option("alarm_percent", 70, by=town.quan)
    assert p < 0.7 and queries.emergency(words) is None


def test_what_is_written_on_hangs_on_the_first_and_falls_silent_with_it(town, chat):
    sits(town, "lan")
    chat.write(FIRE)
    follow()
    chat.write("lửa to lắm rồi, cháy lan qua nhà kế, cứu với")
    follow()
    first, second = Alarm.objects.order_by("id")
    assert second.first == first and second.climbs is None and len(queries.ringing(town.lan)) == 1
    assert "lửa to lắm" in queries.words([first], town.lan)[first.pk], "the last that was written"
    assert len([out for out in Outgoing.objects.all() if out.text.startswith("Gọi ngay")]) == 1
    assert actions.acknowledge(second, by=town.lan)
    assert not Alarm.objects.filter(acknowledged=None).exists() and queries.ringing(town.tam) == []
    chat.write("vẫn còn cháy nhà, còn người kẹt trong nhà")
    follow()
    assert len(queries.ringing(town.lan)) == 1, "it rings anew"
    assert len([out for out in Outgoing.objects.all() if out.text.startswith("Gọi ngay")]) == 1, "but says it once"


def test_a_report_of_the_web_and_a_remark_ring_and_an_operator_hears_what_she_writes_herself(town):
    web = tickets.take(Report(text=FIRE, channel="web", once="w"), by=citizen())
    tickets.take(Report(text=FIRE, channel="phone", once="p"), by=town.lan)
    lamp = tickets.take(Report(text="Đèn đường tắt", channel="web", once="l"), by=citizen())
    follow()
    assert [row.ticket for row in Alarm.objects.all()] == [web]
    tickets.remark(
        lamp, "Bây giờ cột điện đổ, có người bị điện giật bất tỉnh, cứu với", by=citizen(lamp.pk), internal=False
    )
    tickets.remark(lamp, "Gọi lại: cháy nhà còn người trong nhà", by=town.lan)
    follow()
    row = Alarm.objects.exclude(ticket=web).get()
    assert row.ticket == lamp and row.source.startswith("note:")
    titles = [step.title for step in for_staff(lamp, town.tam)]
    assert any("emergency" in title.lower() or "khẩn cấp" in title for title in titles)


def test_nobody_signed_in_and_it_climbs_at_once_and_each_step_is_made_once(town, chat, texts):
    chat.write(FIRE, phone="+84912999888")
    follow()
    row = Alarm.objects.get()
    assert row.level == 1 and [name for name, _ in texts()] == ["tam"]
    (text,) = [words for _, words in texts()]
    assert "114" in text and "/desk/alarms/" in text and "Hùng" not in text and "999888" not in text
    assert [one.notice for one in mine(town.tam)] == ["alarm.climb.supervisor", "ticket.create.centre"]
    actions.climb_all()
    later(61)
    actions.climb_all()
    actions.climb_all()
    follow()
    follow()
    assert [name for name, _ in texts()] == ["tam", "quan", "phong"] or [n for n, _ in texts()] == [
        "tam",
        "phong",
        "quan",
    ]
    row.refresh_from_db()
    assert row.level == 2 and row.climbs is None
    assert [event.data["level"] for event in Event.objects.filter(kind="alarm.climb").order_by("id")] == [1, 2]


def test_with_somebody_at_the_desk_it_waits_and_what_is_taken_climbs_no_more(town, chat, texts):
    sits(town, "lan")
    chat.write(FIRE)
    follow()
    later(50)
    actions.climb_all()
    assert Alarm.objects.get().level == 0 and texts() == []
    later(11)
    actions.climb_all()
    follow()
    assert Alarm.objects.get().level == 1 and [name for name, _ in texts()] == ["tam"]
    assert actions.acknowledge(Alarm.objects.get(), by=town.tam)
    later(600)
    actions.climb_all()
    follow()
    assert Alarm.objects.get().level == 1 and len(texts()) == 1


def test_a_level_without_people_is_passed_over(town, chat, texts):
    User.objects.filter(username="tam").update(is_active=False)
    chat.write(FIRE)
    follow()
    assert Alarm.objects.get().level == 2 and {name for name, _ in texts()} == {"phong", "quan"}


def test_two_press_and_one_has_it_and_no_program_and_no_stranger_does(town, chat):
    sits(town, "lan")
    chat.write(FIRE)
    follow()
    row = Alarm.objects.get()
    program = service(1, Role.OPERATOR, agency_id=None, area_id=None, discreet=False)
    for by in (program, town.minh, town.thu, town.phong, citizen()):
        with pytest.raises(NotAllowedError):
            actions.acknowledge(row, by=by)
    assert actions.acknowledge(row, by=town.lan) and not actions.acknowledge(row, by=town.tam)
    row.refresh_from_db()
    assert (row.acknowledged_by, row.acknowledged_user) == ("lan", town.users["lan"].pk)
    assert Event.objects.filter(kind="alarm.acknowledge").count() == 1


def test_leaders_and_administrators_take_what_has_climbed_to_them(town, chat):
    chat.write(FIRE)
    follow()
    assert queries.ringing(town.phong) == []
    later(61)
    actions.climb_all()
    assert len(queries.ringing(town.phong)) == len(queries.ringing(town.quan)) == 1
    assert queries.words(queries.ringing(town.quan), town.quan) == {}, "an administrator does not read what was written"
    assert actions.acknowledge(Alarm.objects.get(), by=town.quan)


def test_no_emergency_is_one_press_and_is_kept(town, chat):
    sits(town, "lan")
    chat.write(FIRE)
    follow()
    row = Alarm.objects.get()
    assert actions.judge(row, "no_emergency", by=town.lan) and not actions.judge(row, "no_emergency", by=town.lan)
    row.refresh_from_db()
    assert row.outcome == "no_emergency" and row.acknowledged_by == "lan" and queries.ringing(town.lan) == []
    with pytest.raises(ValueError):
        actions.judge(row, "anything", by=town.lan)


def test_what_is_in_confidence_rings_with_custodians_and_says_the_number_alone(town, chat, texts):
    sits(town, "lan", "tam")
    chat.write(CHILD)
    follow()
    row = Alarm.objects.get()
    assert row.restricted and (row.number == "111" or row.number == "113")
    assert queries.ringing(town.lan) == [] and queries.ringing(town.quan) == []
    assert [one.pk for one in queries.ringing(town.tam)] == [row.pk]
    with pytest.raises(NotAllowedError):
        actions.acknowledge(row, by=town.lan)
    said = [out.text for out in Outgoing.objects.all() if "Gọi ngay" in out.text]
    assert said == [f"Gọi ngay {row.number}. (Tin tự động)"]
    assert Event.objects.get(kind="alarm.raise").data == {}
    later(61)
    actions.climb_all()
    follow()
    assert {name for name, _ in texts()} <= {"tam", "thu"} and all(row.number not in words for _, words in texts()[-1:])
    later(61)
    actions.climb_all()
    follow()
    assert "alarm.climb_shut.admin" in [one.notice for one in mine(town.quan)]
    client = Client()
    client.force_login(town.users["tam"])
    page = client.get("/desk/alarms/ringing").content.decode()
    assert "bé" not in page and f"tel:{row.number}" in page and "/confidential/" in page
    assert actions.acknowledge(row, by=town.thu)


def test_old_words_ring_with_nobody(town, chat):
    chat.write(FIRE, at=(now() - timedelta(days=3)).isoformat())
    follow()
    assert not Alarm.objects.exists()


def test_an_edited_message_rings_when_its_new_words_do(town, chat):
    chat.write("alo")
    follow()
    message = Message.objects.get(inbound=True)
    Message.objects.filter(pk=message.pk).update(text=FIRE, edited=now())
    Event.objects.create(kind="message.edit", subject="message", subject_id=message.pk, **citizen().signature)
    follow()
    assert Alarm.objects.get().source == f"message:{message.pk}"


def test_a_citizen_without_a_thread_is_told_by_sms(town, texts):
    who = Reporter(name="Mai", phone="+84912000555")
    tickets.take(Report(text=FIRE, channel="web", once="w", reporter=who), by=citizen())
    follow()
    said = [row.text for row in Outgoing.objects.order_by("due", "id") if row.address == "+84912000555"]
    assert said[0].startswith("Gọi ngay 114.") and len(said) == 2


def test_the_doctor_complains_of_what_rings_on(town, chat):
    chat.write(FIRE)
    follow()
    assert list(people.alarms()) == []
    Alarm.objects.update(raised=now() - timedelta(minutes=6))
    (finding,) = people.alarms()
    assert finding.state == "broken"
    actions.acknowledge(Alarm.objects.get(), by=town.lan)
    assert list(people.alarms()) == []


def test_the_pages_show_it_take_it_and_are_empty_without(town, chat):
    client = Client()
    client.force_login(town.users["lan"])
    assert "Chưa có tin khẩn cấp nào" in client.get("/desk/alarms/").content.decode()
    assert client.get("/desk/alarms/ringing").content.decode().strip() == ""
    chat.write(FIRE)
    follow()
    row = Alarm.objects.get()
    page = client.get("/desk/alarms/ringing").content.decode()
    assert "cháy nhà ở hẻm 3" in page and "tel:114" in page and 'data-key="h"' in page
    other = Client()
    other.force_login(town.users["tam"])
    other.post(f"/desk/alarms/{row.pk}/acknowledge", headers={"hx-request": "true"})
    late = client.post(f"/desk/alarms/{row.pk}/acknowledge", headers={"hx-request": "true"}).content.decode()
    assert "Tam" in late and "đã nhận trước" in late and "data-alarm=" not in late
    assert "Tam" in client.get("/desk/alarms/").content.decode()
    assert client.post(f"/desk/alarms/{row.pk}/judge", {"outcome": "real"}).status_code == 302
    assert client.get(f"/desk/{row.ticket.code}/").status_code == 200
    officer = Client()
    officer.force_login(town.users["minh"])
    assert officer.post(f"/desk/alarms/{row.pk}/acknowledge").status_code == 403


def test_the_number_comes_first_on_the_page_after_sending(town):
    ticket = tickets.take(Report(text=FIRE, channel="web", once="w"), by=citizen())
    page = Client().get(f"/f/{ticket.follow}?new=1").content.decode()
    assert page.index("tel:114") < page.index('class="sent"')
    assert 'tabindex="-1" data-focus' not in Client().get(f"/f/{ticket.follow}").content.decode()
