"""Bytes of a mail → text, whatever charset the mail claims. Never raises.

Valid UTF-8 is UTF-8, however it is labelled; then the label counts; then combining marks tell Vietnamese Windows text
from Western. TCVN3 and VNI are fonts, not charsets: such text stays as it reads.
"""

import codecs
import re
import unicodedata

# A closed list: Python knows "codecs" that are no charsets, and some take quadratic time.
_TABLES = (
    "ascii utf_8 utf_7 utf_16 utf_16_be utf_16_le utf_32 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258"
    " cp437 cp850 cp852 cp866 cp874 tis_620 koi8_r koi8_u mac_roman iso8859_1 iso8859_2 iso8859_3 iso8859_4 iso8859_5"
    " iso8859_6 iso8859_7 iso8859_8 iso8859_9 iso8859_10 iso8859_11 iso8859_13 iso8859_14 iso8859_15 iso8859_16"
)
_EAST = "gb18030 big5hkscs shift_jis cp932 euc_jp iso2022_jp iso2022_jp_2 cp949 euc_kr iso2022_kr"
_CODECS = {codecs.lookup(name).name for name in f"{_TABLES} {_EAST}".split()}
_MULTIBYTE = {codecs.lookup(name).name for name in f"{_EAST} utf_7 utf_16 utf_16_be utf_16_le utf_32".split()}
_WIDER = {  # superset of what is declared, because that is what is sent
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "big5hkscs",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_ALIASES = {
    "ansi": "cp1252",
    "cp-850": "cp850",
    "iso-8859-8-i": "iso8859-8",
    "ks_c_5601-1987": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "viet": "cp1258",
    "windows-874": "cp874",
    "x-gbk": "gb18030",
    "x-sjis": "cp932",
}
_VIETNAMESE = re.compile(rb"[AEIOUYaeiouy\xc2\xca\xd4\xe2\xea\xf4\xc3\xe3\xd5\xf5\xdd\xfd][\xcc\xd2\xde\xec\xf2]")
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff]")


def codec(label: str) -> str | None:
    """Python's name of the charset in `label`; None when it names none."""
    label = label.strip().strip("\"'").lower()[:60]
    try:
        name = codecs.lookup(_ALIASES.get(label, label)).name
    except (LookupError, ValueError, UnicodeError):
        return None
    name = _WIDER.get(name, name)
    return name if name in _CODECS else None


def text(data: bytes, label: str = "") -> str:
    """These bytes as text; what cannot be decoded becomes �."""
    name = codec(label)
    if name in _MULTIBYTE:
        try:
            return data.decode(name)
        except (UnicodeError, ValueError):
            pass
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if name == "utf-8" and _almost(data):
        return data.decode("utf-8-sig", "replace")
    if name in (None, "cp1252", "utf-8", "cp1258"):
        vietnamese = name == "cp1258" or len(_VIETNAMESE.findall(data[:20_000])) >= 2
        name = "cp1258" if vietnamese else "cp1252"
    return data.decode(name, "replace")


def _almost(data: bytes) -> bool:
    """Whether it is UTF-8 except for a few bytes, damaged by a cut or a gateway."""
    wrong = data.decode("utf-8", "replace").count("\ufffd")
    return wrong <= 2 or wrong * 20 < sum(byte > 127 for byte in data[:100_000])


def clean(words: str) -> str:
    """NFC, newlines as LF, without what belongs in no letter: controls, lone surrogates, marks that turn the direction
    of writing."""
    words = words.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u00a0", " ")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", words))
