"""Whether the product answers: on this machine, and at the address that citizens type. These checks ask over the
network."""

import socket
import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from caunoi import __version__
from caunoi.host.configuration import LOOPBACK
from caunoi.host.finding import Check, Finding, _, broken, warning
from caunoi.host.presence import running_at
from caunoi.vault.signing import TimestampSigner

PATIENCE = 5.0  # seconds
EXPIRES_SOON, EXPIRES_NOW = timedelta(days=21), timedelta(days=3)
SIGNER = TimestampSigner(salt="caunoi.checks.outward")
"""Signs what a check asks `/health/seen` with: whoever has the key may learn how the product sees them."""


def answers(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The product of this home answers here, and is the one that is installed."""
    address = running_at(home)
    if not address:
        yield warning(
            _("No product runs with this home."),
            _("Citizens reach nobody by this machine."),
            _("Start it: caunoi up, or systemctl start caunoi."),
        )
        return
    try:
        ready = httpx.get(f"{address}/health/ready", timeout=PATIENCE, trust_env=False)
        version = httpx.get(f"{address}/health/live", timeout=PATIENCE, trust_env=False).json().get("version", "")
    except (httpx.HTTPError, ValueError) as error:
        kind = type(error).__name__
        yield broken(
            _("%(address)s does not answer (%(kind)s).", address=address, kind=kind),
            _("Citizens cannot reach the pages."),
            _("Look at the log; start the product again."),
        )
        return
    if ready.status_code != 200:
        yield broken(
            _("%(address)s/health/ready answers %(status_code)s.", address=address, status_code=ready.status_code),
            _("The product does not serve."),
            _("See the line about the database here, and the log."),
        )
    if version != __version__:
        yield warning(
            _("Release %(version)s runs, %(version2)s is installed.", version=version, version2=__version__),
            _("The new code is not at work yet."),
            _("Run: caunoi upgrade"),
        )


def public_address(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The public address leads to this product, with a certificate that browsers take."""
    parts = urlsplit(settings.PUBLIC_URL)
    host = parts.hostname or ""
    if host in LOOPBACK or not environ.get("CAUNOI_PUBLIC_URL"):
        return
    try:
        socket.getaddrinfo(host, parts.port or 443)
    except OSError:
        yield broken(
            _("The host %(host)s is not known.", host=host),
            _("Every link that citizens are sent is dead."),
            _("Add the name to the DNS, or fix CAUNOI_PUBLIC_URL."),
        )
        return
    if parts.scheme == "https":
        trouble = list(_certificate(host, parts.port or 443))
        yield from trouble
        if any(one.state == "broken" for one in trouble):
            return
    try:
        proof = SIGNER.sign("seen")
        seen = httpx.get(f"{settings.PUBLIC_URL}/health/seen", params={"proof": proof}, timeout=PATIENCE)
    except httpx.HTTPError as error:
        kind = type(error).__name__
        yield broken(
            _("%(public_url)s does not answer (%(kind)s).", public_url=settings.PUBLIC_URL, kind=kind),
            _("Citizens cannot reach the pages."),
            _("Check the proxy in front and the firewall."),
        )
        return
    try:
        reply = seen.json() if seen.status_code == 200 else {}
    except ValueError:  # no page of ours
        reply = {}
    yield from _as_seen(reply, parts.scheme, host)


def _certificate(host: str, port: int) -> Iterator[Finding]:
    mend = _("Renew the certificate on the proxy in front.")
    try:
        with (
            socket.create_connection((host, port), PATIENCE) as plain,
            ssl.create_default_context().wrap_socket(plain, server_hostname=host) as sock,
        ):
            ends = ssl.cert_time_to_seconds(str((sock.getpeercert() or {})["notAfter"]))
    except ssl.SSLError as error:
        reason = getattr(error, "verify_message", "") or error.reason or "TLS"
        yield broken(
            _("The certificate of %(host)s cannot be used: %(reason)s.", host=host, reason=reason),
            _("Browsers keep everybody away from the pages."),
            mend,
        )
        return
    except OSError as error:
        yield broken(
            _("Cannot connect to %(host)s:%(port)s (%(error)s).", host=host, port=port, error=error),
            _("Citizens cannot reach the pages."),
            _("Check the proxy in front and the firewall."),
        )
        return
    left = datetime.fromtimestamp(ends, UTC) - datetime.now(UTC)
    if left < EXPIRES_SOON:
        make = broken if left < EXPIRES_NOW else warning
        yield make(
            _("The certificate of %(host)s ends in %(days)s days.", host=host, days=left.days),
            _("After that browsers keep everybody away."),
            mend,
        )


def _as_seen(reply: Mapping[str, object], scheme: str, host: str) -> Iterator[Finding]:
    """How the product sees who comes by the public address."""
    if "scheme" not in reply:
        yield broken(
            _("%(public_url)s leads to another program.", public_url=settings.PUBLIC_URL),
            _("Citizens do not reach this product, or that machine has another key."),
            _("Send the proxy to 127.0.0.1:8022; give all machines the same CAUNOI_SECRET_KEY_FILE."),
        )
        return
    if reply["scheme"] != scheme:
        yield broken(
            _("The product sees %(value)s instead of %(scheme)s.", value=reply["scheme"], scheme=scheme),
            _("Forms are refused and cookies are not safe."),
            _("The proxy must send X-Forwarded-Proto, and its address must stand in CAUNOI_TRUSTED_PROXIES."),
        )
    if reply["host"] != host:
        yield broken(
            _("The product sees the host %(value)s, not %(host)s.", value=reply["host"], host=host),
            _("Links on the pages are wrong."),
            _("The proxy must pass the Host header on."),
        )
    if not reply["forwarded"]:
        yield broken(
            _("The proxy does not send X-Forwarded-For."),
            _("Everybody seems to come from one address: one person's wrong passwords may lock out all."),
            _("Add X-Forwarded-For in the proxy (examples in docs/operating.md)."),
        )
    elif reply["proxy"]:
        yield broken(
            _("The proxy (%(value)s) is not trusted.", value=reply["proxy"]),
            _("Everybody seems to come from one address."),
            _("Add %(value)s to CAUNOI_TRUSTED_PROXIES.", value=reply["proxy"]),
        )


CHECKS: tuple[Check[Path, Mapping[str, str]], ...] = tuple(
    Check(name=name, part="running", fine=fine, look=look)
    for name, look, fine in (
        ("answers", answers, _("The product answers.")),
        (
            "public_address",
            public_address,
            _("The public address leads to the product, or none is set."),
        ),
    )
)
