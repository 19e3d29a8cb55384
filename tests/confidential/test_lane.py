"""What is reported in confidence: who reads it, what lies where, and which way it came.

Proves: the confidential lane: custodians by two people, a key of its own, nothing elsewhere; clocks of the law"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import actions as accounts
from caunoi.accounts import factors, invitations
from caunoi.accounts.models import User
from caunoi.calls.models import Call
from caunoi.confidential import actions, custodians, erasure, queries
from caunoi.confidential.lanes import Lane, Way
from caunoi.confidential.models import Case, Custodian, Entry, File
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Outgoing, Receipt
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role, citizen, service
from caunoi.events.models import Event
from caunoi.files.models import Attachment
from caunoi.lib.privacy.identity import Identity
from caunoi.tickets import actions as tickets
from caunoi.tickets import proofs
from caunoi.tickets.confidence import to_take_in
from caunoi.tickets.models import Exchange, Note, Ticket
from caunoi.tickets.queries import of_id
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen.confidential import COOKIE

CANARY = "Chimyếnphụng"
WORDS = f"Ông ấy vòi tiền của tôi. {CANARY}."


def report(once: str = "a", **more: object) -> Report:
    who = Reporter(name=f"Bạch {CANARY}", phone="+84900765435")
    return Report(**{"text": WORDS, "channel": "web", "once": once, "reporter": who, **more})  # type: ignore[arg-type]


def client(town: SimpleNamespace, name: str) -> Client:
    made = Client(headers={"accept-language": "en"})
    made.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return made


def plain() -> dict[str, int]:
    """How often the canary stands in each table of the database, as it lies there."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT count(*) FROM "{table}" t WHERE t::text ILIKE %s', [f"%{CANARY}%"])
            (count,) = cursor.fetchone()
            if count:
                found[table] = count
    return found


@pytest.fixture
def nobody(town: SimpleNamespace) -> SimpleNamespace:
    """A town in which nobody is a custodian yet."""
    User.objects.update(custodian=False)
    for user in town.users.values():
        user.refresh_from_db()
        setattr(town, user.username, user.as_actor())
    return town


def test_one_names_a_custodian_and_another_confirms(nobody: SimpleNamespace) -> None:
    town = nobody
    with pytest.raises(NotAllowedError):
        custodians.name(town.users["thu"], "QĐ 12", by=town.lan)
    with pytest.raises(custodians.SamePersonError):
        custodians.name(town.users["tam"], "QĐ 12", by=town.tam)
    for wrong in ("quan", "minh"):  # who keeps the keys, and somebody of an agency
        with pytest.raises(ValueError, match="user"):
            custodians.name(town.users[wrong], "QĐ 12", by=town.tam)
    row = custodians.name(town.users["thu"], "QĐ 12", by=town.quan)
    with pytest.raises(ValueError, match="already"):
        custodians.name(town.users["thu"], "QĐ 12", by=town.tam)
    assert not queries.may_read(User.objects.get(username="thu").as_actor())
    with pytest.raises(custodians.SamePersonError):
        custodians.confirm(row, by=town.quan)
    with pytest.raises(custodians.SamePersonError):
        custodians.confirm(row, by=Actor(**{**vars(town.tam), "behalf_id": town.quan.user_id}))
    assert custodians.confirm(row, by=town.tam) and not custodians.confirm(row, by=town.tam)
    thu = User.objects.get(username="thu").as_actor()
    assert queries.may_read(thu)
    with pytest.raises(NotAllowedError):
        custodians.end(row, by=town.lan)
    assert custodians.end(row, by=thu)
    assert not queries.may_read(User.objects.get(username="thu").as_actor())
    kinds = list(Event.objects.filter(kind__startswith="custodian.").order_by("id").values_list("kind", flat=True))
    assert kinds == ["custodian.name", "custodian.confirm", "custodian.end"]
    custodians.name(town.users["thu"], "QĐ 13", by=town.quan)  # and again


