"""The translations: compile them, and report texts that have none."""

import argparse
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import polib
from django.utils.translation.template import templatize

from caunoi.web.loader import joined
from caunoi.web.texts import texts

NAME = "messages"
HELP = "compile translations; --check also fails on a text without one"
ROOT = Path(__file__).resolve().parent.parent
PARTS = ROOT / "locale"
KEYWORDS = [
    f"--keyword={name}{lazy}{places}"
    for name, places in (("gettext", ""), ("ngettext", ":1,2"), ("pgettext", ":1c,2"), ("npgettext", ":1c,2,3"))
    for lazy in ("", "_lazy", "_noop")
] + ["--keyword=_"]

type Key = tuple[str, str | None, str]
"""A text, its context and its plural."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--check", action="store_true", help="fail when a text has no translation")


def compile_language(language: str) -> polib.POFile:
    """Merge caunoi/locale/<language>/*.po into one django.mo. ValueError where two parts translate one text
    differently."""
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


def used() -> dict[Key, str]:
    """Every text that pages and code ask to be translated, as GNU xgettext sees them → where it stands.
    FileNotFoundError without xgettext."""
    result: dict[Key, str] = {(text, None, ""): where for where, text in texts() if text}
    with TemporaryDirectory() as folder:
        names = []
        for path in (path for path in ROOT.rglob("*") if path.suffix in (".py", ".html", ".txt")):
            text, name = path.read_text(), str(path.relative_to(ROOT))
            if path.suffix != ".py":
                text = templatize(joined(text), origin=name)
            copy = Path(folder, name)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text)
            names.append(name)
        done = subprocess.run(
            ["xgettext", "--language=Python", "--from-code=UTF-8", "--output=-", *KEYWORDS, "--files-from=-"],
            input="\n".join(names),
            capture_output=True,
            check=True,
            cwd=folder,
            text=True,
        )
    for entry in polib.pofile(done.stdout):
        result.setdefault((entry.msgid, entry.msgctxt, entry.msgid_plural), entry.occurrences[0][0])
    return result


def run(args: argparse.Namespace) -> int:
    translations = {(entry.msgid, entry.msgctxt): entry.msgid_plural for entry in compile_language("vi")}
    compile_language("en")
    if not args.check:
        return 0
    try:
        missing = {
            (where, text)
            for (text, context, plural), where in used().items()
            if (text, context) not in translations or plural not in ("", translations[text, context])
        }
    except FileNotFoundError:
        print("texts are found by GNU gettext, which is not here: on Debian, apt-get install gettext", file=sys.stderr)
        return 2
    for where, text in sorted(missing):
        print(f"{where}: no Vietnamese for {text!r}", file=sys.stderr)
    return 1 if missing else 0
