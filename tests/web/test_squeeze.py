"""Pages go squeezed to whoever can read that, and never to whoever is signed in.

Proves: Pages, feeds and outlines go squeezed (a page of 40 kB in 8, the map's outlines of 500 kB in a third) to
whoever is not signed in"""

import gzip

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db
ABLE = {"accept-encoding": "gzip, br"}


def test_a_page_is_the_same_squeezed_and_says_what_it_depends_on(town):
    squeezed, plain = Client(headers=ABLE).get("/lookup"), Client().get("/lookup")
    assert squeezed["Content-Encoding"] == "gzip" and "Content-Encoding" not in plain
    assert "Accept-Encoding" in squeezed["Vary"] and "Accept-Encoding" in plain["Vary"]
    assert int(squeezed["Content-Length"]) == len(squeezed.content) < len(plain.content) / 2
    assert "Tra cứu phiếu" in gzip.decompress(squeezed.content).decode()


def test_a_kept_page_keeps_its_mark_and_is_not_sent_twice(town):
    someone = Client(headers=ABLE)
    first = someone.get("/register")
    assert first["Content-Encoding"] == "gzip" and first["ETag"].startswith('W/"')
    again = someone.get("/register", headers={"if-none-match": first["ETag"]})
    assert again.status_code == 304 and not again.content and "Content-Encoding" not in again


def test_the_staff_and_what_is_packed_already_are_left_alone(town):
    signed_in = Client(headers=ABLE)
    signed_in.force_login(town.users["lan"])
    for path in ("/desk/", "/lookup"):
        assert "Content-Encoding" not in signed_in.get(path)
    assert "Content-Encoding" not in Client(headers=ABLE).get("/app/icon-180.png")
