"""The agency's pages through the client: the list by deadline, the ticket, the moves.

Proves: officer accepts, returns, passes on, asks for time; lead approves; need to know"""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signing import Signer

from caunoi.answers import actions as answers
from caunoi.answers.queries import final, pending
from caunoi.drafts.models import Draft
from caunoi.routing import actions as routing
from caunoi.routing.queries import leg
from caunoi.tickets import actions, queries
from caunoi.tickets.models import Photo
from tests.web.agency.conftest import jpeg


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def move(client, ticket, name, **given):
    return client.post(f"/agency/{ticket.code}/move/{name}", {f"{name}-{k}": v for k, v in given.items()})


def test_work_stands_in_the_list_with_what_is_due_first_on_top(at, town, lamp, work, time_machine):
    time_machine.move_to("2026-08-17 08:00:00+07:00", tick=False)
    later = lamp("later")
    time_machine.shift(timedelta(hours=1))
    urgent = lamp("urgent", urgency="urgent")
    work()
    page = html(at("minh").get("/agency/"))
    assert page.index(urgent.code) < page.index(later.code)
    assert "Đến hạn hôm nay" in page
    time_machine.shift(timedelta(days=1))
    assert "2 phiếu đã quá hạn." in html(at("minh").get("/agency/"))  # one by the clock of accepting it


def test_another_agencys_work_is_not_in_the_list_and_not_to_be_found(at, lamp):
    other = lamp(agency="ubnd-25417")
    for path in ("/agency/", f"/agency/?q={other.code}", "/agency/?stage=done"):
        assert f"/agency/{other.code}/" not in html(at("minh").get(path))
    for path in ("", "note", "move/start", "move/leg_return"):
        assert at("minh").get(f"/agency/{other.code}/{path}").status_code == 404
    assert move(at("minh"), other, "start").status_code == 404


@pytest.mark.parametrize("name", ["lan", "tam", "thu", "phong"])
def test_the_agencys_pages_are_for_agencies(at, ticket, name):
    assert at(name).get("/agency/").status_code == 403
    assert at(name).get(f"/agency/{ticket.code}/").status_code == 403


def test_the_stages_count_and_narrow(at, town, lamp):
    new, begun, done = lamp("new"), lamp("begun"), lamp("done")
    routing.start(begun, by=town.minh)
    routing.start(done, by=town.minh)
    answers.submit(done, "Đã thay bóng.", by=town.minh)
    client = at("hoa")
    for stage, ticket in (("accept", new), ("work", begun), ("approve", done)):
        page = html(client.get("/agency/", {"stage": stage}))
        assert [t.code for t in (new, begun, done) if t.code in page] == [ticket.code]
    answers.approve(done, by=town.hoa)
    assert done.code not in html(client.get("/agency/"))
    assert done.code in html(client.get("/agency/", {"stage": "done"}))


def test_the_list_goes_on_page_by_page_and_misses_nobody(at, lamp, work, monkeypatch):
    monkeypatch.setattr("caunoi.tickets.queries.PAGE", 2)
    codes = {lamp(str(n)).code for n in range(5)}
    work()
    client, address, seen, pages = at("minh"), "/agency/", [], 0
    while address:
        response = client.get(address)
        seen += [row.code for group in response.context["groups"] for row in group.rows]
        address, pages = response.context["next"] and "/agency/" + response.context["next"], pages + 1
    assert sorted(seen) == sorted(codes)
    assert pages == 3


@pytest.mark.parametrize("after", ["rubbish", "2026-01-01_1", Signer(salt="other").sign("2026-01-01_1"), "\x00"])
def test_an_address_somebody_made_up_shows_the_first_page(at, ticket, after):
    assert ticket.code in html(at("minh").get("/agency/", {"after": after}))


def test_an_empty_list_says_so(at, town):
    assert 'class="empty"' in html(at("minh").get("/agency/"))
    assert "Không có phiếu nào khớp" in html(at("minh").get("/agency/", {"q": "không có gì"}))


def test_from_taking_it_on_to_the_approved_answer(at, ticket):
    minh, hoa = at("minh"), at("hoa")
    assert "/move/start" in html(minh.get(f"/agency/{ticket.code}/"))
    assert move(minh, ticket, "start").status_code == 302
    page = html(minh.get(f"/agency/{ticket.code}/move/result"))
    assert 'name="result-after"' in page and "data-photos" in page
    sent = move(
        minh, ticket, "result", text="Đã thay bóng.", before=[jpeg("black")], after=[jpeg("yellow"), jpeg("white")]
    )
    assert sent.status_code == 302
    assert not Draft.objects.exists()  # it ended with what it was for
    assert [p.role for p in queries.photos(ticket)] == [Photo.Role.REPORT, "before", "after", "after"]
    assert "/move/approve" not in html(minh.get(f"/agency/{ticket.code}/"))
    page = html(hoa.get(f"/agency/{ticket.code}/"))
    assert "Đã thay bóng." in page and 'form="form-approve"' in page
    assert move(hoa, ticket, "approve", text="Đã thay bóng LED, sáng từ tối nay.").status_code == 302
    assert final(ticket).text == "Đã thay bóng LED, sáng từ tối nay."
    assert "Người dân đã có trả lời." in html(minh.get(f"/agency/{ticket.code}/"))


def test_an_officer_cannot_approve(at, town, ticket):
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Xong.", by=town.minh)
    assert move(at("minh"), ticket, "approve", text="Xong.").status_code == 302
    assert pending(ticket) is not None


