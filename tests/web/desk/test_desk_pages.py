"""The operator's pages, through the client: what is seen, what is done, and what happens to bad input.

Proves: entry by hand with hints: caller's earlier tickets, commune of the address, competent agency
Proves: accept, ask, refuse with reason and advice, merge, forward, answer; undo of refusal and merge; two operators
at once
Proves: public text masked, previewed, edited, withdrawn with a note; policies by field"""

import pytest
from django.test import Client

from caunoi.events.actor import citizen
from caunoi.routing.queries import custody
from caunoi.tickets import actions
from caunoi.tickets.queries import Filters, listed
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def desk(town):
    """Lan at her desk."""
    client = Client()
    client.force_login(town.users["lan"])
    return client


def report(once="r1", text="Đèn đường tắt ở ngã tư", phone="+84900000001", **more):
    return Report(text=text, channel="web", once=once, reporter=Reporter(name="Người Demo", phone=phone), **more)


@pytest.fixture
def ticket(town):
    return actions.take(report(), by=citizen())


def move(client, ticket, name, **given):
    data = {f"{name}-{k}": v for k, v in given.items()}
    return client.post(f"/desk/{ticket.code}/move/{name}", data)


def test_a_new_ticket_stands_in_the_queue_with_its_words(desk, ticket):
    html = desk.get("/desk/").content.decode()
    assert ticket.code in html
    assert "Đèn đường tắt ở ngã tư" in html


@pytest.mark.parametrize("typed", ["26", "den duong", "đèn đường", "0900 000 001", "NGA TU"])
def test_search_forgives(desk, ticket, work, typed):
    work()
    typed = ticket.code if typed == "26" else typed
    assert ticket.code in desk.get("/desk/", {"q": typed}).content.decode()


def test_a_search_that_finds_nothing_says_what_to_do(desk, ticket):
    html = desk.get("/desk/", {"q": "không có gì như vậy"}).content.decode()
    assert ticket.code not in html
    assert "Không có phiếu nào khớp" in html


def test_accepting_and_forwarding_by_the_buttons_of_the_table(desk, town, ticket):
    html = desk.get(f"/desk/{ticket.code}/").content.decode()
    assert f"/desk/{ticket.code}/move/accept" in html
    assert "/move/approve" not in html
    assert move(desk, ticket, "accept", category="lamps", area="25195").status_code == 302
    assert move(desk, ticket, "route", agency="xncongtrinh", note="Gấp").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.agency) == ("routed", town.works)
    assert [leg.note for leg in custody(ticket)] == ["Gấp"]


def test_what_lacks_is_asked_for_and_what_was_typed_is_kept(desk, ticket):
    response = move(desk, ticket, "accept", summary="Tóm tắt đang viết")
    assert response.status_code == 422
    html = response.content.decode()
    assert "Tóm tắt đang viết" in html
    ticket.refresh_from_db()
    assert ticket.state == "new"


def test_two_operators_at_once_the_second_is_told(desk, town, ticket):
    actions.move(ticket, "accept", by=town.tam, category=town.lamps)
    response = desk.post(f"/desk/{ticket.code}/move/accept", {"accept-category": "noise"}, follow=True)
    assert "vừa được người khác xử lý" in response.content.decode()
    ticket.refresh_from_db()
    assert ticket.category == town.lamps


def test_a_refusal_can_be_undone(desk, ticket):
    response = move(desk, ticket, "refuse", reason="abuse")
    assert response.status_code == 302
    assert f"/desk/{ticket.code}/undo" in desk.get(response.url).content.decode()
    desk.post(f"/desk/{ticket.code}/undo")
    ticket.refresh_from_db()
    assert ticket.state == "new"  # as it was


def test_another_reason_needs_words_for_the_citizen(desk, ticket):
    assert move(desk, ticket, "refuse", reason="other", note="Gọi nhầm").status_code == 422
    assert move(desk, ticket, "refuse", reason="other", text="Anh/chị gọi nhầm số.").status_code == 302


