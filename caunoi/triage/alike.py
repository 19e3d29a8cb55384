"""How likely two reports tell of the same thing: by their words, what they name, where, when and in which field. Pure.

Each pair has signals, which a small model weighs (data/alike.model, made by tools/alike_scale.py); its curve says how
often pairs that scored so were the same thing. A person decides; nothing joins by itself.
"""

import json
import re
import zlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from heapq import heappush, heapreplace
from itertools import islice, pairwise, zip_longest
from math import exp, log1p, pi, sqrt
from operator import mul
from pathlib import Path
from sys import byteorder
from typing import Any, Self

from caunoi.lib.places import gazetteer
from caunoi.lib.places.geometry import Point, distance
from caunoi.lib.places.spots import Spots, spots
from caunoi.lib.vietnamese.keystrokes import unmarked
from caunoi.lib.vietnamese.likeness import COMMON
from caunoi.lib.vietnamese.writing import expand, fold, norm, tokens, without_courtesy
from caunoi.triage import starter
from caunoi.triage.concepts import ASIDE, PASSING, SITES, concepts, pairs_of
from caunoi.triage.model import LOUDEST, BadModelError, Curve

FILE = Path(__file__).parent / "data" / "alike.model"
MAGIC = b"caunoi alike 1\n"
LONGEST = 800
"""Characters of a report that are read."""
MOST = 3
"""Alike ones that are named."""
AHEAD = 6.0
"""How far a score may be ahead, that it counts."""
SEARCHED = 24
"""Words and pairs that others are looked for by."""
SYNONYMS = 24
"""Pairs of other words for the same things that others are looked for by."""
RAREST = 9.0
"""How rare a word is that no phrase of ours holds."""

FINE = 1000
"""Parts of a rarity of 1 that are told apart when rarities are added as whole numbers."""
LIFT = 1 << 21
"""What is added to a packed number so that it is not negative; a thousand of them are less than 32 bits."""
DOUBTFUL = 5.0
"""How rare a word is that only its marks tell from one that any report may hold: chợ, đèn, ồn."""
FILLING = frozenset(
    "tôi em mình chúng anh chị bạn ông bà bác cô chú người dân của và hay hoặc là thì mà để ở tại trên dưới trong "
    "ngoài này kia đó đây các những một hai ba nhiều rất quá lắm bị được cho đến từ với khi nào gì đã đang sẽ còn chưa "
    "không xin vui lòng giúp nhờ gửi kính cảm ơn ngày hôm qua tuần tháng năm lâu rồi nữa cũng mới cứ vẫn lại có con "
    "bán tới tụi bọn đi ra vô vào lên xuống thôi nè à ạ luôn hoài giùm dùm hết mấy cái chỗ sao thấy".split()
)
"""Words, with their marks, that any report may hold."""

