"""A channel that the product does not know is added as CONTRIBUTING says (one file, its words, its recorded calls, in a
folder of its own) and lived in one process; tests/outside/test_added_channel_day.py lives it from outside."""

import hmac
import json
import re
import shutil
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import test_contract as contract
from django.test import Client
from django.utils.timezone import now
from django.utils.translation import override

from caunoi import declared
from caunoi.answers import actions as answers
from caunoi.channels import adapters, registry
from caunoi.channels.base import Outbound, Window
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Outgoing
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.followers.queries import chats
from caunoi.opendata import actions as opendata
from caunoi.publication import queries as public
from caunoi.routing import actions as routing
from caunoi.statistics.measures import MEASURES
from caunoi.statistics.scope import Scope
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.machines import Machine

ADDED = Path(__file__).parent / "added"
CALLS = sorted(path for path in (ADDED / "calls" / "viber").glob("*.json") if path.stem != "account")
TOKEN = "demo-viber-token"


def forget() -> None:
    registry._files.cache_clear()
    registry.channels.cache_clear()
    for name in [name for name in sys.modules if name.startswith(f"{adapters.__name__}.viber")]:
        del sys.modules[name]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of a province's own channels, with Viber in it, as if CAUNOI_CHANNELS named it."""
    own = tmp_path / "channels"
    shutil.copytree(ADDED, own)
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, str(own)])
    forget()
    yield own
    monkeypatch.undo()
    forget()


@pytest.fixture
def viber(folder):
    return registry.channel("viber")


def kind(path: Path) -> str:
    return "outbound" if "outbound" in json.loads(path.read_text()) else "request"


@pytest.mark.parametrize("path", CALLS, ids=lambda path: path.stem)
def test_its_recorded_calls_are_run_by_the_contract_test(viber, path):
    if kind(path) == "outbound":
        contract.test_an_answer_is_said_in_the_providers_words(path)
        return
    contract.test_a_call_is_understood(path)
    if "raises" not in json.loads(path.read_text()):
        contract.test_one_changed_byte_is_a_forgery(path)
        contract.test_a_call_that_comes_again_days_later_has_the_same_name(path)


def test_its_window_closes(viber):
    said = Outbound(id="a", to="x", text="Đã sửa.", last_received=now() - timedelta(hours=23))
    box = contract.account(CALLS[0])
    assert viber.window(said, box, now()) is Window.FREE
    assert viber.window(said, box, now() + timedelta(hours=2)) is Window.CLOSED


def test_it_is_whole_and_has_its_name_in_both_languages_and_its_place_in_lists(viber):
    assert list(declared.problems()) == []
    assert list(registry.channels())[:4] == ["phone", "zalo", "viber", "facebook"]
    with override("vi"):
        assert channel_name("viber") == "Viber" and channel_icon("viber") == "message-circle"


BROKEN = {
    'label, icon, rank = "viber", "Viber", "message-circle", 25': (
        'icon, rank = "viber", "message-circle", 25',
        "channel viber: it has no label",
    ),
    '"message-circle", 25': ('"no-such-icon", 25', "channel viber: no icon no-such-icon"),
    '"Account token": "Mã của tài khoản bot"': (
        '"Nothing": "Không"',
        "channel viber: no Vietnamese for 'Account token'",
    ),
    "reach = Reach.CHAT": ("pass", "it has no reach, one of Reach"),
    "def send(self": ("def send_it(self", "it says sends, but has no send()"),
    "Rule.WINDOW: Done": ("'windows': Done", "its quality says nothing of window"),
    'Exempt("Played by the tests only.")': ('Exempt(" ")', "its quality gives no reason for runbook"),
    'key, label, icon, rank = "viber"': ('key, label, icon, rank = "Viber 1"', "its key must be small letters"),
    "class Viber(Channel):": ("class Viber(Chanel):", "viber.py cannot be loaded (NameError: "),
}


@pytest.mark.parametrize("right", BROKEN, ids=lambda right: BROKEN[right][1][:40])
def test_what_lacks_is_said_before_anything_starts(folder, right):
    wrong, fault = BROKEN[right]
    file = folder / "viber.py"
    assert right in file.read_text()
    file.write_text(file.read_text().replace(right, wrong))
    forget()
    errors = list(declared.problems())
    assert [error for error in errors if fault in error], errors
    assert "zalo" in registry.channels(), "the others are there"


