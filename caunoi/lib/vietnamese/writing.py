"""Vietnamese text: one form at the boundary, search keys, tsvector lexemes and the alphabet's order.

Marks are typed, dropped or misplaced at will, so text is compared by folded keys (`fold`) and, where the writer
did use marks, ranked by accented ones (`norm`). Keep the original: nothing here but `nfc` is meant to be shown.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

Field = tuple[str, str]
"""A text and its tsvector weight, one of A B C D."""

LEXEME_BYTES = 2046
"""PostgreSQL refuses longer lexemes."""
LAST_POSITION = 16383
POSITIONS = 256
"""PostgreSQL keeps no more positions of a lexeme, silently."""
FORGIVEN = 8
"""Of longer questions the first words count where not every word is found."""
FIELD_GAP = 10
"""Positions left empty between fields, so that no phrase spans two of them."""

TONES = "\u0300\u0309\u0303\u0301\u0323"
"""Huyền, hỏi, ngã, sắc, nặng: the dictionary's order, after the level tone."""
ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"

_LINE_END = re.compile("\r\n?|[\v\f\x85\u2028\u2029]")
# Besides C0 and C1: soft hyphen, zero-width space, byte order mark, and what turns the writing direction around.
_INVISIBLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_WORD = re.compile(r"[^\W_][^\W_]*(?:[\u0300-\u036f]+[^\W_]*)*")
_ETH = str.maketrans("Ððđ", "Đđđ")
_STROKE = str.maketrans("đĐðÐ", "dDdD")
_TONE = re.compile(f"[{TONES}]")
_SYLLABLE = re.compile(
    "(ngh|ng|nh|gh|gi(?=[aăâeêioôơuưy])|qu(?=[aăâeêioôơuưy])|ch|kh|ph|th|tr|[bcdđghklmnpqrstvx])?"
    "([aăâeêioôơuưy]{1,3})(ch|nh|ng|[cmnpt])?"
)
_SORTED = {letter: chr(ord("A") + rank) for rank, letter in enumerate(ALPHABET)}

SHORT = {
    "ubnd": "ủy ban nhân dân", "hđnd": "hội đồng nhân dân", "tthc": "thủ tục hành chính", "dvc": "dịch vụ công",
    "cccd": "căn cước công dân", "cmnd": "chứng minh nhân dân", "cmt": "chứng minh thư", "gplx": "giấy phép lái xe",
    "bhyt": "bảo hiểm y tế", "bhxh": "bảo hiểm xã hội", "bhtn": "bảo hiểm thất nghiệp", "mst": "mã số thuế",
    "gcnqsdđ": "sổ đỏ", "gcnqsdd": "sổ đỏ", "gcnqsd": "sổ đỏ", "qsdđ": "quyền sử dụng đất", "qsdd": "quyền sử dụng đất",
    "gpxd": "giấy phép xây dựng", "gpkd": "giấy phép kinh doanh", "đkkd": "đăng ký kinh doanh",
    "gpmb": "giải phóng mặt bằng", "csgt": "cảnh sát giao thông", "pccc": "phòng cháy chữa cháy",
    "attp": "an toàn thực phẩm", "tnmt": "tài nguyên môi trường", "vsmt": "vệ sinh môi trường",
    "tdp": "tổ dân phố", "kp": "khu phố", "kcn": "khu công nghiệp", "thcs": "trung học cơ sở",
    "thpt": "trung học phổ thông", "sđt": "số điện thoại", "sdt": "số điện thoại", "đt": "điện thoại",
    "ko": "không", "kg": "không", "k": "không", "hok": "không", "hông": "không", "kô": "không", "khg": "không",
    "dc": "được", "đc": "được", "đk": "được", "j": "gì", "mn": "mọi người", "ng": "người", "mk": "mình",
    "bik": "biết", "bít": "biết", "vs": "với", "trc": "trước", "cx": "cũng", "lm": "làm", "ntn": "như thế nào",
    "r": "rồi", "đg": "đường", "xl": "xin lỗi", "nv": "nhân viên", "cb": "cán bộ", "gđ": "gia đình",
}  # fmt: skip
"""What an abbreviation or a teencode word stands for, where the word alone says it."""

