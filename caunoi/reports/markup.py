"""The markup of a form's text: headings, paragraphs, lists, and names in braces that are filled in. Pure.

    # I. Heading          ## 1. Smaller heading          - a point of a list
    A paragraph about {period} with {total} tickets.
    {agencies}            alone on a line: a table
    {compare handling returns}    … with its arguments (named.py)

Names are looked up in a table and nothing else: no attributes, no formats, no code. Whatever is not of these shapes is
text, and text stays text in every paper.
"""

import re
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

NAME = re.compile(r"\{\s*([a-z_]+(?: +[a-z0-9_]+)*)\s*\}")
BRACES = re.compile(r"\{[^{}]*\}?")


@dataclass(frozen=True, kw_only=True)
class Line:
    """One part of a text: kind heading (level 1 or 2), text, item, or block (`text` is its name)."""

    kind: str
    text: str
    level: int = 0


def lines(source: str) -> list[Line]:
    """The parts of a text; lines that follow each other are one paragraph."""
    result: list[Line] = []
    paragraph: list[str] = []
    for raw in [*source.splitlines(), ""]:
        line = raw.strip()
        part = _one(line)
        if part is None and line:
            paragraph.append(line)
            continue
        if paragraph:
            result.append(Line(kind="text", text=" ".join(paragraph)))
            paragraph = []
        if part is not None:
            result.append(part)
    return result


def _one(line: str) -> Line | None:
    if block := re.fullmatch(NAME, line):
        return Line(kind="block", text=_name(block))
    if line.startswith("## "):
        return Line(kind="heading", text=line[3:].strip(), level=2)
    if line.startswith("# "):
        return Line(kind="heading", text=line[2:].strip(), level=1)
    if line.startswith(("- ", "+ ")):
        return Line(kind="item", text=line[2:].strip())
    return None


def _name(match: re.Match[str]) -> str:
    return " ".join(match[1].split())


def names(source: str) -> list[str]:
    """Every name of a text, in order."""
    return [_name(match) for match in NAME.finditer(source)]


def unknown(source: str, words: Container[str], blocks: Container[str]) -> list[str]:
    """The braces without a known name, or with a table in the middle of a sentence; in order, each once."""
    pieces: list[str] = []
    for line in lines(source):
        if line.kind == "block":
            if line.text not in words and line.text not in blocks:
                pieces.append(f"{{{line.text}}}")
            continue
        for piece in BRACES.findall(line.text):
            name = NAME.fullmatch(piece)
            if name is None or _name(name) not in words:
                pieces.append(piece)
    return list(dict.fromkeys(pieces))


def filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its names filled in, once: what is put in is not looked at again. Unknown names stay as they are."""
    fill: Callable[[re.Match[str]], str] = lambda match: values.get(_name(match), match[0])  # noqa: E731
    return NAME.sub(fill, text)
