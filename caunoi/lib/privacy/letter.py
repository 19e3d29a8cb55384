"""A letter as its words, looked at from one word: what it is, what stands before it, where a run of capitals ends."""

import re
from functools import cached_property, lru_cache

_NO_ASCII = re.compile(r"[^\x00-\x7f]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


class Letter:
    """A text as numbered words (letters only), in NFC; `shape` is the text's shape."""

    def __init__(self, text: str, shape: str) -> None:
        spans = [match.span() for match in _WORD.finditer(text)]
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        self._text, self._shape = text, shape
        self.size = len(spans)
        self.words = [text[start:end] for start, end in spans]
        self.lows = [word.lower() for word in self.words]
        self.foldeds = [shape[start:end] for start, end in spans]
        self._joined = [
            False,
            *(end + 1 == start and text[end] == " " for end, start in zip(self.ends, self.starts[1:])),
        ]
        self.has_capital = [word[0].isupper() for word in self.words]
        self._phrases: list[list[str] | None] = [None] * (self.size + 1)

    @cached_property
    def unmarked(self) -> bool:
        """Whether the writer uses no marks: then a form of address without marks is one."""
        start = self._text[:2000]
        return 12 * sum(map(str.isalpha, _NO_ASCII.findall(start))) < sum(map(str.isalpha, start))

    @cached_property
    def shouts(self) -> bool:
        """Whether the writer leaves the capitals on."""
        letters = [char for char in self._text[:2000] if char.isalpha()]
        return 10 * sum(map(str.isupper, letters)) > 6 * len(letters)

    def low(self, at: int) -> str:
        """The word in lower case with its marks."""
        return self.lows[at]

    def folded(self, at: int) -> str:
        """The word in lower case without marks; empty outside the letter."""
        return self.foldeds[at] if 0 <= at < self.size else ""

    def capital(self, at: int) -> bool:
        """Whether the word begins with a capital."""
        return self.has_capital[at]

    def capitals(self, at: int) -> bool:
        """Whether the word has two capitals or more and nothing else."""
        word = self.words[at]
        return len(word) > 1 and word.isupper()

    def gap(self, at: int) -> str:
        """What stands between the word and the one before, folded."""
        return self._shape[self.ends[at - 1] if at else 0 : self.starts[at]]

    def joined(self, at: int) -> bool:
        """Whether only a space stands between the word and the one before."""
        return 0 < at < self.size and self._joined[at]

    def after(self, at: int, length: int) -> str:
        """The text that follows the word, folded."""
        return self._shape[self.ends[at] : self.ends[at] + length]

    def before(self, at: int, length: int) -> str:
        """The text before the word, folded."""
        return self._shape[max(0, self.starts[at] - length) : self.starts[at]]

    def phrases(self, at: int, *, marks: bool = False) -> list[str]:
        """The one to four words before, as one, two, three, four of them, as far as only spaces join them; folded, or
        in lower case with `marks`."""
        if marks:
            return self._read_before(at, self.lows)
        phrases = self._phrases[at]
        if phrases is None:
            phrases = self._phrases[at] = self._read_before(at, self.foldeds)
        return phrases

    def _read_before(self, at: int, words: list[str]) -> list[str]:
        result: list[str] = []
        for before in range(at - 1, max(-1, at - 5), -1):
            result.append(f"{words[before]} {result[-1]}" if result else words[before])
            if not self._joined[before]:
                break
        return result


@lru_cache(maxsize=2)
def read(text: str, shape: str) -> Letter:
    """The letter of a text; the same again to who asks for the last one."""
    return Letter(text, shape)
