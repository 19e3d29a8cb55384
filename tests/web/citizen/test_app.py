"""The installable app, as the server gives it: what may be kept on a device, and a door that makes one ticket of many
sendings.

Proves: Installable app: manifest, drawn icons, own service worker, `/app` without a network, outbox in IndexedDB,
sent exactly once"""

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client
from PIL import Image

from caunoi.directory import actions as directory
from caunoi.directory import queries
from caunoi.events.actor import SYSTEM
from caunoi.tickets.models import Ticket
from caunoi.web.citizen import app

pytestmark = pytest.mark.django_db
ONCE = "0b9f8a52-6f0e-4b7e-9c1d-2f3a4b5c6d7e"
built = pytest.mark.skipif(not (settings.STATIC_DIST / "manifest.json").exists(), reason="the front end is not built")


def send(town, once=ONCE, **more):
    given = {
        "id": once,
        "text": "Đèn trước chợ tắt",
        "kind": "report",
        "category": "",
        "address": "Chợ Đồng Xoài",
        "area": "25195",
        "lat": "",
        "long": "",
        "occurred": "",
        "name": "",
        "phone": "0912345678",
        "consent": "on",
        "consent_version": queries.text("consent").version,
    }
    return Client(enforce_csrf_checks=True).post("/app/send", {**given, **more})


def test_a_report_from_a_device_is_a_ticket(town):
    answer = send(town)
    ticket = Ticket.objects.get()
    assert answer.json() == {"code": ticket.code, "url": f"/f/{ticket.follow}", "left_out": 0, "added": False}
    assert (ticket.channel, ticket.text, ticket.area.code) == ("app", "Đèn trước chợ tắt", "25195")
    assert ticket.contact.phone == "+84912345678"


def test_sent_many_times_it_is_one_ticket(town):
    first, again = send(town), send(town)
    assert first.json() == again.json()
    assert Ticket.objects.count() == 1
    assert send(town, once=ONCE.replace("0b9f", "1b9f")).json() != first.json()


def photo(colour):
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    out.seek(0)
    out.name = f"{colour}.jpg"
    return out


def test_what_was_changed_before_its_arrival_was_known_is_added_to_the_ticket_once(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    first = send(town, photos=[photo("red")]).json()
    more = {
        "text": "Đèn cháy, cột nghiêng",
        "phone": "0987654321",
        "area": "",
        "kind": "question",
        "occurred": "2026-01-05T08:00",
    }
    told = [send(town, **more, photos=[photo("red"), photo("blue")]).json() for _ in range(2)]
    assert told == [first | {"added": True}] * 2
    ticket = Ticket.objects.get()
    assert (ticket.text, ticket.contact.phone, ticket.photos.count()) == ("Đèn trước chợ tắt", "+84987654321", 2)
    (note,) = ticket.notes.all()
    assert note.text.startswith("Đèn cháy, cột nghiêng\n") and not note.internal
    assert "5/1" in note.text
    assert "question" not in note.text.split(), "but by its words"
    assert "0987" not in note.text, "agencies read it"
    assert send(town, photos=[photo("red")]).json() == first
    assert ticket.notes.count() == 1


def test_a_change_that_is_wrong_is_said_though_the_report_has_arrived(town):
    send(town)
    answer = send(town, phone="12")
    assert answer.status_code == 422 and answer.json()["errors"]["phone"]


@pytest.mark.django_db(transaction=True)
def test_sent_by_several_windows_at_once_it_is_one_ticket(town):
    def one(_):
        try:
            return send(town).json()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as windows:
        told = list(windows.map(one, range(4)))
    assert Ticket.objects.count() == 1
    assert told == [told[0]] * 4


def test_photos_come_along_and_what_is_none_is_left_out(town, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    good, bad = io.BytesIO(jpeg), io.BytesIO(b"<svg onload=alert(1)>")
    good.name, bad.name = "a.jpg", "b.svg"
    answer = send(town, photos=[good, bad])
    assert answer.status_code == 200 and answer.json()["left_out"] == 1
    assert Ticket.objects.get().photos.count() == 1


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"text": " "}, "text"),
        ({"phone": "12"}, "phone"),
        ({"consent": ""}, "consent"),
        ({"consent_version": "99"}, "consent"),
        ({"lat": "50", "long": "8"}, "lat"),
        ({"category": "nothing"}, "category"),
        ({"text": "a" * 10_001}, "text"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_nothing_is_taken(town, given, field):
    answer = send(town, **given)
    assert answer.status_code == 422 and answer.json()["errors"][field]
    assert not Ticket.objects.exists()


def test_an_id_is_made_by_the_device_and_cannot_be_guessed(town):
    for once in ("", "1", "../x", "a" * 36):
        assert send(town, once=once).status_code == 400


def test_a_flood_from_one_address_waits(town):
    cache.clear()
    directory.set_option("reports_per_hour", 1, by=SYSTEM)
    queries.forget()
    assert send(town).status_code == 200
    other = send(town, once=ONCE.replace("0b9f", "1b9f"))
    assert other.status_code == 429 and other["Retry-After"]
    assert send(town).status_code == 200  # what has arrived is told again


def test_the_page_that_is_kept_on_devices_holds_nothing_of_anybody(town):
    page = Client(headers={"accept-language": "vi"}).get("/app")
    text = page.content.decode()
    assert "Lưu và gửi" in text and 'name="consent_version" value="1"' in text
    assert "sessionid" not in page.cookies


@pytest.mark.parametrize("pixels", sorted(app.SIZES))
def test_icons_are_drawn_in_the_sizes_that_phones_want(pixels):
    with Image.open(io.BytesIO(Client().get(f"/app/icon-{pixels}.png").content)) as drawn:
        assert drawn.size == (pixels, pixels) and drawn.format == "PNG"
        assert len(drawn.getcolors(1_000_000)) > 2
    assert Client().get("/app/icon-7.png").status_code == 404
    assert Client().get("/favicon.ico").headers["content-type"] == "image/png"


def test_the_manifest_names_what_an_installed_app_needs():
    told = json.loads(Client().get("/manifest.webmanifest").content)
    assert told["display"] == "standalone" and told["start_url"].startswith("/") and told["scope"] == "/"
    assert {icon["sizes"] for icon in told["icons"]} == {"192x192", "512x512"}
    for icon in told["icons"]:
        assert Client().get(icon["src"]).status_code == 200


@built
def test_the_worker_keeps_files_of_ours_only_and_they_are_all_there(town):
    answer = Client().get("/sw.js")
    program = answer.content.decode()
    told = json.loads(re.match(r"self\.caunoi=(\{.*?\});", program)[1])
    assert told["files"] and all(file.startswith("/static/dist/") for file in told["files"])
    for file in told["files"]:
        found = Client().get(file)
        assert found.status_code == 200 and b"".join(found.streaming_content), file
    assert answer["Cache-Control"] == "no-cache" and "import " not in program.split("\n", 1)[1][:200]
    directory.write_text("consent", "Văn bản mới.", by=SYSTEM)
    queries.forget()
    assert Client().get("/sw.js").content.decode() != program  # the kept page is made anew
