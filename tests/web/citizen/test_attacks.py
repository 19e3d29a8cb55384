"""What somebody with bad intentions tries at the public pages.

Proves: Atom and RSS per field, commune, agency; widget (one script, one frame, own policy); sitemap index and
chunks; robots; canonical
Proves: Attacks: codes tried one by one, unpublished/withdrawn/restricted by 24 routes and the image address,
somebody else's ticket, floods against a village behind one address, stored script, odd questions, hostile
SVG/HTML/PDF, framing
Proves: A denunciation, or a ticket moved to a field that is never published, leaves list, search, map, feed, images
and log with the very commit (no worker needed); the outer door is shut to denunciations whatever else is said;
drafts of them go"""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Sum
from django.test import Client

from caunoi import moves
from caunoi.directory.actions import set_option
from caunoi.directory.models import Category
from caunoi.events.actor import SYSTEM, citizen
from caunoi.files.models import Attachment
from caunoi.followers import actions as followers
from caunoi.lib.numbers import codes
from caunoi.publication import actions
from caunoi.publication.models import Publication, Square
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import NotAllowedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen.limits import count

SECRET = "Nhà máy xả nước đen ban đêm"
SCRIPT = '<script>alert(1)</script><img src=x onerror=alert(2)>"\' onmouseover="alert(3)'
ROUTES = (
    "/register",
    "/register?q=xa+nuoc+den",
    "/register?area=25195",
    "/register?category=lamps",
    "/register?status=open",
    "/register?at=106.901,11.524",
    "/points.json",
    "/points.json?q=xa+nuoc+den",
    "/points.json?zoom=16&box=106,11,107,12",
    "/feed.atom",
    "/feed.rss?q=xa+nuoc",
    "/widget",
    "/widget?area=25195&size=20",
    "/",
    "/sitemap-0.xml",
    "/p/{code}",
    "/p/{bare}",
    "/log/{code}",
    "/open311/v2/requests.json",
    "/open311/v2/requests.json?service_request_id={code}",
    "/open311/v2/requests/{code}.json",
    "/open311/v2/requests/{code}.xml",
    "/api/v1/open/tickets",
    "/api/v1/open/tickets/{code}",
)


@pytest.fixture
def take(someone: Any, town: SimpleNamespace, photo: Callable[..., int]) -> Callable[..., Ticket]:
    def one(text: str = SECRET, *, publish: bool = True, category: str = "lamps") -> Ticket:
        report = Report(
            text=text,
            channel="web",
            once=text[:60],
            latitude=11.524,
            longitude=106.901,
            area_id=town.ward.pk,
            photos=[photo("red")],
            reporter=Reporter(name="Trần Thị Demo", phone="+84900000001"),
        )
        ticket = tickets.take(report, by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=getattr(town, category))
        if publish:
            actions.propose(ticket)
        return Ticket.objects.get(pk=ticket.pk)

    return one


def _everywhere(ticket: Ticket) -> dict[str, str]:
    bare = ticket.code.replace("-", "")
    paths = [route.format(code=ticket.code, bare=bare) for route in ROUTES]
    return {path: Client().get(path, follow=True).content.decode() for path in paths}


def _found(ticket: Ticket) -> set[str]:
    """The routes by which words of it, or that it exists, can be read."""
    named = f"/p/{ticket.code}"
    return {
        path
        for path, page in _everywhere(ticket).items()
        if "nước đen" in page
        or "nu\\u01b0\\u1edbc \\u0111en" in page
        or (named in page and not path.startswith(("/p/", "/log/")))  # a page names itself
    }


def test_what_is_public_is_found_by_these_routes(take: Callable[..., Ticket]) -> None:
    """So that the tests below can fail."""
    assert len(_found(take())) >= 15


@pytest.mark.parametrize("how", ["not published", "restricted", "withdrawn"])
def test_what_is_not_public_cannot_be_read_by_any_route(
    take: Callable[..., Ticket], town: SimpleNamespace, how: str
) -> None:
    ticket = take(publish=how != "not published", category="noise" if how == "not published" else "lamps")
    row = Publication.objects.filter(ticket=ticket).first()
    if how == "not published":
        actions.propose(ticket)  # a draft that waits for a look
    elif how == "withdrawn":
        assert row is not None
        actions.publish(row, by=town.thu, photos=[p.attachment_id for p in ticket.photos.all()])
        _everywhere(ticket)  # whatever could be kept of it is kept now
        actions.withdraw(row, "Có tên người", by=town.thu)
    else:
        assert row is not None
        actions.withdraw(row, "Đơn tố cáo", by=town.thu)
        Ticket.objects.filter(pk=ticket.pk).update(restricted=True)
    assert _found(ticket) == set()
    for picture in Attachment.objects.filter(photo__ticket=ticket):
        for size in ("webp", "small"):
            assert Client().get(f"/files/{picture.name}.{size}").status_code == 404


