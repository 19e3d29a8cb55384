"""A request about personal data: its clocks, who decides, what it gives."""

import io
import json
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import now

from caunoi.conversations.models import Contact
from caunoi.events.actions import record
from caunoi.events.actor import NotAllowedError, citizen
from caunoi.privacy import actions, queries
from caunoi.privacy.clocks import RequestKind
from caunoi.privacy.models import DataRequest, Withdrawal
from caunoi.privacy.tasks import take_erasure
from caunoi.tickets.lifecycle import MissingDataError

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
FRIDAY = datetime(2026, 11, 27, 15, 0, tzinfo=VIETNAM)


@pytest.fixture
def ask(report):
    def make(kind: RequestKind, **more: object) -> DataRequest:
        ticket = report()
        return actions.ask(kind, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket, **more)

    return make


@pytest.mark.parametrize(
    ("kind", "days"),
    [("see", 10), ("copy", 10), ("correct", 10), ("delete", 20), ("withdraw", 15), ("limit", 15), ("object", 15)],
)
def test_each_kind_has_its_days_and_one_extension(town, ask, kind, days):
    with time_machine.travel(FRIDAY, tick=False):
        row = ask(RequestKind(kind))
        assert row.due == FRIDAY + timedelta(days=days)
        assert row.answer_due.astimezone(VIETNAM).date().isoformat() == "2026-12-01"  # two working days over a weekend
        with pytest.raises(MissingDataError):
            actions.extend(row, " ", by=town.tam)
        assert actions.extend(row, "Phải tìm trong hồ sơ giấy", by=town.tam)
        assert row.due == FRIDAY + timedelta(days=2 * days)
        assert not actions.extend(row, "Lần nữa", by=town.tam)


def test_what_is_late_is_counted(town, ask):
    with time_machine.travel(FRIDAY, tick=False) as clock:
        row = ask(RequestKind.SEE)
        assert queries.overdue() == 0
        clock.shift(timedelta(days=5))
        assert queries.overdue() == 1
        assert actions.answer(row, by=town.tam) and not actions.answer(row, by=town.tam)
        assert queries.overdue() == 0
        clock.shift(timedelta(days=6))
        assert queries.overdue() == 1


def test_the_same_asked_twice_by_one_link_is_one_request(town, report):
    ticket = report()
    first, second = (
        actions.ask(RequestKind.SEE, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket) for _ in range(2)
    )
    assert first == second


def test_only_supervisors_and_administrators_decide_and_a_refusal_has_a_reason(town, ask):
    row = ask(RequestKind.SEE)
    for actor in (town.lan, town.minh, town.thu, citizen()):
        with pytest.raises(NotAllowedError):
            actions.grant(row, by=actor)
    with pytest.raises(MissingDataError):
        actions.decline(row, "", by=town.quan)
    assert actions.decline(row, "Không đúng người", by=town.quan)
    assert (row.state, row.reason) == ("declined", "Không đúng người")
    assert not actions.grant(row, by=town.quan)


def test_nobody_is_granted_anything_before_somebody_has_made_sure(town, report):
    ticket = report()
    row = actions.ask(RequestKind.COPY, via="page", by=citizen(), reach="+84987612345")
    with pytest.raises(MissingDataError):
        actions.grant(row, by=town.tam)
    assert [one.pk for one in queries.may_be_theirs(row)] == [ticket.contact_id]
    actions.identify(row, [ticket.contact_id], [], [], by=town.tam)
    assert (row.proof, row.contacts) == ("staff", [ticket.contact_id])
    assert actions.grant(row, by=town.tam)


def test_a_copy_is_everything_and_its_link_ends(town, report, photo):
    ticket = report(photos=[photo()])
    row = actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket)
    actions.grant(row, by=town.tam)
    actions.carry_out(row)
    row.refresh_from_db()
    assert row.state == "done"
    path = f"/privacy/r/{row.token}/file.zip"
    body = b"".join(Client().get(path).streaming_content)
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert set(archive.namelist()) == {"data.json", "index.html", "photo-1.webp"}
        data = json.loads(archive.read("data.json"))
    assert data["tickets"][0]["text"] == "Đèn hỏng"
    assert data["contacts"][0]["name"] == "Võ Thị Nga"
    clerk = Client()
    clerk.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    assert clerk.get(path).status_code == 404  # it is theirs, not the staff's
    DataRequest.objects.filter(pk=row.pk).update(package_until=now() - timedelta(minutes=1))
    assert Client().get(path).status_code == 404
    name = row.package
    assert actions.drop_packages() == 1
    row.refresh_from_db()
    assert row.package == "" and name.startswith("privacy/") and default_storage is not None


def test_a_withdrawn_consent_is_recorded_with_its_version(town, ask):
    row = ask(RequestKind.WITHDRAW)
    actions.grant(row, by=town.tam)
    actions.carry_out(row)
    assert Contact.objects.get(pk=row.contacts[0]).consent is None
    assert Withdrawal.objects.get().version == 1


def test_a_correction_is_done_by_a_person_who_says_what(town, ask):
    row = ask(RequestKind.CORRECT, text="Tên tôi là Nga")
    actions.grant(row, by=town.tam)
    actions.carry_out(row)
    row.refresh_from_db()
    assert row.state == "granted"
    assert actions.finish(row, "Đã sửa tên", by=town.tam)
    assert row.state == "done"


def test_zalos_demand_to_erase_is_a_request_once(town, report):
    contact = report().contact
    event = record("contact.ask_erase", contact, by=citizen())
    take_erasure(event)
    take_erasure(event)
    row = DataRequest.objects.get()
    assert (row.kind, row.via, row.proof, row.contacts) == ("delete", "provider", "provider", [contact.pk])


def test_whoever_asked_takes_it_back(town, ask):
    row = ask(RequestKind.DELETE)
    assert Client().post(f"/privacy/r/{row.token}/cancel").status_code == 302
    row.refresh_from_db()
    assert row.state == "cancelled"
    assert not actions.grant(row, by=town.tam)
