"""The first run at a shell: asks which province this is and who administers it, or reads the answers from a file."""

import argparse
import sys
from pathlib import Path

from django.core.management import call_command
from django.urls import reverse

from caunoi.accounts import invitations
from caunoi.checks import readiness
from caunoi.cli import lines
from caunoi.cli.admin import public_url
from caunoi.cli.migrate import give
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM
from caunoi.host.finding import State
from caunoi.host.finding import run as run_checks
from caunoi.jobs import direct
from caunoi.lib.places import gazetteer
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.starter import answers as questionnaire
from caunoi.starter import first_run
from caunoi.starter.answers import Answers, BadAnswerError

NAME = "init"
HELP = "the first run: which province, which hotline, who administers it; asks, or reads --answers FILE.toml"
NEEDS = "owner"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--answers", type=_answers, metavar="FILE.toml", help="the answers; see docs/operating.md")
    parser.add_argument("--link", action="store_true", help="print the one-time address of the same page in a browser")
    parser.add_argument("--json", action="store_true", help="one object: enrol, ready, lacking")


def run(args: argparse.Namespace) -> int:
    try:
        call_command("migrate", interactive=False, verbosity=0)
        with direct.session() as own:
            give(own)
        if first_run.done() or (args.link and first_run.administered()):
            print("caunoi init: it is set up already; `caunoi admin USER` lets an administrator in", file=sys.stderr)
            return 1
        if args.link:
            print(public_url() + reverse("first-run", args=[first_run.token()]))
            return 0
        answers = args.answers or _ask()
        token = first_run.set_up(answers, by=SYSTEM, public_url=public_url())
    except EOFError:
        print("\ncaunoi init: not all was answered; nothing was changed", file=sys.stderr)
        return 2
    except BadAnswerError as error:
        print(f"caunoi init: {error}; nothing was changed", file=sys.stderr)
        return 2
    except first_run.AlreadySetUpError:
        print("caunoi init: another province is set up here already; nothing was changed", file=sys.stderr)
        return 1
    _say(answers, public_url() + reverse("invitation", args=[token]), json=args.json)
    return 0


def _answers(file: str) -> Answers:
    """The answers in a file, read before any database is started: wrong ones leave nothing behind."""
    try:
        return questionnaire.read(Path(file).read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "not UTF-8"
    except BadAnswerError as error:
        why = str(error)
    raise argparse.ArgumentTypeError(f"{file}: {why}; nothing was changed")


def _say(answers: Answers, enrol: str, *, json: bool) -> None:
    lacking = [one for one in run_checks(readiness.CHECKS) if one.state == State.BROKEN]
    if json:
        rows = [{key: value for key, value in one.as_json("en").items() if key != "state"} for one in lacking]
        print(lines.dumps({"enrol": enrol, "ready": not lacking, "lacking": rows}))
        return
    print(f"{option('hotline_name')}, {option('place')}: set up.")
    for one in lacking:
        print(f"  ✗ {one.check}: {one.what.in_('en')} {one.mend.in_('en')}")
    print(f"{answers.user} chooses a password here, once, within {invitations.DAYS} days:\n{enrol}")


def _ask() -> Answers:
    """The questions, each until its answer will do."""
    if not sys.stdin.isatty():
        raise BadAnswerError("answers", "there is nobody to ask; give them by --answers FILE.toml")
    values: dict[str, object] = {}
    print("Enter takes what stands in brackets. The provinces:")
    by_name = sorted(gazetteer.provinces(), key=lambda unit: sort_key(unit.short))
    print("  " + ", ".join(f"{unit.code} {unit.short}" for unit in by_name))
    administrator: dict[str, object] = {}
    values["administrator"] = administrator
    questions = (
        (values, "province", "Province (code or name)", ""),
        (values, "hotline_name", "Name of the hotline", Answers.hotline_name),
        (values, "phone", "Its number", Answers.phone),
        (administrator, "user", "User name of the first administrator", ""),
        (administrator, "name", "Full name", ""),
        (administrator, "email", "Mail address", ""),
    )
    for target, name, question, default in questions:
        while True:
            text = input(f"{question}{f' [{default}]' if default else ''}: ").strip() or default
            if text or name not in {"province", "user"}:
                target[name] = text
                try:
                    questionnaire.check({"province": "75", **values, "administrator": {"user": "a", **administrator}})
                    break
                except BadAnswerError as error:
                    print(f"  {error.message}")
    switches = (("starter", "Write the starter set", True), ("open", "Open the portal at once", False))
    for name, question, usual in switches:
        text = input(f"{question}? [{'Y/n' if usual else 'y/N'}]: ").strip().lower()
        values[name] = text in {"y", "yes", "c", "có"} if text else usual
    return questionnaire.check(values)
