"""A ticket's whole life through the interface, and every way to be refused.

Proves: a move is one row of `tickets/lifecycle.py`: from, to, who, what it is given (`tickets/datum.py`: kind,
words, whether the citizen reads it), owner, effect, condition, undo, label, icon, key, sentences for staff, citizen
and public, notices, reactions, whom it lies with, what it counts; forms, buttons and their order, the API's schema
and checks, history, notices, reactions, statistics, undo and docs/lifecycle.md are derived; words never reach the
event
Proves: `moves.perform(name, tickets, by=, move_input=)` is the one door, for one or many"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from caunoi.accounts.models import User
from caunoi.tickets.lifecycle import DATA, MOVES
from caunoi.tickets.models import Photo, Ticket

PHONE = "+84900000001"


@pytest.fixture
def new(api):
    """A ticket as Lan logs it."""

    def make(**more):
        body = {"text": "Đèn đường tắt", "channel": "phone", "lat": 11.52, "long": 106.9}
        answer = api.lan.post("tickets", **{**body, "contact": {"name": "Tư Demo", "phone": "0900 000 001"}, **more})
        assert answer.status == 201, answer.body
        return answer.body["code"]

    return make


@pytest.fixture
def routed(api, new):
    code = new(category="lamps")
    assert api.lan.move(code, "accept").status == 200
    assert api.lan.move(code, "route", agency="xncongtrinh").status == 200
    return code


def test_from_the_call_to_the_answer(api, new):
    code = new()
    accepted = api.lan.move(code, "accept", category="lamps", urgency="urgent", summary="Đèn tắt", area="25195")
    assert accepted.status == 200
    assert {k: accepted.body[k] for k in ("state", "category", "urgency", "summary", "area", "holder")} == {
        "state": "accepted",
        "category": "lamps",
        "urgency": "urgent",
        "summary": "Đèn tắt",
        "area": "25195",
        "holder": None,
    }
    assert api.lan.move(code, "route", agency="xncongtrinh", note="Gấp").body["holder"] == "xncongtrinh"
    seen = api.minh.get(f"tickets/{code}").body
    assert seen["moves"] == ["leg_accept", "leg_pass_on", "leg_return", "start"]
    assert api.minh.move(code, "leg_accept").body["handovers"][0]["state"] == "accepted"
    assert api.minh.move(code, "start").body["state"] == "working"
    assert api.minh.move(code, "leg_ask_extension", days=2, reason="Chờ vật tư").status == 200
    assert "leg_grant_extension" in api.tam.get(f"tickets/{code}").body["moves"]
    assert api.tam.move(code, "leg_grant_extension").status == 200
    assert api.minh.move(code, "result", text="Đã thay bóng").body["state"] == "resulted"
    assert api.hoa.move(code, "revise", reason="Ghi rõ số bóng").body["state"] == "working"
    assert api.minh.move(code, "result", text="Đã thay 4 bóng").body["state"] == "resulted"
    done = api.hoa.move(code, "approve", text="Đã thay 4 bóng đèn.").body
    assert (done["state"], done["holder"]) == ("answered", None)
    assert api.lan.move(code, "close").body["state"] == "closed"
    assert api.lan.move(code, "reopen", reason="Lại tắt").body["state"] == "accepted"
    whole = api.lan.get(f"tickets/{code}").body
    assert [e["kind"] for e in whole["events"]][:3] == ["ticket.create", "ticket.accept", "ticket.route"]
    assert (whole["events"][0]["by"], whole["events"][3]["by"]) == ("lan", "minh")
    assert [(h["from"], h["to"], h["role"]) for h in whole["handovers"]] == [(None, "xncongtrinh", "lead")]


def test_other_ways_for_a_ticket_to_go(api, new):
    one, two, three = new(), new(), new(category="identity")
    assert api.lan.move(one, "ask", question="Ở đâu?").body["state"] == "waiting"
    assert api.lan.move(one, "resume").body["state"] == "new"
    assert api.lan.move(one, "refuse", reason="outside", note="Ở Bình Dương").body["state"] == "refused"
    assert api.lan.move(two, "answer", category="lamps", text="Đã sửa hôm qua").body["state"] == "answered"
    assert api.lan.move(three, "merge", into=two).body["state"] == "merged"


def test_a_reason_in_words_is_kept_as_a_note(api, new, town):
    answer = api.lan.move(new(), "refuse", reason="Việc này của tỉnh khác")
    assert (answer.status, answer.body["state"]) == (200, "refused")


def test_an_agency_returns_and_passes_on(api, routed):
    assert api.minh.move(routed, "leg_pass_on", agency="ubnd-25195").body["holder"] == "ubnd-25195"
    back = api.dung.move(routed, "leg_return", reason="Không thuộc thẩm quyền").body
    assert (back["state"], [h["state"] for h in back["handovers"]]) == ("accepted", ["passed_on", "returned"])
    assert api.dung.get(f"tickets/{routed}").status == 404  # no longer theirs


@pytest.mark.parametrize("who", ["nobody", "stranger"])
@pytest.mark.parametrize("path", ["tickets", "tickets/26-000001-1", "measures/tickets", "receipts"])
def test_without_a_token_nothing_is_said(api, who, path):
    answer = getattr(api, who).get(path)
    assert (answer.status, answer.body["code"]) == (401, 401)
    assert answer.response["WWW-Authenticate"] == "Bearer"
    assert getattr(api, who).post("tickets", text="a", channel="phone").status == 401


def test_a_token_ends_with_its_account(api, town):
    User.objects.filter(username="lan").update(is_active=False)
    assert api.lan.get("tickets").status == 401


@pytest.mark.parametrize(
    ("who", "move"),
    [
        ("minh", "refuse"),
        ("minh", "approve"),
        ("hoa", "route"),
        ("thu", "accept"),
        ("phong", "close"),
        ("lan", "start"),
        ("lan", "leg_grant_extension"),
    ],
)
def test_what_is_not_for_a_role_is_403(api, routed, who, move):
    answer = getattr(api, who).move(routed, move)
    assert (answer.status, answer.body["error"]) == (403, "not_allowed")


@pytest.mark.parametrize("who", ["dung", "binh", "quan"])
def test_what_somebody_may_not_see_is_not_there(api, routed, who):
    assert getattr(api, who).get(f"tickets/{routed}").status == 404
    assert getattr(api, who).move(routed, "leg_accept").status == 404
    assert getattr(api, who).get("tickets").body["items"] == []


@pytest.mark.parametrize("code", ["26-999999-9", "abc", "%00", "1"])
def test_what_is_no_code_is_not_there(api, code):
    assert api.lan.get(f"tickets/{code}").status == 404


@pytest.mark.parametrize(
    ("who", "move", "given"),
    [
        ("lan", "accept", {"category": "lamps"}),
        ("lan", "route", {"agency": "dienluc"}),
        ("minh", "result", {"text": "Xong"}),
        ("hoa", "approve", {}),
        ("lan", "close", {}),
    ],
)
def test_what_a_state_does_not_allow_is_409(api, routed, who, move, given):
    answer = getattr(api, who).move(routed, move, **given)
    assert (answer.status, answer.body["error"]) == (409, "not_possible")


@pytest.mark.parametrize(
    ("move", "given", "error", "field"),
    [
        ("accept", {}, "missing", "category"),
        ("accept", {"category": ""}, "missing", "category"),
        ("accept", {"category": "nothing"}, "unknown", "category"),
        ("accept", {"category": "lamps", "urgency": "now"}, "unknown", "urgency"),
        ("accept", {"category": "lamps", "kind": "joke"}, "unknown", "kind"),
        ("accept", {"category": "lamps", "area": "00000"}, "unknown", "area"),
        ("accept", {"category": 7}, "invalid", "category"),
        ("accept", {"category": "lamps", "summary": "a" * 301}, "invalid", "summary"),
        ("ask", {}, "missing", "question"),
        ("ask", {"question": "a\x00"}, "invalid", "question"),
        ("ask", {"question": "a" * 10_001}, "invalid", "question"),
        ("refuse", {}, "missing", "reason"),
        ("merge", {}, "missing", "into"),
        ("merge", {"into": "26-999999-9"}, "unknown", "into"),
        ("answer", {"text": "Xong"}, "missing", "category"),
        ("dance", {}, "unknown", "move"),
        ("", {}, "unknown", "move"),
    ],
)
def test_what_lacks_is_named(api, new, move, given, error, field):
    answer = api.lan.move(new(), move, **given)
    assert (answer.status, answer.body["error"], answer.body["fields"]) == (422, error, [field])


def test_an_agency_that_is_none_is_named(api, new):
    code = new(category="lamps")
    api.lan.move(code, "accept")
    assert api.lan.move(code, "route").body["fields"] == ["agency"]
    assert api.lan.move(code, "route", agency="nobody").body["fields"] == ["agency"]


def test_a_ticket_is_merged_neither_into_itself_nor_into_a_merged_one(api, new):
    one, two, three = new(), new(), new()
    assert api.lan.move(one, "merge", into=one).status == 409
    assert api.lan.move(two, "merge", into=one).status == 200
    assert api.lan.move(three, "merge", into=two).status == 409


def test_a_forward_is_recalled_until_the_agency_accepts_it(api, routed):
    assert "recall" in api.lan.get(f"tickets/{routed}").body["moves"]
    assert api.lan.move(routed, "recall", reason="Nhầm địa bàn").status == 200
    assert api.minh.get(f"tickets/{routed}").status == 404


def test_moves_offered_are_moves_that_can_be_made(api, routed):
    for who in ("lan", "tam", "minh", "hoa", "thu"):
        program = getattr(api, who)
        for name in program.get(f"tickets/{routed}").body["moves"]:
            if name == "recall":
                continue  # then there is no more to offer to the agency
            assert program.move(routed, name).status in (200, 422), (who, name)
            if name in ("start", "leg_accept"):
                return


@pytest.mark.parametrize("who", ["minh", "hoa", "phong"])
def test_who_reported_is_the_centres_to_know(api, routed, who):
    assert api.lan.get(f"tickets/{routed}").body["contact"]["phone"] == PHONE
    told = getattr(api, who).get(f"tickets/{routed}").response.content.decode()
    assert PHONE not in told and "Tư Demo" not in told
    listed = getattr(api, who).get("tickets").response.content.decode()
    assert routed in listed and PHONE not in listed and "Tư Demo" not in listed


def test_what_a_program_may_send_is_what_the_table_says(api):
    schema = api.nobody.get("openapi.json").body["components"]["schemas"]["MoveMade"]
    assert set(schema["properties"]) == {"move", *DATA} == {"move", *(n for m in MOVES.values() for n in m.takes)}


def test_an_agency_sends_its_photos_with_its_result(api, routed, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    assert api.minh.move(routed, "start").status == 200

    def send(program):
        path = f"/api/v1/tickets/{routed}/pictures"
        answer = program.client.post(path, {"files": [SimpleUploadedFile("a.jpg", jpeg)]}, headers=program.headers)
        assert answer.status_code == 201, answer.content
        return [item["token"] for item in answer.json()["items"]]

    refused = api.minh.move(routed, "result", text="Đã thay bóng.", after=["forged"])
    assert (refused.status, refused.body["fields"]) == (422, ["after"])
    assert api.minh.move(routed, "result", text="Đã thay bóng.", after=send(api.hoa)).status == 422, "another's"
    assert (
        api.minh.move(routed, "result", text="Đã thay bóng.", before=send(api.minh), after=send(api.minh)).status == 200
    )
    roles = Photo.objects.filter(ticket=Ticket.objects.get(code=routed)).values_list("role", flat=True)
    assert sorted(roles) == ["after", "before"]


def test_an_answer_at_once_cites_what_was_read_and_sets_the_field(api, new):
    code = new()
    for number in (0, -1, 10**30):
        refused = api.lan.move(code, "answer", text="Nộp: 1.000001", category="lamps", cites={"1.000001": number})
        assert refused.status == 422
    answered = api.lan.move(code, "answer", text="Nộp tại xã.", category="lamps", cites={"1.000001": 1})
    assert (answered.status, answered.body["state"], answered.body["category"]) == (200, "answered", "lamps")
