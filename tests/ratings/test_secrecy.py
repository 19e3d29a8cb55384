"""An agency never learns who rated: not from one figure, and not from the difference of two.

Proves: rater secret: grades in whole groups ≥ 5, no subtraction over periods, agencies or filters
Proves: response rates beside scores, refuted closures: `/board/satisfaction`
Proves: Every figure of satisfaction (board, measures, API, reports, alerts, BI) is a sum of whole batches: one more
rating changes nothing, the difference of any two questions is nobody or a group"""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from caunoi.conversations.actions import make_inbox
from caunoi.directory.models import Agency
from caunoi.events.actor import citizen
from caunoi.notifications import actions as notifications
from caunoi.ratings import actions, queries
from caunoi.ratings.models import Batch, Rating
from caunoi.statistics.figures import content
from caunoi.statistics.figures import grades as grades_of
from caunoi.statistics.measures import MEASURES
from caunoi.statistics.scope import Scope
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.examples import examples

GRADES = st.sampled_from(["satisfied", "acceptable", "dissatisfied"])


@pytest.fixture
def rated(town):
    def make(grade, agency=None):
        once = f"r{Rating.objects.count()}"
        ticket = tickets.take(Report(text="Đèn tắt", channel="web", once=once), by=citizen())
        tickets.move(ticket, "answer", by=town.lan, text="Đã sửa.", category=town.lamps)
        Ticket.objects.filter(pk=ticket.pk).update(agency=agency or town.works)
        ticket.refresh_from_db()
        actions.rate(ticket, grade, by=citizen(ticket.pk))
        return ticket

    return make


def grades(agency="", *, since=None, until=None, **narrowed):
    """What is shown of an agency's grades, or of all."""
    since, until = since or now() - timedelta(days=30), until or now() + timedelta(days=1)
    found = grades_of(Scope(since=since, until=until, at=now(), agency=agency, **narrowed))
    return {grade: found[0][grade] for grade in queries.GRADES} if found else None


def test_four_ratings_are_nothing_five_are_a_group_and_six_are_the_same(town, rated):
    for grade in ("satisfied",) * 4:
        rated(grade)
    assert grades("xncongtrinh") is None
    rated("dissatisfied")
    five = grades("xncongtrinh")
    assert five == {"satisfied": 4, "acceptable": 0, "dissatisfied": 1}
    rated("acceptable")
    assert grades("xncongtrinh") == five  # the sixth cannot be found by subtraction


def test_the_whole_is_every_rating_and_no_agency_is_found_by_subtraction(town, rated):
    for _ in range(5):
        rated("satisfied")
    rated("dissatisfied", town.power)
    assert grades() == {"satisfied": 5, "acceptable": 0, "dissatisfied": 1}  # the true sum
    assert MEASURES["satisfaction"].read(scope_of_a_day(), "agency") == []  # beside it the five would betray the sixth
    (row,) = [row for row in queries.satisfaction(*day()) if row.agency == town.works] or [None]
    assert row is None or row.grades is None
    for _ in range(4):
        rated("dissatisfied", town.power)
    assert {row["key"]: row["of"] for row in MEASURES["satisfaction"].read(scope_of_a_day(), "agency")} == {
        "xncongtrinh": 5,
        "dienluc": 5,
    }
    assert queries.grades_by_agency() == {
        town.works.pk: grades("xncongtrinh"),
        town.power.pk: grades("dienluc"),
    }


def day():
    return now() - timedelta(days=1), now() + timedelta(days=1)


def scope_of_a_day(**narrowed):
    since, until = day()
    return Scope(since=since, until=until, at=now(), **narrowed)


