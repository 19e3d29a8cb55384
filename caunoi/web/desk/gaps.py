"""Times in which nobody listened to the exchange, and what was read of them in its own logs."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.calls import queries
from caunoi.calls.models import Gap

LOOKED_BACK = timedelta(days=1)
MOST = 5


@dataclass(frozen=True)
class GapLine:
    """What a gap is now: `mark` is the kind of notice."""

    words: str
    mark: str


def gap_lines() -> list[GapLine]:
    """Those of the last day, the newest first."""
    return [gap_line(gap) for gap in queries.gaps(now() - LOOKED_BACK)[:MOST]]


def gap_line(gap: Gap) -> GapLine:
    """A gap in words. Why logs could not be read is for those who run the machine (the doctor)."""
    if gap.until is None:
        since = {"since": _clock(gap.since)}
        return GapLine(_("Nobody has listened to the exchange since %(since)s.") % since, "warning")
    span = {"since": _clock(gap.since), "until": _clock(gap.until)}
    if gap.filled:
        words = ngettext(
            "Filled in from the exchange's log, %(since)s–%(until)s: %(n)s call",
            "Filled in from the exchange's log, %(since)s–%(until)s: %(n)s calls",
            gap.calls,
        )
        return GapLine(words % {**span, "n": gap.calls}, "info")
    if gap.trouble == "no_logs":
        words = _("%(since)s–%(until)s: nobody listened, and where the exchange's logs lie is not set up.")
    elif gap.trouble:
        words = _("%(since)s–%(until)s: nobody listened, and the exchange's logs could not be read.")
    else:
        words = _("%(since)s–%(until)s: nobody listened; the exchange's logs are being read.")
    return GapLine(words % span, "warning")


def _clock(at: datetime) -> str:
    local = localtime(at)
    return f"{local:%H:%M:%S}" if local.date() == localtime().date() else f"{local:%d/%m %H:%M:%S}"
