"""The wire of Asterisk's manager interface (AMI): packets of `Key: value` lines, each ended by an empty line.

A packet is cut at CRLFCRLF in bytes and decoded after, so a letter split between two reads stays whole. Names are raw
UTF-8; `<unknown>` is a literal for "none".
"""

from collections.abc import Iterable, Iterator, Mapping

END = b"\r\n\r\n"
BANNER = "Asterisk Call Manager/"
NONE = frozenset({"", "<unknown>", "<null>", "(null)"})
# Asterisk reads a line into a buffer of 1,025 bytes and drops what is longer.
LONGEST_LINE = 1024
LARGEST_PACKET = 1 << 20


class UnsafeValueError(ValueError):
    """A key or value that would end its line, and so could smuggle in an action of its own."""


class Packet:
    """One packet: read-only, keys without regard to case, repeated keys kept.

    `packet["Linkedid"]` is the first value ("" where there is none), `packet.known(key)` the value or None where it
    stands for nothing, `packet.all(key)` every value in order.
    """

    __slots__ = ("_first", "pairs")

    def __init__(self, pairs: Iterable[tuple[str, str]]):
        self.pairs = tuple(pairs)
        self._first: dict[str, str] = {}
        for key, value in self.pairs:
            self._first.setdefault(key.lower(), value)

    def __getitem__(self, key: str) -> str:
        return self._first.get(key.lower(), "")

    def __contains__(self, key: str) -> bool:
        return key.lower() in self._first

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Packet) and self.pairs == other.pairs

    def __hash__(self) -> int:
        return hash(self.pairs)

    def __repr__(self) -> str:
        return f"Packet({self['Event'] or self['Response'] or self['Action']}, {len(self.pairs)} fields)"

    def value(self, key: str) -> str | None:
        value = self[key]
        return None if value in NONE else value

    def all(self, key: str) -> tuple[str, ...]:
        key = key.lower()
        return tuple(value for name, value in self.pairs if name.lower() == key)


def parse(text: str) -> Packet:
    """Read the lines of one packet; the greeting and lines without a colon are passed over."""
    pairs = []
    for line in text.split("\n"):
        key, colon, value = line.rstrip("\r").partition(":")
        if colon and key:
            pairs.append((key, value.removeprefix(" ")))
    return Packet(pairs)


def encode(action: str, fields: Mapping[str, str | Iterable[str]] | None = None) -> bytes:
    """Write one action; a field with several values repeats its key. Raises UnsafeValueError rather than let a line
    through."""
    lines = [("Action", action)]
    for key, value in (fields or {}).items():
        lines += [(key, value)] if isinstance(value, str) else [(key, each) for each in value]
    return b"".join(_line(key, value) for key, value in lines) + b"\r\n"


def _line(key: str, value: str) -> bytes:
    if not key or any(char in key for char in "\r\n\0: "):
        raise UnsafeValueError(f"not a key of AMI: {key!r}")
    if any(char in value for char in "\r\n\0"):
        raise UnsafeValueError(f"{key} would end its line: {value!r}")
    line = f"{key}: {value}".encode()
    if len(line) > LONGEST_LINE:
        raise UnsafeValueError(f"{key} is longer than Asterisk reads: {len(line)} bytes")
    return line + b"\r\n"


class Reader:
    """Bytes in, packets out. The greeting is passed over; what is too large or has no field is dropped."""

    def __init__(self, *, largest: int = LARGEST_PACKET):
        self._largest = largest
        self._buffer = bytearray()
        self._skipping = False

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Take in what was read; give every packet that it completes. To be used up before the next `feed`."""
        # The end mark may lie across the border of two reads; what lies before was searched already.
        start = max(0, len(self._buffer) - len(END) + 1)
        self._buffer += data
        while (at := self._buffer.find(END, start)) >= 0:
            raw = bytes(self._buffer[:at])
            del self._buffer[: at + len(END)]
            start = 0
            if (packet := self._read(raw)) is not None:
                yield packet
        if len(self._buffer) > self._largest:
            self._skipping = True
            del self._buffer[: -len(END) + 1]

    def _read(self, raw: bytes) -> Packet | None:
        skipped, self._skipping = self._skipping, False
        if skipped or len(raw) > self._largest:
            return None
        packet = parse(raw.decode("utf-8", "replace"))
        return packet if packet.pairs else None
