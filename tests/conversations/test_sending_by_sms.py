"""Three gateways in their own words; the same message is paid once."""

import pytest

from caunoi.conversations import actions
from caunoi.conversations.models import Callback, Inbox, Outgoing
from caunoi.events.actor import SYSTEM
from caunoi.lib.messages.segments import count
from tests.providers.sms import STYLES

LINK = "https://1022.example/f/abcdef"


def say(thread, text="Đã sửa xong đèn.", once="1"):
    return actions.say(thread, text, by=SYSTEM, once=once)


@pytest.mark.parametrize("style", STYLES)
def test_a_message_goes_out_without_marks(style, sms, talk):
    thread = talk.writes(talk.inbox("sms", sms, style), "+84912000111")
    say(thread)
    talk.send()
    assert [(m["to"], m["text"]) for m in sms.sent] == [("84912000111", "Da sua xong den.")]
    assert talk.states() == ["sent"] and not Inbox.objects.get(name="sms").trouble


@pytest.mark.parametrize("style", STYLES)
def test_a_long_one_is_shortened_around_its_link(style, sms, talk):
    thread = talk.writes(talk.inbox("sms", sms, style), "+84912000111")
    say(thread, "Đơn vị đã thay bóng đèn & kiểm tra cả tuyến <đường>. " * 12 + LINK)
    talk.send()
    text = sms.sent[0]["text"]
    assert count(text) <= 3 and text.endswith(f"<duong>... {LINK}")


def test_the_first_message_fetches_a_token_and_the_next_ones_use_it(sms, talk):
    thread = talk.writes(talk.inbox("sms", sms, "fpt"), "+84912000111")
    for number in range(3):
        say(thread, f"So {number}", once=f"{number}")
    talk.send()
    sms.expires = 0.0
    say(thread, "So 3", once="3")
    talk.send()
    assert [m["text"] for m in sms.sent] == ["So 0", "So 1", "So 2", "So 3"]
    assert sum(call.path == "/oauth2/token" for call in sms.calls) == 2 and Inbox.objects.get(name="sms").until


def test_a_gateway_that_drops_doubles_is_asked_again_when_no_answer_came(sms, talk):
    settings = sms.settings() | {"drops_doubles": "on"}
    thread = talk.writes(actions.make_inbox("sms", "sms", secrets=sms.secrets(), **settings), "+84912000111")
    say(thread)
    sms.faults.append("lost")
    talk.send()
    assert talk.states() == ["queued"] and len(sms.sent) == 1
    talk.due()
    talk.send()
    assert talk.states() == ["sent"] and len(sms.sent) == 1 and len(sms.calls) == 2


def test_any_other_is_not(sms, talk):
    thread = talk.writes(talk.inbox("sms", sms), "+84912000111")
    say(thread)
    sms.faults.append("lost")
    talk.send()
    assert "may have arrived" in Outgoing.objects.get().trouble


def test_a_number_that_is_refused_is_called(sms, talk):
    sms.refused.add("84912000111")
    thread = talk.writes(talk.inbox("sms", sms), "+84912000111")
    say(thread)
    talk.send()
    assert talk.states() == ["failed"] and Callback.objects.get().phone == "+84912000111"


def test_a_report_names_the_message_we_sent(sms, talk):
    """Where the gateway's answer has no id of its own, reports name our reference."""
    thread = talk.writes(talk.inbox("sms", sms), "+84912000111")
    say(thread)
    talk.send()
    assert Outgoing.objects.get().external_id == sms.sent[0]["reference"]


@pytest.mark.parametrize(
    "wrong", [{"success": "~ ("}, {"busy": "x ~ ["}, {"body": "{to}"}, {"url": "ftp://x"}, {"url": "no"}]
)
def test_a_mistake_in_the_settings_is_told_before_anything_is_sent(wrong, sms, talk):
    thread = talk.writes(
        actions.make_inbox("sms", "sms", secrets=sms.secrets(), **sms.settings() | wrong), "+84912000111"
    )
    say(thread)
    talk.send()
    assert not sms.calls and talk.states() == ["queued"] and Inbox.objects.get(name="sms").trouble
