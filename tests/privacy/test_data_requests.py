"""A request about personal data: its clocks, who decides, what it gives."""

import io
import json
import zipfile
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.utils.timezone import now

from caunoi.conversations.actions import contacts
from caunoi.conversations.models import Contact, Enclosure, Message, Outgoing
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, NotAllowedError, citizen
from caunoi.events.models import Event
from caunoi.privacy import actions, keeping, queries
from caunoi.privacy.actions import asking
from caunoi.privacy.clocks import RequestKind
from caunoi.privacy.models import DataRequest, Withdrawal
from caunoi.privacy.tasks import take_erasure
from caunoi.tickets import proofs
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.tickets.models import Ticket
from caunoi.web.citizen.own import COOKIE

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
    Outgoing.objects.create(
        once="o-1",
        inbox=ticket.conversation.inbox,
        conversation=ticket.conversation,
        address="+84987612345",
        text="Phiếu của anh/chị: https://1022.example.vn/f/abcdefgh12345678",
    )
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
    sent = next(one for one in data["notices"] if "Phiếu của" in one["text"])
    assert sent["text"] == "Phiếu của anh/chị: https://1022.example.vn/f/…"
    clerk = Client()
    clerk.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    assert clerk.get(path).status_code == 404  # it is theirs, not the staff's
    DataRequest.objects.filter(pk=row.pk).update(package_until=now() - timedelta(minutes=1))
    assert Client().get(path).status_code == 404
    name = row.package
    assert actions.drop_packages() == 1
    row.refresh_from_db()
    assert row.package == "" and name.startswith("privacy/") and default_storage is not None


def test_pictures_that_were_sent_in_messages_belong_to_the_copy(town, report, photo):
    ticket = report(photos=[photo()])
    sent = Message.objects.create(conversation=ticket.conversation, inbound=True, text="Thêm ảnh")
    Enclosure.objects.create(message=sent, kind="image", attachment_id=photo("red"), state="kept")
    Enclosure.objects.create(message=sent, kind="image", attachment=ticket.photos.get().attachment, state="kept")
    files = queries.files_of(queries.subject([ticket.contact_id]))
    assert [name for name, _stored in files] == ["photo-1.webp", "photo-2.webp"]


def test_a_file_that_no_request_names_is_gone_the_day_after(town, ask, photo):
    photo()  # a storage of its own
    row = ask(RequestKind.COPY)
    actions.grant(row, by=town.tam)
    actions.carry_out(row)
    stray = default_storage.save("privacy/stray.zip", ContentFile(b"words"))
    assert actions.drop_strays() == 0  # it may be written just now
    with time_machine.travel(now() + timedelta(days=2), tick=False):
        assert actions.drop_strays() == 1
    row.refresh_from_db()
    assert default_storage.exists(row.package) and not default_storage.exists(stray)


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


def test_what_a_worker_does_is_not_called_done_by_a_person(town, ask):
    row = ask(RequestKind.DELETE)
    assert actions.grant(row, "Theo yêu cầu", by=town.tam)
    assert not actions.finish(row, "Đã xóa", by=town.tam)
    row.refresh_from_db()
    assert (row.state, row.reason) == ("granted", "Theo yêu cầu")
    correct = ask(RequestKind.CORRECT)
    assert not actions.finish(correct, "Đã sửa", by=town.tam)  # not granted yet
    correct.refresh_from_db()
    assert (correct.state, correct.reason) == ("received", "")


def test_a_hold_that_came_after_the_decision_is_heeded(town, ask):
    row = ask(RequestKind.DELETE)
    assert actions.grant(row, by=town.tam)
    hold = keeping.put_hold("Thanh tra", by=town.quan, contact=row.contacts[0])
    actions.carry_out(DataRequest.objects.get(pk=row.pk))
    row.refresh_from_db()
    assert (row.state, row.decided, row.progress) == ("received", None, {})
    assert Contact.objects.get(pk=row.contacts[0]).name == "Võ Thị Nga"
    assert Event.objects.filter(kind="datarequest.hold_back", subject_id=row.pk).exists()
    keeping.end_hold(hold, by=town.quan)
    assert actions.grant(row, by=town.tam)
    Ticket.objects.filter(contact=row.contacts[0]).update(state="assigned")  # they reopened it meanwhile
    actions.carry_out(row)
    assert row.state == "received"


