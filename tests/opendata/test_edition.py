"""An edition of the open data: whole, in four shapes that say the same, with nothing of anybody's in it.

Proves: Open data in four shapes (CSV, Parquet, GeoJSON, GeoReport Bulk), only what `published()` gives, old and new
boundaries, dictionary (Frictionless, vi/en), licence, SHA-256
Proves: Half-written files are never served; a failed export leaves the earlier one
Proves: Withdrawn or corrected: the edition is served no more at once (also when it happens while the edition is
written), gone from the next; an added answer stops nothing
Proves: `caunoi export open-data DIR`; nightly at 2:10 and within 10 minutes after a withdrawal"""

import csv
import gzip
import json
from hashlib import sha256

import duckdb
import pytest
from django.core.files.storage import default_storage

from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.queries import forget
from caunoi.opendata import actions, queries
from caunoi.opendata.fields import FIELDS, STORED_FIELDS
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket

pytestmark = pytest.mark.django_db(transaction=True)
SECRETS = ("Nguyễn Văn Demo", "0912345678", "912345678", "0987654321", "075201001234", "demo@example.vn")


def rows(folder, name="tickets.csv"):
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def edition(town, home, report, tmp_path):
    """Three published, one of them beginning like a formula; one draft; one withdrawn."""
    words = "Đèn tắt trước nhà tôi, gọi 0987654321 hoặc demo@example.vn, CCCD 075201001234"
    first = report(words, latitude=11.519, longitude=106.899)
    report('=HYPERLINK("http://xau.example")\n"dòng hai", hết')
    report("Đèn nhấp nháy", address="Ngã tư Sóc Miên")
    report("Hàng xóm hát karaoke", category="noise")
    gone = report("Đèn này đã rút lại")
    publication.withdraw(Publication.objects.get(ticket=gone), "Nhầm", by=town.thu)
    folder = tmp_path / "out"
    return first, folder, actions.export(folder)


def test_only_what_is_public_is_in_it(edition):
    first, folder, told = edition
    found = rows(folder)
    assert told.rows == len(found) == 3
    assert found[0]["code"] == first.code
    everything = b"".join(path.read_bytes() for path in sorted(folder.iterdir())).decode("utf-8", "ignore")
    plain = "\n".join(str(row) for row in duckdb.read_parquet(str(folder / "tickets.parquet")).fetchall())
    assert "Đèn tắt trước nhà tôi" in everything and "Đèn tắt trước nhà tôi" in plain
    for secret in (*SECRETS, "karaoke", "đã rút lại", first.follow):
        assert secret not in everything and secret not in plain, secret


def test_the_four_shapes_say_the_same(edition):
    _, folder, _ = edition
    table = rows(folder)
    held = duckdb.read_parquet(str(folder / "tickets.parquet"))
    assert held.columns == [field.name for field in FIELDS]
    features = json.loads((folder / "tickets.geojson").read_text("utf-8"))
    bulk = rows(folder, "georeport.csv")
    codes = [row["code"] for row in table]
    assert codes == [row[0] for row in held.fetchall()]
    assert codes == [feature["properties"]["code"] for feature in features["features"]]
    assert codes == [row["service_request_id"] for row in bulk]
    assert [row["received"] for row in table] == [f["properties"]["received"] for f in features["features"]]
    assert [row["requested_datetime"] for row in bulk] == [row["received"] for row in table]
    assert all(row["received"].endswith("+07:00") for row in table)


def test_a_ticket_without_a_place_is_a_feature_without_a_point(edition):
    _, folder, _ = edition
    first, second, _ = json.loads((folder / "tickets.geojson").read_text("utf-8"))["features"]
    assert first["geometry"] == {"type": "Point", "coordinates": [106.899, 11.519]}
    assert second["geometry"] is None


def test_a_spreadsheet_finds_no_formula_and_machines_find_the_words_unchanged(edition):
    _, folder, _ = edition
    words = '=HYPERLINK("http://xau.example")\n"dòng hai", hết'
    assert rows(folder)[1]["text"] == f"'{words}"
    assert rows(folder, "georeport.csv")[1]["description"] == f"'{words}"
    assert duckdb.read_parquet(str(folder / "tickets.parquet")).fetchall()[1][8] == words
    feature = json.loads((folder / "tickets.geojson").read_text("utf-8"))["features"][1]
    assert feature["properties"]["text"] == words


def test_names_of_agencies_and_categories_are_no_formulas_either(report, town, home, tmp_path):
    formula = '=cmd|"/c calc"!A1'
    Category.objects.filter(pk=town.lamps.pk).update(name=formula)
    Agency.objects.filter(pk=town.works.pk).update(name=f"+{formula}")
    Area.objects.filter(pk=town.ward.pk).update(name="@SUM(1)")
    forget()
    ticket = report("Đèn tắt")
    Ticket.objects.filter(pk=ticket.pk).update(agency=town.works)
    actions.export(tmp_path)
    for name in ("tickets.csv", "georeport.csv"):
        (row,) = rows(tmp_path, name)
        assert not [cell for cell in row.values() if cell[:1] in "=+-@\t\r" and cell], (name, row)
        assert f"'{formula}" in row.values() and f"'+{formula}" in row.values()


