"""Answered, but not fixed: with a photo it is on the agency's record.

Proves: "not really fixed" with a photo: event `ticket.refute`, on the agency's record"""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.notifications.models import Notification
from caunoi.ratings import actions, queries
from caunoi.ratings.models import Refutation
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import NotAllowedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report


@pytest.fixture
def answered(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="a"), by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bóng.", by=town.minh)
    answers.approve(ticket, by=town.hoa)
    ticket.refresh_from_db()
    return ticket


def reopen(ticket, *photos, text="Vẫn tắt"):
    files = [SimpleUploadedFile("a.jpg", photo, content_type="image/jpeg") for photo in photos]
    return Client().post(f"/f/{ticket.follow}/reopen", {"reopen_text": text, "photos": files})


def test_a_photo_puts_it_on_the_agency_s_record(town, answered, jpeg):
    assert reopen(answered, jpeg).status_code == 302
    answered.refresh_from_db()
    assert answered.state == "accepted" and answered.photos.count() == 1
    row = Refutation.objects.get()
    assert (row.agency, row.round) == (town.works, 0)
    event = Event.objects.get(kind="ticket.refute")
    assert event.data == {"round": 0, "agency": "xncongtrinh", "agency_id": town.works.pk}
    (line,) = queries.satisfaction(now() - timedelta(days=1), now() + timedelta(days=1))
    assert (line.agency, line.refuted) == (town.works, 1)


def test_without_a_photo_it_is_reopened_and_no_more(answered):
    reopen(answered)
    assert Refutation.objects.count() == 0 and Ticket.objects.get().state == "accepted"


def test_a_bad_file_changes_nothing(answered):
    assert reopen(answered, b"<svg onload=alert(1)>").status_code == 422
    assert Ticket.objects.get().state == "answered" and Refutation.objects.count() == 0


def test_after_the_window_it_is_a_new_report(answered, jpeg):
    Ticket.objects.update(touched=now() - timedelta(days=16))
    assert reopen(answered, jpeg).status_code == 409
    assert Ticket.objects.get().photos.count() == 0 and Refutation.objects.count() == 0


def test_a_double_click_refutes_once(answered, jpeg):
    for _press in range(2):
        assert reopen(answered, jpeg).headers["Location"].endswith("?done=reopen")
    assert Refutation.objects.count() == Event.objects.filter(kind="ticket.refute").count() == 1


def test_nobody_refutes_somebody_else_s(town, answered):
    for by in (town.lan, citizen(), citizen(answered.pk + 1)):
        with pytest.raises(NotAllowedError):
            actions.refute(answered, town.works.pk, 0, by=by)


@pytest.mark.django_db(transaction=True)
def test_the_agency_is_told(town, answered, jpeg, work):
    reopen(answered, jpeg)
    work()
    assert Notification.objects.filter(notice="ticket.refute.agency", agency=town.works).count() == 1
