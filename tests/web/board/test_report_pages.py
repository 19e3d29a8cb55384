"""From the list of reports to a number on paper, as people do it in the browser.

Proves: Progress of long work, background jobs, begin again after a dead worker"""

import re

import pytest

from caunoi.reports import actions, queries, recalls
from caunoi.reports.models import Report
from caunoi.web.board.reports import TYPES


@pytest.fixture
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def drafted(at, august, store):
    """The reviewer asks for August so far; a worker makes the draft."""
    client = at("thu")
    answer = client.post("/board/reports/new", {"kind": "month", "code": "2026-08"})
    row = Report.objects.get()
    assert answer["Location"] == f"/board/reports/{row.pk}"
    assert client.get(answer["Location"]).context["busy"]
    assert client.get(answer["Location"], headers={"HX-Request": "true", "HX-Target": "progress"}).status_code == 200
    actions.prepare(row)
    return row


def test_a_draft_shows_its_paper_and_reloads_when_it_is_there(at, drafted):
    page = f"/board/reports/{drafted.pk}"
    waiting = at("thu").get(page, headers={"HX-Request": "true", "HX-Target": "progress"})
    assert (waiting.status_code, waiting["HX-Refresh"]) == (204, "true")
    html = at("thu").get(page).content.decode()
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in html and "DỰ THẢO" in html
    assert "tiếp nhận 10 phản ánh" in html


def test_a_figure_of_the_paper_leads_to_as_many_cases(at, drafted):
    client = at("phong")
    html = client.get(f"/board/reports/{drafted.pk}").content.decode()
    links = re.findall(r'href="[^"]*(/board/reports/\d+/cases[^"]*)">([\d.]+)</a>', html)
    assert len(links) > 20
    for address, shown in links:
        assert client.get(address.replace("&amp;", "&")).context["count"] == int(shown), address


def test_who_may_not_read_tickets_sees_their_codes_without_links(at, drafted):
    """An administrator hands out reports and has no door to tickets."""
    opens = {}
    for who in ("phong", "quan"):
        page = at(who).get(f"/board/reports/{drafted.pk}").content.decode()
        listed = at(who).get(f"/board/reports/{drafted.pk}/cases").content.decode()
        assert re.search(r"\d\d-\d{6}-\d", page) and re.search(r"\d\d-\d{6}-\d", listed)
        opens[who] = ("/board/tickets/" in page, "/board/tickets/" in listed)
    assert opens == {"phong": (True, True), "quan": (False, False)}


def test_its_text_is_written_looked_at_and_kept(at, drafted):
    client, page = at("thu"), f"/board/reports/{drafted.pk}/edit"
    looked = client.post(page, {"do": "preview", "body": "Kỳ này có {total} phiếu"}, headers={"HX-Request": "true"})
    assert "Kỳ này có 10 phiếu./." in looked.content.decode()
    wrong = client.post(page, {"do": "save", "body": "{total.__class__}"})
    assert wrong.status_code == 422 and "{total.__class__}" in wrong.content.decode()
    kept = {"do": "save", "body": "Kỳ này có {total} phiếu", "signer": "Nguyễn Văn Demo"}
    client.post(page, kept | {"version": queries.version(drafted)})
    drafted.refresh_from_db()
    assert (drafted.body, drafted.signer) == ("Kỳ này có {total} phiếu", "Nguyễn Văn Demo")


def opened(client, page):
    """The fields that only a form's own page knows."""
    html = client.get(page).content.decode()
    return {name: re.search(rf'name="{name}" value="([^"]+)"', html)[1] for name in ("draft", "version")}


def test_who_writes_on_an_older_text_is_told_sees_both_and_keeps_the_words(at, drafted, town):
    thu, tam, page = at("thu"), at("tam"), f"/board/reports/{drafted.pk}/edit"
    hers, his = opened(thu, page), opened(tam, page)
    assert thu.post(page, {"do": "save", "body": "Đoạn của Thu."} | hers).status_code == 302
    answer = tam.post(page, {"do": "save", "body": "Đoạn của Tâm."} | his)
    html = answer.content.decode()
    assert answer.status_code == 409 and "Đoạn của Thu." in html and "Đoạn của Tâm." in html
    assert town.users["thu"].full_name in html
    again = tam.get(page).content.decode()  # away and back: still his words, beside hers
    assert re.search(r"<textarea[^>]*>\s*Đoạn của Tâm", again) and "Đoạn của Thu." in again
    drafted.refresh_from_db()
    assert drafted.body == "Đoạn của Thu."
    assert tam.post(page, {"do": "save", "body": "Cả hai đoạn."} | opened(tam, page)).status_code == 302
    drafted.refresh_from_db()
    assert drafted.body == "Cả hai đoạn." and "Đoạn của Tâm." not in tam.get(page).content.decode()


