"""Proves: administrators' pages with history and undo"""

import pytest
from django.test import Client


@pytest.fixture
def quan(town):
    """The administrator at a browser."""
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def undo(quan):
    """Press "Undo" on what was said last."""

    def press(response):
        tags = [m.extra_tags for m in response.context["messages"] if m.extra_tags]
        return quan.post(tags[-1].removeprefix("undo:"), follow=True)

    return press
