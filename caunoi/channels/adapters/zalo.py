"""Zalo Official Account: webhook events, consultation messages (API v3), approved templates (ZNS), a token pair that is
renewed. Words and codes of developers.zalo.me (Official Account, webhook, ZNS) as of 2026."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import islice
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
from caunoi.channels.http import Answer, call, error_text, expiry
from caunoi.channels.zalo_events import ANONYMOUS, SAYS, understood

FREE_MESSAGES = 8
LONGEST = 2000  # characters of a text
TOKEN_LIFE = 25 * 3600  # seconds, should an answer not say
A_MINUTE, NIGHT_OVER = 60.0, 1800.0  # seconds after which to look again

EXPIRED = {-216, -220, -124}
CLOSED = {-213, -211, -217, -218, -227, -230, -232, -244, -305, -311}  # to this person, in this way
TOO_FAST = -32
NIGHT = {-133, -234}
PASSING = {-100, -200}
SETUP = {-101, -102, -103, -104, -105, -204, -205, -209, -212, -219, -221, -223, -224, -235, -242, -320, -321}
"""What a person must put right at Zalo's; it concerns everything the account sends."""

TIMESTAMPS = 8  # of a body that are tried
_TIMESTAMP = re.compile(rb'"timestamp"\s*:\s*"?(\d{1,20})"?')
_APP_ID = re.compile(rb'"app_id"\s*:\s*"?([\w-]{1,40})"?')


