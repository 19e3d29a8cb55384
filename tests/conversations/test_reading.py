"""What comes in is understood once, in its order, and what cannot be understood holds up nobody.

Proves: A mail (or message) under an id that somebody else used before is kept as another message; the same person's
other words under one id too"""

import pytest
from django.utils.timezone import now

from caunoi.channels.base import DeliveryError, UnreadableError
from caunoi.conversations import actions
from caunoi.conversations.mailbox import client
from caunoi.conversations.models import Contact, Conversation, Enclosure, Message, Outgoing, Receipt, Wording
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.events.models import Event


def states():
    return sorted(Receipt.objects.values_list("state", flat=True))


def test_a_message_makes_a_person_a_thread_and_an_event(chat):
    chat.write("Đèn tắt", name="Tư Demo", at_place=[11.5, 106.9])
    message = Message.objects.get()
    assert (message.text, message.inbound, message.latitude, message.external_id) == ("Đèn tắt", True, 11.5, "m1")
    thread = chat.thread()
    assert (thread.contact.name, thread.unread, thread.latest) == ("Tư Demo", True, message.at)
    assert Event.objects.get(kind="message.receive").subject_id == message.pk
    assert states() == ["read"]


def test_the_same_message_in_two_receipts_is_one(chat):
    chat.write("Đèn tắt")
    Receipt.objects.create(inbox=chat.box, external_id="other", raw={"id": "m1", "from": "tu", "text": "Đèn tắt"})
    chat.came(text="Nữa")
    assert actions.read() == 2
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["Đèn tắt", "Nữa"]


def test_an_id_that_somebody_else_uses_too_hides_nothing(chat):
    chat.write("Đèn tắt")
    Receipt.objects.create(inbox=chat.box, external_id="2", raw={"id": "m1", "from": "nam", "text": "Ống nước vỡ"})
    Receipt.objects.create(inbox=chat.box, external_id="3", raw={"id": "m1", "from": "tu", "text": "Cây đổ"})
    Receipt.objects.create(inbox=chat.box, external_id="4", raw={"id": "m1", "from": "nam", "text": "Ống nước vỡ"})
    assert actions.read() == 3
    said = [(row.conversation.address, row.text) for row in Message.objects.order_by("id")]
    assert said == [("tu", "Đèn tắt"), ("nam", "Ống nước vỡ"), ("tu", "Cây đổ")]


def test_many_of_one_person_in_one_batch_are_one_thread(chat):
    for number in range(5):
        chat.came(text=f"Câu {number}")
    chat.came(text="Khác", **{"from": "nam"})
    assert actions.read() == 6
    assert (Contact.objects.count(), Conversation.objects.count(), Message.objects.count()) == (2, 2, 6)


def test_comments_under_two_posts_are_two_threads_of_one_person(chat):
    chat.write("Dưới bài một", thread="post1", public=True)
    chat.write("Dưới bài hai", thread="post2", public=True)
    chat.write("Nhắn riêng")
    assert Contact.objects.count() == 1
    assert {(c.address, c.to, c.public) for c in Conversation.objects.all()} == {
        ("tu/post1", "tu", True),
        ("tu/post2", "tu", True),
        ("tu", "tu", False),
    }


def test_poison_is_kept_listed_and_the_rest_goes_on(chat, town):
    chat.came(text="Trước")
    chat.came(poison=True)
    chat.came(burst=True)
    chat.came(text="Sau", at="mười giờ")
    chat.came(text="Cuối")
    assert actions.read() == 5
    assert states() == ["read", "read", "unreadable", "unreadable", "unreadable"]
    troubles = set(Receipt.objects.filter(state="unreadable").values_list("trouble", flat=True))
    assert {"poison", "ZeroDivisionError: burst"} < troubles
    assert list(Message.objects.order_by("id").values_list("text", flat=True)) == ["Trước", "Cuối"]
    assert actions.read() == 0


def test_what_the_database_refuses_is_poison_too(chat, monkeypatch):
    chat.came(text="Trước")
    chat.came(text="x", thread="t" * 400)
    chat.came(text="Sau")
    assert actions.read() == 3
    assert states() == ["read", "read", "unreadable"]
    assert Message.objects.count() == 2


def test_an_administrator_has_it_read_again_after_mending(chat, town):
    chat.came(poison=True, text="Đèn tắt")
    actions.read()
    with pytest.raises(NotAllowedError):
        actions.read_again(chat.box, by=town.lan)
    row = Receipt.objects.get()
    row.raw = {"id": "m1", "from": "tu", "text": "Đèn tắt"}
    row.save()
    assert actions.read_again(chat.box, by=town.quan) == 1
    assert actions.read() == 1 and Message.objects.get().text == "Đèn tắt"


