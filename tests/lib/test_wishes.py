import pytest

from caunoi.lib.messages.wishes import Wish, wish
from caunoi.lib.numbers.codes import make

CODE = make(2026, 123)


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (f"THEO DÕI {CODE}", Wish.FOLLOW),
        (f"theo doi phieu {CODE.replace('-', '')}", Wish.FOLLOW),
        (f"Tôi cũng gặp {CODE}.", Wish.JOIN),
        (f"cũng bị việc này {CODE}", Wish.JOIN),
        (f"THÔI {CODE}", Wish.STOP),
        (f"bỏ theo dõi {CODE}", Wish.STOP),
        (f"stop {CODE}", Wish.STOP),
    ],
)
def test_people_write_what_they_wish(text: str, what: Wish) -> None:
    assert wish(text) == (what, CODE)


@pytest.mark.parametrize(
    "text",
    [
        "theo dõi",
        f"Phiếu {CODE} sao lâu quá?",
        f"Theo dõi {CODE[:-1]}{(int(CODE[-1]) + 1) % 10}",
        f"Nhà tôi cũng gặp {CODE} và còn mất nước",
        "",
    ],
)
def test_anything_else_is_a_report_or_a_reply(text: str) -> None:
    assert wish(text) is None
