"""What a check-up is made of: the checks, and what each of them finds, in words that are translated when
they are shown."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
from gettext import NullTranslations, translation
from pathlib import Path


class State(StrEnum):
    OK = "ok"
    WARN = "warn"  # it works, and will surprise
    BROKEN = "broken"  # it does not work, or harms


@dataclass(frozen=True)
class Text:
    """A sentence in English, translated when it is shown; `values` are inserted into it, and Texts among them are
    translated too."""

    source: str = ""
    values: Mapping[str, object] = field(default_factory=dict, hash=False)

    def in_(self, lang: str) -> str:
        text = _words(lang).gettext(self.source) if self.source else ""
        values = {name: value.in_(lang) if isinstance(value, Text) else value for name, value in self.values.items()}
        return text % values if values else text


NOTHING = Text()


def _(source: str, **values: object) -> Text:
    return Text(source, values)


class TranslatedError(Exception):
    """What went wrong and what to do, in words that are translated when they are shown."""

    def __init__(self, what: Text) -> None:
        self.what = what
        super().__init__(what.in_("en"))


def text_of(error: BaseException) -> Text:
    """What an error tells people; of those that are not ours as they say it themselves."""
    return error.what if isinstance(error, TranslatedError) else Text("%(error)s", {"error": error})


@cache
def _words(lang: str) -> NullTranslations:
    """The compiled translations of the product, which its pages have too; English where they are not there."""
    return translation("django", Path(__file__).parents[1] / "locale", [lang], fallback=True)


@dataclass(frozen=True, kw_only=True)
class Finding:
    """`what` is the case, `why` it matters, `mend` what to do; the latter two are empty where all is well. `page`: the
    view of the set-up where it is done. `check` and `part` are those of the check that found it, unless it names its
    own."""

    state: State
    what: Text
    why: Text = NOTHING
    mend: Text = NOTHING
    check: str = ""
    part: str = ""
    page: str = ""

    def as_json(self, lang: str) -> dict[str, str]:
        """The keys of `caunoi doctor --json`."""
        why = " ".join(text.in_(lang) for text in (self.what, self.why) if text.in_(lang))
        return {"check": self.check, "state": self.state.value, "why": why, "mend": self.mend.in_(lang)}


def warning(what: Text, why: Text, mend: Text, *, page: str = "") -> Finding:
    """It works, but will surprise somebody."""
    return Finding(state=State.WARN, what=what, why=why, mend=mend, page=page)


def broken(what: Text, why: Text, mend: Text, *, page: str = "") -> Finding:
    """It does not work, or does harm."""
    return Finding(state=State.BROKEN, what=what, why=why, mend=mend, page=page)


@dataclass(frozen=True, kw_only=True)
class Check[*Given]:
    """`look` yields what is wrong; where it yields nothing, `fine` is said. `name` is stable: programs ask for it.
    `health`: the service is degraded while this is broken."""

    name: str
    part: str
    fine: Text
    look: Callable[[*Given], Iterator[Finding]]
    health: bool = False

    def results(self, *args: *Given) -> Iterator[Finding]:
        """At least one; a check that fails itself says so and stops no other."""
        try:
            findings = list(self.look(*args))
        except Exception as error:  # whatever is wrong here, the rest is still wanted
            kind = type(error).__name__
            what = _("This cannot be looked at (%(kind)s).", kind=kind)
            findings = [warning(what, NOTHING, _("See to the other lines first."))]
        for one in findings or [Finding(state=State.OK, what=self.fine)]:
            yield replace(one, check=one.check or self.name, part=one.part or self.part)


def run[*Given](checks: Iterable[Check[*Given]], *args: *Given) -> Iterator[Finding]:
    """What all of them find, in their order."""
    for one in checks:
        yield from one.results(*args)
