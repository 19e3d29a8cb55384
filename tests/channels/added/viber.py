"""Viber bot: callbacks signed with the account's token, send_message with the token as a header.

What a province would write that uses Viber: this file, the recorded calls beside it (`calls/viber/`), and nothing else.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from caunoi.channels import wire
from caunoi.channels.base import (
    Account,
    Channel,
    DeliveryError,
    Done,
    Exempt,
    ForgedError,
    Inbound,
    Need,
    Outbound,
    Parcel,
    Reach,
    Request,
    Rule,
    Sent,
    TokenExpiredError,
    UnreadableError,
    Window,
)
from caunoi.channels.http import call, error_text


class Viber(Channel):
    key, label, icon, rank = "viber", "Viber", "message-circle", 25
    reach = Reach.CHAT
    webhook = sends = True
    windows = {Window.FREE: timedelta(days=1)}
    needs = (
        Need(name="token", label="Account token", secret=True, help="partners.viber.com, your bot, Info."),
        Need(name="name", label="Sender's name", required=False),
        Need(
            name="api_base", label="Address of the API", kind="url", required=False, default="https://chatapi.viber.com"
        ),
    )
    words = {
        "Viber": "Viber",
        "Account token": "Mã của tài khoản bot",
        "partners.viber.com, your bot, Info.": "partners.viber.com, bot của bạn, mục Info.",
    }
    aliases = ("Rakuten Viber",)
    quality = {
        Rule.SIGNATURE: Done("tests/channels/test_contract.py::test_one_changed_byte_is_a_forgery"),
        Rule.WINDOW: Done("tests/channels/test_added_channel.py::test_its_window_closes"),
        Rule.REPLAY: Done("tests/channels/test_contract.py::test_a_call_that_comes_again_days_later_has_the_same_name"),
        Rule.FULL_DISK: Exempt("The hook is shared: what it cannot keep is not acknowledged, whatever the channel."),
        Rule.CONTRACT_TEST: Done("calls/viber/message.json"),
        Rule.RUNBOOK: Exempt("Played by the tests only."),
    }

    def receive(self, request: Request, account: Account) -> Sequence[Parcel]:
        token = str(account.secrets.get("token") or "")
        if not token or not wire.signed(
            request.body, token, f"sha256={request.headers.get('x-viber-content-signature', '')}"
        ):
            raise ForgedError("wrong signature")
        event = wire.mapping(wire.parsed(request.body))
        return [Parcel(external_id=wire.identity(wire.text(event.get("message_token")), request.body), raw=event)]

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        event = wire.mapping(raw)
        if event.get("event") != "message":
            return []
        sender, message = wire.mapping(event.get("sender")), wire.mapping(event.get("message"))
        if not wire.text(sender.get("id")):
            raise UnreadableError("a message without a sender")
        return [
            Inbound(
                external_id=wire.text(event.get("message_token")),
                sender=wire.text(sender.get("id")),
                name=wire.text(sender.get("name")),
                text=wire.text(message.get("text")),
                at=wire.moment(event.get("timestamp")),
            )
        ]

    def ready(self, account: Account) -> bool:
        return bool(account.secrets.get("token"))

    def send(self, outbound: Outbound, account: Account) -> Sent:
        base = str(account.config.get("api_base") or "https://chatapi.viber.com").rstrip("/")
        answer = call(
            account,
            "POST",
            f"{base}/pa/send_message",
            headers={"X-Viber-Auth-Token": str(account.secrets.get("token") or "")},
            json={
                "receiver": outbound.to,
                "type": "text",
                "text": outbound.text,
                "sender": {"name": str(account.config.get("name") or "1022")},
                "tracking_data": wire.reference(outbound.id),
            },
        )
        status = answer.data.get("status")
        if status == 0:
            return Sent(external_id=wire.text(answer.data.get("message_token")))
        reason = error_text(
            account, f"Viber {status}: {wire.text(answer.data.get('status_message')) or answer.body[:100]}"
        )
        if status == 2:
            raise TokenExpiredError(reason)
        raise DeliveryError(reason, retry=status == 12 or answer.status >= 500)
