"""By what the words of a machine are known again in what a person writes: keyed digests of three words in a row, never
the words. Pure but for the key."""

from collections.abc import Sequence
from hashlib import blake2b

from caunoi.lib.vietnamese.writing import fold, tokens

WINDOW, SIZE = 3, 6
HALF = 0.5
"""The share of a sentence's windows that makes the sentence the machine's."""

type Marks = list[list[str]]
"""The digests of each sentence."""


def marks(sentences: Sequence[str], key: bytes) -> Marks:
    """The marks of what a machine wrote, sentence by sentence."""
    return [sorted(_digests(sentence, key)) for sentence in sentences]


def left(text: str, written: Marks, key: bytes) -> tuple[int, bool]:
    """How many of a machine's sentences are left in a text, and whether they are all of them, word for word."""
    there = _digests(text, key)
    shares = [sum(mark in there for mark in sentence) / len(sentence) for sentence in written if sentence]
    return sum(share >= HALF for share in shares), bool(shares) and min(shares) == 1.0


def _digests(text: str, key: bytes) -> set[str]:
    words = [fold(word) for word in tokens(text)]
    windows = [words[at : at + WINDOW] for at in range(max(len(words) - WINDOW, 0) + 1)] if words else []
    return {blake2b(" ".join(window).encode(), digest_size=SIZE, key=key).hexdigest() for window in windows}
