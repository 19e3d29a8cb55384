"""Changes English texts in the sources, the templates and the catalogues; CHANGES.toml has lines "old text" = "new".

    python tools/retext.py CHANGES.toml

It may be run again. A text is found as a whole: a string, of several lines too, or what stands between
{% blocktranslate %} and its end, with its variables.
"""

import re
import sys
import tomllib
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [
    path
    for top in ("caunoi", "tests", "assets")
    for kind in ("py", "html", "js")
    for path in sorted((ROOT / top).rglob(f"*.{kind}"))
    if "dist" not in path.parts
]
BREAK = r"""(?:\s+|\s*"\s*\n\s*"\s*)"""
VARIABLE = re.compile(r"%\((\w+)\)s")


def pattern(old: str) -> re.Pattern[str]:
    """The text wherever it is whole: its blanks may be line ends, its variables a template's."""
    words = []
    for word in old.split(" "):
        parts = VARIABLE.split(word)
        words.append(
            "".join(
                rf"(?:%\({part}\)s|\{{\{{ {part} \}}\}})" if n % 2 else re.escape(part).replace('"', r'\\?"')
                for n, part in enumerate(parts)
            )
        )
    return re.compile(rf"(?:(?<=[\"'])|(?<=%}}))(\s*){BREAK.join(words)}(\s*)(?=[\"']|{{%)")


def replaced(source: str, old: str, new: str) -> str:
    def one(match: re.Match[str]) -> str:
        in_template = "{{ " in match[0] or source[: match.start()].endswith("%}")
        text = VARIABLE.sub(r"{{ \1 }}", new).replace("%%", "%") if in_template else new
        return match[1] + text + match[2]

    return pattern(old).sub(one, source)


def main() -> None:
    texts: dict[str, str] = tomllib.loads(Path(sys.argv[1]).read_text("utf-8"))
    first = {old: max(re.split(r"[\s\"]|%\(\w+\)s", old), key=len) for old in texts}  # to look only where it may be
    for path in SOURCES:
        source = new = path.read_text()
        for old, text in texts.items():
            if first[old] in new:
                new = replaced(new, old, text)
        if new != source:
            path.write_text(new)
    catalogues = sorted((ROOT / "caunoi" / "locale" / "vi").glob("*.po"))
    there = {entry.msgid for path in catalogues for entry in polib.pofile(str(path))}
    for path in catalogues:
        blocks = path.read_text().split("\n\n")
        path.write_text("\n\n".join(block for old in blocks if (block := translated(old, texts, there))))


def translated(block: str, texts: dict[str, str], there: set[str]) -> str:
    """An entry under its new text; nothing where the new text has an entry already."""
    for kind, quoted in re.findall(r'^(msgid(?:_plural)?) ((?:".*"\n?)+)', block, re.MULTILINE):
        new = texts.get(polib.unescape("".join(line[1:-1] for line in quoted.splitlines())))
        if new is None:
            continue
        if new in there and kind == "msgid":
            return ""
        there.add(new)
        end = "\n" if quoted.endswith("\n") else ""
        block = block.replace(f"{kind} {quoted}", f'{kind} "{polib.escape(new)}"{end}')
    return block


if __name__ == "__main__":
    main()
