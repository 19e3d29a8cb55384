"""Who sees which ticket, by every way to it: a list, a page, a search, a number, a count."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Contact
from caunoi.events.actions import record
from caunoi.events.actor import NOBODY, SYSTEM, Actor, Role, app, citizen
from caunoi.lib.numbers import codes, phone
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.models import Note, Suggestion, Tally, Ticket
from caunoi.tickets.queries import Filters
from caunoi.tickets.report import Report, Reporter

MAI = "+84912000111"  # she reported all but one
LIVES = ("lamp", "noise", "bribe", "left", "new")


@pytest.fixture
def lives(town: SimpleNamespace) -> dict[str, Ticket]:
    """`lamp` is at the works and `noise` at the commune; `bribe`, at the works, became a denunciation; `left` was given
    back by the works; `new` is nobody's yet, is about no field and in no commune, and another person's."""
    places = {"lamp": town.ward, "noise": town.commune, "bribe": town.ward, "left": town.ward}
    made = {}
    for name in LIVES:
        number = "+84912000222" if name == "new" else MAI
        area = places[name].pk if name in places else None
        report = Report(
            text=f"Việc {name}", channel="web", once=name, area_id=area, reporter=Reporter(name="Mai", phone=number)
        )
        made[name] = tickets.take(report, by=citizen())
    for name, (category, agency) in {
        "lamp": (town.lamps, town.works),
        "noise": (town.noise, town.agencies["ubnd-25417"]),
        "bribe": (town.noise, town.works),
        "left": (town.lamps, town.works),
    }.items():
        tickets.move(made[name], "accept", by=town.lan, category=category)
        routing.route(made[name], agency, by=town.lan)
    routing.give_back(made["left"], "Không phải việc của chúng tôi", by=town.minh)
    for ticket in made.values():
        ticket.refresh_from_db()
    made["bribe"].restricted = True
    made["bribe"].save(update_fields=["restricted"])
    tickets.index(made.values())
    return made


ALL = set(LIVES)
OPEN = ALL - {"bribe"}
WHO = [
    ("tam", ALL),
    ("thu", ALL),
    ("phong", OPEN),
    ("lan", OPEN),
    ("minh", {"lamp"}),
    ("hoa", {"lamp"}),
    ("binh", {"noise"}),
    ("dung", set()),
    ("quan", set()),
]


def names(lives: dict[str, Ticket], found: object) -> set[str]:
    pks = {ticket.pk for ticket in found}  # type: ignore[attr-defined]
    return {name for name, ticket in lives.items() if ticket.pk in pks}


@pytest.mark.parametrize(("who", "sees"), WHO)
def test_each_sees_their_work_and_only_the_centres_chiefs_a_denunciation(town, lives, who, sees):
    by = getattr(town, who)
    assert names(lives, queries.visible_to(by)) == sees
    assert names(lives, queries.listed(by, Filters())) == sees
    assert names(lives, queries.among(by, [t.pk for t in lives.values()])) == sees
    for name, ticket in lives.items():
        assert (queries.of_id(by, ticket.pk) == ticket) == (name in sees)
        assert (queries.find(by, ticket.code.replace("-", " ")) == ticket) == (name in sees)


@pytest.mark.parametrize(("who", "sees"), WHO)
def test_staff_of_one_commune_see_of_it_what_the_others_see_of_all(town, lives, who, sees):
    by = replace(getattr(town, who), area_id=town.ward.pk)
    assert names(lives, queries.visible_to(by)) == sees - {"noise", "new"}


def test_the_system_sees_all_a_link_its_one_ticket_and_who_is_nobody_none(town, lives):
    assert names(lives, queries.visible_to(SYSTEM)) == ALL
    assert names(lives, queries.visible_to(citizen(lives["bribe"].pk))) == {"bribe"}
    for by in (NOBODY, citizen(), app(1), Actor(name="x", roles=frozenset({Role.OFFICER}))):
        assert names(lives, queries.visible_to(by)) == set()


@pytest.mark.parametrize("area", [None, "ward", "commune"])
@pytest.mark.parametrize("who", ["tam", "lan", "thu"])
def test_what_is_closed_to_the_centres_people_is_what_they_do_not_see(town, lives, who, area):
    by = replace(getattr(town, who), area_id=area and getattr(town, area).pk)
    closed = queries.hidden_from(by)
    assert names(lives, closed if closed is not None else []) == ALL - names(lives, queries.visible_to(by))
    assert (closed is None) == (who != "lan" and area is None)


@pytest.mark.parametrize("area", [None, "ward", "commune"])
@pytest.mark.parametrize("who", [who for who, _ in WHO])
def test_the_numbers_above_a_list_are_those_of_the_list(town, lives, who, area):
    tickets.move(lives["new"], "refuse", by=town.lan, reason="unclear")  # is over: counted nowhere
    by = replace(getattr(town, who), area_id=area and getattr(town, area).pk)
    counted = Counter(t.state for t in queries.visible_to(by) if t.state != "refused")
    assert {state: n for state, n in queries.counts(by).items() if n} == counted
    assert queries.counts(by)["waiting"] == 0


def test_a_counter_of_none_is_no_number(town, lives):
    Tally.objects.all().delete()
    assert set(queries.counts(town.tam).values()) == {0}


@pytest.mark.parametrize(
    ("who", "knows"),
    [("lan", True), ("tam", True), ("thu", True), ("minh", False), ("hoa", False), ("phong", False), ("quan", False)],
)
def test_who_reported_is_for_the_centre_and_for_whom_it_was_opened(town, lives, who, knows):
    by = getattr(town, who)
    assert queries.knows_reporter(by, lives["lamp"]) == knows
    opened = replace(by, opened_id=lives["lamp"].pk)
    assert queries.knows_reporter(opened, lives["lamp"])
    assert queries.knows_reporter(opened, lives["noise"]) == queries.knows_reporter(opened) == knows
    assert queries.knows_reporter(SYSTEM) and queries.knows_reporter(citizen(lives["lamp"].pk))
    assert not queries.knows_reporter(citizen())


def find(town, lives, who, text):
    return names(lives, queries.listed(getattr(town, who), Filters(text=text)))


def test_a_phone_number_finds_its_tickets_for_those_who_may_know_whose_it_is(town, lives):
    assert find(town, lives, "tam", "0912 000 111") == ALL - {"new"}
    assert find(town, lives, "lan", "0912 000 111") == {"lamp", "noise", "left"}
    assert find(town, lives, "lan", "0912 000 999") == set()
    for who in ("minh", "hoa", "phong"):
        assert find(town, lives, who, "0912 000 111") == set()


def test_a_code_is_found_whole_or_begun_and_words_otherwise(town, lives):
    for name in ("lamp", "noise"):
        code = lives[name].code
        assert find(town, lives, "lan", code) == find(town, lives, "lan", code.replace("-", "")) == {name}
        assert name in find(town, lives, "lan", code[:-2])
    assert find(town, lives, "minh", lives["noise"].code) == set()
    assert find(town, lives, "lan", "lamp") == {"lamp"}
    assert find(town, lives, "minh", "việc") == {"lamp"}
    assert find(town, lives, "minh", "noise") == set()


def test_a_list_goes_on_where_the_page_before_ended(town, lives):
    newest = sorted((t.pk for t in lives.values()), reverse=True)
    for text in ("", "việc"):
        first = queries.listed(town.tam, Filters(text=text), size=2)
        assert [t.pk for t in first] == newest[:3]  # one more than the page: there are more
        rest = queries.listed(town.tam, Filters(text=text), before=first[1].pk, size=3)
        assert [t.pk for t in rest] == newest[2:]


def test_every_filter_leaves_what_it_names(town, lives, time_machine):
    def left(**wanted):
        return names(lives, queries.listed(town.tam, Filters(**wanted)))

    assert left(states=frozenset({"routed", "new"})) == {"lamp", "noise", "bribe", "new"}
    assert left(category="lamps") == {"lamp", "left"}
    assert left(area="25417") == {"noise"}
    assert left(agency="xncongtrinh") == {"lamp", "bribe"}
    assert left(channel="zalo") == left(kind="question") == left(urgency="urgent") == set()
    assert left(channel="web") == left(kind="report") == left(urgency="normal") == ALL
    at = lives["left"].received
    assert left(since=at) == {"left", "new"}
    assert left(until=at) == {"lamp", "noise", "bribe"}
    assert left(category="lamps", states=frozenset({"routed"})) == {"lamp"}


def test_what_a_number_reported_before_is_shown_as_far_as_one_sees_it(town, lives):
    assert [t.pk for t in queries.of_phone("0912000111", town.lan)] == [
        lives[name].pk for name in ("left", "noise", "lamp")
    ]
    assert len(queries.of_phone("0912000111", town.tam, limit=2)) == 2
    assert queries.of_phone("abc", town.tam) == queries.of_phone("115", town.tam) == []
    assert [t.pk for t in queries.earlier(lives["left"], town.lan)] == [lives[name].pk for name in ("noise", "lamp")]
    assert names(lives, queries.earlier(lives["lamp"], town.minh)) == set()
    assert names(lives, queries.of_person(lives["lamp"].contact, town.lan)) == {"lamp"}
    assert names(lives, queries.of_person(lives["bribe"].contact, town.lan)) == set()


def test_one_who_left_no_number_has_no_earlier_tickets(town):
    first, second = (
        tickets.take(Report(text="Không tên", channel="counter", once=once), by=town.lan) for once in ("a", "b")
    )
    assert queries.earlier(second, town.tam) == queries.earlier(first, town.tam) == []


def test_suggestions_name_only_what_one_sees(town, lives):
    for name, why in (("noise", "quoted"), ("bribe", "earlier")):
        Suggestion.objects.create(ticket=lives["lamp"], other=lives[name], why=why)
    assert queries.suggestions(lives["lamp"], town.lan) == [(lives["noise"], "quoted")]
    assert dict(queries.suggestions(lives["lamp"], town.tam)) == {lives["noise"]: "quoted", lives["bribe"]: "earlier"}
    assert queries.suggestions(lives["noise"], town.tam) == []


def test_an_app_sees_what_it_posted_and_nothing_of_another(town, lives):
    posted = [
        tickets.take(Report(text="Từ ứng dụng", channel="app", once=once), by=app(key))
        for once, key in (("a", 1), ("b", 2))
    ]
    every = [t.code for t in (*posted, *lives.values())]
    assert queries.sent_by(app(1), every) == posted[:1]
    assert queries.sent_by(app(2), every) == posted[1:]
    assert queries.sent_by(app(2), [posted[0].code]) == []


def test_notes_of_the_staff_are_not_for_the_citizen(lives):
    ticket = lives["lamp"]
    for text, internal in (("Gọi trước", True), ("Cảm ơn", False), ("Cột số 5", False)):
        Note.objects.create(ticket=ticket, event=3, text=text, internal=internal)
    told = [[n.text for n in queries.notes(ticket, internal=internal).get(3, [])] for internal in (True, False)]
    assert told == [["Gọi trước", "Cảm ơn", "Cột số 5"], ["Cảm ơn", "Cột số 5"]]


def test_a_call_is_heard_and_named_by_those_who_may_read_its_ticket_back(town, lives):
    made = []
    for n, about in enumerate((["lamp"], ["bribe"], ["lamp", "bribe"], [])):
        call = Call.objects.create(
            inbox=make_inbox("phone", "phone"),
            call_id=f"c{n}",
            facts={},
            direction="in",
            caller=MAI,
            dialled="1022",
            phone=MAI,
            began=now() + timedelta(minutes=n),
            state="ended",
            outcome="answered",
        )
        for name in about:
            tickets.link_call(lives[name], call, by=town.tam)
        made.append(call)
    assert [queries.may_hear(call, town.tam) for call in made] == [True] * 4
    assert [queries.may_hear(call, town.lan) for call in made] == [True, False, False, True]
    assert [queries.may_hear(call, town.minh) for call in made] == [False] * 4
    assert queries.calls(lives["lamp"], town.tam) == [made[2], made[0]]
    assert queries.calls(lives["lamp"], town.lan) == [made[0]]
    ids = [call.pk for call in made]
    assert queries.of_calls(ids, town.lan) == {made[0].pk: [lives["lamp"]], made[2].pk: [lives["lamp"]]}
    assert queries.of_calls(ids, town.tam)[made[2].pk] == [lives["lamp"], lives["bribe"]]
    assert queries.of_calls([made[3].pk], town.tam) == {}


def test_nine_digits_are_a_code_where_there_is_such_a_ticket_and_a_phone_number_else(town, lives):
    text = next(t for t in (f"912{n:06}" for n in range(1000)) if codes.parse(t) and phone.parse(t).e164)
    somebody = Contact.objects.get(pk=lives["new"].contact_id)
    somebody.phone = phone.parse(text).e164
    somebody.save()
    assert find(town, lives, "lan", text) == {"new"}
    Ticket.objects.filter(pk=lives["noise"].pk).update(code=codes.parse(text))
    assert find(town, lives, "lan", text) == {"noise"}
    assert find(town, lives, "minh", text) == set()


def test_of_many_earlier_tickets_the_last_ten_are_shown(town):
    reporter = Reporter(name="Mai", phone=MAI)
    made = [
        tickets.take(Report(text="Đèn tắt", channel="web", once=f"m{n}", reporter=reporter), by=citizen())
        for n in range(12)
    ]
    Ticket.objects.update(contact=made[0].contact)
    made = list(Ticket.objects.order_by("received"))
    newest = made[::-1]
    assert queries.of_phone(MAI, town.lan) == queries.of_person(made[0].contact, town.lan) == newest[:10]
    assert queries.of_phone(MAI, town.lan, limit=11) == queries.of_person(made[0].contact, town.lan, limit=11)
    assert queries.earlier(made[-1], town.lan) == newest[1:11]
    assert queries.earlier(made[-1], town.lan, limit=3) == newest[1:4]


def test_an_app_reads_what_it_posted_the_newest_first_with_its_field(town, django_assert_num_queries):
    made = [
        tickets.take(Report(text="x", channel="app", once=once, category_id=town.lamps.pk), by=app(1)) for once in "ab"
    ]
    with django_assert_num_queries(1):
        found = queries.sent_by(app(1), [ticket.code for ticket in made])
        assert found == made[::-1] and {ticket.category.code for ticket in found} == {"lamps"}
    record("ticket.edit", made[0], by=app(2))
    record("ticket.create", made[0], by=replace(app(3), user_id=town.lan.user_id))
    assert queries.sent_by(app(2), [made[0].code]) == queries.sent_by(app(3), [made[0].code]) == []


def test_the_calls_about_a_ticket_the_newest_first_with_who_took_them(town, lives, django_assert_num_queries):
    box, at = make_inbox("phone", "phone"), now()
    made = [
        Call.objects.create(
            inbox=box, call_id=f"c{n}", facts={}, direction="in", began=began, operator=town.users["lan"]
        )
        for n, began in enumerate((at, at - timedelta(hours=1), at))
    ]
    for call in made:
        tickets.link_call(lives["lamp"], call, by=town.tam)
    with django_assert_num_queries(1):
        found = queries.calls(lives["lamp"], town.tam)
        assert found == [made[2], made[0], made[1]] and {call.operator.username for call in found} == {"lan"}
    tickets.link_call(lives["noise"], made[0], by=town.tam)
    assert queries.of_calls([made[0].pk], town.tam) == {made[0].pk: [lives["lamp"], lives["noise"]]}
