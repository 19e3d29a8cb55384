"""An inverted index with precomputed BM25F weights of each word in each procedure.

Postings lie in flat arrays, so that ten thousand procedures take some tens of megabytes in each process. Terms are
folded words (`ket`), folded pairs (`ket hon`) and, for the texts that name a procedure, words with marks (`=kết`).
Behind STORY_MARK stand the same once more of how people tell of it alone, as long texts count against short ones there.
"""

import json
import re
import struct
import zlib
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from math import log, log1p
from typing import Any

from caunoi.lib.vietnamese.writing import fold, norm, tokens
from caunoi.procedures.search.document import Document, is_matter
from caunoi.procedures.search.synonyms import Words

K1 = 1.2
WEIGHTS = {
    "core": 7.0,
    "tale": 6.0,
    "former": 5.0,
    "keywords": 3.0,
    "field": 1.6,
    "results": 1.0,
    "papers": 0.4,
    "conditions": 0.5,
    "steps": 0.5,
}
"""How much a word counts, by text."""
LONG = {"core": 0.2, "tale": 0.1}
"""How much length counts against a text, 0 to 1 (b of BM25); 0.5 for texts not named here."""
LENGTHS = {
    "core": 16,
    "tale": 40,
    "former": 16,
    "keywords": 16,
    "field": 5,
    "results": 16,
    "papers": 150,
    "conditions": 80,
    "steps": 400,
}
"""Usual lengths in words; a longer text counts less a word."""
NOTABLE = 100
"""The weight (of 255) from which a pair in only one procedure, or a posting of a common term, is worth reading."""
COMMON = 0.03
"""The share of all procedures from which only a term's heavy postings are read."""
HEADS = frozenset({"core", "tale", "former", "keywords", "field", "results"})
"""The short texts that say what a procedure is: only they get pairs of marks."""
COVERED = 0.7
"""The share of the neighbours in a matter's subject that are neighbours in a procedure's name where it is that matter:
a long name has any words, but not beside each other."""
STEPS_READ = 400
"""Words of the steps that are read: the subject comes at the beginning."""
STORY_MARK = "~"
"""The beginning of a term of how people tell of a procedure."""
STORY = 0.5
"""What a word of somebody's whole story counts there beside one of how people tell of it: stories have much else."""
BREADTH = 0.35
"""By which power of its different terms what is told counts less a term."""

_CLAUSE = re.compile("[.,]")
_folded = lru_cache(100_000)(fold)