# No digit before: "30 kg", "250 k" are amounts.
_SHORT = re.compile(
    rf"(?<![\w/.-])(?<![0-9] )(?:{'|'.join(sorted(SHORT, key=len, reverse=True))})(?![\w/])", re.IGNORECASE
)
_ABBREVIATIONS = [
    (re.compile(pattern, re.IGNORECASE), words)
    for pattern, words in (
        (r"\b(?:giấy )?chứng nhận (?:quyền sử dụng|qsd|qsdđ) đất\b|\bgcn ?qsdđ\b|\bgiấy đỏ\b", "sổ đỏ"),
        (r"\bql\.? ?-?(?=[0-9])", "quốc lộ "),
        (r"\b[đd]t\.? ?-?(?=[0-9]{3}\b)", "đường tỉnh "),
        (r"\btl\.? ?-?(?=[0-9]{2,3}\b)", "tỉnh lộ "),
        (r"\bhl\.? ?-?(?=[0-9]{1,3}\b)", "hương lộ "),
        (r"\btp\b\.? ?", "thành phố "),
        (r"\btx\. ?", "thị xã "),
        (r"\btt\. ?(?=[^\W0-9])", "thị trấn "),
        (r"\bp(?:\. ?|\.?(?=[0-9]{1,2}\b))", "phường "),
        (r"\bq(?:\. ?|\.?(?=[0-9]{1,2}\b))", "quận "),
        (r"\bx\. ?(?=[^\W0-9])", "xã "),
        (r"\bh\. ?(?=[^\W0-9])", "huyện "),
        (r"\bkp\.? ?(?=[0-9])", "khu phố "),
        (r"\btdp\.? ?(?=[0-9])", "tổ dân phố "),
        (r"\b[đd]\. ?(?=[^\W0-9])", "đường "),
    )
]
_COURTESY = re.compile(
    r"""\bcong\ hoa\ xa\ hoi\ chu\ nghia\ viet\ nam\b | \bdoc\ lap\s*[-–]\s*tu\ do\s*[-–]\s*hanh\ phuc\b
    | ^[^\S\n]*don\ (?:phan\ anh|kien\ nghi|de\ nghi|xin)[^\n]{0,60}$
    | \bkinh\ (?:gui|thua)\b[^\n.,;]{0,120}[.,;]?
    | \b(?:xin\ |kinh\ )?chao\ (?:quy|tong\ dai|anh|chi|cac|ban|ad|admin|co\ quan|1022)\b[^\n.,;!]{0,60}[.,;!]?
    | \b(?:alo|ad\ oi|admin\ oi|da\ thua)\b[\ .,;!]*
    | \b(?:toi|em|minh|chau)?\ ?(?:xin\ )?(?:chan\ thanh\ |rat\ )?cam\ on
      (?:\ (?:quy|cac|anh|chi|ad|nhieu|rat|tong|lanh|co\ quan)\b[^\n.,;!]{0,80})?[\ ./!]*
    | \b(?:xin\ )?tran\ trong(?:\ (?:kinh\ chao|cam\ on))?\b[\ ./,!]*
    | \b(?:rat|kinh|xin|toi|em)\ mong\b[^\n.,;!]{0,100}
      \b(?:xem\ xet|quan\ tam|giai\ quyet|phan\ hoi|tra\ loi)(?:\ (?:som|giup|cho|toi|em|a|nhe|nha))*\s*(?:[./!]+|$)
    | \b(?:toi|em|minh|chung\ toi)\ (?:xin|muon)\ (?:duoc\ )?(?:phan\ anh|kien\ nghi|hoi)
      (?:\ (?:nhu\ sau|mot\ viec))?\b[\ :,]*
    """,
    re.VERBOSE | re.MULTILINE,
)


