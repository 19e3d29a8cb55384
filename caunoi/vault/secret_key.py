"""The secret key changes while processes run: each looks at its file, and accepts what the ones before signed."""

import logging
import threading
import time

from django.conf import settings

from caunoi.host import home
from caunoi.vault import shared_keys

LOOK = 2.0  # seconds
SPREAD = shared_keys.SPREAD + 2 * LOOK  # after so long every process of every host has looked

log = logging.getLogger(__name__)


def refresh() -> bool:
    """Take over what the file says now; whether it was something else. OSError, ValueError."""
    first, *others = (one.key for one in home.secret_keys())
    if (first, others) == (settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS):
        return False
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *others]  # between the two lines nothing is refused
    settings.SECRET_KEY = first
    settings.SECRET_KEY_FALLBACKS = others
    return True


def watch() -> None:
    """Keep this process's secret key fresh, for as long as it lives."""

    def turn() -> None:
        while True:
            try:
                refresh()
            except (OSError, ValueError) as error:
                log.error("the secret key cannot be read: %s", error)
            time.sleep(LOOK)

    threading.Thread(target=turn, name="secret key", daemon=True).start()
