"""RFC 9116 at its place, for anybody, in two languages."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from caunoi.directory.actions import set_option
from caunoi.directory.options import OPTIONS

pytestmark = pytest.mark.django_db


def fields(client: Client) -> dict[str, list[str]]:
    answer = client.get("/.well-known/security.txt")
    assert answer.status_code == 200 and answer["Content-Type"] == "text/plain; charset=utf-8"
    rows: dict[str, list[str]] = {}
    for line in answer.content.decode().splitlines():
        if not line.startswith("#"):
            name, _, value = line.partition(": ")
            rows.setdefault(name, []).append(value)
    return rows


def test_without_a_contact_it_names_the_hotlines_number(client: Client) -> None:
    rows = fields(client)
    assert rows["Contact"] == ["tel:1022;phone-context=+84"]
    assert set(rows) == {"Contact", "Expires", "Preferred-Languages", "Canonical"}
    assert rows["Preferred-Languages"] == ["vi, en"]
    assert rows["Canonical"][0].endswith("/.well-known/security.txt")
    until = datetime.fromisoformat(rows["Expires"][0])
    assert timedelta(days=90) < until - datetime.now(UTC) < timedelta(days=365)


@pytest.mark.parametrize(
    ("written", "uri"),
    [("attt@1022.example.vn", "mailto:attt@1022.example.vn"), ("https://attt.example.vn/bao", None)],
)
def test_the_provinces_contact_comes_first(client: Client, town, written: str, uri: str | None) -> None:
    set_option("security_contact", written, by=town.users["quan"].as_actor())
    assert fields(client)["Contact"] == [uri or written, "tel:1022;phone-context=+84"]


@pytest.mark.parametrize("wrong", ["x", "a@b", "http://x.vn", "a@b.vn\nContact: mailto:x@y.vn", "javascript:alert(1)"])
def test_what_is_no_contact_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="shape"):
        OPTIONS["security_contact"].check(wrong)