class Zalo(Channel):
    key, label, icon, rank = "zalo", "Zalo", "message-circle", 20
    reach = Reach.CHAT
    webhook = sends = renews = True
    windows = {Window.FREE: timedelta(hours=48), Window.PAID: timedelta(days=7), Window.TEMPLATE: None}
    largest = 256 * 1024  # a text has at most 2,000 characters, files come as addresses
    aliases = ("Zalo", "Zalo OA")
    quality = {
        Rule.SIGNATURE: Done("tests/channels/test_contract.py::test_one_changed_byte_is_a_forgery"),
        Rule.WINDOW: Done("tests/conversations/test_sending_by_zalo.py::test_the_window_closes_step_by_step"),
        Rule.REPLAY: Done("tests/channels/test_contract.py::test_a_call_that_comes_again_days_later_has_the_same_name"),
        Rule.FULL_DISK: Done(
            "tests/web/test_hooks.py::test_on_a_full_disk_nothing_is_acknowledged_and_what_comes_again_is_kept"
        ),
        Rule.CONTRACT_TEST: Done("tests/channels/calls/zalo"),
        Rule.RUNBOOK: Done("docs/channels.md#zalo-official-account"),
    }
    needs = (
        Need(name="app_id", label="Application ID", help="developers.zalo.me, your application, Settings."),
        Need(
            name="oa_id",
            label="Official Account ID",
            required=False,
            help="oa.zalo.me, Settings, Account information. It tells our own messages from others'.",
        ),
        Need(
            name="oa_secret",
            label="OA secret key",
            secret=True,
            help="developers.zalo.me, your application, Official Account, Webhook. It proves that Zalo is calling us.",
        ),
        Need(
            name="app_secret",
            label="Application secret key",
            secret=True,
            help="developers.zalo.me, your application, Settings. It is used to renew the tokens.",
        ),
        Need(
            name="access_token",
            label="Access token",
            secret=True,
            required=False,
            help="developers.zalo.me, Tools, API Explorer, OA access token. Lives 25 hours, then we renew it.",
        ),
        Need(
            name="refresh_token",
            label="Refresh token",
            secret=True,
            help="Shown beside the access token. It works once: do not use it anywhere else after saving it here.",
        ),
        Need(
            name="templates",
            label="Approved templates",
            kind="long",
            required=False,
            help="One a line: name = template id. Ids stand in account.zalo.cloud, ZNS, Templates.",
        ),
        Need(
            name="free_messages",
            label="Free messages after each message of a citizen",
            kind="number",
            default=str(FREE_MESSAGES),
            required=False,
            help="Within 48 hours. 0 means no limit.",
        ),
        Need(
            name="paid",
            label="Also send messages that cost money",
            kind="switch",
            default="on",
            required=False,
            help="After 48 hours, or when the free ones are used up, until 7 days after the citizen last wrote.",
        ),
        Need(
            name="api_base",
            label="Address of the API",
            kind="url",
            default="https://openapi.zalo.me",
            required=False,
            help="Leave as it is, unless you test against another server.",
        ),
        Need(
            name="zns_base",
            label="Address of the template service",
            kind="url",
            required=False,
            default="https://business.openapi.zalo.me",
            help="Leave as it is, unless you test against another server.",
        ),
        Need(
            name="oauth_base",
            label="Address of the sign-in service",
            kind="url",
            required=False,
            default="https://oauth.zaloapp.com",
            help="Leave as it is, unless you test against another server.",
        ),
    )

    def receive(self, request: Request, account: Account) -> Sequence[Parcel]:
        _verify(request, account)
        try:
            event = wire.mapping(wire.parsed(request.body))
        except UnreadableError:
            event = {}
        if not event:
            words = request.body.decode("utf-8", "replace").replace("\0", "")
            return [Parcel(external_id=wire.digest(request.body), raw={"body": words[:10_000]})]
        if SAYS.fullmatch(wire.text(event.get("event_name"))):
            message_id = wire.text(wire.mapping(event.get("message")).get("msg_id"))
            return [Parcel(external_id=wire.identity(message_id, request.body), raw=event)]
        return [Parcel(external_id=wire.digest(request.body), raw=event)]

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        return understood(wire.mapping(raw), ours=str(account.config.get("oa_id") or ""))

    def fetch(self, media: Media, account: Account, *, most: int) -> bytes:
        return download(media, account, most=most)

    def ready(self, account: Account) -> bool:
        return bool(account.secrets.get("access_token") or self.renewable(account))

    def renewable(self, account: Account) -> bool:
        return bool(account.secrets.get("refresh_token") and account.config.get("app_id"))

    def window(self, outbound: Outbound, account: Account, now: datetime) -> Window:
        lasting = super().window(outbound, account, now)
        free = wire.number(account.config.get("free_messages"), FREE_MESSAGES)
        if lasting is Window.FREE and (outbound.since < free or not free):
            return Window.FREE
        if lasting in (Window.FREE, Window.PAID) and wire.on(account.config.get("paid", "on")):
            return Window.PAID
        if _template(outbound, account) and (outbound.phone or not outbound.to.startswith(ANONYMOUS)):
            return Window.TEMPLATE
        return Window.CLOSED

    def send(self, outbound: Outbound, account: Account) -> Sent:
        if not account.secrets.get("access_token"):
            raise TokenExpiredError("no access token")
        if outbound.window is Window.TEMPLATE:
            return _send_template(outbound, account)
        sent = Sent()
        for number, words in enumerate(wire.parts(outbound.text, LONGEST)):
            message: dict[str, Any] = {"text": words}
            if outbound.answers and not outbound.since and not number:
                message["quote_message_id"] = outbound.answers
            try:
                data = _post(account, _base(account, "api_base") + _path(outbound.to), _to(outbound.to, message))
            except DeliveryError as error:
                if number:  # half of it is there
                    raise UncertainDeliveryError(f"the text broke off after part {number}: {error}") from error
                raise
            sent = sent if sent.external_id else Sent(external_id=wire.short(data, "message_id"))
        return sent

    def renew(self, account: Account, now: datetime) -> Mapping[str, Any]:
        if not self.renewable(account):
            raise DeliveryError("no refresh token: authorise the application once more", code="token")
        answer = call(
            account,
            "POST",
            _base(account, "oauth_base") + "/v4/oa/access_token",
            headers={"secret_key": str(account.secrets.get("app_secret", ""))},
            data={
                "refresh_token": account.secrets["refresh_token"],
                "app_id": account.config["app_id"],
                "grant_type": "refresh_token",
            },
        )
        access, refresh = wire.text(answer.data.get("access_token")), wire.text(answer.data.get("refresh_token"))
        if not access or not refresh:
            reason = error_text(account, f"{answer.data.get('error', answer.status)} {_words(answer)}")
            raise DeliveryError(f"the tokens could not be renewed ({reason})", retry=True, code="token")
        until = expiry(answer, now, otherwise=TOKEN_LIFE)
        return {"access_token": access, "refresh_token": refresh, "until": until}


