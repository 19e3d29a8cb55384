import pytest

from caunoi.lib.vietnamese.keystrokes import unmarked


@pytest.mark.parametrize(
    ("keys", "meant"),
    [
        ("ddawng", "dang"),
        ("kys", "ky"),
        ("keets", "ket"),
        ("hoon", "hon"),
        ("d9a8ng", "dang"),
        ("giaays", "giay"),
        ("tuwr", "tu"),
    ],
)
def test_keys_that_no_input_method_turned_into_marks_are_read(keys, meant):
    assert unmarked(keys) == meant


@pytest.mark.parametrize("word", ["dang", "đăng", "1022", "", "xyz", "km"])
def test_words_that_are_no_keystrokes_are_left(word):
    assert unmarked(word) is None
