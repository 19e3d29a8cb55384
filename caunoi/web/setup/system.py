"""The state of the installation: what the checks find, and the scheduled tasks."""

import os
from collections import Counter
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse

from caunoi import __version__
from caunoi.checks import at_work, every, exchanges, outward
from caunoi.conversations.queries import to_poll
from caunoi.host import guard
from caunoi.host.finding import run
from caunoi.jobs import clock, leases, replica
from caunoi.web.page import Page, render_page
from caunoi.web.setup.ready import FindingGroup, by_part


@dataclass(frozen=True, kw_only=True)
class HostLine:
    """A machine: its parts ("web × 2, worker"), the releases they are of, the seconds since the last sign of life of
    the one that has been silent longest; whether it holds the telephone lines, and whether it reads the mailboxes."""

    name: str
    parts: str
    releases: str
    quiet: int
    holds_line: bool
    reads_mail: bool


def _hosts() -> list[HostLine]:
    connection.ensure_connection()
    result, has_mail = [], bool(to_poll())
    bridge, mail = (leases.holder(one).partition(" (")[0] for one in ("bridge", "polls"))
    every_part = [one for one in guard.parts(connection.connection) if one.name in at_work.SERVICES]
    for name, own in groupby(every_part, key=lambda one: one.host):
        parts = list(own)
        result.append(
            HostLine(
                name=name,
                parts=", ".join(
                    f"{part} × {count}" if count > 1 else part
                    for part, count in sorted(Counter(one.name for one in parts).items())
                ),
                releases=", ".join(sorted({one.version for one in parts})),
                quiet=int(max(one.quiet for one in parts)),
                holds_line=bridge == name,
                reads_mail=mail == name and has_mail,
            )
        )
    return result


@dataclass(frozen=True, kw_only=True)
class SystemPage(Page):
    """What is wrong (`groups`) and what passes (`well`); `far`: also what is asked over the network."""

    template = "setup/system.html"

    groups: list[FindingGroup]
    done: int
    all: int
    far: bool
    well: list[FindingGroup]
    state: str
    jobs: list[clock.Standing]
    hosts: list[HostLine]
    standbys: list[replica.StandbyLag]
    version: str


def show(request: HttpRequest) -> HttpResponse:
    """The quick checks; with `?ask=all` also those over the network, which take seconds."""
    far = request.GET.get("ask") == "all"
    findings = every.at_hand()
    if far:
        findings += run(outward.CHECKS, Path(settings.HOME), os.environ)
        findings += run(exchanges.CHECKS)
    wrong = [one for one in findings if one.state != "ok"]
    state, _ = every.health()
    page = SystemPage(
        groups=by_part(wrong, every.PARTS),
        done=len(findings) - len(wrong),
        all=len(findings),
        far=far,
        well=by_part([one for one in findings if one.state == "ok"], every.PARTS),
        state=state,
        jobs=clock.standings(),
        hosts=_hosts(),
        standbys=replica.lags(),
        version=__version__,
    )
    return render_page(request, page)
