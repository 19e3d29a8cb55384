"""What the control plane shows is taken when it is signed, whole and newer; all else is said and left."""

import json

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from caunoi.cells import actions, queries
from caunoi.cells.models import Plane, PlaneEdition
from caunoi.checks import shared
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.lib import cells
from caunoi.lib.crypto import succession
from caunoi.plane.folder import Folder
from caunoi.vault import rotation, shared_keys
from tests.cells.conftest import DAYS, Shown

pytestmark = pytest.mark.django_db
CATALOGUE, SIGNATURE = cells.CATALOGUE, cells.CATALOGUE + cells.ENDING


def trouble() -> str:
    row = queries.plane()
    assert row
    return row.trouble


def files(shown: Shown) -> dict[str, bytes]:
    return {
        path.relative_to(shown.folder.public).as_posix(): path.read_bytes()
        for path in shown.folder.public.rglob("*")
        if path.is_file()
    }


def test_without_a_control_plane_nobody_is_asked(shown):
    set_option("plane_key", "", by=SYSTEM)
    shown.fetch()
    assert shown.asked == [] and queries.plane() is None and not list(shared.editions())


def test_a_catalogue_and_its_editions_are_taken_once(shown):
    shown.holidays()
    shown.holidays(DAYS + "2031-05-02,off,Nghỉ lễ\n")
    shown.folder.sign()
    shown.fetch()
    rows = list(queries.editions())
    assert [(row.subject, row.number, queries.state(row)) for row in rows] == [
        ("holidays", 2, "waiting"),
        ("holidays", 1, "waiting"),
    ]
    assert trouble() == "" and queries.catalogue().number == 1
    assert Event.objects.filter(kind="edition.receive").count() == 2
    shown.asked.clear()
    shown.fetch()
    assert shown.asked == [CATALOGUE, SIGNATURE] and len(queries.editions()) == 2
    assert [one.what.source for one in shared.editions()] == ["Edition %(number)s of %(subject)s is here."] * 2


def test_a_catalogue_by_another_key_is_refused_and_said(shown, tmp_path):
    shown.folder.sign()
    shown.fetch()
    other = Folder(tmp_path / "other")
    other.create()
    for _ in range(5):
        other.sign()
    shown.instead = {**files(Shown(other))}
    shown.fetch()
    assert "not signed by the key" in trouble() and queries.catalogue().number == 1
    assert [one.what.source for one in shared.editions()] == ["The control plane is not followed: %(why)s."]
    shown.instead = {}
    shown.fetch()
    assert trouble() == "" and not list(shared.editions())


def test_an_older_catalogue_is_refused(shown):
    shown.folder.sign()
    old = files(shown)
    shown.folder.sign()
    shown.fetch()
    shown.instead = old
    shown.fetch()
    assert "older than 2" in trouble() and queries.catalogue().number == 2


def test_another_catalogue_of_the_same_number_is_refused(shown):
    shown.folder.sign()
    shown.fetch()
    document = cells.write_catalogue(1, queries.catalogue().issued, [], {"areas": 1})
    shown.instead = {CATALOGUE: document, SIGNATURE: cells.sign(document, shown.folder.private_key).encode()}
    shown.fetch()
    assert "another catalogue 1" in trouble()


def test_a_newer_catalogue_that_lacks_an_edition_is_refused(shown):
    shown.holidays()
    shown.folder.sign()
    shown.fetch()
    document = cells.write_catalogue(2, queries.catalogue().issued, [])
    shown.instead = {CATALOGUE: document, SIGNATURE: cells.sign(document, shown.folder.private_key).encode()}
    shown.fetch()
    assert "lacks edition 1 of holidays" in trouble() and queries.catalogue().number == 1


def sign(shown: Shown, content: dict[str, object], key: Ed25519PrivateKey | None = None) -> dict[str, bytes]:
    document = json.dumps(content).encode()
    name = "holidays/1/edition.json"
    return {name: document, f"{name}.sig": cells.sign(document, key or shown.folder.private_key).encode()}


