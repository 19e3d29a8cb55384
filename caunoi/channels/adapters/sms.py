"""SMS by the HTTP gateway of any brand-name reseller: its calls are settings, with presets for three."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, quote
from xml.sax.saxutils import escape

from caunoi.channels import wire
from caunoi.channels.base import (
    Account,
    Channel,
    DeliveryError,
    Does,
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
)
from caunoi.channels.gateway import at, filled, pattern, put, shows, sign
from caunoi.channels.http import Answer, call, error_text, expiry
from caunoi.channels.sms_presets import FIELDS, PRESETS
from caunoi.channels.wire import digest, identity, lines, on, reference, same, text
from caunoi.lib.messages.segments import count, gsm, plain, shorten
from caunoi.lib.numbers import phone
from caunoi.lib.vietnamese.writing import nfc

LONGEST = 3  # segments
VIETNAM = timezone(timedelta(hours=7))
TOKEN_LIFE = 3600  # seconds, should an answer not say


class Sms(Channel):
    key, label, icon, rank = "sms", "SMS", "message-square-text", 70
    reach = Reach.SMS
    webhook = sends = renews = True
    aliases = ("SMS", "Tin nhắn")
    quality = {
        Rule.SIGNATURE: Done("tests/channels/test_contract.py::test_one_changed_byte_is_a_forgery"),
        Rule.WINDOW: Exempt("A number may be written to at any time."),
        Rule.REPLAY: Done("tests/channels/test_contract.py::test_a_call_that_comes_again_days_later_has_the_same_name"),
        Rule.FULL_DISK: Done(
            "tests/web/test_hooks.py::test_on_a_full_disk_nothing_is_acknowledged_and_what_comes_again_is_kept"
        ),
        Rule.CONTRACT_TEST: Done("tests/channels/calls/sms"),
        Rule.RUNBOOK: Done("docs/channels.md#sms"),
    }
    needs = (
        Need(
            name="preset",
            label="Gateway",
            kind="choice",
            choices=tuple(PRESETS),
            default="custom",
            required=False,
            help="Fills in what is left empty below.",
        ),
        Need(name="url", label="Address that takes messages", kind="url", required=False, help="From your contract."),
        Need(
            name="brand",
            label="Brand name",
            required=False,
            help="As registered with the telecommunication companies, letter by letter.",
        ),
        Need(name="user", label="User name or client id", required=False),
        Need(name="password", label="Password or client secret", secret=True, required=False),
        Need(name="method", label="Method", kind="choice", choices=("POST", "GET"), required=False),
        Need(
            name="format",
            label="Form of the body",
            kind="choice",
            choices=("json", "form", "query", "xml"),
            required=False,
        ),
        Need(
            name="body",
            label="Body",
            kind="long",
            required=False,
            help="JSON (or XML) with {to} {text} {text64} {id} {brand} {user} {password} {token} {session} {unicode}, "
            "and the names of further values below.",
        ),
        Need(
            name="headers",
            label="Headers",
            kind="long",
            required=False,
            help="One a line: name: value. The same words in braces can be used, e.g. Authorization: Bearer {password}",
        ),
        Need(
            name="values",
            label="Further values",
            kind="long",
            required=False,
            help="One a line: name = value, e.g. numbers of contract and template.",
        ),
        Need(
            name="success",
            label="Sign of success",
            required=False,
            help="path = value, path ~ pattern, or ~ pattern for the whole answer. Empty: any answer with status 2xx.",
        ),
        Need(
            name="repeated",
            label="Sign that it was sent before",
            required=False,
            help="Like the sign of success, for gateways that refuse an {id} a second time.",
        ),
        Need(name="busy", label="Sign that it may be tried again", required=False, help="Like the sign of success."),
        Need(name="expired", label="Sign that the token has run out", required=False, help="Like the sign of success."),
        Need(
            name="id_path",
            label="Where the answer names the message",
            required=False,
            help="A path such as data.id. Empty: reports of delivery name our own {id}.",
        ),
        Need(
            name="numbers", label="How numbers are written", kind="choice", choices=("84", "0", "+84"), required=False
        ),
        Need(
            name="marks",
            label="Keep Vietnamese marks",
            kind="switch",
            required=False,
            help="A message with marks holds 70 characters, one without 160.",
        ),
        Need(
            name="segments",
            label="Longest message, in parts",
            kind="number",
            default=str(LONGEST),
            required=False,
            help="Longer ones are shortened; the link stays whole.",
        ),
        Need(
            name="drops_doubles",
            label="The gateway drops a second message with the same {id}",
            kind="switch",
            required=False,
            help="Only if your contract says so: then a message is sent again when no answer came.",
        ),
        Need(name="token_url", label="Address that gives tokens", kind="url", required=False),
        Need(
            name="token_body",
            label="Body that asks for a token",
            kind="long",
            required=False,
            help="JSON; the answer must hold access_token.",
        ),
        Need(
            name="hook_secret",
            label="Secret for what comes in",
            secret=True,
            required=False,
            help="The gateway must give it as ?secret=…, as X-Secret, as a Bearer token, or sign the body with it: "
            "X-Signature: sha256=HMAC.",
        ),
        Need(
            name="fields",
            label="Names of the fields that come in",
            kind="long",
            required=False,
            help="One a line, our name = theirs: from, text, id, status, reference.",
        ),
        Need(name="delivered", label="Pattern of a status: delivered", required=False),
        Need(name="failed", label="Pattern of a status: not delivered", required=False),
    )

    def receive(self, request: Request, account: Account) -> Sequence[Parcel]:
        _verify(request, str(account.secrets.get("hook_secret") or ""))
        query = {name: value for name, value in request.query.items() if name not in ("secret", "token")}
        if request.body and "json" in request.headers.get("content-type", "json"):
            try:
                body = wire.parsed(request.body)
            except UnreadableError:
                body = request.body.decode("utf-8", "replace").replace("\0", "")[:10_000]
        else:
            body = dict(parse_qsl(request.body.decode("utf-8", "replace").replace("\0", ""), keep_blank_values=True))
        parcels, came = [], datetime.now(UTC).timestamp()
        for each in body if isinstance(body, list) and body else [body]:
            fields = wire.fit({**query, **each} if isinstance(each, dict) else {"body": each})
            parcels.append(Parcel(external_id=_name(fields, account), raw={"came": came, "fields": fields}))
        return parcels

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        fields = _fields(wire.mapping(wire.mapping(raw).get("fields")), account)
        at = _when(fields["time"]) or wire.moment(wire.mapping(raw).get("came"))
        number = phone.parse(fields["from"])
        sender = (number.e164 or number.number) if number else fields["from"]
        if fields["status"]:
            about = fields["reference"] or fields["id"]
            if not about:
                raise UnreadableError("a report about no message")
            for does, name in ((Does.DELIVERED, "delivered"), (Does.BOUNCED, "failed")):
                if pattern(_setting(account, name), UnreadableError).search(fields["status"]):
                    return [Inbound(does=does, sender=sender, refers=about, at=at, extra={"status": fields["status"]})]
            return []  # on its way
        if not sender or not fields["text"]:
            raise UnreadableError("neither a message with a sender nor a report")
        proved = number.e164 if number and number.kind in ("mobile", "landline") else None
        return [Inbound(external_id=fields["id"], sender=sender[:200], phone=proved or "", at=at, text=fields["text"])]

    def ready(self, account: Account) -> bool:
        return bool(_setting(account, "url"))

    def repeatable(self, account: Account) -> bool:
        return on(_setting(account, "drops_doubles"))

    def renewable(self, account: Account) -> bool:
        return bool(_setting(account, "token_url") and account.secrets.get("password"))

    def send(self, outbound: Outbound, account: Account) -> Sent:
        number = phone.parse(outbound.to or outbound.phone)
        if number is None or number.kind != "mobile":
            raise DeliveryError("no number that takes SMS", code="number")
        words = nfc(outbound.text).strip()
        words = words if on(_setting(account, "marks")) else plain(words)
        words = shorten(words, max(1, wire.number(_setting(account, "segments"), LONGEST)))
        if self.renewable(account) and not account.secrets.get("access_token"):
            raise TokenExpiredError("no token yet")
        values = {"to": _formatted(number.number, account), "text": words, "id": reference(outbound.id)}
        for name in ("success", "repeated", "expired", "busy"):
            sign(_setting(account, name))
        answer = _call(account, values)
        ours, theirs = values["id"], at(answer, _setting(account, "id_path"))
        if shows(answer, _setting(account, "success"), empty=200 <= answer.status < 300):
            return Sent(external_id=(theirs or ours)[:200])
        if shows(answer, _setting(account, "repeated")):
            return Sent(external_id=ours)
        reason = error_text(account, f"the gateway refused it ({answer.status}): {answer.body}")
        if self.renewable(account) and (answer.status == 401 or shows(answer, _setting(account, "expired"))):
            raise TokenExpiredError(reason)
        if answer.status >= 500 or shows(answer, _setting(account, "busy")):
            raise DeliveryError(reason, retry=True, code="network" if answer.status >= 500 else "")
        if answer.status in (401, 403, 404):
            raise DeliveryError(reason, retry=True, code="setup")
        raise DeliveryError(reason)

    def renew(self, account: Account, now: datetime) -> Mapping[str, Any]:
        if not self.renewable(account):
            raise DeliveryError("no address that gives tokens", code="token")
        body = filled(_setting(account, "token_body"), _variables(account))
        answer = call(account, "POST", _setting(account, "token_url"), json=body)
        token = text(answer.data.get("access_token"))
        if not token:
            reason = error_text(account, f"no token ({answer.status}): {answer.body}")
            raise DeliveryError(reason, retry=True, code="token")
        return {"access_token": token, "until": expiry(answer, now, otherwise=TOKEN_LIFE)}


def _setting(account: Account, name: str) -> str:
    preset = PRESETS.get(str(account.config.get("preset") or ""), {})
    return str(account.config.get(name) or preset.get(name) or PRESETS["custom"].get(name, ""))


def _verify(request: Request, secret: str) -> None:
    headers, query = request.headers, request.query
    signature = headers.get("x-signature", headers.get("x-hub-signature-256", ""))
    bearer = headers.get("authorization", "").removeprefix("Bearer ").strip()
    credentials = [query.get("secret", ""), query.get("token", ""), headers.get("x-secret", ""), bearer]
    if secret and any(each and same(each, secret) for each in credentials):
        return
    if not secret or not signature or not wire.signed(request.body, secret, signature):
        raise ForgedError("wrong secret")


def _fields(raw: Mapping[str, Any], account: Account) -> dict[str, str]:
    """What came in, under our names, whatever the gateway calls it."""
    folded = {name.lower().replace("_", "").replace("-", ""): value for name, value in raw.items()}
    theirs = lines(_setting(account, "fields"))
    result = {}
    for name, usual in FIELDS.items():
        names = [theirs[name].lower().replace("_", "").replace("-", "")] if name in theirs else usual
        result[name] = next((text(folded[each]) for each in names if text(folded.get(each))), "")
    return result


def _when(time_text: str) -> datetime | None:
    """A time as gateways write it: seconds, milliseconds, or a clock's in Vietnam."""
    try:
        return wire.moment(time_text)
    except UnreadableError:
        local = re.sub(r"^(\d\d)[/-](\d\d)[/-](\d{4})", r"\3-\2-\1", time_text).replace("/", "-")
    try:
        when = datetime.fromisoformat(local)
    except ValueError:
        return None
    return when if when.tzinfo else when.replace(tzinfo=VIETNAM)


