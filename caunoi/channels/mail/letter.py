"""Our mails as bytes: plain and HTML, safe against line breaks in their parts, the same id in every try."""

import hmac
import html
import re
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from hashlib import sha256

from caunoi.channels.base import Media
from caunoi.channels.mail import headers
from caunoi.channels.mail.charset import clean

OURS = r"cn\.[0-9a-f]{40}@[A-Za-z0-9.-]{1,150}"
REFERENCES = 20
_LINK = re.compile(r"https?://[^\s<>\"']{1,500}[^\s<>\"'.,;:!?)\]]")
_RE = re.compile(r"^\s*(?:re|tl|trả lời|aw|sv|fwd?|fw|chuyển tiếp)\s*(?:\[\d+\])?\s*[::]\s*", re.I)
_PAGE = (
    '<!doctype html><html><head><meta charset="utf-8"></head><body style="margin:0;padding:16px;'
    "font-family:-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:1.5;color:#1b1b1b;"
    'background:#ffffff"><div style="max-width:40em">{body}</div></body></html>'
)
POLICY = SMTP.clone(max_line_length=998 // 2, cte_type="7bit", refold_source="all")


def name(once: str, key: str, address: str) -> str:
    """The Message-ID of what is sent as `once`, without brackets: the same in every try, and impossible to guess,
    because a mail that answers it becomes part of the thread."""
    digest = hmac.new(key.encode(), once.encode(), sha256).hexdigest()[:40]
    return f"cn.{digest}@{address.rpartition('@')[2] or 'localhost'}"


def subject(title: str, code: str = "", *, answer: bool) -> str:
    """One line; an answer begins with one "Re:", and the ticket's code is in it once."""
    line = headers.words(clean(title))[:250]
    while answer and (match := _RE.match(line)):
        line = line[match.end() :]
    code = headers.words(clean(code))
    if code and code not in line:
        line = f"[{code}] {line}".strip()
    return f"Re: {line}" if answer and line else line


def compose(
    *,
    message_id: str,
    sender: tuple[str, str],
    to: str,
    subject: str,
    text: str,
    at: datetime,
    answers: str = "",
    mentions: Sequence[str] = (),
    automatic: bool = False,
    files: Sequence[Media] = (),
) -> bytes:
    """The mail with CRLF. ValueError for an invalid address."""
    mail = EmailMessage(policy=POLICY)
    mail["From"] = Address(display_name=headers.words(clean(sender[0])), addr_spec=sender[1])
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = subject
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = f"<{message_id}>"
    if answers:
        mail["In-Reply-To"] = f"<{_bare(answers)}>"
    chain = [bare for one in (*mentions, answers) if (bare := _bare(one))]
    if chain := list(dict.fromkeys(reversed(chain)))[:REFERENCES]:
        mail["References"] = " ".join(f"<{one}>" for one in reversed(chain))
    if automatic:
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "OOF, AutoReply"
    words = clean(text).strip() + "\n"
    mail.set_content(words, cte="quoted-printable")
    mail.add_alternative(_PAGE.format(body=_paragraphs(words)), subtype="html", cte="quoted-printable")
    for file in files:
        if file.content is not None:
            kind, _, sub = (file.content_type or "application/octet-stream").partition("/")
            mail.add_attachment(
                file.content, maintype=kind, subtype=sub or "octet-stream", filename=headers.words(file.name)
            )
    return mail.as_bytes()


def _bare(message_id: str) -> str:
    return re.sub(r"[\s<>]", "", message_id)


def _paragraphs(text: str) -> str:
    blocks = [_linked(block).replace("\n", "<br>") for block in re.split(r"\n{2,}", text.strip())]
    return "".join(f"<p>{block}</p>" for block in blocks)


def _linked(text: str) -> str:
    out, at = [], 0
    for match in _LINK.finditer(text):
        link = html.escape(match[0])
        out += [html.escape(text[at : match.start()]), f'<a href="{link}">{link}</a>']
        at = match.end()
    return "".join([*out, html.escape(text[at:])])
