"""Trains the second opinion on names (caunoi/lib/privacy/tagger.py): `python -m tools.names_model`.
Needs requirements/learn.in.

It learns from sentences that are filled in from tools/names_phrases.txt, from marked letters (tests/lib/redact, what
was held out excepted), and from the phrases of triage, which hold hardly a name.
"""

import random
import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from bench.redact import CASES, Case, cases, read
from caunoi import procedures
from caunoi.lib.places import gazetteer
from caunoi.lib.privacy import highland, lexicon, names, tagger
from caunoi.lib.privacy.letter import Letter
from caunoi.lib.vietnamese.writing import fold, shape
from caunoi.triage import phrases

TEMPLATES = Path(__file__).parent / "names_phrases.txt"
PROCEDURES = Path(procedures.__file__).parent / "data"
HANDS = CASES.parent / "hands/open"
LEAST = 3
"""How often something must have been seen to be learnt from."""
_HARDLY_EVER = 0.004
"""The share of names' words that are given up for what they are alone."""
_HARDLY_WEIGHS = 1
"""Weights up to this are left out: half of the file, and no name is found or lost by it."""
_RANKS = (2, 8, 40, 200)
"""From how many times on a word has the first rank, the second …"""
_NAMING = set("tên là của và với".split())
_STREETS_BY_PEOPLE = 0.4
_SLOT = re.compile(r"\{([a-z]+)\}")
_ONSET = re.compile("(?:ngh?|nh|gh?|ch|kh|ph|th|tr|qu|gi(?=[aăâeêoôơuư])|[bcdđhklmnprstvx])?")
_MARK = re.compile("⟦person:([^⟧]*)⟧")
_MINORITY = (
    "Điểu {}|Thị {}|Y {}|H'{}|H’{} {}|K'{}|Thạch {}|Danh {}|Kim {}|Néang {}|Lâm {}|Ka {}|Sơn {}|Thạch Thị Sa {}"
    "|Sơn Ngọc {}"
    "|Kim Sa {}|Danh Sóc {}|Chau {}|Neáng {}|Lò Văn {}|Lò Thị {}|Giàng A {}|Giàng Thị {}|Vừ A {}|Vàng A {}|Sùng A {}"
    "|Hờ A {}|Thào Thị {}|Lầu A {}|Mùa A {}|Tráng A {}|Sú A {}|Chíu A {}|Voòng A {}|Voòng {} {}|Sú {} {}|Chíu {} {}"
    "|Hoàng A {}|Triệu Mùi {}|Phàn Tả {}|Chảo Láo {}|Bàn Văn {}|Đặng Tà {}|Lý A {}|Nông Văn {}|Hoàng Văn {}|Lường"
    " Thị {}"
    "|Quàng Văn {}|Cà Văn {}|Tòng Thị {}|Rơ Châm {}|Siu {}|Ksor {}|Rahlan {}|Rcom {}|A {}|Điểu K'{}|Điểu Thị {}"
    "|Mohamad {}"
    "|Haji {}|Ka Thị {}|Bùi Thị {}|Hà Công {}|Đinh Công {}|Hồ Văn {}|Pơloong {}|Alăng {}|Bh'nướch {}|Zơrâm {}"
).split("|")
_FOREIGN = (
    "Sok Chanthy|Dara|Kim Min-su|Park Ji-hoon|David Nguyen|Peter|Anna Lê|Chen Wei|Wang Li|Maria|Giuse Khải|Tony"
    "|Henry Phung Nguyen|Michael Tran|Kim Ji-eun|Lee Min Ho|Choi Sung|Tanaka Hiroshi|Sato|Lin Mei-ling|Zhang Wei"
    "|Liu Yang"
    "|Chea Sophal|Sok Heng|Chan Dara|Keo Vanna|Somchai|Srey Mom|Priya Sharma|Ahmed Khan|John Smith|Emily Brown"
    "|Thomas Lê"
    "|Kevin Pham|Jenny Tran|Têrêsa Nguyễn Thị Hoa|Phêrô Trần Văn Nam|Phaolô Minh|Anna Hương|Lucia Ngọc|Thích Minh Tâm"
    "|Thích Nữ Diệu Hạnh|Thích Quảng Đạo|Tommy|Bobby|Jacky|Selena|Alex Vo|Ms Hana|Yoon Seo-yeon|Huang Jun|Ivan Petrov"
).split("|")
_BYNAMES = (
    "chuột mèo heo gà vịt trâu bò cụt sún lé sẹo mập ốm lùn đen trắng râu còi khùng điên điếc câm ngọng lửa sắt"
    " bạc vàng "
    "ruộng rẫy ghe đò lưới cá tôm cua ếch dừa mít xoài chuối mía gạo nếp bún phở cơm chè rượu bia thuốc đá cát gỗ thép "
    "xích-lô cà-na xe-ôm ve-chai bánh-mì hủ-tiếu đầu-bạc lò-rèn cầu-muối sửa-xe máy-cày bán-báo vé-số hớt-tóc"
).split()
_SHORT_FAMILIES = {"nguyễn": "Ng", "trần": "Tr", "phạm": "Ph", "huỳnh": "Hg", "hoàng": "Hg", "đặng": "Đg", "phan": "Ph"}
_ORDER = "Hai Ba Tư Năm Sáu Bảy Tám Chín Mười Út Cả".split()
_TRADES = (
    "công an viên|trưởng ấp|tổ trưởng|chủ trọ|thợ hồ|tài xế|y tá|bác sĩ|kế toán|giáo viên|hàng xóm|bảo vệ|chủ "
    "quán|cán bộ"
).split("|")
_TITLES = "ông bà anh chị cô chú bác cậu dì em cháu thím dượng mợ cụ a c".split()
_FIRST, _SECOND = (
    "Hòa Phát Thành Đại Minh An Phú Kim Vạn Hưng Tân Việt Á Đông Nam".split(),
    ("Phát Lợi Hưng Thịnh Xanh Long Phúc Đạt Tín Sơn Hải Bình Mỹ Á Châu Dương Phong Vượng").split(),
)