def test_a_ticket_lies_in_its_commune_of_today_and_in_what_that_was_before(edition):
    _, folder, _ = edition
    row = rows(folder)[0]
    assert (row["area_code"], row["area"]) == ("25195", "Phường Bình Phước")
    assert "Thành phố Đồng Xoài" in row["old_districts"].split("|")
    olds = row["old_area_codes"].split("|")
    known = {r["old_area_code"]: r for r in rows(folder, "areas.csv") if r["area_code"] == "25195"}
    assert olds == sorted(known)
    assert {known[code]["old_province"] for code in olds} == {"Tỉnh Bình Phước"}


def test_the_columns_of_georeport_bulk_are_the_specification_s(edition):
    _, folder, _ = edition
    assert list(rows(folder, "georeport.csv")[0]) == [
        "service_request_id",
        "requested_datetime",
        "updated_datetime",
        "closed_date",
        "status_description",
        "status_notes",
        "source",
        "service_name",
        "service_subtype",
        "description",
        "agency_responsible",
        "address",
        "lat",
        "long",
    ]


def test_every_file_is_described_and_sealed(edition):
    _, folder, told = edition
    package = json.loads((folder / "datapackage.json").read_text("utf-8"))
    for resource in package["resources"]:
        content = (folder / resource["path"]).read_bytes()
        assert resource["hash"] == f"sha256:{sha256(content).hexdigest()}"
        assert resource["bytes"] == len(content)
        assert resource["description"] != resource["description_vi"]
    sums = dict(reversed(line.split("  ")) for line in (folder / "SHA256SUMS").read_text().splitlines())
    assert sums["datapackage.json"] == sha256((folder / "datapackage.json").read_bytes()).hexdigest()
    described = next(r for r in package["resources"] if r["path"] == "tickets.csv")["schema"]["fields"]
    assert [field["name"] for field in described] == list(rows(folder)[0])
    assert "CC-BY-4.0" in (folder / "LICENSE.txt").read_text("utf-8")
    assert {file["name"] for file in told.files} == {path.name for path in folder.iterdir()}


def test_what_is_served_has_its_compressed_twin(edition):
    served = actions.issue()
    folder = queries.local(served, queries.LAST).parent
    for name in ("areas.csv", "georeport.csv", "tickets.csv", "tickets.geojson"):
        assert gzip.decompress((folder / f"{name}.gz").read_bytes()) == (folder / name).read_bytes()


def test_what_is_stored_comes_only_through_the_public_door():
    sql = str(queries.everything().query)
    assert '"publication_publication"."state" = published' in sql
    assert "conversations_contact" not in sql and '"tickets_ticket"."text"' not in sql
    assert {field.name for field in STORED_FIELDS} <= {field.name for field in FIELDS}


def test_an_export_that_fails_leaves_the_earlier_one_whole(edition, monkeypatch):
    _, folder, _ = edition
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    def break_off(*args, **kwargs):
        raise OSError("no space left")

    monkeypatch.setattr("caunoi.opendata.shapes.write", break_off)
    with pytest.raises(OSError, match="no space"):
        actions.export(folder)
    with pytest.raises(OSError, match="no space"):
        actions.issue()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert queries.newest() is None and not default_storage.exists("open-data")


def test_what_is_withdrawn_stops_the_edition_at_once_and_is_not_in_the_next(edition, town):
    first, _, _ = edition
    old = actions.issue()
    assert queries.current() == old
    publication.withdraw(Publication.objects.get(ticket=first), "Theo yêu cầu", by=town.thu)
    assert queries.current() is None
    new = actions.issue()
    assert queries.current() == new and new.rows == old.rows - 1
    with pytest.raises(FileNotFoundError):
        queries.local(old, "tickets.csv")
    assert default_storage.listdir("open-data")[0] == [new.folder]
    assert first.code not in queries.local(new, "tickets.csv").read_text("utf-8")


def test_a_corrected_word_stops_it_an_added_answer_does_not(edition, town):
    first, _, _ = edition
    actions.issue()
    row = Publication.objects.get(ticket=first)
    publication.publish(row, answer="Đã thay bóng.", by=town.thu)
    assert queries.current() is not None
    publication.publish(row, text="Đèn tắt.", note="Bỏ chi tiết riêng", by=town.thu)
    assert queries.current() is None


def test_a_withdrawal_while_it_is_being_written_makes_it_stale(edition, town, monkeypatch):
    first, _, _ = edition
    write = actions.shapes.write

    def meanwhile(*args, **kwargs):
        publication.withdraw(Publication.objects.get(ticket=first), "Theo yêu cầu", by=town.thu)
        return write(*args, **kwargs)

    monkeypatch.setattr("caunoi.opendata.shapes.write", meanwhile)
    actions.issue()
    assert queries.current() is None


def test_a_denunciation_that_was_public_is_taken_back_and_in_no_edition(edition, town, work):
    first, _, _ = edition
    old = actions.issue()
    tickets.move(first, "refuse", by=town.lan, reason="denunciation")
    assert first.code not in str(list(queries.everything()))  # at once, though the worker has not come yet
    work()
    row = Publication.objects.get(ticket=first)
    assert row.state == "withdrawn" and row.note == "Tổng đài đã rút nội dung này."
    assert queries.current() != old  # the worker may have made the next one