def nfc(text: str) -> str:
    """The text as it enters: NFC, line ends as LF, no control characters but newline and tab, no lone surrogates."""
    text = _INVISIBLE.sub("", _LINE_END.sub("\n", _SURROGATE.sub("\ufffd", text)))
    return unicodedata.normalize("NFC", text)


class _Shapes(dict[int, int]):
    """Each code point's folded one, where that is a single one; filled as they come."""

    def __missing__(self, point: int) -> int:
        char = chr(point)
        digit = unicodedata.decimal(char, None)
        blank = char != "\n" and (char.isspace() or _INVISIBLE.match(char))
        folded = " " if blank else fold(char) if digit is None else str(digit)
        self[point] = ord(folded) if len(folded) == 1 else point
        return self[point]


_SHAPES = _Shapes()


def shape(text: str) -> str:
    """Like `fold`, but with one character for each of the NFC text's, so that positions are the same in both.

    All digits become ASCII, all blanks but line ends (the invisible ones too) become spaces.
    """
    return unicodedata.normalize("NFC", text).translate(_SHAPES)


class _Unmarked(dict[int, int | None]):
    """Each code point as it is, but none for a combining one; filled as they come."""

    def __missing__(self, point: int) -> int | None:
        self[point] = None if unicodedata.combining(chr(point)) else point
        return self[point]


_UNMARKED = _Unmarked()


def fold(text: str) -> str:
    """The search key: lower case, no marks, đ as d (also Ð and ð typed for it), spaces collapsed."""
    text = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).lower().translate(_STROKE))
    return " ".join(text.translate(_UNMARKED).lower().split())


@lru_cache(50_000)
def norm(word: str) -> str:
    """The word in lower case NFC with its tone where dictionaries put it: hoà → hòa, thuỷ → thủy, qúy → quý.

    What is no Vietnamese syllable keeps its marks where they are.
    """
    word = unicodedata.normalize("NFC", word).lower().translate(_ETH)
    apart = unicodedata.normalize("NFD", word)
    tones = _TONE.findall(apart)
    if len(tones) != 1:
        return word
    syllable = _SYLLABLE.fullmatch(unicodedata.normalize("NFC", _TONE.sub("", apart)))
    if syllable is None:
        return word
    onset, vowels, coda = syllable.group(1) or "", syllable.group(2), syllable.group(3) or ""
    at = _nucleus(vowels, closed=bool(coda)) + 1
    return unicodedata.normalize("NFC", onset + vowels[:at] + tones[0] + vowels[at:] + coda)


def _nucleus(vowels: str, *, closed: bool) -> int:
    """Which of a syllable's vowels bears the tone."""
    marked = [at for at, vowel in enumerate(vowels) if vowel in "ăâêôơư"]
    if marked:
        return marked[-1]
    if closed:
        return len(vowels) - 1
    return 1 if len(vowels) == 3 else 0


def tokens(text: str) -> list[str]:
    """Split NFC text into words and numbers, without punctuation."""
    return _WORD.findall(unicodedata.normalize("NFC", text))


def lexemes(fields: Iterable[Field]) -> str:
    """A tsvector literal: for each word its folded form, its folded pair with the word before, its accented form.

    `ban_do` is the pair of bản đồ, `=bản` the accented form, written only where marks were.
    """
    entries: dict[str, list[str]] = {}
    position = 0
    for text, weight in fields:
        before = ""
        for word in tokens(text):
            position = min(position + 1, LAST_POSITION)
            place = f"{position}{weight}"
            for lexeme in _forms(word, before):
                places = entries.setdefault(lexeme, [])
                if len(places) < POSITIONS:
                    places.append(place)
            before = _plain(word)
        position = min(position + FIELD_GAP, LAST_POSITION)
    return " ".join(f"{lexeme}:{','.join(places)}" for lexeme, places in entries.items())


