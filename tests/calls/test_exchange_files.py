"""`caunoi pbx write`: the exchange's files are made of People, inboxes and calendars, stay as they are over writes, and
touch nothing that somebody changed by hand."""

import argparse
import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils.timezone import localdate

from caunoi.accounts.models import User
from caunoi.calls import exchange, queries
from caunoi.cli import pbx
from caunoi.conversations.actions import edit_inbox
from caunoi.conversations.models import Inbox
from caunoi.directory.models import Calendar, Day
from caunoi.directory.queries import forget
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.host.finding import State

pytestmark = pytest.mark.django_db


@pytest.fixture
def staffed(asterisk: Inbox) -> Inbox:
    """Lan and Tâm have desk phones; Thu's is in the browser."""
    for number, username in ((101, "lan"), (102, "tam"), (104, "thu")):
        assert User.objects.filter(username=username).update(extension=str(number), role="operator")
    asterisk.config |= {"trunk": "198.51.100.10, 203.0.113.10:5070", "browser_phones": "104", "consent": "on"}
    asterisk.save()
    return asterisk


def write(folder: Path, *more: str) -> int:
    parser = argparse.ArgumentParser()
    pbx.arguments(parser)
    return pbx.run(parser.parse_args(["write", str(folder), *more]))


def passwords(folder: Path) -> list[str]:
    text = (folder / "pjsip_wizard.conf").read_text("utf-8")
    return re.findall(r"^inbound_auth/password = (\S+)$", text, re.M)


def test_it_is_made_of_people_and_of_the_inbox(
    staffed: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(tmp_path) == 0
    phones = (tmp_path / "pjsip_wizard.conf").read_text("utf-8")
    kinds = [("101", "desk-phone"), ("102", "desk-phone"), ("104", "browser-phone")]
    assert re.findall(r"^\[(\d+)\]\((.+)\)$", phones, re.M) == kinds
    assert "endpoint/auth = browser-104\n" in phones, "whose password is in no file"
    assert "match = 198.51.100.10\n" in (tmp_path / "pjsip.conf").read_text("utf-8")
    assert "contact = sip:203.0.113.10:5070\n" in (tmp_path / "pjsip.conf").read_text("utf-8")
    assert "\n[tongdai1022]\n" in (tmp_path / "queues.conf").read_text("utf-8")
    assert "\nsecret = s3cret\n" in (tmp_path / "manager.conf").read_text("utf-8")
    assert "HotlineConsent" in (tmp_path / "extensions.conf").read_text("utf-8")
    assert "asterisk -rx 'core restart now'" in capsys.readouterr().out
    files = [path for path in tmp_path.iterdir() if path.is_file()]
    assert not [path for path in files if path.stat().st_mode & 0o007], "passwords are in them"


def test_each_phone_has_a_password_of_its_own_which_stays_and_lies_sealed(staffed: Inbox, tmp_path: Path) -> None:
    write(tmp_path)
    first = passwords(tmp_path)
    assert len(first) == len(set(first)) == 2 and min(map(len, first)) >= 20
    write(tmp_path)
    assert passwords(tmp_path) == first
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(i)::text FROM conversations_inbox i")
        rows = " ".join(row for (row,) in cursor.fetchall())
    assert first[0] not in rows and first[0].encode().hex() not in rows
    assert first[0] not in " ".join(map(str, Event.objects.values_list("data", flat=True)))


def test_what_an_administrator_saves_later_leaves_the_phones_passwords(staffed: Inbox, tmp_path: Path) -> None:
    write(tmp_path)
    first = passwords(tmp_path)
    edit_inbox(staffed, by=SYSTEM, label="Tổng đài 1022", secrets={"secret": "another"})
    write(tmp_path)
    assert passwords(tmp_path) == first and "secret = another" in (tmp_path / "manager.conf").read_text("utf-8")


def test_a_phone_that_nobody_has_any_more_loses_its_password(staffed: Inbox, tmp_path: Path) -> None:
    write(tmp_path)
    gone = passwords(tmp_path)[1]
    User.objects.filter(username="tam").update(is_active=False)
    write(tmp_path)
    assert gone not in passwords(tmp_path)
    User.objects.filter(username="tam").update(is_active=True)
    write(tmp_path)
    assert len(passwords(tmp_path)) == 2 and gone not in passwords(tmp_path)


def test_the_difference_shows_what_would_change_but_no_secret_and_writes_nothing(
    staffed: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()}
    assert write(tmp_path, "--diff") == 0
    User.objects.filter(username="minh").update(extension="103", role="operator")
    edit_inbox(staffed, by=SYSTEM, config={**staffed.config, "strategy": "ringall"})
    capsys.readouterr()
    assert write(tmp_path, "--diff") == 1
    shown = capsys.readouterr().out
    assert "+[103](desk-phone)" in shown and "-strategy = leastrecent" in shown and "+strategy = ringall" in shown
    assert "s3cret" not in shown and not any(password in shown for password in passwords(tmp_path))
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file()} == before
    assert "103" not in Inbox.objects.get(pk=staffed.pk).secrets["phones"]


