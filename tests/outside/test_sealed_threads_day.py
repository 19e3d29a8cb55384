"""A day on which somebody writes by SMS, calls and sends a mail, after which a stranger has got hold of a dump of the
database.

Proves: no table of the dump holds the number or the mail address; whoever writes again is in the thread of before, and
is answered there, also after `caunoi keys rotate` of index and identities, and while their hooks come twice at once;
the desk finds a thread by a whole number and a whole mail address"""

import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from exchange import Exchange
from stage import Person, Product, wait_until
from test_phone_day import extension
from test_sealed_calls_day import answered, dump, exchange, lan, listed, office, tables
from test_words_day import set_up

from tests.providers.dovecot import IMAP, PROGRAM, Dovecot
from tests.providers.sms import Sms
from tests.providers.smtpd import Post, serve

__all__ = ["exchange", "lan", "office"]
pytestmark = pytest.mark.long(minutes=7)
PATIENCE = 180
NUMBER, MAIL = "0912666431", "co.canarysen@dan.example"
MARKS = ("912666431", "canarysen")


@pytest.fixture(scope="module")
def doors(demo: Product, office: Person) -> Iterator[SimpleNamespace]:
    """A gateway for texts, and a mailbox, both set up."""
    if not PROGRAM or not IMAP.exists():
        pytest.skip("dovecot is not installed")
    sms, mailbox, post = Sms().start(), Dovecot().start(), Post()
    smtp = serve(post)
    demo.expect("inbox email is in trouble")  # when the day is over, its mail server goes first
    set_up(office, "sms", **sms.settings("vnpt"), **sms.secrets())
    set_up(office, "email", **mailbox.settings(smtp_port=smtp.port), **mailbox.secrets())
    yield SimpleNamespace(sms=sms, mailbox=mailbox, post=post, written=0)
    smtp.stop()
    mailbox.stop(signal.SIGKILL)
    sms.stop()


def threads(lan: Person, typed: str) -> list[str]:
    """The threads that the list finds, by their addresses."""
    page = lan.at(f"/desk/conversations/?q={typed}")
    hrefs = [link.get_attribute("href") or "" for link in page.locator("#thread-list a.item-link").all()]
    return sorted(href.partition("?")[0] for href in hrefs)


def heard(lan: Person, thread: str) -> int:
    """How many of their messages stand in a thread."""
    return lan.at(thread).locator(".message:not(.message-ours)").count()


def write(demo: Product, doors: SimpleNamespace) -> None:
    """They greet by SMS, whose hook comes twice at once, and by mail."""
    doors.written += 1
    told = {"from": "84" + NUMBER[1:], "id": f"mo-{doors.written}", "text": "Xin chào"}
    with ThreadPoolExecutor(2) as pool:
        for one in pool.map(lambda _: demo.ask("/hooks/sms/?secret=demo-sms-secret", told), range(2)):
            assert one.status == 200
    doors.mailbox.deliver(
        f"From: Cô Sen <{MAIL}>\r\nTo: {doors.mailbox.user}\r\nSubject: Xin chào\r\n"
        f"Message-ID: <{time.time()}@dan.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        "Xin chào\r\n".encode()
    )


def goes_on(demo: Product, doors: SimpleNamespace, lan: Person, known: dict[str, str]) -> None:
    """They write again, and it stands in the threads of before."""
    write(demo, doors)
    for typed, thread in known.items():
        wait_until(
            lambda thread=thread: heard(lan, thread) == doors.written,  # type: ignore[misc]
            PATIENCE,
            every=1,
            why=f"{doors.written} messages of {typed} in one thread",
        )
        assert threads(lan, typed) == [thread]


def nothing_lies(demo: Product) -> None:
    lying = dump(demo)
    assert "COPY public.conversations_conversation" in lying
    for mark in MARKS:
        assert tables(lying, mark) == set(), mark


@pytest.fixture(scope="module")
def known(demo: Product, doors: SimpleNamespace, exchange: Exchange, office: Person, lan: Person) -> dict[str, str]:
    """The threads of somebody who wrote by SMS and by mail, and called, by what was typed to find them."""
    write(demo, doors)
    answered(exchange, NUMBER, extension(office, "lan"))
    found = {}
    for typed in (NUMBER, MAIL):
        wait_until(lambda typed=typed: threads(lan, typed), PATIENCE, every=1, why=f"a thread of {typed}")  # type: ignore[misc]
        [found[typed]] = threads(lan, typed)
    assert len(set(found.values())) == 2
    wait_until(lambda: listed(lan, NUMBER), PATIENCE, every=1, why="the call stands in the log")
    return found


def test_a_thread_is_found_by_a_whole_number_and_a_whole_address(lan: Person, known: dict[str, str]) -> None:
    assert threads(lan, "0912 666 431") == threads(lan, "%2B84912666431") == [known[NUMBER]]
    assert threads(lan, NUMBER[:-1]) == threads(lan, MAIL[1:]) == []


def test_a_dump_shows_neither_the_number_nor_the_mail_address(demo: Product, known: dict[str, str]) -> None:
    nothing_lies(demo)


def test_whoever_writes_again_is_in_the_same_thread_and_answered_there(
    demo: Product, doors: SimpleNamespace, lan: Person, known: dict[str, str]
) -> None:
    goes_on(demo, doors, lan, known)
    for typed, words in ((NUMBER, "Dạ, cô cần việc gì ạ?"), (MAIL, "Dạ, mời cô viết rõ ạ.")):
        page = lan.at(known[typed])
        page.fill("form[action$='/say'] [name=say]", words)
        with page.expect_navigation():
            page.locator("form[action$='/say'] button").last.click()
    wait_until(lambda: any("viec gi" in one["text"] for one in doors.sms.sent), PATIENCE, why="the SMS goes out")
    assert {one["to"] for one in doors.sms.sent} == {"84" + NUMBER[1:]}

    def letters() -> list[str]:
        return [m.get_body(("plain",)).get_content() for m in doors.post.mails() if MAIL in str(m["To"])]

    wait_until(lambda: any("viết rõ" in words for words in letters()), PATIENCE, why="the mail goes out")
    nothing_lies(demo)


def test_keys_are_changed_and_they_are_in_the_same_threads(
    demo: Product, doors: SimpleNamespace, lan: Person, known: dict[str, str]
) -> None:
    for name in ("index", "identities", "index"):
        with ThreadPoolExecutor(1) as pool:
            done = pool.submit(demo.shell, "keys", "rotate", name, timeout=300)
            while not done.done():  # the row of one key beside the row of the other
                goes_on(demo, doors, lan, known)
                time.sleep(5)
        assert done.result().returncode == 0, done.result().stderr
        goes_on(demo, doors, lan, known)
    findings = [json.loads(line) for line in demo.shell("doctor", "--json").stdout.splitlines()]
    assert {one["check"]: one["state"] for one in findings}["vault"] == "ok"
    keys = [json.loads(line) for line in demo.shell("keys", "--json").stdout.splitlines()]
    assert all(one["rows"] == 0 for one in keys if one["key"] == "index" and not one["in_use"])
    nothing_lies(demo)
