"""How alike reports are: by what they speak of, what they name, where and when; and what is no likeness.

Proves: of a set of reports each finds the one that tells of the same thing, whatever its words; another lane, another
matter or another week is less likely; a probability is between 0 and 1; the open hands that nobody taught are mostly
found"""

import json
import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from caunoi.lib.places.spots import spots
from caunoi.lib.vietnamese.writing import expand
from caunoi.triage import alike
from caunoi.triage.alike import Report, read
from caunoi.triage.concepts import concepts
from caunoi.triage.model import BadModelError
from tools.alike_report import is_taught, report

AT = datetime.fromisoformat("2026-11-24T18:00:00+07:00")
OPEN = Path(__file__).parent / "alike" / "open"


def p(one: Report, other: Report) -> float:
    (best,) = alike.among(read(one), [read(other)])
    return best.p


def heard(text: str, hours: float = 0, **more: object) -> Report:
    return Report(text=text, at=AT + timedelta(hours=hours), **more)  # type: ignore[arg-type]


OUTAGE = heard("Cúp điện cả hẻm 214 Phú Riềng Đỏ từ 6 giờ tối, nghe trạm biến áp nổ")


@pytest.mark.parametrize(
    "other",
    [
        "mất điện hẻm 214 Phú Riềng Đỏ, bình biến thế nổ",
        "mat dien hem 214 phu rieng do ad oi",
        "KH hẻm 214 đường PRĐ báo mất điện toàn khu",
    ],
)
def test_the_same_thing_in_other_words_is_likely(other: str) -> None:
    assert p(OUTAGE, heard(other, 0.5)) > 0.5


@pytest.mark.parametrize(
    ("other", "hours"),
    [
        ("Cúp điện cả hẻm 96 Lê Quý Đôn từ 6 giờ tối", 0.2),
        ("Hẻm 214 Phú Riềng Đỏ rác chất đống ba ngày chưa ai gom", 1),
        ("xin hỏi thủ tục cấp lại thẻ bảo hiểm y tế", 0),
    ],
)
def test_another_lane_or_another_matter_is_less_likely(other: str, hours: float) -> None:
    same = p(OUTAGE, heard("mất điện hẻm 214 Phú Riềng Đỏ, bình biến thế nổ", hours))
    assert p(OUTAGE, heard(other, hours)) < same


def test_an_outage_of_another_week_is_less_likely() -> None:
    words = "mất điện hẻm 214 Phú Riềng Đỏ"
    assert p(OUTAGE, heard(words, 24 * 9)) < p(OUTAGE, heard(words, 0.5))


def test_a_few_words_at_the_same_place_are_likelier_than_far_away() -> None:
    here = heard("mat dien het xom", lat=11.0, long=106.8)
    near = heard("cúp điện từ nãy tới giờ", 0.3, lat=11.0005, long=106.8003)
    far = heard("cúp điện từ nãy tới giờ", 0.3, lat=11.3, long=107.1)
    assert p(here, near) > p(here, far)


def test_likeness_is_mutual() -> None:
    one, other = read(OUTAGE), read(heard("mat dien hem 214", 2, lat=11.0, long=106.8))
    assert alike.signals(one, other) == pytest.approx(alike.signals(other, one))


def test_a_set_is_answered_in_its_order_three_at_most_best_first() -> None:
    reports = [OUTAGE, *(heard(f"đèn đường hẻm {n} tắt", n) for n in range(6)), heard("mất điện hẻm 214 Phú Riềng Đỏ")]
    answers = alike.of_set(reports)
    assert [len(one) for one in answers] == [3] * len(reports)
    assert answers[0][0].at == len(reports) - 1 and answers[-1][0].at == 0
    for at, row in enumerate(answers):
        assert at not in [one.at for one in row]
        assert [one.p for one in row] == sorted((one.p for one in row), reverse=True)
        assert all(0 <= one.p <= 1 for one in row)
    assert alike.of_set([OUTAGE]) == [[]] and alike.of_set([]) == []


def test_what_stands_out_is_likelier_than_one_of_many() -> None:
    scale = alike.scale()
    alone, among_many = (scale.best([(1.0, 0), *((rest, -at) for at in range(1, 4))], 3)[0].p for rest in (-6.0, 0.9))
    assert alone > among_many