@lru_cache(50_000)
def _plain(word: str) -> str:
    """The lexeme of a word without its marks."""
    return _cut(fold(word))


@lru_cache(50_000)
def _forms(word: str, before: str) -> tuple[str, ...]:
    """The lexemes of a word after another, quoted."""
    plain, accented = _plain(word), norm(word)
    if not plain:
        return ()
    forms = [plain]
    if accented != plain:
        forms.append(_cut("=" + accented))
    if before:
        forms.append(_cut(f"{before}_{plain}"))
    return tuple(map(_quoted, forms))


def query(text: str, *, prefix: bool = False) -> str:
    """A tsquery over `lexemes`: all the folded words; with `prefix` the last may be unfinished. Empty for no words."""
    words = list(dict.fromkeys(_cut(word) for word in map(fold, tokens(text)) if word))
    last = _cut(fold(tokens(text)[-1])) if words else ""
    return " & ".join(_quoted(word) + (":*" if prefix and word == last else "") for word in words)


def accented(text: str) -> str:
    """A tsquery for all the words with the marks they were typed with; empty where none has any."""
    words = list(dict.fromkeys(norm(word) for word in tokens(text)))
    if all(word == _plain(word) for word in words):
        return ""
    return " & ".join(_quoted(_cut(word if word == _plain(word) else f"={word}")) for word in words)


def any_of(text: str) -> str:
    """A tsquery for all the folded words but one, whichever; empty for a single word."""
    words = list(dict.fromkeys(_plain(word) for word in tokens(text) if _plain(word)))[:FORGIVEN]
    if len(words) < 2:
        return ""
    return " | ".join(f"({' & '.join(_quoted(word) for word in words if word != left)})" for left in words)


def _cut(lexeme: str) -> str:
    return lexeme.encode()[:LEXEME_BYTES].decode(errors="ignore")


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def sort_key(text: str) -> str:
    """A key that sorts by code point as a Vietnamese dictionary does: letters first, tones last, numbers by value.

    Letters and numbers become printable ASCII; letters of other scripts stand after z.
    """
    words = tokens(text.lower().translate(_ETH))
    return "-".join(map(_letters, words)) + " " + "".join(map(_tone, words))


def _letters(word: str) -> str:
    plain = unicodedata.normalize("NFC", _TONE.sub("", unicodedata.normalize("NFD", word)))
    parts = re.split("([0-9]+)", plain)
    return "".join(_number(part) if part.isascii() and part.isdigit() else _ranks(part) for part in parts)


def _ranks(letters: str) -> str:
    return "".join(_SORTED.get(letter) or _SORTED.get(fold(letter), letter) for letter in letters)


def _number(digits: str) -> str:
    digits = digits.lstrip("0") or "0"
    return str(min(len(digits), 9)) + digits


def _tone(word: str) -> str:
    return str(max((TONES.index(tone) + 1 for tone in _TONE.findall(unicodedata.normalize("NFD", word))), default=0))


def expand(text: str) -> str:
    """Office abbreviations and teencode in full words, one term for the red book. For matching only, never to show."""
    text = unicodedata.normalize("NFC", text)
    for pattern, words in _ABBREVIATIONS:
        text = pattern.sub(words, text)
    return _SHORT.sub(lambda short: SHORT[short.group().lower()], text)


def without_courtesy(text: str) -> str:
    """The text without letter heads, greetings, thanks and signs-off: noise for classifying and for duplicates."""
    text = unicodedata.normalize("NFC", text)
    parts, start = [], 0
    for courtesy in _COURTESY.finditer(shape(text)):
        parts.append(text[start : courtesy.start()])
        start = courtesy.end()
    lines = (" ".join(line.split()) for line in "".join([*parts, text[start:]]).splitlines())
    return "\n".join(line for line in lines if line)
