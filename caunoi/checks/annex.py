"""The checklist of level 3 with this installation's answers, a document for the file by which a level is approved."""

import io

import docx
from django.conf import settings
from django.utils.timezone import localtime
from docx.enum.section import WD_ORIENT

from caunoi import __version__
from caunoi.checks.level3 import Answer, By, Row, Standing
from caunoi.directory.queries import option
from caunoi.host.finding import Text, _

TITLE = _("Annex: what this installation does for security level 3")
ABOUT = _(
    "%(place)s, %(hotline)s, %(address)s. Cầu Nối %(version)s, as it was found on %(at)s. “Met” is what the product "
    "saw for itself; what people answer is left for them. Each requirement names its source; what is from a summary "
    "was not read in the original: check it before anything is signed."
)
HEADS = (_("No."), _("Requirement"), _("Source"), _("By whom"), _("State"), _("Answer"))
BY = {By.PRODUCT: _("the product"), By.INSTALLATION: _("the installation"), By.ORGANISATION: _("the organisation")}
STANDING = {Standing.MET: _("met"), Standing.OPEN: _("not met"), Standing.PEOPLE: _("for people to answer")}
WIDTHS = (1.0, 6.5, 5.5, 2.5, 2.2, 8.0)  # centimetres
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
        texts = (row.text, row.source.title, BY[row.by], STANDING[answer.standing], answer.text)
        for cell, text in zip(table.add_row().cells, (str(number), *(one.in_(lang) for one in texts)), strict=True):
            cell.text = text
    for line in table.rows:
        for cell, width in zip(line.cells, WIDTHS, strict=True):
            cell.width = docx.shared.Cm(width)
    out = io.BytesIO()
    paper.save(out)
    return out.getvalue()
