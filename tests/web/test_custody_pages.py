"""Hand-overs in the browser: help, one-time links, identity, orders, deputies, what the supervisor decides, and why."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import deputies
from caunoi.answers import actions as answers
from caunoi.cli.deadline import deadline
from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.routing import actions as routing
from caunoi.routing import links, queries
from caunoi.routing.models import Opening
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter
from tests.web.agency.conftest import EMAIL, NAME, PHONE, TEXT, jpeg

FRIDAY = datetime(2026, 8, 21, 8, 0, tzinfo=UTC)  # 15:00 in Vietnam; the Saturday is worked


@pytest.fixture
def at(town):
    def sign_in(name, language="en"):
        client = Client(headers={"accept-language": language})
        client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def ticket(town):
    report = Report(
        text=TEXT,
        channel="web",
        once="p",
        category_id=town.lamps.pk,
        area_id=town.ward.pk,
        reporter=Reporter(name=NAME, phone=PHONE, email=EMAIL),
        address="hẻm 45",
    )
    found = tickets.take(report, by=citizen())
    tickets.move(found, "accept", by=town.lan)
    routing.route(found, town.works, by=town.lan, note="Chị Demo Hạnh gọi 0900000777.")
    sla.refresh(found)
    return found


def text(response, status=200):
    assert response.status_code == status, response.content.decode()[:400]
    return response.content.decode()


def test_one_line_says_who_holds_it_on_every_page_of_a_ticket(at, ticket):
    for name, path in (
        ("lan", f"/desk/{ticket.code}/"),
        ("minh", f"/agency/{ticket.code}/"),
        ("phong", f"/board/tickets/{ticket.code}"),
    ):
        assert "Held by Xí nghiệp Công trình công cộng since" in text(at(name).get(path))
    assert "đang giữ phiếu" in text(Client(headers={"accept-language": "vi"}).get(f"/f/{ticket.follow}"))


def test_the_agencys_look_is_when_it_received_the_leg(at, ticket):
    assert queries.custody(ticket).get().received is None
    at("lan").get(f"/desk/{ticket.code}/")
    assert queries.custody(ticket).get().received is None
    at("minh").get(f"/agency/{ticket.code}/")
    assert queries.custody(ticket).get().received


def test_help_is_asked_for_answered_and_merged_by_the_one_that_leads(at, town, ticket):
    at("minh").post(f"/agency/{ticket.code}/help", {"help-agency": "ubnd-25195", "help-note": "Xác nhận ranh giới"})
    sla.refresh(ticket)
    page = text(at("dung").get(f"/agency/{ticket.code}/"))
    assert "You help" in page and "Xác nhận ranh giới" in page and "Your part is due:" in page
    routing.start(ticket, by=town.minh)
    form = text(at("minh").get(f"/agency/{ticket.code}/move/result"))
    assert "Not answered yet: UBND Phường Bình Phước." in form
    refused = at("minh").post(f"/agency/{ticket.code}/move/result", {"result-text": "Xong"})
    assert "Say so if you do not wait for them." in text(refused, 422)
    sent = at("dung").post(
        f"/agency/{ticket.code}/move/leg_answer", {"leg_answer-text": "Đất công.", "leg_answer-after": jpeg()}
    )
    assert sent.status_code == 302
    form = text(at("minh").get(f"/agency/{ticket.code}/move/result"))
    assert form.count("UBND Phường Bình Phước: Đất công.") == 1 and "What those who help answered" in form
    assert "Answer without waiting" not in form
    at("minh").post(f"/agency/{ticket.code}/move/result", {"result-text": "Đã sửa. Đất công."})
    ticket.refresh_from_db()
    assert ticket.state == "resulted"


def test_the_desk_hands_over_to_several_at_once(at, town):
    report = Report(text="Cây đổ", channel="web", once="q", category_id=town.lamps.pk, area_id=town.ward.pk)
    found = tickets.take(report, by=citizen())
    tickets.move(found, "accept", by=town.lan)
    page = text(at("lan").get(f"/desk/{found.code}/"))
    assert "matched by its category" in page
    at("lan").post(f"/desk/{found.code}/move/route", {"route-agency": "xncongtrinh", "route-coordinating": ["dienluc"]})
    assert [(leg.agency.code, leg.role) for leg in queries.custody(found)] == [
        ("xncongtrinh", "lead"),
        ("dienluc", "coordinate"),
    ]


def test_a_link_from_making_to_approval(at, town, ticket):
    leg = queries.lead(ticket)
    lan = at("lan")
    assert lan.post(f"/desk/{ticket.code}/link", {"leg": leg.pk}).status_code == 302
    page, again = (text(lan.get(f"/desk/{ticket.code}/link")) for _ in range(2))
    assert queries.links(ticket).count() == 1, "a reload makes no other link"
    assert at("tam").get(f"/desk/{ticket.code}/link")["Location"] == f"/desk/{ticket.code}/"
    address, same = (one.split('id="link-address" readonly value="')[1].split('"')[0] for one in (page, again))
    assert address == same
    path = "/l/" + address.split("/l/")[1]
    stranger = Client(headers={"accept-language": "en"})
    shown = stranger.get(path)
    body = text(shown)
    assert "không sáng" in body and "hẻm 45" in body
    for secret in (NAME, "Demo Hạnh", "0900 000 777", "900000777", EMAIL, "070190000123"):
        assert secret not in body + str(dict(shown.headers))
    assert (shown["Cache-Control"], shown["Referrer-Policy"]) == ("private, no-store", "same-origin")
    assert text(stranger.post(path, {"what": "done", "text": " "}), 422)
    done = stranger.post(path, {"what": "done", "text": "Đã nối lại cáp.", "after": jpeg()})
    assert "Thank you. Your answer has arrived." in text(done)
    assert "Already answered" in text(stranger.get(path), 410)
    assert "Already answered" in text(stranger.post(path, {"what": "done", "text": "Nữa"}), 410)
    assert "This link is not valid" in text(stranger.get(path[:-1]), 404)
    page = text(at("tam").get(f"/desk/{ticket.code}/"))
    assert "move-approve" in page and "answered" in page and "by a one-time link" in page
    at("tam").post(f"/desk/{ticket.code}/move/approve", {"approve-text": "Đã nối lại cáp."})
    ticket.refresh_from_db()
    assert ticket.state == "answered"


def test_a_link_opens_its_own_pictures_only(at, town, ticket, photo):
    mine, other = photo("navy"), photo("red")
    tickets.add_photos(ticket, [mine], "report", by=town.lan)
    names = {p.attachment_id: p.attachment.name for p in ticket.photos.all()}
    elsewhere = tickets.take(Report(text="Khác", channel="web", once="x", photos=[other]), by=citizen())
    word = queries.token(links.make(queries.lead(ticket), by=town.lan))
    shown = Client().get(f"/files/{names[mine]}.webp?l={word}")
    assert shown.status_code == 200 and b"".join(shown.streaming_content)
    assert Client().get(f"/files/{names[mine]}.webp?l={word[:-1]}").status_code == 404
    assert Client().get(f"/files/{names[mine]}.webp").status_code == 404
    theirs = elsewhere.photos.get().attachment.name
    assert Client().get(f"/files/{theirs}.webp?l={word}").status_code == 404


def test_a_link_is_taken_back_on_the_desk(at, town, ticket):
    link = links.make(queries.lead(ticket), by=town.lan)
    at("lan").post(f"/desk/{ticket.code}/link/{link.pk}/revoke")
    assert "This link is not valid" in text(
        Client(headers={"accept-language": "en"}).get(f"/l/{queries.token(link)}"), 410
    )
    assert at("thu").post(f"/desk/{ticket.code}/link", {"leg": 1}).status_code == 403
    assert at("lan").post(f"/desk/{ticket.code}/link", {"leg": 99999999}).status_code == 404


def test_the_reporters_identity_opens_with_a_reason_to_one_person_for_a_while(at, town, ticket, time_machine, work):
    minh = at("minh")
    assert NAME not in text(minh.get(f"/agency/{ticket.code}/"))
    minh.post(f"/agency/{ticket.code}/identity", {"reason": "vì"})
    assert not Opening.objects.exists()
    minh.post(f"/agency/{ticket.code}/identity", {"reason": "Phải gọi để vào được nhà trong hẻm"})
    page = text(minh.get(f"/agency/{ticket.code}/"))
    assert NAME in page and "0900 000 777" in page
    assert NAME not in text(at("hoa").get(f"/agency/{ticket.code}/"))
    assert NAME not in text(at("hoa").get(f"/board/tickets/{ticket.code}"))
    (said,) = [e for e in history(ticket) if e.kind == "ticket.identify"]
    assert said.by == "minh" and "hẻm" not in str(said.data)
    work()
    shown = text(at("tam").get("/desk/openings"))
    assert "Phải gọi để vào được nhà trong hẻm" in shown and ticket.code in shown
    assert "opened the reporter" in text(at("tam").get("/notices/"))
    for name in ("lan", "thu", "minh", "phong"):
        assert at(name).get("/desk/openings").status_code == 403
    time_machine.move_to(now() + timedelta(minutes=61))
    assert NAME not in text(at("minh").get(f"/agency/{ticket.code}/"))  # signed in again: the screen has locked


def test_the_identity_of_another_ticket_stays_closed(at, town, ticket):
    other = tickets.take(
        Report(
            text="Khác",
            channel="web",
            once="o",
            category_id=town.lamps.pk,
            reporter=Reporter(name="Trần Thị Kín"),
        ),
        by=citizen(),
    )
    tickets.move(other, "accept", by=town.lan)
    assert at("minh").post(f"/agency/{other.code}/identity", {"reason": "Tò mò một chút thôi"}).status_code == 404
    routing.route(other, town.works, by=town.lan)
    at("minh").post(f"/agency/{ticket.code}/identity", {"reason": "Phải gọi để vào được nhà"})
    assert "Trần Thị Kín" not in text(at("minh").get(f"/agency/{other.code}/"))
    routing.give_back(other, "Không phải", by=town.minh)
    assert at("minh").post(f"/agency/{other.code}/identity", {"reason": "Phải gọi để hỏi lại"}).status_code == 404


def test_orders_from_the_leaders_desk_to_the_agencys_answer(at, town, ticket):
    phong, hoa = at("phong"), at("hoa")
    day = (now() + timedelta(days=3)).date().isoformat()
    assert phong.get(f"/board/directives/new?ticket={ticket.code}").status_code == 200
    phong.post(f"/board/directives/new?ticket={ticket.code}", {"text": "Sửa xong trước lễ", "due": day})
    assert "Sửa xong trước lễ" in text(hoa.get("/agency/directives"))
    assert "Sửa xong trước lễ" in text(hoa.get(f"/agency/{ticket.code}/"))
    pk = ticket.directives.get().pk
    assert at("van").post(f"/agency/directives/{pk}", {"do": "acknowledge"}).status_code == 404
    hoa.post(f"/agency/directives/{pk}", {"do": "acknowledge"})
    hoa.post(f"/agency/directives/{pk}", {"do": "complete", "answer": "Đã thay 12 bóng"})
    page = text(phong.get(f"/board/tickets/{ticket.code}"))
    assert "Đã thay 12 bóng" in page and "The order has been carried out" in page
    assert "Đã thay 12 bóng" in text(phong.get("/board/directives?part=done"))
    typed = phong.post("/board/directives/new", {"text": "Rà soát toàn bộ", "due": "2020-01-01", "agency": ""})
    assert "Rà soát toàn bộ" in text(typed, 422)


def test_a_leader_may_refuse_more_time_with_a_reason(at, town, ticket):
    routing.ask_extension(ticket, 2, "Chờ vật tư", by=town.minh)
    at("phong").post(f"/board/tickets/{ticket.code}/grant", {"do": "refuse", "reason": ""})
    assert queries.extension_request(ticket)
    at("phong").post(f"/board/tickets/{ticket.code}/grant", {"do": "refuse", "reason": "Đã đủ thời gian"})
    assert queries.extension_request(ticket) is None
    assert "Đã đủ thời gian" in text(at("minh").get(f"/agency/{ticket.code}/"))


def test_what_waits_for_the_supervisor_stands_on_one_page(at, town, ticket):
    routing.ask_extension(ticket, 2, "Chờ vật tư", by=town.minh)
    assert "Chờ vật tư" in text(at("tam").get("/desk/decide"))
    routing.give_back(ticket, "Không thuộc thẩm quyền", by=town.minh)
    assert "Không thuộc thẩm quyền" in text(at("tam").get("/desk/decide"))
    for agency in (town.works, town.works):
        routing.route(ticket, agency, by=town.tam)
        routing.give_back(ticket, "Vẫn không phải", by=town.minh)
    page = text(at("tam").get("/desk/decide"))
    assert page.count(f"/desk/{ticket.code}/") == 1  # among those handed on too often, and not again below
    assert at("lan").get("/desk/decide").status_code == 403


def test_a_deputy_acts_and_every_page_says_for_whom(at, town, ticket):
    hoa, minh = at("hoa"), at("minh")
    day = now().date()
    form = {"deputy": "minh", "since": day.isoformat(), "until": (day + timedelta(days=2)).isoformat()}
    assert hoa.post("/away/", form).status_code == 302
    assert "Minh stands in until" in text(at("quan").get("/setup/people/?q=hoa"))
    page = text(minh.get("/away/"))
    assert "Do the work of Hoa" in page
    pk = deputies.stands_in(town.users["minh"]).get().pk
    minh.post(f"/away/{pk}/act")
    assert "You work as Minh for Hoa." in text(minh.get("/agency/"))
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Xong", by=town.minh)
    assert "move/approve" not in text(minh.get(f"/agency/{ticket.code}/"))
    page = text(minh.post(f"/agency/{ticket.code}/move/approve", {"approve-text": "Xong"}, follow=True))
    assert "You wrote this answer yourself: somebody else approves it." in page
    answers.revise(ticket, "Rõ hơn", by=town.hoa)
    answers.submit(ticket, "Xong", by=town.hoa)
    assert "move/approve" in text(minh.get(f"/agency/{ticket.code}/"))
    deputies.end(deputies.arrangement(pk), by=town.hoa)
    assert "You work as" not in text(minh.get("/agency/"))
    assert hoa.post("/away/", form | {"deputy": "dung"}).status_code == 422
    assert at("dung").post(f"/away/{pk}/act").status_code == 302
    assert "You work as" not in text(at("dung").get("/agency/"))


@pytest.fixture
def ended(at, town):
    """The browser of somebody who has acted for another, and does no more."""

    def made(who, whom):
        client = at(who)
        session = client.session
        session["acting"] = town.users[whom].pk
        session.save()
        return client

    return made


ENDED = "You are no longer a deputy"


@pytest.mark.parametrize("address", ["move/approve", "move/result", "move/leg_return", "help", "note"])
def test_what_was_sent_for_somebody_after_that_ended_is_not_done_as_oneself(ended, town, ticket, address):
    """Minh may do some of it as himself; but it was Hoa's page that he sent it from."""
    routing.start(ticket, by=town.minh)
    before = history(ticket).count()
    fields = {
        "result-text": "Xong",
        "approve-text": "Xong",
        "leg_return-reason": "Không phải của chúng tôi",
        "text": "x",
    }
    minh = ended("minh", "hoa")
    page = text(minh.post(f"/agency/{ticket.code}/{address}", fields, follow=True))
    assert ENDED in page and "Nothing was done" in page and "Somebody else" not in page
    assert history(ticket).count() == before
    assert ENDED not in text(minh.get(f"/agency/{ticket.code}/"))
    if address == "move/result":
        assert minh.post(f"/agency/{ticket.code}/{address}", {"result-text": "Xong"}).status_code == 302
        assert history(ticket).count() > before  # now he knows


