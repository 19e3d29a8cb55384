"""Django's own management commands, for developers: `caunoi manage makemigrations`."""

import argparse
import sys

from django.core.management import execute_from_command_line, get_commands

NAME = "manage"
HELP = "Django's management commands, for developers"
NEEDS = "owner"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(any_release=True)
    parser.add_argument("rest", nargs=argparse.REMAINDER)


def run(args: argparse.Namespace) -> int:
    command = args.rest[0] if args.rest else "help"
    if command == "createsuperuser":
        print("caunoi manage: an administrator is made by `caunoi admin USER`", file=sys.stderr)
        return 2
    if command != "help" and command not in get_commands():
        print(f"caunoi manage: no command {command!r}; `caunoi manage help` lists them", file=sys.stderr)
        return 2
    execute_from_command_line(["caunoi manage", *args.rest])
    return 0