def test_an_edit_keeps_what_was_said_before(chat):
    first = chat.write("Đèn tắt")
    chat.write("Đèn tắt ở ngã tư", does="edit", refers=first)
    chat.write("Đèn tắt ở ngã tư", does="edit", refers=first)
    message = Message.objects.get()
    assert message.text == "Đèn tắt ở ngã tư" and message.edited
    assert [w.text for w in Wording.objects.all()] == ["Đèn tắt"]


def test_an_edit_that_comes_before_its_message_is_its_message(chat):
    chat.write("Sau khi sửa", does="edit", refers="first")
    chat.write("Trước khi sửa", id="first")
    message = Message.objects.get()
    assert (message.text, message.external_id) == ("Sau khi sửa", "first")
    assert [w.text for w in Wording.objects.all()] == ["Trước khi sửa"]


def test_what_was_taken_back_stays_readable_and_marked(chat):
    first = chat.write("Đèn tắt")
    chat.write("", does="remove", refers=first)
    message = Message.objects.get()
    assert message.removed and message.text == "Đèn tắt"


def test_a_provider_says_what_became_of_what_we_sent(chat):
    chat.write("Chào")
    row = actions.say(chat.thread(), "Dạ", by=SYSTEM, once="1")
    actions.dispatch(client())
    for does, state in (("delivered", "delivered"), ("read", "read"), ("delivered", "read")):
        chat.write("", does=does, refers="out-1")
        row.refresh_from_db()
        assert row.state == state


def test_what_bounces_goes_another_way(chat):
    chat.write("Chào", phone="+84912000111")
    actions.say(chat.thread(), "Đã sửa", by=SYSTEM, once="1")
    actions.dispatch(client())
    chat.write("no such user", does="bounced", refers="out-1")
    row = Outgoing.objects.get()
    assert (row.state, row.trouble) == ("failed", "no such user")
    assert row.conversation.contact.callbacks.get().reason == "not_delivered"


def fetch_all():
    for row in actions.claim_enclosures():
        actions.fetch(row, client())


def test_a_picture_is_fetched_at_once_and_re_encoded(chat, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    chat.channel.pictures["u1"] = jpeg
    chat.write("Đèn tắt", media=[("image", "u1"), ("sticker", "s"), ("video", "v")])
    fetch_all()
    found = {e.kind: (e.state, bool(e.attachment)) for e in Enclosure.objects.all()}
    assert found == {"image": ("kept", True), "sticker": ("kept", False), "video": ("kept", False)}
    assert Event.objects.filter(kind="enclosure.keep").count() == 1


def test_a_picture_that_fails_is_tried_again_and_given_up_in_the_end(chat, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    chat.channel.pictures |= {
        "slow": [DeliveryError("503", retry=True), jpeg],
        "gone": DeliveryError("404"),
        "big": UnreadableError("larger than 15 MB"),
        "text": b"<html>",
        "down": DeliveryError("network", retry=True),
    }
    chat.write("", media=[("image", url) for url in ("slow", "gone", "big", "text", "down")])
    for _ in range(8):
        Enclosure.objects.update(due=now())
        fetch_all()
    found = {e.url: (e.state, e.trouble) for e in Enclosure.objects.all()}
    assert found == {
        "slow": ("kept", ""),
        "gone": ("lost", "404"),
        "big": ("lost", "larger than 15 MB"),
        "text": ("lost", "no picture: not_a_picture"),
        "down": ("lost", "network"),
    }


def test_a_full_disk_is_said_clearly_and_waited_for(chat, jpeg, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    chat.channel.pictures["u"] = jpeg
    chat.write("Ảnh", media=[("image", "u")])
    full = OSError(28, "No space left on device")

    def refuse(*args, **kwargs):
        raise full

    with monkeypatch.context() as patch:
        patch.setattr("django.core.files.storage.FileSystemStorage._save", refuse)
        for _ in range(12):
            Enclosure.objects.update(due=now())
            fetch_all()
    row = Enclosure.objects.get()
    assert (row.state, row.trouble) == ("waiting", "cannot be stored: No space left on device")
    Enclosure.objects.update(due=now())
    fetch_all()
    row.refresh_from_db()
    assert row.state == "kept" and row.trouble == ""
