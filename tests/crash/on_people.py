"""What is said, called back, published, judged and ordered."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.calls import actions as calls
from caunoi.calls.models import Call, CallResult
from caunoi.confidential import actions as confidential
from caunoi.confidential.lanes import Lane, Way
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Callback, Contact, Conversation, Draft, Inbox, Message, Outgoing
from caunoi.directives import actions as directives
from caunoi.drafts import actions as drafts
from caunoi.drafts.models import Draft as StaffDraft
from caunoi.events.actor import SYSTEM, citizen
from caunoi.followers import actions as followers
from caunoi.notifications import actions as notifications
from caunoi.privacy import keeping
from caunoi.privacy.actions import asking, breaches
from caunoi.privacy.clocks import RequestKind
from caunoi.privacy.models import Affected, DataRequest
from caunoi.publication import actions as publication
from caunoi.publication import readings
from caunoi.publication.models import Publication
from caunoi.quality import actions as quality
from caunoi.ratings import actions as ratings
from caunoi.ratings.flags import Origin
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Direction, Ended, GaveUp, Queued, Started
from caunoi.tickets import actions as tickets
from caunoi.tickets import removal, undoing
from tests.crash.on_tickets import PHONE, accepted, answered, by_page, new, proposed, public, report, routed
from tests.crash.scenarios import Scenario, Town, sent_once
from tests.crash.stage import settle


def thread(town: Town, name: str = "u1") -> Conversation:
    """Somebody wrote by a chat that can be answered, and it belongs to no ticket."""
    secrets = {"oa_secret": "s", "app_secret": "s", "access_token": "t", "refresh_token": "r"}
    bases = dict.fromkeys(("api_base", "zns_base", "oauth_base"), "http://127.0.0.1:9")
    box = conversations.make_inbox("zalo", "zalo", secrets=secrets, app_id="1", oa_id="2", templates="", **bases)
    contact = Contact.objects.create(name="Bà Tư (demo)", phone="+84912000111")
    row = Conversation.objects.create(inbox=box, contact=contact, address=name, loose=True, unread=True, latest=now())
    Message.objects.create(conversation=row, inbound=True, text="Đèn tắt", external_id="m1", at=now())
    return row


def said(town: Town) -> Outgoing:
    row = conversations.say(thread(town), "Ở đâu ạ?", by=town.lan, once="reply:s0", wait=60)
    assert row is not None
    return row


def undelivered(town: Town) -> Outgoing:
    row = said(town)
    Outgoing.objects.update(state="failed", trouble="no")
    row.refresh_from_db()
    return row


def call(town: Town, state: str = "open") -> Callback:
    row = conversations.ask_callback(phone=PHONE, reason="missed_call", by=SYSTEM)
    if state != "open":
        conversations.claim_callback(row, by=town.lan)
    if state == "done":
        conversations.finish_callback(row, "Đã gọi.", by=town.lan)
    return Callback.objects.get(pk=row.pk)


def surveyed(town: Town) -> Callback:
    row = conversations.ask_callback(phone=PHONE, reason="survey", by=SYSTEM, about=answered(town))
    return Callback.objects.get(pk=row.pk)


def doubted(town: Town) -> Any:
    ticket = answered(town)
    return ratings.rate(ticket, "satisfied", by=citizen(ticket.pk), origin=Origin(staff_browser=True), comment="Tốt")


def ordered(town: Town) -> Any:
    return directives.give("Báo cáo ngay.", now() + timedelta(days=2), by=town.phong, ticket=routed(town))


def handled(town: Town) -> Any:
    """Accepted and answered by an operator, so that there is something to score."""
    ticket = accepted(town)
    answers.answer(ticket, "Đã sửa.", by=town.lan)
    return ticket


def sample(town: Town) -> Any:
    handled(town)
    return quality.draw(now() - timedelta(days=1), now(), size=1, by=town.thu, least=1, double=0, seed="crash")


def asked_for(town: Town) -> DataRequest:
    return asking.ask(RequestKind.SEE, via=DataRequest.Via.STAFF, by=town.tam, ticket=new(town), text="Xin bản sao.")


def breach(town: Town) -> Any:
    return breaches.discover("Thư gửi nhầm", "Một thư đến nhầm người.", now() - timedelta(hours=1), by=town.quan)


def follower(town: Town) -> Any:
    return followers.follow(public(town))


def both(town: Town) -> tuple[Contact, Contact]:
    return tuple(Contact.objects.create(name=name, phone=PHONE) for name in ("Bà Tư", "Chị Tư"))  # type: ignore[return-value]


def removal_asked(town: Town) -> Publication:
    row = public(town)
    publication.ask_removal(row.ticket, "Có tên tôi.", by=citizen(row.ticket_id))
    return row


def seen(row: Publication) -> tuple[Publication, str]:
    """With the mark of it that the reviewer's form carries."""
    return row, readings.mark_of(row)


