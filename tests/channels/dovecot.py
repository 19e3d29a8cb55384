"""The IMAP server of tests/providers as fixtures: one for all tests of a run."""

import os
import shutil
import signal
from collections.abc import Iterator

import pytest

from tests.providers.dovecot import IMAP, PROGRAM, Dovecot
from tests.providers.dovecot import PASSWORD as PASSWORD


@pytest.fixture(scope="session")
def dovecot_server() -> Iterator[Dovecot]:
    """One server for all tests of a run."""
    if PROGRAM is None or not IMAP.exists():
        words = "dovecot is not installed: apt-get install dovecot-imapd"
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)
    server = Dovecot()
    try:
        yield server.start()
    finally:
        server.stop(signal.SIGKILL)
        shutil.rmtree(server.home, ignore_errors=True)


@pytest.fixture
def dovecot(dovecot_server: Dovecot) -> Dovecot:
    """The running server with an empty mailbox."""
    dovecot_server.clear()
    if dovecot_server.process is None:
        dovecot_server.start()
    return dovecot_server
