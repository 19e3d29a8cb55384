"""What Asterisk's channel names and dial strings say."""

import pytest

from caunoi.telephony.names import endpoint, outside_number


@pytest.mark.parametrize(
    ("channel", "name"),
    [
        ("PJSIP/agent1-0000000e", "agent1"),
        ("PJSIP/agent1", "agent1"),
        ("PJSIP/to-nam-0000000e", "to-nam"),
        ("SIP/to-nam", "to-nam"),
        ("Local/101@from-queue-00000001;1", "101"),
        ("Local/101@from-queue/n", "101"),
        ("201", "201"),
        ("", ""),
    ],
)
def test_a_channel_names_its_phone(channel: str, name: str) -> None:
    assert endpoint(channel) == name


@pytest.mark.parametrize(
    ("dial_string", "channel", "number"),
    [
        ("0912345678@trunk", "PJSIP/trunk-00000018", "0912345678"),
        ("PJSIP/+84912345678@trunk", "PJSIP/trunk-00000018", "+84912345678"),
        ("trunk/0912345678", "SIP/trunk-00000018", "0912345678"),
        ("trunk/sip:114@10.1.1.1", "PJSIP/trunk-00000018", "114"),
        ("agent1", "PJSIP/agent1-00000018", None),
        ("PJSIP/agent1", "PJSIP/agent1-00000018", None),
        ("101", "PJSIP/101-00000018", None),
        ("101/sip:101@10.0.0.5:5060", "PJSIP/101-00000018", None),
        ("web1/sip:k3j9x2@10.0.0.5;transport=ws", "PJSIP/web1-00000018", None),
        ("Local/102@from-queue/n", "Local/102@from-queue-00000001;1", None),
        ("", "", None),
    ],
)
def test_a_dial_string_tells_a_number_outside_from_a_phone_of_ours(
    dial_string: str, channel: str, number: str | None
) -> None:
    assert outside_number(dial_string, channel) == number
