import pytest
from django.db import connections

from caunoi.directory.actions import set_option
from tests import copies
from tests.conftest import found_town
from tests.crash.stage import Stage, connected


@pytest.fixture(scope="session")
def founded(django_db_setup, django_db_blocker):
    """The town, founded once in a copy of the tests' own database."""
    with django_db_blocker.unblock():
        empty = connections["default"].settings_dict["NAME"]
        connections.close_all()
        with copies.copied(empty, f"{empty}_town") as own:
            with connected(f"{empty}_town"):
                town = found_town()
                set_option("survey_percent", 100, by=town.quan)  # no act hangs on a draw
            yield Stage(f"{empty}_town", own, town)


@pytest.fixture
def stage(founded, db, settings, tmp_path):
    """Where a scenario is played. The test's own transaction, in the tests' own database, has nothing to do with it."""
    settings.MEDIA_ROOT = tmp_path
    return founded
