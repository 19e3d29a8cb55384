"""A citizen without an account: the browser keeps no cookie but the draft's own, and forms carry no CSRF token."""

import io
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pillow_heif
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
    """Writes a report step by step in one browser; with `cookies=False`, in one that refuses them."""

    def __init__(self, cookies: bool = True) -> None:
        self.draft = ""
        self.cookies = cookies
        self.browser = Client(enforce_csrf_checks=True)

    def _browser(self, path: str) -> Client:
        kept = self.cookies and path.startswith("/report")
        return self.browser if kept else Client(enforce_csrf_checks=True)

    def get(self, path: str, **query: Any) -> HttpResponse:
        return self._browser(path).get(path, query)

    def post(self, path: str, data: Any = None, **more: Any) -> HttpResponse:
        return self._browser(path).post(path, {} if data is None else data, **more)

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
        answer = self.post(f"{self.draft or self.begin()}/{step}", usual[step] | fields)
        if (place := answer.headers.get("Location", "")).startswith("/report/"):
            self.draft = place.rsplit("/", 1)[0]
        return answer

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
        image = Image.new("RGB", (80, 60), colour)
        if form == "HEIF":
            pillow_heif.from_pillow(image).save(out, format=form)  # the product itself only reads it
        else:
            image.save(out, form)
        return SimpleUploadedFile(name or f"IMG_{colour}.{form.lower()}", out.getvalue())

    return take


@pytest.fixture
def the_ticket(someone: Citizen) -> Callable[[], Ticket]:
    """The only ticket there is."""
    return lambda: Ticket.objects.get()
