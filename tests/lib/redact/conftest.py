"""The rules without the learnt second opinion, for tests of what a rule leaves alone."""

from collections.abc import Iterator

import pytest

from caunoi.lib.privacy import redact, tagger


@pytest.fixture
def rules_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nobody but the rules finds names."""
    redact._spans.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(tagger, "find", lambda text, shape, known: iter(()))
        yield
    redact._spans.cache_clear()
