"""winmail.dat: Outlook's wrapping of attachments when it takes the recipient for another Outlook (MS-OXTNEF). Never
raises."""

from collections.abc import Sequence
from dataclasses import dataclass
from struct import error, unpack_from

from caunoi.channels.mail.charset import clean, text

SIGNATURE = b"\x78\x9f\x3e\x22"
MOST = 50
_BODY, _RENDER, _TITLE, _DATA, _PROPERTIES = 0x2800C, 0x69002, 0x18010, 0x6800F, 0x69005
_LONG_NAMES = ((0x3707, 0x1F), (0x3707, 0x1E), (0x3001, 0x1F), (0x3001, 0x1E))  # MAPI property and type


@dataclass(kw_only=True)
class Wrapped:
    name: str = ""
    content: bytes = b""


def unwrap(data: bytes) -> tuple[str, Sequence[Wrapped]]:
    """The plain body, mostly empty since a text part repeats it, and the attachments."""
    body, files, at = "", list[Wrapped](), 6
    if data[:4] != SIGNATURE:
        return body, files
    try:
        while at + 9 <= len(data) and len(files) <= MOST:
            name, length = unpack_from("<II", data, at + 1)
            value = data[at + 9 : at + 9 + length]
            at += 11 + length
            if name == _BODY:
                body = clean(text(value.rstrip(b"\0")))
            elif name == _RENDER:
                files.append(Wrapped())
            elif files and name == _TITLE:
                files[-1].name = files[-1].name or clean(text(value.rstrip(b"\0")))
            elif files and name == _DATA:
                files[-1].content = value
            elif files and name == _PROPERTIES:
                files[-1].name = _long_name(value) or files[-1].name
    except error:
        pass
    return body, [one for one in files if one.content or one.name]


def _long_name(data: bytes) -> str:
    """The file name among an attachment's MAPI properties, found by its tag: the list need not be walked for that."""
    for tag, kind in _LONG_NAMES:
        at = data.find(bytes([kind, 0]) + tag.to_bytes(2, "little") + b"\x01\0\0\0")
        if at >= 0 and at + 12 <= len(data):
            length = int.from_bytes(data[at + 8 : at + 12], "little")
            value = data[at + 12 : at + 12 + min(length, 1000)]
            name = value.decode("utf-16-le", "replace") if kind == 0x1F else text(value)
            return clean(name.rstrip("\0"))[:200]
    return ""
