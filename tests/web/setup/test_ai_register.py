"""The register of artificial intelligence: read, taken away as a file, turned on and off, and obeyed.

Proves: AI register: one declaration, a switch that the helpers obey, with who and when, uses by month"""

import csv
import io

import pytest
from django.test import Client
from django.utils import timezone

from caunoi.answers.assist import Kind
from caunoi.answers.models import MachineDraft
from caunoi.directory.actions import set_option
from caunoi.directory.ai_register import HELPERS
from caunoi.directory.options import OPTIONS
from caunoi.directory.queries import is_helping
from caunoi.events.models import Event
from caunoi.quality import speech
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.triage.queries import understand
from caunoi.web.setup import ai_register


@pytest.fixture
def quan(town):
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["quan"])
    return client


def test_every_helper_says_all_of_itself_and_who_can_turn_it_off():
    assert len(HELPERS) >= 12
    for key, one in HELPERS.items():
        assert key == one.key and all(getattr(one, name) for name in ("label", "purpose", "reads", "gives", "public"))
        assert (one.switch in OPTIONS) is not bool(one.fixed)
    assert set(ai_register.USES) <= set(HELPERS)
    with pytest.raises(KeyError):
        is_helping("nothing")


def test_a_helper_that_was_never_touched_is_on_and_costs_no_query(town, django_assert_num_queries):
    assert is_helping("triage") and is_helping("redaction")
    with django_assert_num_queries(0):
        assert is_helping("triage")


def test_turned_off_it_is_written_down_who_did_it_and_can_be_undone(town, quan):
    page = quan.post("/setup/helpers/triage/switch", {"do": "off"}, follow=True).content.decode()
    assert "turned off" in page and "Turned on or off last by" in page
    event = Event.objects.get(kind="option.set")
    assert (event.by, event.data["name"], event.data["value"]) == ("quan", "helper_triage", False)
    assert not is_helping("triage")
    history = quan.get("/setup/history/").content.decode()
    assert "Proposals for a report" in history and 'href="/setup/helpers/"' in history
    quan.post(f"/setup/history/{event.pk}/undo")
    assert is_helping("triage")


@pytest.mark.parametrize("key", ["redaction", "emergencies", "nothing"])
def test_what_protects_people_is_not_turned_off(town, quan, key):
    assert quan.post(f"/setup/helpers/{key}/switch", {"do": "off"}).status_code == 404
    assert not Event.objects.filter(kind="option.set").exists()


def test_a_wrong_word_changes_nothing(town, quan):
    assert quan.post("/setup/helpers/triage/switch", {"do": "maybe"}).status_code == 404
    assert is_helping("triage")


def test_triage_that_is_off_understands_nothing(town):
    text = "đèn đường trước nhà tắt cả tuần nay, ấp 3 xã Tân Lợi"
    assert understand(text).value("category") == "lamps"
    set_option("helper_triage", False, by=town.quan)
    silent = understand("cháy nhà, cứu với")
    assert (silent.category, silent.area, silent.is_gated) == (None, None, False)
    assert [silent.value(name) for name in silent.matters if name != "gate"] == [""] * (len(silent.matters) - 1)


def test_transcripts_that_are_off_have_no_button(town, settings):
    settings.SPEECH_URL = "http://speech.test/v1"
    assert speech.on()
    set_option("helper_transcripts", False, by=town.quan)
    assert not speech.on()


def test_what_people_did_is_counted_by_month(town, quan):
    ticket = tickets.take(Report(text="Hỏi", channel="counter", once="1"), by=town.lan)
    for fate in ("left", "taken", "changed", "changed"):
        MachineDraft.objects.create(ticket=ticket, kind=Kind.SUMMARY, at=timezone.now(), fate=fate)
    assert ai_register.use("summary", timezone.localdate()) == (4, 1, 2, 1)
    assert ai_register.use("answer_draft", timezone.localdate()) == (0, 0, 0, 0)
    assert ai_register.use("redaction", timezone.localdate()) is None
    assert "Taken and changed" in quan.get("/setup/helpers/").content.decode()


def test_it_is_taken_away_as_data(town, quan):
    whole = quan.get("/setup/helpers/?format=json").json()["helpers"]
    assert [one["key"] for one in whole] == [*HELPERS] and whole[0]["class"] == "low"
    rows = list(csv.DictReader(io.StringIO(quan.get("/setup/helpers/?format=csv").content.decode("utf-8-sig"))))
    assert [row["key"] for row in rows] == [*HELPERS]
    assert quan.get("/setup/helpers/?format=exe").status_code == 404


def test_citizens_read_which_of_them_are_on(town, settings):
    page = Client().get("/helpers").content.decode()
    assert "Máy đọc lời kể" in page and "soạn nháp câu trả lời" not in page
    settings.ASSIST_URL = "http://assist.test/v1"
    set_option("helper_commune", False, by=town.quan)
    page = Client().get("/helpers").content.decode()
    assert "Máy đọc lời kể" not in page and "soạn nháp câu trả lời" in page
