"""Where something that was said belongs: a table a case."""

from datetime import UTC, datetime, timedelta

import pytest

from caunoi.tickets.belonging import Candidate, Incoming, Sort, belongs, complains, quoted, substantial, thanks

NOW = datetime(2026, 8, 17, 8, 0, tzinfo=UTC)


def ticket(pk, state, days=1.0):
    return Candidate(id=pk, state=state, touched=NOW - timedelta(days=days))


WAITING, OPEN, OLDER = ticket(1, "waiting", 3), ticket(2, "working"), ticket(3, "accepted", 5)
ANSWERED, LONG_AGO, CLOSED = ticket(4, "answered"), ticket(5, "answered", 30), ticket(6, "closed")
REFUSED = ticket(7, "refused")
REPORT = "Đèn đường trước chợ hỏng ba hôm nay"


@pytest.mark.parametrize(
    ("text", "known", "sort", "to"),
    [
        # nothing open
        (REPORT, [], Sort.REPORT, None),
        ("den duong hu", [], Sort.REPORT, None),
        ("Cho em hỏi thủ tục làm căn cước", [], Sort.REPORT, None),
        ("Kính gửi tổng đài 1022. Ổ gà rất sâu ở ĐT741. Xin chân thành cảm ơn./.", [], Sort.REPORT, None),
        ("Xin chào", [], Sort.HOLD, None),
        ("alo 1022 ơi", [], Sort.HOLD, None),
        ("Cho em hỏi chút ạ", [], Sort.HOLD, None),
        ("👍", [], Sort.HOLD, None),
        ("", [], Sort.HOLD, None),
        ("0912 345 678", [], Sort.HOLD, None),
        ("Cảm ơn anh chị", [], Sort.HOLD, None),
        # asked
        ("Trước số nhà 12", [WAITING], Sort.REPLY, 1),
        ("không", [WAITING], Sort.REPLY, 1),
        ("0912 345 678", [WAITING], Sort.REPLY, 1),
        ("Chào anh", [WAITING], Sort.THANKS, 1),
        ("Trước số nhà 12", [OPEN, WAITING], Sort.REPLY, 1),
        # open
        ("Hôm nay lại thêm một bóng tắt", [OPEN], Sort.REMARK, 2),
        ("Sao lâu quá vậy, vẫn chưa ai xuống", [OPEN], Sort.REMARK, 2),
        ("Hôm nay lại thêm một bóng tắt", [OLDER, OPEN], Sort.REMARK, 2),
        ("cảm ơn", [OPEN], Sort.THANKS, 2),
        ("ok", [OPEN], Sort.THANKS, 2),
        # answered
        ("Cảm ơn, đèn sáng rồi", [ANSWERED], Sort.THANKS, 4),
        ("Cảm ơn nhưng vẫn chưa sửa", [ANSWERED], Sort.COMPLAINT, 4),
        ("Đèn lại tắt nữa rồi", [ANSWERED], Sort.COMPLAINT, 4),
        ("Không hài lòng", [ANSWERED], Sort.COMPLAINT, 4),
        ("Bên cạnh còn một cột nghiêng", [ANSWERED], Sort.REMARK, 4),
        ("Bên cạnh còn một cột nghiêng", [LONG_AGO], Sort.REPORT, None),
        ("Cảm ơn", [CLOSED], Sort.THANKS, 6),
        ("Vẫn chưa có ai sửa", [CLOSED], Sort.COMPLAINT, 6),
        (REPORT, [CLOSED], Sort.REPORT, None),
        ("Không đồng ý với lý do từ chối", [REFUSED], Sort.COMPLAINT, 7),
        # open before answered
        ("Đèn lại tắt nữa rồi", [ANSWERED, OPEN], Sort.REMARK, 2),
    ],
)
def test_what_is_said_belongs(text, known, sort, to):
    found = belongs(Incoming(text=text, at=NOW), known)
    assert (found.sort, found.ticket) == (sort, to)


def test_a_picture_or_a_place_alone_opens_nothing_but_adds_to_what_is_open():
    assert belongs(Incoming(text="", at=NOW, photos=True), []).sort is Sort.HOLD
    assert belongs(Incoming(text="", at=NOW, place=True), []).sort is Sort.HOLD
    assert belongs(Incoming(text="", at=NOW, photos=True), [OPEN]).sort is Sort.REMARK
    assert belongs(Incoming(text="", at=NOW, photos=True), [WAITING]).sort is Sort.REPLY


def test_what_is_answered_or_quoted_comes_before_what_is_open():
    answered = belongs(Incoming(text="Còn bên kia đường nữa", at=NOW, answers={3}), [OPEN, OLDER])
    assert answered.ticket == 3
    named = belongs(Incoming(text="Về phiếu 26-000001-3, đã có ai xem chưa", at=NOW, quotes={5}), [OPEN, LONG_AGO])
    assert named.ticket == 5


def test_a_stranger_who_quotes_a_code_gets_a_ticket_of_their_own_with_a_hint():
    found = belongs(Incoming(text="Phiếu 26-000001-3 nhà tôi cũng bị", at=NOW, foreign={9}), [])
    assert (found.sort, list(found.suggests)) == (Sort.REPORT, [(9, "quoted")])


def test_a_new_matter_soon_after_a_closed_one_names_it():
    assert list(belongs(Incoming(text=REPORT, at=NOW), [CLOSED]).suggests) == [(6, "earlier")]


def test_codes_are_found_with_and_without_hyphens_but_not_in_longer_numbers():
    assert quoted("Re: 26-000012-3 và 260000123") >= set()
    assert quoted("số 1234567890123") == set()


@pytest.mark.parametrize(
    "text", ["Vẫn chưa xong", "van chua sua", "ko ai giai quyet", "Trả lời qua loa", "đường lại ngập rồi"]
)
def test_complaints_are_heard_with_and_without_marks(text):
    assert complains(text) and not thanks(text)


@pytest.mark.parametrize("text", ["nhà tôi mất nước", "Nhà máy xả thải", "Cắt điện rồi", "rac thoi"])
def test_short_reports_have_substance(text):
    assert substantial(text)
