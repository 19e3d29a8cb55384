"""What citizens, operators and agencies do with tickets: people by their pages, which send a form again by themselves
when the database is away; what only the product does, by the action."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.test import Client

from caunoi import moves
from caunoi.answers import actions as answers
from caunoi.events import outbox
from caunoi.events.actor import Actor, RefusedError, citizen
from caunoi.publication.models import Publication
from caunoi.routing import actions as routing
from caunoi.routing import identity, links
from caunoi.routing import queries as custody
from caunoi.routing.models import Handover, Link
from caunoi.sla.actions import refresh
from caunoi.sla.models import Deadline
from caunoi.tickets import actions as tickets
from caunoi.tickets import assigning, proofs
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import History, Report, Reporter
from tests.crash.scenarios import Scenario, Town, draft, post, sent_once, signed_in

PHONE = "+84900000001"
PAST = datetime(2026, 3, 2, 1, tzinfo=UTC)


def report(channel: str = "web", words: str = "Đèn đường tắt ở ngã tư", once: str = "r1", **more: Any) -> Report:
    return Report(text=words, channel=channel, once=once, reporter=Reporter(name="Demo", phone=PHONE), **more)


# --- how far a ticket is ---


def new(town: Town, channel: str = "web", by: Actor | None = None, **more: Any) -> Ticket:
    return tickets.take(report(channel, **more), by=by or citizen())


def accepted(town: Town, **more: Any) -> Ticket:
    ticket = new(town, **more)
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps, area=town.ward)
    return ticket


def routed(town: Town, **more: Any) -> Ticket:
    ticket = accepted(town, **more)
    routing.route(ticket, town.works, by=town.lan)
    return ticket


def helped(town: Town) -> Ticket:
    """With a second agency that helps."""
    ticket = accepted(town)
    routing.route(ticket, town.agencies["ubnd-25417"], by=town.lan, coordinating=[town.works])
    return ticket


def working(town: Town) -> Ticket:
    ticket = routed(town)
    routing.start(ticket, by=town.minh)
    return ticket


def waits_for_time(town: Town) -> Ticket:
    ticket = working(town)
    routing.ask_extension(ticket, 3, "Chờ vật tư.", by=town.minh)
    return ticket


def resulted(town: Town) -> Ticket:
    ticket = working(town)
    answers.submit(ticket, "Đã thay bóng.", by=town.minh)
    return ticket


def answered(town: Town, category: Any = None, **more: Any) -> Ticket:
    ticket = new(town, **more)
    answers.answer(ticket, "Đã sửa.", category=category or town.lamps, by=town.lan)
    return ticket


def asked(town: Town) -> Ticket:
    ticket = accepted(town)
    tickets.move(ticket, "ask", question="Đèn số mấy?", by=town.lan)
    return ticket


def closed(town: Town) -> Ticket:
    ticket = answered(town)
    tickets.move(ticket, "close", by=town.lan)
    return ticket


def two(town: Town) -> tuple[Ticket, Ticket]:
    return new(town), new(town, once="r2", words="Đèn ngã tư vẫn tắt")


def public(town: Town) -> Publication:
    ticket = answered(town)
    while outbox.drain():
        pass
    return Publication.objects.get(ticket=ticket)


def proposed(town: Town) -> Publication:
    """Its text waits for a reviewer."""
    ticket = new(town)
    tickets.move(ticket, "accept", by=town.lan, category=town.noise, area=town.ward)
    while outbox.drain():
        pass
    return Publication.objects.get(ticket=ticket)


# --- by whose page ---


def with_page(who: str, state: Callable[[Town], Any]) -> Callable[[Town], Any]:
    """A page of somebody's, what it shows, and the hidden field of the form on it."""
    return lambda town: (signed_in(town, who), state(town), draft(town, who, "form"))


def by_move(who: str, name: str, state: Callable[[Town], Any], **fields: Any) -> Scenario:
    """A move by the form of the desk, or of an agency."""
    desk = "desk" if who in ("lan", "tam", "thu") else "agency"
    data = {f"{name}-{key}": value for key, value in fields.items()}
    return by_page(f"{who} moves by {name}", who, f"/{desk}/{{code}}/move/{name}", state, data)


