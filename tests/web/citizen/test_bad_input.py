"""What people and programs send by mistake or on purpose: a clear message, the right status, and nothing typed is
lost."""

import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localtime, now

from caunoi.directory.options import OPTIONS
from caunoi.tickets.models import Ticket


def said(answer: Any, status: int, *words: str) -> str:
    page = str(answer.content.decode())
    assert answer.status_code == status, page[:2000]
    for word in words:
        assert word in page
    return page


def test_an_empty_text_is_asked_for(someone: Any) -> None:
    page = said(
        someone.fill("what", text=" \n ", occurred="2025-05-06T07:08"), 422, "id_text_error", "một câu cũng được"
    )
    assert 'value="2025-05-06T07:08"' in page


@pytest.mark.parametrize("letter", ["a", "ế"])
def test_a_megabyte_of_text_comes_back_with_a_message(someone: Any, letter: str) -> None:
    page = said(someone.fill("what", text=letter * 1_000_000), 422, "1000000", str(OPTIONS["text_limit"].default))
    assert letter * 1_000_000 in page


def test_a_megabyte_of_text_typed_into_a_plain_form_too(someone: Any) -> None:
    body = "kind=report&text=" + "%E1%BA%BF" * 1_000_000  # 9 MB on the wire
    draft = someone.begin()
    answer = someone.post(f"{draft}/what", body, content_type="application/x-www-form-urlencoded")
    said(answer, 422, "ế" * 1_000_000)


def test_bytes_that_are_no_utf_8_do_not_break_the_page(someone: Any) -> None:
    draft = someone.begin()
    form = "application/x-www-form-urlencoded"
    answer = someone.post(f"{draft}/what", b"kind=report&text=%C4%91%E8n h\xe1\xbb\x8fng \xff\xfe", content_type=form)
    assert answer.status_code == 302
    assert "đ" in someone.get(f"{draft}/what").content.decode()
    parts = b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n\xff\xfe h\xe1\xbb\x8fng\r\n--x--\r\n'
    answer = someone.post(f"{draft}/what", parts, content_type="multipart/form-data; boundary=x")
    said(answer, 422, "hỏng")  # the kind lacks, the readable words are kept


def test_a_zero_byte_is_no_text(someone: Any) -> None:
    said(someone.fill("what", text="đèn\0hỏng"), 422, "id_text_error")
    someone.fill("what")
    assert someone.fill("where", address="chợ\0").status_code == 422


def test_letters_written_in_pieces_are_kept_whole(someone: Any) -> None:
    someone.report(
        what={"text": unicodedata.normalize("NFD", "Đường hỏng ở phường Tân Đồng")},
        where={"address": unicodedata.normalize("NFD", "Chợ Đồng Xoài")},
        you={"name": unicodedata.normalize("NFD", "Nguyễn Thị Demo")},
    )
    ticket = Ticket.objects.get()
    assert (ticket.text, ticket.address) == ("Đường hỏng ở phường Tân Đồng", "Chợ Đồng Xoài")
    assert ticket.contact.name == "Nguyễn Thị Demo"


def test_script_is_shown_and_not_run(someone: Any) -> None:
    script = "<script>alert(1)</script>"
    someone.report(what={"text": script}, where={"address": script}, you={"name": script})
    page = said(someone.get(f"/f/{Ticket.objects.get().follow}"), 200, "&lt;script&gt;alert(1)")
    assert script not in page


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({"lat": "21.03", "long": "105.85"}, "nằm ngoài"),
        ({"lat": "11.52"}, "cả vĩ độ và kinh độ"),
        ({"lat": "đâu đó", "long": "106.9"}, "11.5353"),
        ({"lat": "99", "long": "106.9"}, "11.5353"),
        ({"lat": "nan", "long": "inf"}, "11.5353"),
    ],
)
def test_a_place_that_cannot_be_is_asked_again(someone: Any, place: dict[str, str], words: str) -> None:
    someone.fill("what")
    page = said(someone.fill("where", address="Chợ Đồng Xoài", **place), 422, words, 'value="Chợ Đồng Xoài"')
    assert f'value="{place["lat"]}"' in page
    assert page.count(words) == 2  # above the form and at its field, once each


@pytest.mark.parametrize("number", ["12345", "không có", "0900000001x2y", "+1"])
def test_a_phone_number_that_is_none_is_asked_again(someone: Any, number: str) -> None:
    someone.fill("what")
    said(someone.fill("you", phone=number, name="Bà Demo"), 422, "0912 345 678", f'value="{number}"', 'value="Bà Demo"')


def test_what_has_not_happened_yet_is_asked_again(someone: Any) -> None:
    tomorrow = f"{localtime(now() + timedelta(days=1)):%Y-%m-%dT%H:%M}"
    said(someone.fill("what", text="Đèn hỏng", occurred=tomorrow), 422, "chưa tới", "Đèn hỏng</textarea>", tomorrow)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00", "hôm kia", "2025-02-31T10:00"])
def test_a_date_that_is_none_is_asked_again(someone: Any, moment: str) -> None:
    said(someone.fill("what", text="Đèn hỏng", occurred=moment), 422, "id_occurred_error", "Đèn hỏng</textarea>")


@pytest.mark.parametrize("field", ["kind", "category"])
def test_a_choice_that_is_not_offered_is_refused(someone: Any, field: str) -> None:
    said(someone.fill("what", text="Đèn hỏng", **{field: "nonsense"}), 422, f"id_{field}_error", "Đèn hỏng</textarea>")


@pytest.mark.parametrize(
    "path",
    [
        "/f/forged",
        "/f/%00",
        "/f/" + "x" * 500,
        "/report/%00/what",
        "/report/a/nowhere",
        "/p/%00",
        "/p/26-000001-1",
        "/nothing",
    ],
)
def test_a_forged_address_leads_nowhere(someone: Any, path: str) -> None:
    answer = someone.get(path)
    assert answer.status_code == 404
    assert 'href="/' in answer.content.decode()


@pytest.mark.parametrize("act", ["reply", "rate", "reopen", "close"])
def test_a_forged_link_can_do_nothing(someone: Any, act: str) -> None:
    someone.report()
    assert someone.post(f"/f/forged/{act}", {"text": "x", "grade": "good"}).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "before=²",
        "before=99999999999999999999",
        "before=-1",
        "category=%00&area=x&status=x",
        "q=" + "x" * 9000,
    ],
)
def test_a_forged_search_finds_nothing_and_breaks_nothing(someone: Any, query: str) -> None:
    assert someone.get(f"/register?{query}").status_code == 200
    assert someone.get(f"/points.json?{query}").status_code == 200


def test_a_file_in_the_place_of_words_is_no_words(someone: Any) -> None:
    answer = someone.fill("what", text=SimpleUploadedFile("x.txt", b"x"))
    said(answer, 422, "id_text_error")
