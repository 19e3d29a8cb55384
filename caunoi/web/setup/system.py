"""The state of the installation: what the checks find, and the scheduled tasks."""

import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caunoi import __version__
from caunoi.checks import every, outward
from caunoi.host.finding import run
from caunoi.jobs import clock
from caunoi.web.page import Page, render_page
from caunoi.web.setup.ready import FindingGroup, by_part


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
    version: str


def show(request: HttpRequest) -> HttpResponse:
    """The quick checks; with `?ask=all` also those over the network, which take seconds."""
    far = request.GET.get("ask") == "all"
    findings = every.at_hand()
    if far:
        findings += run(outward.CHECKS, Path(settings.HOME), os.environ)
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
        version=__version__,
    )
    return render_page(request, page)
