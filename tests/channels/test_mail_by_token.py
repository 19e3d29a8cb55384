"""Microsoft 365 takes a token instead of a password: fetched, shown, and fetched anew when it has run out."""

import json
import shutil
import signal
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from caunoi.channels.base import Account, DeliveryError, Outbound, TokenExpiredError
from caunoi.channels.mail import imap
from caunoi.channels.registry import channel
from caunoi.conversations import actions
from caunoi.conversations.models import Inbox, Receipt
from tests.channels.dovecot import Dovecot
from tests.providers.smtpd import Post, serve

email = channel("email")
NOW = datetime(2026, 11, 25, 3, tzinfo=UTC)


class Microsoft:
    """Gives tokens t1, t2 …; only the last one is good."""

    def __init__(self):
        self.asked, self.refuses = [], False
        self.http = httpx.Client(transport=httpx.MockTransport(self.answer))

    def answer(self, request):
        self.asked.append((str(request.url), dict(part.split("=") for part in request.content.decode().split("&"))))
        if self.refuses:
            return httpx.Response(
                401, json={"error": "invalid_client", "error_description": "AADSTS7000215: wrong secret"}
            )
        return httpx.Response(200, json={"access_token": f"t{len(self.asked)}", "expires_in": 3599})


@pytest.fixture
def microsoft():
    return Microsoft()


def set_up(**config):
    return actions.make_inbox(
        "mail",
        "email",
        secrets={"client_secret": "quiet"},
        sign_in="microsoft",
        tenant="demo-tenant",
        client_id="demo-app",
        address="1022@tinh.example",
        **config,
    )


def account(box, microsoft, token=""):
    secrets = {"client_secret": "quiet", "access_token": token}
    return Account(name="mail", config=box.config, secrets=secrets, http=microsoft.http)


def test_a_token_is_asked_for_by_the_organisations_own_application(db, microsoft):
    new = email.renew(account(set_up(), microsoft), NOW)
    assert new == {"access_token": "t1", "until": "2026-11-25T03:59:59+00:00"}
    ((url, form),) = microsoft.asked
    assert url == "https://login.microsoftonline.com/demo-tenant/oauth2/v2.0/token"
    assert (form["grant_type"], form["client_id"], form["client_secret"]) == ("client_credentials", "demo-app", "quiet")
    microsoft.refuses = True
    with pytest.raises(DeliveryError, match="AADSTS7000215") as refused:
        email.renew(account(set_up(), microsoft), NOW)
    assert refused.value.retry and "quiet" not in str(refused.value)


@pytest.fixture
def server(dovecot_server):
    """A dovecot that asks at an address whether a token is good."""
    good = []

    class Judge(BaseHTTPRequestHandler):
        def do_GET(self):
            fine = self.headers["Authorization"] == f"Bearer {good[-1]}" if good else False
            body = json.dumps({"active": "yes" if fine else "no", "upn": Dovecot.user}).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    judge = HTTPServer(("127.0.0.1", 0), Judge)
    threading.Thread(target=judge.serve_forever, daemon=True).start()
    dovecot = Dovecot(
        more=f"""
auth_mechanisms = plain login xoauth2
oauth2 {{
  introspection_mode = auth
  introspection_url = http://127.0.0.1:{judge.server_port}/
  username_attribute = upn
  active_attribute = active
  active_value = yes
}}
passdb oauth2 {{
  mechanisms_filter = xoauth2
}}
"""
    )
    dovecot.good = good
    try:
        yield dovecot.start()
    finally:
        dovecot.stop(signal.SIGKILL)
        shutil.rmtree(dovecot.home, ignore_errors=True)
        judge.shutdown()
        judge.server_close()


def test_a_mailbox_is_read_with_a_token_and_with_the_next_when_it_has_run_out(
    db, microsoft, server, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(imap, "BEAT", 0.02)
    box = set_up(
        imap_host="127.0.0.1", imap_port=server.port, imap_security="plain", imap_user=server.user, since="2020-01-01"
    )
    server.good.append("t1")
    for number in (1, 2):
        server.deliver(f"From: ba.tu@dan.example\r\nMessage-ID: <{number}@x>\r\n\r\nx\r\n".encode())
        actions.poll_inbox(box, microsoft.http, lambda number=number: Receipt.objects.count() == number)
        server.good.append(f"t{number + 1}")
    assert len(microsoft.asked) == 2
    row = Inbox.objects.get(channel="email")
    assert row.secrets["access_token"] == "t2" and row.until and not row.trouble
    server.good.append("another's")
    calls = iter(range(40))
    actions.poll_inbox(box, microsoft.http, lambda: next(calls, None) is None, sleep=lambda seconds: None)
    assert "refuses the token" in Inbox.objects.get(channel="email").trouble and len(microsoft.asked) < 10


def test_a_mail_is_sent_with_a_token(db, microsoft):
    post = Post()
    server = serve(post, tokens={"good"})
    try:
        box = set_up(smtp_host="127.0.0.1", smtp_port=server.port, smtp_security="plain", imap_user="1022@tinh.example")
        outbound = Outbound(id="1", to="ba.tu@dan.example", text="x")
        email.send(outbound, account(box, microsoft, "good"))
        for token in ("", "old"):
            with pytest.raises(TokenExpiredError):
                email.send(outbound, account(box, microsoft, token))
        assert len(post.taken) == 1
    finally:
        server.stop()