@pytest.mark.parametrize("act", ["password", "reset", "email", "phone", "link"])
def test_who_is_led_in_by_others_is_no_custodian_any_more(nobody: SimpleNamespace, act: str) -> None:
    town, thu = nobody, nobody.users["thu"]
    make_inbox("hom-thu", "email", secrets={"password": "x"}, address="1022@demo.example", smtp_host="smtp.example")
    for name in ("thu", "tam"):
        User.objects.filter(username=name).update(email=f"{name}@demo.example")
    for name in ("thu", "lan"):
        custodians.confirm(custodians.name(town.users[name], "QĐ 12", by=town.quan), by=town.tam)
    User.objects.filter(username="lan").update(email="lan@demo.example")
    thu.refresh_from_db()
    accounts.edit_person(thu, by=town.quan, full_name="Thu Thu")
    assert User.objects.get(pk=thu.pk).custodian and not Outgoing.objects.exists()
    second = User.objects.create(username="qua", full_name="Qua", role=Role.ADMIN)
    if act == "password":
        accounts.hand_password(thu, by=town.quan)
    elif act == "reset":
        factors.ask_reset(thu, by=town.quan)
        factors.agree_reset(thu, by=second.as_actor())
    elif act == "link":
        invitations.invite(thu, by=town.quan)
    else:
        values = {"email": "thief@demo.example"} if act == "email" else {"phone": "+84900765435"}
        accounts.edit_person(thu, by=town.quan, **values)
    thu.refresh_from_db()
    row = Custodian.objects.get(user=thu)
    assert not thu.custodian and row.ended and row.ended_by is not None
    assert Event.objects.filter(kind="custodian.end", subject_id=thu.pk).count() == 1
    assert {sent.address for sent in Outgoing.objects.all()} == {"thu@demo.example", "lan@demo.example"}
    assert "/setup/custodians/" in Outgoing.objects.first().text


def test_a_deputy_and_somebody_of_one_commune_read_nothing(town: SimpleNamespace) -> None:
    actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN)
    thu = User.objects.get(username="thu")
    assert queries.cases(thu.as_actor()).count() == 1
    thu.area = town.ward
    assert queries.cases(thu.as_actor()).count() == 0
    for by in (town.lan, town.phong, town.quan, town.minh, citizen(), SYSTEM):
        assert queries.cases(by).count() == 0


def test_who_goes_to_an_agency_takes_no_sight_along(town: SimpleNamespace) -> None:
    ticket = tickets.take(report("zalo", channel="zalo"), by=citizen())
    thu = User.objects.get(username="thu")
    assert of_id(thu.as_actor(), ticket.pk)
    for role in ("officer", "lead", "admin"):
        thu.role, thu.agency = role, town.works if role != "admin" else None
        by = thu.as_actor()
        assert not by.custodian and of_id(by, ticket.pk) is None and queries.cases(by).count() == 0


def test_nothing_of_a_case_lies_in_clear_anywhere(town: SimpleNamespace) -> None:
    row = actions.receive(report(), Lane.CHILD, Way.CITIZEN, files=[(f"{CANARY}.webp", "image/webp", CANARY.encode())])
    actions.step(row, "take", by=town.thu)
    actions.write(row, f"{CANARY} hỏi thêm", Entry.Kind.TELL, by=town.thu)
    actions.write(row, f"{CANARY} thưa", Entry.Kind.REPLY)
    actions.step(row, "forward", f"Công an xã, {CANARY}", by=town.thu)
    assert plain() == {}
    assert not Event.objects.filter(kind__startswith="case").exists() and not Ticket.objects.exists()
    assert File.objects.get().data == CANARY.encode() and CANARY in Case.objects.get().words["text"]
    assert [entry.text for entry in queries.talk(row) if entry.text] == [f"{CANARY} hỏi thêm", f"{CANARY} thưa"]


def test_the_same_form_twice_is_one_case(town: SimpleNamespace) -> None:
    first = actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN)
    assert actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN) == first and Case.objects.count() == 1


def refused(town: SimpleNamespace, photo: object) -> Ticket:
    ticket = tickets.take(report("t", photos=[photo("red")], ordinary=True, raw={"text": WORDS}), by=citizen())  # type: ignore[operator]
    tickets.remark(ticket, f"{CANARY}: người này sợ", by=town.lan)
    tickets.move(ticket, "refuse", by=town.lan, reason="denunciation")
    return ticket


