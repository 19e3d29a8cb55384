"""How the installation fares: what the checks find, and the tasks that run by the clock."""

import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from caunoi import __version__
from caunoi.checks import every, outward
from caunoi.host.finding import run
from caunoi.jobs import clock
from caunoi.web.setup.ready import by_part


def show(request: HttpRequest) -> HttpResponse:
    """What is found at once; with `?ask=all` also what is asked over the network and takes seconds."""
    far = request.GET.get("ask") == "all"
    found = every.at_hand()
    if far:
        found += run(outward.CHECKS, Path(settings.HOME), os.environ)
    wrong = [one for one in found if one.state != "ok"]
    state, _ = every.health()
    context: dict[str, Any] = {
        "parts": by_part(wrong, every.PARTS),
        "done": len(found) - len(wrong),
        "all": len(found),
        "far": far,
        "well": by_part([one for one in found if one.state == "ok"], every.PARTS),
        "state": state,
        "jobs": clock.standings(),
        "version": __version__,
    }
    return render(request, "setup/system.html", context)
