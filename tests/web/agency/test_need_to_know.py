"""Who reported is for the centre: no page, photo, search or header of an agency or a leader says it.

Proves: need to know: identity opened with a reason, written down, seen by the supervisor"""

import pytest
from django.contrib.messages import get_messages

from caunoi.answers import actions as answers
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.queries import photos
from caunoi.web.masks import discreet
from tests.web.agency.conftest import EMAIL, NAME, PHONE

SECRETS = (NAME, "Demo Hạnh", PHONE, "900000777", "900 000 777", EMAIL, "hanh.demo", "070190000123")


def clean(response):
    body = b"".join(response.streaming_content) if response.streaming else response.content
    text = body.decode(errors="replace") + str(dict(response.headers))
    assert [secret for secret in SECRETS if secret in text] == []
    return text


@pytest.fixture
def told(town, ticket):
    """The ticket with its whole story, the centre's remarks about the citizen included, answered."""
    tickets.edit(ticket, by=town.lan, summary=f"Đèn tắt trước nhà {NAME}", address=f"Nhà chị {NAME}, hẻm 45")
    tickets.remark(ticket, f"Đã gọi {NAME}, {PHONE}.", by=town.lan)
    routing.involve(ticket, town.agencies["ubnd-25195"], by=town.tam, note=f"Gặp {NAME} {EMAIL}")
    routing.start(ticket, by=town.minh)
    routing.ask_extension(ticket, 2, "Chờ vật tư", by=town.minh)
    tickets.move(ticket, "ask", by=town.lan, question=f"Chị {NAME} cho biết cột số mấy?")
    tickets.move(ticket, "resume", by=town.lan)
    answers.submit(ticket, "Đã thay bóng.", by=town.minh, without=True)
    return ticket


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("name", ["minh", "hoa", "dung"])
def test_no_page_of_an_agency_names_the_reporter(at, told, name, language):
    client = at(name)
    client.cookies["language"] = language
    for path in (
        "/agency/",
        "/agency/?stage=approve",
        "/agency/?q=den",
        f"/agency/{told.code}/",
        f"/agency/{told.code}/note",
    ):
        assert "Phú Riềng Đỏ" in clean(client.get(path)) or "/agency/" in path
    text = clean(client.get(f"/agency/{told.code}/"))
    assert "đường Phú Riềng Đỏ không sáng" in text and "số 12" in text  # the place and the matter stay


@pytest.mark.parametrize("move", ["start", "leg_return", "leg_pass_on", "result", "ask"])
def test_no_form_of_a_move_names_the_reporter(at, town, ticket, move):
    if move in ("result", "ask"):
        routing.start(ticket, by=town.minh)
    assert at("minh").get(f"/agency/{ticket.code}/move/{move}").status_code == 200
    clean(at("minh").get(f"/agency/{ticket.code}/move/{move}"))


def test_failed_forms_and_their_messages_do_not_either(at, told):
    client = at("hoa")
    clean(client.post(f"/agency/{told.code}/move/approve", {"approve-text": ""}))
    response = client.post(f"/agency/{told.code}/move/start")
    assert not any(secret in str(m) for m in get_messages(response.wsgi_request) for secret in SECRETS)


def test_photos_are_the_agencys_to_see_and_carry_nothing_else(at, told):
    for photo in photos(told):
        for size in ("webp", "small"):
            path = f"/files/{photo.attachment.name}.{size}"
            response = at("minh").get(path)
            assert response.status_code == 200
            assert b"Exif" not in b"".join(response.streaming_content)
            clean(at("minh").get(path))
            assert at("binh").get(path).status_code == 404  # another agency


@pytest.mark.parametrize("typed", [PHONE, "0900000777", "0900 000 777"])
def test_a_phone_number_finds_nothing_for_an_agency(at, told, typed):
    for stage in ("", "done"):
        page = at("minh").get("/agency/", {"q": typed, "stage": stage})
        assert page.context["groups"] == []


@pytest.mark.parametrize("name", ["phong", "thu", "tam", "hoa"])
def test_the_boards_page_of_a_ticket_hides_the_reporter_from_everybody(at, told, name):
    text = clean(at(name).get(f"/board/tickets/{told.code}"))
    assert "không sáng" in text
    if name != "tam":
        clean(at(name).get("/board/tickets")) if name in ("phong", "hoa") else None


def test_the_words_keep_their_place_and_lose_their_people(town, ticket):
    text = discreet(ticket.text, ticket)
    assert "số 12 hẻm 45 đường Phú Riềng Đỏ" in text
    assert not any(secret in text for secret in SECRETS)


def test_a_name_of_one_word_is_hidden_as_written_only(town, ticket):
    ticket.contact.name = "Hoa"
    assert discreet("Hoa báo cây hoa sữa đổ.", ticket) == "[tên] báo cây hoa sữa đổ."
    ticket.contact.name = ""
    assert discreet("Đèn tắt.", ticket) == "Đèn tắt."


def test_the_centre_still_reads_everything(at, told):
    page = at("tam").get(f"/desk/{told.code}/").content.decode()
    assert NAME in page and "0900 000 777" in page


def test_what_an_agency_wrote_itself_stays(at, town, told):
    assert "Đã thay bóng." in at("hoa").get(f"/agency/{told.code}/").content.decode()