@pytest.mark.parametrize("seed", range(5))
def test_the_better_one_is_never_the_less_likely(seed: int) -> None:
    dice = random.Random(seed)
    scores = sorted((dice.gauss(-2, 3) for _ in range(4)), reverse=True)
    ps = [one.p for one in alike.scale().best([(score, -at) for at, score in enumerate(scores)], 3)]
    assert len(ps) == 3 and ps == sorted(ps, reverse=True)


WIDEST = 127 * 12_000  # a weight of a rare word


@given(st.lists(st.tuples(*[st.integers(-WIDEST, WIDEST)] * 3), min_size=1, max_size=50))
@example([(-WIDEST,) * 3] * 1_000)
@example([(WIDEST,) * 3] * 1_000)
def test_packed_numbers_add_up_as_plain_ones(rows: list[tuple[int, ...]]) -> None:
    assert alike.total([alike.pack(row) for row in rows]) == [*map(sum, zip(*rows, strict=True))]


def test_nothing_and_very_much_are_read() -> None:
    for text in ("", "🙂", "a" * 50_000, "12 " * 5_000):
        assert 0 <= p(heard(text), OUTAGE) <= 1


def test_why_names_what_both_have() -> None:
    because = alike.reasons(read(OUTAGE), read(heard("trạm biến áp nổ ở hẻm 214", 2)))
    assert "214" in because.spots and because.hours == 2 and because.metres is None
    assert {"bien", "ap", "no"} & {*because.words}


def test_what_a_sentence_names() -> None:
    one = spots(expand("Hẻm 45/7 Võ Thị Sáu, kp3, ấp ba, đua xe đường 25B chợ Đổ"))
    assert ("lane", "47") in spots("hẻm bốn bảy").numbers and ("part", "15") in spots("cổng mười lăm").numbers
    assert {"cau thi", "thi vai"} <= spots("cau thi vai den tat").called
    assert {("lane", "45/7"), ("quarter", "3"), ("hamlet", "3"), ("route", "25b")} <= one.numbers
    assert {"vo thi", "thi sau", "cho do"} <= one.names
    assert "vts" in one.initials


def test_the_south_and_the_north_say_the_same() -> None:
    words = [[(w, w) for w in text.split()] for text in ("cup dien", "mat dien", "xe rac")]
    assert concepts(words[0]) == concepts(words[1]) != concepts(words[2])


def test_a_file_that_is_none_is_refused() -> None:
    with pytest.raises(BadModelError):
        alike.Scale.from_bytes(b"something else")


def test_others_are_looked_for_by_what_they_call_the_same_thing() -> None:
    assert "mat_dien" in alike.synonyms(read(heard("Cúp điện cả xóm")))
    assert "cup_dien" in alike.synonyms(read(heard("nhà tôi mất điện")))
    assert "mat_dien" not in alike.synonyms(read(heard("nhà tôi mất điện")))


def test_a_word_is_not_another_one_whose_marks_differ() -> None:
    market = read(heard("rác chợ tràn lan"))
    assert "chợ" in market.marked and "cho" not in market.words
    shared = {text: alike.signals(market, read(heard(text)))["words"] for text in ("họp chợ", "đàn chó", "hop cho")}
    assert shared["họp chợ"] > 0 == shared["đàn chó"] == shared["hop cho"]


@pytest.mark.long
@pytest.mark.parametrize("hand", ["AE", "AF", "K", "M", "Y"])
def test_of_what_nobody_taught_most_is_seen(hand: str) -> None:
    rows = [json.loads(line) for line in (OPEN / f"{hand}.jsonl").read_text("utf-8").splitlines()]
    answers = alike.of_set([report(row, chosen=True) for row in rows])
    events = [row["event"] for row in rows]
    asked = [at for at, row in enumerate(rows) if not is_taught(row) and events.count(row["event"]) > 1]
    seen = sum(any(events[one.at] == events[at] for one in answers[at]) for at in asked)
    assert seen / len(asked) > 0.85


def test_whoever_stands_alone_is_ahead_of_nobody() -> None:
    assert [lead for _score, _before, lead in alike.standings([-1.8, -2.0], 3)] == [0.0, 0.0]
    assert [lead for _score, _before, lead in alike.standings([9.0, 2.0, 1.0, 0.5], 3)] == [6.0, 1.5, 0.5]
