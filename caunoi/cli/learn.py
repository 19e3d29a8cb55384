"""Trains the model of proposals on what people decided here; it is taken only if it is better (docs/triage.md)."""

import argparse
import importlib
import json
import sys
from importlib.util import find_spec

from caunoi.directory.queries import province_code
from caunoi.triage import actions, phrases, queries

NAME = "learn"
HELP = "train the proposals on what people decided here; done every night where requirements/learn.in is installed"
NEEDS = "database"
MOST = 20_000
"""The newest decisions that are learnt from."""
LEAST = 50
"""Decisions since the last edition without which it is not worth while."""


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print the exam's figures as one object")


def run(args: argparse.Namespace) -> int:
    """0: a better model proposes from now on; 1: there is none; 2: it cannot be trained here. In any case what people
    agreed with is counted."""
    actions.count()
    if find_spec("sklearn") is None:
        print("caunoi learn: install what requirements/learn.in names (docs/triage.md)", file=sys.stderr)
        return 2
    learning = importlib.import_module("caunoi.triage.learning")
    example = importlib.import_module("caunoi.triage.training").Example
    present, until = queries.present(), queries.learnt_until()
    decided = list(queries.decided(MOST))
    here = province_code()
    every = [(one.ticket, example(text=one.text, labels=one.labels, group=one.week, home=here)) for one in decided]
    own = [one for ticket, one in every if ticket <= until]
    fresh = [one for ticket, one in every if ticket > until]
    if len(fresh) < LEAST:
        print(f"{len(fresh)} new decisions; from {LEAST} on a model is trained")
        return 1
    starters = [example(text=one["text"], labels=phrases.labels(one), group=hand) for hand, one in phrases.read()]
    model, report = learning.learn(own, fresh, starters, present.model)
    edition = actions.add_edition(model, report, decided[0].ticket)
    if args.json:
        print(json.dumps({"outcome": edition.outcome, **report.row()}))
    else:
        print(
            f"{edition.outcome}: of {report.of} decisions it agreed with {report.after}, the one before with "
            f"{report.before}; it notices {report.alarms_after:.1%} of our alarms, before {report.alarms_before:.1%}"
        )
    return 0 if edition.outcome == edition.Outcome.TAKEN else 1
