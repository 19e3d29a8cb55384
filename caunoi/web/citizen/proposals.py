"""What is proposed to whoever writes a report: whom to call first, which way is the lawful one, the field, the commune,
procedures that answer a question. A person decides, and what nobody is sure of is not said."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.directory import queries as directory
from caunoi.directory.geography import geography, resolve
from caunoi.directory.models import Area
from caunoi.lib.messages import danger
from caunoi.lib.places import spoken
from caunoi.procedures import queries as procedures
from caunoi.procedures.models import Procedure
from caunoi.procedures.record import Record
from caunoi.triage.alarms import rings
from caunoi.triage.heads import LEGAL
from caunoi.triage.queries import understand
from caunoi.web.labels import localised_name
from caunoi.web.procedure import Fact, how_long, how_much

LONGEST = 4_000
"""Characters that are read of what somebody writes."""
LIKELY = 0.8
"""How sure it must be that a commune is meant."""
ANSWERS = 3
"""Procedures that are shown for a question."""
NOT_OURS = ("out_of_area", "spam")
"""Of what is none of our work neither field nor answer is proposed."""
PAPERS = 6
"""Papers of a procedure that are listed; of more it is said how many."""


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """Of one text, as its draft keeps them. `call`: the number to call first; `law`: complaint or denunciation, and
    whether it `stops` the form; `outside`: it may lie in another province; `fields`: codes of categories, the likeliest
    first, which may be `sure`; `question`: how certain it is one, "" for not; `answers`: codes of the procedures that
    answer it."""

    call: str = ""
    law: str = ""
    stops: bool = False
    outside: bool = False
    fields: Sequence[str] = ()
    sure: bool = False
    question: str = ""
    answers: Sequence[str] = ()

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        """What a draft keeps of them."""
        stored = data.get("proposals") or {}
        return cls(**{field.name: stored[field.name] for field in fields(cls) if field.name in stored})

    def to_data(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {**asdict(self), "fields": [*self.fields], "answers": [*self.answers]}


@dataclass(frozen=True, kw_only=True)
class AnsweringProcedure:
    """A procedure with the facts that most people ask for."""

    procedure: Procedure
    facts: list[Fact]


def propose(text: str, *, kind: str = "", is_own: bool = False) -> Proposals:
    """What is proposed of a text; `kind`: what the form says it is, `is_own`: as somebody chose."""
    text = text[:LONGEST]
    understanding = understand(text, place=False)
    gate, about, sort = (understanding.matters[name] for name in ("gate", "category", "kind"))
    law = gate.value if gate.value in LEGAL else ""
    is_plain = not law and gate.value not in NOT_OURS
    codes = (about.value, *about.others) if understanding.category and is_plain else ()
    question = str(sort.certainty) if understanding.value("kind") == "question" and is_plain else ""
    asks = kind == "question" or (question and not is_own)
    result = procedures.search_result(text, limit=ANSWERS) if asks and text else None
    answers = [hit.code for hit in result.hits] if result and result.fits else []
    return Proposals(
        call=danger.number(text) or (gate.value.rpartition("_")[2] if rings(gate) else ""),
        law=law,
        stops=bool(law) and gate.sure,
        outside=gate.value == "out_of_area",
        fields=[code for code in codes if directory.category(code)],
        sure=about.sure,
        question=question if sort.sure or answers else "",
        answers=answers,
    )


def field_choices(codes: Sequence[str]) -> list[tuple[str, str]]:
    """Codes of categories with their names, as far as they are still in force."""
    return [(code, localised_name(row)) for code in codes if (row := directory.category(code))]


def answering(codes: Sequence[str]) -> list[AnsweringProcedure]:
    """Procedures in this order, with their main facts."""
    rows = procedures.by_codes(codes) if codes else []
    in_force = [(row, row.current) for row in rows if row.current and row.retired is None]  # the index may be older
    return [AnsweringProcedure(procedure=row, facts=main_facts(version.record)) for row, version in in_force]


def main_facts(record: Record) -> list[Fact]:
    """Which papers, what it costs, how long it takes, where: only what the record says."""
    rows = [
        ("file-text", _("What to bring"), papers(record)),
        ("tag", _("What it costs"), fees(record)),
        ("timer", _("How long it takes"), how_long(record)),
        ("map-pin", _("Where to bring it"), record.address or record.agency or record.authority),
    ]
    return [Fact(icon=icon, label=label, text=text) for icon, label, text in rows if text]


def papers(record: Record) -> str:
    """The papers of a procedure with one case; of several cases each has its own list."""
    cases = [case for case in record.cases if case.needed]
    if len(cases) > 1:
        return _("It depends on your case")
    needed = [paper.name for case in cases for paper in case.needed]
    rest = len(needed) - PAPERS
    more = [ngettext("and %(count)s more", "and %(count)s more", rest) % {"count": rest}] if rest > 0 else []
    return "; ".join(needed[:PAPERS] + more)


def fees(record: Record) -> str:
    """What it costs, where that is one line."""
    several = len({way.fee_text for way in record.ways if way.fee_text}) > 1
    return _("It depends on your case") if several else how_much(record)


def commune_of(data: Mapping[str, Any]) -> Area | None:
    """The commune that the address names, else the words of a report."""
    for words in (data.get("address", ""), data.get("text", "")[:LONGEST]):
        meant = spoken.commune(words, home=directory.province_code(), geography=geography()) if words else None
        if meant and meant.p >= LIKELY:
            return directory.area(meant.code)
    return None


def is_elsewhere(data: Mapping[str, Any]) -> bool:
    """Whether the address that was typed lies in another province."""
    return bool(data.get("address")) and not data.get("area") and resolve(data["address"]).outside
