"""The papers that go with a denunciation, as Word files to be completed and signed: a record of what was said, and the
letter that passes it on. Their layout is the product's own: it is to be compared with the form that is in force."""

import io

import docx
from django.utils.timezone import localtime
from docx.enum.text import WD_ALIGN_PARAGRAPH

from caunoi.confidential.models import Case
from caunoi.directory import queries as directory
from caunoi.directory.queries import option
from caunoi.host.finding import Text, _

PAPERS = ("record", "transfer")
TITLES = {
    "record": _("Record of a report made in confidence"),
    "transfer": _("Letter passing on a report made in confidence"),
}
HEAD = _("SOCIALIST REPUBLIC OF VIET NAM\nIndependence – Freedom – Happiness")
SECRET = _("CONFIDENTIAL: who made the report must be kept secret (Law on Denunciations 25/2018, article 9).")
LINES = {
    "code": _("Number of the case"),
    "received": _("Received"),
    "name": _("Name of whoever reported it"),
    "phone": _("Telephone number"),
    "place": _("Where it happened"),
    "text": _("What was reported"),
}
TO = _("To: ………………………………………………………………………")
BODY = _(
    "%(hotline)s passes on the report below as not being for it to settle, and asks to be told the result so that "
    "whoever reported it can be answered."
)
SIGN = {
    "record": _("Whoever reported it (signature)\t\tWhoever wrote it down (signature)"),
    "transfer": _("For the hotline (signature, seal)"),
}
NAMELESS = _("(did not give a name)")


def write(row: Case, paper: str, lang: str) -> bytes:
    """A .docx. KeyError for a paper that is not in PAPERS."""
    words, english = row.words, "_en" if lang == "en" else ""
    area = directory.area(words.get("area", ""))
    values = {
        "code": row.code,
        "received": f"{localtime(row.received):%H:%M %d/%m/%Y}",
        "name": words.get("name") or NAMELESS.in_(lang),
        "phone": words.get("phone") or "–",
        "place": ", ".join(part for part in (words.get("address"), area.name if area else "") if part) or "–",
        "text": words.get("text", ""),
    }
    made = docx.Document()
    made.add_paragraph(HEAD.in_(lang)).alignment = WD_ALIGN_PARAGRAPH.CENTER
    made.add_heading(TITLES[paper].in_(lang), level=1)
    made.add_paragraph().add_run(SECRET.in_(lang)).bold = True
    if paper == "transfer":
        made.add_paragraph(TO.in_(lang))
        made.add_paragraph(Text(BODY.source, {"hotline": option(f"hotline_name{english}")}).in_(lang))
    table = made.add_table(rows=0, cols=2, style="Table Grid")
    for name, label in LINES.items():
        cells = table.add_row().cells
        cells[0].paragraphs[0].add_run(label.in_(lang)).bold = True
        cells[1].text = values[name]
    made.add_paragraph()
    made.add_paragraph(SIGN[paper].in_(lang))
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()