def test_a_denunciation_is_not_read_back_by_ordinary_operators(desk, town, ticket):
    move(desk, ticket, "refuse", reason="denunciation")
    assert desk.get(f"/desk/{ticket.code}/").status_code == 404
    boss = Client()
    boss.force_login(town.users["tam"])
    assert boss.get(f"/desk/{ticket.code}/").status_code == 200


def test_merging_needs_the_code_of_another_ticket(desk, ticket):
    assert move(desk, ticket, "merge", into=ticket.code).status_code == 422
    first = actions.take(report("r0"), by=citizen())
    assert move(desk, ticket, "merge", into=first.code.replace("-", "")).status_code == 302
    ticket.refresh_from_db()
    assert ticket.merged_into == first
    html = desk.get(f"/desk/{ticket.code}/").content.decode()
    assert "due-refused" not in html  # it was joined to another, not refused
    assert first.code in html
    desk.post(f"/desk/{ticket.code}/undo")
    assert (
        f'"/desk/{first.code}/"' not in desk.get(f"/desk/{ticket.code}/").content.decode()
    )  # it stands by itself again


def test_script_in_the_words_is_shown_not_run(desk, town):
    evil = actions.take(report("evil", text="<script>alert(1)</script> rác"), by=citizen())
    html = desk.get(f"/desk/{evil.code}/").content.decode()
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html


def entry(**given):
    first = {"once": "e1", "channel": "phone", "text": "Ổ gà lớn", "kind": "report", "then": "keep"}
    return first | given


def test_a_ticket_written_by_hand_is_saved_accepted_and_handed_over_at_once(desk, town):
    response = desk.post("/desk/new", entry(phone="0900 000 009", category="lamps", area="25195", then="route"))
    assert response.status_code == 302
    (ticket,) = listed(town.lan, Filters())
    assert (ticket.state, ticket.agency, ticket.operator) == ("routed", town.works, "lan")
    assert ticket.contact.phone == "+84900000009"


def test_pressing_twice_makes_one_ticket(desk, town):
    for _ in range(2):
        desk.post("/desk/new", entry())
    assert len(listed(town.lan, Filters())) == 1


def test_an_answer_given_at_once_is_the_answer(desk, town):
    response = desk.post(
        "/desk/new", entry(category="identity", kind="question", then="answer", answer="Mang giấy khai sinh.")
    )
    assert response.status_code == 302
    (ticket,) = listed(town.lan, Filters())
    assert ticket.state == "answered"


@pytest.mark.parametrize(
    "given",
    [
        {"text": ""},
        {"phone": "abc"},
        {"then": "answer", "category": "lamps"},
        {"then": "route"},
        {"channel": "telepathy"},
    ],
)
def test_a_bad_entry_is_explained_and_kept(desk, town, given):
    response = desk.post("/desk/new", entry(summary="đang gõ dở", **given))
    assert response.status_code == 422
    assert "đang gõ dở" in response.content.decode()
    assert not listed(town.lan, Filters())


def test_hints_know_the_caller_the_place_and_the_agency(desk, ticket):
    html = desk.post(
        "/desk/hints", {"phone": "0900000001", "address": "phường Bình Phước", "category": "lamps", "text": ""}
    ).content.decode()
    assert ticket.code in html
    assert "Phường Bình Phước" in html
    assert "Xí nghiệp Công trình công cộng" in html


def test_the_palette_finds_by_code_and_words(desk, ticket, work):
    work()
    for typed in (ticket.code, "ngã tư"):
        assert [i["url"] for i in desk.get("/desk/find", {"q": typed}).json()["items"]] == [f"/desk/{ticket.code}/"]


def test_refusing_is_never_the_first_thing_offered(desk, town, ticket):
    actions.move(ticket, "ask", by=town.lan, question="Ở đâu ạ?")
    html = desk.get(f"/desk/{ticket.code}/").content.decode()
    assert html.index("/move/resume") < html.index("/move/refuse")
