"""A report handed over between two installations: both sides in one process, and the wire between them cut, forged and
played again."""

import json
from datetime import timedelta
from hashlib import sha256

import httpx
import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils.timezone import now

from caunoi import moves
from caunoi.events.actor import NotAllowedError
from caunoi.events.queries import history
from caunoi.lib import missives
from caunoi.lib.cells import Catalogue
from caunoi.lib.missives import Kind, Signed
from caunoi.privacy.models import DataRequest
from caunoi.privacy.tasks import take_passed_on_erasure
from caunoi.sla.queries import handle
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.transfers import actions, erasure, queries
from caunoi.transfers.models import Arrival, Rejection, Transfer
from tests.transfers.provinces import CATALOGUE, KEYS, NAMES, OURS, THEIRS, post

REASON = "Cột đèn nằm bên kia ranh giới, thuộc tỉnh bạn."


def offer(ticket, town, **more):
    moves.perform("transfer", [ticket], by=town.lan, move_input={"cell": THEIRS, "reason": REASON, **more})
    return queries.waiting(ticket)


def written(kind=Kind.TRANSFER, content=None, *, id="a" * 32, sender=THEIRS, recipient=OURS, at=None, key=None):
    content = {"report": report()} if content is None else content
    key = key or KEYS[sender]
    return missives.write(kind, content, id=id, sender=sender, recipient=recipient, at=at or now(), key=key)


def report(**more):
    return {"number": "26-000001-2", "why": "Thuộc tỉnh bạn", "text": "Đèn tắt ở đầu cầu", **more}


def sent(signed, files=()):
    return post(signed.document, signed.signature, files)


# --- Handed over, and signed for ---


def test_a_report_goes_over_and_its_citizen_follows_it_there(town, world, lamp, django_capture_on_commit_callbacks):
    ticket = lamp()
    row = offer(ticket, town)
    assert (ticket.state, row.state, row.departed) == ("new", "waiting", False)
    world.send()
    ticket.refresh_from_db()
    row.refresh_from_db()
    theirs = Ticket.objects.exclude(pk=ticket.pk).get()
    assert (ticket.state, row.state, row.number) == ("refused", "received", theirs.code)
    assert queries.follow_address(row).endswith(f"/f/{theirs.follow}")
    assert row.report == {} and row.ended
    assert (theirs.channel, theirs.state, theirs.text, theirs.address) == ("cell", "new", ticket.text, ticket.address)
    assert (theirs.latitude, theirs.longitude, theirs.photos.count()) == (11.4, 106.9, 2)
    assert theirs.contact.name == theirs.contact.phone == theirs.contact.email == ""  # they did not agree to it
    assert theirs.received >= row.at  # custody begins now
    arrival = Arrival.objects.get()
    assert (arrival.cell, arrival.province, arrival.number) == (OURS, NAMES[OURS], ticket.code)
    words = [note.text for note in theirs.notes.all()]
    assert words == [REASON]
    told = [(e.kind, e.data.get("cell")) for e in history(ticket) if "cell" in e.data]
    assert told == [("ticket.transfer", THEIRS), ("ticket.hand_over", THEIRS)]


def test_who_agreed_is_known_there(town, world, lamp):
    ticket = lamp()
    offer(ticket, town, reach=True)
    world.send()
    theirs = Ticket.objects.exclude(pk=ticket.pk).get()
    assert (theirs.contact.name, theirs.contact.phone) == ("Trần Thị Mẫu", "+84900000777")


