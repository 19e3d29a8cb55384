"""What an operator types is kept until it is done, is nobody else's, and is done once."""

import json
import re

import pytest
from django.test import Client

from caunoi.conversations.models import Outgoing
from caunoi.drafts.actions import forget_old
from caunoi.drafts.models import Draft
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.sla.models import Deadline
from caunoi.tickets import actions
from caunoi.tickets.models import Note, Ticket
from caunoi.tickets.report import Report
from caunoi.web import drafts
from caunoi.web.desk import entry

WORDS = "Em bị chồng đánh, xin giữ kín"


def signed_in(town, name):
    client = Client()
    client.force_login(town.users[name])
    return client


@pytest.fixture
def lan(town):
    return signed_in(town, "lan")


@pytest.fixture
def ticket(town):
    return actions.take(Report(text="Đèn đường tắt", channel="web", once="r1"), by=citizen())


def token(client, path, form):
    """The hidden name of a form on a page."""
    html = client.get(path).content.decode()
    return re.search(rf'name="draft" value="([^"]+)" data-form="{re.escape(form)}"', html)[1]


def keep(client, name, **fields):
    return client.post("/drafts", json.dumps({"draft": name, "fields": fields}), "application/json")


def entered(name, **more):
    return {"draft": name, "once": "o1", "channel": "phone", "text": WORDS, "kind": "report", "then": "keep", **more}


def test_a_draft_is_put_back_for_its_writer_only_and_ends_with_the_ticket(town, lan):
    name = token(lan, "/desk/new", "entry/new")
    assert keep(lan, name, text=WORDS).status_code == 200
    assert WORDS in signed_in(town, "lan").get("/desk/new").content.decode()
    assert WORDS not in signed_in(town, "tam").get("/desk/new").content.decode()
    assert lan.post("/desk/new", entered(name)).status_code == 302
    assert WORDS not in lan.get("/desk/new").content.decode()
    keep(lan, name, text=WORDS)  # was on its way when the ticket was saved
    assert not Draft.objects.exists()


def test_a_form_sent_twice_is_done_once_and_leads_to_the_same_place(lan, ticket):
    name = token(lan, f"/desk/{ticket.code}/", f"ticket-{ticket.pk}/remark")
    sent = {"draft": name, "text": "Đã gọi đội đèn"}
    first, second = (lan.post(f"/desk/{ticket.code}/remark", sent) for _ in range(2))
    assert first.url == second.url
    assert Note.objects.filter(text="Đã gọi đội đèn").count() == 1


def test_what_was_refused_is_kept_and_comes_back_as_it_was_sent(lan, ticket):
    name = token(lan, f"/desk/{ticket.code}/", f"ticket-{ticket.pk}/answer")
    response = lan.post(f"/desk/{ticket.code}/move/answer", {"draft": name, "answer-text": "Chiều nay có người tới"})
    assert response.status_code == 422
    assert "Chiều nay có người tới" in re.search(r'/answer" data-kept="([^"]*)"', response.content.decode())[1]
    assert Draft.objects.get().fields == {"answer-text": "Chiều nay có người tới"}


def test_a_session_that_is_over_keeps_what_is_sent_and_leads_back_to_the_page(lan, ticket):
    page = f"/desk/{ticket.code}/"
    name = token(lan, page, f"ticket-{ticket.pk}/remark")
    lan.logout()
    response = lan.post(
        f"{page}remark", {"draft": name, "text": WORDS}, headers={"Referer": f"http://testserver{page}"}
    )
    assert response.url == f"/login?next={page}&over=1"
    assert Draft.objects.get().fields == {"text": WORDS}
    assert keep(lan, name, text=f"{WORDS} nữa").status_code == 200
    assert Draft.objects.get().fields == {"text": f"{WORDS} nữa"}


def test_a_form_that_a_browser_no_longer_proves_is_kept_as_its_page_promises(town, ticket):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(town.users["lan"])
    name = token(strict, f"/desk/{ticket.code}/", f"ticket-{ticket.pk}/remark")
    assert strict.post(f"/desk/{ticket.code}/remark", {"draft": name, "text": WORDS}).status_code == 403
    assert Draft.objects.get().fields == {"text": WORDS}


