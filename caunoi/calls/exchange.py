"""An inbox's exchange as it runs, examined: telephony/checkup.py asks it, and this machine's own side is looked at."""

import asyncio
import os
import socket
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from caunoi import __version__
from caunoi.calls import queries
from caunoi.calls.pbx import Ami
from caunoi.conversations.models import Inbox
from caunoi.host.finding import Finding, State, _, broken, warning
from caunoi.telephony import checkup, files
from caunoi.telephony.client import Timing

NAME_IT = _("Mount the exchange's folder here, read-only, and name it in Setup, Inboxes.")
MOUNT_IT = _("Mount the exchange's folder there, readable to the user of this product.")
QUICK = Timing(connect=3, action=4, booted=8)


def examine(box: Inbox, ami: Ami, *, call: bool) -> list[Finding]:
    """What every check finds, those that are well too. `call`: the exchange calls its own echo. Takes seconds."""
    answers = asyncio.run(
        checkup.ask(
            lambda: asyncio.open_connection(ami.host, ami.port),
            username=ami.username,
            secret=ami.secret,
            queues=ami.queues,
            call=call,
            timing=QUICK,
        )
    )
    results = checkup.findings(answers, queues=ami.queues, files=version(box, ami))
    settings = queries.settings(box)
    return [*results, *recordings(settings), *logs(settings)]


def version(box: Inbox, ami: Ami) -> str:
    """The version of the files that the set-up would write; "" where it can write none."""
    try:
        plan = queries.exchange_plan(box, product=address_towards(ami.host))
    except (OSError, ValueError):
        return ""
    return files.loaded(files.write(plan, __version__)) if plan else ""


def recordings(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the folder of the recordings can be read here."""
    folder, effect = str(settings.get("recordings") or ""), _("Recordings and messages cannot be heard.")
    if not folder:
        finding = warning(_("The inbox names no folder of recordings."), effect, NAME_IT)
    elif not is_readable(folder):
        finding = broken(_("%(folder)s cannot be read here.", folder=folder), effect, MOUNT_IT)
    else:
        finding = Finding(state=State.OK, what=_("The folder of the recordings can be read."))
    yield replace(finding, check="recordings", part="running")


def logs(settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Whether the exchange's own logs can be read here, by which gaps are filled in."""
    folder, effect = str(settings.get("logs") or ""), _("Who gives up while nobody listens is not called back.")
    if not folder and not settings.get("logs_database"):
        finding = warning(_("The inbox names no folder of the exchange's logs."), effect, NAME_IT)
    elif folder and not is_readable(folder):
        finding = broken(_("%(folder)s cannot be read here.", folder=folder), effect, MOUNT_IT)
    else:
        finding = Finding(state=State.OK, what=_("What nobody heard can be filled in from the exchange's logs."))
    yield replace(finding, check="logs", part="running")


def is_readable(folder: str) -> bool:
    return Path(folder).is_dir() and os.access(folder, os.R_OK | os.X_OK)


def address_towards(host: str) -> str:
    """The address by which this machine would reach another; nothing is sent. OSError for an unknown host."""
    family, kind, _proto, _name, address = socket.getaddrinfo(host, 5038, socket.AF_INET, socket.SOCK_DGRAM)[0]
    with socket.socket(family, kind) as probe:
        probe.connect(address)
        return str(probe.getsockname()[0])
