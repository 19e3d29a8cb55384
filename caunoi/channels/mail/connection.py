"""How to reach a mail server: encrypted from the first byte, by STARTTLS, or plain; and which certificates to
accept."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from caunoi.channels.base import Account
from caunoi.channels.mail import token

TLS, STARTTLS, PLAIN = SECURITY = ("tls", "starttls", "plain")
TIMEOUT = 30.0  # seconds until a silent server counts as gone


@dataclass(frozen=True, kw_only=True)
class Server:
    """One server of an inbox: address, encryption and account."""

    host: str
    port: int
    security: str
    user: str
    password: str
    timeout: float
    certificate: str = ""
    token: str | None = None  # shown instead of a password; empty when there is none yet

    def context(self) -> ssl.SSLContext:
        return ssl.create_default_context(cadata=self.certificate or None)


def incoming(account: Account) -> Server:
    return _server(account, "imap", {TLS: 993, STARTTLS: 143, PLAIN: 143}, account.secrets)


def outgoing(account: Account) -> Server:
    secrets = dict(account.secrets)
    secrets["password"] = secrets.get("smtp_password") or secrets.get("password", "")
    return _server(account, "smtp", {TLS: 465, STARTTLS: 587, PLAIN: 25}, secrets)


def _server(account: Account, kind: str, ports: Mapping[str, int], secrets: Mapping[str, Any]) -> Server:
    config = account.config
    security = str(config.get(f"{kind}_security") or TLS)
    user = config.get(f"{kind}_user")
    if user is None or (user == "" and kind == "smtp"):
        user = config.get("imap_user") or config.get("address", "")
    return Server(
        host=str(config.get(f"{kind}_host", "")).strip(),
        port=int(config.get(f"{kind}_port") or ports.get(security, 0)),
        security=security,
        user="" if user == "-" else str(user),
        password=str(secrets.get("password", "")),
        timeout=float(config.get("timeout") or TIMEOUT),
        certificate=str(config.get("certificate", "")),
        token=str(account.secrets.get("access_token", "")) if token.uses_token(account) else None,
    )
