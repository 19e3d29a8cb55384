"""A list of people in the browser: uploaded, put right, carried out, invited, taken back.

Proves: In the browser: upload, columns and words guessed and editable, preview, progress, apply, undo, drop,
templates, export that comes back unchanged, invitations (signed, once, 14 days, no default password)"""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from caunoi.accounts.models import User
from caunoi.events.models import Event
from caunoi.imports.models import Batch
from caunoi.tickets.models import Ticket
from tests.imports.conftest import table, workbook

HEAD = ["Họ và tên", "Vai trò", "Đơn vị", "Điện thoại", "Email"]
PEOPLE = [
    HEAD,
    ["Lý Ba", "Chuyên viên", "Cty Điện lực tỉnh", "0912345670", "ba@demo.example"],
    ["Lý Tư", "Giám đốc", "Công ty Điện lực", "", ""],
]


@pytest.fixture
def admin(town, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["quan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def upload(admin, work):
    def upload(what, content):
        file = SimpleUploadedFile("Danh sách.xlsx", content)
        answer = admin.post("/setup/imports/", {"what": what, "file": file})
        assert answer.status_code == 302
        assert b"rows so far" in admin.get(answer["Location"]).content
        work()
        return Batch.objects.latest("id"), answer["Location"]

    return upload


def test_the_whole_way_of_a_list(admin, upload, work, town):
    row, page = upload("people", workbook(PEOPLE))
    shown = admin.get(page).content.decode()
    assert "Lý Tư" in shown
    assert "There is no agency with this name" in shown
    columns = admin.get(f"{page}columns").content.decode()
    assert '<option value="dienluc" selected>' in columns
    answer = admin.post(
        f"{page}columns",
        {
            "header": "1",
            **{
                f"column-{name}": [heading]
                for name, heading in zip(("full_name", "role", "agency", "phone", "email"), HEAD, strict=True)
            },
            "word-agency-0": "Cty Điện lực tỉnh",
            "means-agency-0": "dienluc",
        },
    )
    assert answer["Location"] == page
    work()
    row.refresh_from_db()
    assert row.counts == {"fresh": 2, "changed": 0, "same": 0, "left": 0}
    admin.post(f"{page}do", {"do": "apply"})
    assert not User.objects.filter(username="bal").exists()
    work()
    assert User.objects.get(username="bal").agency == town.power
    assert "Invite the new people" in admin.get(page).content.decode()
    links = admin.post(f"{page}invitations.csv")
    told = list(csv.reader(io.StringIO(links.content.decode("utf-8-sig"))))
    assert [line[:2] for line in told[1:]] == [["Lý Ba", "bal"], ["Lý Tư", "tul"]]
    link = told[1][-1].removeprefix("http://testserver")
    second = told[2][-1].removeprefix("http://testserver")
    visitor = Client(headers={"accept-language": "en"})
    admin.post(f"{page}invitations.csv")  # the list taken once more ends no link
    assert "Welcome, Lý Tư" in visitor.get(second).content.decode()
    assert "Welcome, Lý Ba" in visitor.get(link).content.decode()
    assert visitor.post(link, {"password": "abc", "password_again": "abc"}).status_code == 422
    chosen = {"password": "sông Bé mùa nước", "password_again": "sông Bé mùa nước"}
    assert visitor.post(link, chosen)["Location"] == "/login"
    assert User.objects.get(username="bal").check_password("sông Bé mùa nước")
    assert (visitor.get(link).status_code, visitor.post(link, chosen).status_code) == (404, 404)
    assert visitor.get(link[:-3] + "abc").status_code == 404
    assert Event.objects.filter(kind="person.invite").count() == 4
    admin.post(f"{page}invitations.csv", {"do": "anew"})
    assert visitor.get(second).status_code == 404
    admin.post(f"{page}do", {"do": "undo"})
    work()
    row.refresh_from_db()
    assert (row.state, row.counts["kept"]) == ("undone", 1)  # who has chosen a password is remembered
    assert list(User.objects.filter(username__in=["bal", "tul"], removed=None).values_list("username", flat=True)) == [
        "bal"
    ]
    assert "Spreadsheet import undone" in admin.get("/setup/history/").content.decode()


def test_old_tickets_in_the_browser_and_back(admin, upload, work):
    rows = [
        ["Mã", "Ngày nhận", "Nội dung", "Lĩnh vực", "Tình trạng"],
        ["1", "2/3/2024", "Đèn tắt", "Đèn đường", "Đã xử lý"],
    ]
    row, page = upload("tickets", table(rows))
    assert row.counts["left"] == 1
    admin.post(
        f"{page}columns",
        {
            "default-category": "lamps",
            "order": "dmy",
            "source": "cũ",
            **{
                f"column-{name}": [heading]
                for name, heading in zip(("code", "received", "text", "category", "state"), rows[0], strict=True)
            },
        },
    )
    work()
    assert "Tickets to import" in admin.get(page).content.decode()
    admin.post(f"{page}do", {"do": "apply"})
    work()
    assert Ticket.objects.get().state == "closed"
    admin.post(f"{page}do", {"do": "undo"})
    work()
    assert not Ticket.objects.exists()


def test_a_file_that_is_none_says_what_to_do(admin, upload):
    _row, page = upload("people", b"%PDF-1.4")
    assert "This is not a spreadsheet" in admin.get(page).content.decode()
    answer = admin.post("/setup/imports/", {"what": "people"})
    assert answer.status_code == 422


def test_dropped_nothing_of_it_is_kept(admin, upload, settings):
    row, page = upload("people", workbook(PEOPLE))
    admin.post(f"{page}do", {"do": "drop"})
    row.refresh_from_db()
    assert (row.state, row.plan, row.stored, row.oddities.count()) == ("dropped", None, "", 0)
    assert not [path for path in (settings.MEDIA_ROOT / "imports").rglob("*") if path.is_file()]


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("what", ["agencies", "people"])
def test_what_is_downloaded_and_brought_in_again_changes_nothing(admin, upload, what, form):
    address = f"/setup/imports/all/{what}.{form}"
    assert 'name="reason"' in admin.get(address).content.decode()
    whole = admin.post(address, {"reason": "Rà soát danh sách"})
    row, _page = upload(what, b"".join(whole.streaming_content) if whole.streaming else whole.content)
    assert row.error == {}
    assert row.plan["changed"] == []
    assert {name: row.counts[name] for name in ("fresh", "changed", "left")} == {"fresh": 0, "changed": 0, "left": 0}
    assert row.counts["same"] > 3


@pytest.mark.parametrize("what", ["agencies", "people", "tickets"])
def test_a_template_is_read_as_it_is_meant(admin, upload, what):
    row, _page = upload(what, admin.get(f"/setup/imports/template/{what}").content)
    assert row.state == "ready", row.error
    assert all(called[0] for called in row.heading["columns"].values())