class Index:
    """Built once from documents, then only read (threads may share it). `documents` are kept without their texts;
    `matters` are what other offices do (elsewhere.py), beside them as far as no name covers them."""

    def __init__(self, documents: Iterable[Document], matters: Iterable[Document] = ()) -> None:
        self.documents: list[Document] = []
        self.cores: list[Words] = []
        shared: dict[tuple[str, str], tuple[str, str]] = {}
        postings: dict[str, tuple[array[int], bytearray]] = {}
        tale_words: set[str] = set()
        tale_pairs: set[str] = set()
        for number, document in enumerate(self._beside(documents, matters)):
            self.documents.append(document.bare())
            core = [(_folded(word), norm(word)) for word in tokens(document.core())]
            self.cores.append(tuple(shared.setdefault(word, word) for word in core))
            for clause in (*_CLAUSE.split(document.tale), *(old.name for old in document.former)):
                spoken = [_folded(word) for word in tokens(clause)]
                tale_words.update(spoken)
                tale_pairs.update(f"{one} {other}" for one, other in pairwise(spoken))
            weights = {term: weight / (K1 + weight) for term, weight in _weights(document).items()}
            for term, share in (weights | _of_tales(document)).items():
                entry = postings.get(term)
                if entry is None:
                    entry = postings[term] = (array("I"), bytearray())
                entry[0].append(number)
                entry[1].append(min(255, max(1, round(255 * share))))
        self.tale_words, self.tale_pairs = frozenset(tale_words), frozenset(tale_pairs)
        self._lay(postings)
        _folded.cache_clear()  # tens of thousands of words, not needed again
        self._derive()

    def _beside(self, documents: Iterable[Document], matters: Iterable[Document]) -> Iterator[Document]:
        """The documents, then the matters that no name covers."""
        names = []
        for document in documents:
            names.append(_pairs(document.core()))
            yield document
        for matter in matters:
            subject = _pairs(matter.name)
            if not any(len(subject & name) >= COVERED * len(subject) for name in names):
                yield matter

    def _derive(self) -> None:
        """What follows from the documents, their names and the postings."""
        self.numbers = {document.code: number for number, document in enumerate(self.documents)}
        self.ages = [document.ages() for document in self.documents]
        self.specials = [_specials(core) for core in self.cores]
        self.matters = frozenset(n for n, document in enumerate(self.documents) if is_matter(document))
        names = [core for number, core in enumerate(self.cores) if number not in self.matters]
        self.core_pairs = frozenset(f"{one} {other}" for core in names for (one, _), (other, _) in pairwise(core))
        self.pairs = self.core_pairs | self.tale_pairs
        self.head_words = frozenset(word for core in names for word, _ in core)
        n = len(self.documents)
        counts = (after - before for before, after in pairwise(self._starts))
        self._rarities = array("f", (log(1 + (n - df + 0.5) / (df + 0.5)) for df in counts))
        self._rarest = log(1 + (n + 0.5) / 0.5)
        self.core_rarities = [array("f", (self.rarity(word) for word, _ in core)) for core in self.cores]
        self.masses = array("f", (sum(rarities) or 1.0 for rarities in self.core_rarities))
        self._short: dict[str, tuple[array[int], bytes]] = {}
        common = (term for term in self._ids if term[0] != STORY_MARK and self.count(term) > COMMON * len(self))
        self._short = {term: self._weighty(term) for term in common}
        self._sorted = sorted(term for term in self._ids if " " not in term and term[0] not in f"={STORY_MARK}")

    def _lay(self, postings: dict[str, tuple[array[int], bytearray]]) -> None:
        """One array instead of one a term. A light pair in only one procedure is dropped: it finds nothing new."""
        self._ids: dict[str, int] = {}
        self._starts = array("I", [0])
        self._docs = array("H" if len(self.documents) < 2**16 else "I")
        weights = bytearray()
        while postings:
            term, (docs, term_weights) = postings.popitem()
            if len(docs) == 1 and " " in term and term[0] != STORY_MARK and term_weights[0] < NOTABLE:
                continue
            self._ids[term] = len(self._ids)
            self._docs.extend(docs if self._docs.typecode == "I" else array("H", docs))
            weights += term_weights
            self._starts.append(len(self._docs))
        self._weights = bytes(weights)

    def packed(self) -> bytes:
        """The index for another process: `unpacked` makes the same of it in a hundredth of the time that building
        takes. Nothing in it is code."""
        words = list(dict.fromkeys(word for core in self.cores for word in core))
        places = {word: at for at, word in enumerate(words)}
        head = {
            "documents": [document.values() for document in self.documents],
            "words": words,
            "cores": [[places[word] for word in core] for core in self.cores],
            "terms": list(self._ids),
            "tale_words": sorted(self.tale_words),
            "tale_pairs": sorted(self.tale_pairs),
            "docs": self._docs.typecode,
        }
        parts = [json.dumps(head).encode(), self._starts.tobytes(), self._docs.tobytes(), self._weights]
        packed = [zlib.compress(part, 1) for part in parts]
        return _LENGTHS.pack(*map(len, packed)) + b"".join(packed)

    @classmethod
    def unpacked(cls, data: bytes) -> "Index":
        """The index that was `packed` by the same release on a machine of the same byte order. ValueError for anything
        else."""
        index = cls.__new__(cls)
        try:
            head, starts, docs, index._weights = _parts(data)
            index._lift(json.loads(head))
        except (struct.error, zlib.error, KeyError, TypeError) as error:
            raise ValueError("no index") from error
        index._starts.frombytes(starts)
        index._docs.frombytes(docs)
        index._derive()
        return index

    def _lift(self, head: Mapping[str, Any]) -> None:
        """What `packed` wrote as JSON."""
        words = [(plain, marked) for plain, marked in head["words"]]
        self.documents = [Document.of(values) for values in head["documents"]]
        self.cores = [tuple(words[place] for place in core) for core in head["cores"]]
        self.tale_words, self.tale_pairs = frozenset(head["tale_words"]), frozenset(head["tale_pairs"])
        self._ids = {term: at for at, term in enumerate(head["terms"])}
        self._starts, self._docs = array("I"), array(head["docs"])

    def _weighty(self, term: str) -> tuple[array[int], bytes]:
        docs, weights = self.postings(term)
        places = [at for at, weight in enumerate(weights) if weight >= NOTABLE]
        return array(docs.typecode, (docs[at] for at in places)), bytes(weights[at] for at in places)

    def __len__(self) -> int:
        return len(self.documents)

    def __contains__(self, term: str) -> bool:
        return term in self._ids

    def count(self, term: str) -> int:
        """The number of procedures with the term."""
        at = self._ids.get(term)
        return 0 if at is None else self._starts[at + 1] - self._starts[at]

    def rarity(self, term: str) -> float:
        """The term's idf; an unknown term is the rarest."""
        at = self._ids.get(term)
        return self._rarest if at is None else self._rarities[at]

    def postings(self, term: str) -> tuple[array[int], bytes]:
        """The procedures with the term and its weight in each, 1 to 255; of a common term only the heavy ones."""
        if term in self._short:
            return self._short[term]
        at = self._ids.get(term)
        if at is None:
            return self._docs[:0], b""
        start, end = self._starts[at], self._starts[at + 1]
        return self._docs[start:end], self._weights[start:end]

    def weight(self, term: str, number: int) -> int:
        """The term's weight in one procedure, 0 to 255."""
        return self.weighed(self.span(term), number)

    def span(self, term: str) -> tuple[int, int]:
        """The range of the term's postings, for looking up many procedures."""
        at = self._ids.get(term)
        return (0, 0) if at is None else (self._starts[at], self._starts[at + 1])

    def weighed(self, span: tuple[int, int], number: int) -> int:
        """The weight in one procedure of the term with these postings."""
        start, end = span
        place = bisect_left(self._docs, number, start, end)
        return self._weights[place] if place < end and self._docs[place] == number else 0

    def completions(self, beginning: str, limit: int = 12) -> list[str]:
        """The commonest words with this beginning."""
        start = bisect_left(self._sorted, beginning)
        end = bisect_left(self._sorted, beginning + "\uffff", start)
        return sorted(self._sorted[start:end], key=self.count, reverse=True)[:limit]


