"""The demo province: who and what is in it, made once however often it is asked for."""

import json

import pytest

from caunoi.accounts.models import Key, User
from caunoi.accounts.queries import key
from caunoi.accounts.service_accounts import actor_of_token
from caunoi.cli import demo as command
from caunoi.conversations.queries import inbox
from caunoi.demo import province
from caunoi.directory import queries as directory
from caunoi.directory.models import Agency, Area, Category
from caunoi.events.models import Event
from caunoi.lib.places import gazetteer
from caunoi.routing.models import Rule
from caunoi.sla.models import Target

HEADS = {
    "lan": "operator",
    "tam": "supervisor",
    "minh": "officer",
    "hoa": "lead",
    "thu": "reviewer",
    "phong": "leader",
    "quan": "admin",
}


@pytest.fixture
def built(db, settings):
    settings.DEMO = True  # its keys open nothing elsewhere
    province.build(None)


def rows():
    models = (Agency, Area, Category, Event, Key, Rule, Target, User)
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in models}


def test_building_it_twice_changes_nothing(built):
    before = rows()
    province.build(None)
    assert rows() == before


def test_it_has_every_commune_with_its_committee(built):
    communes = directory.areas()
    assert len(communes) == len(gazetteer.communes("75"))
    assert Agency.objects.filter(kind="commune", area__in=communes).count() == len(communes)
    assert len([a for a in directory.agencies() if a.kind != "commune"]) >= 45


def test_the_contracts_people_can_sign_in(built):
    for name, role in HEADS.items():
        user = User.objects.get(username=name)
        assert user.role == role
        assert "demo" in user.full_name
        assert actor_of_token(f"demo-api-{name}").user_id == user.pk
    assert (
        User.objects.get(username="minh").agency.code == User.objects.get(username="hoa").agency.code == "xncongtrinh"
    )
    assert User.objects.get(username="lan").check_password("demo1022!")
    assert key("demo-open311", Key.Use.OPEN311)


def test_every_agency_that_acts_has_an_officer_and_a_lead(built):
    for agency in directory.agencies():
        assert {u.role for u in User.objects.filter(agency=agency)} == {"officer", "lead"}


def test_every_category_has_a_rule_and_every_clock_a_target(built):
    assert not Category.objects.exclude(pk__in=Rule.objects.values("category")).exists()
    assert set(Target.objects.values_list("clock", flat=True)) == {
        "accept",
        "forward",
        "agency_accept",
        "handle",
        "reply",
    }


def test_inboxes_know_the_secrets_of_the_contract(built):
    assert inbox("zalo").config == {"app_id": "1022"}
    assert inbox("zalo").secrets == {"oa_secret": "demo-zalo-secret"}
    assert inbox("facebook").secrets == {"app_secret": "demo-facebook-secret", "verify_token": "demo-verify"}


def test_the_consent_text_speaks_both_languages(built):
    text = directory.text("consent")
    assert "91/2025" in text.body
    assert "91/2025" in text.body_en


def test_an_outline_that_is_given_is_drawn(db, tmp_path):
    square = [[[106.8, 10.9], [106.9, 10.9], [106.9, 11.0], [106.8, 10.9]]]
    feature = {
        "type": "Feature",
        "properties": {"code": "26041"},
        "geometry": {"type": "Polygon", "coordinates": square},
    }
    file = tmp_path / "areas.geojson"
    file.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    province.build(file)
    assert Area.objects.get(code="26041").outline["coordinates"] == square
    province.build(None)
    assert Area.objects.get(code="26041").outline["coordinates"] == square


def test_without_demo_mode_nothing_is_made(db, settings, capsys):
    settings.DEMO = False
    assert command.run(None) == 2
    assert "CAUNOI_DEMO=1" in capsys.readouterr().err
    assert not User.objects.exists()


def test_a_wrong_day_is_refused_with_a_reason(db, settings, capsys):
    settings.DEMO, settings.DEMO_DAY = True, "20/08/2026"
    assert command.run(None) == 2
    assert "20/08/2026" in capsys.readouterr().err
