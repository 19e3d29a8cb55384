"""The reviewer's page: proposals accepted, changed and taken back, with and without scripts.

Proves: personal data as coloured, named proposals; accepted, taken back, hidden by selection or by typing; live
public side; works without scripts
Proves: review queue with reasons and counts, J/K, next after each decision; who looked at what; one-click undo of
"keep"
Proves: citizen asks to take it down on the follow page; declined with a reply"""

import json

import pytest
from django.test import Client
from django.urls import reverse

from caunoi.events.actor import citizen
from caunoi.publication import actions as publications
from caunoi.publication import queries as publication
from caunoi.publication import readings
from caunoi.tickets import actions
from caunoi.tickets.report import Report

TEXT = "Nhà anh Bảy Rô số 12/4 hẻm 3 hát karaoke, gọi 0900 000 001."


@pytest.fixture
def told(town):
    def make(text=TEXT, category="noise"):
        ticket = actions.take(Report(text=text, channel="web", once=text), by=citizen())
        actions.move(ticket, "accept", by=town.lan, category=getattr(town, category))
        publications.propose(ticket)
        return ticket

    return make


@pytest.fixture
def draft(told):
    return told()


@pytest.fixture
def thu(town):
    client = Client()
    client.force_login(town.users["thu"])
    return client


def page(ticket):
    return f"/desk/publish/{ticket.code}/"


def ticked(response):
    """The form as a browser would send it: what is ticked, the words, and what they are counted in."""
    sent = {}
    for field in response.context["fields"]:
        name = field.name
        sent[name] = sent[f"base-{name}"] = field.words
        sent[f"hide-{name}"] = [p.value for p in field.pieces if p.hidden]
    return sent


def test_proposals_are_named_and_ticked_and_the_public_side_stands_beside_them(thu, draft):
    response = thu.get(page(draft))
    html = response.content.decode()
    assert 'value="8-14-person"' in html and "<small>tên</small>" in html
    public = html.split('id="preview-text">')[1].split("</p>")[0]
    assert public == "Nhà anh [tên] số [số nhà] hẻm 3 hát karaoke, gọi [số điện thoại]."


def test_accepted_as_proposed(thu, draft):
    assert thu.post(page(draft), ticked(thu.get(page(draft))) | {"do": "publish"}).status_code == 302
    assert publication.find(draft.code).text == "Nhà anh [person] số [house_number] hẻm 3 hát karaoke, gọi [phone]."


def test_taken_back_and_hidden_by_hand(thu, draft):
    sent = ticked(thu.get(page(draft)))
    sent["hide-text"] = ["8-14-person", "29-40-person"]  # the phone is shown; "hát karaoke" was selected
    thu.post(page(draft), sent | {"do": "publish"})
    assert publication.find(draft.code).text == "Nhà anh [person] số 12/4 hẻm 3 [person], gọi 0900 000 001."


def test_words_that_are_typed_are_hidden_wherever_they_stand(thu, draft):
    sent = ticked(thu.get(page(draft))) | {"do": "preview", "phrase": "karaoke", "kind": "person"}
    html = thu.post(page(draft), sent).content.decode()
    assert "hát [tên], gọi" in html
    assert publication.find(draft.code) is None


