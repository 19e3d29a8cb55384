"""The commune that somebody speaks of in a sentence, where `address.resolve` reads lines of an address.

People say the bare name ("ngập ở Tân Lợi", "chợ Bù Nho"). In a sentence a name counts when it is written as it is, not
when its letters could have been meant so; a name of today means today's commune.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from caunoi.lib.places import address, gazetteer
from caunoi.lib.places.gazetteer import Geography, Unit
from caunoi.lib.places.mentions import Mention, mentions
from caunoi.lib.places.phrases import Phrases, Word, words
from caunoi.lib.places.readings import areas_of
from caunoi.lib.places.toponyms import Toponyms, vocabulary

SURE, LIKELY = 0.97, 0.85
CERTAIN = 0.77
"""How sure an address must be to be taken from a sentence: not where a letter was another."""
MANY = 8
"""Communes of today in an old city whose bare name means the city."""
_ELSEWHERE = Phrases(
    "sông, hồ, lòng hồ, suối, núi, thác, đập, rừng, đường, đ, lộ, phố, cao tốc, quốc lộ, cầu, trạm thu phí, thủy điện",
    "song ho duong cau lo pho dap",
)
"""Before a name that a commune shares with what may lie in several: it counts where no other does."""
_AT = Phrases("ở, tại, ngụ, ngụ tại, thuộc, trên địa bàn, bên, qua, đoạn, khúc", "ben qua doan khuc")
_BESIDE = Phrases(
    "hướng, hướng về, về hướng, về, đi, từ, ra, tới, giáp, ấp, thôn, khu phố, kp, khóm, tổ, sóc, làng", "ve di ra to"
)
"""Before the name of where something comes from or goes to, or of a hamlet: it counts where no other does."""
_WORDS = {"dongtien", "trungdung", "chodem", "daco"}
"""Names that, without their marks, are ordinary words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Commune:
    """A commune in force today, and how sure it is that it is meant."""

    code: str
    p: float


def commune(text: str, *, home: str = address.HOME, geography: Geography | None = None) -> Commune | None:
    """The one commune that a message names; None where it names none, several, or one of another province."""
    answer = address.resolve(text, home=home, geography=geography)
    if answer.area_code and answer.confidence >= CERTAIN:
        return Commune(code=answer.area_code, p=SURE)
    if answer.outside and answer.confidence > 0.9:
        return None
    names = vocabulary(home, geography or gazetteer.official())
    text_words, today = words(text, names.names), gazetteer.today()
    written = [m for m in mentions(text_words, names) if _is_written_out(m, text_words)]
    read = [m for m in written if m.kind or not _ELSEWHERE.before(text_words, m.start)]
    within = _of_districts(written, names)
    for chosen in (
        within,
        [] if within else read,
        [m for m in read if m.kind or not _BESIDE.before(text_words, m.start)],
        [m for m in read if m.kind or _AT.before(text_words, m.start)],
        [] if read else written,
    ):
        units = [unit for m in chosen for unit in (_of_district(m, written, names) or _meant(m, names, today))]
        codes = areas_of(units, names, today)
        if len(codes) == 1:
            return Commune(code=next(iter(codes)), p=LIKELY)
    return None


def _is_written_out(mention: Mention, text: list[Word]) -> bool:
    if mention.slips or mention.clash or not mention.names:
        return False
    if mention.kind:
        return True
    own = text[mention.start : mention.end]
    key = "".join(word.plain for word in own)
    plain = all(word.text == word.plain for word in own)
    return len(own) > 1 and not (plain and key in _WORDS)


def _of_districts(read: list[Mention], names: Toponyms) -> list[Mention]:
    """Those that name a commune of an old district which another one names."""
    return [mention for mention in read if _of_district(mention, read, names)]


def _of_district(mention: Mention, read: list[Mention], names: Toponyms) -> list[Unit]:
    """The communes it may mean that lay in a district named beside it."""
    districts = {
        t.unit.code for m in read if m is not mention for t in m.names if t.home and t.unit.level == "district"
    }
    return [
        t.unit
        for t in mention.names
        if t.home and t.unit.level == "commune" and {t.unit.district, *names.origins.get(t.unit.code, ())} & districts
    ]


def _meant(mention: Mention, names: Toponyms, today: date) -> Iterable[Unit]:
    """Today's commune of this name; else those of before that were called so. None of a name that is first that of a
    province or of a city of many communes."""
    if not mention.kind and any(_is_larger(t.unit, names) for t in mention.names):
        return []
    communes = [t.unit for t in mention.names if t.home and t.unit.level == "commune"]
    return [unit for unit in communes if unit.valid_to is None or unit.valid_to > today] or communes


def _is_larger(unit: Unit, names: Toponyms) -> bool:
    made = sum(unit.code in origins for origins in names.origins.values()) if unit.level == "district" else 0
    return unit.level == "province" or made >= MANY
