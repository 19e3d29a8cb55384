"""What an app may read: its own before publication, everybody's after."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from caunoi.answers import actions as answers
from caunoi.directory import queries as directory
from caunoi.publication import actions as publication
from caunoi.ratings.actions import gather
from caunoi.ratings.models import Rating
from caunoi.routing import actions as routing
from caunoi.sla.models import Deadline
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.report import Report

DAY = timedelta(days=1)
NOON = datetime(2026, 8, 17, 5, 0, tzinfo=UTC)


def post(app, town, **changes):
    """A report through the app, as a ticket."""
    return queries.find(town.tam, app.post(**changes).body[0]["service_request_id"])


@pytest.fixture
def publish(town):
    """A reporter's word, published as it is; received so many days before NOON."""

    def make(text="Đèn tắt", category="lamps", days=0, closed=False, **more):
        report = Report(text=text, channel="web", once=text, category_id=getattr(town, category).pk, **more)
        ticket = tickets.take(report, by=town.lan, at=NOON - days * DAY)
        tickets.move(ticket, "accept", by=town.lan)
        if closed:
            answers.answer(ticket, "Đã sửa xong.", by=town.lan)
        row = publication.propose(ticket)
        if row.state != "published":
            publication.publish(row, by=town.thu)
        return ticket

    return make


@pytest.fixture
def noon(time_machine):
    time_machine.move_to(NOON, tick=False)


def test_before_publication_only_the_posting_app_learns_how_far_it_is(app, other_app, town):
    ticket = post(app, town)
    answer = app.get(f"requests/{ticket.code}")
    assert answer.status == 200
    (found,) = answer.body
    assert (found["service_request_id"], found["status"]) == (ticket.code, "open")
    assert not {"description", "address", "lat", "long", "media_url"} & set(found)
    assert "sáng" not in str(found).replace("Chiếu sáng công cộng", "")
    assert other_app.get(f"requests/{ticket.code}").status == 404
    other_app.key = "none"
    assert other_app.get(f"requests/{ticket.code}").status == 404
    assert app.get("requests").body == []
    assert app.get("requests", service_request_id=ticket.code).body == [found]


def test_after_publication_everybody_reads_the_public_text(app, other_app, town):
    ticket = post(app, town)
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    row = publication.propose(ticket)
    publication.publish(row, by=town.thu, text="Đèn đường không sáng.", place="Ngã tư Đồng Xoài", note="Rõ hơn")
    due = NOON + 2 * DAY
    Deadline.objects.create(ticket=ticket, clock="handle", state="running", started=NOON, due=due)
    (found,) = other_app.get(f"requests/{ticket.code}").body
    assert found["description"] == "Đèn đường không sáng."
    assert found["agency_responsible"] == "Xí nghiệp Công trình công cộng"
    assert found["address"] == "Ngã tư Đồng Xoài"
    assert (found["lat"], found["long"]) == (11.52, 106.9)
    assert found["address_id"] == "25195"
    assert datetime.fromisoformat(found["expected_datetime"]) == due
    more = found["extended_attributes"]
    assert (more["kind"], more["area"], more["state"]) == ("report", "25195", "routed")
    assert [u["state"] for u in more["updates"]] == ["new", "accepted", "routed"]
    assert more["deadlines"] == [{"clock": "handle", "due": found["expected_datetime"], "state": "running"}]
    assert "900000001" not in str(found) and town.lan.name not in str(found)
    assert app.get(f"requests/{ticket.code}").body == [found]


def test_an_answered_request_is_closed_and_says_what_was_done(app, town, publish):
    ticket = publish(closed=True)
    (found,) = app.get(f"requests/{ticket.code}").body
    assert (found["status"], found["status_notes"]) == ("closed", "Đã sửa xong.")


def test_a_published_photo_has_an_address(app, town, publish, photo):
    ticket = publish(photos=[photo()])
    picture = queries.photos(ticket).get().attachment
    publication.publish(publication.propose(ticket), by=town.thu, photos=[picture.pk])
    (found,) = app.get(f"requests/{ticket.code}").body
    assert found["media_url"].endswith(f"/files/{picture.name}.large")
    picture_page = app.client.get(urlsplit(found["media_url"]).path)
    assert b"".join(picture_page.streaming_content)[8:12] == b"WEBP"
    picture_page.close()


def test_the_agencys_grades_are_given_only_in_groups(app, town, publish):
    ticket = publish()
    routing.route(ticket, town.works, by=town.lan)
    others = [publish(f"Đèn {n}") for n in range(5)]
    for other in others[:4]:
        Rating.objects.create(ticket=other, agency=town.works, grade="satisfied")
    assert app.get(f"requests/{ticket.code}").body[0]["extended_attributes"]["rating"] is None
    Rating.objects.create(ticket=others[4], agency=town.works, grade="dissatisfied")
    gather(town.works.pk)
    directory.forget()
    grades = {"satisfied": 4, "acceptable": 0, "dissatisfied": 1}
    assert app.get(f"requests/{ticket.code}").body[0]["extended_attributes"]["rating"] == grades


