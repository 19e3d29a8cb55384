"""Setup › What callers hear: every form does what it says, and a supervisor may only speak of an incident."""

import io
import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.timezone import now

from caunoi.calls import actions, menus, queries
from caunoi.calls.models import Call, CallNote, VoiceChoice, VoicePrompt, WaitNotice
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM
from caunoi.telephony.speaking import Act

pytestmark = pytest.mark.django_db
SAMPLES = bytes(range(0, 200, 2)) * 40
HEAD = b"WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data"
WAV = b"RIFF" + (36 + len(SAMPLES)).to_bytes(4, "little") + HEAD + len(SAMPLES).to_bytes(4, "little") + SAMPLES


@pytest.fixture
def asterisk(town: SimpleNamespace) -> Inbox:
    settings = {"host": "127.0.0.1", "username": "caunoi", "queues": "tongdai1022", "caller": "1022"}
    return make_inbox("phone", "phone", secrets={"secret": "s3cret"}, **settings)


def client(town: SimpleNamespace, who: str) -> Client:
    found = Client()
    found.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.fixture
def voiced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caunoi.calls.actions.speaking.speak", lambda _text: WAV)
    monkeypatch.setattr("caunoi.calls.voices.has_voice", lambda: True)


def test_a_menu_is_made_key_by_key(town: SimpleNamespace, asterisk: Inbox) -> None:
    admin = client(town, "quan")
    assert admin.get("/setup/voice/").status_code == 200
    made = admin.post(f"/setup/voice/inboxes/{asterisk.pk}/menus", {"code": "chinh"})
    assert made.status_code == 302
    keys = made["Location"]
    good = {"key": "1", "label": "Điện", "act": "queue", "target": "tongdai1022", "field": "lamps"}
    assert admin.post(keys, good).status_code == 302
    assert admin.post(keys, {"key": "2", "label": "Khác", "act": "menu", "target": "no-such"}).status_code == 422
    assert admin.post(keys, good).status_code == 422, "the key is taken"
    choice = VoiceChoice.objects.get()
    page = admin.get("/setup/voice/").content.decode()
    assert "chinh" in page and "Điện" in page and "menu-chinh" in page
    assert admin.post(f"/setup/voice/keys/{choice.pk}/drop").status_code == 302
    assert admin.post(f"/setup/voice/menus/{choice.menu_id}/drop").status_code == 302
    assert menus.menus(asterisk) == []


def test_what_is_removed_can_be_undone(town: SimpleNamespace, asterisk: Inbox, voiced: None) -> None:
    admin = client(town, "quan")

    def undone(path: str) -> None:
        """Remove something, and press Undo in what is said of it."""
        page = admin.post(path, follow=True).content.decode()
        (undo,) = re.findall(r'action="(/setup/history/\d+/undo)"', page)
        assert "Đã hoàn tác." in admin.post(undo, follow=True).content.decode()

    first = actions.put_menu(asterisk, "chinh", by=SYSTEM)
    actions.put_menu(asterisk, "khac", by=SYSTEM)
    choice = actions.put_choice(first, "1", Act.QUEUE, "tongdai1022", "Điện", field="lamps", by=SYSTEM)
    before = VoiceChoice.objects.values_list("key", "act", "target", "label", "field").get()
    undone(f"/setup/voice/keys/{choice.pk}/drop")
    undone(f"/setup/voice/menus/{first.pk}/drop")
    assert VoiceChoice.objects.values_list("key", "act", "target", "label", "field").get() == before
    assert [menu.code for menu in menus.menus(asterisk)] == ["chinh", "khac"]
    notice = actions.begin_notice("Mất điện.", now() + timedelta(hours=1), [], by=SYSTEM)
    undone(f"/setup/voice/notices/{notice.pk}/end")
    assert menus.notice_for("") == notice and WaitNotice.objects.get().until == notice.until
    code = queries.results()[0].code
    undone(f"/setup/voice/results/{code}/retire")
    assert queries.results()[0].code == code


def test_a_key_leads_only_to_what_is_in_the_list_of_what_it_does(town: SimpleNamespace, asterisk: Inbox) -> None:
    menu = actions.put_menu(asterisk, "chinh", by=SYSTEM)
    admin, path = client(town, "quan"), f"/setup/voice/menus/{menu.pk}/keys"
    page = admin.get(path).content.decode()
    assert re.search(r'<optgroup label="Hàng đợi">\s*<option value="tongdai1022">', page)
    assert "Thủ tục hay được hỏi" in page
    for act, target in (("queue", "chinh"), ("menu", "tongdai1022"), ("say", "sti"), ("say", ""), ("language", "vv")):
        wrong = admin.post(path, {"key": "1", "label": "Điện", "act": act, "target": target})
        assert wrong.status_code == 422 and "Hãy chọn trong danh sách." in wrong.content.decode()
    assert (
        admin.post(path, {"key": "1", "label": "Địa chỉ", "act": "say", "target": "announcement-1"}).status_code == 302
    )
    assert ">Địa chỉ</a>" in admin.get("/setup/voice/").content.decode(), "it is called by its key"
    assert "announcement-2" in admin.get(path).content.decode()


