"""What a message is read by."""

import pytest

from caunoi.triage.features import GROUPS, WORDS, features, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đèn đường hư", ["den", "duong", "hu"]),
        ("ko có nc 2 bữa nay", ["khong", "co", "nc", "0", "bua", "nay"]),
        ("ddenf dduwowngf taats", ["den", "duong", "tat"]),
        ("trời ơiiiii", ["troi", "oi"]),
        ("Kính gửi Tổng đài 1022.\nĐường ngập", ["duong", "ngap"]),
        ("", []),
    ],
)
def test_words_are_read_whatever_the_keyboard(text: str, folded: list[str]) -> None:
    assert [plain for plain, _typed in words(text)] == folded


def test_words_pairs_and_marks_are_groups_of_their_own() -> None:
    plain, pairs, marked, marked_pairs, rules, places = features("Đèn tắt")
    assert plain == {"den", "tat"} and pairs == {"den tat"}
    assert marked == {"=đèn", "=tắt"} and marked_pairs == {"=đèn tắt"}
    assert all(one[0] == "=" for one in rules) and not places and len(GROUPS) == 6


def test_unmarked_words_have_no_marks_to_read() -> None:
    assert features("den tat")[2:4] == (frozenset(), frozenset())


def test_a_rule_that_says_whom_to_call_is_read_too() -> None:
    assert "=danger 114" in features("cháy nhà rồi cứu với")[4]
    assert not any("danger" in one for one in features("bóng đèn cháy")[4])


def test_a_book_is_read_as_far_as_its_beginning() -> None:
    assert len(words("đường ngập " * 10_000)) == WORDS
