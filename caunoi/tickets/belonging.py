"""Which ticket a message belongs to. Pure; its tests hold the tables."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from caunoi.lib.numbers import codes
from caunoi.lib.vietnamese.writing import expand, fold, without_courtesy
from caunoi.tickets.lifecycle import ENDS, HANDLED, State

FRESH = timedelta(days=7)  # for so long after an answer, messages are taken to be about it
CODE_IN_TEXT = re.compile(r"(?<![\d-])\d{2}[-. ]?\d{6}[-. ]?\d(?![\d-])")


class Sort(StrEnum):
    """What a message is to its ticket."""

    REPORT = "report"  # it opens one
    REPLY = "reply"  # to what we asked: the ticket goes on
    REMARK = "remark"
    THANKS = "thanks"  # nothing follows
    COMPLAINT = "complaint"  # about the answer: an operator is offered to reopen it
    HOLD = "hold"  # of no ticket: it waits in the list of conversations


@dataclass(frozen=True, kw_only=True)
class Incoming:
    """A message. `answers`: tickets of the messages that it answers; `quotes`: tickets of the same person whose code it
    names; `foreign`: of somebody else."""

    text: str
    at: datetime
    photos: bool = False
    place: bool = False
    answers: Collection[int] = ()
    quotes: Collection[int] = ()
    foreign: Collection[int] = ()


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A ticket of the same thread, or one that was quoted."""

    id: int
    state: str
    touched: datetime

    @property
    def open(self) -> bool:
        return self.state not in HANDLED and self.state not in ENDS


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`ticket` is None for REPORT and HOLD; `suggests` are tickets that a new one may have to do with, and why."""

    sort: Sort
    ticket: int | None = None
    suggests: Sequence[tuple[int, str]] = ()


_OPENERS = re.compile(
    r"""\b(?: (?:xin\ |kinh\ )?chao(?:\ (?:ban|anh|chi|em|co|chu|bac|admin|ad|shop|tong\ dai|1022|moi\ nguoi
    |buoi\ \w+))*
      | hi | hello | hey | alo+ | test | ping
      | (?:ad|admin|anh|chi|em|ban|shop|page|tong\ dai|1022)\ oi
      | co\ ai\ (?:o\ do\ )?(?:khong|ko|k)? | (?:dang\ )?(?:online|onl)\ (?:khong|ko|k)
      | (?:cho\ )?(?:em|toi|minh|chau|tui|hoi|con)?\ ?(?:xin\ )?(?:hoi|nho|can\ (?:tu\ van|giup|ho\ tro))
        (?:\ (?:chut|ti|xiu|thong\ tin|mot\ (?:viec|chut)|xi))?
      | (?:toi|em|minh|chau|con)\ (?:muon|can|xin)\ (?:phan\ anh|hoi|kien\ nghi|bao)(?:\ (?:mot\ viec|chut))?
      | tu\ van | giup\ (?:em|toi|minh)? | bat\ dau | start | menu
    )\b""",
    re.VERBOSE,
)
_NODS = re.compile(
    r"""\b(?: ok(?:e|ay|i|la)? | da\ vang | (?:da|vang|u|uh|um|ah|a|nhe|nha|roi)(?=\W*$) | ro\ roi | biet\ roi
    | duoc\ roi | haha+ | hihi+ | hehe+
      | (?:xin\ |chan\ thanh\ |rat\ )*cam\ on
        (?:\ (?:ban|anh|chi|ad|admin|nhieu|rat|lam|quy|co\ quan|tong\ dai|moi\ nguoi|cac|da|su|ho\ tro|giup\ do|nha|nhe
        |a|1022|nhanh))*
      | thank(?:s|\ you)? | tks | thanks | thx | tuyet(?:\ voi)? | tot(?:\ (?:qua|lam))? | hai\ long | qua\ nhanh
      | nhanh\ qua | hoan\ ho
    )\b""",
    re.VERBOSE,
)
_THANKS = re.compile(
    r"\b(?:cam on|thank|thanks|tks|thx|hai long|tuyet voi|tot (?:qua|lam|roi)|(?:da )?(?:sua|lam|xong|sang|het) "
    r"(?:xong )?roi)\b"
)
_COMPLAINT = re.compile(
    r"""\b(?: (?:van|con)\ (?:chua|khong|con|the|nhu\ (?:cu|vay|the)|y\ nguyen|hong|hu|ngap|tat|do|ban|hoi|on|bi)
      | chua\ (?:\w+\ ){0,2}(?:xong|sua|lam|giai\ quyet|duoc|thay|xu\ ly|het|co|sang|don|ai|dung|thoa\ dang|hai\ long)
      | khong\ (?:\w+\ )?(?:dung|hai\ long|dong\ y|thoa\ dang|giai\ quyet|xu\ ly|sua|lam\ gi|chap\ nhan|ai)
      | lai\ (?:\w+\ )?(?:hong|hu|tat|bi|do|xa|ngap|hat|on|nhu\ cu|tai\ dien)
      | (?:buc\ xuc|that\ vong|vo\ trach\ nhiem|qua\ te|noi\ doi|lua\ doi|dun\ day|cho\ co|qua\ loa|phan\ doi|sai\ roi
      |tra\ loi\ sai)
    )\b""",
    re.VERBOSE,
)


def quoted(text: str) -> set[str]:
    """The codes of tickets that a text names."""
    return {code for match in CODE_IN_TEXT.findall(text) if (code := codes.parse(match))}


def plain(text: str) -> str:
    """The folded words, abbreviations written out."""
    return " ".join(re.findall(r"[^\W_]+", fold(expand(text))))


def matter(text: str) -> str:
    """The subject of a text: without greetings, thanks, nods, codes and phone numbers."""
    rest = plain(without_courtesy(CODE_IN_TEXT.sub(" ", text)))
    rest = _NODS.sub(" ", _OPENERS.sub(" ", rest))
    return " ".join(word for word in rest.split() if not word.isdigit())


def substantial(text: str) -> bool:
    """Whether a text says something that somebody could act upon or answer."""
    return len(matter(text).split()) >= 2


def complains(text: str) -> bool:
    return _COMPLAINT.search(plain(text)) is not None


def grateful(text: str) -> bool:
    """Whether it says thanks, or that all is well."""
    return _THANKS.search(plain(text)) is not None


def thanks(text: str) -> bool:
    """Thanks, or a nod, and nothing else to act upon."""
    return not complains(text) and (grateful(text) or not substantial(text))


def belongs(incoming: Incoming, candidates: Sequence[Candidate]) -> Decision:
    """The ticket a message belongs to. One that it answers or quotes comes before open ones, one that waits for a reply
    before others, the one touched last before older ones."""
    something = bool(matter(incoming.text) or incoming.photos or incoming.place or incoming.text.strip())
    cited = {*incoming.answers, *incoming.quotes}
    order = sorted(candidates, key=lambda k: (k.id in cited, k.open, k.state == State.WAITING, k.touched), reverse=True)
    best = order[0] if order else None
    if best is not None and (best.open or best.id in cited or incoming.at - best.touched <= FRESH):
        decision = _relation(incoming, best, is_named=best.id in cited, something=something)
        if decision is not None:
            return decision
    suggests = [(pk, "quoted") for pk in sorted(incoming.foreign)]
    if not substantial(incoming.text):
        return Decision(sort=Sort.HOLD)
    if best is not None and incoming.at - best.touched <= FRESH:
        suggests.append((best.id, "earlier"))
    return Decision(sort=Sort.REPORT, suggests=suggests)


def _relation(incoming: Incoming, ticket: Candidate, *, is_named: bool, something: bool) -> Decision | None:
    """What it is to this ticket; None when it is about something else."""
    if ticket.state == State.WAITING:
        replies = incoming.photos or incoming.place or _answers(incoming.text)
        return Decision(sort=Sort.REPLY if replies else Sort.THANKS, ticket=ticket.id)
    if ticket.open:
        if incoming.photos or incoming.place or substantial(incoming.text) or complains(incoming.text):
            return Decision(sort=Sort.REMARK, ticket=ticket.id)
        return Decision(sort=Sort.THANKS, ticket=ticket.id)
    if complains(incoming.text):
        return Decision(sort=Sort.COMPLAINT, ticket=ticket.id)
    if something and thanks(incoming.text) and not incoming.photos and not incoming.place:
        return Decision(sort=Sort.THANKS, ticket=ticket.id)
    if ticket.state == State.ANSWERED or is_named:
        return Decision(sort=Sort.REMARK if something else Sort.THANKS, ticket=ticket.id)
    return None


def _answers(text: str) -> bool:
    """Whether it answers a question: one word may, a mere greeting does not."""
    return bool(text.strip()) and bool(_OPENERS.sub(" ", plain(text)).strip() or not plain(text))
