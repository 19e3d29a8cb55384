"""An answer says that a machine helped when words of a draft are left in it, and only then.

Proves: machine-made words are known again however they were put in, and labelled wherever the citizen reads them"""

import json
from datetime import timedelta

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import override

from caunoi.answers import actions, assist, marks, queries
from caunoi.answers.assist import Kind
from caunoi.answers.erasure import erase
from caunoi.answers.label import label
from caunoi.answers.models import MachineDraft
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Outgoing
from caunoi.directory.actions import set_option
from caunoi.events.actor import NotAllowedError, citizen
from caunoi.events.queries import last
from caunoi.followers import letters as followers
from caunoi.lib.privacy.identity import Identity
from caunoi.procedures import actions as procedures
from caunoi.publication.queries import find
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter
from tests.procedures.records import lines, raw

SENTENCES = ["Anh/chị nộp tờ khai đăng ký kết hôn, 1 bản chính.", "Hồ sơ nộp tại Ủy ban nhân dân cấp xã nơi cư trú."]
KEY = b"k"


@pytest.mark.parametrize(
    ("text", "count", "whole"),
    [
        (" ".join(SENTENCES), 2, True),
        ("Kính gửi anh/chị. " + " ".join(SENTENCES) + " Trân trọng.", 2, True),
        (SENTENCES[0], 1, False),
        ("Anh nộp tờ khai đăng ký kết hôn, 1 bản chính nhé.", 1, False),
        ("Anh/chị ra phường hỏi giúp.", 0, False),
        ("", 0, False),
    ],
)
def test_sentences_are_known_again_by_half_of_their_words(text, count, whole):
    assert marks.left(text, marks.marks(SENTENCES, KEY), KEY) == (count, whole)


def test_a_mark_says_nothing_without_the_key():
    assert "kết hôn" not in str(marks.marks(SENTENCES, KEY))
    assert marks.left(SENTENCES[0], marks.marks(SENTENCES, KEY), b"another") == (0, False)


@pytest.fixture
def ticket(town):
    done = procedures.look(
        procedures.upload("a", lines(raw("1.000001", ten_thu_tuc="Thủ tục đăng ký kết hôn")), by=town.thu)
    )
    procedures.bring_in(done, by=town.thu)
    return tickets.take(
        Report(
            text="Đăng ký kết hôn cần giấy gì?", channel="counter", kind="question", once="1", category_id=town.lamps.pk
        ),
        by=town.lan,
    )


@pytest.fixture
def draft(ticket, town, settings):
    settings.ASSIST_URL = "http://assist.test/v1"
    content = '{"sentences": [{"text": "Anh/chị nộp tờ khai, 1 bản chính.", "cites": ["1.000001@1#papers.1.1"]}]}'
    answer = httpx.Response(200, json={"choices": [{"message": {"content": content}}]})
    client = httpx.Client(transport=httpx.MockTransport(lambda request: answer))
    return assist.draft(ticket, by=town.lan, client=client)


def fate():
    return MachineDraft.objects.get().fate


def test_an_answer_with_a_drafts_words_says_so_to_its_citizen(ticket, town, draft):
    row = actions.answer(ticket, f"{draft.text} (thủ tục 1.000001)", by=town.lan)
    with override("vi"):
        assert row.by_machine and "máy soạn giúp; cán bộ của Tổng đài 1022" in label(row)
    assert (fate(), queries.use(Kind.ANSWER_DRAFT, row.at - timedelta(days=1), row.at.replace(year=2100))) == (
        "taken",
        (1, 1, 0, 0),
    )
    assert list(queries.by_machine([ticket.pk])) == [ticket.pk]


def test_an_answer_of_ones_own_words_says_nothing(ticket, town, draft):
    row = actions.answer(ticket, "Anh ra phường hỏi giúp em.", by=town.lan)
    assert (row.by_machine, label(row), fate()) == (False, "", "left")


def test_what_is_undone_was_not_taken(ticket, town, draft):
    actions.answer(ticket, draft.text, by=town.lan)
    actions.take_back(ticket, last(ticket, "ticket.answer"))
    assert fate() == "left"


def test_a_confidential_ticket_and_a_helper_that_is_off_are_refused(ticket, town, settings):
    settings.ASSIST_URL = "http://assist.test/v1"
    ticket.restricted = True
    for ask in (lambda: assist.draft(ticket, by=town.lan), lambda: assist.summarise(ticket, [], by=town.lan)):
        with pytest.raises(NotAllowedError):
            ask()
    ticket.restricted = False
    set_option("helper_answer_draft", False, by=town.quan)
    assert not assist.offers(Kind.ANSWER_DRAFT, ticket, town.lan)
    assert assist.offers(Kind.SUMMARY, ticket, town.lan)
    assert not assist.offers(Kind.SUMMARY, ticket, town.minh)


def test_as_many_wait_as_may_and_the_next_one_hears_so(ticket, town, settings):
    settings.ASSIST_URL = "http://assist.test/v1"
    turns = [assist._turns.acquire(blocking=False) for _ in range(assist.AT_ONCE)]
    try:
        assert all(turns) and assist.draft(ticket, by=town.lan).refused == "busy"
    finally:
        for _ in turns:
            assist._turns.release()
    assert MachineDraft.objects.get().refused == "busy"
    assert not Outgoing.objects.exists()


NOTE = "Câu trả lời này có phần do máy soạn giúp; cán bộ của Tổng đài 1022 đã đọc, kiểm tra rồi mới gửi."


@pytest.mark.parametrize("helped", [True, False])
def test_it_is_said_wherever_a_citizen_reads_the_answer(town, work, helped):
    conversations.make_inbox("mails", "email", address="1022@demo.example", smtp_host="mail.example")
    reporter = Reporter(email="an@example.vn")
    report = Report(text="Đèn tắt ở hẻm 3", channel="web", once="a", category_id=town.lamps.pk, reporter=reporter)
    ticket = tickets.take(report, by=citizen())
    sentence = "Đơn vị quản lý đã thay bóng đèn trong sáng nay."
    if helped:
        known = marks.marks([sentence], assist._key())
        MachineDraft.objects.create(ticket=ticket, kind=Kind.ANSWER_DRAFT, at=now(), marks=known)
    actions.answer(ticket, sentence, by=town.lan, category=town.lamps)
    work()
    own = reverse("citizen:follow", args=[ticket.follow])
    public = [reverse("citizen:ticket", args=[ticket.code]), reverse("citizen:feed", args=["atom"])]
    pages = [own, *public, f"/open311/v2/requests/{ticket.code}.json", f"/api/v1/mine/{ticket.follow}"]
    for path in pages:
        answer = Client().get(path)
        assert answer.status_code == 200, path
        assert (NOTE in json_text(answer)) is helped, path
    mail = Outgoing.objects.get(template="ticket.answer")
    assert sentence in mail.text and (NOTE in mail.text) is helped
    event = last(ticket, "ticket.answer")
    assert (NOTE in followers.words(event, find(ticket.code))) is helped


def json_text(answer):
    text = answer.content.decode()
    return json.dumps(json.loads(text), ensure_ascii=False) if "json" in answer["Content-Type"] else text


def test_a_person_who_is_erased_leaves_no_marks(ticket, town, draft):
    assert MachineDraft.objects.get().marks != []
    erase([ticket.pk], Identity())
    assert MachineDraft.objects.get().marks == []
