"""Mails go out once, whole and safe, through a real SMTP server; what it refuses is tried again or not, as it means."""

import socket
from datetime import timedelta

import httpx
import pytest
import time_machine
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from caunoi.channels.base import Account, DeliveryError, Media, Outbound, UncertainDeliveryError
from caunoi.channels.mail import letter
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Contact, Conversation, Inbox, Outgoing
from caunoi.events.actor import SYSTEM
from tests.providers.smtpd import Post, serve

HTTP = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
US = "1022@tinh.example"
email = channel("email")


@pytest.fixture
def post():
    return Post()


@pytest.fixture
def running():
    servers = []

    def run(post, **more):
        servers.append(serve(post, **more))
        return servers[-1]

    yield run
    for server in servers:
        server.stop(no_assert=True)


@pytest.fixture
def account(post, running):
    return at(running(post).port)


def at(port, **config):
    config = {
        "address": US,
        "from_name": "Tổng đài 1022",
        "imap_user": US,
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_security": "plain",
        "smtp_user": "-",
        "timeout": 5,
    } | config
    return Account(name="mail", config=config, secrets={"password": "demo"}, http=HTTP)


def out(**values):
    return Outbound(**{"id": "notice:1", "to": "ba.tu@dan.example", "text": "Đèn đã sáng.\n\nCảm ơn bà."} | values)


def test_a_mail_says_who_to_whom_and_in_which_thread(account, post):
    sent = email.send(
        out(
            subject="Re: RE: Đèn tắt",
            answers="m2@dan.example",
            mentions=["m1@dan.example", "cn.x@y"],
            values={"code": "26-000123-3"},
        ),
        account,
    )
    (mail,), (envelope,) = post.mails(), post.taken
    assert (envelope.mail_from, envelope.rcpt_tos) == (US, ["ba.tu@dan.example"])
    assert mail["From"] == f"Tổng đài 1022 <{US}>" and mail["To"] == "ba.tu@dan.example"
    assert mail["Subject"] == "Re: [26-000123-3] Đèn tắt"
    assert mail["In-Reply-To"] == "<m2@dan.example>"
    assert mail["References"].split() == ["<m1@dan.example>", "<cn.x@y>", "<m2@dan.example>"]
    assert mail["Message-ID"] == f"<{sent.external_id}>" and sent.external_id.endswith("@tinh.example")
    assert mail["Date"] and mail["MIME-Version"] == "1.0" and mail["Auto-Submitted"] is None


def test_the_words_come_plain_and_as_small_html(account, post):
    email.send(out(text="Xem <b> tại https://1022.example/p/1?a=b&c=d.\nDòng hai\n\n.chấm đầu dòng"), account)
    (mail,) = post.mails()
    plain, rich = mail.iter_parts()
    assert (
        plain.get_content().replace("\r\n", "\n")
        == "Xem <b> tại https://1022.example/p/1?a=b&c=d.\nDòng hai\n\n.chấm đầu dòng\n"
    )
    html = rich.get_content().replace("\r\n", "")
    assert (
        '<a href="https://1022.example/p/1?a=b&amp;c=d">' in html and "&lt;b&gt;" in html and "<br>Dòng hai</p>" in html
    )
    assert "http" not in html.replace("https://1022.example", ""), "nothing is loaded from anywhere"


def test_a_notice_says_that_nobody_wrote_it(account, post):
    email.send(out(automatic=True), account)
    assert post.mails()[0]["Auto-Submitted"] == "auto-generated"


def test_the_id_is_the_same_in_every_try_and_not_to_be_guessed(account, post):
    for once in ("notice:1", "notice:1", "notice:2"):
        email.send(out(id=once), account)
    first, again, other = (mail["Message-ID"] for mail in post.mails())
    assert first == again != other
    assert letter.name("notice:1", "demo", US) == first.strip("<>") != letter.name("notice:1", "other", US)


def test_files_go_along(account, post):
    email.send(out(files=[Media(kind="image", name="ảnh.png", content=b"\x89PNG", content_type="image/png")]), account)
    part = post.mails()[0].get_content_subtype(), [p.get_filename() for p in post.mails()[0].iter_attachments()]
    assert part == ("mixed", ["ảnh.png"])


NASTY = st.text(st.characters(codec="utf-8"), max_size=80) | st.sampled_from(
    ["a\r\nBcc: evil@x.example", "x\n\n.\r\n", "\r", "\u2028Bcc: a@b", "=?utf-8?q?=0ABcc:_a=40b?=", "\x00\x85"]
)


@given(subject=NASTY, name=NASTY, text=NASTY, answers=NASTY, mention=NASTY, code=NASTY)
def test_nothing_in_the_words_becomes_a_header(subject, name, text, answers, mention, code):
    mail = letter.compose(
        message_id="m@x",
        sender=(name, US),
        to="ba.tu@dan.example",
        subject=letter.subject(subject, code, answer=True),
        text=text,
        at=now(),
        answers=answers,
        mentions=[mention],
    )
    head = mail.partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0] for line in head.split(b"\r\n") if line[:1] not in b" \t"]
    allowed = {
        b"From",
        b"To",
        b"Subject",
        b"Date",
        b"Message-ID",
        b"In-Reply-To",
        b"References",
        b"MIME-Version",
        b"Content-Type",
    }
    assert set(names) <= allowed and len(names) == len(set(names))
    assert max(map(len, mail.split(b"\r\n"))) <= 998 and mail.isascii()


