"""The demo's year: every state, honest figures, the same again, and nothing from the future."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.db.models import Max

from caunoi.answers.models import Answer
from caunoi.channels.registry import channels
from caunoi.conversations.models import Conversation
from caunoi.demo import hours, life
from caunoi.events.models import Event
from caunoi.lib.numbers import phone
from caunoi.publication.models import Publication
from caunoi.ratings.models import Rating
from caunoi.routing.models import Handover
from caunoi.sla.models import Deadline
from caunoi.starter import kit
from caunoi.statistics.measures import FOUR, four_numbers
from caunoi.tickets.lifecycle import MOVES, OPEN, State
from caunoi.tickets.models import Photo, Ticket
from caunoi.tickets.reasons import BY_PRODUCT, REASONS
from caunoi.vault import blind
from tests.demo.yardstick import yardstick

pytestmark = pytest.mark.django_db
BUDGET = 150  # yardsticks of CPU: 10 seconds where the figures of docs/performance.md were taken
EVER = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def digest(stories):
    rows = [(s.history.at.isoformat(), s.history.report.category_id, s.history.report.text) for s in stories]
    return sha256(repr(rows).encode()).hexdigest()


def test_the_same_day_gives_the_same_tickets(year):
    assert digest(year.told) == digest(year.again)
    assert [s.history.acts for s in year.told] == [s.history.acts for s in year.again]


def test_a_year_is_written_in_the_time_a_person_waits(year):
    assert 1900 <= len(year.told) <= 2100
    assert year.spent / yardstick() < BUDGET


def test_every_state_channel_category_move_and_reason_occurs(year):
    assert set(Ticket.objects.values_list("state", flat=True)) == set(State)
    assert set(Ticket.objects.values_list("channel", flat=True)) == set(channels()) - {"cell"}  # of another province
    seen = set(Ticket.objects.exclude(category=None).values_list("category__code", flat=True))
    assert seen == {field["code"] for field in kit.fields()}
    elsewhere = {"transfer", "transfer_recall", "hand_over", "transfer_return"}
    kinds = set(Event.objects.filter(subject="ticket").values_list("kind", flat=True))
    assert kinds >= {f"ticket.{name}" for name in MOVES.keys() - elsewhere if name != "leg_answer"}  # handover.answer
    refused = {data["reason"] for data in Event.objects.filter(kind="ticket.refuse").values_list("data", flat=True)}
    assert refused == set(REASONS) - BY_PRODUCT


def test_the_four_numbers_sum_and_look_like_a_good_hotline(year):
    (whole,) = four_numbers(*EVER)
    assert sum(whole[name] for name in FOUR) == whole["total"]
    by_category = four_numbers(*EVER, by="category")
    assert {name: sum(row[name] for row in by_category) for name in FOUR} == {name: whole[name] for name in FOUR}
    handled = whole["on_time"] + whole["late"]
    assert handled / whole["total"] > 0.9
    assert 0.09 < whole["late"] / handled < 0.16
    open_now = Deadline.objects.filter(clock="handle", ticket__state__in=OPEN)
    assert open_now.filter(state="running").count() > 20
    assert open_now.filter(state="breached").count() > 5
    assert open_now.filter(state="running", due__lt=year.now + timedelta(hours=4)).exists()  # due soon


def test_nothing_lies_in_the_future(year):
    assert Event.objects.filter(subject="ticket").aggregate(last=Max("at"))["last"] <= year.now
    assert Ticket.objects.aggregate(last=Max("touched"))["last"] <= year.now
    assert Rating.objects.aggregate(last=Max("at"))["last"] <= year.now
    assert Handover.objects.aggregate(last=Max("sent"))["last"] <= year.now
    assert Publication.objects.aggregate(last=Max("published"))["last"] <= year.now
    assert Deadline.objects.filter(met__gt=year.now).count() == 0


def test_seven_of_ten_call_and_a_quarter_asks(year):
    channels = Counter(Ticket.objects.values_list("channel", flat=True))
    assert 0.62 < channels["phone"] / len(year.told) < 0.78
    questions = Ticket.objects.filter(category__code="procedures").count()
    assert 0.2 < questions / len(year.told) < 0.3


def test_one_day_is_a_flood(year):
    days = Counter(at.date() for at in Ticket.objects.values_list("received", flat=True))
    (_, most), (_, second) = days.most_common(2)
    assert most > 100
    assert second < 45


def test_texts_are_as_different_as_peoples(year):
    assert len({s.history.report.text for s in year.told}) > 0.8 * len(year.told)
    assert not [s.history.report.text for s in year.told if "{" in s.history.report.text]
    assert not Answer.objects.filter(text__contains="{").exists()


def test_the_utilities_company_has_work_and_new_reports_wait_on_the_desk(year):
    at_works = Ticket.objects.filter(agency__code="xncongtrinh", state__in=OPEN)
    assert at_works.filter(state="routed").count() >= 2
    assert at_works.filter(state="working").count() >= 3
    assert at_works.filter(state="resulted").count() >= 1
    assert Ticket.objects.filter(state="new", received__gt=year.now - timedelta(hours=3)).count() >= 5


def test_the_three_stories_of_the_newspaper_are_among_the_newest(year):
    lamps, papers, karaoke = (
        Ticket.objects.get(blind.equal(Conversation, "address", f"demo-flagship-{name}", "conversation"))
        for name in ("lamps", "papers", "karaoke")
    )
    assert {p.role for p in Photo.objects.filter(ticket=lamps)} == {"report", "before", "after"}
    assert Publication.objects.get(ticket=lamps).photos.count() == 3
    assert papers.area.code == "25417"
    assert papers.state == "answered"
    assert karaoke.contact.name == karaoke.contact.phone == ""
    assert karaoke.received.astimezone(hours.VIETNAM).hour == 22
    assert karaoke.state in ("routed", "working")
    assert min(t.received for t in (lamps, papers, karaoke)) > year.now - timedelta(days=14)


def test_people_of_the_demo_are_plainly_nobody(year):
    numbers = {ticket.contact.phone for ticket in Ticket.objects.select_related("contact")} - {""}
    assert numbers
    for number in numbers:
        assert number.startswith("+84900000")
        assert phone.parse(number).e164 == number


def test_what_is_private_is_not_published(year):
    hidden = Publication.objects.filter(ticket__category__publish="never") | Publication.objects.filter(
        ticket__restricted=True
    )
    assert not hidden.exists()


def test_the_last_moment_is_the_end_of_the_day_or_now(year):
    day = year.now.date()
    assert life.last_moment(day, year.now) == year.now
    assert life.last_moment(day - timedelta(days=10), year.now).isoformat() == "2026-08-10T23:59:59+07:00"
    assert life.last_moment(day + timedelta(days=10), year.now) == year.now


def test_life_begins_only_once(year):
    assert life.live(year.now.date()) == 0