def _pairs(text: str) -> set[str]:
    return {f"{one} {other}" for one, other in pairwise(map(_folded, tokens(text)))}


_LENGTHS = struct.Struct("<4Q")
"""How long each of the four parts of a packed index is."""


def _parts(data: bytes) -> Iterator[bytes]:
    at = _LENGTHS.size
    for length in _LENGTHS.unpack_from(data):
        yield zlib.decompress(data[at : at + length])
        at += length


SPECIAL = {
    "lại": "lai",
    "đổi": "doi",
    "hồi": "hoi",
    "hạn": "han",
    "hủy": "huy",
    "huỷ": "huy",
    "xóa": "xoa",
    "xoá": "xoa",
    "mất": "mat",
    "dứt": "dut",
    "chỉnh": "chinh",
    "sửa": "sua",
    "lưu": "luu",
    "ngoài": "ngoai",
    "biên": "bien",
    "rút": "rut",
    "nhượng": "nhuong",
    "miễn": "mien",
    "giảm": "giam",
    "chính": "chinh",
    "khóa": "khoa",
    "thôi": "thoi",
    "trả": "tra",
    "đóng": "dong",
    "tận": "tan",
    "xuất": "xuat",
    "nhập": "nhap",
    "quân": "quan",
    "quốc": "quoc",
}
"""Words of a name that make it a special act or case of another procedure."""


@lru_cache(10_000)
def _specials(core: Words) -> frozenset[str]:
    return frozenset(SPECIAL[marked] for _, marked in core if marked in SPECIAL)


def _weights(document: Document) -> dict[str, float]:
    texts = {
        "core": document.core(),
        "tale": document.tale,
        "former": " . ".join(old.name for old in document.former),
        "keywords": document.keywords,
        "field": document.field,
        "results": document.results,
        "papers": document.papers,
        "conditions": document.conditions,
        "steps": document.steps,
    }
    total: dict[str, float] = {}
    for name, text in texts.items():
        if not text:
            continue
        words = tokens(text)[:STEPS_READ]
        counted: dict[str, int] = {}
        before = ""
        for word in words:
            plain = _folded(word)
            counted[plain] = counted.get(plain, 0) + 1
            if before:
                pair = f"{before} {plain}"
                counted[pair] = counted.get(pair, 0) + 1
            before = plain
            if name in HEADS:
                accented = "=" + norm(word)
                counted[accented] = counted.get(accented, 0) + 1
        b = LONG.get(name, 0.5)
        scale = WEIGHTS[name] / (1 - b + b * len(words) / LENGTHS[name])
        for term, times in counted.items():
            total[term] = total.get(term, 0.0) + scale * log1p(times)
    return total


def told_terms(words: Iterable[tuple[str, str]]) -> Iterator[str]:
    """The terms of what is told: of words, each folded and with marks."""
    before = ""
    for plain, marked in words:
        yield STORY_MARK + plain
        if before:
            yield f"{STORY_MARK}{before} {plain}"
        if marked != plain:
            yield f"{STORY_MARK}={marked}"
        before = plain


def _of_tales(document: Document) -> dict[str, float]:
    """How much each term weighs in how people tell of a procedure, 0 to 1."""
    counts: Counter[str] = Counter()
    for clause in (document.core(), *(old.name for old in document.former), *_CLAUSE.split(document.tale)):
        counts.update(told_terms((_folded(word), norm(word)) for word in tokens(clause)))
    total: dict[str, float] = dict(counts)
    for story in document.stories:
        for term in set(told_terms((_folded(word), norm(word)) for word in tokens(story))):
            total[term] = total.get(term, 0.0) + STORY
    breadth = len(total) ** BREADTH
    return {term: (1 + log(times) if times > 1 else times) / breadth for term, times in total.items()}
