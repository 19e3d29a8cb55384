"""The search: a text in, the procedures that answer it out, with reasons; or that none does."""

from collections.abc import Callable, Iterable
from copy import copy
from dataclasses import replace

from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures.search.certainty import certainty, signs
from caunoi.procedures.search.choices import choices
from caunoi.procedures.search.document import Document
from caunoi.procedures.search.elsewhere import matters
from caunoi.procedures.search.fusion import fused
from caunoi.procedures.search.hits import Filter, Hit, Reason, SearchResult, reasons
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.meaning import Meaning
from caunoi.procedures.search.question import LONGEST, ParsedQuestion, read
from caunoi.procedures.search.ranking import (
    PAIR,
    SPECIAL_CASE,
    STORY_CANDIDATES,
    Judge,
    apart,
    best,
    likeness,
    scored,
    terms,
    usual,
)
from caunoi.procedures.search.spelling import Speller
from caunoi.procedures.search.synonyms import Phrases, SynonymEntry, words

NEAR = 30
"""How many of the nearest by meaning are merged in; for `NEAREST` of them it is a reason."""
NEAREST = 5
TAIL = 0.6
"""The share of the best score below which nothing is shown: nobody reads on."""
COMPLETIONS = 10
"""How many words a cut word may become."""
SURE, DOUBT = 0.9, 0.2
"""The chances below which one asks back which of the procedures is meant, and below which not even that."""
CLOSE = 0.97
"""The share of the best score from which the second may be meant as well: that too is asked, where people know it."""
LIKE = 0.85
"""The share of the best procedure's score from which it is said that another office may be meant."""
BEGUN = 1.5
"""The factor for a name that begins like the text while someone types."""


class Engine:
    """An index with its synonyms and its speller: all that a search needs. Never changed once it is built."""

    def __init__(
        self,
        documents: Iterable[Document] | Index,
        synonyms: Iterable[SynonymEntry],
        meaning: Callable[[Index], Meaning] | None = None,
    ) -> None:
        self.index = documents if isinstance(documents, Index) else Index(documents, matters())
        self.phrases = Phrases(synonyms)
        self.speller = Speller(self.index)
        self.meaning = meaning(self.index) if meaning and len(self.index) else None

    def with_synonyms(self, synonyms: Iterable[SynonymEntry]) -> "Engine":
        """A copy of the engine with other synonyms over the same index."""
        other = copy(self)
        other.phrases = Phrases(synonyms)
        return other

    def search(self, text: str, *, keep: Filter | None = None, limit: int = 10) -> SearchResult:
        """The procedures that answer a text, among those that `keep` accepts."""
        index = self.index
        question = read(text, self.phrases, self.speller)
        allowed = (lambda number: number in index.matters or keep(index.documents[number])) if keep else None
        weights = terms(index, question.units, literal=question.literal)
        scores = scored(index, weights)
        judge = Judge(index, question, weights)
        like = likeness(index, question)
        candidates = {*best(scores, allowed), *best(like, allowed, STORY_CANDIDATES)}
        likest = max(like, default=0.0) or 1.0
        judged = {number: judge(number, scores[number], like[number] / likest) for number in candidates}
        ranked = [(number, judged[number]) for number in apart(index, judged)]
        order = [number for number, _ in ranked if number not in index.matters]
        sure = certainty(signs(index, ranked, like)) if order else 0.0
        near: list[int] = []
        if self.meaning and question.literal and order:  # it reads words without marks badly
            near = self.meaning.nearest(question.gist, NEAR, lambda n: self._answers(n, keep))
            order = fused({"lexical": order, "meaning": near})
        coded = index.numbers.get(question.code)
        if coded is not None and self._answers(coded, keep):
            order = [coded, *(number for number in order if number != coded)]
            judged[coded] = sure = 1.0
        floor = TAIL * judged.get(order[0], 1.0) if order else 0.0
        order = [n for n in order if n in near[:NEAREST] or judged.get(n, 0.0) >= floor]
        hits = [self._hit(n, judged.get(n, 0.0), question, near=n in near[:NEAREST]) for n in order[:limit]]
        result = SearchResult(question=question, hits=tuple(hits), certainty=round(sure, 4))
        if coded is None:
            return self._doubt(result, [(n, judged.get(n, 0.0)) for n in order], ranked)
        return result

    def _doubt(
        self, result: SearchResult, answers: list[tuple[int, float]], ranked: list[tuple[int, float]]
    ) -> SearchResult:
        """The result with what another office may do, or with one question back, where there is doubt. `answers`: the
        numbers of procedures with their scores, `ranked`: with those of matters between them."""
        documents, matters_, best = self.index.documents, self.index.matters, answers[0][1] if answers else 0.0
        if not result.fits:
            matter = next((n for n, score in ranked if n in matters_ and score >= LIKE * best), None)
            if matter is not None:
                return replace(result, matter=documents[matter])
        doubt = result.certainty < SURE
        close = len(answers) > 1 and answers[1][1] >= CLOSE * best
        if result.certainty < DOUBT or not (doubt or close):
            return result
        return replace(result, choices=choices([(documents[n], score) for n, score in answers], names=doubt))

    def _answers(self, number: int, keep: Filter | None) -> bool:
        """Whether this is a procedure that `keep` accepts."""
        return number not in self.index.matters and (keep is None or keep(self.index.documents[number]))

    def _hit(self, number: int, score: float, question: ParsedQuestion, *, near: bool) -> Hit:
        document = self.index.documents[number]
        if document.code == question.code:
            why = [Reason(kind="code", typed=question.code)]
        else:
            why = list(reasons(self.index, number, question))
        if near:
            why.append(Reason(kind="meaning", typed=question.text))
        return _hit(document, score, why)

    def suggest(self, beginning: str, *, keep: Filter | None = None, limit: int = 8) -> tuple[Hit, ...]:
        """The procedures that an unfinished text may be about, its last word perhaps cut. Quick: no spelling, no
        certainty."""
        index, beginning = self.index, nfc(beginning[: 4 * LONGEST])[:LONGEST]
        typed = [plain for plain, _ in words(beginning)]
        if not typed:
            return ()
        weights = terms(index, read(beginning, self.phrases, self.speller, spell=False).units)
        if not beginning[-1].isspace():
            for word in index.completions(typed[-1], COMPLETIONS):
                for term, weight in ((word, 1.0), (" ".join([*typed[-2:-1], word]), PAIR)):
                    if term in index:
                        weights[term] = max(weight, weights.get(term, 0.0))
        scores = scored(index, weights)
        ranked = {}
        for number in best(scores, lambda n: self._answers(n, keep)):
            core = [plain for plain, _ in index.cores[number]]
            begun = BEGUN if " ".join(core).startswith(" ".join(typed)) else 1.0
            special = SPECIAL_CASE ** len(index.specials[number] - set(typed))
            ranked[number] = (
                scores[number] * usual(index.documents[number].levels) * special * begun / len(core) ** 0.15
            )
        top = max(ranked.values(), default=1.0)
        why = [Reason(kind="name", typed=" ".join(typed))]
        return tuple(_hit(index.documents[n], ranked[n] / top, why) for n in apart(index, ranked)[:limit])


def _hit(document: Document, score: float, why: list[Reason]) -> Hit:
    return Hit(code=document.code, name=document.name, version=document.version, score=round(score, 4), why=tuple(why))
