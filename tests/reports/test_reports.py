"""A report from its draft to the number it bears for good.

Proves: PDF in the form of Decree 30/2020 (typst, Tinos), DOCX, XLSX with live COUNTIFS formulas that agree with the
written values; the same report gives the same PDF bytes
Proves: Every figure on paper opens down to exactly the cases it counted then (kept in a file), restricted ones
without code
Proves: The month before is quoted as it was known when its own report was made (as-of)
Proves: Sign-off: draft → issued with a number; register without gap or double under six racing threads; a failed
issue uses no number; issued rows and papers cannot change (database trigger); SHA-256 checked on every download"""

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import openpyxl
import pytest
from django.db import InternalError, ProgrammingError, connection, connections, transaction
from django.utils.timezone import now
from docx import Document

from caunoi.accounts import deputies
from caunoi.answers import actions as answers
from caunoi.directives import actions as directives
from caunoi.directives.models import Directive
from caunoi.events.actor import NotAllowedError
from caunoi.reports import actions, compose, figures, queries, spans
from caunoi.reports.models import Paper, Register, Report
from caunoi.reports.spans import Turn
from caunoi.tickets.lifecycle import NotPossibleError
from tests.reports.conftest import TODAY

BROKEN = (ProgrammingError, InternalError)


@pytest.fixture
def draft(town, august):
    row = actions.draft("month", "2026-08", by=town.thu)
    actions.prepare(row)
    return row


def sheets(row):
    return openpyxl.load_workbook(io.BytesIO(queries.content(queries.papers(row)["xlsx"])))


def issued(row, by):
    actions.issue(row, by=by)
    actions.seal(row)
    row.refresh_from_db()
    return row


def test_a_draft_has_its_figures_its_words_and_three_papers(town, draft):
    assert {part: draft.figures["whole"][part] for part in ("on_time", "late", "open_within", "open_overdue")} == {
        "on_time": 3,
        "late": 1,
        "open_within": 1,
        "open_overdue": 1,
    }
    assert "tiếp nhận 6 phản ánh" in draft.summary[0]
    papers = queries.papers(draft)
    assert sorted(papers) == ["docx", "pdf", "xlsx"]
    assert queries.content(papers["pdf"]).startswith(b"%PDF")


def test_a_deputy_does_not_sign_off_a_report_they_worked_on(town, draft):
    for who in ("thu", "tam"):
        deputies.name(town.users["phong"], town.users[who], now(), now() + timedelta(days=1), by=town.phong)
        by = deputies.acting(town.users[who], town.phong.user_id)
        assert queries.own(draft, by) is (who == "thu")
        if who == "thu":
            with pytest.raises(NotAllowedError):
                actions.issue(draft, by=by)
        deputies.end(deputies.deputies(town.users["phong"]).get(), by=town.phong)
    actions.edit(draft, body="", signer="Phong", by=town.tam)
    assert queries.own(draft, by) and not queries.own(draft, town.tam) and not queries.own(draft, town.phong)
    assert issued(draft, town.phong).issued_by == "phong"


def test_the_month_before_says_what_its_own_report_said(town, august, time_machine):
    """On 1 October one lamp of August is done late; the report of August did not know that yet."""
    made = figures.reading(spans.parse("2026-08", Turn()), TODAY)
    time_machine.move_to(TODAY + timedelta(days=20), tick=False)
    for once in ("e", "f"):
        answers.submit(august[once], "Xong.", by=town.minh)
        answers.approve(august[once], by=town.hoa)
    later = TODAY + timedelta(days=30)
    time_machine.move_to(later, tick=False)
    before = figures.reading(spans.parse("2026-09", Turn()), later)["before"]
    assert before["whole"] == made["whole"]
    assert figures.reading(spans.parse("2026-08", Turn()), later)["whole"]["open_overdue"] == 0


def test_every_figure_opens_down_to_the_cases_it_counted(august, draft):
    codes = {once: ticket.code for once, ticket in august.items()}
    assert {c.code for c in queries.counted(draft, "", "", "")} == set(codes.values())
    assert [c.code for c in queries.counted(draft, "agency", "xncongtrinh", "open_overdue")] == [codes["e"]]
    assert [c.code for c in queries.counted(draft, "agency", "-", "")] == []


def test_the_sheet_counts_its_cases_by_formulas_that_agree_with_what_is_written(draft):
    book = sheets(draft)
    figures, cases = book.worksheets
    results = [cell.value for cell in cases["G"][1:]]
    assert len(results) == 6
    shown = openpyxl.load_workbook(
        io.BytesIO(queries.content(queries.papers(draft)["xlsx"])), data_only=True
    ).worksheets[0]
    checked = 0
    for row in figures.iter_rows():
        for cell in row:
            if found := re.fullmatch(r"""=COUNTIFS\('[^']+'!\$G\$2:\$G\$7,"=([^"]+)"\)""", str(cell.value)):
                assert shown[cell.coordinate].value == results.count(found[1])
                checked += 1
    assert checked == 4


