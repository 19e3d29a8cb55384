"""Which known name a typed one means: the same except for spelling, or the nearest, which only a person decides.
Pure."""

from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher
from functools import lru_cache

from caunoi.lib.tables.headings import plain
from caunoi.lib.vietnamese.writing import expand

LIKE = 0.72
"""From this likeness on a name is worth to be offered."""


@lru_cache(20_000)
def key(name: str) -> str:
    """A name as it is compared: abbreviations in full words, no marks, no signs."""
    return plain(expand(name))


class Names:
    """Known names, several for a code; a name shared by two codes means neither."""

    def __init__(self, rows: Mapping[str, Iterable[str]]) -> None:
        self.codes: dict[str, str] = {}
        twice: set[str] = set()
        for code, called in rows.items():
            for name in {key(one) for one in called if one}:
                if self.codes.setdefault(name, code) != code:
                    twice.add(name)
        for name in twice:
            del self.codes[name]

    def same(self, name: str) -> str:
        """The code of a name that is written the same but for marks, case and abbreviations; "" for none."""
        return self.codes.get(key(name), "")

    def nearest(self, name: str) -> str:
        """The code of the likest name; "" where none is like it."""
        typed_key = key(name)
        best, best_code = LIKE, ""
        matcher = SequenceMatcher(b=typed_key, autojunk=False)
        for name_key, code in self.codes.items():
            matcher.set_seq1(name_key)
            if matcher.real_quick_ratio() > best and matcher.quick_ratio() > best and (ratio := matcher.ratio()) > best:
                best, best_code = ratio, code
        return best_code
