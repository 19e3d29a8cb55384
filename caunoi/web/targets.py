"""Targets in words: how long, and for which tickets."""

from django.utils.translation import gettext as _

from caunoi.directory import queries as directory
from caunoi.sla.models import Target
from caunoi.web.labels import KIND, URGENCY, localised_name, word
from caunoi.web.templatetags.caunoi_ui import vnnumber


def lasting(target: Target) -> str:
    """How long, as people say it; on a round-the-clock calendar a day is a day."""
    always = directory.calendar(target.calendar).round_the_clock
    if target.days is not None:
        return (_("%(count)s days") if always else _("%(count)s working days")) % {"count": vnnumber(target.days)}
    hours, minutes = divmod(target.minutes or 0, 60)
    if minutes:
        return _("%(count)s minutes") % {"count": vnnumber(target.minutes)}
    return (_("%(count)s hours") if always else _("%(count)s working hours")) % {"count": vnnumber(hours)}


def scope(target: Target) -> str:
    """The tickets a target applies to, in words."""
    parts = [
        localised_name(target.category),
        word(URGENCY, target.urgency),
        word(KIND, target.kind),
        localised_name(target.agency),
    ]
    return " · ".join(part for part in parts if part) or _("All other tickets")