def _verify(request: Request, account: Account) -> None:
    """X-ZEvent-Signature is the SHA-256 of application id, body, timestamp and OA secret, one after the other; some
    applications are signed with the account's id instead of the application's. Nothing is parsed before it has proved
    to be Zalo's: the timestamp is searched in the raw body, where it comes first or last among others of its name."""
    secret = str(account.secrets.get("oa_secret") or "")
    signature = request.headers.get("x-zevent-signature", "").strip()
    signature = signature.partition("=")[2].strip() if signature.lower().startswith("mac") else signature
    if not secret or not signature:
        raise ForgedError("no signature")
    body = request.body
    times = {b"", *_timestamps(body)}
    names = {str(account.config.get("app_id") or _first(_APP_ID, body)), str(account.config.get("oa_id") or "")}
    for name in names - {""}:
        signed = sha256(name.encode("utf-8", "replace") + body)
        for timestamp in times:
            whole = signed.copy()
            whole.update(timestamp + secret.encode())
            if wire.same(whole.hexdigest(), signature.lower()):
                return
    raise ForgedError("wrong signature")


def _timestamps(body: bytes) -> list[bytes]:
    """The first few and the last; some are strings."""
    timestamps = [match[1] for match in islice(_TIMESTAMP.finditer(body), TIMESTAMPS)]
    last = _TIMESTAMP.match(body, max(body.rfind(b'"timestamp"'), 0))
    return [*timestamps, last[1]] if last else timestamps


def _first(pattern: re.Pattern[bytes], body: bytes) -> str:
    match = pattern.search(body)
    return match[1].decode("ascii", "replace") if match else ""


def _base(account: Account, name: str) -> str:
    default = next(need.default for need in Zalo.needs if need.name == name)
    return str(account.config.get(name) or default).rstrip("/")


def _path(to: str) -> str:
    return "/v2.0/oa/message" if to.startswith(ANONYMOUS) else "/v3.0/oa/message/cs"


def _to(to: str, message: Mapping[str, Any]) -> Mapping[str, Any]:
    if to.startswith(ANONYMOUS):
        _, person, conversation = [*to.split("/", 2), "", ""][:3]
        return {"recipient": {"anonymous_id": person, "conversation_id": conversation}, "message": message}
    return {"recipient": {"user_id": to}, "message": message}


def _template(outbound: Outbound, account: Account) -> str:
    """The id of the approved template for a message; empty when there is none."""
    return wire.lines(account.config.get("templates")).get(outbound.template, "") if outbound.template else ""


def _send_template(outbound: Outbound, account: Account) -> Sent:
    """By phone number through ZNS, or to the person's id where we have no number."""
    what: dict[str, Any] = {"template_id": _template(outbound, account), "template_data": dict(outbound.values)}
    if outbound.phone:
        url = _base(account, "zns_base") + "/message/template"
        what |= {"phone": outbound.phone.removeprefix("+"), "tracking_id": wire.reference(outbound.id)}
    else:
        url, what = _base(account, "api_base") + "/v3.0/oa/message/template", what | {"user_id": outbound.to}
    data = _post(account, url, what, template=True)
    return Sent(external_id=wire.short(data, "msg_id") or wire.short(data, "message_id"))


def _post(account: Account, url: str, what: Mapping[str, Any], *, template: bool = False) -> Mapping[str, Any]:
    """Zalo's `data` if it accepted the call; the status is 200 either way."""
    headers = {"access_token": str(account.secrets["access_token"]), "Content-Type": "application/json"}
    answer = call(account, "POST", url, headers=headers, content=json.dumps(what, ensure_ascii=False).encode())
    error = answer.data.get("error")
    if error == 0 and answer.status == 200:
        return wire.mapping(answer.data.get("data"))
    code = error if isinstance(error, int) else 0
    reason = error_text(account, f"Zalo {code or answer.status}: {_words(answer)}")
    if code in EXPIRED or answer.status == 401:
        raise TokenExpiredError(reason)
    if code in CLOSED:
        raise WindowClosedError(reason, code=str(code))
    if code == TOO_FAST:
        raise DeliveryError(reason, retry=True, wait=A_MINUTE, code="limit")
    if code in NIGHT:
        raise DeliveryError(reason, retry=True, wait=NIGHT_OVER, code=str(code))
    if code in PASSING or answer.status >= 500:
        raise DeliveryError(reason, retry=True, code=str(code))
    if code in SETUP and not template:
        raise DeliveryError(reason, retry=True, code="setup")
    if not answer.data:  # a captive portal, a wrong address
        raise DeliveryError(reason, retry=True, code="setup")
    raise DeliveryError(reason, code=str(code))


def _words(answer: Answer) -> str:
    data = answer.data
    words = data.get("error_description") or data.get("error_reason") or data.get("message") or data.get("error_name")
    return wire.text(words) or answer.body[:100]