def test_what_is_sent_is_what_was_shown(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    shown = dict(queries.preview(ticket))
    assert row.report["text"] == shown["Words of the citizen"] and "person" not in row.report
    assert set(row.report) == {
        "number", "why", "text", "address", "kind", "urgency", "received", "latitude", "longitude", "files"
    }  # fmt: skip
    moves.edit(ticket, by=town.lan, summary="Chỉ để cho chúng tôi")
    world.send()
    assert Ticket.objects.exclude(pk=ticket.pk).get().summary == ""


def test_the_other_province_away_and_then_there(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    world.cut = httpx.ConnectError
    world.send()
    row.refresh_from_db()
    assert (row.attempts, row.trouble, row.departed, row.claimed) == (1, "away", False, None)
    assert row.due > now()
    ticket.refresh_from_db()
    assert ticket.state == "new" and Arrival.objects.count() == 0
    world.cut = None
    world.send()
    row.refresh_from_db()
    assert (row.state, row.trouble) == ("received", "")


def test_a_lost_answer_is_asked_for_again_and_makes_no_second_ticket(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    world.lost = True
    world.send()
    row.refresh_from_db()
    assert (row.state, row.departed, row.trouble) == ("waiting", True, "away")
    assert Ticket.objects.count() == 2  # it is there, and we do not know it
    world.lost = False
    world.send()
    row.refresh_from_db()
    assert row.state == "received" and Ticket.objects.count() == 2
    assert row.number == Ticket.objects.exclude(pk=ticket.pk).get().code


# --- While it waits ---


def test_while_it_waits_it_can_be_taken_back_and_nothing_else(town, world, lamp):
    ticket = lamp()
    offer(ticket, town)
    assert {move.name for move in moves.possible(ticket, town.lan)} == {"transfer_recall"}
    with pytest.raises(NotPossibleError):
        moves.perform("accept", [ticket], by=town.lan, move_input={"category": town.lamps})
    with pytest.raises(NotPossibleError):
        moves.perform("transfer", [ticket], by=town.tam, move_input={"cell": "68", "reason": REASON})
    moves.perform("transfer_recall", [ticket], by=town.lan)
    assert Transfer.objects.get().state == "withdrawn"
    assert "accept" in {move.name for move in moves.possible(ticket, town.lan)}
    assert world.send() == 0 and world.calls == 0


def test_what_may_have_arrived_is_taken_back_by_asking_there(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    world.cut = httpx.ReadTimeout  # nobody knows
    world.send()
    world.cut = None
    moves.perform("transfer_recall", [ticket], by=town.lan)
    row.refresh_from_db()
    assert (row.state, row.recalled) == ("waiting", True)
    assert moves.possible(ticket, town.lan) == []
    world.send()
    row.refresh_from_db()
    assert row.state == "withdrawn" and Ticket.objects.count() == 1
    late = missives.write(
        Kind.TRANSFER, {"report": {}}, id=row.key, sender=OURS, recipient=THEIRS, at=now(), key=KEYS[OURS]
    )
    assert Arrival.objects.get().ticket is None and late


def test_taken_back_too_late_it_is_theirs(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    world.lost = True
    world.send()
    world.lost = False
    moves.perform("transfer_recall", [ticket], by=town.lan)
    world.send()
    row.refresh_from_db()
    ticket.refresh_from_db()
    assert (row.state, ticket.state) == ("received", "refused")


def test_what_was_taken_back_is_not_taken_when_it_comes_late(town, world):
    words = report()
    digest = missives.digest(words)
    void = sent(written(Kind.WITHDRAWAL, {"digest": digest}))
    assert void.status_code == 200 and json.loads(void.json()["document"])["kind"] == "void"
    late = sent(written(Kind.TRANSFER, {"report": words}))
    assert json.loads(late.json()["document"])["kind"] == "void" and Ticket.objects.count() == 0


# --- What is never handed over ---


def test_what_is_told_in_confidence_stays(town, world, lamp):
    ticket = lamp()
    Ticket.objects.filter(pk=ticket.pk).update(restricted=True)
    ticket.refresh_from_db()
    assert "transfer" not in {move.name for move in moves.possible(ticket, town.tam)}
    with pytest.raises(NotAllowedError):
        moves.perform("transfer", [ticket], by=town.tam, move_input={"cell": THEIRS, "reason": REASON})
    with pytest.raises(NotAllowedError, match="restricted"):
        actions.offer(ticket, THEIRS, REASON, by=town.tam)


def test_what_became_confidential_while_it_waited_is_not_sent(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    Ticket.objects.filter(pk=ticket.pk).update(restricted=True)
    world.send()
    row.refresh_from_db()
    assert (row.state, row.report, world.calls) == ("withdrawn", {}, 0)


@pytest.mark.parametrize("cell", [OURS, "99", ""])
def test_only_to_another_province_of_the_catalogue(town, world, lamp, cell):
    with pytest.raises(MissingDataError):
        moves.perform("transfer", [lamp()], by=town.lan, move_input={"cell": cell, "reason": REASON})


@pytest.mark.parametrize("who", ["minh", "hoa", "thu", "phong", "quan"])
def test_only_the_desk_hands_over(town, world, lamp, who):
    with pytest.raises(NotAllowedError):
        offer(lamp(), type("", (), {"lan": getattr(town, who)}))


def test_without_a_catalogue_nothing_of_it_is_seen(town, lamp):
    assert "transfer" not in {move.name for move in moves.possible(lamp(), town.lan)}
    assert sent(written()).status_code == 403


# --- It is not theirs ---


@pytest.fixture
def returned(town, world, lamp, settings):
    """Handed over, and refused there as outside."""

    def make():
        ticket = lamp()
        row = offer(ticket, town)
        world.send()
        theirs = Ticket.objects.exclude(pk=ticket.pk).get()
        moves.perform("refuse", [theirs], by=town.lan, move_input={"reason": "outside", "text": "Cầu này của bên bạn."})
        assert actions.send_back(theirs)
        ticket.refresh_from_db()
        return ticket, row, theirs

    return make


def test_what_is_refused_there_as_outside_comes_back_with_the_reason(town, world, returned):
    ticket, row, theirs = returned()
    before = handle(ticket)
    with world.as_cell(THEIRS):
        world.send()
    ticket.refresh_from_db()
    row.refresh_from_db()
    assert (ticket.state, row.state) == ("accepted", "returned")
    last = history(ticket).last()
    assert last.kind == "ticket.transfer_return" and last.data["cell"] == THEIRS
    assert ticket.notes.get(event=last.pk).text == "Cầu này của bên bạn."
    assert "transfer" in {move.name for move in moves.possible(ticket, town.lan)}
    after = handle(ticket)
    assert (after and after.due) == (before and before.due)
    arrival = Arrival.objects.get()
    assert arrival.returned and arrival.due is None
    with world.as_cell(THEIRS):
        assert world.send() == 0
    assert not actions.send_back(theirs)


def test_a_return_is_said_again_until_it_is_noted_and_done_once(world, returned):
    ticket, _row, _theirs = returned()
    world.lost = True
    with world.as_cell(THEIRS):
        world.send()
    world.lost = False
    Arrival.objects.update(due="2026-01-01T00:00:00Z")
    with world.as_cell(THEIRS):
        world.send()
    assert Arrival.objects.get().returned
    assert [e.kind for e in history(ticket)].count("ticket.transfer_return") == 1


def test_a_refusal_that_was_undone_goes_nowhere(town, world, returned):
    ticket, _row, theirs = returned()
    moves.undo(theirs, by=town.lan)
    with world.as_cell(THEIRS):
        world.send()
    ticket.refresh_from_db()
    assert ticket.state == "refused" and Arrival.objects.get().due is None


def test_opened_again_by_its_citizen_before_it_came_back(town, world, returned):
    ticket, row, _theirs = returned()
    moves.perform("reopen", [ticket], by=town.lan, move_input={"reason": "Vẫn tối"})
    with world.as_cell(THEIRS):
        world.send()
    row.refresh_from_db()
    ticket.refresh_from_db()
    assert (row.state, ticket.state) == ("returned", "accepted")
    assert ticket.notes.filter(text="Cầu này của bên bạn.", internal=True).exists()


@pytest.mark.parametrize(
    ("name", "same"),
    [("Chiếu sáng công cộng", True), ("CHIEU SÁNG  công cộng", True), ("Chiếu sáng", False), ("", False)],
)
def test_a_category_of_the_same_name_is_taken_over(town, world, name, same):
    assert sent(written(content={"report": report(category=name)})).status_code == 200
    assert Ticket.objects.get().category == (town.lamps if same else None)


# --- Whoever is erased here may be erased there ---


@pytest.fixture
def gone(town, world, lamp):
    """A report that the neighbour has."""
    ticket = lamp()
    row = offer(ticket, town, reach=True)
    world.send()
    row.refresh_from_db()
    return ticket, row, Ticket.objects.exclude(pk=ticket.pk).get()


def told(theirs):
    """What follows there."""
    for event in history(theirs).filter(kind="ticket.ask_erase"):
        take_passed_on_erasure(event)
        take_passed_on_erasure(event)
    return list(DataRequest.objects.all())


def test_that_its_citizen_is_erased_is_said_there_until_it_is_noted_and_asked_once(world, gone):
    ticket, row, theirs = gone
    assert world.send() == 0
    assert erasure.erase([ticket.pk]) == {"transfers.transfer": 1}
    assert queries.is_due()
    for world.cut, world.lost in ((httpx.ConnectError, False), (None, True), (None, False)):
        assert world.send() == 1
    assert world.send() == 0 and not queries.is_due()
    row.refresh_from_db()
    assert (row.state, row.receipt, bool(row.erasure_noted)) == ("received", {}, True)
    (asked,) = told(theirs)
    assert (asked.kind, asked.via, asked.proof, asked.state) == ("delete", "cell", "cell", "received")
    assert asked.contacts == [theirs.contact_id] and NAMES[OURS] in asked.text and theirs.code in asked.text
    assert theirs.contact.phone == "+84900000777", "they decide it themselves"


def test_erased_while_nobody_knew_whether_it_had_arrived(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    world.lost = True
    world.send()
    world.lost = False
    erasure.erase([ticket.pk])
    assert (world.send(), world.send(), world.send()) == (2, 0, 0)  # it is there, and so it is said
    row.refresh_from_db()
    assert (row.state, row.receipt) == ("received", {}) and row.erasure_noted
    (theirs,) = Ticket.objects.exclude(pk=ticket.pk)
    assert len(told(theirs)) == 1


def test_what_came_back_has_been_there_too(town, world, returned):
    ticket, _row, theirs = returned()
    with world.as_cell(THEIRS):
        world.send()
    erasure.erase([ticket.pk])
    assert world.send() == 1
    assert len(told(theirs)) == 1


@pytest.mark.parametrize("content", [{"digest": "0" * 64}, {}, {"digest": 7}])
def test_nobody_is_erased_whose_report_a_province_has_not_handed_over(town, world, gone, content):
    _ticket, row, theirs = gone
    for more in ({"id": row.key, "sender": THEIRS}, {"id": row.key, "sender": "68", "key": KEYS["68"]}):
        reply = sent(written(Kind.ERASURE, content, **more))
        assert (reply.status_code, reply.json()) == (404, {"error": "answer"})
    assert told(theirs) == []


def test_the_doctor_says_that_it_cannot_be_said(world, gone):
    ticket, _row, _theirs = gone
    erasure.erase([ticket.pk])
    world.cut = httpx.ConnectError
    world.send()
    Transfer.objects.update(erased="2026-01-01T00:00:00Z")
    assert [(one.why, one.province) for one in queries.troubles(timedelta(minutes=30))] == [("away", NAMES[THEIRS])]


# --- What nobody may say ---


def test_the_same_again_is_one_ticket_and_the_same_receipt(town, world):
    first, again = sent(written()), sent(written())
    said = [json.loads(answer.json()["document"]) for answer in (first, again)]
    assert said[0]["number"] == said[1]["number"] and said[0]["follow"] == said[1]["follow"]
    assert Ticket.objects.count() == Arrival.objects.count() == 1


def forged():
    stranger = Ed25519PrivateKey.generate()
    good = written()
    return {
        "another key": (written(key=stranger), 403, "signature"),
        "changed words": (
            Signed(document=good.document.replace("cầu", "hầm"), signature=good.signature),
            403,
            "signature",
        ),
        "no signature": (Signed(document=good.document, signature=""), 403, "signature"),
        "an unknown cell": (written(sender="01", key=stranger), 403, "sender"),
        "ourselves": (written(sender=OURS, key=KEYS[OURS]), 403, "sender"),
        "to another": (written(recipient="68"), 403, "recipient"),
        "of yesterday": (written(at=now() - timedelta(days=1)), 403, "stale"),
        "of tomorrow": (written(at=now() + timedelta(days=1)), 403, "stale"),
        "an answer": (written(Kind.RECEIPT, {}), 400, "unreadable"),
        "no id": (written(id="1"), 400, "unreadable"),
        "no words": (written(content={"report": report(text=" ")}), 400, "unreadable"),
        "a list": (written(content={"report": []}), 400, "unreadable"),
        "a NUL": (written(content={"report": report(address="\0")}), 400, "unreadable"),
        "a place that is none": (written(content={"report": report(latitude=91)}), 400, "unreadable"),
        "much": (written(content={"report": report(text="a" * 300_000)}), 400, "unreadable"),
        "no photo": (written(content={"report": report(files=["0" * 64])}), 400, "files"),
        "nothing": (Signed(document="", signature=""), 400, "unreadable"),
        "a return of what was never here": (written(Kind.RETURN, {"why": "", "digest": ""}), 404, "answer"),
    }


@pytest.mark.parametrize("name", sorted(forged()))
def test_what_nobody_of_the_catalogue_signed_is_refused(town, world, name):
    signed, status, why = forged()[name]
    reply = sent(signed)
    assert (reply.status_code, reply.json()) == (status, {"error": why})
    assert Ticket.objects.count() == Arrival.objects.count() == 0
    assert [(row.why, row.count) for row in Rejection.objects.all()] == [(why, 1)]


def test_other_words_under_the_same_id_are_refused(town, world):
    assert sent(written()).status_code == 200
    other = sent(written(content={"report": report(text="Cái khác")}))
    assert (other.status_code, other.json()["error"]) == (409, "changed")
    assert Ticket.objects.count() == 1


def test_a_photo_is_the_one_that_was_signed(town, world, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    words = report(files=[sha256(jpeg).hexdigest()])
    from django.core.files.uploadedfile import SimpleUploadedFile

    good, bad = SimpleUploadedFile("0.webp", jpeg), SimpleUploadedFile("0.webp", jpeg + b"!")
    assert sent(written(content={"report": words}), [bad]).json() == {"error": "files"}
    assert sent(written(content={"report": words}), [good]).status_code == 200
    assert Ticket.objects.get().photos.count() == 1


def test_a_receipt_of_another_or_for_another_is_none(town, world, lamp):
    ticket = lamp()
    row = offer(ticket, town)
    good = {"digest": row.digest, "number": "26-000009-9", "follow": "https://cell-70.example/f/x"}
    ends = {"sender": THEIRS, "recipient": OURS, "at": now(), "key": KEYS[THEIRS]}
    for answer in (
        missives.write(Kind.RECEIPT, good, id="b" * 32, **ends),
        missives.write(Kind.RECEIPT, {**good, "digest": "0" * 64}, id=row.key, **ends),
        missives.write(Kind.NOTED, good, id=row.key, **ends),
        missives.write(Kind.RECEIPT, good, id=row.key, **{**ends, "sender": "68", "key": KEYS["68"]}),
        missives.write(Kind.RECEIPT, good, id=row.key, **{**ends, "key": KEYS["68"]}),
        missives.write(Kind.RECEIPT, {**good, "follow": "javascript:alert(1)"}, id=row.key, **ends),
        Signed(document="[]", signature=""),
    ):
        world.swap = lambda _body, answer=answer: json.dumps(vars(answer)).encode()
        world.send()
        row.refresh_from_db()
        ticket.refresh_from_db()
        assert (row.state, ticket.state) == ("waiting", "new"), answer
        assert row.trouble in queries.TROUBLES, answer
    world.swap = lambda _body: b"x" * 70_000
    world.send()
    row.refresh_from_db()
    assert (row.state, row.trouble, row.receipt) == ("waiting", "answer", {})


def test_a_province_that_left_the_catalogue_gets_nothing(town, world, lamp):
    row = offer(lamp(), town)
    cells = {code: one for code, one in CATALOGUE.cells.items() if code != THEIRS}
    world.catalogue = Catalogue(number=8, issued=CATALOGUE.issued, cells=cells)
    with world.as_cell(OURS):
        world.send()
    row.refresh_from_db()
    assert (row.state, row.trouble, world.calls) == ("waiting", "catalogue", 0)


def test_a_storm_of_missives_is_slowed(town, world):
    from caunoi.directory import actions as directory
    from caunoi.events.actor import SYSTEM

    directory.set_option("cells_per_minute", 3, by=SYSTEM)
    assert [sent(forged()["no signature"][0]).status_code for _ in range(4)] == [403, 403, 403, 429]


def test_a_worker_that_died_while_it_sent_is_followed(town, world, lamp):
    row = offer(lamp(), town)
    Transfer.objects.update(claimed=now(), departed=True)
    assert world.send() == 0
    with time_machine.travel(now() + timedelta(minutes=6), tick=False):
        assert world.send() == 1
    row.refresh_from_db()
    assert row.state == "received"


def test_a_denunciation_that_was_handed_over_goes_to_the_few_there(town, world):
    words = report(text="Tôi tố cáo ông chủ tịch nhận hối lộ của nhà thầu.")
    assert sent(written(content={"report": words})).status_code == 200
    assert Ticket.objects.get().restricted