def test_another_person_at_the_same_browser_sends_nothing_of_it(town, lan, ticket):
    name = token(lan, f"/desk/{ticket.code}/", f"ticket-{ticket.pk}/remark")
    tam = signed_in(town, "tam")
    assert tam.post(f"/desk/{ticket.code}/remark", {"draft": name, "text": WORDS}).url == "/after-login"
    assert not Note.objects.exists()
    assert Draft.objects.get().user == town.users["lan"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"draft": "x"}', b'{"draft": "x", "fields": []}'])
def test_nonsense_is_refused(db, client, body):
    assert client.post("/drafts", body, "application/json").status_code == 400


def test_what_is_too_long_is_not_said_to_be_saved(town, client):
    name = drafts.fresh(town.users["lan"].pk, "entry", "new").token()
    assert keep(client, name, text="ổ" * 299_000).status_code == 200
    assert keep(client, name, text="ổ" * 301_000).status_code == 413
    assert Draft.objects.get().fields["text"] == "ổ" * 299_000


def test_a_forged_name_writes_nothing(town, client):
    forged = drafts.fresh(town.users["lan"].pk, "entry", "new").token().replace("entry", "other")
    assert keep(client, forged, text=WORDS).status_code == 410
    assert not Draft.objects.exists()


def test_who_answers_sees_who_else_writes_and_keeps_the_words_when_another_was_faster(town, lan, ticket):
    tam, page = signed_in(town, "tam"), f"/desk/{ticket.code}/"
    name = token(tam, page, f"ticket-{ticket.pk}/answer")
    keep(tam, name, **{"answer-text": "Chiều nay có người tới"})
    assert f"{town.users['tam'].full_name} đang viết ở đây" in lan.get(page).content.decode()
    assert "đang viết ở đây" not in tam.get(page).content.decode()
    lan.post(f"{page}move/answer", {"answer-text": "Đã báo đội đèn.", "answer-category": "lamps"})
    response = tam.post(f"{page}move/answer", {"draft": name, "answer-text": "Chiều nay", "answer-category": "lamps"})
    html = tam.get(response.url).content.decode()
    assert "Đã có người trả lời; nội dung anh/chị soạn vẫn còn" in html
    assert re.search(r'id="left-answer">\s*Chiều nay\s*<', html)
    drop = re.search(r'action="/drafts/drop".*?name="draft" value="([^"]+)"', html, re.S)[1]
    assert tam.post("/drafts/drop", {"draft": drop}).status_code == 302
    assert "left-answer" not in tam.get(page).content.decode()


def test_a_ticket_is_saved_with_all_that_was_chosen_or_not_at_all(town, lan, monkeypatch):
    def retired(form, ticket, request):
        raise entry.MissingDataError({"category"})

    monkeypatch.setattr(entry, "_finish", retired)
    name = token(lan, "/desk/new", "entry/new")
    response = lan.post("/desk/new", entered(name, then="accept", category="lamps"))
    assert response.status_code == 422
    assert WORDS in response.content.decode()
    assert not Ticket.objects.exists()
    monkeypatch.undo()
    assert lan.post("/desk/new", entered(name, then="accept", category="lamps")).status_code == 302
    assert Ticket.objects.get().state == "accepted"


def test_pages_of_the_staff_stay_on_no_machine(lan, ticket):
    assert lan.get(f"/desk/{ticket.code}/")["Cache-Control"] == "private, no-store"
    assert lan.post("/logout")["Clear-Site-Data"] == '"cache"'


def test_drafts_that_nobody_came_back_to_are_forgotten(town, lan, ticket):
    keep(lan, token(lan, "/desk/new", "entry/new"), text=WORDS)
    forget_old()
    assert Draft.objects.exists()
    Draft.objects.update(at=Draft.objects.get().at - drafts.actions.LIFE)
    forget_old()
    assert not Draft.objects.exists()


def test_a_merge_that_is_undone_never_was(lan, town, ticket, work):
    first = actions.take(Report(text="Đèn đường tắt hết", channel="web", once="r0"), by=citizen())
    work()
    before = list(Deadline.objects.filter(ticket=ticket).order_by("id").values_list("clock", "state", "due", "met"))
    page = f"/desk/{ticket.code}/"
    lan.post(f"{page}move/merge", {"merge-into": first.code})
    assert f"{page}undo" in lan.get(page).content.decode()
    lan.post(f"{page}undo")
    work()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.merged_into, ticket.reopened) == ("new", None, 0)
    html = lan.get(page).content.decode()
    assert "Đã mở lại" not in html
    assert "Đã hoàn tác ngay" in html
    after = list(Deadline.objects.filter(ticket=ticket).order_by("id").values_list("clock", "state", "due", "met"))
    assert after == before
    assert "gộp" not in lan.get(f"/f/{ticket.follow}").content.decode()


