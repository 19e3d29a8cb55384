"""What is handed over between provinces (caunoi/transfers): what is not through, and what was not taken."""

from collections.abc import Iterator
from datetime import timedelta

from caunoi.host.finding import Finding, _, warning
from caunoi.transfers.queries import rejections, troubles

SLOW = timedelta(minutes=30)
LATELY = timedelta(days=1)


def transfers() -> Iterator[Finding]:
    for one in troubles(SLOW):
        yield warning(
            _(
                "%(count)s reports to or from %(province)s are not through since %(at)s UTC (%(why)s).",
                count=one.count,
                province=one.province,
                at=f"{one.since:%Y-%m-%d %H:%M}",
                why=one.why,
            ),
            _("Both provinces may believe that the other one has them."),
            _("docs/cells-handover.md says what each word means and what to do; they are tried again by themselves."),
        )
    refused = rejections(LATELY)
    if refused:
        yield warning(
            _(
                "%(count)s messages in the name of other provinces were not taken in a day (%(why)s).",
                count=sum(refused.values()),
                why=", ".join(f"{why} {count}" for why, count in refused.items()),
            ),
            _("Somebody forges them, or a catalogue, a key or a clock is not right."),
            _("docs/cells-handover.md says what each word means; nothing of them was stored."),
        )