_DIGITS = re.compile(r"(?<=[a-zđ])(?=[0-9])")
_DIGIT = re.compile(r"\d+")
_BESIDE = ASIDE | SITES
_REPEATED = re.compile(r"(.)\1{2,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """What is there of a report: `at` with its offset, degrees WGS 84, the code of the field and of the commune."""

    text: str
    at: datetime | None = None
    lat: float | None = None
    long: float | None = None
    category: str = ""
    area: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Gist:
    """A report read once: `words` and `pairs` with how rare each is, `things` it speaks of (concepts.py), `topic` its
    leaning to each field, `sense` where it lies among all that we wrote."""

    report: Report
    words: Mapping[str, float]
    marked: Mapping[str, float]
    pairs: Mapping[str, float]
    things: frozenset[int]
    spots: Spots
    topic: Sequence[float]
    sense: Sequence[float]
    point: Point | None


def parts(text: str) -> tuple[list[tuple[str, str]], dict[str, float], dict[str, float]]:
    """The words of a text as (folded, with marks); those that say something, and the pairs, with how rare each is."""
    both = list(_words(text))
    plain = [word for word, _ in both]
    words = {word: _rare(word) for word in plain if word not in COMMON}
    pairs = {
        pair: _rare(pair)
        for one, two in pairwise(plain)
        if not (one in COMMON and two in COMMON) and (pair := f"{one} {two}")
    }
    return both, words, pairs


def read(report: Report) -> Gist:
    """ValueError for what is no point on earth."""
    text = expand(without_courtesy(report.text[:LONGEST]))
    both, words, pairs = parts(text)
    things = concepts(both)
    point = None if report.lat is None or report.long is None else Point(lat=report.lat, lon=report.long)
    return Gist(
        report=report,
        words=words,
        marked=_marked(both),
        pairs=pairs,
        things=things,
        spots=spots(text),
        topic=_topic([*(word for word, _ in both), *pairs]),
        sense=scale().sense(names(words, pairs, things)),
        point=point,
    )


def _marked(both: Sequence[tuple[str, str]]) -> dict[str, float]:
    """The words with their marks, of a text that has some."""
    if all(plain == typed for plain, typed in both):
        return {}
    return {
        typed: DOUBTFUL if plain in COMMON else _rare(plain)
        for plain, typed in both
        if typed not in FILLING and (plain not in COMMON or plain != typed)
    }


def _words(text: str) -> Iterable[tuple[str, str]]:
    """Each word as (folded, with its marks); keys that made no marks undone where that is a word of ours."""
    read = map(_word, tokens(_DIGITS.sub(" ", text.lower()) if text.isascii() else text))
    return (word for word in read if word[0])


@lru_cache(50_000)
def _word(word: str) -> tuple[str, str]:
    plain, typed, idf = _REPEATED.sub(r"\1", fold(word)), norm(word), _rarity()
    if plain == typed and plain not in idf and (meant := unmarked(plain)) and meant in idf:
        return meant, meant
    return plain, typed


@cache
def _rarity() -> Mapping[str, float]:
    """How rare a folded word or pair is among our phrases (inverse document frequency)."""
    model = starter.model()
    return {name: model.idf[row] for name, row in model.rows.items() if name[0] != "="}


@lru_cache(50_000)
def _rare(name: str) -> float:
    return _rarity().get(_DIGIT.sub("0", name), RAREST)


@lru_cache(50_000)
def _leaning(name: str) -> int | None:
    """What a word or pair says for each field, packed."""
    model = starter.model()
    row = model.rows.get(_DIGIT.sub("0", name))
    if row is None:
        return None
    start, rare = row * model.width, round(model.idf[row] * FINE)
    return pack(weight * rare for weight in model.weights[start : start + len(model.heads[0].labels)])


def _topic(names: Iterable[str]) -> Sequence[float]:
    rows = [row for name in set(names) if (row := _leaning(name)) is not None]
    if not rows:
        return ()
    sums = [one * step / FINE for one, step in zip(total(rows), starter.model().steps)]
    middle = sum(sums) / len(sums)
    length = sum((one - middle) ** 2 for one in sums) ** 0.5 or 1.0
    return [(one - middle) / length for one in sums]


def pack(numbers: Iterable[int]) -> int:
    """Small numbers side by side in a large one: as many as there are, all are added by one sum."""
    return int.from_bytes(array("I", (LIFT + one for one in numbers)).tobytes(), byteorder)


def total(packed: Sequence[int]) -> list[int]:
    """The sums of the numbers in these, at each place."""
    whole, lifts = sum(packed), LIFT * len(packed)
    size = -(-whole.bit_length() // 32) * 4
    return [one - lifts for one in array("I", whole.to_bytes(size, byteorder))]


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> tuple[float, float]:
    """(share of the whole, share of the shorter) that both hold, rare ones weighing more."""
    if not one or not other:
        return 0.0, 0.0
    both = sum(one[name] ** 2 for name in one.keys() & other.keys())
    first, second = (sum(value**2 for value in each.values()) for each in (one, other))
    return both / (first * second) ** 0.5, both / min(first, second)


def _matter(one: Gist, other: Gist) -> tuple[float, float]:
    """The likeness of what is left without the names of places and numbers: many reports of one road share these."""
    place_words = {word for each in (one, other) for pair in each.spots.names for word in pair.split()}
    first, second = (
        {word: rare for word, rare in each.items() if _plain(word) not in place_words and not word[0].isdigit()}
        for each in _both(one, other)
    )
    return _cosine(first, second)


_plain = lru_cache(50_000)(fold)


def _both(one: Gist, other: Gist) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """The words of both: with their marks where both have some."""
    return (one.marked, other.marked) if one.marked and other.marked else (one.words, other.words)


def _product(one: Sequence[float], other: Sequence[float]) -> float:
    """Of unit vectors the cosine; 0 where one says nothing."""
    return sum(map(mul, one, other)) if one and other else 0.0


def signals(one: Gist, other: Gist) -> dict[str, float]:
    """What speaks for and against that both tell of the same thing; symmetric."""
    word, within = _cosine(*_both(one, other))
    pair, pair_within = _cosine(one.pairs, other.pairs)
    rare = sum(v > 8 for k, v in one.pairs.items() if k in other.pairs)
    matter, matter_within = _matter(one, other)
    topic = _product(one.topic, other.topic)
    first, second = one.things - _BESIDE, other.things - _BESIDE
    sites = one.things & SITES, other.things & SITES
    things, whole = first & second, first | second
    mentions = len((one.spots.names & other.pairs.keys()) | (other.spots.names & one.pairs.keys()))
    mentions += len((one.spots.initials & other.words.keys()) | (other.spots.initials & one.words.keys()))
    same = one.spots.numbers & other.spots.numbers
    kinds = {kind for kind, _ in one.spots.numbers} & {kind for kind, _ in other.spots.numbers}
    clash = len(kinds - {kind for kind, _ in same})
    result = {
        "words": word,
        "within": within,
        "pairs": pair,
        "pairs_within": pair_within,
        "rare": log1p(rare),
        "matter": matter,
        "matter_within": matter_within,
        "topic": topic,
        "sense": _product(one.sense, other.sense),
        "things": len(things) / len(whole) if whole else 0.0,
        "thing": float(bool(things)),
        "thingless": float(bool(first and second and not things)),
        "site": float(bool(sites[0] & sites[1])),
        "siteless": float(bool(all(sites) and not sites[0] & sites[1])),
        "things within": len(things) / min(len(first), len(second)) if things else 0.0,
        "short": exp(-min(len(one.words), len(other.words)) / 5),
        "named": log1p(mentions),
        "called": log1p(len((one.spots.called & other.pairs.keys()) | (other.spots.called & one.pairs.keys()))),
        "unnamed": float(bool(one.spots.names and other.spots.names and not mentions)),
        "number": float(bool(same)),
        "clash": float(clash > 0),
        "lane": float(any(kind == "lane" for kind, _ in same)),
        "roads": float(bool(_clash(one, other))),
        **_place(one, other),
        **_time(one, other),
    }
    fields = one.report.category, other.report.category
    result["field"] = float(bool(fields[0] and fields[0] == fields[1]))
    result["fields"] = float(all(fields) and fields[0] != fields[1])
    like, sense = max(topic, 0.0), max(result["sense"], 0.0)
    short = result["short"]
    result |= {
        "short near": short * result["near"],
        "short area": short * result["area"],
        "short thing": short * result["thing"],
        "short thingless": short * result["thingless"],
        "short topic": short * like,
        "short within": short * within,
        "short field": short * result["field"],
        "short hour": short * result["hours"],
        "short placed": short * result["placed"],
        "site thing": result["site"] * result["thing"],
        "site thingless": result["site"] * result["thingless"],
        "site area": result["site"] * result["area"],
        "site near": result["site"] * result["near"],
        "inside topic": result["inside"] * like,
        "inside thing": result["inside"] * result["thing"],
        "inside sense": result["inside"] * sense,
        "inside field": result["inside"] * result["field"],
        "inside hours": result["inside"] * result["hours"],
        "daily topic": result["daily"] * like,
        "close sense": result["close"] * sense,
        "close thing": result["close"] * result["thing"],
        "close hours": result["close"] * result["hours"],
    }
    passing = float(bool(things & PASSING))
    near = result["near"]
    result |= {
        "named matter": result["named"] * matter_within,
        "near matter": near * matter_within,
        "area matter": result["area"] * matter_within,
        "rare matter": result["rare"] * matter_within,
        "within matter": within * matter_within,
        "within topic": within * like,
        "within sense": within * sense,
        "within thingless": within * result["thingless"],
        "rare topic": result["rare"] * like,
        "rare sense": result["rare"] * sense,
        "rare thing": result["rare"] * result["thing"],
        "rare thingless": result["rare"] * result["thingless"],
        "passing": passing,
        "passing hours": passing * result["hours"],
        "passing days": passing * result["days"],
        "near sense": near * sense,
        "area sense": result["area"] * sense,
        "near topic": near * like,
        "near thing": near * result["thing"],
        "near thingless": near * result["thingless"],
        "near field": near * result["field"],
        "near fields": near * result["fields"],
        "near hours": near * result["hours"],
        "area topic": result["area"] * like,
        "area thing": result["area"] * result["thing"],
        "area thingless": result["area"] * result["thingless"],
        "area field": result["area"] * result["field"],
        "named topic": result["named"] * like,
        "called topic": result["called"] * like,
        "called thing": result["called"] * result["thing"],
        "called thingless": result["called"] * result["thingless"],
        "named thing": result["named"] * result["thing"],
        "named thingless": result["named"] * result["thingless"],
        "named fields": result["named"] * result["fields"],
        "number thing": result["number"] * result["thing"],
        "reach topic": result["within reach"] * like,
        "reach thing": result["within reach"] * result["thing"],
        "placeless topic": (1 - result["placed"]) * like,
        "placeless thing": (1 - result["placed"]) * result["thing"] * like,
    }
    return result


def _clash(one: Gist, other: Gist) -> bool:
    """Whether both name roads, and none that the other speaks of."""
    first, second = one.spots.roads, other.spots.roads
    if not first or not second or first & second:
        return False
    own = {word[0] for word in first}, {word[0] for word in second}
    return not (first & other.words.keys() or second & one.words.keys() or own[0] & own[1])


def _place(one: Gist, other: Gist) -> dict[str, float]:
    first, second = one.report.area, other.report.area
    metres = distance(one.point, other.point) if one.point and other.point else None
    return {
        "placed": float(metres is not None),
        "close": exp(-metres / 150) if metres is not None else 0.0,
        "near": exp(-metres / 500) if metres is not None else 0.0,
        "reach": exp(-metres / 2_000) if metres is not None else 0.0,
        "far": float(metres is not None and metres > 2_000),
        "area": float(bool(first and first == second)),
        "areas": float(bool(first and second and first != second)),
        "neighbours": _neighbours(*sorted((first, second))) if first and second and first != second else 0.0,
        **_reach(one, other),
    }


def _reach(one: Gist, other: Gist) -> dict[str, float]:
    """Where one says its place and the other only its commune: how far that is from its middle, in radii."""
    radii = [
        distance(each.point, middle[0]) / middle[1]
        for each, against in ((one, other), (other, one))
        if each.point and not against.point and (middle := _middle(against.report.area))
    ]
    inside = [
        _inside(each.point.lat, each.point.lon, against.report.area)
        for each, against in ((one, other), (other, one))
        if each.point and not against.point and against.report.area
    ]
    return {
        "within reach": exp(-radii[0]) if radii else 0.0,
        "out of reach": float(bool(radii and radii[0] > 2)),
        "inside": inside[0] if inside else 0.0,
        "outside": float(bool(inside and inside[0] < 0.3)),
    }


@lru_cache(20_000)
def _inside(lat: float, long: float, code: str) -> float:
    """How likely a point lies in this commune rather than in its neighbours, by their middles and sizes."""
    own = _middle(code)
    if own is None:
        return 0.0
    point = Point(lat=lat, lon=long)
    nearest = min(distance(point, middle) / radius for middle, radius in _middles(code))
    return exp(-2 * (distance(point, own[0]) / own[1] - nearest))


@lru_cache(20_000)
def _neighbours(one: str, other: str) -> float:
    """How near two communes lie, by their middles and sizes."""
    first, second = _middle(one), _middle(other)
    if first is None or second is None:
        return 0.0
    return exp(-2 * max(0.0, distance(first[0], second[0]) / (first[1] + second[1]) - 1))


@lru_cache(2_000)
def _middles(code: str) -> Sequence[tuple[Point, float]]:
    unit = gazetteer.official().unit(code)
    province = unit.province if unit else ""
    return [middle for each in gazetteer.communes(province) if (middle := _middle(each.code))]


@lru_cache(2_000)
def _middle(code: str) -> tuple[Point, float] | None:
    """A point in a commune and the radius of the circle of its area, in metres."""
    unit = gazetteer.official().unit(code) if code else None
    if unit is None or unit.lat is None or unit.lon is None:
        return None
    return Point(lat=unit.lat, lon=unit.lon), sqrt((unit.area_km2 or 30.0) * 1e6 / pi)


def _time(one: Gist, other: Gist) -> dict[str, float]:
    first, second = one.report.at, other.report.at
    hours = abs((first - second).total_seconds()) / 3600 if first and second else None
    apart = hours % 24 if hours is not None else 12
    return {
        "daily": exp(-min(apart, 24 - apart) / 2) if hours is not None else 0.0,
        "timed": float(hours is not None),
        "hour": exp(-hours / 2) if hours is not None else 0.0,
        "hours": exp(-hours / 12) if hours is not None else 0.0,
        "days": exp(-hours / 72) if hours is not None else 0.0,
        "week": float(hours is not None and hours > 120),
    }


def names(words: Iterable[str], pairs: Iterable[str], things: Iterable[int]) -> Iterator[str]:
    """What a report is placed among others by."""
    yield from words
    yield from pairs
    yield from (f"#{thing}" for thing in things)


@dataclass(frozen=True, kw_only=True)
class Scale:
    """`weights` by signal; `standing`: the weights of what `standings` gives; `curve` from their sum to a probability;
    `senses`: of each name (`rows`) `width` numbers, the latent semantic analysis of our phrases; `card`: what it was
    made of."""

    weights: Mapping[str, float]
    bias: float
    standing: Sequence[float]
    curve: Curve
    card: Mapping[str, Any]
    width: int
    rows: Mapping[str, int]
    senses: "array[int]"
    _packed: dict[str, int] = field(default_factory=dict, repr=False)

    def score(self, values: Mapping[str, float]) -> float:
        weights = self.weights
        return self.bias + sum(weights[name] * value for name, value in values.items() if value)

    def best(self, scored: Sequence[tuple[float, int]], most: int) -> "list[Alike]":
        """The likeliest `most` of candidates, as (score, -place), the best first; one more is enough."""
        own = standings([score for score, _ in scored], most)
        sums = (sum(map(mul, self.standing, one)) for one in own)
        return [Alike(at=-at, p=round(self.curve.probability(one), 3)) for one, (_, at) in zip(sums, scored)]

    def sense(self, names: Iterable[str]) -> Sequence[float]:
        """A unit vector; empty where no name is one of ours."""
        rows = [row for name in names if (row := self._row(name)) is not None]
        sums = total(rows) if rows else []
        length = sum(map(mul, sums, sums)) ** 0.5
        return [one / length for one in sums] if length else ()

    def _row(self, name: str) -> int | None:
        """What a name says, packed."""
        row = self.rows.get(name)
        if row is not None and name not in self._packed:
            self._packed[name] = pack(self.senses[row * self.width : (row + 1) * self.width])
        return self._packed.get(name)

    def to_bytes(self) -> bytes:
        head = {
            "weights": {name: round(value, 4) for name, value in self.weights.items()},
            "bias": round(self.bias, 4),
            "standing": [round(value, 4) for value in self.standing],
            "curve": {key: [round(v, 4) for v in getattr(self.curve, key)] for key in ("at", "low", "high")},
            "card": dict(self.card),
            "width": self.width,
            "rows": sorted(self.rows, key=self.rows.__getitem__),
        }
        line = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        return MAGIC + zlib.compress(line + b"\n" + self.senses.tobytes(), 9)

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """BadModelError."""
        if not data.startswith(MAGIC):
            raise BadModelError
        line, _, numbers = zlib.decompress(data[len(MAGIC) :]).partition(b"\n")
        head = json.loads(line)
        senses = array("b")
        senses.frombytes(numbers)
        rows = {name: row for row, name in enumerate(head["rows"])}
        return cls(**{**head, "curve": Curve(**head["curve"]), "rows": rows, "senses": senses})


def standings(scores: Sequence[float], most: int) -> list[tuple[float, float, float]]:
    """Of each of the `most` candidates that are named, by the scores of all, the best first: its score, how many are
    before it, and how far it is ahead of the first that is not named. One that stands out is likelier the same thing
    than one of many."""
    if len(scores) <= most:  # nobody to be ahead of
        return [(score, at, 0.0) for at, score in enumerate(scores)]
    return [(score, at, min(score - scores[most], AHEAD)) for at, score in enumerate(scores[:most])]


_scales: list[Scale] = []


def scale() -> Scale:
    """The one in use: of FILE, unless another was put in its place."""
    if not _scales:
        put(Scale.from_bytes(FILE.read_bytes()))
    return _scales[-1]


def put(scale: Scale) -> None:
    """Compare by this one from now on, in this process."""
    _scales[:] = [scale]


@dataclass(frozen=True, kw_only=True, slots=True)
class Alike:
    """One that is alike: its place `at` among the candidates, and the probability that both tell of the same thing."""

    at: int
    p: float


def among(reading: Gist, candidates: Sequence[Gist], most: int = MOST) -> list[Alike]:
    """The most alike of them, best first; none where there is no model to tell by."""
    if not (starter.is_there() and (_scales or FILE.exists())):
        return []
    own = scale()
    scored = ((own.score(signals(reading, each)), -at) for at, each in enumerate(candidates))
    return own.best(sorted(scored, reverse=True)[: most + 1], most)


def of_set(reports: Sequence[Report], most: int = MOST) -> list[list[Alike]]:
    """Of each report of a set the most alike others."""
    readings = [read(report) for report in reports]
    own = scale()
    best: list[list[tuple[float, int]]] = [[] for _ in readings]
    for one, first in enumerate(readings):
        for other in range(one):
            score = own.score(signals(first, readings[other]))
            for at, with_ in ((one, other), (other, one)):
                heap = best[at]
                if len(heap) <= most:
                    heappush(heap, (score, -with_))
                elif score > heap[0][0]:
                    heapreplace(heap, (score, -with_))
    return [own.best(sorted(heap, reverse=True), most) for heap in best]


def terms(reading: Gist) -> list[str]:
    """The words and pairs to look for others by, as the index of tickets has them (writing.lexemes), rarest first."""
    whole = {**reading.words, **{pair.replace(" ", "_"): rare for pair, rare in reading.pairs.items()}}
    return sorted(whole, key=lambda term: (-whole[term], term))[:SEARCHED]


def synonyms(reading: Gist) -> list[str]:
    """What others may call the things that a report speaks of, as the index of tickets has it."""
    own = (pairs_of(thing) for thing in sorted(reading.things - _BESIDE))
    mixed = (pair for row in zip_longest(*own) for pair in row if pair and pair not in reading.pairs)
    return [pair.replace(" ", "_") for pair in islice(dict.fromkeys(mixed), SYNONYMS)]


@dataclass(frozen=True, kw_only=True, slots=True)
class Reasons:
    """Why two are alike: how far apart in `metres` and `hours` (None: not known), the names and numbers that both have
    (`spots`, folded), the words that weigh most (`words`, folded), and whether field and commune are the same."""

    metres: float | None
    hours: float | None
    spots: tuple[str, ...]
    words: tuple[str, ...]
    field: bool
    area: bool


def reasons(one: Gist, other: Gist) -> Reasons:
    first, second = one.report, other.report
    names_shared = (one.spots.names & other.pairs.keys()) | (other.spots.names & one.pairs.keys())
    numbers = {number for _, number in one.spots.numbers & other.spots.numbers}
    shared = sorted(one.words.keys() & other.words.keys(), key=lambda word: (-one.words[word], word))
    place_words = {word for name in names_shared for word in name.split()} | numbers
    return Reasons(
        metres=distance(one.point, other.point) if one.point and other.point else None,
        hours=abs((first.at - second.at).total_seconds()) / 3600 if first.at and second.at else None,
        spots=(*sorted(numbers), *sorted(names_shared)),
        words=tuple(word for word in shared if word not in place_words)[:LOUDEST],
        field=bool(first.category and first.category == second.category),
        area=bool(first.area and first.area == second.area),
    )
