"""Numbers, names and texts: changed in the browser, they count at once."""

from django.test import Client

from caunoi.conversations.models import Contact
from caunoi.directory.actions import set_option
from caunoi.directory.models import Option
from caunoi.directory.options import OPTIONS
from caunoi.directory.queries import option, text
from caunoi.events.models import Event
from caunoi.web.setup.words import UNITS


def save(client, address, **typed):
    return client.post(address, {"do": "save", **typed}, follow=True)


def test_only_administrators_come_in(town):
    for name, user in town.users.items():
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        assert client.get("/setup/").status_code == (200 if name == "quan" else 403)


def test_a_new_name_of_the_hotline_stands_on_the_citizens_page_at_once(quan):
    save(quan, "/setup/options/hotline_name", value="Tổng đài Sông Bé")
    assert "Tổng đài Sông Bé" in Client().get("/").content.decode()


def test_every_unit_has_words():
    assert {one.unit for one in OPTIONS.values() if one.unit} <= set(UNITS)


def test_only_what_has_no_built_in_text_is_missing_until_there_is_a_version(quan):
    page = quan.get("/setup/texts/", headers={"accept-language": "en"}).content.decode()
    assert page.count("Until there is one, the built-in text is sent.") == 4


def test_whoever_joins_is_counted_in_people(quan):
    assert "600 people" in quan.get("/setup/options/", headers={"accept-language": "en"}).content.decode()


def test_the_english_of_a_default_is_not_shown_for_other_words(quan):
    read = lambda: Client(headers={"accept-language": "en"}).get("/lookup").content.decode()  # noqa: E731
    assert "Hotline 1022" in read() and "Answered day and night" in read()
    save(quan, "/setup/options/hours", value="7:00–19:00 hằng ngày")
    assert "7:00–19:00 hằng ngày" in read() and "Answered day and night" not in read()
    save(quan, "/setup/options/hours_en", value="7 am to 7 pm every day")
    assert "7 am to 7 pm every day" in read() and "hằng ngày" not in read()
    assert "7:00–19:00 hằng ngày" in Client(headers={"accept-language": "vi"}).get("/lookup").content.decode()


def test_a_number_can_be_changed_undone_and_set_back(quan, undo):
    response = save(quan, "/setup/options/reopen_days", value="20")
    assert option("reopen_days") == 20
    assert "default: 15 days" in response.content.decode()
    undo(response)
    assert option("reopen_days") == 15
    save(quan, "/setup/options/reopen_days", value="20")
    quan.post("/setup/options/reopen_days", {"do": "default"})
    assert option("reopen_days") == 15


def test_an_impossible_number_is_refused_and_kept_in_the_form(quan):
    response = save(quan, "/setup/options/warn_percent", value="180")
    assert response.status_code == 422
    assert 'value="180"' in response.content.decode()
    assert option("warn_percent") == 80


def test_an_unknown_option_is_not_there(quan):
    assert quan.get("/setup/options/nonsense").status_code == 404


def test_an_undo_does_not_overwrite_what_came_later(quan, undo, town):
    response = save(quan, "/setup/options/rate_days", value="40")
    set_option("rate_days", 50, by=town.quan)
    assert "changed again" in undo(response).content.decode()
    assert option("rate_days") == 50


def test_what_stays_as_it_is_is_no_change(quan, town):
    before = Event.objects.count()
    response = save(quan, "/setup/options/rate_days", value=str(option("rate_days")))
    assert "Nothing was changed." in response.content.decode()
    assert Event.objects.count() == before


def test_another_process_changes_an_option_and_set_up_shows_it_and_takes_it_back(quan, undo, town):
    response = save(quan, "/setup/options/rate_days", value="40")
    option("rate_days")
    Option.objects.filter(name="rate_days").update(value=41)  # this process does not hear of it
    assert 'value="41"' in quan.get("/setup/options/rate_days").content.decode()
    Option.objects.filter(name="rate_days").update(value=40)
    assert "Undone." in undo(response).content.decode()


def test_a_wrong_number_is_named(quan):
    response = quan.post("/setup/options/warn_percent", {"do": "save", "value": "180"})
    assert "A deadline is due soon when this much of its time is used: not above 100." in response.content.decode()
    response = quan.post("/setup/fields/new", {"do": "save", "code": "lũ lụt"})
    assert "Code: only letters without accents" in response.content.decode()


def test_a_new_version_of_the_consent_is_asked_for_and_the_old_one_stays(quan):
    Contact.objects.create(name="Người Demo", consent=1)
    save(quan, "/setup/texts/consent/new", body="Tôi đồng ý, bản mới.", body_en="I agree, anew.")
    assert text("consent").version == 2
    page = quan.get("/setup/texts/consent/1").content.decode()
    assert "I agree." in page
    assert "1 people agreed" in page


def test_a_text_can_be_seen_before_it_counts(quan):
    typed = {"do": "preview", "body": "Bản xem trước", "body_en": "A look ahead"}
    part = quan.post("/setup/texts/consent/new", typed, headers={"hx-request": "true"})
    assert "A look ahead" in part.content.decode()
    whole = quan.post("/setup/texts/consent/new", typed)
    assert whole.status_code == 200
    assert whole.content.decode().count("A look ahead") == 2
    assert text("consent").version == 1


def test_a_text_without_its_english_is_not_taken_and_nothing_typed_is_lost(quan):
    response = save(quan, "/setup/texts/consent/new", body="Chỉ tiếng Việt", body_en="")
    assert response.status_code == 422
    assert "Chỉ tiếng Việt" in response.content.decode()
