"""What an operator is doing: what was said of them and what is seen of them, read as one state. Pure.

What is said (a row of Presence) changes by the table of moves; what is seen (the legs of calls, the desk phone) is read
on top of it. A reading needs nobody to have acted: an after-call time that is over is over, whoever was dead.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class OperatorState(StrEnum):
    SIGNED_OUT = "signed_out"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"
    AFTER_CALL = "after_call"
    BREAK = "break"
    AWAY = "away"
    UNREACHABLE = "unreachable"


class Word(StrEnum):
    """What counts as said of somebody until the next word."""

    OFF = "off"
    AVAILABLE = "available"
    BREAK = "break"
    NO_ANSWER = "no_answer"
    AWAY = "away"
    AFTER_CALL = "wrapup"


SEEN_BREAKS = (Word.NO_ANSWER, Word.AWAY, Word.AFTER_CALL)
"""Breaks that nobody takes: the product sees them, and their word is their reason, also at the exchange."""


class Cause(StrEnum):
    """What makes another word count. People say any word at any time; these are seen."""

    HUNG_UP = "hung_up"  # a talked call ended
    MORE_TIME = "more_time"  # asked for, after a call
    TIME_UP = "time_up"
    RANG_IN_VAIN = "rang_in_vain"
    PAGES_CLOSED = "pages_closed"
    PAGE_OPENED = "page_opened"
    FORSAKEN = "forsaken"  # pages closed for very long


def _moves(cause: Cause, words: str, to: Word) -> dict[tuple[Cause, Word], Word]:
    return {(cause, Word(word)): to for word in words.split()}


MOVES: Mapping[tuple[Cause, Word], Word] = {
    #        what is seen        while this counts           makes this count
    **_moves(Cause.HUNG_UP, "available wrapup", Word.AFTER_CALL),
    **_moves(Cause.MORE_TIME, "wrapup", Word.AFTER_CALL),
    **_moves(Cause.TIME_UP, "wrapup", Word.AVAILABLE),
    **_moves(Cause.RANG_IN_VAIN, "available wrapup", Word.NO_ANSWER),
    **_moves(Cause.PAGES_CLOSED, "available wrapup", Word.AWAY),
    **_moves(Cause.PAGE_OPENED, "away", Word.AVAILABLE),
    **_moves(Cause.FORSAKEN, "available break no_answer away wrapup", Word.OFF),
}
"""What is not in it changes nothing."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What counts as said. `ends`: when an after-call time is over. `attended`: they are, or once were, before a page,
    or an exchange of its own speaks for them. `unreachable`: since when their desk phone cannot be rung."""

    word: Word
    since: datetime
    reason: str = ""
    ends: datetime | None = None
    attended: bool = True
    unreachable: datetime | None = None

    def at(self, now: datetime) -> "Statement":
        """The same as of a moment: an after-call time ends by itself."""
        if self.word is not Word.AFTER_CALL or self.ends is None or now < self.ends:
            return self
        return Statement(
            word=MOVES[Cause.TIME_UP, self.word],
            since=self.ends,
            attended=self.attended,
            unreachable=self.unreachable,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class BusyPhone:
    """A phone of theirs in a call that is not over: it rings since, or talks since."""

    call: int
    talks: bool
    since: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class OperatorReading:
    """What an operator does at a moment. `reason` of a break, `ends` of an after-call time, `call` of who rings or
    talks."""

    state: OperatorState
    since: datetime | None = None
    reason: str = ""
    ends: datetime | None = None
    call: int | None = None


OF_WORD: Mapping[Word, OperatorState] = {
    Word.OFF: OperatorState.SIGNED_OUT,
    Word.AVAILABLE: OperatorState.READY,
    Word.BREAK: OperatorState.BREAK,
    Word.NO_ANSWER: OperatorState.BREAK,
    Word.AWAY: OperatorState.AWAY,
    Word.AFTER_CALL: OperatorState.AFTER_CALL,
}
"""What each word makes of somebody of whom nothing else is seen."""


def read(statement: Statement | None, phone: BusyPhone | None, now: datetime) -> OperatorReading:
    """The one state of an operator. What is seen on a phone counts before what is said: a call goes on after its
    operator signed out, and a phone that cannot be rung is not ready."""
    if phone:
        state = OperatorState.TALKING if phone.talks else OperatorState.RINGING
        return OperatorReading(state=state, since=phone.since, call=phone.call)
    if statement is None:
        return OperatorReading(state=OperatorState.SIGNED_OUT)
    statement = statement.at(now)
    state = OF_WORD[statement.word]
    if state is OperatorState.SIGNED_OUT:
        return OperatorReading(state=state, since=statement.since)
    if statement.unreachable:
        return OperatorReading(state=OperatorState.UNREACHABLE, since=statement.unreachable, reason=statement.reason)
    if state is OperatorState.READY and not statement.attended:
        return OperatorReading(state=OperatorState.AWAY, since=statement.since)
    return OperatorReading(state=state, since=statement.since, reason=statement.reason, ends=statement.ends)