def test_an_announcement_is_written_spoken_tried_and_recorded(
    town: SimpleNamespace, asterisk: Inbox, voiced: None
) -> None:
    admin, path = client(town, "quan"), "/setup/voice/prompts/closed/vi"
    assert "{hotline}" in admin.get(path).content.decode()
    tried = admin.post(path, {"text": "Xin chào", "do": "preview"})
    assert tried["Content-Type"] == "audio/wav" and not VoicePrompt.objects.exists()
    assert admin.post(path, {"text": "Chào {hotline}", "do": "speak"}).status_code == 302
    spoken = menus.latest("closed")
    assert spoken and spoken.machine and spoken.spoken == "Chào 1 0 2 2"
    upload = SimpleUploadedFile("a.wav", WAV, "audio/wav")
    assert admin.post(path, {"text": "Chào", "do": "upload", "sound": upload}).status_code == 302
    recorded = menus.latest("closed")
    assert recorded and not recorded.machine
    assert admin.post(path, {"text": "x", "do": "upload", "sound": io.BytesIO(b"no sound")}).status_code == 422
    assert admin.post(path, {"text": "x", "do": "upload"}).status_code == 422
    assert admin.post(path, {"text": "{secret}", "do": "save"}).status_code == 422
    assert admin.post(path, {"do": "again", "version": spoken.pk}).status_code == 302
    assert (menus.latest("closed") or recorded).digest == spoken.digest
    assert f"/voice/sound/{spoken.digest}.wav" in admin.get(path).content.decode()
    for wrong in ("/setup/voice/prompts/closed/xx", "/setup/voice/prompts/notice-1/vi"):
        assert admin.get(wrong).status_code == 404


def test_a_supervisor_tells_callers_of_an_incident_and_sets_nothing_else(
    town: SimpleNamespace, asterisk: Inbox, voiced: None
) -> None:
    tam = client(town, "tam")
    assert tam.post("/setup/voice/notices/new", {"text": "Mất điện.", "hours": "2"}).status_code == 302
    notice = WaitNotice.objects.get()
    assert timedelta(hours=1, minutes=58) < notice.until - now() <= timedelta(hours=2)
    page = tam.get("/setup/voice/").content.decode()
    assert "Mất điện." in page and "/setup/voice/prompts/" not in page
    assert tam.post(f"/setup/voice/notices/{notice.pk}/end").status_code == 302
    assert menus.notice_for("") is None
    for path in ("prompts/closed/vi", f"inboxes/{asterisk.pk}/menus", "results/new"):
        assert tam.get(f"/setup/voice/{path}").status_code == 403
    assert client(town, "lan").get("/setup/voice/").status_code == 403


def test_without_a_voice_it_says_what_to_do(
    town: SimpleNamespace, asterisk: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caunoi.calls.voices.shutil.which", lambda _program: None)
    answer = client(town, "quan").post("/setup/voice/notices/new", {"text": "Mất điện.", "hours": "2"})
    assert answer.status_code == 422 and "espeak-ng" in answer.content.decode()
    assert not WaitNotice.objects.exists()


def test_its_operator_says_on_the_page_of_a_call_what_came_of_it(town: SimpleNamespace, asterisk: Inbox) -> None:
    call = Call.objects.create(
        inbox=asterisk,
        call_id="1",
        facts={},
        direction="in",
        state="ended",
        outcome="answered",
        began=now(),
        connected=now(),
        operator=town.users["lan"],
    )
    lan, path = client(town, "lan"), f"/desk/calls/{call.pk}/"
    assert f"{path}note" in lan.get(path).content.decode()
    assert lan.post(f"{path}note", {"result": "answered", "line": "Hỏi giờ"}).status_code == 302
    assert lan.post(f"{path}note", {"result": "no-such"}).status_code == 302
    assert CallNote.objects.get().line == "Hỏi giờ" and "Hỏi giờ" in lan.get(path).content.decode()
    assert client(town, "thu").post(f"{path}note", {"result": "answered"}).status_code == 403
