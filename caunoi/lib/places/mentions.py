"""Names of places found in a text, and how surely each one names an administrative unit.

"P. Tân Phú, TP Đồng Xoài" mentions a phường and a thành phố; in "chợ Tân Phú" or "đường Đồng Khởi" a name only helps
to name something else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from caunoi.lib.places.gazetteer import Level
from caunoi.lib.places.phrases import HAMLETS, NAMING, Kind, Phrases, Word, kind_at, marked_words
from caunoi.lib.places.toponyms import Toponym, Toponyms, marked
from caunoi.lib.vietnamese.writing import fold

LONGEST = 5
"""Words in the longest name of a unit."""


class Strength(IntEnum):
    """WEAK: it names something else, or stands in a sentence. LOOSE: what stands before it is unclear.
    CLEAR: it stands for itself. KINDED: it is called a phường, a huyện."""

    WEAK, LOOSE, CLEAR, KINDED = range(4)


@dataclass(frozen=True, kw_only=True, slots=True)
class Mention:
    """A name from word `start` up to but not including `end` of the text (the kind before it included).

    `names` is what it may mean, empty for a "xã Abc" unknown here; `kind` is folded, empty where none is said.
    `slips`: letters corrected; then, and where unknown, `typed` has the keys of the very words, the longest first.
    `clash`: the marks typed are not the name's. `old`: it is called so ("xã Đức Liễu cũ").
    """

    start: int
    end: int
    kind: str
    names: tuple[Toponym, ...]
    strength: Strength
    slips: int = 0
    old: bool = False
    clash: bool = False
    typed: tuple[str, ...] = ()


_LEVELS: tuple[Level, ...] = ("commune", "district", "province")
_COOPERATIVE = Phrases("hợp tác xã")
_LEADING = {"o", "tai", "thuoc", "cua", "gan", "tren", "ban", "vuc", "nay", "la", "va", "ve", "voi", "den", "huong"}
_FOLLOWING = {"cu", "moi", "nay", "truoc", "nha", "nhe", "a", "vn", "vietnam", "viet"}


def mentions(words: list[Word], vocabulary: Toponyms) -> list[Mention]:
    """Every mention in the words, by place; the longest name counts."""
    read: list[Mention] = []
    at = 0
    while at < len(words):
        mention = _kinded(words, at, vocabulary) or _bare(words, at, vocabulary, read)
        if mention:
            read.append(mention)
        at = mention.end if mention else at + 1
    return _clear(words, [replace(m, old=m.end < len(words) and words[m.end].text in ("cũ", "cu")) for m in read])


def _kinded(words: list[Word], at: int, vocabulary: Toponyms) -> Mention | None:
    if marked_words(words, at, 2) in NAMING.marked or (words[at].plain == "xa" and _COOPERATIVE.before(words, at + 1)):
        return None
    for length in (2, 1):
        kind, start = kind_at(words, at, length), at + length
        if kind is None or start >= len(words) or words[start].gap == 2:
            continue
        for end in _ends(words, start, vocabulary):
            names, clash = _meanings(words, start, end, vocabulary, kind.levels)
            if names:
                return Mention(start=at, end=end, kind=kind.name, names=names, strength=Strength.KINDED, clash=clash)
        return None if NAMING.at(words, at, 2) else _guessed(words, at, start, vocabulary, kind)
    return None


def _guessed(words: list[Word], at: int, start: int, vocabulary: Toponyms, kind: Kind) -> Mention | None:
    """A name after a kind that is not in the vocabulary: misspelt, or of another province."""
    stop = start + 1
    while stop < len(words) and stop < start + 3 and not words[stop].gap and not _starts_another(words, stop):
        stop += 1
    typed = tuple("".join(word.plain for word in words[start:end]) for end in range(stop, start, -1))
    for end, key in zip(range(stop, start, -1), typed, strict=True):
        near, slips = vocabulary.corrected(key, marked([word.text for word in words[start:end]]))
        names = tuple(toponym for toponym in near if toponym.unit.level in kind.levels)
        if names:
            mention = Mention(start=at, end=end, kind=kind.name, names=names, strength=Strength.KINDED)
            return replace(mention, slips=slips, typed=typed)
    if words[at].text == words[at].plain and len(words[at].plain) < 3 and "commune" not in kind.levels:
        return None
    return Mention(start=at, end=stop, kind=kind.name, names=(), strength=Strength.KINDED, typed=typed)


def _bare(words: list[Word], at: int, vocabulary: Toponyms, read: list[Mention]) -> Mention | None:
    first = at == 0 or words[at].gap > 0
    if words[at].plain == "duong" or words[at].text == "lo" or words[at].plain.isdigit():
        return None
    for end in _ends(words, at, vocabulary):
        names, clash = _meanings(words, at, end, vocabulary, _LEVELS)
        if end - at == 1 and len(words[at].plain) < 5:
            beside = bool(read) and read[-1].end == at
            names = tuple(t for t in names if beside or (first and t.unit.level == "province"))
        if names and clash and _is_named(words, at + 1, vocabulary):
            return None
        if names:
            strength = _strength(words, at, read)
            return Mention(start=at, end=end, kind="", names=names, strength=strength, clash=clash)
    stop = at + 1
    while stop < len(words) and not words[stop].gap and not _starts_kind(words, stop):
        stop += 1
    if not first or not 1 <= stop - at <= 4 or any(phrases.before(words, at + 1) for phrases in (NAMING, HAMLETS)):
        return None
    if words[at].plain in _LEADING and _is_named(words, at + 1, vocabulary):
        return None
    typed = "".join(word.plain for word in words[at:stop])
    near, slips = vocabulary.corrected(typed, marked([word.text for word in words[at:stop]]))
    mention = Mention(start=at, end=stop, kind="", names=tuple(near), strength=Strength.CLEAR)
    return replace(mention, slips=slips, typed=(typed,)) if near else None


def _strength(words: list[Word], at: int, read: list[Mention]) -> Strength:
    """How surely a bare name stands for itself, by what stands before it."""
    if at == 0 or words[at].gap:
        return Strength.CLEAR
    if any(phrases.before(words, at) for phrases in (NAMING, HAMLETS)):
        return Strength.WEAK
    before = words[at - 1]
    if (read and read[-1].end == at and read[-1].strength > Strength.WEAK) or before.plain in _LEADING:
        return Strength.CLEAR
    if before.plain[0].isdigit():
        return Strength.CLEAR if HAMLETS.before(words, at - 1) else Strength.WEAK
    return Strength.LOOSE


def _clear(words: list[Word], read: list[Mention]) -> list[Mention]:
    """Bare names run on into other words are weak: Phú Riềng in "Phú Riềng Đỏ"."""
    starts = {mention.start for mention in read if mention.strength > Strength.WEAK}
    clear = []
    for mention in read:
        end = mention.end
        if (
            mention.kind
            or end == len(words)
            or words[end].gap
            or end in starts
            or words[end].plain in _FOLLOWING
            or any(phrases.at(words, end, n) for n in (2, 1) for phrases in (NAMING, HAMLETS))
        ):
            clear.append(mention)
        else:
            clear.append(replace(mention, strength=Strength.WEAK))
    return clear


def _ends(words: list[Word], start: int, vocabulary: Toponyms) -> Iterator[int]:
    """Where a name from here may end, the longest first; in "tan phu dong nai" Tân Phú before Tân Phú Đông."""
    last = min(start + LONGEST, len(words))
    for end in range(last, start, -1):
        names = _meanings(words, start, end, vocabulary, _LEVELS)[0]
        if names and not any(toponym.home for toponym in names):
            yield from (at for at in range(end - 1, start, -1) if _begins_at_home(words, at, vocabulary))
        yield end


def _begins_at_home(words: list[Word], at: int, vocabulary: Toponyms) -> bool:
    ends = range(at + 2, min(at + LONGEST, len(words)) + 1)
    return any(t.home for end in ends for t in _meanings(words, at, end, vocabulary, _LEVELS)[0])


def _is_named(words: list[Word], at: int, vocabulary: Toponyms) -> bool:
    """Whether a name of our own, as it is written, begins here: Lộc Hòa in "cựu chiến binh Lộc Hòa"."""
    read = (_meanings(words, at, end, vocabulary, _LEVELS) for end in range(at + 2, min(at + LONGEST, len(words)) + 1))
    return any(any(toponym.home for toponym in names) and not clash for names, clash in read)


def _meanings(
    words: list[Word], start: int, end: int, vocabulary: Toponyms, levels: tuple[Level, ...]
) -> tuple[tuple[Toponym, ...], bool]:
    """What these words may mean, and whether their marks clash with it.

    A name typed with its very marks shuts out those that differ from it by marks.
    """
    if any(word.gap == 2 for word in words[start + 1 : end]):
        return (), False
    toponyms = vocabulary.names.get("".join(word.plain for word in words[start:end]), ())
    fitting = [toponym for toponym in toponyms if toponym.unit.level in levels]
    if not fitting:
        return (), False
    typed = marked([word.text for word in words[start:end]])
    plain = fold(typed) == typed
    text_has_marks = any(word.text != word.plain for word in words)
    ranks = [_agreement(typed, plain, text_has_marks, toponym) for toponym in fitting]
    best = min(ranks)
    names = tuple(t for rank, t in zip(ranks, fitting, strict=True) if rank == best or not t.marked)
    return names, best == 2


def _agreement(typed: str, plain: bool, text_has_marks: bool, toponym: Toponym) -> int:
    if typed == toponym.marked and (text_has_marks or not plain):
        return 0
    return 1 if plain or not toponym.marked else 2


def _starts_another(words: list[Word], at: int) -> bool:
    return _starts_kind(words, at) or words[at].plain in ("o", "tai", "thuoc")


def _starts_kind(words: list[Word], at: int) -> bool:
    return any(kind_at(words, at, length) for length in (2, 1))