@pytest.mark.parametrize("how", ["a denunciation", "of a child, corrected", "of a child, answered so"])
def test_what_must_never_be_public_is_gone_with_the_same_commit(
    take: Callable[..., Ticket], town: SimpleNamespace, how: str
) -> None:
    """No worker runs here: nothing may wait for one."""
    ticket = take()
    row = Publication.objects.get(ticket=ticket)
    actions.publish(row, by=town.thu, photos=[p.attachment_id for p in ticket.photos.all()])
    assert _found(ticket)  # whatever could be kept of it is kept now
    children = Category.objects.create(code="children", name="Bảo vệ trẻ em", publish="never")
    if how == "a denunciation":
        moves.perform("refuse", [ticket], by=town.lan, move_input={"reason": "denunciation"})
    elif how == "of a child, corrected":
        moves.edit(ticket, by=town.lan, category=children)
    else:
        moves.perform("answer", [ticket], by=town.lan, move_input={"text": "Đã chuyển công an.", "category": children})
    assert _found(ticket) == set()
    for picture in Attachment.objects.filter(photo__ticket=ticket):
        for size in ("webp", "small"):
            assert Client().get(f"/files/{picture.name}.{size}").status_code == 404
    assert Square.objects.filter(level=0).aggregate(n=Sum("count"))["n"] == 0
    with pytest.raises(NotAllowedError):
        actions.publish(Publication.objects.get(ticket=ticket), by=town.thu, note="Thử")


def test_the_door_itself_is_shut_to_a_denunciation(take: Callable[..., Ticket]) -> None:
    """Whatever else is still said of it, as while two things happen at once."""
    ticket = take()
    Ticket.objects.filter(pk=ticket.pk).update(restricted=True)
    assert Publication.objects.get(ticket=ticket).state == "published"
    assert _found(ticket) == set()


def test_a_draft_of_a_field_that_is_never_published_is_thrown_away(
    take: Callable[..., Ticket], town: SimpleNamespace
) -> None:
    ticket = take(publish=False, category="noise")
    actions.propose(ticket)
    assert Publication.objects.get(ticket=ticket).state == "draft"
    children = Category.objects.create(code="children", name="Bảo vệ trẻ em", publish="never")
    moves.edit(ticket, by=town.lan, category=children)
    assert not Publication.objects.filter(ticket=ticket).exists()


def test_an_unpublished_code_answers_as_one_that_does_not_exist(take: Callable[..., Ticket]) -> None:
    hidden = take(publish=False)
    for path in ("/p/{}", "/log/{}", "/j/{}", "/open311/v2/requests/{}.json", "/api/v1/open/tickets/{}"):
        mine, none = (Client().get(path.format(code)) for code in (hidden.code, codes.make(2026, 999_998)))
        assert mine.status_code == none.status_code == 404, path
    for path in ("/p/{}/join",):
        mine, none = (Client().post(path.format(code)) for code in (hidden.code, codes.make(2026, 999_998)))
        assert mine.status_code == none.status_code == 404


def test_trying_code_after_code_with_a_phone_number_ends_soon(take: Callable[..., Ticket], someone: Any) -> None:
    own = take(publish=False).code
    seen = [someone.post("/lookup", {"code": own, "phone": f"09111111{n:02}"}).status_code for n in range(25)]
    assert seen == [422] * 5 + [429] * 20


def test_following_a_ticket_gives_no_right_to_it(take: Callable[..., Ticket]) -> None:
    ticket = take()
    follower = followers.follow(ticket.publication, affected=True)
    for path in (f"/f/{follower.token}", f"/f/{follower.token}/reply"):
        assert Client().get(path).status_code in (404, 405)
    assert Client().post(f"/f/{follower.token}/rate", {"grade": "poor"}).status_code == 404
    page = Client().get(f"/j/{follower.token}").content.decode()
    assert not any(private in page for private in (ticket.follow, "0900", "Trần Thị Demo"))
    live = Client().get(f"/live?follow={follower.token}")
    assert live.status_code in (200, 302, 404) and ticket.follow.encode() not in getattr(live, "content", b"")


def test_a_follow_link_of_one_ticket_opens_no_other(take: Callable[..., Ticket]) -> None:
    mine, other = take("Đèn tắt ở chợ."), take("Đèn tắt ở trường.")
    (picture,) = Attachment.objects.filter(photo__ticket=other)
    assert Client().get(f"/files/{picture.name}.webp?f={mine.follow}").status_code == 404
    right = Client().get(f"/files/{picture.name}.webp?f={other.follow}")
    assert right.status_code == 200
    right.close()


def test_secret_pages_are_kept_by_nobody(take: Callable[..., Ticket]) -> None:
    ticket = take()
    follower = followers.follow(ticket.publication)
    for path in (f"/f/{ticket.follow}", f"/j/{follower.token}"):
        answer = Client().get(path)
        assert "no-store" in answer["Cache-Control"] and answer["X-Robots-Tag"] == "noindex"
        assert answer["Referrer-Policy"] == "same-origin"
    robots = Client().get("/robots.txt").content.decode()
    assert all(f"Disallow: {path}" in robots for path in ("/f/", "/j/", "/report/", "/desk/", "/files/"))