def by_page(
    name: str,
    who: str,
    path: str,
    state: Callable[[Town], Any],
    data: Mapping[str, Any] | None = None,
    *,
    button: bool = False,
) -> Scenario:
    """A form of a page of the staff; {code} and {pk} are those of what there is. `button`: it has nothing to type into
    and no hidden field."""

    def act(town: Town, it: Any) -> None:
        client, shown, hidden = it
        at = path.format(code=getattr(shown, "code", ""), pk=getattr(shown, "pk", ""))
        post(client, at, {**(data or {}), **({} if button else {"draft": hidden})})

    return Scenario(name=name, ready=with_page(who, state), act=act)


def of_citizen(name: str, page: str, state: Callable[[Town], Ticket], data: Any = None, **more: Any) -> Scenario:
    """A form behind the link of one's own ticket."""

    def act(town: Town, ticket: Ticket) -> None:
        post(Client(raise_request_exception=False), f"/f/{ticket.follow}/{page}", data or {})

    return Scenario(name=name, ready=state, act=act, **more)


ENTRY = {
    "phone": PHONE,
    "name": "Demo",
    "text": "Đèn tắt",
    "summary": "Đèn tắt",
    "area": "25195",
    "category": "lamps",
    "kind": "report",
    "urgency": "normal",
    "once": "form-1",
    "channel": "counter",
}


def by_link(**words: str) -> Callable[[Town, str], None]:
    """An agency without accounts; a link that was used says so."""

    def act(town: Town, word: str) -> None:
        try:
            moves.reply(word, **words)
        except custody.LinkClosedError as error:
            raise RefusedError(str(error)) from error

    return act


DETAILS = {"summary": "Đèn ngã tư", "category": "lamps", "area": "25195", "kind": "report", "urgency": "urgent"}


