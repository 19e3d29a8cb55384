"""What a reviewer hides and shows in a text."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.privacy.marking import Marked, carried, chosen, has, hiding, pieces, proposed, read
from caunoi.lib.privacy.spans import KINDS

TEXT = "Nhà anh Bảy Rô số 12/4 hẻm 3 hát karaoke, gọi 0912 345 678."
PIECES = ["anh Bảy Rô", "0912345678", " số nhà 12/3 ", "xe 93C-123.45", "đèn tắt ", "e\u0301", "😀", "\n", ". "]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=8).map("".join)
places = st.lists(
    st.tuples(st.integers(-3, 60), st.integers(-3, 60), st.sampled_from([*KINDS, "nonsense"])), max_size=6
)


def test_the_rules_propose_and_the_public_reads_kinds():
    assert proposed(TEXT).public == "Nhà anh [person] số [house_number] hẻm 3 hát karaoke, gọi [phone]."


def test_what_is_taken_back_is_shown_and_can_still_be_seen_as_a_proposal():
    marked = chosen(TEXT, [(s.start, s.end, s.kind) for s in proposed(TEXT).spans if s.kind != "phone"])
    assert "0912 345 678" in marked.public
    assert [(p.text, p.hidden) for p in pieces(marked) if p.kind == "phone"] == [("0912 345 678", False)]


def test_the_pieces_are_the_text_and_only_what_has_a_kind_is_hidden():
    shown = pieces(proposed("gọi 0912 345 678 nhé"))
    assert [(p.text, p.start, p.end, p.kind, p.hidden) for p in shown] == [
        ("gọi ", 0, 4, "", False),
        ("0912 345 678", 4, 16, "phone", True),
        (" nhé", 16, 20, "", False),
    ]


def test_whether_a_text_has_somebodys_data_of_some_kinds():
    assert has("gọi 0912 345 678", {"phone"}) and has("gọi 0912 345 678", {"person", "phone"})
    assert not has("gọi 0912 345 678", {"person"}) and not has("đèn tắt", KINDS)


def test_what_is_hidden_by_hand_is_hidden_everywhere_but_not_within_other_words():
    marked = hiding(chosen("Ba nói Ba là Bảy, ba mươi", []), "Ba", "person")
    assert marked.public == "[person] nói [person] là Bảy, [person] mươi"


def test_choices_are_carried_over_to_words_that_were_changed():
    own = chosen(TEXT, [(8, 14, "person")])  # the number of the house and the phone are shown on purpose
    changed = carried(own, "Tối qua nhà anh Bảy Rô số 12/4 hát, gọi 0912 345 678 hay 0987 654 321.")
    assert changed.public == "Tối qua nhà anh [person] số 12/4 hát, gọi 0912 345 678 hay [phone]."


@given(texts, places)
def test_whatever_is_chosen_the_pieces_are_the_text(text, chosen_places):
    marked = chosen(text, chosen_places)
    assert "".join(p.text for p in pieces(marked)) == unicodedata.normalize("NFC", text)
    assert [p.start for p in pieces(marked)] == sorted(p.start for p in pieces(marked))
    assert all(a.end <= b.start for a, b in zip(marked.spans, marked.spans[1:], strict=False))
    assert read(marked.plain()) == marked


@given(texts, places, texts)
def test_a_hidden_word_is_never_shown_by_an_edit(text, chosen_places, more):
    marked = chosen(text, chosen_places)
    edited = carried(marked, f"{marked.words} {more}")
    for span in marked.spans:
        whole = span.text.strip()
        before, after = marked.words[: span.start][-1:], marked.words[span.end : span.end + 1]
        if whole == span.text and not (before.isalnum() or after.isalnum() or "_" in before + after):
            places_ = range(span.start, span.end)
            hidden = {at for s in edited.spans for at in range(s.start, s.end)}
            assert hidden >= set(places_)


def test_nothing_hidden_means_the_words_as_they_are():
    assert Marked(words="Đèn tắt").public == "Đèn tắt"