class Filler:
    """Fills in templates by chance, the same at every run."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._called = sorted(lexicon.CALLED)
        self._families = sorted(lexicon.FAMILIES - {"thị"})
        self._common = sorted(lexicon.COMMON_FAMILIES)
        self._streets, self._places = sorted(lexicon.STREETS), sorted(lexicon.PLACES)
        self._communes = sorted({unit.short for unit in gazetteer.everything() if " " in unit.short})
        self._common_words = sorted(word for word in lexicon.COMMON if names.is_syllable(word))

    def letter(self, templates: Sequence[str], neighbours: Sequence[str]) -> str:
        """One to three sentences, now and then beside one of the neighbours, typed in one of the ways people have."""
        chosen = self._chance.sample(templates, self._chance.choice((1, 1, 2, 2, 3)))
        parts = [self._filled(template.replace("\\n", "\n")) for template in chosen]
        if self._chance.random() < 0.4:
            parts.insert(self._chance.randrange(len(parts) + 1), self._chance.choice(neighbours))
        text = self._chance.choice((" ", " ", "\n", ". ")).join(parts)
        return self.typed(text)

    def _filled(self, template: str) -> str:
        """A template without marks and capitals stands for a writer who uses none in names either."""
        text = _SLOT.sub(lambda slot: self._fill(slot[1]), template)
        if template.isascii() and template == template.lower() and self._chance.random() < 0.8:
            return _in_words(text, lambda words: shape(words.lower()))
        return text

    def typed(self, text: str) -> str:
        """A text in one of the ways people have of typing."""
        way = self._chance.random()
        if way < 0.40:
            return text
        if way < 0.54:
            return _in_words(text, str.lower)
        if way < 0.72:
            return _in_words(text, lambda words: shape(words.lower()))
        if way < 0.80:
            return _in_words(text, _without_marks)
        if way < 0.93:
            return _in_words(text, str.upper)
        return text.rstrip(".").replace(",", "")

    def _name(self, words: Iterable[str]) -> str:
        return f"⟦person:{self._spelt(' '.join(word[:1].upper() + word[1:] for word in words))}⟧"

    def _spelt(self, name: str) -> str:
        """A name as it is now and then spelt in a letter that is otherwise written with care."""
        way = self._chance.random()
        if way < 0.80:
            return name
        if way < 0.86:
            return name.upper()
        if way < 0.91:
            return _without_marks(name).upper()
        return name.lower() if way < 0.96 else _without_marks(name)

    def _one(self) -> str:
        """A syllable of a name: mostly one that serves, else a common word, or one made up."""
        way = self._chance.random()
        if way < 0.82:
            return self._chance.choice(self._called)
        if way < 0.91:
            return self._chance.choice(self._common_words)
        onset, rime = (_ONSET.match(self._chance.choice(self._common_words)) for _ in range(2))
        return (onset[0] if onset else "") + (rime.string[rime.end() :] if rime else "")

    def _full(self) -> list[str]:
        family = self._chance.choice(self._common if self._chance.random() < 0.75 else self._families)
        middle = self._chance.choice(
            ([], ["văn"], ["thị"], ["hữu"], [self._one()], [self._one()], ["thị", self._one()])
        )
        return [family, *middle, self._one()]

    def _initials(self) -> str:
        """N.V.A., Ng T T Quyên, Ng Văn Lợi, L. M. K, Lê Thị H., anh T."""
        full = [word.capitalize() for word in self._full()]
        between = self._chance.choice((".", ". ", " ", "."))
        head = [word[0] for word in full[:-1]]
        if head[0] == "N" and self._chance.random() < 0.3:
            head[0] = "Ng"
        way = self._chance.random()
        if way < 0.12:
            name = " ".join([_SHORT_FAMILIES.get(full[0].lower(), head[0]), *full[1:]])
        elif way < 0.4:
            name = between.join([*head, full[-1]])
        elif way < 0.7:
            name = between.join([*head, full[-1][0]]) + self._chance.choice((".", ""))
        elif way < 0.9:
            name = " ".join([*full[:-1], full[-1][0]]) + self._chance.choice((".", ""))
        else:
            name = full[-1][0] + self._chance.choice((".", ""))
        return f"⟦person:{name}⟧"

    def _foreigner(self) -> str:
        return f"⟦person:{self._spelt(self._chance.choice(_FOREIGN))}⟧"

    def _byname(self) -> str:
        """What neighbours call somebody by trade or looks: Tám Lưới, Hùng Cụt, Bảy Cà Na."""
        first = self._chance.choice(_ORDER) if self._chance.random() < 0.6 else self._one()
        common = self._chance.random() < 0.5
        second = self._chance.choice(self._common_words if common else _BYNAMES).split("-")
        return self._name([first, *second])

    def _nick(self) -> str:
        order = self._chance.choice(_ORDER)
        return self._name([order] if self._chance.random() < 0.3 else [order, self._one()])

    def _of_minority(self) -> str:
        name = self._chance.choice(_MINORITY).format(self._one().capitalize(), self._one().capitalize())
        if name.startswith(("Y ", "H", "K'", "Ka ", "A ")) and self._chance.random() < 0.6:
            name += " " + self._chance.choice(sorted(highland.CLANS)).capitalize()
        return f"⟦person:{self._spelt(name)}⟧"

    def _any(self) -> str:
        makers: tuple[Callable[[], str], ...] = (
            lambda: self._name(self._full()),
            lambda: self._name([self._one()]),
            lambda: self._name([self._one(), self._one()]),
            self._nick,
            self._of_minority,
            self._initials,
            self._foreigner,
            self._byname,
        )
        return self._chance.choices(makers, (30, 30, 12, 12, 7, 4, 3, 5))[0]()

    def _road(self) -> str:
        if self._chance.random() < _STREETS_BY_PEOPLE:
            return " ".join(word.capitalize() for word in self._full())
        return self._chance.choice(self._streets).title()

    def _firm(self) -> str:
        return f"{self._chance.choice(_FIRST)} {self._chance.choice(_SECOND)}"

    def _fill(self, slot: str) -> str:
        chance = self._chance
        fillers: dict[str, Callable[[], str]] = {
            "f": lambda: self._name(self._full()),
            "g": lambda: self._name([self._one()]),
            "w": lambda: self._name([self._one(), self._one()]),
            "n": self._nick,
            "m": self._of_minority,
            "u": self._byname,
            "z": self._foreigner,
            "i": self._initials,
            "x": self._any,
            "t": lambda: chance.choice(_TITLES),
            "r": lambda: chance.choice(_TRADES),
            "p": lambda: chance.choice(self._places).title(),
            "v": lambda: chance.choice(self._communes),
            "s": self._road,
            "c": lambda: "công ty " + self._firm(),
            "o": lambda: chance.choice(("UBND xã", "trạm y tế", "Công an phường", "Sở Y tế", "bệnh viện huyện")),
            "k": lambda: str(chance.randint(2, 30)),
            "y": lambda: str(chance.randint(1940, 2015)),
            "d": lambda: f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/{chance.randint(1940, 2025)}",
            "h": lambda: f"{chance.randint(1, 300)}{chance.choice(('', 'A', '/3', '/12B'))}",
            "ph": lambda: f"0900{chance.randint(100000, 999999)}",
            "id": lambda: str(chance.randint(10**9, 10**13)),
            "b": lambda: f"60B{chance.randint(1, 9)}-{chance.randint(10000, 99999)}",
            "bk": lambda: chance.choice(("Vietcombank", "Agribank", "MB", "BIDV", "ACB")),
        }
        return fillers[slot]()


def _in_words(text: str, change: Callable[[str], str]) -> str:
    """The text with all words changed, but not what kind of datum a mark is."""
    parts = re.split(r"(⟦[a-z_]+:|⟧)", text)
    return "".join(part if part.startswith("⟦") or part == "⟧" else change(part) for part in parts)


def _without_marks(words: str) -> str:
    return "".join(low.upper() if char.isupper() else low for char, low in zip(words, shape(words), strict=True))


def templates() -> tuple[list[str], list[str]]:
    """Sentences with people, and without; of the latter the slots are filled without marks."""
    lines = [line for line in TEMPLATES.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    return [line for line in lines if not line.startswith("- ")], [line[2:] for line in lines if line.startswith("- ")]


def written(count: int, seed: int, neighbours: Sequence[str]) -> Iterator[Case]:
    """So many letters filled in."""
    filler, chance = Filler(seed), random.Random(seed + 1)
    people, nobody = templates()
    for _ in range(count):
        if chance.random() < 0.6:
            yield read({"text": filler.letter(people, neighbours)})
        else:
            yield read({"text": _MARK.sub(r"\1", filler.letter(nobody, neighbours))})


def without_names(texts: Iterable[str]) -> list[str]:
    """Those in which the rules see nobody."""
    return [text for text in texts if not any(True for _ in names.find(text, shape(text)))]


def often(texts: Iterable[str]) -> str:
    """The file of words that stand often where nobody is named: a line a rank, the rare ones first."""
    counts: Counter[str] = Counter()
    for text in texts:
        for low in re.findall(r"[^\W\d_]+", text.lower()):
            counts.update({low, fold(low)})
    ranks: dict[int, list[str]] = {rank: [] for rank in range(1, len(_RANKS) + 1)}
    for word, count in sorted(counts.items()):
        if count >= _RANKS[0]:
            ranks[bisect_right(_RANKS, count)].append(word)
    head = "# Words of messages that name nobody, by how often they stand there; made by tools/names_model.py.\n"
    return head + "\n".join(" ".join(words) for words in ranks.values()) + "\n"


def pairs(texts: Iterable[str]) -> str:
    """The file of words of two syllables: what stands together again and again where nobody is named, written small and
    with marks, one of them a syllable of names; a line a first word."""
    counts: Counter[tuple[str, str]] = Counter()
    for text in texts:
        found: set[tuple[str, str]] = set()
        for run in re.findall(r"[^\W\d_]+(?: [^\W\d_]+)*", text):
            words = run.split(" ")
            found.update(pair for pair in pairwise(words) if _may_be_one(*pair))
        counts.update(found)
    seconds: dict[str, list[str]] = {}
    for (first, second), count in sorted(counts.items()):
        if count >= LEAST:
            seconds.setdefault(first, []).append(second)
    head = "# Words of two syllables, the second ones after the first; made by tools/names_model.py.\n"
    return head + "\n".join(" ".join((first, *rest)) for first, rest in seconds.items()) + "\n"


def _may_be_one(first: str, second: str) -> bool:
    """Whether two words may be one of two syllables that looks like a name, and no name after what names somebody."""
    if not (first[0].islower() and second[0].islower()) or first + second == fold(first + second):
        return False
    if first in names.TITLES or first in _NAMING:
        return False
    return not {first, second}.isdisjoint(lexicon.CALLED | lexicon.FAMILIES)


def samples(letters: Iterable[tuple[Case, float]]) -> Iterator[tuple[tuple[str, ...], bool, float]]:
    """(features, whether a part of a name, weight) of each word that is looked at."""
    for case, weight in letters:
        letter = Letter(case.text, shape(case.text))
        reading = tagger.Reading(letter)
        inside = [(span.start, span.end) for span in case.marked if span.kind == "person"]
        for at in range(letter.size):
            if reading.may_be_a_name(at):
                is_name = any(start <= letter.starts[at] < end for start, end in inside)
                yield reading.features(at), is_name, weight


def train(letters: Iterable[tuple[Case, float]], *, regularity: float = 2.0) -> tagger.Model:
    """A model of these letters, each with its weight."""
    rows = list(samples(letters))
    counts: Counter[tuple[int, str]] = Counter()
    for features, _, _ in rows:
        counts.update(enumerate(features))
    numbers = {key: number for number, key in enumerate(sorted(key for key, count in counts.items() if count >= LEAST))}
    indices, pointers = [], [0]
    for features, _, _ in rows:
        indices += [numbers[key] for key in enumerate(features) if key in numbers]
        pointers.append(len(indices))
    matrix = csr_matrix((np.ones(len(indices), "f"), indices, pointers), (len(rows), len(numbers)))
    labels = np.array([is_name for _, is_name, _ in rows])
    weights = np.array([weight for _, _, weight in rows])
    machine = LogisticRegression(C=regularity, max_iter=300, solver="lbfgs", tol=1e-4)
    machine.fit(matrix, labels, sample_weight=weights)
    coefficients = machine.coef_[0]
    step = float(np.abs(coefficients).max() / 127)
    tables: list[dict[str, int]] = [{} for _ in rows[0][0]]
    for (table, key), number in numbers.items():
        weight = int(np.rint(coefficients[number] / step))
        if abs(weight) > _HARDLY_WEIGHS:
            tables[table][key] = weight
    real = [features for features, is_name, weight in rows if is_name and weight > 1]
    first, second = (least(tables[:count], real) for count in (tagger.OF_THE_WORD, tagger.OF_ITS_NEIGHBOURS))
    return tagger.Model(tables=tables, bias=float(machine.intercept_[0]), step=step, least=(first, second))


def least(tables: Sequence[Mapping[str, int]], names: Sequence[tuple[str, ...]]) -> int:
    """What the first features of nearly all words of names weigh in these tables."""
    return int(
        np.quantile(
            [sum(table.get(key, 0) for table, key in zip(tables, one, strict=False)) for one in names], _HARDLY_EVER
        )
    )


def letters(own: Iterable[Case], *, count: int = 14_000) -> list[tuple[Case, float]]:
    """What is learnt from: marked letters, phrases without names, and letters filled in."""
    plain = without_names(text["text"] for _, text in phrases.read())
    result = [(case, 3.0) for case in own]
    result += [(Case(text=text, marked=[], held=False), 1.0) for text in plain]
    filler = Filler(17)
    result += [(Case(text=filler.typed(text), marked=[], held=False), 1.0) for text in plain]
    result += [(Case(text=text, marked=[], held=False), 1.0) for text in without_names(stories())]
    result += [(case, 1.0) for case in written(count, 16, plain)]
    return result


def told() -> Iterator[str]:
    """What people write to a hotline and ask of procedures: phrases, stories, tales, synonyms."""
    yield from (text["text"] for _, text in phrases.read())
    for path in sorted(PROCEDURES.glob("*.tsv")):
        yield from path.read_text("utf-8").splitlines()


def stories() -> Iterator[str]:
    """What people tell before they are told which procedure it is."""
    for line in (PROCEDURES / "stories.tsv").read_text("utf-8").splitlines()[1:]:
        yield line.rsplit("\t", 1)[-1]


def main() -> None:
    (tagger.FILE.parent / "pairs.txt").write_text(pairs(told()), "utf-8")
    words = often(without_names(text["text"] for _, text in phrases.read()))
    (tagger.FILE.parent / "often.txt").write_text(words, "utf-8")  # read anew at the next run
    own = [case for path in (CASES, *sorted(HANDS.glob("*.jsonl"))) for case in cases(path) if not case.held]
    model = train(letters(own))
    tagger.FILE.write_bytes(model.to_bytes())
    print(f"{len(own)} letters, {sum(map(len, model.tables))} features, {tagger.FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