SCENARIOS = [
    *(
        Scenario(name=f"a report comes by {channel}", act=lambda t, _, c=channel: new(t, c))
        for channel in ("web", "app", "zalo", "email")
    ),
    *(
        Scenario(name=f"a report is written down at {channel}", act=lambda t, _, c=channel: new(t, c, t.lan))
        for channel in ("phone", "counter", "paper")
    ),
    by_page(
        "an operator writes a report and accepts it", "lan", "/desk/new", lambda town: None, ENTRY | {"then": "accept"}
    ),
    by_page(
        "an operator writes a report and hands it to an agency",
        "lan",
        "/desk/new",
        lambda town: None,
        ENTRY | {"then": "route", "agency": "xncongtrinh"},
    ),
    by_page(
        "an operator writes a report and answers it",
        "lan",
        "/desk/new",
        lambda town: None,
        ENTRY | {"then": "answer", "answer": "Đã có người sửa."},
    ),
    Scenario(
        name="histories are written in bulk",
        act=lambda t, _: moves.write([History(report=report(once=f"past{n}"), at=PAST, by=t.lan) for n in range(3)]),
        look=lambda t, _: Ticket.objects.exists(),
    ),
    # --- moves ---
    by_move("lan", "accept", new, category="lamps", area="25195"),
    by_move("lan", "route", accepted, agency="xncongtrinh", note="Gấp"),
    by_move("lan", "answer", new, text="Đã sửa.", category="lamps"),
    by_move("minh", "start", routed),
    by_move("minh", "result", working, text="Đã thay bóng.", without="on"),
    by_move("hoa", "approve", resulted, text="Đã thay bóng."),
    by_move("hoa", "revise", resulted, reason="Ghi rõ ngày."),
    by_move("lan", "ask", accepted, question="Đèn số mấy?"),
    by_move("lan", "resume", asked),
    by_move("lan", "refuse", new, reason="unclear"),
    by_move("lan", "close", answered),
    by_move("lan", "reopen", closed, reason="Lại hỏng."),
    by_move("minh", "leg_accept", routed),
    by_move("minh", "leg_return", routed, reason="Không phải lưới điện."),
    by_move("minh", "leg_pass_on", routed, agency="dienluc"),
    by_move("minh", "leg_answer", helped, text="Phần chúng tôi đã xong."),
    by_move("minh", "leg_ask_extension", working, reason="Chờ vật tư.", days="3"),
    by_move("tam", "leg_grant_extension", waits_for_time),
    by_move("tam", "leg_refuse_extension", waits_for_time, reason="Việc gấp."),
    Scenario(
        name="lan merges a ticket into an earlier one",
        ready=with_page("lan", two),
        act=lambda t, it: post(
            it[0], f"/desk/{it[1][1].code}/move/merge", {"merge-into": it[1][0].code, "draft": it[2]}
        ),
    ),
    by_move("lan", "recall", helped, reason="Nhầm địa bàn."),
    by_page("a hand-over is undone", "lan", "/desk/{code}/undo", routed, button=True),
    by_page("an answer is undone", "lan", "/desk/{code}/undo", lambda t: answered(t, category=t.papers), button=True),
    by_page("a refusal is undone", "lan", "/desk/{code}/undo", lambda t: refused(t), button=True),
    # --- whose it is ---
    by_page("an operator takes a ticket", "lan", "/desk/{code}/assign", new, {"to": "me", "seen": ""}, button=True),
    by_page("an operator puts a ticket off", "lan", "/desk/{code}/snooze", new, {"until": "hour"}, button=True),
    Scenario(
        name="all of one's tickets go to another",
        ready=lambda t: assigning.assign(new(t), t.users["lan"], by=t.lan, seen=None),
        act=lambda t, it: assigning.hand_on(t.users["lan"], t.users["tam"], by=t.tam),
    ),
    # --- words ---
    by_page("an operator remarks", "lan", "/desk/{code}/remark", new, {"text": "Gọi lại buổi chiều."}),
    by_page("an officer remarks", "minh", "/agency/{code}/note", routed, {"note-text": "Đã đến xem."}),
    by_page(
        "an operator corrects what is written",
        "lan",
        "/desk/{code}/details",
        new,
        {f"details-{key}": value for key, value in DETAILS.items()},
    ),
    of_citizen("a citizen adds words", "reply", new, {"text": "Vẫn còn tắt."}),
    of_citizen("a citizen answers a question", "reply", asked, {"text": "Cột số 5."}),
    of_citizen("a citizen closes", "close", answered),
    of_citizen("a citizen opens again", "reopen", answered, {"reopen_text": "Lại hỏng."}),
    of_citizen("a citizen rates", "rate", answered, {"grade": "good", "comment": "Cảm ơn."}),
    of_citizen(
        "a citizen asks to take it down", "takedown", lambda t: public(t).ticket, {"takedown_text": "Có tên tôi."}
    ),
    # --- custody beside the moves ---
    Scenario(
        name="another agency is asked to help",
        ready=routed,
        act=lambda t, it: routing.involve(it, t.power, by=t.tam),
    ),
    Scenario(
        name="a link is made for an agency without accounts",
        ready=routed,
        act=lambda t, it: links.make(Handover.objects.get(ticket=it), by=t.tam),
        look=lambda t, it: Link.objects.filter(leg__ticket=it).exists(),
    ),
    Scenario(
        name="a link is revoked",
        ready=lambda t: links.make(Handover.objects.get(ticket=routed(t)), by=t.tam),
        act=lambda t, it: links.revoke(it, by=t.tam),
    ),
    Scenario(
        name="an agency answers by a link",
        ready=lambda t: custody.token(links.make(Handover.objects.get(ticket=routed(t)), by=t.tam)),
        act=by_link(text="Đã sửa."),
    ),
    Scenario(
        name="an agency returns by a link",
        ready=lambda t: custody.token(links.make(Handover.objects.get(ticket=routed(t)), by=t.tam)),
        act=by_link(reason="Không phải của chúng tôi."),
    ),
    Scenario(
        name="an officer opens the reporter's identity",
        ready=routed,
        act=sent_once("minh", lambda t, it: identity.open_identity(it, "Cần gọi để hẹn giờ sửa.", by=t.minh)),
    ),
    Scenario(
        name="the agency looks at what it got",
        ready=routed,
        act=lambda t, it: routing.receive(it, by=t.minh),
    ),
    # --- proofs ---
    Scenario(
        name="somebody without the link proves who they are",
        ready=new,
        act=lambda t, it: proofs.ask(it.code, "0900000001", "browser", proofs.CALL),
        look=lambda t, it: it.one_time_codes.exists(),
    ),
    # --- the clocks ---
    Scenario(name="the clocks are set", ready=lambda t: unclocked(t), act=lambda t, it: refresh(it)),
]


def refused(town: Town) -> Ticket:
    ticket = new(town)
    tickets.move(ticket, "refuse", reason="unclear", by=town.lan)
    return ticket


def unclocked(town: Town) -> Ticket:
    ticket = accepted(town)
    while outbox.drain():
        pass
    Deadline.objects.all().delete()
    return ticket
