"""Every measure can stand in an official report: in a sentence, in a table, in all three papers, down to its cases.

Proves: Every measure in a report: in sentences, compared with the period before and a year ago, by group; PDF,
Word, sheet with live formulas; picked by name with its definition; read anew when the text names another"""

import io
import re
from types import SimpleNamespace

import openpyxl
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext, override
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from caunoi.reports import actions, compose, examples, figures, markup, named, prose, queries, spans, telling
from caunoi.reports.cases import BASE
from caunoi.reports.spans import Turn
from caunoi.reports.starters import starter
from caunoi.statistics.measures import MEASURES

SPAN = spans.parse("2026-10", Turn())
SPANS = {"before": spans.before(SPAN, Turn()), "year_before": spans.year_before(SPAN, Turn())}
AFTER = "2026-11-02T08:00:00+07:00"
EVERY = "\n".join(f"{{{code}}}" for name in MEASURES for code in named.codes(name) if not code.startswith("value"))


def read(body):
    return examples.reading(AFTER, "2026-09", "A", "B", named.measures(body))


def figure(now, before=(None, 0), ago=(None, 0)):
    line = {
        when: dict(zip(("value", "of"), one)) for when, one in (("now", now), ("before", before), ("year_before", ago))
    }
    return {"at": AFTER, "measured": {"reopened": {"": [line]}, "returns": {"": [line]}, "handling": {"": [line]}}}


def said(name, r):
    with override("vi"):
        return telling.sentence(name, r, SPAN, SPANS, 10)


def test_a_text_may_name_every_measure_in_every_way_it_has_and_nothing_else():
    assert markup.unknown(EVERY, compose.TEXT, compose.ALONE) == []
    assert set(named.measures(EVERY)) == set(MEASURES)
    assert named.measures("{table custody agency} Một nửa trong {value handling}") == {
        "custody": ["", "agency"],
        "handling": [""],
    }
    wrong = [
        "{value joy}",
        "{say}",
        "{compare handling joy}",
        "{table handling reason}",
        "{say channels}",
        "{table handling}",
    ]
    assert markup.unknown("\n".join(wrong), compose.TEXT, compose.ALONE) == wrong
    assert markup.unknown("Trong {compare handling} ngày", compose.TEXT, compose.ALONE) == ["{compare handling}"]


def test_every_measure_that_has_a_whole_has_its_sentence():
    assert set(telling.SENTENCES) == set(named.WHOLE)
    for name in named.WHOLE:
        text = said(name, read(f"{{value {name}}}"))
        assert text.endswith(".") and "%(" not in text and "{" not in text


def test_counts_say_by_how_many_they_moved_and_lengths_what_they_were():
    assert said("returns", figure((12, 90), (20, 80), (3, 70))) == (
        "Các đơn vị trả lại phiếu vì không thuộc thẩm quyền: 12 lần, giảm 8 phiếu (40,0%) so với tháng 9 năm 2026; "
        "tăng 9 phiếu so với tháng 10 năm 2025 (3 phiếu)."
    )
    assert said("handling", figure((30, 90), (48, 80), (9, 4))) == (
        "Một nửa số phiếu đã xử lý xong hoàn thành trong vòng 1 ngày 6 giờ kể từ khi tiếp nhận, tháng 9 năm 2026 là 2 "
        "ngày."
    )


def test_a_share_of_few_is_a_count_and_small_differences_are_none():
    assert "2/9 phải mở lại" in said("reopened", figure((2 / 9, 9), (0.5, 200)))
    assert "tháng 9 năm 2026 là 12,0%; chênh lệch chưa đủ lớn để kết luận" in said(
        "reopened", figure((0.1, 100), (0.12, 100))
    )
    assert "điểm phần trăm" in said("reopened", figure((0.1, 1000), (0.3, 1000)))


@given(st.floats(0, 1), st.integers(1, 5000), st.floats(0, 1), st.integers(0, 5000))
def test_more_or_less_is_said_of_shares_only_beyond_chance(now, n, then, m):
    text = said("reopened", figure((now, n), (then, m)))
    claims = "cao hơn" in text or "thấp hơn" in text
    assert claims == (min(n, m) >= 10 and prose.differs(round(now * n), n, round(then * m), m))


def test_a_running_period_is_compared_with_nothing():
    r = figure((12, 90), (20, 80)) | {"at": "2026-10-20T08:00:00+07:00"}
    assert "so với" not in said("returns", r)