def test_names_are_in_the_language_asked_for(app, publish):
    ticket = publish()
    assert app.get(f"requests/{ticket.code}", lang="en").body[0]["service_name"] == "Street lighting"
    assert app.get(f"requests/{ticket.code}", lang="xx").body[0]["service_name"] == "Chiếu sáng công cộng"


def test_what_was_withdrawn_is_no_longer_there(app, town, publish):
    ticket = publish()
    publication.withdraw(publication.propose(ticket), by=town.thu, note="Có tên người.")
    assert app.get(f"requests/{ticket.code}").status == 404


def codes(answer):
    return [row["service_request_id"] for row in answer.body]


def test_the_list_can_be_narrowed(app, publish, noon):
    lamp = publish("một", days=1)
    noise = publish("hai", "noise", days=2)
    done = publish("ba", closed=True, days=3)
    assert codes(app.get("requests")) == [lamp.code, noise.code, done.code]
    assert codes(app.get("requests", service_code="noise,identity")) == [noise.code]
    assert codes(app.get("requests", status="closed")) == [done.code]
    assert codes(app.get("requests", status="open,closed")) == [lamp.code, noise.code, done.code]
    window = {"start_date": (NOON - 2.5 * DAY).isoformat(), "end_date": (NOON - 1.5 * DAY).isoformat()}
    assert codes(app.get("requests", **window)) == [noise.code]
    assert codes(app.get("requests", service_request_id=f"{done.code},{lamp.code},x", status="open")) == [
        done.code,
        lamp.code,
    ]


def test_without_dates_the_last_ninety_days_are_shown(app, publish, noon):
    new, old = publish("mới", days=89), publish("cũ", days=91)
    assert codes(app.get("requests")) == [new.code]
    assert codes(app.get("requests", end_date=(NOON - 90 * DAY).isoformat())) == [old.code]
    assert codes(app.get("requests", start_date=(NOON - 92 * DAY).isoformat())) == [new.code, old.code]


@pytest.mark.parametrize(
    "query",
    [
        {"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-06-01T00:00:00Z"},
        {"start_date": "2026-06-01T00:00:00Z", "end_date": "2026-01-01T00:00:00Z"},
        {"start_date": "2026-01-01"},
        {"start_date": "2026-01-01T00:00:00"},
        {"end_date": "0001-01-01T00:00:00Z"},
        {"start_date": "2026-99-01T00:00:00Z"},
        {"status": "overdue"},
        {"page_size": "0"},
        {"page_size": "²"},
        {"page": "-1"},
        {"service_request_id": ",".join(["26-000001-1"] * 101)},
    ],
)
def test_a_question_that_makes_no_sense_is_answered_with_what_would(app, query):
    answer = app.get("requests", **query)
    assert (answer.status, answer.body[0]["code"]) == (400, 400)


def test_pages_follow_each_other_by_number_and_by_link(app, publish, noon):
    made = [publish(f"số {n}", days=n).code for n in range(5)]
    assert codes(app.get("requests", page_size=2, page=2)) == made[2:4]
    seen, answer = [], app.get("requests", page_size=2)
    while True:
        seen += codes(answer)
        link = answer.response.get("Link")
        if not link:
            break
        answer = app._read(app.client.get(link[1 : link.index(">")]))
    assert seen == made


def test_the_list_as_xml(xml_app, publish, noon):
    ticket = publish("Chữ <b> & \x01 ký tự lạ")
    root = xml_app.get("requests").body
    assert root.tag == "service_requests"
    assert root.findtext("request/service_request_id") == ticket.code
    assert root.findtext("request/description") == "Chữ <b> &  ký tự lạ"
    assert [u.findtext("state") for u in root.findall("request/extended_attributes/updates/update")] == [
        "new",
        "accepted",
    ]


def test_a_long_list_costs_as_many_statements_as_a_short_one(app, publish, noon):
    def statements():
        with CaptureQueriesContext(connection) as captured:
            assert app.get("requests").status == 200
        return len(captured)

    publish("một")
    few = statements()
    for n in range(6):
        publish(f"thêm {n}", days=n)
    assert statements() <= few <= 6  # tickets, photos, deadlines, events, grades, whether a machine helped


def test_a_request_is_its_own_token(app, publish):
    ticket = publish()
    assert app.get(f"tokens/{ticket.code}").body == [{"service_request_id": ticket.code, "token": ticket.code}]
