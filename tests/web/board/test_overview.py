"""The board through the client: the four numbers, whole and broken down, and the way down to their tickets."""

import csv
import io

import pytest

from caunoi.directory import queries as rows
from caunoi.directory.models import Option
from caunoi.ratings.actions import gather
from caunoi.ratings.models import Rating
from caunoi.statistics.scope import FOUR
from caunoi.tickets import actions as tickets

MONTH, SLOW = "/board/?period=month", "/board/slow?period=month"


def page(client, path=MONTH, status=200):
    response = client.get(path)
    assert response.status_code == status
    return response


def numbers(row):
    return tuple(getattr(row, part) for part in FOUR)


def test_the_four_numbers_of_the_month(at, august):
    shown = page(at("phong"))
    assert numbers(shown.context["whole"]) == (4, 1, 4, 1)
    html = shown.content.decode()
    assert "Trong 10 phiếu: 4 xử lý đúng hạn, 1 xử lý trễ; 4 chưa xong còn hạn, 1 chưa xong quá hạn." in html
    assert "4/6" in html  # few: a count, not per cent
    assert "Đã trả lời được bao nhiêu?" in html and "Có đúng hạn không?" in html and "Vướng ở đâu?" in html


def test_english_says_the_same(at, august):
    client = at("phong")
    client.cookies["language"] = "en"
    html = page(client).content.decode()
    assert "Of 10 tickets, 4 were done on time, 1 late; 4 are open within their time, 1 past it." in html
    assert "Street lighting" in html


def test_every_breakdown_sums_to_the_total(at, august):
    shown = page(at("phong"))
    for chart in [*shown.context["charts"], shown.context["trend"]]:
        assert sum(row.cells[4].value for row in chart.rows) == 10, chart.id
        for i, part in enumerate(FOUR):
            assert sum(row.cells[i].value for row in chart.rows) == getattr(shown.context["whole"], part)


@pytest.mark.parametrize("name", ["phong", "hoa"])
def test_every_figure_opens_down_to_just_its_tickets(at, august, name):
    client = at(name)
    shown = page(client)
    for chart in [*shown.context["charts"], shown.context["trend"]]:
        for row in chart.rows:
            for cell in row.cells:
                if cell.value:
                    assert len(client.get(cell.url).context["rows"]) == cell.value, cell.url


def test_the_sentence_above_a_chart_names_where_it_hurts(at, august):
    charts = {c.id: c for c in page(at("phong")).context["charts"]}
    assert charts["chart-agency"].sentence.startswith("Xí nghiệp Công trình công cộng trễ nhiều nhất: 2 trong 6 phiếu")
    assert charts["chart-channel"].sentence == "Nhiều nhất qua kênh Điện thoại: 60% của 10 phiếu."


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("period=month&agency=xncongtrinh", 6),
        ("period=month&category=identity", 3),
        ("period=month&area=25195", 6),
        ("period=month&channel=web", 4),
        ("period=month&agency=-", 2),
        ("period=month&category=-", 1),
        ("period=month&agency=xncongtrinh&channel=phone", 4),
        ("period=7", 4),
        ("period=last_month", 0),
        ("period=year", 10),
        ("from=2026-08-03&to=2026-08-03", 2),
        ("from=2026-08-25", 3),
        ("period=last_report", 10),
        ("period=report", 0),
        ("period=rubbish", 10),
        ("agency=nobody", 0),
    ],
)
def test_periods_and_filters_narrow(at, august, query, expected):
    assert page(at("phong"), f"/board/?{query}").context["whole"].total == expected


def test_the_reporting_month_turns_at_noon_of_the_25th(at, august):
    """Two of the 25th came at eight in the morning; the province then turns its month at seven."""
    assert page(at("phong"), "/board/?period=report").context["whole"].total == 0
    Option.objects.create(name="report_hour", value=7)
    rows.forget()
    assert page(at("phong"), "/board/?period=report").context["whole"].total == 3


def test_dates_the_wrong_way_round_are_said_and_kept(at, august):
    html = page(at("phong"), "/board/?from=2026-08-20&to=2026-08-01", 422).content.decode()
    assert "Hãy ghi ngày đầu và ngày cuối" in html and 'value="2026-08-20"' in html
    page(at("phong"), "/board/?from=99999-99-99", 422)
    page(at("phong"), "/board/tickets?from=x", 422)


