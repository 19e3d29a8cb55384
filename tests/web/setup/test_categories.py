"""Fields of the hotline's work, in the browser."""

from pathlib import Path

import pytest
from django.test import Client

from caunoi.directory.queries import category, every_category
from caunoi.web.setup.categories import ICONS

TYPED = {
    "do": "save",
    "name": "Chó thả rông",
    "name_en": "Stray dogs",
    "description": "",
    "description_en": "",
    "group": "Trật tự",
    "group_en": "Order",
    "order": "40",
    "kind": "report",
    "urgency": "normal",
    "publish": "review",
    "place": "street",
    "icon": "dog",
}


def test_a_new_field_is_offered_to_citizens_and_its_undo_takes_it_away(quan, undo):
    response = quan.post("/setup/fields/new", TYPED | {"code": "dogs"}, follow=True)
    assert category("dogs").name_en == "Stray dogs"
    undo(response)
    assert category("dogs") is None


def test_what_is_not_written_yet_is_not_called_none(quan):
    assert "None" not in quan.get("/setup/fields/new").content.decode()


def test_a_code_that_is_taken_keeps_what_was_typed(quan):
    response = quan.post("/setup/fields/new", TYPED | {"code": "lamps"})
    assert response.status_code == 422
    page = response.content.decode()
    assert "A category with this code exists" in page
    assert 'value="Stray dogs"' in page


def test_a_field_can_be_changed_and_changed_back(quan, undo, town):
    response = quan.post("/setup/fields/lamps/", TYPED | {"publish": "never", "needs_contact": "on"}, follow=True)
    assert (category("lamps").publish, category("lamps").needs_contact) == ("never", True)
    undo(response)
    assert (category("lamps").name, category("lamps").publish) == ("Chiếu sáng công cộng", "at_once")


def test_a_retired_field_is_not_offered_stays_readable_and_can_come_back(quan, town):
    quan.post("/setup/fields/lamps/", {"do": "retire"})
    assert category("lamps") is None
    assert every_category().filter(code="lamps").exists()
    assert "Street lighting" in quan.get("/setup/fields/").content.decode()
    quan.post("/setup/fields/lamps/", {"do": "restore"})
    assert category("lamps") == town.lamps


def test_the_effect_of_publishing_is_said_before_it_is_saved(quan, town):
    typed = TYPED | {"do": "preview", "publish": "never"}
    page = quan.post("/setup/fields/lamps/", typed, headers={"hx-request": "true"}).content.decode()
    assert "Only the citizen and the staff see it" in page
    assert category("lamps").publish == "at_once"


@pytest.mark.parametrize("name", ICONS)
def test_every_icon_that_is_offered_is_drawn(name):
    assert name in (Path(__file__).parents[3] / "assets" / "icons.txt").read_text().split()


def test_others_cannot_post_either(town):
    client = Client()
    client.force_login(town.users["tam"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.post("/setup/fields/lamps/", {"do": "retire"}).status_code == 403
    assert category("lamps") == town.lamps
