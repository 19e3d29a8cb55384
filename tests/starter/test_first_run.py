"""The first run: from no row at all to a province with an administrator, once.

Proves: starter set (fields, deadlines, rules, skeleton of agencies, committees of the communes, consent, answers,
alerts), the demo built on it"""

import argparse
import asyncio
import json
from contextlib import nullcontext
from dataclasses import replace

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from caunoi.accounts.models import User
from caunoi.answers.models import Template
from caunoi.checks import readiness
from caunoi.cli import init, up
from caunoi.directory import queries as directory
from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.options import OPTIONS
from caunoi.events.actor import SYSTEM
from caunoi.host.finding import run
from caunoi.host.processes import Supervisor
from caunoi.routing.models import Rule
from caunoi.starter import first_run
from caunoi.starter.answers import Answers, BadAnswerError

TOLD = Answers(province="66", user="quantri", hotline_name="Tổng đài 1022 Đắk Lắk")


@pytest.fixture
def closed(db, monkeypatch, settings):
    """As a new installation is, and not as the tests have it."""
    settings.PROVINCE = ""
    monkeypatch.setitem(OPTIONS, "portal_open", replace(OPTIONS["portal_open"], default=False))


@pytest.fixture
def someone(closed, db):
    return Client(headers={"accept-language": "en"})


def test_a_province_comes_with_its_communes_their_committees_and_the_kit(db, closed):
    first_run.set_up(TOLD, by=SYSTEM)
    assert directory.province().name == "Tỉnh Đắk Lắk"
    communes = Area.objects.filter(parent=directory.province())
    assert communes.count() == 102 == Agency.objects.filter(kind="commune").count()
    assert Agency.objects.get(code="catp").name == "Công an tỉnh"
    assert (Category.objects.count(), Rule.objects.exists(), Template.objects.exists()) == (23, True, True)
    assert "Tổng đài 1022 Đắk Lắk" in directory.text("consent").body
    assert {one.check for one in run(readiness.CHECKS) if one.state == "broken"} == {"administrator", "operators"}


def test_without_the_kit_only_the_province_is_written(db, closed):
    first_run.set_up(Answers(province="66", user="quantri", starter=False), by=SYSTEM)
    assert Area.objects.count() == 103
    assert not Category.objects.exists() and not Agency.objects.exists()


def test_it_is_answered_once(db, closed):
    first_run.set_up(TOLD, by=SYSTEM)
    for again in (TOLD, Answers(province="75", user="khac")):
        with pytest.raises(first_run.AlreadySetUpError):
            first_run.set_up(again, by=SYSTEM)
    assert User.objects.count() == 1


def test_a_province_that_the_environment_says_otherwise_is_refused(db, closed, settings):
    settings.PROVINCE = "75"
    with pytest.raises(BadAnswerError, match="CAUNOI_PROVINCE"):
        first_run.set_up(TOLD, by=SYSTEM)
    assert not Area.objects.exists()


def test_the_page_asks_the_same_and_leads_to_the_password(someone):
    page = reverse("first-run", args=[first_run.token()])
    body = someone.get(page).content.decode()
    assert body.count("<option") == 35
    wrong = someone.post(page, {"province": "67", "user": "Quản", "phone": "gọi"})
    assert wrong.status_code == 422 and not Area.objects.exists()
    answer = {
        "province": "66",
        "hotline_name": "Tổng đài 1022",
        "phone": "1022",
        "name": "Thử",
        "user": "quantri",
        "starter": "on",
    }
    sent = someone.post(page, answer)
    assert sent.status_code == 302 and sent["Location"].startswith("/invite/")
    assert someone.get(sent["Location"]).status_code == 200
    for secret in (page, reverse("first-run", args=["guessed"])):
        assert someone.get(secret).status_code == 404
        assert someone.post(secret, answer).status_code == 404
    assert User.objects.count() == 1


def test_up_prints_the_address_of_the_same_page_while_nobody_administers(someone, town, monkeypatch, tmp_path):
    monkeypatch.setattr(up.home, "secret_key", lambda _folder: settings.SECRET_KEY)
    monkeypatch.setattr(up.psycopg, "connect", lambda **_where: nullcontext(connection.connection))
    assert up._first_run(tmp_path, "http://127.0.0.1:8022") == ""
    User.objects.filter(role="admin").delete()
    told = up._first_run(tmp_path, "http://127.0.0.1:8022")
    assert told.startswith("http://127.0.0.1:8022" + reverse("first-run", args=["x"])[:-1])
    assert someone.get(told.removeprefix("http://127.0.0.1:8022")).status_code == 200
    monkeypatch.setenv("CAUNOI_PUBLIC_URL", "https://1022.example.vn/")
    assert up._first_run(tmp_path, "http://127.0.0.1:8022").startswith("https://1022.example.vn/first/")


