"""Mails of any ugliness are understood, or said to be unreadable; none takes long."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from caunoi.channels.base import Inbound, UnreadableError
from caunoi.channels.mail import opener, reading
from tests.channels import corpus
from tests.examples import examples

HEAD = b"From: a@dan.example\nSubject: x\n"
BIG = 5_000_000


@pytest.mark.parametrize("name", corpus.names())
def test_an_ugly_mail_means(name):
    assert corpus.read(name) == corpus.meant(name)


def test_the_corpus_is_large():
    assert len(corpus.names()) >= 100


def understood(data: bytes) -> list[Inbound]:
    """Nothing but Unreadable is raised, and what comes out can be stored and shown."""
    started = time.process_time()
    try:
        found = list(reading.read(corpus.RAW, data, corpus.ACCOUNT.config))
    except UnreadableError:
        found = []
    assert time.process_time() - started < 10, "seconds of CPU"
    for one in found:
        strings = (one.subject, one.text, one.quoted, one.name, one.sender, one.external_id, one.refers, *one.mentions)
        words = "".join(map(str, strings))
        assert "\0" not in words and words.encode("utf-8"), "PostgreSQL takes it"
        assert len(one.text) <= reading.TEXT and len(one.quoted) <= reading.TEXT and len(one.subject) <= 300
        assert len(one.external_id) <= 200 and len(one.sender) <= 254 and "@" in one.sender
        assert len(one.media) <= 60 and sum(media.content is not None for media in one.media) <= 10
    return found


LINES = st.sampled_from(
    [
        b"",
        b"--b",
        b"--b--",
        b"--c",
        b"> x",
        b"-- ",
        b"begin 644 x",
        b"end",
        b"MIME-Version: 1.0",
        b"Subject: =?utf-8?B?w?=",
        b"Content-Type: multipart/mixed; boundary=b",
        b'Content-Type: multipart/alternative; boundary="c"',
        b"Content-Type: multipart/related",
        b"Content-Type: message/rfc822",
        b"Content-Type: text/html; charset=utf-16",
        b"Content-Type: text/plain; charset=utf-7; format=flowed",
        b"Content-Type: text/calendar; method=REPLY",
        b"Content-Type: application/ms-tnef",
        b"Content-Type: application/pkcs7-mime",
        b"Content-Type: image/png; name*0*=x''%ff",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        b"Content-Type: message/delivery-status",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Transfer-Encoding: x-uuencode",
        b'Content-Disposition: attachment; filename="=?x?q?=FF?="',
        b"Content-ID: <a>",
        b'From: "x\\" <a@b.example>',
        b"From: <<>>@",
        b"Return-Path: <>",
        b"Date: Thu, 99 Foo 0000 25:61:61 +9999",
        b"In-Reply-To: <",
        b"References: <a@b> <>",
        b"Final-Recipient: rfc822;a@b.example",
        b"Action: failed",
        b"<blockquote type=cite><div hidden",
        b"&#9999999999;<a href='http://[",
        b"\x78\x9f\x3e\x22\x01\x00\x02\x05\x90\x06\x00\xff\xff\xff\x7f",
        b"\xff\xfe\x00\xd8",
        b"\xed\xa0\x80",
        b"\xcc\x80" * 40,
        b"30\x82\xff\xff",
        b"Message-ID: <cn." + b"a1" * 20 + b"@tinh.example>",
    ]
)


@given(st.binary(max_size=400))
@example(b"From: a@b\nContent-Type: text/html\n\n<")
def test_any_bytes_are_read_or_unreadable(data):
    understood(data)


@examples(400)
@given(st.lists(LINES | st.binary(max_size=30), max_size=40), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_any_mixture_of_odd_lines_is_read_or_unreadable(lines, end):
    understood(HEAD + end.join(lines))


@examples(60)
@given(st.sampled_from(corpus.names()), st.data())
def test_a_damaged_mail_is_read_or_unreadable(name, data):
    mail = bytearray(corpus.mail(name))
    for _ in range(data.draw(st.integers(1, 5))):
        if not mail:
            break
        at = data.draw(st.integers(0, len(mail) - 1))
        match data.draw(st.sampled_from(["change", "cut", "drop", "double"])):
            case "change":
                mail[at] = data.draw(st.integers(0, 255))
            case "cut":
                del mail[at:]
            case "drop":
                del mail[at : at + 20]
            case "double":
                mail[at:at] = mail[at : at + 200]
    understood(bytes(mail))


def filled(piece: bytes) -> bytes:
    return piece * (BIG // len(piece))


def nested(depth: int) -> bytes:
    return (
        b"".join(b"Content-Type: multipart/mixed; boundary=n%d\n\n--n%d\n" % (n, n) for n in range(depth))
        + b"Content-Type: text/plain\n\n"
    )


HTML = b"Content-Type: text/html\n\n"
LONG = {
    "quoted lines": HEAD + b"\n" + filled(b">\n"),
    "deeply quoted line": HEAD + b"\n" + filled(b"> "),
    "one line": HEAD + b"\n" + filled(b"x"),
    "introductions": HEAD + b"\n" + filled("Vào 2026 đã viết\n".encode()),
    "headers of Outlook": HEAD + b"\n" + filled("Từ: x\n".encode()),
    "signatures": HEAD + b"\n" + filled(b"-- \n"),
    "bars": HEAD + b"\n" + filled(b"-" * 999 + b"\n"),
    "spaces": HEAD + b"\n" + filled(b" "),
    "empty lines": HEAD + b"\n" + filled(b"\n"),
    "combining marks": HEAD + b"\n" + filled(b"\xcc\x80\xcc\xa3"),
    "flowed": HEAD + b"Content-Type: text/plain; format=flowed\n\n" + filled(b"> x \n"),
    "nested parts of short lines": HEAD + nested(500) + filled(b"\n"),
    "nested parts of boundaries": HEAD + nested(12) + filled(b"--n5\n"),
    "boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + filled(b"--b\n"),
    "almost boundaries": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n" + filled(b"--bb\n"),
    "a long boundary's line": HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b" + filled(b" "),
    "mails in mails": HEAD + b"Content-Type: message/rfc822\n\n" * 100_000,
    "a header": HEAD + b"X: " + filled(b"x ") + b"\n\n",
    "headers": HEAD + filled(b"Subject: x\n"),
    "a folded header": HEAD + b"Subject:" + filled(b" x\n"),
    "encoded words": HEAD + b"Subject: " + filled(b"=?utf-8?q?x?= ") + b"\n\n",
    "half encoded words": b"From: a@b.example\nSubject: " + filled(b"=?") + b"\n\n",
    "parameters": HEAD + b"Content-Type: text/plain; " + filled(b"a*1*=x; ") + b"\n\nx",
    "quotes in From": b"From: " + filled(b'"\\"') + b"<a@b.example>\n\nx",
    "addresses": b"From: " + filled(b"a@b.example, ") + b"\n\nx",
    "parentheses": b"From: a@b.example " + filled(b"(") + b"\n\nx",
    "references": HEAD + b"References: " + filled(b"<a@b> ") + b"\n\nx",
    "base64": HEAD + b"Content-Transfer-Encoding: base64\n\n" + filled(b"eHh4\n"),
    "quoted-printable": HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n" + filled(b"=3D=\n"),
    "html: open elements": HEAD + HTML + filled(b"<div>"),
    "html: hidden elements": HEAD + HTML + filled(b"<div hidden >"),
    "html: quotes": HEAD + HTML + filled(b"<blockquote type=cite>"),
    "html: ampersands": HEAD + HTML + filled(b"&"),
    "html: number": HEAD + HTML + b"&#" + filled(b"9") + b";",
    "html: angles": HEAD + HTML + filled(b"<"),
    "html: open tags": HEAD + HTML + filled(b"<a "),
    "html: open attributes": HEAD + HTML + filled(b'<a b="'),
    "html: attributes": HEAD + HTML + b"<a " + filled(b"b=c "),
    "html: comments": HEAD + HTML + filled(b"<!--"),
    "html: scripts": HEAD + HTML + filled(b"<script>"),
    "html: heads": HEAD + HTML + filled(b"<head>"),
    "html: links": HEAD + HTML + filled(b"<a href=http://x.example>a</a>"),
    "html: unmatched ends": HEAD + HTML + b"<a href=http://x.example>" + filled(b"<b></i>"),
    "html: cells": HEAD + HTML + filled(b"<td>x"),
    "html: pre": HEAD + HTML + b"<pre>" + filled(b"\n"),
    "calendar": HEAD + b"Content-Type: text/calendar\n\n" + filled(b"SUMMARY;"),
    "reports": HEAD
    + b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"
    + filled(b"Action: failed\n\n"),
    "octets": HEAD
    + b"Content-Type: application/pkcs7-mime\n\n"
    + bytes.fromhex("2a864886f70d0107022a864886f70d010701")
    + filled(b"\x24\x80"),
    "codes": HEAD + b"\n" + filled(b"26-000123-3 "),
    "addresses in a bounce": b"From: mailer-daemon@x.example\n\ncn." + b"a1" * 20 + b"@tinh.example " + filled(b"a@"),
}


@pytest.mark.parametrize("name", LONG)
def test_five_megabytes_of_it_do_not_take_long(name):
    understood(LONG[name])


def test_words_beyond_the_limit_are_cut_and_said_to_be():
    said = understood(HEAD + b"\n" + "ấ ".encode() * 30_000)[0]
    assert len(said.text) == reading.TEXT and said.text.endswith("…") and said.extra["cut"]


def test_whatever_a_library_raises_is_unreadable(monkeypatch):
    def fails(*_):
        raise RecursionError("deep")

    monkeypatch.setattr(reading, "parse", fails)
    reply = opener.answer(b'{"raw": {}, "config": {}}\nFrom: a@b\n\nx')
    assert reply == b"bRecursionError: deep"
    monkeypatch.setattr(opener._sandbox, "ask", lambda request: reply)
    with pytest.raises(UnreadableError, match="RecursionError: deep"):
        opener.read({}, b"From: a@b\n\nx", {})
