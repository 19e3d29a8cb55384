"""Inboxes, in the administrator's browser.

Proves: The telephone (Asterisk or cloud PBX) is set up in the browser; link to the exchange or address with key
shown
Proves: A test message is never sent by choosing a name: it fills the field, a second press sends"""

import pytest
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls import pbx
from caunoi.calls import queries as calls
from caunoi.channels.base import DeliveryError
from caunoi.conversations import actions
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries import sends
from caunoi.events.models import Event

TYPED = {
    "do": "save",
    "inbox-name": "oa",
    "inbox-label": "Zalo của tỉnh",
    "inbox-app_id": "77",
    "inbox-secret": "rất bí mật",
    "inbox-api_base": "",
}


def admin():
    return User.objects.get(username="quan").as_actor()


@pytest.fixture
def made(quan, chat):
    return quan.post("/setup/inboxes/new/zalo", TYPED, follow=True)


def test_an_inbox_is_drawn_from_what_its_channel_needs_and_saved(quan, chat, made):
    box = Inbox.objects.get(name="oa")
    assert (box.channel, box.label, box.secrets) == ("zalo", "Zalo của tỉnh", {"secret": "rất bí mật"})
    assert box.config == {"app_id": "77", "api_base": ""} and sends(box)
    html = made.content.decode()
    assert "/hooks/oa/" in html and "bí mật" not in html
    assert "Zalo" in quan.get("/setup/inboxes/new").content.decode()


def test_a_secret_is_shown_nowhere_and_kept_when_left_empty(quan, made):
    html = quan.get("/setup/inboxes/oa/edit").content.decode()
    assert "bí mật" not in html and "A value is stored" in html
    quan.post("/setup/inboxes/oa/edit", TYPED | {"inbox-app_id": "78", "inbox-secret": ""})
    box = Inbox.objects.get(name="oa")
    assert (box.config["app_id"], box.secrets) == ("78", {"secret": "rất bí mật"})
    quan.post("/setup/inboxes/oa/edit", TYPED | {"inbox-app_id": "78", "inbox-secret": "ngày mới"})
    assert Inbox.objects.get(name="oa").secrets == {"secret": "ngày mới"}
    assert not any("bí mật" in str(e.data) or "ngày mới" in str(e.data) for e in Event.objects.all())


def test_bad_input_is_said_and_nothing_typed_is_lost(quan, chat):
    response = quan.post("/setup/inboxes/new/zalo", TYPED | {"inbox-name": "Zalo OA", "inbox-secret": ""})
    html = response.content.decode()
    assert response.status_code == 422 and "Small letters, digits and hyphens" in html
    assert "Secret: please fill this in." in html and "Zalo của tỉnh" in html
    taken = quan.post("/setup/inboxes/new/zalo", TYPED | {"inbox-name": "chat"})
    assert "There is an inbox of this name" in taken.content.decode()
    assert quan.get("/setup/inboxes/new/nothing").status_code == 404


def test_a_change_can_be_undone_but_never_a_secret_brought_back(quan, undo, made):
    response = quan.post("/setup/inboxes/oa/edit", TYPED | {"inbox-app_id": "78", "inbox-secret": "mới"}, follow=True)
    assert "78" in response.content.decode()
    undo(response)
    box = Inbox.objects.get(name="oa")
    assert (box.config["app_id"], box.secrets["secret"]) == ("77", "mới")


def test_switched_off_nothing_goes_by_it_until_it_is_switched_on(quan, undo, chat):
    response = quan.post("/setup/inboxes/chat/switch", {"do": "off"}, follow=True)
    assert not sends(Inbox.objects.get(name="chat"))
    undo(response)
    assert sends(Inbox.objects.get(name="chat"))


def test_a_test_message_shows_what_the_provider_says(quan, chat):
    assert "out-1" in quan.post("/setup/inboxes/chat/try", {"to": "tu"}).content.decode()
    assert chat.said[0].to == "tu" and "test" in chat.said[0].text
    chat.channel.refuse = [DeliveryError("-216 Access token is invalid")]
    response = quan.post("/setup/inboxes/chat/try", {"to": "tu"})
    assert response.status_code == 422 and "-216 Access token is invalid" in response.content.decode()
    assert quan.post("/setup/inboxes/chat/try", {"to": ""}).status_code == 422


def test_who_wrote_is_not_shown_to_administrators(quan, chat):
    chat.write("Đèn tắt")
    page = quan.get("/setup/inboxes/chat/").content.decode()
    assert "?to=" not in page and ">tu<" not in page


def test_what_could_not_be_read_is_listed_and_read_again(quan, chat):
    chat.came(poison=True, text="Đèn tắt")
    actions.read()
    assert "poison" in quan.get("/setup/inboxes/chat/").content.decode()
    quan.post("/setup/inboxes/chat/read")
    assert Receipt.objects.get().state == "waiting"


def test_the_products_own_doors_are_renamed_but_not_set_up_switched_off_or_added(quan, undo, chat):
    html = quan.get("/setup/inboxes/counter/").content.decode()
    assert "Send me a test" not in html and "/hooks/counter/" not in html and "inboxes/counter/switch" not in html
    assert quan.post("/setup/inboxes/counter/switch", {"do": "off"}).status_code == 404
    assert quan.get("/setup/inboxes/new/counter").status_code == 404
    assert "/setup/inboxes/new/counter" not in quan.get("/setup/inboxes/new").content.decode()
    response = quan.post("/setup/inboxes/counter/edit", {"do": "save", "inbox-label": "Một cửa"}, follow=True)
    assert "Một cửa" in response.content.decode()
    undo(response)
    box = Inbox.objects.get(name="counter")
    assert (box.channel, box.label, box.active) == ("counter", "", True)