def test_a_ticket_that_was_one_goes_over_whole_and_leaves_nothing(
    town: SimpleNamespace, photo: object, time_machine, work
) -> None:
    ticket = refused(town, photo)
    work()
    assert not Exchange.objects.filter(ticket=ticket, sort="notice").exists(), "no letter leads to it"
    assert not to_take_in().exists(), "it can still be undone"
    time_machine.move_to(now() + timedelta(minutes=6))
    actions.take_in_all()
    actions.take_in_all()
    (row,) = Case.objects.all()
    assert row.ticket == ticket and row.way == Way.REFUSAL and row.lane == Lane.DENUNCIATION
    words = row.words
    assert words["text"] == WORDS and words["name"] == f"Bạch {CANARY}" and words["phone"] == "+84900765435"
    assert any(f"{CANARY}: người này sợ" == one["text"] for one in words["talk"])
    assert row.files.count() == 1 and not Attachment.objects.exists()
    assert plain() == {}, "who it was lies sealed, behind the door of the ticket"
    assert ticket.contact.name == f"Bạch {CANARY}"
    ticket.refresh_from_db()
    assert ticket.restricted and ticket.text == "[…]"
    page = Client().get(f"/f/{ticket.follow}").content.decode()
    assert page and f"/k/{row.follow}" not in page, "whoever came by the link of a letter is led no further"


def test_what_is_sent_after_the_taking_in_is_a_reply_of_the_case(
    town: SimpleNamespace, photo: object, time_machine, work
) -> None:
    ticket = tickets.take(report("t", ordinary=True, raw={"text": WORDS}), by=citizen())
    own, other = Client(headers={"accept-language": "en"}), Client()
    own.get(f"/f/{ticket.follow}?new=1")
    time_machine.move_to(now() + timedelta(minutes=1))
    tickets.move(ticket, "refuse", by=town.lan, reason="denunciation")
    time_machine.move_to(now() + timedelta(minutes=6))
    actions.take_in_all()
    row = Case.objects.get()
    assert f"/k/{row.follow}" in own.get(f"/f/{ticket.follow}").content.decode()
    assert f"/k/{row.follow}" not in other.get(f"/f/{ticket.follow}").content.decode()
    refusal = own.post(f"/f/{ticket.follow}/reopen", {"reopen_text": f"{CANARY} lần nữa"})
    assert refusal.status_code == 409 and "handled in confidence" in refusal.content.decode()
    assert f"{CANARY} lần nữa" in refusal.content.decode(), "nothing typed is lost"
    assert own.post(f"/f/{ticket.follow}/reply", {"text": f"{CANARY} lần nữa"}).status_code == 302
    tickets.add_photos(ticket, [photo("blue")], "report", by=citizen(ticket.pk))  # type: ignore[operator]
    assert plain(), "until the worker comes"
    actions.take_in_all()
    actions.take_in_all()
    ticket.refresh_from_db()
    assert ticket.state == "refused" and plain() == {} and not Attachment.objects.exists()
    (entry,) = row.entries.filter(kind="reply")
    assert entry.text == f"{CANARY} lần nữa" and row.files.count() == 1
    assert f"{CANARY} lần nữa" in Client().get(f"/k/{row.follow}").content.decode()
    assert proofs.ask(ticket.code, "0900765435", "b", "code").ticket is None, "nor does a code open it"


def test_the_move_can_be_undone_before_it_goes_over(town: SimpleNamespace, photo: object) -> None:
    from caunoi.tickets.undoing import undo

    ticket = refused(town, photo)
    undo(ticket, by=town.lan)
    assert not Ticket.objects.get(pk=ticket.pk).restricted and not Case.objects.exists()


def test_words_keep_what_comes_by_an_app_from_the_staff(town: SimpleNamespace, work, time_machine) -> None:
    ticket = tickets.take(report("app", text=f"Bị chồng đánh, {CANARY}", channel="app"), by=citizen())
    assert ticket.restricted
    work()
    ticket.refresh_from_db()
    assert ticket.state == "refused" and Note.objects.filter(ticket=ticket).count() == 0
    time_machine.move_to(now() + timedelta(minutes=6))
    actions.take_in_all()
    row = Case.objects.get()
    assert (row.lane, row.way) == (Lane.VIOLENCE, Way.WORDS)
    assert plain() == {}
    assert set(ticket.conversation.messages.filter(inbound=True).values_list("text", flat=True)) == {"[…]"}
    assert Receipt.objects.get().raw == {}


