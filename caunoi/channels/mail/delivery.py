"""Hands one mail to one person to an SMTP server, step by step, so that we know how far it came when it breaks.

A connection that breaks before the end of the mail was sent is tried again; one that breaks after it, before the server
said yes, may have delivered: then a person decides.
"""

import re
import smtplib
from base64 import b64encode
from contextlib import suppress
from hashlib import sha256

from caunoi.channels.base import DeliveryError, TokenExpiredError, UncertainDeliveryError
from caunoi.channels.mail import token
from caunoi.channels.mail.connection import PLAIN, STARTTLS, TLS, Server

REFUSED = 900.0  # seconds after a wrong password
BUSY = 60.0


def deliver(server: Server, *, sender: str, to: str, mail: bytes) -> None:
    """Hand it over. DeliveryError: `retry` after 4xx and all that concerns the server, `code` then "network", "limit"
    or "token"; for good after 5xx on this recipient or these words. UncertainDeliveryError."""
    smtp = _reached(server)
    try:
        _signed_in(smtp, server)
        _handed(smtp, sender, to, mail)
    except (OSError, smtplib.SMTPException) as error:
        raise DeliveryError(f"The connection to the mail server broke: {error}", retry=True, code="network") from error
    finally:
        with suppress(Exception):
            smtp.quit()
        smtp.close()


def _reached(server: Server) -> smtplib.SMTP:
    where = f"{server.host}:{server.port}"
    try:
        if server.security == TLS:
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=server.context())
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout)
    except smtplib.SMTPConnectError as error:
        reply = _reply_text(error.smtp_code, error.smtp_error)
        raise DeliveryError(
            f"The mail server {where} takes nothing now: {reply}", retry=True, code="network"
        ) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryError(
            f"The mail server {where} cannot be reached: {error}", retry=True, code="network"
        ) from error


def _signed_in(smtp: smtplib.SMTP, server: Server) -> None:
    smtp.ehlo_or_helo_if_needed()
    if server.security == STARTTLS:
        try:
            smtp.starttls(context=server.context())
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError("The mail server has no STARTTLS.", retry=True, wait=REFUSED, code="network") from error
        smtp.ehlo()
    if not server.user or not (server.password or server.token):
        return
    try:
        if server.token is not None:
            _show(smtp, server.user, server.token)
        else:
            smtp.login(server.user, server.password)
    except smtplib.SMTPAuthenticationError as error:
        reply = _reply_text(error.smtp_code, error.smtp_error)
        if 400 <= error.smtp_code < 500:
            raise DeliveryError(
                f"The mail server does not let us in now: {reply}", retry=True, code="network"
            ) from error
        if server.token is not None:
            raise TokenExpiredError(f"The mail server refuses the token: {reply}") from error
        reason = f"The mail server refuses the user name or password: {reply}"
        raise DeliveryError(reason, retry=True, wait=REFUSED, code="token") from error
    except smtplib.SMTPNotSupportedError as error:
        if server.security == PLAIN:
            return  # a relay that knows us by our address
        raise DeliveryError(
            f"Signing in to the mail server: {error}", retry=True, wait=REFUSED, code="token"
        ) from error


def _show(smtp: smtplib.SMTP, user: str, access_token: str) -> None:
    """XOAUTH2; when the server says why it does not take the token, it waits for an empty line."""
    code, reply = smtp.docmd("AUTH", "XOAUTH2 " + b64encode(token.xoauth2(user, access_token).encode()).decode())
    if code == 334:
        code, reply = smtp.docmd("")
    if code != 235:
        raise smtplib.SMTPAuthenticationError(code, reply)


def _handed(smtp: smtplib.SMTP, sender: str, to: str, mail: bytes) -> None:
    options, recipient = [], []
    if smtp.has_extn("size"):
        most = smtp.esmtp_features["size"].split()
        if most and most[0].isdigit() and 0 < int(most[0]) < len(mail):
            raise DeliveryError(f"The mail is too big for the mail server: {len(mail)} > {most[0]} bytes", code="552")
        options.append(f"SIZE={len(mail)}")
    if smtp.has_extn("dsn"):
        options += ["RET=HDRS", f"ENVID={sha256(mail).hexdigest()[:32]}"]
        recipient.append("NOTIFY=FAILURE")
    if smtp.has_extn("8bitmime"):
        options.append("BODY=8BITMIME")
    code, reply = smtp.mail(sender, options)
    if code != 250:
        if code == 552:
            raise _refused(code, reply)
        raise DeliveryError(
            f"The mail server does not let {sender} send: {_reply_text(code, reply)}",
            retry=True,
            wait=REFUSED if code >= 500 else None,
            code="network",
        )
    code, reply = smtp.rcpt(to, recipient)
    if code not in (250, 251, 252):
        raise _refused(code, reply)
    code, reply = smtp.docmd("DATA")
    if code != 354:
        raise _refused(code, reply)
    body = re.sub(rb"(?m)^\.", b"..", mail)
    smtp.send(body if body.endswith(b"\r\n") else body + b"\r\n")
    smtp.send(b".\r\n")
    try:
        code, reply = smtp.getreply()
    except (OSError, smtplib.SMTPException) as error:
        raise UncertainDeliveryError(f"interrupted while being sent: it may have arrived ({error})") from error
    if code != 250:
        raise _refused(code, reply)


def _refused(code: int, reply: bytes) -> DeliveryError:
    """The error for this recipient or this mail; one about the connection or the rate concerns the whole inbox."""
    words = _reply_text(code, reply)
    if code == 421 or "4.7.0" in words or (re.search(r"rate|too many|limit", words, re.I) and 400 <= code < 500):
        return DeliveryError(words, retry=True, wait=BUSY, code="limit")
    return DeliveryError(words, retry=400 <= code < 500 or code == -1, code=str(code))


def _reply_text(code: int, reply: bytes | str) -> str:
    words = reply.decode("utf-8", "replace") if isinstance(reply, bytes) else reply
    return f"{code} {' '.join(words.split())}"[:250]