def test_a_leader_issues_only_the_text_that_the_page_showed(at, drafted, town):
    phong, page = at("phong"), f"/board/reports/{drafted.pk}"
    version = re.search(r'name="version" value="(\w+)"', phong.get(page).content.decode())[1]
    actions.edit(drafted, body="Một câu thêm vào.", signer="", by=town.thu)
    html = phong.post(f"{page}/do", {"do": "issue", "version": version}, follow=True).content.decode()
    drafted.refresh_from_db()
    assert drafted.state == "draft" and "Một câu thêm vào." in html and town.users["thu"].full_name in html
    phong.post(f"{page}/do", {"do": "issue", "version": queries.version(drafted)})
    drafted.refresh_from_db()
    assert drafted.state == "issuing"


def test_the_page_says_when_the_files_hold_an_older_text(at, drafted, town, time_machine):
    page = f"/board/reports/{drafted.pk}"
    assert at("phong").get(page).context["ahead"] is None
    time_machine.shift(60)
    actions.edit(drafted, body="Một câu.", signer="", by=town.thu)
    assert at("phong").get(page).context["writer"] == town.users["thu"].full_name
    time_machine.shift(60)
    actions.prepare(actions.refresh(queries.report_row(drafted.pk), by=town.thu))
    assert at("phong").get(page).context["ahead"] is None


def test_a_leader_issues_it_and_everybody_hands_out_the_same_bytes(at, drafted):
    at("tam").post(f"/board/reports/{drafted.pk}/do", {"do": "issue"})
    drafted.refresh_from_db()
    assert drafted.state == "draft"  # the floor's supervisor does not sign
    at("phong").post(f"/board/reports/{drafted.pk}/do", {"do": "issue", "version": queries.version(drafted)})
    drafted.refresh_from_db()
    actions.seal(drafted)
    html = at("phong").get(f"/board/reports/{drafted.pk}").content.decode()
    assert "01/BC-IOC" in html and "DỰ THẢO" not in html
    for form, kind in TYPES.items():
        one, other = (at(who).get(f"/board/reports/{drafted.pk}/file.{form}") for who in ("phong", "quan"))
        assert one["Content-Type"] == kind and one.content == other.content
        assert f"1022-01-BC-IOC-2026-08.{form}" in one["Content-Disposition"]
    assert at("thu").get(f"/board/reports/{drafted.pk}/edit").status_code == 302


def test_what_was_issued_is_recalled_and_replaced_on_its_page(at, drafted, town):
    actions.issue(drafted, by=town.phong)
    actions.seal(drafted)
    page, do = f"/board/reports/{drafted.pk}", f"/board/reports/{drafted.pk}/do"
    issued = at("phong").get(f"{page}/file.pdf").content
    empty = at("phong").post(do, {"do": "recall", "reason": " "}, follow=True).content.decode()
    assert "Vui lòng ghi lý do" in empty
    begun = at("thu").post(do, {"do": "replace", "reason": "Sai <b>số</b>"})["Location"]
    assert "còn hiệu lực đến khi" in at("phong").get(page).content.decode()
    new = Report.objects.get(replaces=drafted)
    assert begun == f"/board/reports/{new.pk}"
    actions.prepare(new)
    actions.issue(new, by=town.phong)
    actions.seal(new)
    recalls.stamp(queries.report_row(drafted.pk))
    html = at("phong").get(page).content.decode()
    assert "02/BC-IOC" in html and "Sai &lt;b&gt;số" in html and begun in html
    assert "hết hiệu lực" in at("phong").get("/board/reports").content.decode()
    copy, first = at("phong").get(f"{page}/file.pdf"), at("phong").get(f"{page}/file.pdf?as=issued")
    assert copy.content != issued == first.content and "-thu-hoi.pdf" in copy["Content-Disposition"]
    assert "01/BC-IOC" in at("phong").get(begun).content.decode()


def test_an_altered_file_is_not_handed_out(at, drafted, tmp_path):
    next(tmp_path.rglob("*.pdf")).write_bytes(b"%PDF")
    assert at("thu").get(f"/board/reports/{drafted.pk}/file.pdf").status_code == 500


def test_a_dropped_draft_comes_back_by_undo(at, drafted):
    client = at("thu")
    gone = client.post(f"/board/reports/{drafted.pk}/do", {"do": "drop"}, follow=True)
    (undo,) = (m.extra_tags for m in gone.context["messages"])
    assert client.get(f"/board/reports/{drafted.pk}").status_code == 404
    client.post(undo.removeprefix("undo:"))
    assert client.get(f"/board/reports/{drafted.pk}").status_code == 200


@pytest.mark.parametrize(
    "form",
    [{"kind": "month", "code": "2026-13"}, {"kind": "week", "code": "2026-08"}, {"kind": "month", "code": "2027-08"}],
)
def test_only_periods_that_have_begun_are_reported_on(at, august, form):
    assert at("thu").post("/board/reports/new", form)["Location"] == "/board/reports"
    assert not Report.objects.exists()
