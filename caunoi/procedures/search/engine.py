"""The search: a text in, the procedures that answer it out, with reasons; or that none does."""

from collections.abc import Callable, Iterable
from copy import copy

from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures.search.certainty import Topics, certainty, signs
from caunoi.procedures.search.document import Document
from caunoi.procedures.search.fusion import fused
from caunoi.procedures.search.hits import Filter, Hit, Reason, SearchResult, reasons
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.meaning import Meaning
from caunoi.procedures.search.question import LONGEST, ParsedQuestion, read
from caunoi.procedures.search.ranking import PAIR, SPECIAL_CASE, Judge, apart, best, scored, terms, usual
from caunoi.procedures.search.spelling import Speller
from caunoi.procedures.search.synonyms import Phrases, SynonymEntry, words

NEAR = 30
"""How many of the nearest by meaning are merged in; for `NEAREST` of them it is a reason."""
NEAREST = 5
TAIL = 0.6
"""The share of the best score below which nothing is shown: nobody reads on."""
COMPLETIONS = 10
"""How many words a cut word may become."""
BEGUN = 1.5
"""The factor for a name that begins like the text while someone types."""


class Engine:
    """An index with its synonyms and its speller: all that a search needs. Never changed once it is built."""

    def __init__(
        self,
        documents: Iterable[Document],
        synonyms: Iterable[SynonymEntry],
        meaning: Callable[[Index], Meaning] | None = None,
    ) -> None:
        self.index = Index(documents)
        self.phrases = Phrases(synonyms)
        self.topics = Topics.built_in()
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
        allowed = (lambda number: keep(index.documents[number])) if keep else None
        weights = terms(index, question.units, literal=question.literal)
        scores = scored(index, weights)
        judge = Judge(index, question, weights)
        judged = {number: judge(number, scores[number]) for number in best(scores, allowed)}
        order = apart(index, judged)
        near: list[int] = []
        if self.meaning and question.literal and order:  # it reads words without marks badly
            near = self.meaning.nearest(question.gist, NEAR, allowed)
            order = fused({"lexical": order, "meaning": near})
        sure = certainty(signs(index, question, order[0], self.topics)) if order else 0.0
        coded = index.numbers.get(question.code)
        if coded is not None and (allowed is None or allowed(coded)):
            order = [coded, *(number for number in order if number != coded)]
            judged[coded] = sure = 1.0
        floor = TAIL * judged.get(order[0], 1.0) if order else 0.0
        order = [n for n in order if n in near[:NEAREST] or judged.get(n, 0.0) >= floor]
        hits = [self._hit(n, judged.get(n, 0.0), question, near=n in near[:NEAREST]) for n in order[:limit]]
        return SearchResult(question=question, hits=tuple(hits), certainty=round(sure, 4))

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
        for number in best(scores, (lambda n: keep(index.documents[n])) if keep else None):
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
