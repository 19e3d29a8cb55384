"""What an inbox of the channel phone is set up with: an Asterisk to speak to, or a cloud PBX that speaks to us. Pure.

`config` of an Asterisk: host, port, username, secret, queues, and where they differ interface, context, caller,
recordings. Of a cloud PBX: connector (a key of telephony.connectors), what that needs, and cti_key. The names and what
they mean are in docs/telephony.md.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caunoi.telephony.asterisk import Dialplan
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
    operator_contexts: frozenset[str] = Dialplan().operator_contexts

    def phone(self, extension: str) -> str:
        """The channel by which a desk phone is rung, `PJSIP/101`."""
        return self.interface.format(extension=extension)

    @property
    def dialplan(self) -> Dialplan:
        return Dialplan(operator_contexts=self.operator_contexts | {self.context})


def ami(config: Mapping[str, Any]) -> Ami | None:
    """The Asterisk of an inbox, or None where there is none. ValueError for a port that is no number."""
    if not config.get("host"):
        return None
    given = {name: str(config[name]) for name in ("interface", "context", "caller") if config.get(name)}
    return Ami(
        host=str(config["host"]),
        port=int(config.get("port") or 5038),
        username=str(config.get("username", "")),
        secret=str(config.get("secret", "")),
        queues=_words(config.get("queues")),
        **given,
    )


def _words(value: Any) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else str(value or "").replace(",", " ").split()
    return tuple(str(part) for part in parts)


def connector(config: Mapping[str, Any]) -> Connector:
    """Whose words an inbox's webhook speaks; the open one where nothing else is said. KeyError for an unknown one."""
    return CONNECTORS[str(config.get("connector") or "webhook")]


def raw(request: Request) -> dict[str, Any]:
    """A webhook's request as a receipt keeps it: the body byte for byte."""
    headers = {name.lower(): value for name, value in request.headers.items() if name.lower() in HEADERS}
    kept: dict[str, Any] = {"method": request.method, "headers": headers}
    if request.query:
        kept["query"] = request.query
    try:
        body = request.body.decode()
    except UnicodeDecodeError:
        body = "\0"
    return kept | ({"base64": base64.b64encode(request.body).decode()} if "\0" in body else {"body": body})


def request(kept: Mapping[str, Any]) -> Request:
    """The request that `raw` kept. KeyError or ValueError for what is none."""
    body = base64.b64decode(kept["base64"]) if "base64" in kept else kept["body"].encode()
    return Request(method=kept["method"], headers=kept["headers"], query=kept.get("query", ""), body=body)