def test_nobody_of_the_staff_and_nobody_who_was_asked_is_overruled(town: SimpleNamespace) -> None:
    assert not tickets.take(report("web", ordinary=True), by=citizen()).restricted
    assert not tickets.take(report("phone", channel="phone"), by=town.lan).restricted
    assert tickets.take(report("zalo", channel="zalo"), by=citizen()).restricted
    assert not tickets.take(report("lamp", text="Đèn đường tắt"), by=citizen()).restricted


def test_clocks_are_of_the_lane_and_their_numbers_options(town: SimpleNamespace, time_machine) -> None:
    time_machine.move_to(now().replace(year=2026, month=8, day=3, hour=2, minute=0))  # a Monday
    denounced = actions.receive(report("d"), Lane.DENUNCIATION, Way.CITIZEN)
    child = actions.receive(report("c"), Lane.CHILD, Way.CITIZEN)
    lines = {line.clock.name: line for line in queries.clocks(denounced)}
    assert set(lines) == {"forward", "first"} and "Điều 24" in lines["forward"].clock.source
    assert lines["forward"].due < lines["first"].due
    (hours,) = queries.clocks(child)
    assert hours.due - child.received == timedelta(hours=1)
    set_option("confidential_hours", 3, by=SYSTEM)
    assert queries.clocks(child)[0].due - child.received == timedelta(hours=3)
    assert queries.late() == []
    time_machine.move_to(now() + timedelta(hours=4))
    assert queries.late() == [child]
    actions.step(child, "take", by=town.thu)
    actions.step(child, "forward", "111", by=town.thu)
    assert queries.late() == []
    denounced = actions.step(actions.step(denounced, "take", by=town.thu), "forward", "Thanh tra", by=town.thu)
    assert {line.clock.name for line in queries.clocks(denounced)} == {"forward", "first", "settle"}


def test_steps_follow_their_table(town: SimpleNamespace) -> None:
    row = actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN)
    with pytest.raises(NotAllowedError):
        actions.step(row, "take", by=town.lan)
    with pytest.raises(actions.NotNowError):
        actions.step(row, "close", "Xong", by=town.thu)
    actions.step(row, "take", by=town.thu)
    with pytest.raises(actions.NotNowError):
        actions.step(row, "take", by=town.tam)
    with pytest.raises(ValueError, match="text"):
        actions.step(row, "forward", " ", by=town.thu)
    row = actions.step(row, "ordinary", "Chỉ là đèn đường", by=town.thu)
    ticket = Ticket.objects.get()
    assert ticket.text == WORDS and not ticket.restricted and row.state == "ordinary"
    with pytest.raises(actions.NotNowError):
        actions.write(row, "Thêm", Entry.Kind.REPLY)


def test_nobody_hides_the_call_of_somebody_else(town: SimpleNamespace) -> None:
    values = {"facts": {}, "direction": "in", "began": now(), "state": "ended", "outcome": "answered"}
    box, shut = conversations.inbox("phone"), {}
    for name, operator, by in (("own", "lan", town.lan), ("another", "tam", town.lan), ("chief", "lan", town.tam)):
        call = Call.objects.create(inbox=box, call_id=name, operator=town.users[operator], **values)
        row = actions.receive(report(name), Lane.CHILD, Way.OPERATOR, by=by, call=call)
        call.refresh_from_db()
        shut[name] = call.shut
        assert call.shut == (row.call == call)
    assert shut == {"own": True, "another": False, "chief": True}
    row = Case.objects.get(call__call_id="own")
    actions.step(row, "take", by=town.thu)
    actions.step(row, "ordinary", by=town.thu, text="Hỏi giấy tờ")
    assert not Call.objects.get(call_id="own").shut, "it was nothing confidential"


def test_custodians_hear_of_whoever_wants_to_be_forgotten_and_nobody_else(town: SimpleNamespace) -> None:
    mine, other = (actions.receive(report(once), Lane.CHILD, Way.CITIZEN) for once in ("a", "b"))
    other.words = other.words | {"phone": "+84900000001"}
    other.save()
    assert erasure.ask([], Identity(phones=frozenset({"+84900765435"}))) == {}
    assert [row.case for row in Entry.objects.filter(kind="note")] == [mine]


