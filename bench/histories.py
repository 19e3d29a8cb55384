"""What each session of a bench wrote and read, in its own order, and whether that could have been one database.

A session never reads less than it has read (monotonic reads), nor misses what it was told it had written (read your
writes), whichever server answers."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field


@dataclass
class History:
    """Of one session, which does one thing after the other: ("write", what was acknowledged) and ("read", all that was
    shown), in this order."""

    session: str
    steps: list[tuple[str, frozenset[str]]] = field(default_factory=list)

    def wrote(self, value: str) -> None:
        self.steps.append(("write", frozenset({value})))

    def read(self, values: Iterable[str]) -> None:
        self.steps.append(("read", frozenset(values)))

    def reads(self) -> int:
        return sum(kind == "read" for kind, _ in self.steps)


def contradictions(histories: Collection[History]) -> list[str]:
    """Reads that lack what their session had written or read before; a line each."""
    found = []
    for history in histories:
        written, shown = set[str](), set[str]()
        for number, (kind, values) in enumerate(history.steps):
            if kind == "write":
                written |= values
                continue
            if lost := written - values:
                found.append(f"{history.session}, step {number}: without its own {', '.join(sorted(lost))}")
            if older := shown - values - lost:
                found.append(f"{history.session}, step {number}: {', '.join(sorted(older))} had been there")
            shown |= values
    return found
