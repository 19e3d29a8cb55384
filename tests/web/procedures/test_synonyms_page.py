"""Reviewers say what people call things."""

import pytest
from django.test import Client

from caunoi.events.models import Event
from caunoi.procedures import actions
from caunoi.procedures.models import Synonym
from tests.procedures.records import lines, raw

PAGE = "/procedures/synonyms/"


@pytest.fixture
def page(town):
    done = actions.look(actions.upload("a", lines(raw("1.000001", ten_thu_tuc="Tách thửa đất")), by=town.thu))
    actions.bring_in(done, by=town.thu)
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["thu"])
    return client


def test_a_search_that_found_nothing_becomes_a_synonym(page):
    form = page.get("/procedures/synonyms/new", {"word": "Xé lẻ  đất"}).content.decode()
    assert 'value="xé lẻ đất"' in form
    answer = page.post("/procedures/synonyms/new", {"word": "Xé lẻ đất", "meaning": "tách thửa đất", "note": "hay hỏi"})
    assert answer.status_code == 302
    assert Synonym.objects.get().word == "xé lẻ đất"
    listing = page.get(PAGE).content.decode()
    assert "xé lẻ đất" in listing
    assert "hay hỏi" in listing


def test_what_it_would_do_is_shown_while_it_is_written(page):
    data = {"do": "preview", "word": "xé lẻ", "meaning": "tách thửa đất"}
    shown = page.post("/procedures/synonyms/new", data, headers={"HX-Request": "true"}).content.decode()
    assert "Tách thửa đất" in shown
    assert "<html" not in shown
    assert not Synonym.objects.exists()
    assert page.post("/procedures/synonyms/new", data).status_code == 200


@pytest.mark.parametrize(
    "bad",
    [
        {"word": "", "meaning": "x"},
        {"word": "…", "meaning": "x"},
        {"word": "x" * 101, "meaning": "y"},
        {"word": "x", "meaning": ""},
    ],
)
def test_nothing_typed_is_lost_when_something_lacks(page, bad):
    answer = page.post("/procedures/synonyms/new", bad)
    assert answer.status_code == 422
    assert (bad["word"] or bad["meaning"]) in answer.content.decode()
    assert not Synonym.objects.exists()


def test_a_shipped_word_is_found_switched_off_and_on(page):
    assert "hôn thú" in page.get(PAGE, {"q": "hon thu"}).content.decode()
    page.post("/procedures/synonyms/active", {"word": "hôn thú", "do": "off"})
    assert not Synonym.objects.get(word="hôn thú").active
    assert "switched off" in page.get(PAGE, {"q": "hon thu"}).content.decode()
    page.post("/procedures/synonyms/active", {"word": "hôn thú", "do": "on"})
    assert Synonym.objects.get(word="hôn thú").active
    assert page.post("/procedures/synonyms/active", {"word": "không có từ này", "do": "on"}).status_code == 404


def test_the_last_change_is_undone_from_the_list(page):
    page.post("/procedures/synonyms/new", {"word": "xé lẻ", "meaning": "tách thửa đất"})
    event = Event.objects.get(kind="synonym.add")
    assert f"/procedures/synonyms/{event.pk}/undo" in page.get(PAGE).content.decode()
    page.post(f"/procedures/synonyms/{event.pk}/undo")
    assert not Synonym.objects.get().active
    other = Event.objects.exclude(subject="synonym").first()
    assert page.post(f"/procedures/synonyms/{other.pk}/undo").status_code == 404
    assert page.get(f"/procedures/synonyms/{event.pk}/undo").status_code == 405


def test_administrators_see_it_in_the_history_of_setup(page, town):
    page.post("/procedures/synonyms/new", {"word": "xé lẻ", "meaning": "tách thửa đất"})
    page.force_login(town.users["quan"])
    assert "xé lẻ" in page.get("/setup/history/", {"of": "synonym"}).content.decode()


@pytest.mark.parametrize("who", ["lan", "minh", "phong"])
def test_others_may_not(page, town, who):
    page.force_login(town.users[who])
    assert page.get(PAGE).status_code == 403
    assert page.post("/procedures/synonyms/new", {"word": "a", "meaning": "b"}).status_code == 403


def test_citizens_are_helped_while_they_type(page):
    assert "Tách thửa đất" in Client().get("/tthc/suggest", {"q": "tách th"}).content.decode()
    assert Client().get("/tthc/suggest", {"q": ""}).content.decode().strip() == ""
    assert Client().get("/tthc/suggest", {"q": "\0"}).status_code == 200
