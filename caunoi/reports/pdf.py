"""A paper as PDF, by typst: no system libraries, the font of the front end's build, the same bytes for the same paper.

Words go in as data and are never read as typst markup. It runs in a process of its own: typst keeps some fifty
megabytes, which a worker would hold for the rest of its life."""

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

from django.conf import settings

from caunoi.reports.paper import PaperLayout

SOURCE = Path(__file__).with_name("paper.typ")
TYPE = "application/pdf"
PATIENCE = 120  # seconds
SET = """
import json, sys
import typst
sys.stdout.buffer.write(typst.compile(**json.load(sys.stdin)))
"""


def render(paper: PaperLayout, at: datetime) -> bytes:
    """The file; `at` is its time of creation."""
    fonts = settings.STATIC_DIST / "paper"
    options = {
        "input": str(SOURCE),
        "root": str(SOURCE.parent),
        "font_paths": [str(fonts)] if fonts.is_dir() else [],
        "ignore_system_fonts": True,
        "sys_inputs": {"paper": json.dumps(paper.data(), ensure_ascii=False)},
        "timestamp": int(at.timestamp()),
    }
    words = [sys.executable, "-P", "-c", SET]
    done = subprocess.run(words, input=json.dumps(options).encode(), capture_output=True, timeout=PATIENCE)
    if done.returncode:
        raise RuntimeError(f"typst: {done.stderr.decode(errors='replace')[-2000:]}")
    return done.stdout