def test_that_it_ended_is_told_by_the_next_whole_page_and_by_no_part_of_one(ended):
    minh = ended("minh", "hoa")
    part = minh.get("/agency/", headers={"hx-request": "true"})
    assert ENDED not in text(part) and "acting" in minh.session
    sent = minh.post("/notices/seen", headers={"hx-request": "true", "hx-current-url": "http://testserver/agency/"})
    assert sent["HX-Redirect"] == "/agency/" and "acting" not in minh.session
    assert ENDED in text(minh.get("/agency/", headers={"accept": "text/html"}))
    minh = ended("minh", "hoa")
    assert ENDED in text(minh.get("/agency/", headers={"accept": "text/html"}))
    assert ENDED not in text(minh.get("/agency/", headers={"accept": "text/html"}))


def test_a_stale_session_of_a_deputy_gives_nothing(at, town):
    client = at("minh")
    session = client.session
    session["acting"] = town.users["tam"].pk
    session.save()
    assert client.get("/desk/").status_code == 403


@pytest.mark.parametrize("language", ["vi", "en"])
def test_why_this_deadline_in_the_words_of_the_command(at, town, time_machine, language):
    time_machine.move_to(FRIDAY, tick=False)
    report = Report(text="Đèn tắt", channel="web", once="w", category_id=town.lamps.pk)
    found = tickets.take(report, by=citizen())
    tickets.move(found, "accept", by=town.lan)
    sla.refresh(found)
    page = text(at("lan", language).get(f"/desk/{found.code}/why"))
    told = deadline({"start": "2026-08-21T15:00:00+07:00", "days": 2})
    if language == "vi":
        assert all(line in page for line in told["trace"])
        assert "chỉ tiêu số" in page and "Giờ hành chính" in page and "Vì sao có hạn này?" in page
    else:
        assert "Saturday 22/8/2026: make-up working day, day 1" in page or "Saturday 22/8/2026: Make-up" in page
        assert "Monday 24/8/2026: day 2, due at 17:00" in page and "Giờ hành chính" in page


def test_why_tells_of_pauses_extensions_and_late_days(at, town, ticket, time_machine):
    time_machine.move_to(FRIDAY, tick=False)
    report = Report(text="Đèn tắt", channel="web", once="w", category_id=town.lamps.pk)
    found = tickets.take(report, by=citizen())
    tickets.move(found, "accept", by=town.lan)
    routing.route(found, town.works, by=town.lan)
    routing.start(found, by=town.minh)
    tickets.move(found, "ask", by=town.minh, question="Ở đâu?")
    time_machine.shift(timedelta(hours=1))
    tickets.move(found, "resume", by=town.minh)
    routing.ask_extension(found, 1, "Chờ vật tư", by=town.minh)
    routing.grant_extension(found, by=town.tam)
    sla.refresh(found)
    page = text(at("minh").get(f"/agency/{found.code}/why"))
    for words in ("It was paused at 15:00", "after 1 hour of working time", "1 more working days, granted by Tam"):
        assert words in page
    assert at("binh").get(f"/agency/{found.code}/why").status_code == 404
    piece = at("phong").get(f"/board/tickets/{found.code}/why", headers={"HX-Request": "true"})
    assert "<html" not in text(piece)
