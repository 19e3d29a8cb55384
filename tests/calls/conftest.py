"""The phone inbox of the town, and what the transcripts say, for the tests of rows."""

import sys
from pathlib import Path

import pytest

from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox

sys.path.append(str(Path(__file__).parents[1] / "telephony"))


@pytest.fixture
def box(db: None) -> Inbox:
    return make_inbox("phone", "phone")