def test_a_lead_sees_the_own_agency_only(at, august):
    hoa = at("hoa")
    for path in (MONTH, f"{MONTH}&agency=ubnd-25417", f"{MONTH}&agency=-"):
        shown = page(hoa, path)
        assert shown.context["whole"].total == 6
        assert "chart-agency" not in {c.id for c in shown.context["charts"]}
        assert "UBND Xã Nghĩa Trung" not in shown.content.decode()
    listed = page(hoa, "/board/tickets?period=month&agency=ubnd-25417")
    assert {row.code for row in listed.context["rows"]} == {getattr(august, k).code for k in "abcdef"}
    sheet = page(hoa, f"{MONTH}&format=csv&table=agency")
    assert "text/csv" not in sheet["Content-Type"]
    assert page(at("yen")).context["whole"].total == 2


@pytest.mark.parametrize(("name", "status"), [("lan", 403), ("minh", 403), ("tam", 200), ("thu", 200), ("phong", 200)])
def test_who_may_read_the_board(at, august, name, status):
    for path in ("/board/", "/board/tickets"):
        page(at(name), path, status)


@pytest.mark.parametrize("table", ["agency", "category", "area", "channel", "day"])
def test_tables_leave_as_csv_that_excel_reads(at, august, table):
    response = page(at("phong"), f"{MONTH}&format=csv&table={table}")
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert f"1022-{table}-2026-08-01-2026-08-31.csv" in response["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(text[1:]))
    assert head[2:7] == ["xử lý đúng hạn", "xử lý trễ hạn", "chưa xử lý, còn hạn", "chưa xử lý, quá hạn", "Tổng số"]
    assert [sum(int(row[i]) for row in rows) for i in range(2, 7)] == [4, 1, 4, 1, 10]


def test_a_cell_is_never_a_formula(at, town, august):
    town.works.name = town.works.short = "=1+1"
    town.works.save()
    assert "'=1+1" in page(at("phong"), f"{MONTH}&format=csv&table=agency").content.decode()


def test_few_ratings_are_not_shown_and_more_are_with_their_rate(at, town, august):
    assert page(at("phong"), SLOW).context["rated"] is None
    assert "Chưa đủ 5 lượt đánh giá" in page(at("phong"), SLOW).content.decode()
    for key, grade in zip("abcdg", ["satisfied", "satisfied", "acceptable", "satisfied", "dissatisfied"]):
        Rating.objects.create(ticket=getattr(august, key), agency=town.works, grade=grade)
    assert page(at("hoa"), SLOW).context["rated"] is None  # in no batch yet: her agency's are in whole groups only
    gather(town.works.pk)
    shown = page(at("phong"), SLOW)
    assert shown.context["rated"].grades == {"satisfied": 3, "acceptable": 1, "dissatisfied": 1}
    assert "4/5 trong 5 lượt đánh giá là hài lòng hoặc chấp nhận được." in shown.content.decode()
    assert page(at("hoa"), SLOW).context["rated"].responses == 5
    narrowed = page(at("phong"), f"{SLOW}&channel=web")
    assert narrowed.context["rated"] is None and "cả kỳ và cả đơn vị" in narrowed.content.decode()


def test_a_lead_cannot_narrow_ratings_until_they_betray_somebody(at, town, august):
    Option.objects.create(name="show_groups_of", value=1)
    rows.forget()
    Rating.objects.create(ticket=august.a, agency=town.works, grade="dissatisfied")
    gather(town.works.pk)
    assert page(at("hoa"), SLOW).context["rated"] is not None
    for narrow in ("channel=web", "category=lamps", "area=25195"):
        assert page(at("hoa"), f"{SLOW}&{narrow}").context["rated"] is None
    assert page(at("hoa"), "/board/slow?from=2026-08-03&to=2026-08-03").context["rated"] is None


def test_what_takes_longer_than_counting_is_asked_for_by_the_page_itself(at, august):
    html = page(at("phong")).content.decode()
    assert 'hx-get="/board/slow?period=month"' in html and "Một nửa số câu" not in html
    assert "Một nửa số câu trả lời có sau" in page(at("phong"), SLOW).content.decode()


def test_an_empty_board_teaches(at, town):
    html = page(at("phong"), "/board/").content.decode()
    assert "Kỳ này chưa nhận phiếu nào." in html
    assert 'class="empty"' in page(at("phong"), "/board/tickets").content.decode()


def test_refused_tickets_are_outside(at, town, august):
    tickets.move(august.j, "refuse", by=town.lan, reason="unclear")
    assert page(at("phong")).context["whole"].total == 9


def test_small_numbers_are_said_to_be_small(at, august):
    assert "Chỉ có 6 phiếu" in page(at("hoa")).content.decode()
    assert "Chỉ có" not in page(at("phong")).content.decode()
