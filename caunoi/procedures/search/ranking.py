"""The order of the procedures that answer a question.

The index gives candidates by BM25F over words, pairs and marked words, and by how like a story is to what people tell
of each (`likeness`). The best are judged again: how much of the question they cover (`cover`), and how much of their
name was asked for (`share`): "đăng ký kết hôn" is not "đăng ký kết hôn lưu động". Weights were fitted on the first
three quarters of tests/procedures/questions.tsv.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from heapq import nlargest
from itertools import pairwise
from math import log

from caunoi.lib.vietnamese.writing import fold
from caunoi.procedures.search.index import Index, told_terms
from caunoi.procedures.search.question import ParsedQuestion, Unit
from caunoi.procedures.search.synonyms import Words

CANDIDATES, STORY_CANDIDATES = 40, 20
READ = 30_000
"""Postings that a search reads: what so many procedures have that it is left out parts none of them."""
PAIR = 1.4
"""What a pair of neighbouring words counts beside its words."""
MARKS = 0.2
"""What a word with its marks counts beside the folded one."""
FOLDED, EXACT = 0.7, 0.8
"""The same of someone who uses marks, and of a synonym's meaning: the word without its marks, and with them."""
OTHER = 0.6
"""How well a word of other marks (bò, bộ) knows the one that was meant (bố)."""
SPOKEN = 0.35
"""What a phrase's own words count where a synonym explains it."""
FULL = 190
"""The weight in a posting (of 255) from which a word counts as fully known to a procedure."""
SPECIAL_CASE = 0.93
"""What each special act or case in a name costs that nobody asked for: again, abroad, at the border …"""
SIBLING = 0.88
"""What a procedure loses each time one of the same name stands before it."""
MASS = 0.5
"""How much less a reading of many words says a word: by this power of their number."""
STORY_READ = 15_000
"""The same of how people tell of them."""
REPEATED = 2
"""How often a term of a question counts at most."""
SHORT = 6
"""Units up to which a question is too short to be told: its synonyms say what it means."""
STORY_PAIR, STORY_MARKS = 0.64, 0.25
"""What a pair and a word with marks count there beside a word."""
COVER, STRENGTH, NAME_SHARE, STORY_SHARE = 0.18, 0.28, 0.18, 0.36
"""The parts of the score: how much of what was said is known, BM25F, how much of the name was asked for, how like it is
to what people tell. The last was fitted by leaving out each of the hands V, Q, AA and AB (docs/search.md)."""
LEVELS = {"commune": 1.0, "province": 0.985, "ministry": 0.95, "other": 0.95}
"""Where a level was not named: what a citizen meets most comes first."""
ELSEWHERE, STRANGER, OTHER_AGE = 0.93, 0.97, 0.8
"""What another level than the named one costs, not being for the reader that was named, and being for another age."""


def terms(index: Index, units: Iterable[Unit], *, literal: bool = False) -> dict[str, float]:
    """Each of the index's terms that the units ask for, with how much it counts. `literal`: the writer uses marks."""
    result: dict[str, float] = {}

    def add(term: str, weight: float) -> None:
        if weight and term in index:
            result[term] = max(result.get(term, 0.0), weight)

    before: list[str] = []
    for unit in units:
        for reading in unit.readings:
            last = ""
            sure = literal or unit.synonym
            for plain, marked in reading:
                exact = "=" + marked if sure and marked != plain else ""
                add(plain, unit.weight * (FOLDED if exact else 1.0))
                if marked != plain:
                    add("=" + marked, unit.weight * (EXACT if sure else MARKS))
                for other in [last] if last else before:
                    add(f"{other} {plain}", PAIR * max(unit.weight, 0.5))
                last = plain
        spoken = [fold(word) for word in unit.typed.split()] if unit.synonym else []
        for word in spoken:
            add(word, unit.weight * SPOKEN)
        for one, other in pairwise(spoken):
            add(f"{one} {other}", PAIR * unit.weight)
        before = [] if unit.breaks else [reading[-1][0] for reading in unit.readings] + spoken[-1:]
    return result


def scored(index: Index, weights: Mapping[str, float]) -> list[float]:
    """The BM25F score of each procedure for weighted terms; of a long story's terms the rarest, up to READ postings."""
    return _added(index, {term: weight * index.rarity(term) / 255 for term, weight in weights.items()}, READ)


def _added(index: Index, factors: Mapping[str, float], left: int) -> list[float]:
    """The sum of each procedure's postings by these factors, the rarest terms first, up to so many postings."""
    scores = [0.0] * len(index)
    for term in sorted(factors, key=index.rarity, reverse=True):
        numbers, postings = index.postings(term)
        left -= len(numbers)
        if left < 0:
            break
        factor = factors[term]
        for number, posting in zip(numbers, postings):
            scores[number] += factor * posting
    return scores


def likeness(index: Index, question: ParsedQuestion) -> list[float]:
    """How like a question is to what people tell of each procedure, and a short one with what its synonyms mean. By the
    cosine, but for the lengths: a term counts by the square of its rarity."""
    counts = {t: min(n, REPEATED) for t, n in Counter(told_terms(question.typed)).items() if t in index}
    weights = {term: 1 + log(count) for term, count in counts.items()}
    units = sum(bool(unit.weight) for unit in question.units)
    for unit in question.units:
        explained = 1 + log(len(unit.typed.split()) or 1)
        for reading in unit.readings if unit.synonym and units <= SHORT else ():
            weights.update((term, explained) for term in told_terms(reading) if term in index and term not in weights)
    factors = {term: weight * _kind(term) * index.rarity(term) ** 2 for term, weight in weights.items()}
    return _added(index, factors, STORY_READ)


