"""Connections that the threads of a process share. A thread that answers pages needs one for some milliseconds; with
one each for ever, a server that has too few refuses some threads while others' lie idle."""

from django.db import DEFAULT_DB_ALIAS, connections

LEAST = 1  # connections of a process at rest
PATIENCE = 5.0  # seconds that a request waits for one, before it is answered 503
IMPATIENCE = 2.0  # … for one to a standby, before it is answered from the primary
IDLE = 60.0  # seconds after which one that nobody used is given back to the server


def share(most: int) -> None:
    """From here on the threads of this process share so many connections. Before the first question to the database."""
    for alias, values in connections.settings.items():
        values["CONN_MAX_AGE"] = 0  # of a thread: it is given back to the pool at the end of a request
        values["OPTIONS"]["pool"] = {
            "min_size": LEAST,
            "max_size": most,
            "timeout": PATIENCE if alias == DEFAULT_DB_ALIAS else IMPATIENCE,
            "max_idle": IDLE,
            "reconnect_timeout": 3.0,  # then whoever asks next has it tried at once, after an outage of any length
            "name": "pages" if alias == DEFAULT_DB_ALIAS else alias,
        }
