"""Prints docs/status.md: what the product can do, and which test shows it, from the `Proves:` lines of the docstrings
of tests and benches. A line runs to the next one or to an empty line; one of a conftest.py is for its whole folder."""

import ast
import re
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROVES = re.compile(r"^Proves: (.+?)(?=^Proves: |^\s*$|\Z)", re.MULTILINE | re.DOTALL)
HEAD = """# What is there, and where it is proved

Printed by `tools/status.py` from the `Proves:` lines of the tests. What was found, and what fell short, is in
[findings.md](findings.md); figures are in [performance.md](performance.md), the days of people in [days.md](days.md).
"""


def proofs() -> list[tuple[str, str, str]]:
    """(folder, file or whole folder, capability), those that are lived from outside first."""
    found = []
    for path in sorted([*(ROOT / "tests").rglob("*.py"), *(ROOT / "bench").glob("*.py")]):
        folder = path.parent.relative_to(ROOT)
        proof = folder if path.name == "conftest.py" else path.relative_to(ROOT)
        for match in PROVES.finditer(ast.get_docstring(ast.parse(path.read_text())) or ""):
            found.append((str(folder), str(proof), " ".join(match[1].split())))
    return sorted(found, key=lambda row: (row[0] != "tests/outside", row[:2]))


def page() -> str:
    parts = [HEAD]
    for folder, rows in groupby(proofs(), key=lambda row: row[0]):
        table = [f"| {what} | [{Path(proof).name}](../{proof}) |" for _, proof, what in rows]
        parts.append("\n".join([f"## {folder}", "", "| capability | proof |", "|---|---|", *table, ""]))
    return "\n".join(parts)


if __name__ == "__main__":
    print(page(), end="")