def test_what_is_added_to_an_open_request_is_kept(town, ask, report):
    row = ask(RequestKind.CORRECT, text="Tên tôi là Nga")
    ticket = Ticket.objects.get(pk=row.ticket)
    for _ in range(2):
        again = actions.ask(
            RequestKind.CORRECT, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket, text="Số nhà là 7"
        )
    assert (again.pk, again.text) == (row.pk, "Tên tôi là Nga\n\nSố nhà là 7")


def test_only_their_own_numbers_are_proved_to_be_theirs(town, ask):
    row = ask(RequestKind.SEE)
    actions.identify(row, row.contacts, ["+84987612345", "+84911111111"], [], by=town.tam)
    assert row.phones == ["+84987612345"]


def test_the_address_of_the_file_is_sent_to_the_person_and_to_nobody_else(town, report, monkeypatch):
    letters = []
    monkeypatch.setattr(asking, "ways", lambda thread, able: [thread.inbox])
    monkeypatch.setattr(asking, "say_all", lambda many, by: letters.extend(one.text for one in many))
    ticket = report()
    row = actions.ask(RequestKind.COPY, via="page", by=citizen(), reach="+84987612345")
    first = row.token
    assert "một địa chỉ khác" in Client().get(f"/privacy/r/{first}").content.decode()
    actions.identify(row, [ticket.contact_id], [], [], by=town.tam)
    assert row.token != first and [row.token in letter for letter in letters] == [True]
    assert Client().get(f"/privacy/r/{first}").status_code == 404  # whoever asked need not be the person
    chief = Client()
    chief.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    page = chief.get(f"/setup/privacy/requests/{row.pk}/").content.decode()
    assert "dành cho họ" in page and row.token not in page
    second = row.token
    actions.identify(row, [ticket.contact_id], [], [], by=town.tam)
    assert row.token == second and len(letters) == 1


@pytest.fixture
def letters(monkeypatch):
    """(contact, text) of what people are written."""
    sent = []
    monkeypatch.setattr(asking, "ways", lambda thread, able: [thread.inbox])
    monkeypatch.setattr(
        asking, "say_all", lambda many, by: sent.extend((one.conversation.contact_id, one.text) for one in many)
    )
    return sent


def copy_in(answer) -> dict[str, object]:
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        return json.loads(archive.read("data.json"))


def test_whoever_widens_a_request_gets_no_file_of_it(town, report, photo, letters):
    photo()  # a storage of its own
    stranger, victim, own = report("+84900000001", "a"), report("+84987612345", "b"), report("+84987612345", "c")
    row = actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(own.pk), ticket=own)
    actions.identify(row, [own.contact_id, stranger.contact_id], [], [], by=town.quan)
    assert row.contacts == [own.contact_id]  # who shares nothing with them was never offered
    actions.identify(row, [own.contact_id, victim.contact_id], [], [], by=town.quan)
    assert row.contacts == sorted([own.contact_id, victim.contact_id])
    with pytest.raises(asking.SecondPersonError):
        actions.grant(row, by=town.quan)
    assert actions.grant(row, by=town.tam)
    actions.carry_out(row)
    row.refresh_from_db()
    page = Client().get(f"/privacy/r/{row.token}").content.decode()
    assert "file.zip" not in page and "một địa chỉ khác" in page
    assert Client().get(f"/privacy/r/{row.token}/file.zip").status_code == 404
    again = actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(own.pk), ticket=own)
    assert again.pk != row.pk
    with_file = [contact for contact, text in letters if row.key in text]
    assert with_file == [victim.contact_id] * 2  # identified, and done
    assert "file.zip" in Client().get(f"/privacy/r/{row.key}").content.decode()
    copy_in(Client().get(f"/privacy/r/{row.key}/file.zip"))


