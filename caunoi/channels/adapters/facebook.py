"""Facebook: Messenger and the comments under a Page's posts, by webhooks and the Graph API. Words and codes of
developers.facebook.com (Messenger Platform, Webhooks for Pages) as of 2026."""

import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from caunoi.channels import wire
from caunoi.channels.base import (
    Account,
    Channel,
    DeliveryError,
    Done,
    ForgedError,
    Inbound,
    Media,
    Need,
    Outbound,
    Parcel,
    Reach,
    Reply,
    Request,
    Rule,
    Sent,
    TokenExpiredError,
    UncertainDeliveryError,
    UnreadableError,
    Window,
    WindowClosedError,
)
from caunoi.channels.download import download
from caunoi.channels.facebook_deletion import deletion_code, demanded, erasures
from caunoi.channels.facebook_events import parcels, understood
from caunoi.channels.http import call, error_text

LONGEST = 2000  # characters of a text
VERSION = "v23.0"
A_WHILE = 300.0  # seconds to keep still after a limit

TOKEN = {102, 190, 463, 467}
CLOSED = {551, 10900, 10903, 1545041}  # has left, was answered already, cannot be answered
CLOSED_SUB = {2018001, 2018065, 2018108, 2018278, 2534022}
BUSY = {4, 17, 32, 341, 368, 613, 80001, 80006}
PASSING = {1, 2}
SETUP = {3, 10, *range(200, 300)}  # a permission lacks

COMMENT = re.compile(r"\d+_\d+")


