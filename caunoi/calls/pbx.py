"""What an inbox of the channel phone is set up with: an Asterisk to speak to, or a cloud PBX that speaks to us. Pure.

The settings (`config` and `secrets` of the inbox together) of an Asterisk are the needs of channels/adapters/phone.py;
those of a cloud PBX are `connector` (a key of telephony.connectors), what that needs, and `cti_key`. docs/telephony.md
says what they mean.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caunoi.telephony.asterisk import EXAMPLE, Dialplan
from caunoi.telephony.connectors.base import Connector, Request
from caunoi.telephony.connectors.registry import CONNECTORS

HEADERS = ("content-type", "x-signature", "x-zorio-signature", "x-zorio-timestamp", "x-zorio-delivery")


@dataclass(frozen=True, kw_only=True)
class Ami:
    """How to reach an Asterisk's manager interface, and what our operators are there."""

    host: str
    port: int = 5038
    username: str
    secret: str
    queues: tuple[str, ...] = ()
    interface: str = "PJSIP/{extension}"
    context: str = "from-agents"
    caller: str = ""

    def phone(self, extension: str) -> str:
        """The channel by which a desk phone is rung, `PJSIP/101`."""
        return self.interface.format(extension=extension)

    @property
    def dialplan(self) -> Dialplan:
        """How this Asterisk's events are to be understood."""
        return Dialplan(operator_contexts=EXAMPLE.operator_contexts | {self.context})


def ami(settings: Mapping[str, Any]) -> Ami | None:
    """The Asterisk of an inbox, or None where there is none. ValueError for an invalid port."""
    if not settings.get("host"):
        return None
    overrides = {name: str(settings[name]) for name in ("interface", "context", "caller") if settings.get(name)}
    return Ami(
        host=str(settings["host"]),
        port=int(settings.get("port") or 5038),
        username=str(settings.get("username", "")),
        secret=str(settings.get("secret", "")),
        queues=words(settings.get("queues")),
        **overrides,
    )


def words(value: Any) -> tuple[str, ...]:
    """A setting that lists several, by spaces or commas."""
    parts = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    return tuple(str(part) for part in parts)


def connector(settings: Mapping[str, Any]) -> Connector:
    """The connector for an inbox's webhook; the open one by default. KeyError for an unknown one."""
    return CONNECTORS[str(settings.get("connector") or "webhook")]


def raw(request: Request) -> dict[str, Any]:
    """A webhook's request as a receipt keeps it: the body byte for byte."""
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in HEADERS}
    fields: dict[str, Any] = {"method": request.method, "headers": headers}
    if request.query:
        fields["query"] = request.query
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        body = "\0"
    return fields | ({"base64": base64.b64encode(request.body).decode()} if "\0" in body else {"body": body})


def request(stored: Mapping[str, Any]) -> Request:
    """The request that `raw` kept. KeyError or ValueError for what is none."""
    body = base64.b64decode(stored["base64"]) if "base64" in stored else stored["body"].encode()
    return Request(method=stored["method"], headers=stored["headers"], query=stored.get("query", ""), body=body)
