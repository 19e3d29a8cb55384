"""A record's fields as plain text, one line a row. Pure; in Vietnamese, the language of the records."""

from typing import Any

from caunoi.procedures.record import Case, Paper, Record, Way


def way_text(way: Way) -> str:
    """Trực tiếp · 5 ngày làm việc · Miễn phí · note"""
    return " · ".join(part for part in (way.form, way.time_text, way.fee_text, way.note) if part)


def count_text(paper: Paper) -> str:
    """1 bản chính, 2 bản sao"""
    counts = ((paper.originals, "bản chính"), (paper.copies, "bản sao"))
    return ", ".join(f"{number} {kind}" for number, kind in counts if number)


def paper_text(paper: Paper) -> str:
    extra = ", ".join(part for part in (count_text(paper), paper.form) if part)
    return f"{paper.name} ({extra})" if extra else paper.name


def case_text(case: Case) -> str:
    return "\n".join([*([case.title] if case.title else []), *(f"- {paper_text(paper)}" for paper in case.papers)])


def field_text(record: Record, name: str) -> str:
    """One field of a record, to read or to compare."""
    value: Any = getattr(record, name)
    if name == "ways":
        return "\n".join(map(way_text, value))
    if name == "cases":
        return "\n\n".join(map(case_text, value))
    return "\n".join(value) if isinstance(value, tuple) else str(value)
