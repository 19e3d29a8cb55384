"""An administrator sees what a control plane sent, looks at the difference, and decides; others see who we are."""

import pytest

from caunoi.cells import queries
from caunoi.cells.models import PlaneEdition
from caunoi.directory.models import Day
from caunoi.lib import cells
from tests.cells.conftest import shown

__all__ = ["shown"]  # a fixture
pytestmark = pytest.mark.django_db


def body(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def test_without_a_control_plane_the_page_says_so_and_shows_our_key(quan, client):
    text = body(quan.get("/setup/cells/"))
    assert "None is named" in text and cells.fingerprint(queries.newest_key()) in text
    said = client.get("/cell.json").json()
    assert cells.public_key(said["key"]) == queries.newest_key() and said["catalogue"] == 0


def test_an_edition_is_looked_at_brought_in_and_taken_back(quan, shown, client):
    shown.holidays()
    shown.folder.sign()
    shown.fetch()
    [row] = PlaneEdition.objects.all()
    assert "waits for you" in body(quan.get("/setup/cells/"))
    assert "Nghỉ bù" in body(quan.get(f"/setup/cells/{row.pk}")) and not Day.objects.exists()
    text = body(quan.post(f"/setup/cells/{row.pk}/decide", {"do": "bring_in"}, follow=True))
    assert "Brought in." in text and Day.objects.count() == 2
    assert "decided on it already" in body(quan.post(f"/setup/cells/{row.pk}/decide", {"do": "drop"}, follow=True))
    assert "Undone." in body(quan.post(f"/setup/cells/{row.pk}/decide", {"do": "undo"}, follow=True))
    assert not Day.objects.exists()
    assert client.get("/cell.json").json()["editions"] == {"holidays": 1}
    assert "Shared edition brought in" in body(quan.get("/setup/history/?of=planeedition"))


def test_one_that_can_be_read_no_longer_is_said_and_can_be_dropped(quan, shown):
    shown.holidays()
    shown.folder.sign()
    shown.fetch()
    [row] = PlaneEdition.objects.all()
    PlaneEdition.objects.update(raw=b"day,kind,name\nx,off,y\n")
    assert "no longer be read" in body(quan.get(f"/setup/cells/{row.pk}"))
    assert "no longer be read" in body(quan.post(f"/setup/cells/{row.pk}/decide", {"do": "bring_in"}, follow=True))
    quan.post(f"/setup/cells/{row.pk}/decide", {"do": "drop"})
    row.refresh_from_db()
    assert row.state == "dropped" and not Day.objects.exists()


def test_what_is_not_taken_is_said_on_the_page_and_among_the_checks(quan, shown):
    shown.folder.sign()
    shown.instead = {cells.CATALOGUE: b"{}"}
    shown.fetch()
    assert "not signed by the key" in body(quan.get("/setup/cells/"))
    assert "not signed by the key" in body(quan.get("/setup/system"))


def test_nobody_else_comes_in(client, town, shown):
    client.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/setup/cells/").status_code == 403
    assert client.post("/setup/cells/fetch").status_code == 403


def test_an_administrator_has_it_asked_now(quan, shown, work):
    shown.folder.sign()
    assert quan.post("/setup/cells/fetch").status_code == 302