def _name(raw: Mapping[str, Any], account: Account) -> str:
    fields = _fields(raw, account)
    about = fields["reference"] or fields["id"] if fields["status"] else fields["id"]
    whole = json.dumps(raw, sort_keys=True).encode()
    if fields["status"]:
        return identity(f"{about}:{fields['status']}" if about else "", whole)
    return identity(fields["id"], whole) if fields["id"] else digest(whole)


def _formatted(number: str, account: Account) -> str:
    how = _setting(account, "numbers")
    return {"0": "0" + number.removeprefix("+84"), "+84": number}.get(how, number.removeprefix("+"))


def _variables(account: Account) -> dict[str, str]:
    return {
        **lines(_setting(account, "values")),
        "brand": _setting(account, "brand"),
        "user": _setting(account, "user"),
        "password": str(account.secrets.get("password") or ""),
        "token": str(account.secrets.get("access_token") or ""),
        "session": reference(account.name),
    }


def _call(account: Account, message: Mapping[str, str]) -> Answer:
    words, form = message["text"], _setting(account, "format")
    values = {
        **_variables(account),
        **message,
        "text64": b64encode(words.encode()).decode(),
        "unicode": "01"[not gsm(words)],
        "coding": "08"[not gsm(words)],
        "segments": str(count(words)),
    }
    headers = {name: put(value, values) for name, value in lines(_setting(account, "headers")).items()}
    url = put(_setting(account, "url"), {name: quote(value, safe="") for name, value in values.items()})
    body = _setting(account, "body")
    if form == "xml":
        content = put(body, {name: escape(value) for name, value in values.items()}).encode()
        headers = {"Content-Type": "text/xml; charset=utf-8", **headers}
        return call(account, "POST", url, headers=headers, content=content)
    how = {"json": "json", "form": "data"}.get(form, "params")
    return call(account, _setting(account, "method"), url, headers=headers, **{how: filled(body, values)})
