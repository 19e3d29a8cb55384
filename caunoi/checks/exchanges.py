"""Whether the telephone exchanges do what the hotline needs. Asks over the network, and lets nobody be rung."""

from collections.abc import Iterator
from dataclasses import replace

from caunoi.calls import queries
from caunoi.calls.exchange import examine
from caunoi.host.finding import Check, Finding, State, _


def exchanges() -> Iterator[Finding]:
    """What is wrong with any of them; `caunoi pbx check` says more, by a call to the echo."""
    for box, ami in queries.asterisks():
        for one in examine(box, ami, call=False):
            if one.state != State.OK:
                yield replace(one, check="", page="setup:inboxes")


CHECKS: tuple[Check[()], ...] = (
    Check(
        name="exchange",
        part="running",
        fine=_("Every exchange does what the hotline needs, or there is none."),
        look=exchanges,
    ),
)