def test_a_result_without_words_keeps_everything_and_says_what_lacks(at, town, ticket):
    routing.start(ticket, by=town.minh)
    page = html(move(at("minh"), ticket, "result", text="  "), 422)
    assert "error-summary" in page
    page = html(
        move(at("minh"), ticket, "result", text="Đã xong <b>", after=[SimpleUploadedFile("x.jpg", b"no photo")]), 422
    )
    assert "Đã xong &lt;b&gt;" in page and "x.jpg" in page
    assert pending(ticket) is None


def test_an_approval_without_words_shows_the_ticket_with_the_error(at, town, ticket):
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Xong.", by=town.minh)
    assert "error-summary" in html(move(at("hoa"), ticket, "approve", text=""), 422)
    assert pending(ticket) is not None


def test_what_is_to_be_bettered_is_said_and_the_old_words_are_there(at, town, ticket):
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Xong.", by=town.minh)
    assert move(at("hoa"), ticket, "revise", reason="Ghi rõ ngày thay bóng.").status_code == 302
    page = html(at("minh").get(f"/agency/{ticket.code}/"))
    assert "Cần viết lại" in page and "Ghi rõ ngày thay bóng." in page
    assert ">\nXong.</textarea>" in html(at("minh").get(f"/agency/{ticket.code}/move/result"))


def test_what_is_returned_is_no_longer_ours(at, ticket):
    minh = at("minh")
    assert "error-summary" in html(move(minh, ticket, "leg_return", reason=""), 422)
    gone = move(minh, ticket, "leg_return", reason="Đèn của điện lực.")
    assert gone["Location"] == "/agency/"
    assert minh.get(f"/agency/{ticket.code}/").status_code == 404
    assert f"/agency/{ticket.code}/" not in html(minh.get("/agency/", {"q": ticket.code}))


def test_what_is_passed_on_goes_to_the_next(at, town, ticket):
    form = html(at("minh").get(f"/agency/{ticket.code}/move/leg_pass_on"))
    assert 'value="ubnd-25195"' in form and 'value="xncongtrinh"' not in form  # not to oneself
    assert move(at("minh"), ticket, "leg_pass_on", agency="ubnd-25195", note="Hẻm dân sinh.").status_code == 302
    page = html(at("dung").get(f"/agency/{ticket.code}/"))
    assert "Hẻm dân sinh." in page


def test_more_time_is_asked_for_once_and_the_page_says_so(at, town, ticket):
    routing.start(ticket, by=town.minh)
    minh = at("minh")
    assert "error-summary" in html(move(minh, ticket, "leg_ask_extension", days=0, reason="Chờ vật tư"), 422)
    assert move(minh, ticket, "leg_ask_extension", days=3, reason="Chờ vật tư").status_code == 302
    page = html(minh.get(f"/agency/{ticket.code}/"))
    assert "Đã xin thêm 3 ngày làm việc" in page and "leg_ask_extension" not in page


def test_whoever_helps_sees_it_confirms_it_and_does_not_answer(at, town, ticket):
    routing.involve(ticket, town.agencies["ubnd-25195"], by=town.tam, note="Giữ trật tự.")
    dung = at("dung")
    assert "Phối hợp" in html(dung.get("/agency/"))
    page = html(dung.get(f"/agency/{ticket.code}/"))
    assert "chủ trì" in page and "Giữ trật tự." in page
    assert "/move/start" not in page and "/move/result" not in page and "/move/leg_pass_on" not in page
    assert move(dung, ticket, "leg_accept").status_code == 302
    assert leg(ticket, town.dung).state == "accepted"
    move(dung, ticket, "start")
    ticket.refresh_from_db()
    assert ticket.state == "routed"


def test_a_note_with_photos_is_for_the_staff(at, town, ticket):
    minh = at("minh")
    assert "Hãy chụp" in html(minh.post(f"/agency/{ticket.code}/note", {}), 422)
    sent = minh.post(f"/agency/{ticket.code}/note", {"note-text": "Cột số 7 gãy.", "note-before": [jpeg("red")]})
    assert sent.status_code == 302
    page = html(minh.get(f"/agency/{ticket.code}/"))
    assert "Cột số 7 gãy." in page and page.count("/files/") > 2
    assert all(
        note.internal for notes in queries.notes(ticket, internal=True).values() for note in notes if "Cột" in note.text
    )


def test_the_place_opens_in_the_phones_maps(at, lamp):
    pinned = lamp("pin", latitude=11.52, longitude=106.9)
    assert f'href="geo:11.520000,106.900000?q=11.520000,106.900000({pinned.code})"' in html(
        at("minh").get(f"/agency/{pinned.code}/")
    )
    assert "geo:0,0?q=12%20h" in html(at("minh").get(f"/agency/{lamp('words').code}/"))


def test_a_move_that_somebody_else_made_first_says_so(at, town, ticket):
    routing.start(ticket, by=town.minh)
    response = at("minh").post(f"/agency/{ticket.code}/move/start", follow=True)
    assert "Phiếu vừa được người khác xử lý" in html(response)


def test_a_reopened_ticket_leaves_the_list_until_it_is_handed_over_again(at, town, ticket):
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Xong.", by=town.minh)
    answers.approve(ticket, by=town.hoa)
    routing.finish(ticket)
    actions.move(ticket, "reopen", by=town.lan, reason="Lại tắt.")
    client = at("minh")
    assert ticket.code not in html(client.get("/agency/"))
    routing.route(ticket, town.works, by=town.lan)
    assert ticket.code in html(client.get("/agency/"))