def reviewed(act: Callable[[Town, Publication], Any]) -> Callable[[Town, tuple[Publication, str]], None]:
    """A decision upon what the form showed, as its page takes it."""

    def run(town: Town, it: tuple[Publication, str]) -> None:
        row, mark = it
        with publication.upon(row, mark):
            act(town, row)

    return run


def kept(town: Town) -> Publication:
    return publication.keep(proposed(town), by=town.thu)


def case(town: Town) -> Any:
    return confidential.receive(report(once="c1", words="Tố cáo nhận hối lộ"), Lane.DENUNCIATION, Way.CITIZEN)


def noticed(town: Town) -> int:
    new(town)
    settle()
    return 0


def serious(town: Town) -> Any:
    """A breach that somebody was touched by, who must be told."""
    row = breach(town)
    breaches.assess(row, harm="serious", by=town.quan)
    breaches.touch(row, [new(town).contact_id], by=town.quan)
    return row


def told(town: Town) -> Any:
    row = serious(town)
    breaches.tell(row, "Thư của chúng tôi đã đến nhầm người.", by=town.quan)
    return Affected.objects.get(breach=row)


def harmless(town: Town) -> Any:
    """A breach of which there is nothing more to do."""
    row = breach(town)
    return breaches.report(breaches.assess(row, harm="possible", by=town.quan), "Bộ Công an", "1", now(), by=town.quan)


def left(town: Town) -> Any:
    row = follower(town)
    followers.leave(row)
    return row


def settled(town: Town) -> Any:
    row = sample(town).cases.get()
    quality.score(row, POINTS, by=town.thu, final=True)
    return row


def scored(town: Town) -> Any:
    """A case that one of two has scored."""
    handled(town)
    drawn = quality.draw(now() - timedelta(days=1), now(), size=1, by=town.thu, least=1, double=100, seed="crash")
    row = drawn.cases.get()
    quality.score(row, POINTS, by=town.thu, final=True)
    return row


AT = datetime(2026, 8, 6, 1, tzinfo=UTC)
POINTS = {"understood": 2, "right": 2, "clear": 2, "polite": 2, "sorted": None, "prompt": None, "discreet": 2}


def held(town: Town) -> Any:
    return keeping.put_hold("Vụ án.", ticket=new(town).pk, by=town.quan)


RINGS = [
    Started(call_id="a", at=AT, direction=Direction.IN, caller="0900000001", dialled="1022"),
    Queued(call_id="a", at=AT, queue="tongdai1022"),
    GaveUp(call_id="a", at=AT + timedelta(seconds=40)),
    Ended(call_id="a", at=AT + timedelta(seconds=41)),
]


def talked(town: Town) -> None:
    lan = town.users["lan"]
    calls.set_presence(lan, "available", by=town.lan)
    calls.hang_up({lan.pk: now()})


def absorbed(town: Town) -> Any:
    return calls.absorb(Inbox.objects.get(name="phone"), fold(RINGS).values())


def connected(town: Town) -> Any:
    absorbed(town)
    Call.objects.update(connected=AT)
    return Call.objects.get()


def exchange(_town: Town) -> Any:
    box = Inbox.objects.get(name="phone")
    calls.up(box, now())
    return box


