"""The way of a mail: from a citizen's letter to a ticket, the answer back, and what others make of it. Through a real
mailbox and a real SMTP server."""

import base64
import io

import httpx
import pytest
from PIL import Image

from caunoi.channels.mail import imap
from caunoi.conversations import actions
from caunoi.conversations.models import Conversation, Outgoing, Receipt
from caunoi.events.actor import SYSTEM
from caunoi.tickets.models import Photo, Suggestion, Ticket
from caunoi.vault import blind
from tests.channels.dovecot import PASSWORD
from tests.providers.smtpd import Post, serve

HTTP = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
US = "1022@tinh.example"
BOUNDARY = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n"


def letter(number, words, *, sender="Bà Tư (demo) <ba.tu@dan.example>", answers="", more=""):
    head = f"From: {sender}\nTo: {US}\nSubject: Đèn đường\nMessage-ID: <{number}@dan.example>\n{more}"
    head += f"In-Reply-To: <{answers}>\nReferences: <{answers}>\n" if answers else ""
    return f"{head}\n{words}\n".replace("\n", "\r\n").encode()


def with_photo(number, words):
    out = io.BytesIO()
    Image.new("RGB", (200, 100), "navy").save(out, "JPEG")
    photo = (
        f"--b\nContent-Type: image/jpeg; name=a.jpg\nContent-Transfer-Encoding: "
        f"base64\n\n{base64.encodebytes(out.getvalue()).decode()}"
    )
    return letter(number, f"--b\nContent-Type: text/plain; charset=utf-8\n\n{words}\n{photo}--b--", more=BOUNDARY)


@pytest.fixture
def post():
    post = Post()
    server = serve(post)
    post.port = server.port
    yield post
    server.stop()


def test_a_mail_becomes_a_ticket_and_its_answers_find_it(town, work, dovecot, post, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imap, "BEAT", 0.02)
    box = actions.make_inbox(
        "mailbox",
        "email",
        secrets={"password": PASSWORD},
        address=US,
        since="2020-01-01",
        imap_host="127.0.0.1",
        imap_port=dovecot.port,
        imap_security="plain",
        imap_user=dovecot.user,
        smtp_host="127.0.0.1",
        smtp_port=post.port,
        smtp_security="plain",
        smtp_user="-",
    )

    def arrives(mail):
        dovecot.deliver(mail)
        before = Receipt.objects.count()
        actions.poll_inbox(box, HTTP, lambda: Receipt.objects.count() > before)
        actions.read()
        for row in actions.claim_enclosures():
            actions.fetch(row, HTTP)
        work()

    arrives(with_photo(1, "Đèn đường trước nhà số 5 đường Hùng Vương tắt ba ngày nay."))
    ticket = Ticket.objects.get()
    assert ticket.channel == "email" and ticket.text.startswith("Đèn đường trước nhà số 5")
    assert Photo.objects.filter(ticket=ticket).count() == 1

    thread = Conversation.objects.get(blind.equal(Conversation, "address", "ba.tu@dan.example"))
    actions.dispatch(HTTP)
    post.taken.clear()
    actions.say(thread, f"Đội điện đang sửa, mã {ticket.code}.", by=SYSTEM, once="story:1")
    actions.dispatch(HTTP)
    (ours,) = post.mails()
    assert ours["In-Reply-To"] == "<1@dan.example>" and ours["To"] == "ba.tu@dan.example"
    name = ours["Message-ID"].strip("<>")

    arrives(
        letter(
            2,
            "Vẫn chưa sáng ạ, đèn số 7 cũng tắt.\n\nVào Th 3, 24 thg 11, 2026, 1022 <1022@tinh.example> đã viết:\n> cũ",
            answers=name,
        )
    )
    assert Ticket.objects.count() == 1 and thread.messages.filter(inbound=True).count() == 2
    assert thread.messages.order_by("-id").first().text == "Vẫn chưa sáng ạ, đèn số 7 cũng tắt."

    arrives(letter(3, "Tôi nghỉ đến thứ Hai.", answers=name, more="Auto-Submitted: auto-replied\n"))
    assert Ticket.objects.count() == 1 and thread.messages.filter(inbound=True).count() == 2

    stranger = "Người khác (demo) <khac@xa.example>"
    arrives(letter(4, f"Nhà tôi ở ngõ 9 cũng tối như phiếu {ticket.code}, đề nghị sửa.", sender=stranger, answers=name))
    other = Ticket.objects.exclude(pk=ticket.pk).get()
    assert other.conversation.address == "khac@xa.example"
    assert list(Suggestion.objects.filter(ticket=other).values_list("other", flat=True)) == [ticket.pk]

    report = (
        "--b\nContent-Type: message/delivery-status\n\n"
        "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ba.tu@dan.example\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user\n\n"
        f"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{name}>\n\n--b--"
    )
    more = "Return-Path: <>\n" + BOUNDARY.replace("mixed", "report")
    arrives(letter(5, report, sender="MAILER-DAEMON@x.example", more=more))
    row = Outgoing.objects.get(external_id=name)
    assert (row.state, row.trouble) == ("failed", "smtp; 550 no such user")
    assert Ticket.objects.count() == 2
