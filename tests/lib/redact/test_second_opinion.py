"""The learnt second opinion on names: how it is kept, how quickly it answers, and that it only adds to the rules."""

import time

import pytest

from bench.redact import CASES, cases
from caunoi.lib.privacy import names, redact, tagger
from caunoi.lib.privacy.letter import Letter
from caunoi.lib.vietnamese.writing import shape

OPEN = sorted((CASES.parent / "hands/open").glob("*.jsonl"))
MILLISECONDS_A_LETTER = 5
MEGABYTE = 1_000_000


def test_the_model_is_small_and_its_file_says_the_same_again() -> None:
    data = tagger.FILE.read_bytes()
    assert len(data) < MEGABYTE
    model = tagger.Model.from_bytes(data)
    again = tagger.Model.from_bytes(model.to_bytes())
    assert again == model


@pytest.mark.parametrize("data", [b"", b"caunoi triage 1\nx", tagger.MAGIC + b"x", tagger.MAGIC])
def test_other_bytes_are_no_model(data: bytes) -> None:
    with pytest.raises(tagger.BadModelError):
        tagger.Model.from_bytes(data)


def test_each_word_has_as_many_features_as_there_are_tables() -> None:
    letter = Letter("Gặp chị Lan ở chợ", shape("Gặp chị Lan ở chợ"))
    assert len(tagger.Reading(letter).features(2)) == len(tagger.model().tables)


@pytest.mark.parametrize("text", ["", " ", "1", "…", "Lan", "a" * 5000])
def test_it_reads_whatever_is_written(text: str) -> None:
    assert all(0 <= one.start < one.end <= len(text) for one in tagger.find(text, shape(text)))


def test_what_the_rules_hide_stays_hidden_with_it() -> None:
    for path in OPEN:
        for case in cases(path):
            hidden = {at for span in redact.find(case.text) for at in range(span.start, span.end)}
            for one in names.find(case.text, shape(case.text)):
                assert hidden.issuperset(range(one.start, one.end))


def test_a_letter_is_read_in_a_few_milliseconds() -> None:
    texts = [case.text for path in OPEN for case in cases(path)]
    redact.find("Chị Lan")  # lists and model are read
    start = time.process_time()
    for text in texts:
        redact.find(text)
    assert (time.process_time() - start) * 1000 / len(texts) < MILLISECONDS_A_LETTER


@pytest.mark.parametrize(
    "text",
    [
        "Quán bún riêu Cô Tư mở lấn lề đường",
        "Thuốc bán ở chợ Bà Thức hết hạn",
        "quạt phòng chờ khoa Nhi kêu cọt kẹt",
        "tôi tên LÊ TÈO Kính gửi phường",
    ],
)
def test_things_streets_and_offices_are_left_to_the_rules(text: str) -> None:
    rules = {at for one in names.find(text, shape(text)) for at in range(one.start, one.end)}
    assert all(rules.issuperset(range(one.start, one.end)) for one in tagger.find(text, shape(text)))


@pytest.mark.parametrize(
    ("text", "public"),
    [
        ("toi ten le van hung o xa", "toi ten [person] o xa"),
        ("CHỒNG TÔI LÀ LÊ VĂN HÙNG, ĐI LÀM XA", "CHỒNG TÔI LÀ [person], ĐI LÀM XA"),
        ("KH Hạnh gọi báo mất điện", "KH [person] gọi báo mất điện"),
        ("Tiền chuyển cho TRAN THI BICH LIEN rồi", "Tiền chuyển cho [person] rồi"),
        ('gặp anh Hoàng "Cò" ở chợ', "gặp anh [person] ở chợ"),
    ],
)
def test_names_are_found_however_they_are_written(text: str, public: str) -> None:
    assert redact.public(text) == public


def test_a_name_that_was_found_is_hidden_wherever_it_stands_whatever_its_tone_mark_s_place() -> None:
    assert redact.public("Vợ tôi tên Bích Thủy, họ ghi nhầm thành Bích Thuỷ") == (
        "Vợ tôi tên [person], họ ghi nhầm thành [person]"
    )


def test_what_stands_before_a_digit_is_a_code() -> None:
    assert redact.public("sầu riêng Ri6 bị phun thuốc") == "sầu riêng Ri6 bị phun thuốc"
