"""E-mail: read from an IMAP folder, sent by SMTP."""

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import UTC, datetime
from email.errors import MessageError
from typing import Any

from caunoi.channels.base import (
    Account,
    Channel,
    DeliveryError,
    Done,
    Exempt,
    Inbound,
    Need,
    Outbound,
    Parcel,
    Reach,
    Rule,
    Sent,
    TokenExpiredError,
)
from caunoi.channels.mail import headers, letter, mailbox, opener, token
from caunoi.channels.mail.connection import SECURITY, outgoing
from caunoi.channels.mail.delivery import deliver

MOST = 20 * 1024 * 1024  # bytes of one mail of ours


class Email(Channel):
    key, label, icon, rank = "email", "E-mail", "mail", 40
    reach = Reach.MAIL
    polls = sends = renews = True
    aliases = ("Email", "Thư điện tử")
    quality = {
        Rule.SIGNATURE: Exempt(
            "Anybody may write; a thread goes on only from the address we wrote to, and not where DMARC fails."
        ),
        Rule.WINDOW: Exempt("An address may be written to at any time."),
        Rule.REPLAY: Done(
            "tests/channels/test_mailbox.py::test_a_mail_delivered_twice_is_one_and_two_mails_of_one_name_are_two"
        ),
        Rule.FULL_DISK: Done(
            "tests/channels/test_mailbox_troubles.py::test_a_full_disk_is_trouble_and_nothing_is_lost"
        ),
        Rule.CONTRACT_TEST: Done("tests/channels/calls/email"),
        Rule.RUNBOOK: Done("docs/channels.md#e-mail"),
    }
    idempotent = False  # some servers drop a second mail with the same Message-ID, most do not
    needs = (
        Need(
            name="address",
            label="E-mail address",
            kind="email",
            help="Answers come from this address; mails from it are not read.",
        ),
        Need(name="from_name", label="Sender's name", help="What people see before the address.", required=False),
        Need(
            name="imap_host",
            label="Incoming server (IMAP)",
            help=(
                "Gmail: imap.gmail.com, TLS, port 993. Office 365: outlook.office365.com, TLS, port 993. Zimbra: your "
                "mail server's name, TLS, port 993."
            ),
        ),
        Need(name="imap_port", label="Port (IMAP)", kind="number", required=False, help="Empty: 993, without TLS 143."),
        Need(name="imap_security", label="Encryption (IMAP)", kind="choice", choices=SECURITY, default="tls"),
        Need(name="imap_user", label="User name", help="Usually the address itself."),
        Need(
            name="sign_in",
            label="Sign in with",
            kind="choice",
            choices=("password", token.MICROSOFT),
            default="password",
            help="Office 365 accepts no passwords from programs: choose microsoft and fill in its three fields.",
        ),
        Need(
            name="password",
            label="Password",
            secret=True,
            required=False,
            help="Gmail and Zimbra with two-step sign-in need an app password from the account's security settings.",
        ),
        Need(name="tenant", label="Microsoft: tenant", required=False, help="The directory (tenant) ID in Entra ID."),
        Need(name="client_id", label="Microsoft: application", required=False, help="The application (client) ID."),
        Need(name="client_secret", label="Microsoft: client secret", secret=True, required=False),
        Need(name="folder", label="Folder to read", default="INBOX", required=False),
        Need(
            name="since",
            label="Read mails received since",
            required=False,
            help="A day like 2026-01-31. Empty: from when the mailbox is set up.",
        ),
        Need(
            name="move_to",
            label="Move read mails to folder",
            required=False,
            help="Empty: mails stay where they are, unread as they were; nothing is ever deleted.",
        ),
        Need(
            name="list_id",
            label="Own mailing list",
            required=False,
            help="If people write to a group address that passes mails on: its List-Id. Other lists open nothing.",
        ),
        Need(
            name="smtp_host",
            label="Outgoing server (SMTP)",
            help=(
                "Gmail: smtp.gmail.com, TLS, port 465. Office 365: smtp.office365.com, STARTTLS, port 587. Zimbra: your"
                " mail server's name, TLS, port 465."
            ),
        ),
        Need(
            name="smtp_port",
            label="Port (SMTP)",
            kind="number",
            required=False,
            help="Empty: 465 with TLS, 587 with STARTTLS, 25 without.",
        ),
        Need(name="smtp_security", label="Encryption (SMTP)", kind="choice", choices=SECURITY, default="tls"),
        Need(name="smtp_user", label="User name (SMTP)", required=False, help="Empty: as for IMAP. A hyphen: none."),
        Need(name="smtp_password", label="Password (SMTP)", secret=True, required=False, help="Empty: as for IMAP."),
        Need(
            name="certificate",
            label="Certificate of your own authority",
            required=False,
            help="PEM; only if the mail server's certificate is not signed by a generally trusted authority.",
        ),
    )

    def poll(
        self, cursor: Mapping[str, Any], account: Account, stopping: Callable[[], bool]
    ) -> Generator[Parcel | None, None, None]:
        return mailbox.poll(cursor, account, stopping)

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        return opener.read(raw, blob or b"", account.config)

    def ready(self, account: Account) -> bool:
        return bool(account.config.get("smtp_host")) and bool(headers.normal(str(account.config.get("address", ""))))

    def renewable(self, account: Account) -> bool:
        return token.uses_token(account)

    def renew(self, account: Account, now: datetime) -> Mapping[str, Any]:
        return token.renew(account, now)

    def send(self, outbound: Outbound, account: Account) -> Sent:
        sender = headers.normal(str(account.config.get("address", "")))
        to = headers.normal(outbound.to)
        if not to:
            raise DeliveryError(f"no e-mail address: {outbound.to[:100]}")
        server = outgoing(account)
        if not sender or not server.host:
            raise DeliveryError("The mailbox is not set up: address or server is missing.", retry=True, code="setup")
        if server.token == "":
            raise TokenExpiredError("There is no token yet.")
        key = str(account.secrets.get("client_secret" if token.uses_token(account) else "password", ""))
        name = letter.name(outbound.id, key, sender)
        try:
            mail = letter.compose(
                message_id=name,
                sender=(str(account.config.get("from_name", "")), sender),
                to=to,
                subject=letter.subject(
                    outbound.subject, str(outbound.values.get("code", "")), answer=bool(outbound.answers)
                ),
                text=outbound.text,
                at=datetime.now(UTC),
                answers=outbound.answers,
                mentions=outbound.mentions,
                automatic=outbound.automatic,
                files=outbound.files,
            )
        except (ValueError, IndexError, MessageError) as error:
            raise DeliveryError(f"no mail can be made of it: {error}") from error
        if len(mail) > MOST:
            raise DeliveryError(f"The mail is too big: {len(mail)} bytes")
        deliver(server, sender=sender, to=to, mail=mail)
        return Sent(external_id=name)