def test_nobody_is_added_whom_the_file_could_not_reach(town, report):
    own, other = report("+84987612345", "a"), report("+84987612345", "b")
    row = actions.ask(RequestKind.SEE, via="link", proof="link", by=citizen(own.pk), ticket=own)
    with pytest.raises(asking.UnreachableError):
        actions.identify(row, [own.contact_id, other.contact_id], [], [], by=town.tam)
    row.refresh_from_db()
    assert (row.contacts, row.key) == ([own.contact_id], "")


def test_an_operators_word_that_two_are_one_widens_no_copy(town, report):
    own, other = report("+84900000001", "a"), report("+84987612345", "b")
    contacts.join(own.contact, other.contact, proof="operator", by=town.lan)
    row = actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(own.pk), ticket=own)
    assert row.contacts == [own.contact_id]
    assert [one.pk for one in queries.may_be_theirs(row)] == [other.contact_id]
    row = actions.ask(RequestKind.DELETE, via="link", proof="link", by=citizen(own.pk), ticket=own)
    assert row.contacts == sorted([own.contact_id, other.contact_id])


def test_an_administrator_adds_nobody_of_a_restricted_ticket(town, report, letters):
    own, hidden = report("+84987612345", "a"), report("+84987612345", "b")
    Ticket.objects.filter(pk=hidden.pk).update(restricted=True)
    row = actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(own.pk), ticket=own)
    actions.identify(row, [own.contact_id, hidden.contact_id], [], [], by=town.quan)
    assert (row.contacts, row.key, letters[1:]) == ([own.contact_id], "", [])


def test_what_is_restricted_is_in_a_copy_only_by_its_own_link(town, report, photo):
    photo()  # a storage of its own
    plain, hidden = report(once="a"), report(once="b")
    contacts.join(plain.contact, hidden.contact, proof="phone", by=SYSTEM)
    Ticket.objects.filter(pk=hidden.pk).update(restricted=True)
    for ticket in (plain, hidden):
        Message.objects.create(conversation=ticket.conversation, inbound=True, text=f"Thêm {ticket.code}")
    for ticket, codes in ((plain, {plain.code}), (hidden, {plain.code, hidden.code})):
        row = actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket)
        assert row.contacts == sorted([plain.contact_id, hidden.contact_id])
        actions.grant(row, by=town.tam)
        actions.carry_out(row)
        row.refresh_from_db()
        data = copy_in(Client().get(f"/privacy/r/{row.token}/file.zip"))
        assert {one["code"] for one in data["tickets"]} == codes
        assert {one["text"] for one in data["messages"]} >= {f"Thêm {code}" for code in codes}
        assert (hidden.code in json.dumps(data)) == (hidden.code in codes)
        assert len(data["contacts"]) == len(codes)


def test_what_a_code_proved_for_a_while_gives_the_file_for_that_while(town, report, photo, letters):
    photo()  # a storage of its own
    ticket = report()
    row = actions.ask(RequestKind.COPY, via="link", proof="code", by=citizen(ticket.pk), ticket=ticket)
    assert actions.ask(RequestKind.COPY, via="link", proof="link", by=citizen(ticket.pk), ticket=ticket).pk != row.pk
    actions.grant(row, by=town.tam)
    actions.carry_out(row)
    row.refresh_from_db()
    path, browser = f"/privacy/r/{row.token}", Client()
    page = browser.get(path).content.decode()
    assert "file.zip" not in page and "xác nhận lại" in page
    assert browser.get(f"{path}/file.zip").status_code == 404
    code = proofs.ask(ticket.code, "+84987612345", "browser", proofs.CODE)
    _ticket, browser.cookies[COOKIE] = proofs.redeem(proofs.reveal_code(code.pk)["code"], "browser")
    assert "file.zip" in browser.get(path).content.decode()
    copy_in(browser.get(f"{path}/file.zip"))
    assert all(row.token not in text for _contact, text in letters)
    copy_in(Client().get(f"/privacy/r/{row.key}/file.zip"))  # the address that they alone were sent


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
