"""The apps that talk to the town's hotline."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from defusedxml import ElementTree
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.events.actor import SYSTEM

LAMP = {
    "service_code": "lamps",
    "lat": "11.52",
    "long": "106.9",
    "address_string": "Ngã tư Đồng Xoài",
    "description": "Đèn đường không sáng, gọi tôi số 0900 000 001.",
    "first_name": "Tư",
    "last_name": "Demo",
    "phone": "0900 000 001",
    "email": "tu@example.com",
}


class App:
    """An app with a key: posts and reads in JSON or XML."""

    def __init__(self, key: str, form: str = "json") -> None:
        self.key, self.form, self.client = key, form, Client()

    def post(self, *, headers: dict[str, str] | None = None, **changes: object) -> SimpleNamespace:
        data = {"api_key": self.key, **LAMP, **changes}
        data = {k: v for k, v in data.items() if v is not None}
        return self._read(self.client.post(f"/open311/v2/requests.{self.form}", data, headers=headers or {}))

    def get(self, path: str, **query: object) -> SimpleNamespace:
        return self._read(self.client.get(f"/open311/v2/{path}.{self.form}", {"api_key": self.key, **query}))

    def _read(self, response: object) -> SimpleNamespace:
        parse = json.loads if self.form == "json" else ElementTree.fromstring
        return SimpleNamespace(status=response.status_code, body=parse(response.content), response=response)


@pytest.fixture
def app(town: SimpleNamespace) -> App:
    return App(issue_key(Key.Use.OPEN311, "Demo app", by=SYSTEM))


@pytest.fixture
def other_app(town: SimpleNamespace) -> App:
    return App(issue_key(Key.Use.OPEN311, "Another app", by=SYSTEM))


@pytest.fixture
def xml_app(app: App) -> App:
    return App(app.key, "xml")


@pytest.fixture
def photo_file(settings: Settings, tmp_path: Path) -> Callable[..., SimpleUploadedFile]:
    """A photo as an app sends it."""
    settings.MEDIA_ROOT = tmp_path

    def take(data: bytes = b"") -> SimpleUploadedFile:
        out = io.BytesIO()
        Image.new("RGB", (64, 48), "navy").save(out, "JPEG")
        return SimpleUploadedFile("IMG_0001.jpg", data or out.getvalue(), "image/jpeg")

    return take
