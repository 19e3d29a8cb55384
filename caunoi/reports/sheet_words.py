"""The texts in the cells of a report's sheet, the same for cases and for the formulas that count them. Pure."""

from datetime import datetime

from caunoi.reports.compose import Material
from caunoi.statistics.periods import VIETNAM


def quoted(text: str) -> str:
    """A text as a criterion of COUNTIFS, in which ~, * and ? are special."""
    for mark in "~*?":
        text = text.replace(mark, f"~{mark}")
    return '"=' + text.replace('"', '""') + '"'


def label(m: Material, by: str, code: str, none: str, name: str) -> str:
    """The text of a code in a case's cell; two of the same name are distinguished by their codes."""
    if not code:
        return none
    if by == "channel":
        return m.names.get(code, code)
    same = sum(group["name"] == name for group in m.figures["groups"][by])
    return f"{name} ({code})" if same > 1 or not name else name


def local(moment: datetime) -> datetime:
    """As a sheet holds it, by the clock of Vietnam."""
    return moment.astimezone(VIETNAM).replace(tzinfo=None)