def test_a_hand_over_is_undone_until_the_agency_accepts_it(lan, town, ticket):
    page = f"/desk/{ticket.code}/"
    route = {"route-agency": "xncongtrinh"}
    lan.post(f"{page}move/accept", {"accept-category": "lamps"})
    lan.post(f"{page}move/route", route)
    lan.post(f"{page}undo")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.agency, ticket.handovers.count()) == ("accepted", None, 0)
    assert not ticket.participants.filter(until=None).exists()
    lan.post(f"{page}move/route", route)
    signed_in(town, "minh").post(f"/agency/{ticket.code}/move/leg_accept")
    lan.post(f"{page}undo")
    ticket.refresh_from_db()
    assert ticket.state == "routed"


def test_nobody_undoes_anothers_move(lan, town, ticket):
    page = f"/desk/{ticket.code}/"
    lan.post(f"{page}move/refuse", {"refuse-reason": "abuse"})
    signed_in(town, "tam").post(f"{page}undo")
    ticket.refresh_from_db()
    assert ticket.state == "refused"


def test_an_answer_that_is_undone_was_given_to_nobody(lan, town, ticket, work):
    page = f"/desk/{ticket.code}/"
    lan.post(f"{page}move/answer", {"answer-category": "noise", "answer-text": "Đã báo đội đèn."})
    lan.post(f"{page}undo")
    work()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.answered) == ("new", None)
    assert not ticket.answers.exists() and not ticket.invitations.exists()
    assert "Đã báo đội đèn." not in lan.get(f"/f/{ticket.follow}").content.decode()
    assert not Outgoing.objects.exists()
    assert Event.objects.filter(kind="ticket.undo").count() == 1


def test_what_an_administrator_types_is_kept_but_no_secret(town, client):
    client.force_login(town.users["quan"])
    path = "/setup/inboxes/new/email"
    name = token(client, path, "setup-setupinboxesnewemail/form")
    secret = {"inbox-password": "bí mật", "inbox-refresh_token": "bí mật", "proof-code": "bí mật"}
    assert keep(client, name, **{"inbox-label": "Hộp thư tỉnh"}, **secret).status_code == 200
    client.post(
        path, {"draft": name, "do": "save", "inbox-label": "Hộp thư tỉnh", **secret}
    )  # refused: much is missing
    (draft,) = Draft.objects.all()
    assert draft.fields["inbox-label"] == "Hộp thư tỉnh" and "bí mật" not in json.dumps(
        draft.fields, ensure_ascii=False
    )
    assert "Hộp thư tỉnh" in client.get(path).content.decode()


def test_two_windows_of_one_person_keep_what_each_holds(town, lan):
    def say(name, text, window, **more):
        body = {"draft": name, "fields": {"text": text}, "window": window, **more}
        return lan.post("/drafts", json.dumps(body), "application/json").status_code

    first = token(lan, "/desk/new", "entry/new")
    assert say(first, "một", "w1") == 200
    second = token(lan, "/desk/new", "entry/new")
    assert say(second, "hai", "w2", apart=True) == 409  # it did not take up what the other holds
    assert lan.post("/desk/new", entered(second, window="w2", apart="1", once="o2")).status_code == 302
    assert Draft.objects.get().fields == {"text": "một"}
    third = token(lan, "/desk/new", "entry/new")
    assert say(third, "một hai", "w3") == 200  # took it up, for the first window is gone
    assert say(first, "một ba", "w1") == 409  # or is not: then it hears so
    assert lan.post("/desk/new", entered(third, window="w3", once="o3")).status_code == 302
    assert not Draft.objects.exists()


def test_a_message_to_whoever_acted_is_not_used_up_by_a_part_of_a_page(lan, ticket):
    name = token(lan, f"/desk/{ticket.code}/", f"ticket-{ticket.pk}/refuse")
    sent = {"draft": name, "refuse-reason": "other", "refuse-text": "Việc này thuộc tỉnh bên."}
    assert lan.post(f"/desk/{ticket.code}/move/refuse", sent).status_code == 302
    part = lan.get(f"/desk/{ticket.code}/", headers={"hx-request": "true"}).content.decode()
    page = lan.get(f"/desk/{ticket.code}/").content.decode()
    assert 'class="toast ' not in part and 'class="toast ' in page
