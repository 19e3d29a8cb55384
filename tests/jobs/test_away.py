"""What an error of the database means for whoever waits: away, in each other's way, or our own fault."""

import psycopg
import pytest
from django.db import DataError, InternalError, OperationalError, ProgrammingError
from psycopg import errors

from caunoi.jobs import away


def of(error: psycopg.Error, kind: type[Exception]) -> Exception:
    """An error as Django hands it on."""
    try:
        try:
            raise error
        except psycopg.Error as cause:
            raise kind(str(cause)) from cause
    except kind as wrapped:
        return wrapped


AWAY = [
    of(errors.AdminShutdown("terminating connection"), OperationalError),
    of(errors.ReadOnlySqlTransaction("cannot execute INSERT"), InternalError),
    of(psycopg.OperationalError("the connection is lost"), OperationalError),
    # stopped while a commit waited for its standby (seen when the cluster's machines were updated one by one)
    of(psycopg.InternalError("received 2 results from command 'COMMIT'"), InternalError),
]
OURS = [
    of(errors.UndefinedColumn("no such column"), ProgrammingError),
    of(errors.InternalError_("could not find a tuple"), InternalError),
    of(errors.StringDataRightTruncation("too long"), DataError),
]


@pytest.mark.parametrize("error", AWAY, ids=str)
def test_a_database_that_is_away_is_waited_for(error: Exception) -> None:
    assert away.lost(error) and away.passing(error)


@pytest.mark.parametrize("error", OURS, ids=str)
def test_a_fault_of_ours_is_not(error: Exception) -> None:
    assert not away.passing(error)
