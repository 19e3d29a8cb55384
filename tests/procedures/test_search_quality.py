"""The questions in questions.tsv: what they are, and how many are answered.

Proves: 808 questions, by kind of difficulty, last quarter held out (with marks 0.96 among the first three, 0.948 of
those nobody here had seen), Wilson intervals"""

from collections import Counter

import pytest

from bench.procedures import BARS, DATA, NOTHING, ask, documents, questions, share
from caunoi.lib.vietnamese.writing import fold, nfc
from caunoi.procedures.search.chat import in_full
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.synonyms import Phrases, built_in, words

QUESTIONS = questions()


def test_the_questions_are_enough_and_of_every_kind():
    kinds = Counter(question.kind for question in QUESTIONS)
    assert len(QUESTIONS) >= 400
    assert kinds["nothing"] >= 60
    assert {"plain", "sentence", "old", "teencode", "typo", "dialect", "nothing"} == set(kinds)
    assert 0.45 < sum(question.marks == "without marks" for question in QUESTIONS) / len(QUESTIONS) < 0.55
    assert sum(question.held for question in QUESTIONS) == len(QUESTIONS) // 4


def test_each_question_stands_once_and_has_codes_if_it_has_an_answer():
    texts = [fold(question.text) for question in QUESTIONS]
    assert len(set(texts)) == len(texts)
    assert all(bool(question.codes) == (question.kind != "nothing") for question in QUESTIONS)
    assert all(question.text == nfc(question.text) for question in QUESTIONS)


def test_a_share_stands_beside_its_interval():
    assert share(69, 77) == "0.896 (0.81–0.95)"
    assert share(10, 10) == "1.000 (0.72–1.00)"
    assert share(0, 0) == "–"


def test_shipped_synonyms_are_well_formed():
    rows = built_in()
    said = [row.word for row in rows]
    assert len(set(said)) == len(said) > 500
    assert all(row.readings() and len(row.word) <= 100 and len(row.meaning) <= 300 for row in rows)
    phrases = Phrases(rows)
    for row in rows:
        for said in row.word.split("/") if "+" not in row.word else ():
            typed = words(in_full(said))
            assert phrases.at(typed, 0, literal=True)[0] == len(typed), row.word
        if "+" in row.word:
            typed = words(in_full(" . ".join(part.split("/")[0] for part in row.word.split("+"))))
            assert phrases.apart(typed, literal=True), row.word


@pytest.mark.slow
@pytest.mark.skipif(not DATA.exists(), reason=f"the real procedures are not there: {DATA}")
def test_real_procedures_are_found_as_citizens_ask_for_them():
    """The tuned part, with the issue's bars; `make bench BENCH=procedures` tells the held part too."""
    engine = Engine(documents(), built_in())
    assert {code for question in QUESTIONS for code in question.codes} <= set(engine.index.numbers)
    result = ask(engine, (question for question in QUESTIONS if not question.held))
    for name, bar in BARS.items():
        assert result.scores[name].three >= bar * result.scores[name].asked
    assert result.precision >= NOTHING
    assert result.recall >= NOTHING