@pytest.mark.parametrize("kind", ["week", "month", "report_month", "quarter", "half", "year"])
def test_the_usual_forms_name_only_what_there_is_and_number_their_parts(kind):
    with override("vi"):
        form = starter(kind, "Tổng đài 1022", "Tỉnh Demo")
    assert markup.unknown(form["body"], compose.TEXT, compose.ALONE) == []
    parts = re.findall(r"^# ([IVX]+)\. ", form["body"], re.M)
    assert parts == ["I", "II", "III", "IV", "V", "VI", "VII"][: len(parts)] and len(parts) >= 4
    assert ("definitions" in form["body"]) == (kind in ("quarter", "half", "year"))


@pytest.fixture
def draft(town, august):
    row = actions.draft("month", "2026-08", by=town.thu)
    row.body = f"{row.body}\n\n{EVERY}\n\n{{definitions}}"
    row.save()
    actions.prepare(row)
    return row


def test_a_report_says_every_measure_on_all_three_papers(draft):
    paper = compose.paper(actions.material(draft))
    assert "{" not in str([b.text for b in paper.blocks])
    assert queries.content(queries.papers(draft)["pdf"]).startswith(b"%PDF")
    text = "\n".join(p.text for p in Document(io.BytesIO(queries.content(queries.papers(draft)["docx"]))).paragraphs)
    with override("vi"):
        assert telling.say(["first_answer"], draft.figures, queries.span(draft), queries.compared(draft), 10) in text
    book = openpyxl.load_workbook(io.BytesIO(queries.content(queries.papers(draft)["xlsx"])))
    assert str(book.worksheets[0]["A1"].value)


def test_a_figure_counted_from_the_cases_leads_to_as_many_as_it_is_said_of(draft):
    led = 0
    for block in compose.paper(actions.material(draft)).blocks:
        for row in block.rows if " " in block.name or block.name == "compare" else ():
            found = re.search(r"/cases\?(?:by=(\w+)&key=([^&]+)&)?of=(\w+)$", row[2].url)
            if found:
                by, key, of = found.groups(default="")
                assert len(list(queries.counted(draft, by, key, "", of))) == row[2].value, (block.name, row[0].text)
                led += 1
    assert led > 40


def test_the_sheet_counts_by_live_formulas_what_its_cases_tell(draft):
    content = io.BytesIO(queries.content(queries.papers(draft)["xlsx"]))
    live = openpyxl.load_workbook(content).worksheets[0]
    shown = openpyxl.load_workbook(content, data_only=True).worksheets[0]
    formulas = {}
    for line in live.iter_rows(min_col=1, max_col=2):
        value = line[1].value
        text = getattr(value, "text", value)
        if isinstance(text, str) and text.startswith("="):
            formulas.setdefault(line[0].value, (text, shown[line[1].coordinate].value))
    with override("vi"):
        titles = {name: gettext(MEASURES[name].title) for name in BASE}
    for name in set(BASE) - {"channels"}:
        text, value = formulas[titles[name]]
        assert value == draft.figures["measured"][name][""][0]["now"]["value"], name
        assert "'!$" in text
    assert formulas[titles["returns"]][0].startswith("=SUM(") and "PERCENTILE(IF(" in formulas[titles["handling"]][0]


def test_a_text_that_names_new_measures_has_its_figures_read_anew(town, draft):
    row = actions.edit(draft, body="Kỳ này {value handling}.", signer="", by=town.thu)
    assert row.state == "draft"
    row.figures = row.figures | {"measured": {}}
    row.save()
    row = actions.edit(row, body="Kỳ này {value handling}.", signer="", by=town.thu)
    assert row.state == "making"
    actions.prepare(row)
    assert "{" not in compose.paper(actions.material(row)).blocks[0].text


def test_cases_of_reports_made_before_the_measures_are_read_still(draft, monkeypatch):
    monkeypatch.setattr(actions, "COLUMNS", actions.COLUMNS[:9])
    packed, _count = actions._pack_cases(draft, draft.at)
    draft.cases = default_storage.save("reports/before.csv.gz", ContentFile(packed))
    assert {case.returns for case in queries.cases(draft)} == {0}


def test_what_is_said_of_few_stands_after_what_is_said_of_enough_and_no_count_is_nothing(town, august, monkeypatch):
    told = {
        "now": [
            {"key": "a", "value": 90.0, "of": 1},
            {"key": "b", "value": 2.0, "of": 50},
            {"key": "c", "value": 4.0, "of": 50},
        ],
        "before": [{"key": "b", "value": 1.0, "of": 40}],
        "year_before": [],
    }
    for name, order in (("handling", "cba"), ("refusals", "acb")):
        monkeypatch.setattr(figures, "MEASURES", {name: SimpleNamespace(read=lambda scope, by: told[scope])})
        rows = figures.measured(name, ["agency"], {when: when for when in told}, {})["agency"]
        assert "".join(row["key"] for row in rows) == order
        then = next(row for row in rows if row["key"] == "a")
        assert then["before"]["value"] == (0 if name == "refusals" else None) and then["year_before"]["value"] is None