def test_the_centres_own_marks_are_shown(town, rated):
    for grade in ("satisfied",) * 3 + ("dissatisfied",) * 2:
        ticket = tickets.take(Report(text="Hỏi", channel="web", once=f"c{Rating.objects.count()}"), by=citizen())
        tickets.move(ticket, "answer", by=town.lan, text="Dạ.", category=town.lamps)
        actions.rate(ticket, grade, by=citizen(ticket.pk))
        actions.invite(ticket)
    client = Client()
    client.force_login(town.users["phong"])
    html = client.get("/board/satisfaction").content.decode()
    assert html.count("Quá ít để hiện") == 0 and "60%" in html
    assert MEASURES["satisfaction"].read(scope_of_a_day(), "agency") == [{"key": "", "value": 0.6, "of": 5}]


def test_a_lead_sees_groups_however_the_question_is_narrowed(town, rated):
    for grade in ("satisfied",) * 5 + ("dissatisfied",):
        rated(grade)
    scope = Scope(since=now() - timedelta(days=1), until=now() + timedelta(days=1), at=now(), only_agency=town.works.pk)
    assert content(scope).grades == {"satisfied": 5, "acceptable": 0, "dissatisfied": 0}
    for narrowed in ({"category": "lamps"}, {"channel": "web"}, {"part": "on_time"}, {"area": "25195"}):
        assert content(Scope(**{**vars_of(scope), **narrowed})) is None


@pytest.mark.parametrize(
    "narrowed",
    [
        {"category": "lamps"},
        {"channel": "web"},
        {"area": "25195"},
        {"part": "late"},
        {"only_area": 1},
        {"agency": "dienluc", "only_agency": 1},
    ],
)
def test_nobody_is_told_grades_of_a_part_that_batches_do_not_know(town, rated, narrowed):
    for _ in range(6):
        rated("satisfied")
    scope = Scope(since=now() - timedelta(days=1), until=now() + timedelta(days=1), at=now())
    for name in ("satisfaction", "response"):
        assert MEASURES[name].read(scope, "")[0]["value"] == (1 if name == "satisfaction" else None)  # nobody was asked
        assert MEASURES[name].read(Scope(**{**vars_of(scope), **narrowed}), "") == [{"key": "", "value": None, "of": 0}]
        assert not set(MEASURES[name].groups) & {"category", "area", "channel", "hop", "reason"}


def test_one_more_rating_changes_nothing_that_is_shown_of_an_agency(town, rated):
    """Each agency and each branch: what five said, until the next five have."""

    def shown():
        read = MEASURES["satisfaction"].read
        own = scope_of_a_day(agency="xncongtrinh")
        return content(own).grades, {by: read(own, by) for by in MEASURES["satisfaction"].groups}

    for _ in range(5):
        rated("satisfied")
    five = shown()
    assert five[1]["agency"] == five[1]["branch"] == [{"key": "xncongtrinh", "value": 1.0, "of": 5}]
    for _ in range(4):
        rated("dissatisfied")
        rated("dissatisfied", town.power)
        assert shown() == five
    rated("dissatisfied")
    assert shown()[1]["agency"] == [{"key": "xncongtrinh", "value": 0.5, "of": 10}]


@given(st.dictionaries(st.integers(0, 9), st.integers(1, 20), max_size=8), st.integers(0, 12))
def test_what_is_left_out_beside_a_whole_is_nobody_or_a_group(counts, unshown):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(queries, "option", lambda name: 5)
        total = sum(counts.values()) + unshown
        hidden = queries.withheld(counts, total)
    shown = {key: n for key, n in counts.items() if key not in hidden}
    assert all(n >= 5 for n in shown.values())
    assert not shown or total - sum(shown.values()) == 0 or total - sum(shown.values()) >= 5


def vars_of(scope):
    return {name: getattr(scope, name) for name in scope.__dataclass_fields__}