@pytest.mark.parametrize("to", ["", "nobody", "a@b\r\nBcc: c@d", "a b@c.example", "a@b@c", "<script>@x"])
def test_what_is_no_address_is_refused_for_good(to, account, post):
    with pytest.raises(DeliveryError) as refused:
        email.send(out(to=to), account)
    assert not refused.value.retry and not post.taken


@pytest.mark.parametrize(
    ("step", "answer", "retry", "code"),
    [
        ("rcpt", "450 4.2.1 greylisted, come again", True, "450"),
        ("rcpt", "452 4.2.2 mailbox full", True, "452"),
        ("rcpt", "550 5.1.1 no such user", False, "550"),
        ("rcpt", "552 5.2.2 mailbox full", False, "552"),
        ("rcpt", "421 4.7.0 too many recipients, slow down", True, "limit"),
        ("rcpt", "450 4.7.1 rate limit", True, "limit"),
        ("data", "554 5.7.1 looks like spam", False, "554"),
        ("data", "451 4.3.0 no disk", True, "451"),
        ("mail", "550 5.7.1 not your address", True, "network"),
        ("mail", "451 4.7.1 later", True, "network"),
        ("mail", "552 5.3.4 too big", False, "552"),
        ("mail", "cut", True, "network"),
        ("rcpt", "cut", True, "network"),
    ],
)
def test_a_refusal_means_what_it_says(step, answer, retry, code, account, post):
    post.answers = {step: [answer]}
    with pytest.raises(DeliveryError) as refused:
        email.send(out(), account)
    assert (refused.value.retry, refused.value.code) == (retry, code)
    assert not isinstance(refused.value, UncertainDeliveryError) and not post.taken
    email.send(out(), account)
    assert len(post.taken) == 1


def test_a_connection_that_breaks_after_the_mail_leaves_it_unsure(account, post):
    post.answers = {"data": ["cut"]}
    with pytest.raises(UncertainDeliveryError):
        email.send(out(), account)
    assert len(post.taken) == 1


def test_a_mail_too_big_for_the_server_is_not_begun(post, running):
    with pytest.raises(DeliveryError) as refused:
        email.send(out(text="x" * 20_000), at(running(post, data_size_limit=10_000).port))
    assert not refused.value.retry and "too big" in str(refused.value)


@pytest.fixture
def pem(dovecot_server, tmp_path):
    both = tmp_path / "both.pem"
    both.write_text((dovecot_server.home / "key.pem").read_text() + dovecot_server.certificate)
    return both


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_line_is_encrypted_and_we_sign_in(security, post, running, pem, dovecot_server):
    server = running(post, user=US, password="demo", pem=pem, tls=security == "tls")
    email.send(out(), at(server.port, smtp_security=security, smtp_user="", certificate=dovecot_server.certificate))
    assert len(post.taken) == 1
    with pytest.raises(DeliveryError, match="certificate") as refused:
        email.send(out(), at(server.port, smtp_security=security, smtp_user=""))
    assert refused.value.retry and refused.value.code == "network"
    wrong = at(server.port, smtp_security=security, smtp_user="other@x.example", certificate=dovecot_server.certificate)
    with pytest.raises(DeliveryError, match="refuses the user name or password") as refused:
        email.send(out(), wrong)
    assert (refused.value.retry, refused.value.code, refused.value.wait) == (True, "token", 900)


def test_a_server_without_starttls_gets_no_password(post, running):
    with pytest.raises(DeliveryError, match="no STARTTLS") as refused:
        email.send(out(), at(running(post).port, smtp_security="starttls", smtp_user=US))
    assert refused.value.retry and not post.taken


def test_a_server_that_is_down_for_an_hour_gets_every_mail_once_when_it_is_back(db, post, running):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = dict(at(port).config)
    box = actions.make_inbox("mail", "email", secrets={"password": "demo"}, **config)
    start = now()
    with time_machine.travel(start, tick=False) as clock:
        for number in range(5):
            contact = Contact.objects.create(name=f"Demo {number}", email=f"dan{number}@dan.example")
            thread = Conversation.objects.create(inbox=box, contact=contact, address=contact.email)
            assert actions.say(thread, f"Xong {number}.", by=SYSTEM, once=f"notice:{number}")
        minutes = 0
        while minutes < 60:
            actions.dispatch(HTTP)
            clock.shift(timedelta(minutes=1))
            minutes += 1
        assert set(Outgoing.objects.values_list("state", flat=True)) == {"queued"}
        assert "cannot be reached" in Inbox.objects.get(name="mail").trouble
        server = running(post, port=port)
        assert server.port == port
        while Outgoing.objects.filter(state="queued").exists() and minutes < 240:
            actions.dispatch(HTTP)
            clock.shift(timedelta(minutes=1))
            minutes += 1
    assert sorted(one.rcpt_tos[0] for one in post.taken) == [f"dan{number}@dan.example" for number in range(5)]
    assert (
        set(Outgoing.objects.values_list("state", flat=True)) == {"sent"} and not Inbox.objects.get(name="mail").trouble
    )
    assert queries.undelivered(SYSTEM).count() == 0