def test_what_somebody_changed_by_hand_is_not_overwritten_unasked(
    staffed: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "queues.conf").write_text("[general]\n; Asterisk's own example\n")
    assert write(tmp_path) == 1
    assert "queues.conf" in capsys.readouterr().err and not (tmp_path / "pjsip.conf").exists()
    assert write(tmp_path, "--force") == 0
    text = (tmp_path / "queues.conf").read_text("utf-8")
    (tmp_path / "queues.conf").write_text(text.replace("retry = 1", "retry = 7"))
    assert write(tmp_path) == 1 and "retry = 7" in (tmp_path / "queues.conf").read_text("utf-8")


def test_only_what_has_changed_is_loaded_again(
    staffed: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path)
    edit_inbox(staffed, by=SYSTEM, config={**staffed.config, "strategy": "random"})
    capsys.readouterr()
    write(tmp_path)
    told = capsys.readouterr().out
    assert "queue reload all" in told and "dialplan reload" in told and "pjsip" not in told and "restart" not in told


def test_the_hours_are_those_of_the_provinces_calendar(staffed: Inbox, tmp_path: Path) -> None:
    day = localdate() + timedelta(days=30)
    calendar = Calendar.objects.create(
        code="tong-dai", name="Tổng đài", sessions={str(n): [["07:00", "21:00"]] for n in range(7)}
    )
    Day.objects.create(calendar=calendar, date=day, works=False, note="Nghỉ")
    edit_inbox(staffed, by=SYSTEM, config={**staffed.config, "opening": "tong-dai"})
    forget()
    assert write(tmp_path) == 0
    text = (tmp_path / "extensions.conf").read_text("utf-8")
    assert "GotoIfTime(07:00-20:59,mon-sun,*,*,Asia/Ho_Chi_Minh?open)" in text
    assert f'"${{NOW:0:8}}" = "{day:%Y%m%d}"]?closed' in text


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"queues": ""}, "a queue"),
        ({"opening": "no-such"}, "no-such"),
        ({"strategy": "loudest"}, "loudest"),
        ({"caller": "1022\nexten"}, "exten"),
    ],
)
def test_what_no_exchange_could_be_is_refused_in_a_line(
    staffed: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], settings: dict[str, str], why: str
) -> None:
    edit_inbox(staffed, by=SYSTEM, config={**staffed.config, **settings})
    assert write(tmp_path) == 2 and why in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_without_an_asterisk_it_says_so(town: object, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert write(tmp_path) == 2 and "Setup, Inboxes" in capsys.readouterr().err


# --- `caunoi pbx check` ---


def check(*more: str) -> int:
    parser = argparse.ArgumentParser()
    pbx.arguments(parser)
    return pbx.run(parser.parse_args(["check", *more]))


def test_the_check_says_each_line_as_json(staffed: Inbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    edit_inbox(staffed, by=SYSTEM, config={**staffed.config, "port": "1", "recordings": str(tmp_path)})
    assert check("--json", "--lang", "en") == 1, "nobody listens there"
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(row["check"], row["ok"]) for row in rows] == [("login", False), ("recordings", True), ("logs", False)]
    assert all(row.keys() == {"check", "ok", "why", "mend"} for row in rows) and rows[0]["mend"]


def test_the_exchanges_folders_are_looked_at_here(tmp_path: Path) -> None:
    for folder, state in ((tmp_path, State.OK), (tmp_path / "away", State.BROKEN)):
        (one,) = exchange.recordings({"recordings": str(folder)})
        assert (one.check, one.state) == ("recordings", state)
        (one,) = exchange.logs({"logs": str(folder)})
        assert (one.check, one.state) == ("logs", state)
    assert [one.state for one in exchange.logs({"logs_database": "postgresql://pbx/logs"})] == [State.OK]
    assert [one.state for one in (*exchange.recordings({}), *exchange.logs({}))] == [State.WARN, State.WARN]


def test_the_exchange_that_loaded_what_was_written_is_up_to_date(staffed: Inbox, tmp_path: Path) -> None:
    write(tmp_path)
    box = Inbox.objects.get(pk=staffed.pk)
    ((_, ami),) = queries.asterisks()
    written = (tmp_path / "extensions.conf").read_text("utf-8")
    assert exchange.version(box, ami) and f"FILES = {exchange.version(box, ami)}\n" in written