def test_what_a_program_brings_is_read_as_any_other(town: SimpleNamespace) -> None:
    program = service(1, Role.OPERATOR, agency_id=None, area_id=None, discreet=False)
    assert tickets.take(report("p"), by=program).restricted


def test_a_call_told_in_confidence_is_shut(town: SimpleNamespace) -> None:
    call = Call.objects.create(
        inbox=conversations.inbox("phone"),
        call_id="told",
        facts={},
        direction="in",
        caller="0900765435",
        dialled="1022",
        phone="+84900765435",
        began=now(),
        ended=now(),
        state="ended",
        outcome="answered",
        operator=town.users["lan"],
        sound="calls/told.mp3",
    )
    lan = client(town, "lan")
    typed = {
        "once": "o1",
        "call": call.pk,
        "channel": "phone",
        "phone": "0900765435",
        "text": f"Bố đánh đập con. {CANARY}",
        "kind": "report",
        "then": "confidential",
    }
    page = lan.post("/desk/new", typed, follow=True)
    row = Case.objects.get()
    assert page.status_code == 200 and row.code in page.content.decode() and f"/k/{row.follow}" in page.content.decode()
    assert (row.lane, row.way, row.call) == (Lane.CHILD, Way.OPERATOR, call)
    assert lan.get(f"/desk/calls/{call.pk}/").status_code == 404
    assert "0900 765 435" not in lan.get("/desk/calls/").content.decode()
    assert client(town, "tam").get(f"/desk/calls/{call.pk}/").status_code == 200
    assert f"/k/{row.follow}" not in lan.get("/desk/confided", follow=True).content.decode()
    assert lan.post("/desk/new", typed).status_code == 302 and Case.objects.count() == 1
    assert not Ticket.objects.exists()


def test_an_operators_form_leads_to_no_case_of_others(town: SimpleNamespace) -> None:
    theirs = actions.receive(report("ticket:1"), Lane.DENUNCIATION, Way.REFUSAL)
    typed = {"once": "ticket:1", "channel": "phone", "text": "Việc khác", "kind": "report", "then": "confidential"}
    page = client(town, "lan").post("/desk/new", typed, follow=True).content.decode()
    assert theirs.follow not in page and theirs.code not in page and Case.objects.count() == 2
    other = client(town, "tam").post("/desk/new", typed, follow=True).content.decode()
    assert (
        Case.objects.count() == 3
        and Case.objects.get(once__startswith="desk:", pk=Case.objects.latest("pk").pk).code in other
    )


def test_custodians_alone_open_the_pages_and_every_look_stands_in_the_case(town: SimpleNamespace) -> None:
    row = actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN, files=[("a.webp", "image/webp", b"RIFF")])
    for name in ("lan", "phong"):
        for path in ("/confidential/", f"/confidential/{row.code}/", f"/confidential/{row.code}/papers/record.docx"):
            assert client(town, name).get(path).status_code == 404
        assert "/confidential/" not in client(town, name).get("/notices/").content.decode()
    thu = client(town, "thu")
    assert row.code in thu.get("/confidential/").content.decode()
    assert CANARY in thu.get(f"/confidential/{row.code}/").content.decode()
    thu.get(f"/confidential/{row.code}/")
    assert [entry.by.username for entry in row.entries.filter(kind="look")] == ["thu"]
    assert thu.get(f"/confidential/{row.code}/files/{row.files.get().pk}").getvalue() == b"RIFF"
    paper = thu.get(f"/confidential/{row.code}/papers/transfer.docx")
    assert paper.content.startswith(b"PK") and paper["Content-Disposition"].endswith('.docx"')
    assert thu.post(f"/confidential/{row.code}/do", {"do": "take"}, follow=True).status_code == 200
    assert Case.objects.get().holder == town.users["thu"]


