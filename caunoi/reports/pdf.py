"""A paper as PDF, by typst: no system libraries, the font of the front end's build, the same bytes for the same paper.

Words go in as data and are never read as typst's own language."""

import json
from datetime import datetime
from pathlib import Path

import typst
from django.conf import settings

from caunoi.reports.paper import Paper

SOURCE = Path(__file__).with_name("paper.typ")
TYPE = "application/pdf"


def render(paper: Paper, at: datetime) -> bytes:
    """The file; `at` is written in it as when it was made."""
    fonts = settings.STATIC_DIST / "paper"
    made: bytes = typst.compile(
        str(SOURCE),
        root=str(SOURCE.parent),
        font_paths=[str(fonts)] if fonts.is_dir() else [],
        ignore_system_fonts=True,
        sys_inputs={"paper": json.dumps(paper.data(), ensure_ascii=False)},
        timestamp=int(at.timestamp()),
    )
    return made