def test_the_preview_is_a_part_of_the_page_and_changes_nothing(thu, draft):
    sent = ticked(thu.get(page(draft))) | {"do": "preview", "hide-text": []}
    html = thu.post(page(draft), sent, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in html and "gọi 0900 000 001" in html
    assert "0900" not in readings.marked(publication.publication_of(draft))["text"].public


def test_an_edit_of_the_words_keeps_hidden_what_was_hidden(thu, draft):
    sent = ticked(thu.get(page(draft))) | {
        "do": "publish",
        "text": "Anh Bảy Rô hát, gọi 0900 000 001",
        "title": "Karaoke về đêm",
    }
    thu.post(page(draft), sent)
    shown = publication.find(draft.code)
    assert (shown.title, shown.text) == ("Karaoke về đêm", "Anh [person] hát, gọi [phone]")
    actions.edit(draft, by=actor_of(thu), summary="Sửa")
    publications.propose(draft)
    assert publication.find(draft.code).title == "Karaoke về đêm"  # a person's words are not overwritten


def actor_of(client):
    return client.get("/desk/publish/").context["user"].as_actor()


def test_masks_typed_as_words_are_read_in_every_language(thu, draft):
    thu.post(
        page(draft),
        {"do": "publish", "title": "Karaoke", "text": "Anh [tên], xe [biển số xe], hát.", "answer": "", "place": ""},
    )
    assert publication.find(draft.code).text == "Anh [person], xe [plate], hát."
    words = [
        Client().get(f"/p/{draft.code}", headers={"accept-language": lang}).content.decode() for lang in ("vi", "en")
    ]
    assert "Anh [tên], xe [biển số xe]" in words[0] and "Anh [name], xe [number plate]" in words[1]


def test_a_forged_place_is_no_way_to_break_the_page(thu, draft):
    sent = ticked(thu.get(page(draft)))
    sent["hide-text"] = ["-1-5-person", "5-2-person", "0-99999-person", "1-2-nonsense", "a-b-c", "", "²-3-person"]
    thu.post(page(draft), sent | {"do": "publish"})
    assert publication.find(draft.code).text == TEXT


def test_after_a_decision_comes_the_next_and_j_and_k_walk_the_queue(thu, told):
    first, second, third = (told(f"Nhà số {n} hát karaoke") for n in (1, 2, 3))
    assert [r.line.code for r in thu.get("/desk/publish/").context["rows"]] == [
        first.code,
        second.code,
        third.code,
    ]
    shown = thu.get(page(second))
    assert (shown.context["at"], shown.context["before"], shown.context["after"]) == (2, first.code, third.code)
    assert 'data-key="j"' in shown.content.decode() and 'data-key="k"' in shown.content.decode()
    response = thu.post(page(first), ticked(thu.get(page(first))) | {"do": "publish"})
    assert response["Location"] == page(second)


def test_the_queue_is_narrowed_to_one_reason_with_counts(thu, told):
    told()
    tabs = thu.get("/desk/publish/?why=photos").context
    assert tabs["rows"] == [] and [t.count for t in tabs["tabs"][1:]] == [1, 0, 0, 0]


def test_what_was_kept_from_the_public_is_taken_back_with_one_click(thu, draft):
    response = thu.post(page(draft), {"do": "keep"}, follow=True)
    assert f"/desk/publish/{draft.code}/undo" in response.content.decode()
    assert readings.waiting() == []
    thu.post(f"/desk/publish/{draft.code}/undo")
    assert [w.publication.ticket_id for w in readings.waiting()] == [draft.pk]


def test_a_doubtful_one_is_proposed_to_be_kept_and_needs_a_tick_to_be_public(thu, told):
    ticket = told("Cháu bé bị ngã vì tiếng ồn")
    html = thu.get(page(ticket)).content.decode()
    assert html.index('value="keep"') < html.index('value="publish"')
    sent = ticked(thu.get(page(ticket))) | {"do": "publish"}
    assert thu.post(page(ticket), sent).status_code == 422
    assert thu.post(page(ticket), sent | {"sure": "1"}).status_code == 302
    assert publication.find(ticket.code)


def test_withdrawing_and_correcting_need_a_reason_that_the_public_reads(thu, draft):
    thu.post(page(draft), {"do": "publish", "title": "K", "text": "K", "answer": "", "place": ""})
    edited = {"do": "publish", "title": "K", "text": "Kara", "answer": "", "place": ""}
    assert thu.post(page(draft), edited).status_code == 422
    assert thu.post(page(draft), edited | {"note": "Ghi thiếu"}).status_code == 302
    assert "Ghi thiếu" in Client().get(f"/p/{draft.code}").content.decode()
    assert thu.post(page(draft), {"do": "withdraw", "withdraw_note": " "}).status_code == 422
    assert thu.post(page(draft), {"do": "withdraw", "withdraw_note": "Lộ danh tính"}).status_code == 302
    gone = Client().get(f"/p/{draft.code}")
    assert gone.status_code == 410 and "Lộ danh tính" in gone.content.decode() and "Kara" not in gone.content.decode()


def test_a_citizen_s_request_reaches_the_reviewer_and_the_reply_the_citizen(thu, draft):
    thu.post(page(draft), ticked(thu.get(page(draft))) | {"do": "publish"})
    mine = f"/f/{draft.follow}"
    assert Client().post(f"{mine}/takedown", {"takedown_text": ""}).status_code == 422
    for done in ("takedown", "asked"):
        told_ = Client().post(f"{mine}/takedown", {"takedown_text": "Hàng xóm nhận ra tôi"})
        assert told_["Location"] == f"{mine}?done={done}"
    assert "Hàng xóm nhận ra tôi" in thu.get(page(draft)).content.decode()
    assert thu.post(page(draft), {"do": "decline", "reply": ""}).status_code == 422
    thu.post(page(draft), {"do": "decline", "reply": "Không thấy ai nhận ra được."})
    assert "Không thấy ai nhận ra được." in Client().get(mine).content.decode()
    assert Client().post("/f/nothing/takedown", {"takedown_text": "x"}).status_code == 404


@pytest.mark.parametrize("first", ["keep", "save"])
def test_what_somebody_else_decided_or_hid_meanwhile_is_not_passed_over(town, thu, draft, first):
    tam = Client()
    tam.force_login(town.users["tam"])
    old = tam.get(page(draft))
    mine = ticked(old) | {"do": "publish", "seen": old.context["seen"], "text": "Chữ của Tâm", "base-text": TEXT}
    opened = thu.get(page(draft))
    hers = ticked(opened) | {"do": first, "seen": opened.context["seen"], "phrase": "karaoke", "kind": "person"}
    assert thu.post(page(draft), hers).status_code == 302
    answer = tam.post(page(draft), mine)
    html = answer.content.decode()
    assert answer.status_code == 409 and "Đã có người làm trước" in html and "Chữ của Tâm" in html
    assert publication.find(draft.code) is None
    if first == "save":
        assert "karaoke" not in html.split('id="preview-text">')[1].split("</p>")[0], "hers is what one sees"
    again = ticked(answer) | {"do": "publish", "seen": answer.context["seen"]}
    assert tam.post(page(draft), again).status_code == 302
    assert ("karaoke" in publication.find(draft.code).text) == (first == "keep")


def test_who_looked_at_what_can_be_read(thu, draft):
    thu.post(page(draft), {"do": "keep"})
    html = thu.get("/desk/publish/done").content.decode()
    assert draft.code in html and "Thu" in html
    assert draft.code not in thu.get("/desk/publish/done?by=tam").content.decode()


@pytest.mark.parametrize("who", ["lan", "minh", "phong"])
def test_nobody_else_comes_in(town, draft, who):
    client = Client()
    client.force_login(town.users[who])
    for path in (page(draft), "/desk/publish/done", f"/desk/publish/{draft.code}/photo/1"):
        assert client.get(path).status_code == 403


def painted(draft, photo, by):
    pk = photo()
    actions.add_photos(draft, [pk], "report", by=citizen(draft.pk))
    return pk, reverse("desk:publish-photo", args=[draft.code, pk])


def test_a_photo_is_painted_over_by_strokes_or_by_typed_numbers(town, thu, draft, photo):
    pk, path = painted(draft, photo, town.thu)
    assert thu.get(path).status_code == 200
    stroke = [{"r": 40, "points": [[100, 100], [300, 300]]}]
    assert thu.post(path, {"strokes": json.dumps(stroke)}).status_code == 302
    assert thu.post(path, {"x": "10", "y": "10", "w": "12,5", "h": "20"}).status_code == 302
    shapes = readings.blurs(publication.publication_of(draft))[pk].shapes
    assert shapes == [stroke, [{"x": 100.0, "y": 100.0, "w": 125.0, "h": 200.0}]]
    assert thu.post(path, {"do": "undo"}).status_code == 302
    assert readings.blurs(publication.publication_of(draft))[pk].shapes == [stroke]


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"strokes": "{"},
        {"strokes": '[{"r": 1e9, "points": [[0, 0]]}]'},
        {"strokes": "[1]"},
        {"x": "10"},
        {"x": "a", "y": "1", "w": "1", "h": "1"},
        {"x": "nan", "y": "1", "w": "1", "h": "1"},
        {"x": "1", "y": "1", "w": "0", "h": "1"},
    ],
)
def test_what_is_no_shape_is_refused_with_words(town, thu, draft, photo, sent):
    _pk, path = painted(draft, photo, town.thu)
    assert thu.post(path, sent).status_code == 422
    assert readings.blurs(publication.publication_of(draft)) == {}