def test_whoever_reported_it_reads_and_writes_on_a_page_of_their_own(town: SimpleNamespace) -> None:
    stranger = Client(headers={"accept-language": "en"})
    offered = stranger.post("/report/abc/what", {"text": WORDS, "kind": "report"})
    assert "Send it in confidence?" in offered.content.decode()
    form = stranger.post("/report/confidential", {"begin": "1", "text": WORDS})
    assert CANARY in form.content.decode() and plain() == {}
    typed = {"once": "x", "lane": "denunciation", "text": WORDS, "name": "", "phone": "12"}
    assert stranger.post("/report/confidential", typed).status_code == 422
    sent = stranger.post("/report/confidential", typed | {"phone": ""})
    row = Case.objects.get()
    assert sent["Location"] == f"/k/{row.follow}?new=1"
    actions.step(row, "take", by=town.thu)
    actions.write(row, "Việc xảy ra lúc nào?", Entry.Kind.TELL, by=town.thu)
    actions.write(row, "Nghi là hàng xóm", Entry.Kind.NOTE, by=town.thu)
    page = stranger.get(f"/k/{row.follow}").content.decode()
    assert "Việc xảy ra lúc nào?" in page and "Nghi là hàng xóm" not in page and CANARY in page
    stranger.post(f"/k/{row.follow}/reply", {"text": "Hôm qua"})
    assert "Hôm qua" in stranger.get(f"/k/{row.follow}").content.decode()
    assert "Anh/chị ·" in Client().get(f"/k/{row.follow}").content.decode(), "who wrote, in Vietnamese too"
    assert client(town, "thu").get(f"/k/{row.follow}").status_code == 404  # by their own pages
    assert plain() == {}
    again = stranger.post("/report/abc/what", {"text": WORDS, "kind": "report", "ordinary": "1"})
    assert again.status_code == 302


def test_nobody_is_led_to_anothers_page_by_the_id_of_a_form(town: SimpleNamespace) -> None:
    path, typed = "/report/confidential", {"once": "KNOWN", "lane": "denunciation", "text": WORDS, "phone": ""}
    victim, thief = Client(), Client()
    thief.get(path), victim.get(path)
    swallowed = thief.post(path, typed | {"text": "x"})["Location"]
    mine = victim.post(path, typed)["Location"]
    assert mine != swallowed and victim.post(path, typed)["Location"] == mine, "pressed twice"
    assert Case.objects.count() == 2
    assert thief.post(path, typed)["Location"] not in (mine, swallowed)
    again = victim.post(path, typed | {"text": f"{WORDS} Hôm qua nữa."})["Location"]
    assert again not in (mine, swallowed) and Case.objects.count() == 4, "words that are changed are not dropped"
    assert Client().post(path, typed)["Location"] != Client().post(path, typed)["Location"], "without cookies"


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}, {"origin": "https://evil.example"}],
)
def test_what_another_site_sends_is_not_taken(town: SimpleNamespace, headers: dict[str, str]) -> None:
    typed = {"once": "KNOWN", "lane": "denunciation", "text": "", "phone": ""}
    for text in ("", WORDS):
        page = Client().post("/report/confidential", typed | {"text": text}, headers=headers)
        assert page.status_code == 200 and "KNOWN" not in page.content.decode()
        assert COOKIE not in page.cookies and text in page.content.decode() and not Case.objects.exists(), (
            "and what was typed stands there"
        )
    for ours in ({"sec-fetch-site": "same-origin"}, {"origin": "null"}, {"origin": "http://testserver"}):
        assert Client().post("/report/confidential", typed | {"text": WORDS}, headers=ours).status_code == 302


def test_two_people_on_the_page_of_custodians(nobody: SimpleNamespace) -> None:
    town = nobody
    quan, tam = client(town, "quan"), client(town, "tam")
    assert "Nobody reads what is reported in confidence" in quan.get("/setup/custodians/").content.decode()
    quan.post("/setup/custodians/new", {"user": "thu", "reason": "QĐ 12"})
    row = Custodian.objects.get()
    assert "must confirm" in quan.get("/setup/custodians/").content.decode()
    quan.post(f"/setup/custodians/{row.pk}/confirm")
    assert not User.objects.get(username="thu").custodian
    tam.post(f"/setup/custodians/{row.pk}/confirm")
    assert User.objects.get(username="thu").custodian
    quan.post(f"/setup/custodians/{row.pk}/end")
    assert not User.objects.get(username="thu").custodian