def _kind(term: str) -> float:
    """What a term of a story counts by its kind."""
    return STORY_PAIR if " " in term else STORY_MARKS if term[1] == "=" else 1.0


def best(scores: list[float], keep: Callable[[int], bool] | None = None, most: int = CANDIDATES) -> list[int]:
    """The `most` numbers with the highest positive scores, among those that `keep` accepts."""
    if keep is not None:
        scores = [score if score and keep(number) else 0.0 for number, score in enumerate(scores)]
    bar = nlargest(most, scores)[-1] if len(scores) > most else 0.0
    over = [number for number, score in enumerate(scores) if score > 0 and score >= bar]
    return sorted(over, key=scores.__getitem__, reverse=True)[:most]


class Judge:
    """Scores candidates; what does not depend on the candidate is computed once."""

    def __init__(self, index: Index, question: ParsedQuestion, weights: Mapping[str, float]) -> None:
        self.index, self.question = index, question
        units = [unit for unit in question.units if unit.weight]
        self.meant = meant(question)
        self.spans = [
            (plain, index.span(plain), [index.span(f"={form}") for form in forms])
            for plain, forms in self.meant.items()
        ]
        self.ideal = sum(weight * index.rarity(term) for term, weight in weights.items()) or 1.0
        self.units = [(unit.weight, [self._reading(reading) for reading in unit.readings]) for unit in units]

    def _reading(self, reading: Words) -> tuple[float, list[tuple[str, float]]]:
        """Its mass, and each word with its share of it."""
        rarities = [self.index.rarity(plain) for plain, _ in reading]
        total = sum(rarities) or 1.0
        return total / len(reading) ** MASS, [(plain, rarity / total) for (plain, _), rarity in zip(reading, rarities)]

    def __call__(self, number: int, strength: float, like: float) -> float:
        """The score of a procedure, 0 to 1; `strength` is its BM25F, `like` its likeness, against that of the
        likest."""
        index = self.index
        weights = {plain: self._knows(span, exact, number) for plain, span, exact in self.spans}
        covered = total = 0.0
        for weight, readings in self.units:
            cover, mass = max((sum(weights[plain] * part for plain, part in parts), mass) for mass, parts in readings)
            covered += weight * mass * cover
            total += weight * mass
        cover = covered / total if total else 0.0
        name_mass = 0.0
        for (plain, marked), rarity in zip(index.cores[number], index.core_rarities[number]):
            forms = self.meant.get(plain)
            if forms is not None:
                name_mass += rarity if not forms or marked in forms else rarity * OTHER
        share: float = (name_mass / index.masses[number]) ** 0.5
        score = COVER * cover + STRENGTH * min(1.0, strength / self.ideal) + NAME_SHARE * cover * share
        score += STORY_SHARE * like
        return score * self._fitting(number)

    def _knows(self, span: tuple[int, int], exact: list[tuple[int, int]], number: int) -> float:
        """How well a procedure knows a word, 0 to 1; `exact`: the same with the marks that are meant."""
        weighed = self.index.weighed
        degree = min(1.0, weighed(span, number) / FULL)
        if not exact or not degree or any(weighed(form, number) for form in exact):
            return degree
        return degree * OTHER

    def _fitting(self, number: int) -> float:
        document, question = self.index.documents[number], self.question
        if question.level:
            level = 1.0 if question.level in document.levels else ELSEWHERE
        else:
            level = usual(document.levels)
        reader = 1.0 if not question.reader or question.reader in document.audience else STRANGER
        youngest, oldest = self.index.ages[number]
        age = 1.0 if question.age is None or youngest <= question.age <= oldest else OTHER_AGE
        return float(level * reader * age * SPECIAL_CASE ** len(self.index.specials[number] - self.meant.keys()))


def meant(question: ParsedQuestion) -> dict[str, frozenset[str]]:
    """The folded words of the question, each with its marked forms; an empty set where marks are unreliable."""
    forms: dict[str, frozenset[str]] = {}
    for unit in question.units:
        for plain, marked in (word for reading in unit.readings for word in reading) if unit.weight else ():
            before = forms.get(plain)
            if before == frozenset() or not (question.literal or unit.synonym):
                forms[plain] = frozenset()
            else:
                forms[plain] = (before or frozenset()) | {marked}
    return forms


def usual(levels: tuple[str, ...]) -> float:
    """How usual it is for a citizen to be served at the nearest of these levels."""
    return max((LEVELS.get(name, LEVELS["other"]) for name in levels), default=LEVELS["other"])


def apart(index: Index, judged: Mapping[int, float]) -> list[int]:
    """Numbers, best first, but the same procedure at another level after other answers: the first three differ."""
    times: Counter[Words] = Counter()
    spread = []
    for number, score in sorted(judged.items(), key=lambda pair: (-pair[1], pair[0])):
        core = index.cores[number]
        spread.append((-score * SIBLING ** times[core], number))
        times[core] += 1
    return [number for _, number in sorted(spread)]
