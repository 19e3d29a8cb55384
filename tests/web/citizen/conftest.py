"""A citizen without an account: no cookies are kept from one request to the next, and forms carry no CSRF token."""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from PIL import Image
from pytest_django import Settings

from caunoi.directory.queries import text
from caunoi.tickets.models import Ticket

WORDS = "Đèn đường trước chợ Đồng Xoài tắt ba ngày nay."


class Citizen:
    """Writes a report step by step, each time as somebody who has lost all cookies."""

    def __init__(self) -> None:
        self.draft = ""

    def get(self, path: str, **query: Any) -> HttpResponse:
        return Client().get(path, query)

    def post(self, path: str, data: Any = None, **more: Any) -> HttpResponse:
        return Client(enforce_csrf_checks=True).post(path, {} if data is None else data, **more)

    def begin(self) -> str:
        """Open the form; gives the address of the draft that it will become."""
        action = str(self.get("/report").content.decode().split('action="/report/')[1].split('"')[0])
        self.draft = f"/report/{action.rsplit('/', 1)[0]}"
        return self.draft

    def fill(self, step: str, **fields: Any) -> HttpResponse:
        """Send one step; what is not said is filled in so that it is right."""
        consent = text("consent")
        usual: dict[str, dict[str, Any]] = {
            "what": {"text": WORDS, "kind": "report"},
            "where": {},
            "photos": {},
            "you": {"consent": "on", "consent_version": consent.version if consent else ""},
            "check": {},
        }
        return self.post(f"{self.draft or self.begin()}/{step}", usual[step] | fields)

    def report(self, **fields: dict[str, Any]) -> HttpResponse:
        """All five steps; fields by step."""
        self.begin()
        for step in ("what", "where", "photos", "you", "check"):
            answer = self.fill(step, **fields.get(step, {}))
            assert answer.status_code == 302, (step, answer.content.decode())
        return answer


@pytest.fixture
def someone(town: SimpleNamespace, settings: Settings, tmp_path: Path) -> Citizen:
    """Somebody with a phone, in the town."""
    settings.MEDIA_ROOT = tmp_path
    cache.clear()
    return Citizen()


@pytest.fixture
def picture() -> Callable[..., SimpleUploadedFile]:
    """A photo as a phone sends it."""

    def take(form: str = "JPEG", colour: str = "navy", name: str = "") -> SimpleUploadedFile:
        out = io.BytesIO()
        Image.new("RGB", (80, 60), colour).save(out, form)
        return SimpleUploadedFile(name or f"IMG_{colour}.{form.lower()}", out.getvalue())

    return take


@pytest.fixture
def the_ticket(someone: Citizen) -> Callable[[], Ticket]:
    """The only ticket there is."""
    return lambda: Ticket.objects.get()
