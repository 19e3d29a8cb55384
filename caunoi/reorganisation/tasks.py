import logging
from datetime import timedelta

from django.db import OperationalError
from django.utils.timezone import localdate

from caunoi.jobs import queue
from caunoi.reorganisation import actions, queries
from caunoi.reorganisation.models import Act

log = logging.getLogger(__name__)


@queue.every("* * * * *")
def carry_out_due(timestamp: int) -> None:
    """Every minute, carry out the acts whose day has come."""
    keep_up()


@queue.every("0 0 * * *")  # 07:00 in Vietnam
def remind(timestamp: int) -> None:
    """In the morning, of the acts of the next day."""
    actions.remind(localdate() + timedelta(days=1))


def keep_up() -> None:
    """Carry out the acts whose day has come, one after another, and take along what has come to their old units since.
    One that cannot be stops nobody else; it is tried again, and its page says why."""
    for act in [*queries.due(), *queries.stragglers()]:
        _try(act)


def _try(act: Act) -> None:
    try:
        actions.carry_out(act)
    except actions.ImpossibleActError as error:
        log.error("act %s cannot come into force: %s", act.number, error)
    except actions.NotADraftError:
        log.info("act %s was taken back just now", act.number)
    except OperationalError:  # a deadlock, or the database went away: nothing was done, the next minute tries again
        log.exception("act %s was not carried out", act.number)
