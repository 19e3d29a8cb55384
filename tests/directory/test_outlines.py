"""A file of outlines: taken when it is right, refused with the feature and the reason when it is not.

Proves: `caunoi import areas FILE --history`: 305 units of the past with what followed them"""

import argparse
import json

import pytest

from caunoi.cli import import_
from caunoi.directory import outlines
from caunoi.directory.models import Area, AreaSuccession

RING = [[106.8, 10.9], [106.9, 10.9], [106.9, 11.0], [106.8, 10.9]]


def feature(code="26041", kind="Polygon", coordinates=None, **more):
    properties = {"code": code, **more}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates or [RING]},
    }


def file(tmp_path, *features):
    path = tmp_path / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))
    return path


def test_a_right_file_is_read(tmp_path):
    path = file(tmp_path, feature(rep_lat=10.93, rep_lon=106.87, areaKm2=31.0))
    (outline,) = outlines.read(path, "75")
    assert (outline.code, outline.latitude, outline.longitude, outline.area_km2) == ("26041", 10.93, 106.87, 31.0)


@pytest.mark.parametrize(
    "features, reason",
    [
        ([feature(), feature()], "feature 2: code 26041 stands twice"),
        ([feature(code="00004")], "00004 is no commune of province 75"),
        ([feature(code=None)], "properties.code is missing"),
        ([feature(kind="Point", coordinates=[106.8, 10.9])], "geometry 'Point' is not a Polygon"),
        ([feature(coordinates=[[[10.9, 106.8], [2_000_000, 106.8]]])], "not longitude and latitude"),
        ([feature(coordinates=[["x"]])], "coordinates are damaged"),
        (["x"], "feature 1: not an object"),
        ([], "not a GeoJSON FeatureCollection"),
    ],
)
def test_a_wrong_file_is_refused_with_its_reason(tmp_path, features, reason):
    with pytest.raises(outlines.BadOutlinesError, match=reason):
        outlines.read(file(tmp_path, *features), "75")


def test_a_file_that_is_not_there_or_no_json_is_refused(tmp_path):
    with pytest.raises(outlines.BadOutlinesError, match="No such file"):
        outlines.read(tmp_path / "none.geojson", "75")
    (tmp_path / "bad").write_text("{")
    with pytest.raises(outlines.BadOutlinesError, match="not JSON"):
        outlines.read(tmp_path / "bad", "75")


def run(path, preview, history=False):
    return import_.run(argparse.Namespace(what="areas", file=[path], preview=preview, history=history))


def test_the_import_says_what_changes_and_does_it_once(db, tmp_path, capsys):
    path = file(tmp_path, feature())
    assert run(path, True) == 0
    assert "95 new" in capsys.readouterr().out
    assert not Area.objects.exists()
    assert run(path, False) == 0
    assert Area.objects.get(code="26041").outline["type"] == "Polygon"
    capsys.readouterr()
    assert run(path, False) == 0
    assert "0 new, 0 changed, 95 as they were" in capsys.readouterr().out
    assert run(file(tmp_path, feature(code="26041", coordinates=[RING[::-1]])), True) == 0
    assert "~ 26041 Phường Trấn Biên" in capsys.readouterr().out


def test_the_import_of_a_wrong_file_exits_with_2(db, tmp_path, capsys):
    assert run(tmp_path / "none", False) == 2
    assert "none" in capsys.readouterr().err


def test_the_units_of_the_past_come_along_and_what_followed_them(db, tmp_path, capsys):
    path = file(tmp_path, feature())
    assert run(path, False, history=True) == 0 and "305 of the past" in capsys.readouterr().out
    assert run(path, False, history=True) == 0 and "0 of the past" in capsys.readouterr().out
    old = Area.objects.get(code="25195", valid_to="2025-07-01")  # phường Tân Phú, thành phố Đồng Xoài
    assert (old.name, old.parent.name) == ("Phường Tân Phú", "Thành phố Đồng Xoài")
    assert [s.new.name for s in AreaSuccession.objects.filter(old=old)] == ["Phường Bình Phước"]