class Differences(TestCase):
    """Whatever is rated and whenever one looks."""

    @examples(25)
    @given(st.lists(st.tuples(GRADES, st.integers(0, 1), st.integers(0, 9)), max_size=40), st.data())
    def test_the_difference_of_any_two_looks_is_nobody_or_a_group(self, told, data):
        agencies = [Agency.objects.create(code=f"a{n}", name=f"Đơn vị {n}", kind="utility") for n in range(2)]
        make_inbox("web", "web")
        begin = now() - timedelta(days=20)
        source = tickets.take(Report(text="Đèn", channel="web", once="x"), by=citizen()) if told else None
        looks = []
        for n, (grade, which, day) in enumerate(told):
            Rating.objects.create(
                ticket=source, round=n, agency=agencies[which], grade=grade, at=begin + timedelta(days=day, minutes=n)
            )
            actions.gather(agencies[which].pk)
            looks.append(grades("a0", since=begin) or dict.fromkeys(queries.GRADES, 0))
        as_of = data.draw(st.none() | st.integers(0, 20).map(lambda day: begin + timedelta(days=day)))
        edges = [begin + timedelta(days=d) for d in data.draw(st.lists(st.integers(0, 20), min_size=2, max_size=4))]
        for since in edges:
            for until in edges:
                found = grades("a0", since=since, until=until, as_of=as_of)
                looks.append(found or dict.fromkeys(queries.GRADES, 0))
        for one in looks:
            for other in looks:
                people = sum(one.values()) - sum(other.values())
                assert people % 5 == 0


def test_every_rating_is_in_one_group_at_most_and_groups_add_up(town, rated):
    for n in range(12):
        rated(("satisfied", "acceptable", "dissatisfied")[n % 3])
    assert Batch.objects.count() == 2 and Rating.objects.filter(batch=None).count() == 2
    for batch in Batch.objects.all():
        grades = list(batch.ratings.values_list("grade", flat=True))
        assert len(grades) == 5 and [grades.count(g) for g in queries.GRADES] == [
            getattr(batch, g) for g in queries.GRADES
        ]


def test_response_rates_stand_beside_the_scores(town, rated):
    asked = []
    for n in range(4):
        ticket = tickets.take(Report(text="Đèn", channel="web", once=f"q{n}"), by=citizen())
        tickets.move(ticket, "answer", by=town.lan, text="Xong", category=town.lamps)
        Ticket.objects.filter(pk=ticket.pk).update(agency=town.works)
        actions.invite(ticket)
        asked.append(ticket)
    actions.rate(asked[0], "satisfied", by=citizen(asked[0].pk))
    (row,) = queries.satisfaction(now() - timedelta(days=1), now() + timedelta(days=1))
    assert (row.agency, row.invited, row.rated, row.grades, dict(row.how)) == (town.works, 4, 1, None, {"page": (4, 1)})


@pytest.mark.parametrize(
    ("who", "sees"), [("hoa", {"Xí nghiệp"}), ("yen", set()), ("phong", {"Xí nghiệp", "Điện lực"})]
)
def test_a_lead_sees_their_own_agency_only(town, rated, who, sees):
    for agency in (town.works, town.power):
        for _ in range(5):
            rated("satisfied", agency)
    client = Client()
    client.force_login(town.users[who])
    html = client.get("/board/satisfaction").content.decode().split("<h1>")[1]
    assert {name for name in ("Xí nghiệp", "Điện lực") if name in html} == sees


def test_no_screen_of_an_agency_is_told_that_a_ticket_was_rated(town, rated, monkeypatch):
    ticket, sent = rated("dissatisfied"), []
    tickets.share(ticket, town.works)
    monkeypatch.setattr(notifications, "tell_screens", sent.extend)
    notifications.announce([(ticket, "ticket.rate")], agencies=False)
    assert sent and not [to for one in sent for to in one["to"] if to.startswith("agency")]
    told = Client().get(f"/api/v1/tickets/{ticket.code}", headers={"authorization": "Bearer nothing"})
    assert told.status_code == 401
    agency = Client()
    agency.force_login(town.users["minh"])
    assert "dissatisfied" not in agency.get(f"/agency/{ticket.code}/").content.decode()