@pytest.mark.parametrize(
    "how", ["shortened", "other bytes", "forged", "other number", "other subject", "escaping", "gone"]
)
def test_an_edition_that_is_not_what_was_signed_is_left(shown, how):
    shown.holidays()
    shown.folder.sign()
    content = json.loads(files(shown)["holidays/1/edition.json"])
    file = {**content["files"][0]}
    shown.instead = {
        "shortened": {"holidays/1/days.csv": DAYS.encode()[:-20]},
        "other bytes": {"holidays/1/days.csv": DAYS.replace("08", "09").encode()},
        "forged": sign(shown, content, Ed25519PrivateKey.generate()),
        "other number": sign(shown, {**content, "number": 2}),
        "other subject": sign(shown, {**content, "subject": "areas"}),
        "escaping": sign(shown, {**content, "files": [{**file, "name": "../../../etc/passwd"}]}),
        "gone": {"holidays/1/days.csv": httpx.Response(404)},
    }[how]
    shown.fetch()
    assert trouble() and not queries.editions() and queries.catalogue().number == 1
    assert not any("passwd" in name for name in shown.asked)
    shown.instead = {}
    shown.fetch()
    assert trouble() == "" and len(queries.editions()) == 1, "and what is right is taken later"


def test_a_catalogue_passes_for_no_edition(shown):
    shown.holidays()
    shown.folder.sign()
    every = files(shown)
    shown.instead = {
        "holidays/1/edition.json": every[CATALOGUE],
        "holidays/1/edition.json.sig": every[SIGNATURE],
    }
    shown.fetch()
    assert "no edition" in trouble()


def test_an_endless_answer_and_one_that_breaks_off_are_left(shown):
    shown.folder.sign()
    shown.instead = {CATALOGUE: b"x" * (actions.MOST + 1)}
    shown.fetch()
    assert "too big" in trouble()

    def broken(request):
        raise httpx.ReadError("reset")

    actions.fetch(httpx.Client(transport=httpx.MockTransport(broken)))
    assert "not to be had" in trouble() and queries.catalogue() is None


def test_one_subject_that_is_broken_does_not_hold_up_the_others(shown, tmp_path):
    shown.holidays()
    (tmp_path / "01.geojson").write_text(json.dumps(OUTLINES))
    shown.folder.add_edition("areas", [tmp_path / "01.geojson"])
    shown.folder.sign()
    shown.instead = {"areas/1/edition.json": httpx.Response(500)}
    shown.fetch()
    assert trouble() and [row.subject for row in queries.editions()] == ["holidays"]


OUTLINES = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "properties": {"code": "00004"},
            "geometry": {
                "type": "Polygon",
                "coordinates": [[[105.8, 21.0], [105.9, 21.0], [105.9, 21.1], [105.8, 21.0]]],
            },
        }
    ],
}


def test_what_is_changed_in_the_database_is_no_catalogue_any_more(shown):
    shown.folder.sign()
    shown.fetch()
    Plane.objects.update(document=bytes(Plane.objects.get().document).replace(b"1", b"2"))
    assert queries.catalogue() is None


def test_another_control_plane_begins_anew_and_the_first_goes_on_where_it_was(shown, tmp_path):
    shown.folder.sign()
    shown.folder.sign()
    shown.fetch()
    first, key = shown.folder, cells.key_text(shown.folder.key)
    other = Folder(tmp_path / "other")
    other.create()
    other.sign()
    set_option("plane_key", cells.key_text(other.key), by=SYSTEM)
    shown.folder = other
    shown.fetch()
    assert trouble() == "" and queries.catalogue().number == 1
    set_option("plane_key", key, by=SYSTEM)
    assert queries.catalogue().number == 2
    shown.folder = first
    shown.fetch()
    assert trouble() == ""


def test_a_cell_signs_by_the_key_that_the_catalogue_names_until_it_names_the_new_one(shown):
    shared_keys.settle(make=True)
    before = queries.newest_key()
    code = queries.province_code()

    def name(key: bytes) -> None:
        shown.folder.put(cells.Cell(code=code, name="Đồng Nai", address="https://1022.example", key=key))
        shown.folder.sign()
        shown.fetch()

    name(before)
    rotation.rotate("cell", by=SYSTEM)
    assert succession.raw(queries.own_key().public_key()) == before != queries.newest_key()
    name(queries.newest_key())
    assert succession.raw(queries.own_key().public_key()) == queries.newest_key()


def test_two_workers_take_an_edition_once(shown, monkeypatch):
    shown.holidays()
    shown.folder.sign()
    shown.fetch()
    held = queries.newest_numbers
    calls = []

    def late(row):  # the other worker had not committed when this one first looked
        calls.append(row)
        return {} if len(calls) == 1 else held(row)

    monkeypatch.setattr(queries, "newest_numbers", late)
    shown.fetch()
    assert PlaneEdition.objects.count() == 1 and trouble() == ""
