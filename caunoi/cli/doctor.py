"""Looks for mistakes in configuration and machine, and says what to do about each."""

import argparse
import sys

from caunoi.cli import lines
from caunoi.host import configuration, home, machine
from caunoi.host.finding import Finding, Level

NAME = "doctor"
HELP = "look for mistakes in configuration and machine; exit 1 when something is broken"
HEADS = {Level.BROKEN: ("HỎNG", "BROKEN"), Level.WARNING: ("LƯU Ý", "WARNING")}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one object a finding a line")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")


def run(args: argparse.Namespace) -> int:
    folder = home.home()
    found = [*configuration.check(), *machine.check(folder)]
    for finding in sorted(found, key=lambda one: one.level):
        print(lines.dumps(as_json(finding, args.lang)) if args.json else as_text(finding, args.lang))
    if not found and not args.json:
        print("Everything is in order." if args.lang == "en" else "Mọi thứ đều ổn.", file=sys.stdout)
    return 1 if any(finding.level == Level.BROKEN for finding in found) else 0


def as_text(finding: Finding, lang: str) -> str:
    english = lang == "en"
    return "\n".join([
        f"{HEADS[finding.level][english]}  {finding.subject}: {finding.what.in_(lang)}",
        f"  {'Why' if english else 'Vì sao'}: {finding.why.in_(lang)}",
        f"  {'Do' if english else 'Cách sửa'}: {finding.do.in_(lang)}",
    ])  # fmt: skip


def as_json(finding: Finding, lang: str) -> dict[str, str]:
    texts = {key: getattr(finding, key).in_(lang) for key in ("what", "why", "do")}
    return {"level": finding.level.value, "subject": finding.subject, **texts}
