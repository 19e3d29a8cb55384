"""Mails are opened in programs that may fail without taking anything along."""

import os
import pickle
from pathlib import Path

import pytest

from caunoi.channels.base import Inbound, UnreadableError
from caunoi.channels.mail import opener, reading
from caunoi.host.sandbox import Sandbox

RAW, CONFIG = {"received": "2026-11-28T00:00:00+00:00"}, {"address": "1022@tinh.example"}
MAIL = (
    b"From: Ba <ba@dan.example>\r\nTo: 1022@tinh.example\r\nSubject: Den tat\r\nMessage-ID: <a@b>\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n"
    b"Den duong khong sang\r\n--x\r\nContent-Type: image/png; name=a.png\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    b"iVBORw0KGgo=\r\n--x--\r\n"
)


def test_a_mail_is_the_same_as_if_it_were_opened_here():
    opened = opener.read(RAW, MAIL, CONFIG)
    assert list(opened) == list(reading.read(RAW, MAIL, CONFIG))
    assert opened[0].text == "Den duong khong sang"
    process = opener._sandbox.all[-1].process
    assert f"Max address space         {opener.MEMORY}" in Path(f"/proc/{process.pid}/limits").read_text()
    with pytest.raises(UnreadableError, match="no headers"):
        opener.read(RAW, b"", CONFIG)


def test_it_knows_none_of_our_secrets():
    opener.read(RAW, MAIL, CONFIG)
    environ = Path(f"/proc/{opener._sandbox.all[-1].process.pid}/environ").read_bytes()
    assert not [
        part for part in environ.split(b"\0") if part.startswith((b"DATABASE", b"CAUNOI_SECRET", b"CAUNOI_MASTER"))
    ]


class Evil:
    def __reduce__(self):
        return os.system, ("true",)


@pytest.mark.parametrize("reply", [pickle.dumps([Evil()]), b"\x80\x04garbage", b""])
def test_a_program_that_was_taken_over_makes_nothing_run_here(reply, monkeypatch):
    monkeypatch.setattr(Sandbox, "ask", lambda *_args, **_more: opener.GOOD + reply)
    with pytest.raises(UnreadableError, match="cannot be opened"):
        opener.read(RAW, MAIL, CONFIG)


def test_whatever_breaks_inside_is_the_mails_own_trouble(monkeypatch):
    def broken(*_args):
        raise KeyError("x")

    monkeypatch.setattr(reading, "read", broken)
    assert opener.answer(b'{"raw": {}, "config": {}}\n' + MAIL).startswith(opener.BAD + b"KeyError")


def test_only_messages_come_back():
    assert all(isinstance(one, Inbound) for one in opener.read(RAW, MAIL, CONFIG))