@pytest.mark.parametrize("path", ["/", "/register", "/p/{code}", "/feed.atom", "/feed.rss", "/widget", "/points.json"])
def test_what_people_write_is_never_code(take: Callable[..., Ticket], path: str) -> None:
    ticket = take(f"Đèn tắt {SCRIPT}")
    page = Client().get(path.format(code=ticket.code))
    said = page.content.decode()
    if "json" in page["Content-Type"]:
        assert page["X-Content-Type-Options"] == "nosniff"
        return
    for live in ("<script>alert", "<img src=x", '" onmouseover="alert'):
        assert live not in said


def test_what_people_search_for_is_never_code(someone: Any) -> None:
    page = someone.get("/register", q=SCRIPT, category=SCRIPT, at=SCRIPT, way=SCRIPT, before=SCRIPT).content.decode()
    assert "<script>alert" not in page and "<img src=x" not in page
    guide = someone.get("/widget/guide", area=SCRIPT).content.decode()
    assert "<script>alert" not in guide and "<img src=x" not in guide


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q='",
        "q=\\",
        "q=" + "a+" * 500,
        "q=%F0%9F%92%A1",
        "before=99999999999999999999",
        "box=a,b,c,d",
        "zoom=1e999",
        "box=nan,nan,nan,nan",
        "at=inf,nan",
        "q=%26%7C%21%28%29%3A*",
        "way=1",
        "box=-180,-85,180,85&zoom=22",
        "size=-1",
    ],
)
def test_odd_questions_are_answered(take: Callable[..., Ticket], query: str) -> None:
    take()
    for path in ("/register", "/points.json", "/feed.atom", "/widget"):
        assert Client().get(f"{path}?{query}").status_code == 200, path


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("x.svg", b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'),
        ("x.jpg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("x.html", b"<html><script>alert(1)</script></html>"),
        ("x.png", b"<!doctype html><script>alert(1)</script>"),
        ("x.pdf", b"%PDF-1.7\n1 0 obj<</S/JavaScript/JS(app.alert(1))>>endobj"),
        ("x.jpg", b"GIF89a/*<script>alert(1)</script>*/=1;"),
    ],
)
def test_only_pictures_are_taken_and_they_are_drawn_anew(someone: Any, name: str, body: bytes) -> None:
    someone.begin()
    someone.fill("what")
    someone.fill("where")
    answer = someone.fill("photos", photos=SimpleUploadedFile(name, body, "image/jpeg"))
    assert answer.status_code == 422 and not Attachment.objects.exists()


def test_a_picture_that_is_a_page_too_comes_back_as_a_picture_only(someone: Any, picture: Any) -> None:
    raw = picture().read() + b"<script>alert(1)</script>"
    someone.begin()
    someone.fill("what")
    someone.fill("where")
    someone.fill("photos", photos=SimpleUploadedFile("x.html", raw, "text/html"))
    page = someone.get(f"{someone.draft}/photos").content.decode()
    address = page.split('<img src="')[1].split('"')[0].replace("&amp;", "&")
    answer = Client().get(address)
    body = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    answer.close()
    assert answer["Content-Type"] == "image/webp" and answer["X-Content-Type-Options"] == "nosniff"
    assert b"script" not in body


def test_a_village_behind_one_address_gets_through_and_a_flood_does_not(
    take: Callable[..., Ticket], someone: Any, town: SimpleNamespace
) -> None:
    set_option("joins_per_hour", 30, by=SYSTEM)
    set_option("reports_per_hour", 20, by=SYSTEM)
    code = take().code
    joins = [Client().post(f"/p/{code}/join", {"affected": "1"}).status_code for _ in range(32)]
    assert joins == [302] * 30 + [429] * 2
    for _ in range(19):
        count("report", _Request(), seconds=3600)
    someone.report(what={"text": "Báo thứ hai mươi."})
    someone.begin()
    for step in ("what", "where", "photos", "you"):
        someone.fill(step)
    last = someone.fill("check")
    assert last.status_code == 429 and "Đèn đường trước chợ" in last.content.decode()  # what was typed is still there
    assert Client().get("/register").status_code == 200  # reading is never shut


class _Request:
    META = {"REMOTE_ADDR": "127.0.0.1"}
    headers: dict[str, str] = {}


def test_only_the_widget_may_be_framed_and_it_holds_no_rights(take: Callable[..., Ticket]) -> None:
    code = take().code
    frame = Client().get("/widget")
    assert "frame-ancestors *" in frame["Content-Security-Policy"] and "X-Frame-Options" not in frame
    assert not frame.cookies and "csrf" not in frame.content.decode() and "<form" not in frame.content.decode()
    for path in ("/", "/register", f"/p/{code}", "/report", "/lookup", "/near"):
        answer = Client().get(path)
        assert answer["X-Frame-Options"] == "DENY" and "frame-ancestors 'none'" in answer["Content-Security-Policy"]
