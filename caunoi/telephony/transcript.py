"""Recorded AMI traffic as a file: `# <time> <-` or `->`, the packet's lines, an empty line.

Other lines that begin with `#` are remarks. A file that ends inside a packet was cut off: that packet is left out,
because half a line may read as a whole one.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .ami import BANNER, Packet, parse

HEAD = re.compile(r"# (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z? (<-|->)(?: (.*))?$")


class NotATranscriptError(ValueError):
    """The file holds no AMI packet."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """One packet and when it passed; `sent`: from us to the PBX."""

    at: datetime
    packet: Packet
    sent: bool = False


@dataclass(frozen=True, kw_only=True)
class Transcript:
    frames: tuple[Frame, ...]
    cut: bool

    @property
    def received(self) -> tuple[Frame, ...]:
        return tuple(frame for frame in self.frames if not frame.sent)


def read(path: Path) -> Transcript:
    """Read a file. Raises OSError where it cannot be read, NotATranscriptError where it is something else."""
    return loads(path.read_bytes().decode("utf-8", "replace"))


def loads(text: str) -> Transcript:
    """Read the text of a transcript; see `read`."""
    frames: list[Frame] = []

    head: tuple[datetime, bool] | None = None
    lines: list[str] = []
    # What stands after the last line end is no whole line.
    for line in text.removeprefix("\ufeff").split("\n")[:-1]:
        line = line.rstrip("\r")
        if line.startswith("#"):
            if match := HEAD.match(line):
                at = datetime.fromisoformat(match[1]).replace(tzinfo=UTC)
                # The greeting is a line of its own: no packet follows it.
                head = None if (match[3] or "").startswith(BANNER) else (at, match[2] == "->")
                lines = []

        elif line:
            lines.append(line)
        elif head and lines:
            packet = parse("\n".join(lines))
            if packet.pairs:
                frames.append(Frame(at=head[0], sent=head[1], packet=packet))
            head, lines = None, []
    if not frames:
        raise NotATranscriptError("no AMI packet in it")
    return Transcript(frames=tuple(frames), cut=bool(head))
