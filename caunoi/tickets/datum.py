"""The data of a move: each datum with its kind, its words, and who may read it. Pure.

Labels and hints are English sources; pages translate them."""

from dataclasses import dataclass
from enum import StrEnum


class DatumKind(StrEnum):
    """What sort of value it is, and where it goes."""

    WORDS = "words"  # kept as a note, which can be erased; never in the event
    LINE = "line"  # a short text, written to the ticket's column of that name; never in the event
    CODE = "code"  # a code of the vocabulary `of`
    NUMBER = "number"
    FLAG = "flag"
    ROW = "row"  # a row of `of`: category, area, agency or ticket; the event names it by its code
    ROWS = "rows"
    PHOTOS = "photos"  # ids of stored attachments
    CITATIONS = "citations"  # procedure code → version


@dataclass(frozen=True, kw_only=True)
class Datum:
    """One input of a move. `citizen`: whether the ticket's citizen may read these words."""

    name: str
    kind: DatumKind
    label: str
    hint: str = ""
    of: str = ""
    citizen: bool = False
    rows: int = 2  # height of the field for words
    expected: bool = False  # the form insists on it, though the move does not need it
    least: int = 0
    most: int = 0
    initial: str = ""  # dotted path: (ticket) → what the field holds at first
    offered: str = ""  # dotted path: (ticket) → the agencies it is about; where there are none the form leaves it out

    @property
    def column(self) -> str:
        """The ticket's column that it is written to; empty for none."""
        return self.name if self.name in COLUMNS else ""


COLUMNS = frozenset({"category", "area", "agency", "kind", "urgency", "summary"})

TEXT = Datum(name="text", kind=DatumKind.WORDS, label="Answer to the citizen", rows=7, citizen=True, expected=True)
QUESTION = Datum(
    name="question", kind=DatumKind.WORDS, label="What do we ask the citizen?", rows=4, citizen=True, expected=True
)
REASON = Datum(name="reason", kind=DatumKind.WORDS, label="Reason", rows=3)
NOTE = Datum(name="note", kind=DatumKind.WORDS, label="Note")
SUMMARY = Datum(name="summary", kind=DatumKind.LINE, label="Summary in one sentence")
CATEGORY = Datum(name="category", kind=DatumKind.ROW, of="category", label="Category")
AREA = Datum(name="area", kind=DatumKind.ROW, of="area", label="Commune")
KIND = Datum(name="kind", kind=DatumKind.CODE, of="kind", label="Kind")
URGENCY = Datum(name="urgency", kind=DatumKind.CODE, of="urgency", label="Urgency")
AGENCY = Datum(name="agency", kind=DatumKind.ROW, of="agency", label="Agency")
COORDINATING = Datum(
    name="coordinating",
    kind=DatumKind.ROWS,
    of="agency",
    label="Agencies that help",
    hint="They get their own deadline; the one that leads puts their parts together.",
)
WITHOUT = Datum(
    name="without",
    kind=DatumKind.FLAG,
    label="Answer without waiting for the agencies that help",
    hint="Not answered yet: %(agencies)s.",
    offered="caunoi.routing.queries.awaited",
)
CELL = Datum(name="cell", kind=DatumKind.CODE, of="cell", label="Province")
REACH = Datum(
    name="reach",
    kind=DatumKind.FLAG,
    label="The citizen agrees that the other province learns who they are and how to reach them",
    hint="Ask them first. Without it they follow their report there by the link that we send them.",
    offered="caunoi.transfers.queries.reachable",
)
INTO = Datum(name="into", kind=DatumKind.ROW, of="ticket", label="Code of the earlier ticket")
DAYS = Datum(name="days", kind=DatumKind.NUMBER, label="How many more working days?", least=1, most=60)
BEFORE = Datum(
    name="before",
    kind=DatumKind.PHOTOS,
    label="Photos before the work",
    hint="One close by and one from farther away help most.",
)
AFTER = Datum(
    name="after",
    kind=DatumKind.PHOTOS,
    label="Photos after the work",
    hint="From the same spot as before, so that one sees the difference.",
)
CITES = Datum(name="cites", kind=DatumKind.CITATIONS, label="Procedures it rests on")
