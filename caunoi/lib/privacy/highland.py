"""Names of the Ê Đê, M'Nông, S'Tiêng and their neighbours: Y Blôk Niê, H'Hen Niê, K'Brơi, Điểu K'Ré, Thị Bi Ry.

Y, H and K say that a man or a woman follows; the clan stands last, or first as a family name does.
"""

from caunoi.lib.privacy.letter import Letter

CLANS = frozenset(
    "niê mlô êban ayun kbuôr byă kđăm ktla knul bkrông êñuôl ênuôl kriêng mjâo hwing hmok adrơng kđoh rmah ksor kpă "
    "rcăm"
    " rahlan kpuih siu bdap buôr hđơk hlong hra kbrông mdrang msao nie mlo eban kbuor kdam bkrong enuol rcam".split()
)
"""Names of clans in lower case, that are no other words."""
_NO_MAN = frozenset(
    "te khoa duoc hoc ta si bac vien duc le lenh ba chang van kien ban ty vu bat doan dung ao phuc tue".split()
)
"""Folded: after a capital Y no name (Y tế, Y khoa, a slip for Ủy ban, xã Y Tý)."""
_NOBODY = frozenset("h'mong h're k'ho k'nia k'pan k'rong k'mart".split())
"""Folded: peoples and trees."""
_OF_PLACES = frozenset("ea ia cu chu dak dac krong bon plei da kon bu thac ho doi".split())
"""Folded: what stands before the rest of a place's name (Ea H'Leo, thác K'Bang)."""
_NO_WOMAN = frozenset("tran xa truong nghe vai chinh hieu".split())
"""Folded: after Thị no name (Thị trấn, Thị Nghè, sông Thị Vải)."""


def is_highland_name(letter: Letter, at: int, run: int) -> bool:
    """Whether the `run` capitalised words from there are such a name, without a form of address."""
    low = letter.low(at)
    if letter.joined(at) and letter.folded(at - 1) in _OF_PLACES:
        return False
    if low == "thị":
        return run in (2, 3) and letter.folded(at + 1) not in _NO_WOMAN and not letter.capitals(at)
    if _marked(letter, at):
        return True
    if run < 2:
        return False
    if low == "y" and not letter.capitals(at + 1) and letter.folded(at + 1) not in _NO_MAN:
        return True
    if low == "ka" and letter.low(at + 1) != "ra":
        return True
    if low in CLANS and not letter.capitals(at):
        return True
    return low in ("y", "h") and any(letter.low(at + n) in CLANS for n in range(1, run))


def _marked(letter: Letter, at: int) -> bool:
    """Whether the word itself tells: H'Hen, K'Brơi."""
    folded = letter.folded(at).replace("’", "'")
    return len(folded) > 3 and folded[0] in "hky" and folded[1] == "'" and folded not in _NOBODY
