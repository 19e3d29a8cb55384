from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

TABS = (
    ("conversations", gettext_noop("Without a ticket")),
    ("undelivered", gettext_noop("Not delivered")),
    ("channels", gettext_noop("Channels")),
)


def tabs(here: str) -> list[dict[str, Any]]:
    """The pages about what comes in and goes out."""
    return [{"label": _(label), "url": reverse(f"desk:{name}"), "active": name == here} for name, label in TABS]