def test_a_file_of_a_name_that_there_is_and_a_folder_that_is_none_are_said(folder, monkeypatch):
    (folder / "zalo.py").write_text("")
    monkeypatch.setattr(adapters, "__path__", [*adapters.__path__, "/nowhere"])
    forget()
    faults = " ".join(registry.faults())
    assert f"{folder}/zalo.py: " in faults and "has a file of this name" in faults
    assert "CAUNOI_CHANNELS names /nowhere, which is no folder" in faults


def call(**event: object) -> int:
    body = json.dumps(event, ensure_ascii=False).encode()
    signature = hmac.digest(TOKEN.encode(), body, "sha256").hex()
    headers = {"x-viber-content-signature": signature}
    return Machine().post("/hooks/viber-1022/", body, headers=headers).status_code


def test_it_lives(viber, town, work, client, settings, tmp_path, monkeypatch):
    """Webhook in, ticket, desk, answer out, public page, statistics by channel, open data."""
    settings.HOME = tmp_path
    box = conversations.make_inbox("viber-1022", "viber", secrets={"token": TOKEN}, label="Viber của tỉnh")
    message = {"type": "text", "text": "Đèn đường hẻm 3 tắt mấy hôm nay, phường Bình Phước"}
    at = int(now().timestamp() * 1000)
    event = {"event": "message", "timestamp": at, "message_token": "57413", "message": message}
    assert call(**event, sender={"id": "0123=", "name": "Bà Tư"}) == 200
    assert conversations.read() == 1
    work()
    ticket = Ticket.objects.get(conversation__inbox=box)
    assert (ticket.channel, ticket.text) == ("viber", message["text"])

    tickets.move(ticket, "accept", by=town.lan, category=town.lamps, area=town.ward)
    routing.route(ticket, town.works, by=town.lan)
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bóng đèn.", by=town.minh, without=True)
    answers.approve(ticket, by=town.hoa)
    work()
    out = Outgoing.objects.filter(inbox=box, template="ticket.approve")
    assert [(row.address, "Đã thay bóng đèn." in row.text) for row in out] == [("0123=", True)]
    assert public.find(ticket.code).answer == "Đã thay bóng đèn."
    assert client.get(f"/p/{ticket.code}").status_code == 200
    assert chats() == ["viber"]

    scope = Scope(since=now() - timedelta(days=1), until=now() + timedelta(days=1), at=now())
    assert [(row["channel"], row["total"]) for row in MEASURES["tickets"].rows(scope, "channel")] == [("viber", 1)]
    opendata.export(tmp_path / "open")
    assert ",viber," in (tmp_path / "open" / "tickets.csv").read_text()

    for name, path, part in (
        ("lan", f"/desk/{ticket.code}/", ">Viber"),
        ("lan", "/desk/new", 'value="viber"'),
        ("lan", "/desk/channels/", "Viber"),
        ("phong", "/board/?channel=viber", "Viber"),
        ("quan", "/setup/inboxes/viber-1022/edit", "Mã của tài khoản bot"),
        ("", "/channels", "Viber của tỉnh"),
        ("lan", "/api/v1/openapi.json", '"viber"'),
    ):
        who = Client(headers={"accept-language": "vi"})
        if name:
            who.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        page = who.get(path)
        assert page.status_code == 200 and part in page.content.decode(), (path, page.status_code)


def test_when_its_file_is_gone_its_tickets_are_there_under_its_key(viber, town, folder, client):
    conversations.make_inbox("viber", "viber", secrets={"token": TOKEN})
    ticket = tickets.take(Report(text="Đèn tắt", channel="viber", once="x"), by=town.lan)
    (folder / "viber.py").unlink()
    forget()
    who = Client()
    who.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    page = who.get(f"/desk/{ticket.code}/")
    assert page.status_code == 200 and re.search(r"\bviber\b", page.content.decode())
    assert client.get("/channels").status_code == 200 and call() == 404
    with pytest.raises(MissingDataError):
        tickets.take(Report(text="Đèn tắt", channel="viber", once="y"), by=town.lan)
