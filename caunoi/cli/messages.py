"""The words of the product: compile the translations, and say what is missing."""

import argparse
import re
import sys
from pathlib import Path

import polib

from caunoi.calls import pbx
from caunoi.channels.registry import channels
from caunoi.directory.options import OPTIONS
from caunoi.notifications.notices import NOTICES
from caunoi.ratings import reasons as grades
from caunoi.tickets import reasons as refusals

NAME = "messages"
HELP = "compile translations; --check also fails on a text without one"
ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "locale"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="fail when a text has no translation")


def compile_language(language: str) -> polib.POFile:
    """Merge caunoi/locale/<language>/*.po into one django.mo. ValueError where two parts translate one text differently."""
    whole = polib.POFile()
    whole.metadata = {
        "Content-Type": "text/plain; charset=UTF-8",
        "Language": language,
        "Plural-Forms": "nplurals=1; plural=0;" if language == "vi" else "nplurals=2; plural=(n != 1);",
    }
    seen: dict[tuple[str, str | None], polib.POEntry] = {}
    for part in sorted((PARTS / language).glob("*.po")):
        for entry in polib.pofile(str(part)):
            key = (entry.msgid, entry.msgctxt)
            if entry.obsolete or not (entry.msgstr or entry.msgstr_plural):
                continue
            if key in seen and (seen[key].msgstr, seen[key].msgstr_plural) != (entry.msgstr, entry.msgstr_plural):
                raise ValueError(f"{part.name}: {entry.msgid!r} is also translated as {seen[key].msgstr!r}")
            if key not in seen:
                seen[key] = entry
                whole.append(entry)
    out = PARTS / language / "LC_MESSAGES"
    out.mkdir(parents=True, exist_ok=True)
    whole.save_as_mofile(str(out / "django.mo"))
    return whole


TAG = re.compile(r"""\{%\s*(?:translate|trans)\s+(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")
BLOCK = re.compile(
    r"\{%\s*(?:blocktranslate|blocktrans)\b([^%]*)%\}(.*?)\{%\s*end(?:blocktranslate|blocktrans)\s*%\}", re.S
)
CALL = re.compile(r"""\b(?:gettext|gettext_lazy|gettext_noop|_|_lazy)\(\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)')\s*\)""")


def tables() -> set[str]:
    """The texts that stand in tables of pure files."""
    texts = {text for r in refusals.REASONS.values() for text in (r.label, r.advice)} | set(refusals.EMERGENCY.values())
    texts |= {text for many in NOTICES.values() for notice in many for text in (notice.text, notice.says) if text}
    texts |= {words for table in grades.REASONS.values() for words in table.values()}
    needs = [*pbx.NEEDS, *(need for adapter in channels().values() for need in adapter.needs)]
    texts |= {adapter.label for adapter in channels().values()}
    texts |= {words for need in needs for words in (need.label, need.help) if words}
    return texts | {option.meaning for option in OPTIONS.values()}


def used() -> dict[str, str]:
    """Every text that pages and code ask to be translated → one file where it stands."""
    found = dict.fromkeys(tables(), "tables")
    for path in [*ROOT.rglob("*.html"), *ROOT.rglob("*.txt"), *ROOT.rglob("*.py")]:
        if "static" in path.parts:
            continue
        text = path.read_text()
        where = str(path.relative_to(ROOT))
        for pattern in (TAG, CALL):
            for match in pattern.finditer(text):
                found.setdefault((match[1] or match[2]).replace('\\"', '"'), where)
        for options, body in BLOCK.findall(text):
            single = body.split("{% plural %}")[0]
            single = re.sub(r"\{\{\s*([\w]+)\s*\}\}", r"%(\1)s", single.replace("%", "%%"))
            if re.search(r"\btrimmed\b", options):
                single = " ".join(line.strip() for line in single.strip().splitlines())
            found.setdefault(single, where)
    return found


def run(args: argparse.Namespace) -> int:
    known = {entry.msgid for entry in compile_language("vi")}
    compile_language("en")
    if not args.check:
        return 0
    missing = {text: where for text, where in used().items() if text not in known}
    for text, where in sorted(missing.items(), key=lambda pair: pair[1]):
        print(f"{where}: no Vietnamese for {text!r}", file=sys.stderr)
    return 1 if missing else 0