def test_the_word_paper_says_the_same_and_leads_to_the_cases(draft):
    document = Document(io.BytesIO(queries.content(queries.papers(draft)["docx"])))
    text = "\n".join(p.text for p in document.paragraphs)
    assert draft.summary[0] in text and "DỰ THẢO" in text
    links = {r.target_ref for r in document.part.rels.values() if r.is_external}
    assert any(link.endswith(f"/board/reports/{draft.pk}/cases?part=on_time") for link in links)


def test_why_it_was_late_stands_in_it_without_the_people(town, august):
    due = TODAY + timedelta(days=2)
    for once, answer in (("d", "Gọi chị Demo Lan 0900 000 321 không gặp."), ("e", "")):
        asked = directives.ask_to_explain(august[once], "Vì sao?", due, by=town.thu, at=TODAY - timedelta(days=2))
        if answer:
            Directive.objects.filter(pk=asked.pk).update(answer=answer, done=TODAY)
    row = actions.draft("month", "2026-08", by=town.thu)
    actions.prepare(row)
    (table,) = [b for b in compose.paper(actions.material(row)).blocks if b.name == "explanations"]
    said = {line[0].text: line[2].text for line in table.rows}
    assert said[august["d"].code].startswith("Gọi chị") and "0900" not in said[august["d"].code]
    assert "03/09/2026" in said[august["e"].code]
    assert row.figures["asked"] == {"asked": 2, "on_time": 1, "late": 0, "open": 1, "overdue": 0}


def test_what_is_issued_has_its_number_and_never_changes(town, draft):
    row = issued(draft, town.phong)
    assert (row.number, row.series, row.year, row.issued_by) == (1, "BC-IOC", 2026, "phong")
    with pytest.raises(NotPossibleError):
        actions.edit(row, body="Khác", signer="", by=town.thu)
    with pytest.raises(BROKEN), transaction.atomic():
        Report.objects.filter(pk=row.pk).update(body="Khác")
    with pytest.raises(BROKEN), transaction.atomic():
        Paper.objects.filter(report=row).update(sha256="0" * 64)
    with pytest.raises(BROKEN), transaction.atomic():
        row.delete()


def test_a_paper_that_was_altered_is_not_handed_out(town, draft, settings):
    row = issued(draft, town.phong)
    paper = queries.papers(row)["pdf"]
    (settings.MEDIA_ROOT / paper.name).write_bytes(b"%PDF forged")
    with pytest.raises(queries.AlteredError):
        queries.content(paper)


def test_the_same_report_gives_the_same_papers(draft):
    first = {form: queries.content(paper) for form, paper in queries.papers(draft).items()}
    actions._write(draft, lambda percent: None)
    again = {form: queries.content(paper) for form, paper in queries.papers(draft).items()}
    assert first["pdf"] == again["pdf"]


def test_who_may_draft_and_who_may_sign(town, draft):
    for name in ("lan", "minh", "hoa", "quan"):
        with pytest.raises(NotAllowedError):
            actions.draft("month", "2026-08", by=getattr(town, name))
    for name in ("tam", "lan", "hoa", "quan"):
        with pytest.raises(NotAllowedError):
            actions.issue(draft, by=getattr(town, name))
    assert list(queries.reports(town.hoa)) == [] == list(queries.reports(town.lan))
    assert list(queries.reports(town.quan)) == [draft]


def test_a_failed_issue_uses_no_number(town, draft, monkeypatch):
    actions.issue(draft, by=town.phong)
    with monkeypatch.context() as broken:
        broken.setattr(actions.sheet, "render", lambda *args: 1 / 0)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            actions.seal(draft)
    actions.failed(draft, "ZeroDivisionError")
    draft.refresh_from_db()
    assert (draft.state, draft.trouble, draft.number) == ("draft", "ZeroDivisionError", None)
    assert issued(draft, town.phong).number == 1


@pytest.mark.django_db(transaction=True)
def test_numbers_given_at_once_follow_each_other_without_gap_or_double(town, august):
    rows = [actions.draft("month", "2026-08", by=town.thu) for _ in range(6)]
    for row in rows:
        actions.prepare(row)
        actions.issue(row, by=town.phong)

    def seal(row):
        try:
            actions.seal(row)
            actions.seal(row)  # asked twice, done once
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(seal, rows))
    assert sorted(Report.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert Register.objects.get().last == 6
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reports_report, reports_paper CASCADE")


def test_a_dropped_draft_comes_back(town, draft):
    actions.drop(draft, by=town.thu)
    assert queries.report(town.thu, draft.pk) is None
    actions.restore(draft, by=town.thu)
    assert queries.report(town.thu, draft.pk) == draft