def test_up_says_why_there_is_no_such_address_and_what_prints_it(capsys, monkeypatch, tmp_path):
    def fail(*_words):
        raise psycopg.OperationalError("connection to server failed: FATAL:  too many clients")

    async def answers(*_words):
        return True

    monkeypatch.setattr(up, "_first_run", fail)
    monkeypatch.setattr(up, "_answers", answers)
    place = up.Place(folder=tmp_path, sock=0, lock=None, who={"address": "http://127.0.0.1:8022"}, handed=None)
    args = argparse.Namespace(lang="en", only=frozenset(up.PARTS))
    asyncio.run(up._tell(Supervisor(say=print), place, args, [], demo=False))
    out, err = capsys.readouterr()
    assert "Ready: http://127.0.0.1:8022" in out
    assert "too many clients" in err and "init --link" in err


def test_a_link_opens_nothing_where_somebody_administers(someone, town):
    assert someone.get(reverse("first-run", args=[first_run.token()])).status_code == 404


def test_an_address_that_somebody_kept_opens_nothing_when_every_administrator_is_closed(someone, town):
    User.objects.filter(role="admin").update(is_active=False)
    assert someone.get(reverse("first-run", args=[first_run.token()])).status_code == 404


def test_before_it_opens_citizens_read_that_it_is_prepared_and_the_staff_see_the_portal(someone, town):
    for path in ("/", "/report", "/register", "/app", "/p/26-000001-9", "/open-data"):
        answer = someone.get(path)
        assert (answer.status_code, answer["Retry-After"]) == (503, "3600"), path
        assert "being prepared" in answer.content.decode()
    assert someone.get("/f/nobodys").status_code == 404, "whoever has a ticket's address goes on with it"
    for path in ("/login", "/manifest.webmanifest", "/robots.txt", "/health/live", "/privacy", "/accessibility"):
        assert someone.get(path).status_code == 200, path
    quan = Client(headers={"accept-language": "en"})
    quan.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    assert quan.get("/report").status_code in (200, 302)
    assert "not open yet" in quan.get("/setup/ready").content.decode()
    quan.post("/setup/ready/portal", {"open": "1"})
    assert someone.get("/").status_code == 200
    quan.post("/setup/ready/portal", {"open": "0"})
    assert someone.get("/").status_code == 503


def test_only_an_administrator_opens_it(someone, town):
    for name in ("lan", "tam", "phong"):
        person = Client()
        person.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        assert person.post("/setup/ready/portal", {"open": "1"}).status_code == 403
    assert someone.get("/").status_code == 503


def test_who_became_administrator_at_the_shell_writes_the_kit_by_a_button(town, someone):
    Category.objects.all().update(valid_to="2020-01-01")
    quan = Client(headers={"accept-language": "en"})
    quan.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    assert 'action="/setup/ready/starter"' in quan.get("/setup/ready").content.decode()
    before = Agency.objects.count()
    quan.post("/setup/ready/starter")
    assert Category.objects.filter(directory.in_force()).count() >= 20 and Agency.objects.count() > before
    assert Agency.objects.filter(kind="commune").count() == 2, "who is served has a committee already"


def test_the_answers_of_a_script(db, closed, tmp_path, capsys):
    parser = argparse.ArgumentParser()
    init.arguments(parser)

    def run(text):
        file = tmp_path / "answers.toml"
        file.write_text(text, "utf-8")
        return init.run(parser.parse_args(["--answers", str(file), "--json"]))

    with pytest.raises(SystemExit, match="2"):
        run('province = "67"\n[administrator]\nuser = "a"\n')
    assert "nothing was changed" in capsys.readouterr().err and not Area.objects.exists()
    good = 'province = "66"\nopen = true\n[administrator]\nuser = "quantri"\n'
    assert run(good) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["enrol"].split("/invite/")[0].startswith("http") and told["ready"] is False
    assert {one["check"] for one in told["lacking"]} == {"administrator", "operators"}
    assert run(good) == 1
