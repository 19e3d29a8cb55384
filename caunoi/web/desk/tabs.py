from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.events.actor import Actor
from caunoi.events.queries import failing
from caunoi.web.access import may_open
from caunoi.web.page import Tab

TABS = (
    ("conversations", gettext_noop("Without a ticket")),
    ("alarms", gettext_noop("Emergencies")),
    ("undelivered", gettext_noop("Not delivered")),
    ("unfinished", gettext_noop("Not done")),
    ("channels", gettext_noop("Channels")),
)


def tabs(here: str, by: Actor) -> list[Tab]:
    """The pages about what comes in and goes out, as far as this person may open them."""
    return [
        Tab(
            _(label),
            reverse(f"desk:{name}"),
            active=name == here,
            count=(sum(failing()) or None) if name == "unfinished" else None,
        )
        for name, label in TABS
        if may_open(by, f"desk:{name}")
    ]