def test_the_telephone_is_set_up_in_the_browser_too(quan):
    assert "/setup/inboxes/new/phone" in quan.get("/setup/inboxes/new").content.decode()
    typed = {
        "do": "save",
        "inbox-name": "tong-dai-2",
        "inbox-label": "Tổng đài thứ hai",
        "inbox-host": "127.0.0.1",
        "inbox-port": "5038",
        "inbox-username": "caunoi",
        "inbox-secret": "rất bí mật",
        "inbox-queues": "tongdai1022",
    }
    html = quan.post("/setup/inboxes/new/phone", typed, follow=True).content.decode()
    assert "The bridge has not tried yet" in html and "bí mật" not in html and "Send me a test" not in html
    box, ami = next((box, ami) for box, ami in calls.asterisks() if box.name == "tong-dai-2")
    assert (ami.host, ami.port, ami.secret, ami.queues) == ("127.0.0.1", 5038, "rất bí mật", ("tongdai1022",))
    assert "rất bí mật" not in quan.get("/setup/inboxes/tong-dai-2/edit").content.decode()
    quan.post("/setup/inboxes/tong-dai-2/edit", typed | {"inbox-host": "", "inbox-connector": "zorio"})
    html = quan.get("/setup/inboxes/tong-dai-2/").content.decode()
    assert "/cti/&lt;key&gt;" in html and pbx.connector(calls.settings(Inbox.objects.get(pk=box.pk))).key == "zorio"


def test_no_provider_is_chosen_by_itself(quan):
    assert '<option value="" selected>none</option>' in quan.get("/setup/inboxes/new/phone").content.decode()


def test_led_to_another_server_an_inbox_asks_for_its_secrets_again(quan, made):
    typed = TYPED | {"inbox-api_base": "https://other.example", "inbox-secret": ""}
    refused = quan.post("/setup/inboxes/oa/edit", typed)
    assert refused.status_code == 422 and "type this again" in refused.content.decode()
    assert Inbox.objects.get(name="oa").config["api_base"] == ""
    response = quan.post("/setup/inboxes/oa/edit", typed | {"inbox-secret": "mới"}, follow=True)
    assert response.status_code == 200 and Inbox.objects.get(name="oa").secrets == {"secret": "mới"}
    box = Inbox.objects.get(name="oa")
    actions.edit_inbox(box, by=admin(), config=box.config | {"api_base": "https://third.example"})
    assert Inbox.objects.get(name="oa").secrets == {}, "undone or by any other way"


def test_a_second_administrator_switches_on_what_the_first_led_elsewhere(quan, made, client):
    User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    typed = TYPED | {"inbox-api_base": "https://other.example"}
    quan.post("/setup/inboxes/oa/edit", typed)
    assert not Inbox.objects.get(name="oa").active
    answer = quan.post("/setup/inboxes/oa/switch", {"do": "on"}, follow=True)
    assert not Inbox.objects.get(name="oa").active and "another administrator" in answer.content.decode()
    off = Event.objects.filter(kind="inbox.off").last()
    quan.post(f"/setup/history/{off.pk}/undo")
    assert not Inbox.objects.get(name="oa").active
    client.force_login(User.objects.get(username="qua"))
    client.post("/setup/inboxes/oa/switch", {"do": "on"})
    assert Inbox.objects.get(name="oa").active
    quan.post("/setup/inboxes/oa/switch", {"do": "off"})
    quan.post("/setup/inboxes/oa/switch", {"do": "on"})
    assert Inbox.objects.get(name="oa").active


def test_where_browser_phones_connect_is_led_elsewhere_by_two_and_what_is_made_here_stays(quan, town):
    User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    made_here = {"phones": {"101": "mật"}, "live_key": "khoá"}
    box = actions.make_inbox("pbx", "phone", secrets={"secret": "mật"} | made_here)
    actions.switch_inbox(box, True, by=admin())
    actions.edit_inbox(box, by=admin(), config=box.config | {"wss": "wss://nghe-len.example/ws"})
    box = Inbox.objects.get(name="pbx")
    assert not box.active and box.secrets == made_here


def test_what_a_server_of_our_own_network_answers_is_not_shown(quan, chat):
    box = Inbox.objects.get(name="chat")
    actions.edit_inbox(box, by=admin(), config=box.config | {"api_base": "http://127.0.0.1:9"})
    chat.channel.refuse = [DeliveryError("mật khẩu của máy chủ nội bộ")]
    html = quan.post("/setup/inboxes/chat/try", {"to": "tu"}).content.decode()
    assert "nội bộ" not in html and "is not shown" in html
    chat.channel.refuse = [DeliveryError("asked to slow down (429)", code="limit")]
    assert "429" in quan.post("/setup/inboxes/chat/try", {"to": "tu"}).content.decode(), "our own words"


def test_the_top_of_the_page_says_when_no_channel_is_set_up_yet(quan, town, monkeypatch):
    monkeypatch.setattr("caunoi.web.context.every.health", lambda: ("ok", []))  # nothing else has stopped
    Inbox.objects.exclude(channel__in=["web", "app", "phone", "counter", "paper"]).update(active=False)
    page = quan.get("/setup/inboxes/").content.decode()
    assert "No channel is set up yet" in page and "All channels are working" not in page
    actions.make_inbox("mail", "email")
    assert "No channel is set up yet" not in quan.get("/setup/inboxes/").content.decode()