def drilled(town: Town) -> Any:
    box = exchange(town)
    calls.begin_drill(box, AT + timedelta(days=999), by=town.quan)
    return box


def called(town: Town) -> Any:
    absorbed(town)
    return new(town), Call.objects.get()


def linked(town: Town) -> Any:
    ticket, call = called(town)
    tickets.link_call(ticket, call, by=town.lan)
    return ticket, call


def read(town: Town) -> Any:
    rating = doubted(town)
    ratings.mark_read(rating, by=town.thu)
    return rating


SCENARIOS = [
    # --- conversations ---
    by_page(
        "an operator answers a thread",
        "lan",
        "/desk/conversations/{pk}/say",
        thread,
        {"text": "Ở đâu ạ?", "say": "Ở đâu ạ?", "once": "s1"},
    ),
    by_page("a ticket is made of a thread", "lan", "/desk/conversations/{pk}/make", thread, {"words": "Đèn tắt"}),
    by_page("a thread is dismissed", "lan", "/desk/conversations/{pk}/dismiss", thread, button=True),
    Scenario(
        name="a dismissed thread is restored",
        ready=lambda t: dismissed(t),
        act=lambda t, it: conversations.restore(it, by=t.lan),
    ),
    Scenario(name="somebody looks at a thread", ready=thread, act=lambda t, it: conversations.look(it)),
    Scenario(
        name="what was said is taken back",
        ready=said,
        act=lambda t, it: undoing.unsay_reply("s0", by=t.lan),
    ),
    Scenario(
        name="what was not delivered is sent again",
        ready=undelivered,
        act=lambda t, it: conversations.send_again(it, by=t.lan),
    ),
    Scenario(
        name="what was not delivered is dropped", ready=undelivered, act=lambda t, it: conversations.drop(it, by=t.lan)
    ),
    Scenario(
        name="who was not reached is called",
        ready=undelivered,
        act=lambda t, it: conversations.call_instead(it, PHONE, by=t.lan),
    ),
    Scenario(
        name="somebody's name is corrected",
        ready=lambda t: both(t)[0],
        act=lambda t, it: conversations.correct(it, by=t.lan, name="Bà Tư Hiền"),
    ),
    Scenario(
        name="a provider vouches for a number",
        ready=lambda t: both(t)[0],
        act=lambda t, it: conversations.vouch(it, PHONE),
    ),
    Scenario(
        name="two people are found to be one",
        ready=both,
        act=lambda t, it: conversations.join(it[0], it[1], proof="operator", by=t.lan),
    ),
    Scenario(
        name="one person turns out to be two",
        ready=lambda t: conversations.join(*both(t), proof="operator", by=t.lan),
        act=lambda t, it: conversations.part(it, by=t.lan),
    ),
    # --- callbacks ---
    Scenario(
        name="somebody is to be called",
        act=lambda t, _: conversations.ask_callback(phone=PHONE, reason="asked", by=SYSTEM),
        look=lambda t, _: Callback.objects.exists(),
    ),
    by_page("a callback is taken", "lan", "/desk/callbacks/{pk}/claim", call),
    by_page("a callback is given back", "lan", "/desk/callbacks/{pk}/release", lambda t: call(t, "claimed")),
    by_page(
        "a callback was tried",
        "lan",
        "/desk/callbacks/{pk}/tried",
        lambda t: call(t, "claimed"),
        {"outcome": "Không nghe máy"},
    ),
    by_page(
        "a callback reached somebody",
        "lan",
        "/desk/callbacks/{pk}/reached",
        lambda t: call(t, "claimed"),
        {"outcome": "Đã nói."},
    ),
    by_page(
        "a callback is given up",
        "lan",
        "/desk/callbacks/{pk}/give_up",
        lambda t: call(t, "claimed"),
        {"outcome": "Số sai."},
    ),
    Scenario(
        name="a callback is assigned",
        ready=call,
        act=lambda t, it: conversations.assign_callback(it, t.users["lan"], by=t.tam),
    ),
    by_page("a callback is opened again", "lan", "/desk/callbacks/{pk}/reopen", lambda t: call(t, "done")),
    # --- drafts ---
    Scenario(
        name="a citizen begins a draft",
        act=lambda t, _: conversations.begin_draft("browser", {"text": "Ổ gà"}),
        look=lambda t, _: Draft.objects.exists(),
    ),
    Scenario(
        name="what the staff types is kept",
        act=lambda t, _: drafts.keep(t.lan.user_id, "ticket-1", "say", {"text": "Ở đâu"}, once="d1", opened=now()),
        look=lambda t, _: StaffDraft.objects.filter(form="say").exists(),
        sees=("drafts_draft",),
    ),
    # --- publication ---
    Scenario(
        name="a reviewer publishes",
        ready=lambda t: seen(proposed(t)),
        act=reviewed(lambda t, it: publication.publish(it, by=t.thu, title="Tiếng ồn", sure=True)),
    ),
    Scenario(
        name="a reviewer corrects",
        ready=lambda t: seen(public(t)),
        act=reviewed(lambda t, it: publication.publish(it, by=t.thu, title="Đèn ngã tư", note="Rõ hơn", sure=True)),
    ),
    Scenario(
        name="a reviewer withdraws",
        ready=lambda t: seen(public(t)),
        act=reviewed(lambda t, it: publication.withdraw(it, "Có tên người.", by=t.thu)),
    ),
    Scenario(
        name="a reviewer keeps it from the public",
        ready=lambda t: seen(proposed(t)),
        act=reviewed(lambda t, it: publication.keep(it, by=t.thu)),
    ),
    Scenario(name="a reviewer looks at it again", ready=kept, act=lambda t, it: publication.unkeep(it, by=t.thu)),
    Scenario(
        name="a removal is declined",
        ready=removal_asked,
        act=lambda t, it: publication.decline(it, "Không có tên ai.", by=t.thu),
    ),
    Scenario(
        name="the public log is numbered and signed",
        ready=public,
        act=lambda t, it: (publication.sequence(), publication.sign()),
    ),
    # --- followers ---
    Scenario(
        name="somebody follows a ticket",
        ready=public,
        act=lambda t, it: followers.follow(it),
        look=lambda t, it: it.followers.exists(),
    ),
    Scenario(name="a follower is affected too", ready=follower, act=lambda t, it: followers.affect(it)),
    Scenario(
        name="a follower names an address",
        ready=follower,
        act=lambda t, it: followers.add_email(it, "ba.tu@example.org"),
    ),
    Scenario(name="who followed follows again", ready=left, act=lambda t, it: followers.rejoin(it)),
    Scenario(name="a follower leaves", ready=follower, act=lambda t, it: followers.leave(it)),
    # --- ratings ---
    Scenario(
        name="an operator asks how it went", ready=surveyed, act=lambda t, it: ratings.survey(it, "satisfied", by=t.tam)
    ),
    Scenario(
        name="a doubted rating is judged",
        ready=doubted,
        act=lambda t, it: ratings.judge(it, "accepted", "Đã gọi hỏi.", by=t.thu),
    ),
    Scenario(name="a comment is read", ready=doubted, act=lambda t, it: ratings.mark_read(it, by=t.thu)),
    # --- orders ---
    Scenario(
        name="a leader gives an order",
        ready=routed,
        act=sent_once(
            "tam", lambda t, it: directives.give("Báo cáo ngay.", now() + timedelta(days=2), by=t.phong, ticket=it)
        ),
    ),
    Scenario(
        name="a leader asks to explain",
        ready=routed,
        act=sent_once(
            "tam", lambda t, it: directives.ask_to_explain(it, "Vì sao chậm?", now() + timedelta(days=2), by=t.phong)
        ),
    ),
    Scenario(name="an order is acknowledged", ready=ordered, act=lambda t, it: directives.acknowledge(it, by=t.hoa)),
    Scenario(
        name="an order is completed",
        ready=ordered,
        act=sent_once("tam", lambda t, it: directives.complete(it, "Đã xong.", by=t.hoa)),
    ),
    Scenario(name="an order is withdrawn", ready=ordered, act=lambda t, it: directives.withdraw(it, by=t.phong)),
    # --- quality ---
    Scenario(
        name="cases are drawn",
        ready=handled,
        act=sent_once(
            "tam",
            lambda t, it: quality.draw(
                now() - timedelta(days=1), now(), size=1, by=t.thu, least=1, double=0, seed="crash"
            ),
        ),
    ),
    Scenario(name="drawn cases are removed", ready=sample, act=lambda t, it: quality.remove(it, by=t.thu)),
    Scenario(
        name="an operator is coached",
        act=sent_once("tam", lambda t, it: quality.coach(t.users["lan"], "Nhắc lại địa chỉ.", by=t.tam)),
    ),
    # --- confidential ---
    Scenario(name="a report is given into confidence", act=lambda t, _: case(t)),
    Scenario(name="a custodian looks", ready=case, act=lambda t, it: confidential.look(it, by=t.tam)),
    # --- privacy ---
    Scenario(
        name="somebody asks for their data",
        ready=new,
        act=sent_once(
            "tam",
            lambda t, it: asking.ask(
                RequestKind.SEE, via=DataRequest.Via.STAFF, by=t.tam, ticket=it, text="Xin bản sao."
            ),
        ),
    ),
    Scenario(
        name="a data request is declined",
        ready=asked_for,
        act=lambda t, it: asking.decline(it, "Không phải của họ.", by=t.quan),
    ),
    Scenario(name="a data request is cancelled", ready=asked_for, act=lambda t, it: asking.cancel(it, by=t.tam)),
    Scenario(name="a breach is discovered", act=sent_once("tam", lambda t, _: breach(t))),
    Scenario(
        name="what is kept is put on hold",
        ready=new,
        act=sent_once("tam", lambda t, it: keeping.put_hold("Vụ án.", ticket=it.pk, by=t.quan)),
    ),
    Scenario(
        name="a ticket is removed",
        ready=lambda t: new(t, "phone", t.lan),  # as an imported one, it came without a receipt
        act=lambda t, it: removal.remove([it.pk], by=t.quan),
    ),
    Scenario(name="a hold is over", ready=held, act=lambda t, it: keeping.end_hold(it, by=t.quan)),
    Scenario(
        name="a breach is assessed",
        ready=breach,
        act=sent_once("quan", lambda t, it: breaches.assess(it, harm="possible", by=t.quan)),
    ),
    Scenario(
        name="a breach is corrected",
        ready=breach,
        act=sent_once(
            "quan",
            lambda t, it: breaches.correct(it, discovered=now() - timedelta(hours=3), title="Hai thư", by=t.quan),
        ),
    ),
    Scenario(
        name="a breach is reported",
        ready=serious,
        act=sent_once("quan", lambda t, it: breaches.report(it, "Bộ Công an", "12/BC", now(), by=t.quan)),
    ),
    Scenario(
        name="who was touched by a breach is told",
        ready=serious,
        act=sent_once("quan", lambda t, it: breaches.tell(it, "Thư đã đến nhầm người.", by=t.quan)),
    ),
    Scenario(
        name="a person has told who was touched by a breach",
        ready=told,
        act=lambda t, it: breaches.note_told(it, by=t.quan),
    ),
    Scenario(
        name="a breach is closed",
        ready=harmless,
        act=sent_once("quan", lambda t, it: breaches.close(it, "Xem lại địa chỉ trước khi gửi.", by=t.quan)),
    ),
    Scenario(
        name="a breach concerns people",
        ready=lambda t: (breach(t), new(t).contact_id),
        act=lambda t, it: breaches.touch(it[0], [it[1]], by=t.quan),
    ),
    Scenario(
        name="a data request is extended",
        ready=asked_for,
        act=lambda t, it: asking.extend(it, "Nhiều hồ sơ.", by=t.quan),
    ),
    Scenario(name="a custodian takes a case", ready=case, act=lambda t, it: confidential.step(it, "take", by=t.tam)),
    # --- calls ---
    Scenario(name="somebody rings and gives up", act=lambda t, _: absorbed(t)),
    Scenario(
        name="an operator says where they are",
        act=lambda t, _: calls.set_presence(t.users["lan"], "available", by=t.lan),
    ),
    Scenario(
        name="an operator takes more time after a call",
        ready=talked,
        act=lambda t, _: calls.prolong(t.users["lan"], by=t.lan),
    ),
    Scenario(
        name="it is said what came of a call",
        ready=connected,
        act=lambda t, it: calls.note_call(it, CallResult.objects.get(code="answered"), "Đã giải đáp.", by=t.tam),
    ),
    Scenario(
        name="an operator is rung first for a language",
        act=lambda t, _: calls.put_skills(t.users["lan"], {"sti": True, "": False}, by=t.tam),
    ),
    Scenario(
        name="an exchange is left alone for a drill",
        ready=exchange,
        act=lambda t, it: calls.begin_drill(it, AT + timedelta(days=999), by=t.quan),
    ),
    Scenario(name="a drill is ended", ready=drilled, act=lambda t, it: calls.end_drill(it, by=t.quan)),
    Scenario(
        name="a number is served earlier",
        act=lambda t, _: conversations.serve_earlier("+84912345678", True, by=t.lan),
    ),
    Scenario(
        name="what to know of somebody is written down",
        ready=lambda t: thread(t).contact,
        act=lambda t, it: conversations.note_person(it, "Nói chậm.", by=t.lan),
    ),
    Scenario(
        name="a note of somebody is taken away",
        ready=lambda t: conversations.note_person(thread(t).contact, "Nói chậm.", by=t.lan),
        act=lambda t, it: conversations.strike_note(it, by=t.lan),
    ),
    Scenario(name="a call belongs to a ticket", ready=called, act=lambda t, it: tickets.link_call(*it, by=t.lan)),
    Scenario(
        name="a call belongs to another ticket",
        ready=lambda t: linked(t),
        act=lambda t, it: tickets.unlink_call(*it, by=t.lan),
    ),
    Scenario(
        name="a citizen shows that it is not mended",
        ready=answered,
        act=lambda t, it: ratings.refute(it, t.works.pk, 0, by=citizen(it.pk)),
    ),
    Scenario(name="a comment is unread again", ready=read, act=lambda t, it: ratings.mark_unread(it, by=t.thu)),
    # --- scores ---
    Scenario(
        name="a case is scored",
        ready=lambda t: sample(t).cases.get(),
        act=lambda t, it: quality.score(it, POINTS, by=t.thu, final=True),
    ),
    Scenario(
        name="a case is begun to be scored",
        ready=lambda t: sample(t).cases.get(),
        act=lambda t, it: quality.score(it, {}, by=t.thu, final=False),
    ),
    Scenario(
        name="a score is taken back",
        ready=scored,
        act=lambda t, it: quality.take_back(it, by=t.thu),
    ),
    Scenario(
        name="who score discuss a case",
        ready=scored,
        act=sent_once("thu", lambda t, it: quality.discuss(it, "Câu trả lời thiếu hạn.", by=t.thu)),
    ),
    Scenario(
        name="an operator does not agree with a score",
        ready=settled,
        act=lambda t, it: quality.reply(it, "Tôi đã nêu hạn.", by=t.lan),
    ),
    Scenario(
        name="a supervisor decides on what an operator says of a score",
        ready=lambda t: quality.reply(settled(t), "Tôi đã nêu hạn.", by=t.lan),
        act=lambda t, it: quality.answer_reply(it, "Điểm được giữ.", by=t.tam),
    ),
    Scenario(
        name="everybody scores a case",
        ready=lambda t: sample(t).cases.get(),
        act=lambda t, it: quality.calibrate(it, by=t.thu),
    ),
    # --- notices ---
    Scenario(name="somebody looks at all notices", ready=noticed, act=lambda t, _: notifications.look(t.tam)),
]


def dismissed(town: Town) -> Conversation:
    row = thread(town)
    conversations.dismiss(row, by=town.lan)
    return row