def test_custodians_are_told_that_there_is_something_and_not_what(town: SimpleNamespace) -> None:
    make_inbox("thu", "email", secrets={"password": "x"}, address="1022@demo.example", smtp_host="smtp.example")
    User.objects.filter(username="thu").update(email="thu@demo.example")
    actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN)
    (sent,) = Outgoing.objects.all()
    assert sent.address == "thu@demo.example" and "/confidential/" in sent.text
    assert CANARY not in sent.text and Case.objects.get().code not in sent.text


def test_what_is_over_is_erased_and_nothing_but_that_it_was_stays(town: SimpleNamespace) -> None:
    row = actions.receive(report(), Lane.DENUNCIATION, Way.CITIZEN, files=[("a.webp", "image/webp", b"RIFF")])
    former = row.follow
    with pytest.raises(actions.NotNowError):
        actions.step(row, "erase", "Theo yêu cầu", by=town.thu)
    for name, text in (("take", ""), ("close", "Không có căn cứ"), ("erase", "Theo yêu cầu của người phản ánh")):
        actions.step(row, name, text, by=town.thu)
    row = Case.objects.get()
    assert row.words["text"] == "[…]" and not row.words["name"] and not row.files.exists()
    assert [entry.text for entry in queries.entries(row) if entry.text] == ["Theo yêu cầu của người phản ánh"]
    assert queries.of_follow(former) is None and Client().get(f"/k/{former}").status_code == 404
    page = client(town, "thu").get(f"/confidential/{row.code}/")
    assert page.status_code == 200 and "Erased" in page.content.decode()


def test_the_recording_of_what_was_told_is_sealed_and_leaves_the_store(
    town: SimpleNamespace, django_capture_on_commit_callbacks
) -> None:
    sound = default_storage.save("recordings/told.mp3", ContentFile(b"ID3 spoken"))
    call = Call.objects.create(
        inbox=conversations.inbox("phone"),
        call_id="told",
        facts={},
        direction="in",
        began=now(),
        state="ended",
        outcome="answered",
        sound=sound,
        recording="told.mp3",
    )
    row = actions.receive(report(), Lane.CHILD, Way.OPERATOR, by=town.lan, call=call)
    with django_capture_on_commit_callbacks(execute=True):
        actions.take_in_all()
    (file,) = row.files.all()
    assert (file.data, file.content_type) == (b"ID3 spoken", "audio/mpeg")
    call.refresh_from_db()
    assert call.sound == call.recording == "" and not default_storage.exists(sound)
    actions.take_in_all()
    assert row.files.count() == 1
    thu, address = client(town, "thu"), f"/confidential/{row.code}/files/{file.pk}"
    heard = thu.get(address)
    assert b"".join(heard) == b"ID3 spoken" and heard["Content-Type"] == "audio/mpeg"
    assert [entry.by.username for entry in row.entries.filter(kind="look")] == ["thu"], "hearing it is a look"
    part = thu.get(address, headers={"range": "bytes=4-9"})
    assert (part.status_code, b"".join(part), part["Content-Range"]) == (206, b"spoken", "bytes 4-9/10")
    assert thu.get(address, headers={"range": "bytes=20-"}).status_code == 416
    assert heard["Content-Disposition"].startswith("inline") and heard["Cache-Control"] == "private, no-store"
    kept = thu.get(f"{address}?save=1")["Content-Disposition"]
    assert kept == f'attachment; filename="{row.code}-{file.pk}.mp3"'
    page = thu.get(f"/confidential/{row.code}/").content.decode()
    assert f'<audio class="player" controls preload="none" src="{address}"' in page


def test_what_is_neither_picture_nor_sound_is_only_downloaded(town: SimpleNamespace) -> None:
    sent = [("a.pdf", "application/pdf", b"%PDF-"), ('b.h"t\r\nml', "text/html", b"<script>")]
    row = actions.receive(report(), Lane.CHILD, Way.CITIZEN, files=sent)
    thu = client(town, "thu")
    for one, ending in zip(row.files.order_by("pk"), (".pdf", ""), strict=True):
        answer = thu.get(f"/confidential/{row.code}/files/{one.pk}")
        assert answer["Content-Disposition"] == f'attachment; filename="{row.code}-{one.pk}{ending}"'
        assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
