"""A paper as DOCX, for an office to edit; the same parts in the same places as the PDF."""

import io
from datetime import datetime
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from caunoi.reports.paper import Block, Cell, PaperLayout

TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
FONT = "Times New Roman"
SIDE = {"left": ALIGN.LEFT, "right": ALIGN.RIGHT, "center": ALIGN.CENTER}
WIDE = 165  # mm between the margins


def render(paper: PaperLayout, at: datetime) -> bytes:
    """The file; `at` is its time of creation."""
    document = Document()
    _page(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = (
        f"{paper.name} {paper.about}"[:255],
        " ".join(paper.issuer)[:255],
        "",
    )
    properties.created = properties.modified = at.replace(tzinfo=None)
    properties.language = "vi-VN"
    _head(document, paper)
    if paper.draft:
        _line(document, paper.draft, bold=True, size=20, above=14)
    _line(document, paper.name, bold=True, above=14)
    _line(document, paper.about, bold=True, below=12)
    if paper.notice:
        _line(document, paper.notice, italic=True, size=12, below=8)
    for block in paper.blocks:
        _block(document, block)
    _foot(document, paper)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _page(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(20)
    section.left_margin, section.right_margin = Mm(30), Mm(15)
    section.different_first_page_header_footer = True
    number = section.header.paragraphs[0]
    number.alignment = ALIGN.CENTER
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = number.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = text
        run._r.append(mark)
    style = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(14)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    style.paragraph_format.space_after = Pt(6)
    for level in (1, 2):
        heading = document.styles[f"Heading {level}"]
        heading.font.name, heading.font.size, heading.font.bold = FONT, Pt(14), True
        heading.font.color.rgb = RGBColor(0, 0, 0)
        heading.element.rPr.rFonts.set(qn("w:asciiTheme"), FONT)
        for name in ("w:asciiTheme", "w:hAnsiTheme", "w:eastAsiaTheme", "w:cstheme"):
            heading.element.rPr.rFonts.attrib.pop(qn(name), None)


def _line(
    place: Any,
    text: str,
    *,
    bold: bool = False,
    italic: bool = False,
    size: int = 14,
    above: int = 0,
    below: int = 0,
    side: str = "center",
    first: bool = False,
) -> Any:
    """One paragraph; in a cell, `first` uses the empty one that is there."""
    made = place.paragraphs[0] if first else place.add_paragraph()
    made.alignment = SIDE[side]
    made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(above), Pt(below)
    run = made.add_run(text)
    run.bold, run.italic, run.font.size = bold, italic, Pt(size)
    return made


def _rule(paragraph: Any) -> None:
    """A line below a paragraph."""
    edge = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "6"), ("space", "1"), ("color", "000000")):
        edge.set(qn(f"w:{name}"), value)
    border = OxmlElement("w:pBdr")
    border.append(edge)
    paragraph._p.get_or_add_pPr().append(border)


def _columns(document: Any, *wide: int) -> tuple[Any, ...]:
    table = document.add_table(rows=1, cols=len(wide))
    table.autofit = False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for cell, width in zip(table.rows[0].cells, wide, strict=True):
        cell.width = Mm(width)
    return tuple(table.rows[0].cells)


def _head(document: Any, paper: PaperLayout) -> None:
    left, right = _columns(document, 72, 93)
    for at, text in enumerate(paper.superior):
        _line(left, text, size=12, first=at == 0)
    last = None
    for at, text in enumerate(paper.issuer):
        last = _line(left, text, size=12, bold=True, first=at == 0 and not paper.superior)
    if last is not None:
        _narrow(last, 22)
    _line(left, paper.number, size=13, above=6)
    _line(right, paper.words["state"], size=12, bold=True, first=True)
    _narrow(_line(right, paper.words["motto"], size=13, bold=True), 14)
    _line(right, paper.dated, size=13, italic=True, above=6)


def _narrow(paragraph: Any, indent: int) -> None:
    """A line below, shorter than the column by `indent` mm on both sides: an empty paragraph that carries it."""
    made = OxmlElement("w:p")
    paragraph._p.addnext(made)
    ruled = type(paragraph)(made, paragraph._parent)
    ruled.paragraph_format.left_indent = ruled.paragraph_format.right_indent = Mm(indent)
    ruled.paragraph_format.space_after = Pt(0)
    ruled.paragraph_format.line_spacing = Pt(3)
    _rule(ruled)


def _block(document: Any, block: Block) -> None:
    if block.kind == "heading":
        made = document.add_heading(block.text, min(block.level, 2))
        made.paragraph_format.space_before, made.paragraph_format.space_after = Pt(12), Pt(6)
    elif block.kind == "table":
        _table(document, block)
    else:
        made = _line(document, f"- {block.text}" if block.kind == "item" else block.text, below=6, side="left")
        made.alignment = ALIGN.JUSTIFY
        made.paragraph_format.first_line_indent = Mm(11)


def _table(document: Any, block: Block) -> None:
    _line(document, block.text, bold=True, size=12, above=8, below=4).paragraph_format.keep_with_next = True
    table = document.add_table(rows=1, cols=len(block.columns))
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for cell, (words, share, _) in zip(table.rows[0].cells, block.columns, strict=True):
        cell.width = Mm(WIDE * share)
        _line(cell, words, bold=True, size=11, first=True)
    repeated = OxmlElement("w:tblHeader")
    repeated.set(qn("w:val"), "true")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for at, row in enumerate(block.rows):
        bold = block.total and at == len(block.rows) - 1
        for cell, one, (_, share, side) in zip(table.add_row().cells, row, block.columns, strict=True):
            cell.width = Mm(WIDE * share)
            _fill(cell, one, side, bold)
    document.add_paragraph().paragraph_format.space_after = Pt(0)


def _fill(place: Any, one: Cell, side: str, bold: bool) -> None:
    made = _line(place, "" if one.url else one.text, bold=bold, size=11, side=side, first=True)
    if one.url:
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), made.part.relate_to(one.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
        run = made.add_run(one.text)
        run.font.size, run.bold = Pt(11), bold
        link.append(run._r)
        made._p.append(link)


def _foot(document: Any, paper: PaperLayout) -> None:
    left, right = _columns(document, 80, 85)
    _line(left, paper.words["to"], bold=True, italic=True, size=12, side="left", first=True)
    for at, text in enumerate(paper.recipients):
        end = "." if at == len(paper.recipients) - 1 else ";"
        _line(left, f"- {text}{end}", size=11, side="left")
    for at, text in enumerate(paper.signs):
        _line(right, text, bold=True, first=at == 0)
    _line(right, paper.signer, bold=True, above=80, first=not paper.signs)
