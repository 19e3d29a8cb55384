"""A procedure as text for the phone or an answer: the short form first, then papers, fee and time.

Always in Vietnamese, as it is for the citizen, whatever language the operator's pages are in.
"""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from caunoi.procedures.record import Case, Record
from caunoi.procedures.text import count_text

PAPERS_SAID = 12
LONGEST_FEE = 240


def spoken(record: Record, link: str = "") -> str:
    """The text an operator reads aloud or sends; `link`: the page of the whole procedure."""
    with override("vi"):
        parts = [_short(record), *_papers(record), _fees(record), _times(record)]
        if record.results:
            parts.append(_("You get: %(results)s.") % {"results": "; ".join(record.results[:3]).rstrip(".")})
        if link:
            parts.append(_("In full: %(link)s") % {"link": link})
        return "\n".join(part for part in parts if part)


def _short(record: Record) -> str:
    where = record.agency or record.authority
    text = _("Procedure “%(name)s” (code %(code)s)") % {"name": record.name.rstrip(". "), "code": record.code}
    return text + (_(", handed in at: %(where)s.") % {"where": where} if where else ".")


def _papers(record: Record) -> list[str]:
    cases = [case for case in record.cases if case.needed]
    return [_case(case, alone=len(cases) == 1) for case in cases]


def _case(case: Case, *, alone: bool) -> str:
    papers = case.needed
    lines = [_("Papers:") if alone or not case.title else _("Papers – %(case)s:") % {"case": case.title.rstrip(": ")}]
    for number, paper in enumerate(papers[:PAPERS_SAID], 1):
        count = count_text(paper)
        lines.append(f"{number}. {paper.name.rstrip('.; ')}" + (f" ({count})" if count else ""))
    more = len(papers) - PAPERS_SAID
    if more > 0:
        lines.append(ngettext("and %(count)s more paper.", "and %(count)s more papers.", more) % {"count": more})
    return "\n".join(lines)


def _by_way(record: Record, name: str) -> list[tuple[str, str]]:
    """A field of each way; one line without a way where all are the same."""
    rows = [(way.form, str(getattr(way, name))) for way in record.ways if getattr(way, name)]
    return [("", rows[0][1])] if rows and len({text for _way, text in rows}) == 1 else list(dict.fromkeys(rows))


def _line(rows: list[tuple[str, str]]) -> str:
    return "; ".join(f"{form}: {text}" if form else text for form, text in rows).rstrip(". ")


def _fees(record: Record) -> str:
    rows = [
        (form, fee if len(fee) <= LONGEST_FEE else fee[:LONGEST_FEE].rsplit(" ", 1)[0] + " …")
        for form, fee in _by_way(record, "fee_text")
    ]
    return _("Fee: %(fees)s.") % {"fees": _line(rows)} if rows else ""


def _times(record: Record) -> str:
    rows = _by_way(record, "time_said")
    return _("Time: %(times)s.") % {"times": _line(rows)} if rows else ""


def same_advice(old: Record, new: Record) -> bool:
    """Whether `old` and `new` give the same advice."""
    return spoken(old) == spoken(new)
