"""What holds for a page of each part of the product, as it leaves: its encoding, that nobody keeps it, the way out, and
that nothing on it comes from elsewhere."""

import re
from types import SimpleNamespace

import pytest
from django.http import HttpResponse
from django.test import Client

STAFF = {
    "lan": ("/desk/", "/desk/new", "/notices/", "/sessions", "/password"),
    "minh": ("/agency/",),
    "phong": ("/board/",),
    "quan": ("/setup/", "/setup/people/new", "/setup/keys/new", "/setup/inboxes/new"),
}
PUBLIC = (
    "/",
    "/report",
    "/report/short",
    "/lookup",
    "/privacy",
    "/privacy/ask",
    "/accessibility",
    "/login",
    "/login/forgotten",
)
RESOURCE = re.compile(
    r"<(?:script|img|iframe|audio|video|source|embed|object)\b[^>]*?\b(?:src|data)=\"([^\"]+)\""
    r"|<link\b[^>]*?\brel=\"(?:stylesheet|icon|preload|modulepreload|manifest)\"[^>]*?\bhref=\"([^\"]+)\""
)
SECRET_INPUT = re.compile(r"<input\b[^>]*\bname=\"[^\"]*password[^\"]*\"[^>]*>")


def looked_at(answer: HttpResponse) -> str:
    """The page, after what holds for every one."""
    page = answer.content.decode()
    assert answer.status_code == 200 and answer["Content-Type"] == "text/html; charset=utf-8"
    elsewhere = [found for pair in RESOURCE.findall(page) if not (found := "".join(pair)).startswith(("/", "data:"))]
    assert elsewhere == [] and not re.search(r"(?:src|href)=\"//", page)
    assert all('type="password"' in field for field in SECRET_INPUT.findall(page))
    return page


@pytest.mark.parametrize(("who", "path"), [(who, path) for who, paths in STAFF.items() for path in paths])
def test_a_page_of_the_staff_is_kept_by_nobody_and_has_the_way_out(town: SimpleNamespace, who: str, path: str) -> None:
    client = Client()
    client.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
    answer = client.get(path)
    assert 'action="/logout"' in looked_at(answer)
    assert "no-store" in answer["Cache-Control"] and answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PUBLIC)
def test_a_page_for_everybody_brings_nothing_from_elsewhere(town: SimpleNamespace, path: str) -> None:
    assert looked_at(Client().get(path))
