"""What a check-up finds: what is wrong, why it matters, what to do; in Vietnamese and English."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    BROKEN = "broken"  # the product does not run, or harms
    WARNING = "warning"  # it runs, and will surprise


@dataclass(frozen=True, kw_only=True)
class Text:
    """One sentence in both languages."""

    vi: str
    en: str

    def in_(self, lang: str) -> str:
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`subject` is the name of a setting or a part of the machine."""

    subject: str
    level: Level
    what: Text
    why: Text
    do: Text


def broken(subject: str, what: tuple[str, str], why: tuple[str, str], do: tuple[str, str]) -> Finding:
    """A finding of level broken; each text is (Vietnamese, English)."""
    return _finding(subject, Level.BROKEN, what, why, do)


def warning(subject: str, what: tuple[str, str], why: tuple[str, str], do: tuple[str, str]) -> Finding:
    """A finding of level warning; each text is (Vietnamese, English)."""
    return _finding(subject, Level.WARNING, what, why, do)


def _finding(subject: str, level: Level, what: tuple[str, str], why: tuple[str, str], do: tuple[str, str]) -> Finding:
    texts = [Text(vi=vi, en=en) for vi, en in (what, why, do)]
    return Finding(subject=subject, level=level, what=texts[0], why=texts[1], do=texts[2])