class Facebook(Channel):
    key, label, icon, rank = "facebook", "Facebook", "message-circle", 30
    reach = Reach.CHAT
    webhook = sends = True
    windows = {Window.FREE: timedelta(hours=24), Window.PAID: timedelta(days=7)}
    aliases = ("Facebook", "Fanpage", "Mạng xã hội")
    quality = {
        Rule.SIGNATURE: Done("tests/channels/test_contract.py::test_one_changed_byte_is_a_forgery"),
        Rule.WINDOW: Done(
            "tests/conversations/test_sending_by_facebook.py::test_after_a_day_a_person_answers_and_after_seven_somebody_calls"
        ),
        Rule.REPLAY: Done("tests/channels/test_contract.py::test_a_call_that_comes_again_days_later_has_the_same_name"),
        Rule.FULL_DISK: Done(
            "tests/web/test_hooks.py::test_on_a_full_disk_nothing_is_acknowledged_and_what_comes_again_is_kept"
        ),
        Rule.CONTRACT_TEST: Done("tests/channels/calls/facebook"),
        Rule.RUNBOOK: Done("docs/channels.md#facebook-page"),
    }
    needs = (
        Need(
            name="page_id",
            label="Page ID",
            help="Your Page, About, Page transparency. It identifies our own comments.",
        ),
        Need(
            name="app_secret",
            label="App secret",
            secret=True,
            help="developers.facebook.com, your app, App settings, Basic. It proves that Facebook is calling us.",
        ),
        Need(
            name="verify_token",
            label="Verify token",
            secret=True,
            help="Any word of your choice. Enter the same word under Webhooks, Callback URL, with our address.",
        ),
        Need(
            name="page_token",
            label="Page access token",
            secret=True,
            help="developers.facebook.com, your app, Messenger, API settings, Generate token. One made from a "
            "long-lived "
            "user token does not expire.",
        ),
        Need(
            name="comments",
            label="How to answer comments",
            kind="choice",
            choices=("private", "public"),
            default="private",
            required=False,
            help="Private: one message to the writer, which nobody else reads. Public: a reply under the comment.",
        ),
        Need(
            name="human_agent",
            label="May answer until 7 days after",
            kind="switch",
            default="on",
            required=False,
            help="Needs the Human Agent permission of your app. Without it only 24 hours are allowed.",
        ),
        Need(
            name="version",
            label="Version of the API",
            default=VERSION,
            required=False,
            help="Raise it when Facebook announces the end of this one.",
        ),
        Need(
            name="api_base",
            label="Address of the API",
            kind="url",
            default="https://graph.facebook.com",
            required=False,
            help="Leave as it is, unless you test against another server.",
        ),
    )

    def answer(self, request: Request, account: Account) -> Reply | None:
        if request.method != "GET":
            return None
        token = str(account.secrets.get("verify_token") or "")
        hub_token = request.query.get("hub.verify_token", "")
        if request.query.get("hub.mode") != "subscribe" or not token or not wire.same(hub_token, token):
            raise ForgedError("wrong verify token")
        return Reply(body=request.query.get("hub.challenge", ""))

    def acknowledge(self, request: Request, account: Account, pages: str) -> Reply | None:
        secret = str(account.secrets.get("app_secret") or "")
        if (deletion := demanded(request, secret)) is None:
            return None
        code = deletion_code(deletion, secret)
        body = {"url": f"{pages}{code}", "confirmation_code": code}
        return Reply(body=json.dumps(body), content_type="application/json")

    def receive(self, request: Request, account: Account) -> Sequence[Parcel]:
        secret = str(account.secrets.get("app_secret") or "")
        if (deletion := demanded(request, secret)) is not None:
            return [Parcel(external_id=f"deletion:{deletion_code(deletion, secret)}", raw={"deletion": deletion})]
        if not secret or not wire.signed(request.body, secret, request.headers.get("x-hub-signature-256", "")):
            raise ForgedError("wrong signature")
        try:
            body = wire.mapping(wire.parsed(request.body))
            events = list(parcels(body))
        except UnreadableError:
            body, events = {"body": request.body.decode("utf-8", "replace").replace("\0", "")[:10_000]}, []
        return events or [Parcel(external_id=wire.digest(request.body), raw=body)]

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        event = wire.mapping(raw)
        if "deletion" in event:
            return erasures(wire.mapping(event["deletion"]), str(account.secrets.get("app_secret") or ""))
        return understood(event, page=str(account.config.get("page_id") or ""))

    def fetch(self, media: Media, account: Account, *, most: int) -> bytes:
        return download(media, account, most=most)

    def ready(self, account: Account) -> bool:
        return bool(account.secrets.get("page_token"))

    def window(self, outbound: Outbound, account: Account, now: datetime) -> Window:
        lasting = super().window(outbound, account, now)
        if outbound.last_received and COMMENT.fullmatch(outbound.answers):
            if account.config.get("comments") == "public":
                return Window.FREE
            return Window.FREE if lasting is not Window.CLOSED and not outbound.since else Window.CLOSED
        if lasting is Window.PAID:  # with the tag
            allowed = wire.on(account.config.get("human_agent", "on")) and not outbound.automatic
            return Window.PAID if allowed else Window.CLOSED
        return lasting

    def send(self, outbound: Outbound, account: Account) -> Sent:
        to: Mapping[str, Any] = {"id": outbound.to}
        if COMMENT.fullmatch(outbound.answers):
            if account.config.get("comments") == "public":
                data = _post(account, f"/{outbound.answers}/comments", {"message": outbound.text})
                return Sent(external_id=wire.text(data.get("id")))
            to = {"post_id" if outbound.thread == outbound.answers else "comment_id": outbound.answers}
        how = {"messaging_type": "RESPONSE"}
        if outbound.window is Window.PAID:
            how = {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
        sent = Sent()
        for number, words in enumerate(wire.parts(outbound.text, LONGEST)):
            if number and "id" not in to:
                raise UncertainDeliveryError("one private reply holds only the first 2000 characters")
            message = {"text": words, "metadata": wire.reference(outbound.id)}
            try:
                data = _post(account, "/me/messages", {"recipient": to, "message": message, **how})
            except DeliveryError as error:
                if number:
                    raise UncertainDeliveryError(f"the text broke off after part {number}: {error}") from error
                raise
            sent = sent if sent.external_id else Sent(external_id=wire.text(data.get("message_id")))
        return sent


def _post(account: Account, path: str, what: Mapping[str, Any]) -> Mapping[str, Any]:
    token, secret = str(account.secrets.get("page_token") or ""), str(account.secrets.get("app_secret") or "")
    base = str(account.config.get("api_base") or "https://graph.facebook.com").rstrip("/")
    version = str(account.config.get("version") or VERSION).strip("/")
    proof = hmac.digest(secret.encode(), token.encode(), "sha256").hex()
    answer = call(
        account,
        "POST",
        f"{base}/{version}{path}",
        params={"appsecret_proof": proof} if secret else {},
        headers={"Authorization": f"Bearer {token}"},
        json=what,
    )
    error = wire.mapping(answer.data.get("error"))
    if answer.status == 200 and answer.data and not error:
        return answer.data
    code, sub = wire.number(error.get("code"), 0), wire.number(error.get("error_subcode"), 0)
    words = wire.text(error.get("message")) or answer.body[:100]
    reason = error_text(account, f"Facebook {code or answer.status}{f'/{sub}' if sub else ''}: {words}")
    if code in TOKEN or answer.status == 401:
        raise TokenExpiredError(reason)
    if code in CLOSED or sub in CLOSED_SUB:
        raise WindowClosedError(reason, code=str(sub or code))
    if code in BUSY:
        raise DeliveryError(reason, retry=True, wait=A_WHILE, code="limit")
    if code in PASSING or error.get("is_transient") is True or answer.status >= 500:
        raise DeliveryError(reason, retry=True, code=str(code))
    if code in SETUP or not answer.data:
        raise DeliveryError(reason, retry=True, code="setup")
    raise DeliveryError(reason, code=str(sub or code))
