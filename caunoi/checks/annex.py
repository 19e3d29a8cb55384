"""The checklist of level 3 with this installation's answers, a document for the file by which a level is approved."""

import io

import docx
from django.conf import settings
from django.utils.timezone import localtime
from docx.enum.section import WD_ORIENT

from caunoi import __version__
from caunoi.checks.level3 import Answer, By, Row, Standing, counts, source
from caunoi.directory.queries import option
from caunoi.host.finding import Text, _

TITLE = _("Annex: what this installation does for security level 3")
ABOUT = _(
    "%(place)s, %(hotline)s, %(address)s. Cầu Nối %(version)s, as it was found on %(at)s. “Met” is what the product "
    "saw for itself; what the organisation answers is left for it. Each requirement names its source; what is "
    "from a summary was not read in the original: check it before anything is signed."
)
HEADS = (_("No."), _("Requirement"), _("Source"), _("By whom"), _("State"), _("Answer"), _("To do"))
BY = {By.PRODUCT: _("the product"), By.INSTALLATION: _("the installation"), By.ORGANISATION: _("the organisation")}
BY_ASSURANCE = _("stated by the organisation")
STANDING = {Standing.MET: _("met"), Standing.OPEN: _("not met"), Standing.PEOPLE: _("by the organisation")}
WIDTHS = (1.0, 5.3, 4.8, 2.2, 2.0, 5.6, 4.8)  # centimetres
A4 = (297, 210)  # millimetres


def write(rows: list[tuple[Row, Answer]], lang: str) -> bytes:
    """A .docx, A4 across."""
    paper = docx.Document()
    section = paper.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = docx.shared.Mm(A4[0]), docx.shared.Mm(A4[1])
    section.left_margin = section.right_margin = docx.shared.Cm(2)
    paper.add_heading(TITLE.in_(lang), level=1)
    english = "_en" if lang == "en" else ""
    about = Text(
        ABOUT.source,
        {
            "place": option(f"place{english}"),
            "hotline": option(f"hotline_name{english}"),
            "address": settings.PUBLIC_URL,
            "version": __version__,
            "at": f"{localtime():%d/%m/%Y %H:%M}",
        },
    )
    paper.add_paragraph(about.in_(lang))
    table = paper.add_table(rows=1, cols=len(HEADS), style="Table Grid")
    for cell, head in zip(table.rows[0].cells, HEADS, strict=True):
        cell.paragraphs[0].add_run(head.in_(lang)).bold = True
    for number, (row, answer) in enumerate(rows, 1):
        standing = BY_ASSURANCE if answer.is_stated else STANDING[answer.standing]
        texts = (row.text, source(row), BY[row.by], standing, answer.text, answer.mend)
        for cell, text in zip(table.add_row().cells, (str(number), *(one.in_(lang) for one in texts)), strict=True):
            cell.text = text
    for line in table.rows:
        for cell, width in zip(line.cells, WIDTHS, strict=True):
            cell.width = docx.shared.Cm(width)
    paper.add_paragraph(counts(rows).in_(lang))
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()
