"""A photo painted over: the public never sees the other, a reviewer may go back until it is public."""

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from caunoi.events.actor import citizen
from caunoi.files.models import Attachment
from caunoi.publication import actions, queries, readings
from caunoi.publication.models import Publication, Statement
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.report import Report

BOX = [{"x": 100, "y": 100, "w": 300, "h": 300}]


@pytest.fixture
def taken(town, photo):
    """A published ticket and its photo, not yet shown."""
    pk = photo()
    ticket = tickets.take(Report(text="Xe đậu chắn đường", channel="web", once="a"), by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    tickets.add_photos(ticket, [pk], "after", by=citizen(ticket.pk))
    return actions.propose(ticket), pk


def shown(publication):
    return queries.photos(Publication.objects.get(pk=publication.pk))


def status(attachment, client=None):
    """What somebody gets who asks for a picture."""
    response = (client or Client()).get(reverse("picture", args=[attachment.name, "webp"]))
    if response.streaming:
        b"".join(response.streaming_content)  # read to the end, it closes the file
    return response.status_code


def test_only_the_painted_one_can_be_published(town, taken):
    row, pk = taken
    painted = actions.blur(row, pk, BOX, by=town.thu).result
    actions.publish(row, by=town.thu, photos=[pk])
    assert shown(row) == [("after", painted)]
    original = Attachment.objects.get(pk=pk)
    assert status(painted) == 200
    assert status(original) == 404
    assert Statement.objects.order_by("-id").first().said["photos"] == [painted.digest] != [original.digest]


def test_the_painted_one_is_the_reviewer_s_only_until_it_is_public(town, taken):
    row, pk = taken
    painted = actions.blur(row, pk, BOX, by=town.thu).result
    assert status(painted) == 404
    for name, expected in (("thu", 200), ("tam", 200), ("minh", 404)):
        client = Client()
        client.force_login(town.users[name])
        assert status(painted, client) == expected


def test_steps_are_taken_back_until_the_public_has_seen_it(town, taken):
    row, pk = taken
    one = actions.blur(row, pk, BOX, by=town.thu).result
    two = actions.blur(row, pk, [{"x": 500, "y": 500, "w": 100, "h": 100}], by=town.thu)
    assert len(two.shapes) == 2 and not Attachment.objects.filter(pk=one.pk).exists()
    assert len(actions.unblur(row, pk, by=town.thu).shapes) == 1
    assert actions.unblur(row, pk, by=town.thu) is None
    with pytest.raises(NotPossibleError):
        actions.unblur(row, pk, by=town.thu)
    actions.blur(row, pk, BOX, by=town.thu)
    actions.publish(row, by=town.thu, photos=[pk])
    with pytest.raises(NotPossibleError):
        actions.unblur(row, pk, by=town.thu)


def test_more_painted_over_a_public_one_takes_its_place_at_once(town, taken):
    row, pk = taken
    actions.publish(row, by=town.thu, photos=[pk])
    original = Attachment.objects.get(pk=pk)
    assert status(original) == 200
    painted = actions.blur(row, pk, BOX, by=town.thu).result
    assert shown(row) == [("after", painted)]
    assert status(original) == 404
    assert Statement.objects.order_by("-id").first().said["photos"] == [painted.digest]
    again = actions.blur(row, pk, BOX, by=town.thu).result
    assert shown(row) == [("after", again)]


def test_pictures_that_nothing_shows_leave_no_file(town, taken, django_capture_on_commit_callbacks):
    row, pk = taken
    painted = actions.blur(row, pk, BOX, by=town.thu).result
    assert default_storage.exists(f"{painted.name}.webp")
    with django_capture_on_commit_callbacks(execute=True):
        actions.unblur(row, pk, by=town.thu)
    assert not default_storage.exists(f"{painted.name}.webp") and not default_storage.exists(
        f"{painted.name}-small.webp"
    )
    assert default_storage.exists(f"{Attachment.objects.get(pk=pk).name}.webp")  # the original stays with the staff


def test_others_may_not_paint_and_other_photos_are_not_painted(town, taken, photo):
    row, pk = taken
    with pytest.raises(NotAllowedError):
        actions.blur(row, pk, BOX, by=town.lan)
    with pytest.raises(NotAllowedError):
        actions.blur(row, photo(), BOX, by=town.thu)
    with pytest.raises(MissingDataError):
        actions.blur(row, pk, [], by=town.thu)
    assert readings.blurs(row) == {}
