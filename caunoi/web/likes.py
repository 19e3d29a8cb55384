"""Open tickets that may tell of the same thing, as a page of the desk shows them: how sure, and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.events.actor import Actor
from caunoi.lib.vietnamese.writing import expand, fold, tokens
from caunoi.tickets.models import Ticket
from caunoi.triage.alike import Reasons
from caunoi.triage.likes import Like, of_ticket
from caunoi.triage.proposals import Certainty
from caunoi.web.lines import Line, pressing_lines
from caunoi.web.masks import readable

NEAR = 1_000
"""Metres within which two places are near."""
MOST = 4
"""Words that are shown."""
HOUR, DAY = 1.5, 24.0
"""Hours."""


@dataclass(frozen=True, kw_only=True)
class LikeLine:
    """One of them: `joins` says that what is looked at may be joined to it, to the first of a list by the key."""

    row: Line
    sure: bool
    why: str
    joins: bool


def like_lines(likes: Iterable[Like], by: Actor, *, before: int | None = None, may: bool = True) -> list[LikeLine]:
    """`before`: the id of the ticket that would be joined, and so only to an earlier one; `may`: it may be joined."""
    rows = list(likes)
    lines = pressing_lines([one.ticket for one in rows], by)
    return [
        LikeLine(
            row=line,
            sure=one.certainty is Certainty.SURE,
            why=" · ".join(_why(one.because, one.ticket, by)),
            joins=may and (before is None or one.ticket.pk < before),
        )
        for one, line in zip(rows, lines, strict=True)
    ]


def _why(because: Reasons, ticket: Ticket, by: Actor) -> Iterator[str]:
    if because.metres is not None and because.metres < NEAR:
        yield _("%(metres)s m away") % {"metres": f"{because.metres:.0f}"}
    elif because.area:
        yield _("same commune")
    if because.hours is not None and because.hours < HOUR:
        yield _("same hour")
    elif because.hours is not None and because.hours < DAY:
        hours = round(because.hours)
        yield ngettext("%(hours)s hour apart", "%(hours)s hours apart", hours) % {"hours": hours}
    if because.field:
        yield _("same field")
    if shared := _in_words((*because.spots, *because.words), ticket, by):
        yield _("both say: %(words)s") % {"words": ", ".join(shared)}


def _in_words(shared: Iterable[str], ticket: Ticket, by: Actor) -> list[str]:
    """What both say as this ticket has it, as far as `by` may read it: pairs of words that overlap as one phrase, a
    phrase that another holds once, no number by itself."""
    whole = tokens(expand(readable(of_ticket(ticket).text, ticket, by)))
    typed = {fold(word): word for word in reversed(whole)}
    phrases: list[str] = []
    for phrase in shared:
        if {*phrase.split()} <= {*typed} and not phrase.isdecimal():
            _add(" ".join(typed[word] for word in phrase.split()), phrases, f" {' '.join(whole)} ")
    return [one for one in phrases if not any(f" {one} " in f" {other} " for other in phrases if other != one)][:MOST]


def _add(phrase: str, phrases: list[str], text: str) -> None:
    """To one that overlaps it where the text has both as one, else by itself."""
    for at, other in enumerate(phrases):
        for first, second in ((other, phrase), (phrase, other)):
            overlap, _, rest = second.partition(" ")
            whole = f"{first} {rest}"
            if rest and f" {first} ".endswith(f" {overlap} ") and f" {whole} " in text:
                phrases[at] = whole
                return
    if phrase not in phrases:
        phrases.append(phrase)
