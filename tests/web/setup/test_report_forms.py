"""The province writes what its reports look like: looked at first, in versions, taken back."""

import pytest
from django.utils.html import escape

from caunoi.reports import actions, named, queries
from caunoi.reports.actions import UnknownNamesError
from caunoi.statistics.measures import MEASURES


def said(**changes):
    return queries.form_fields(queries.form("week")) | changes


def test_the_list_begins_with_the_usual_forms(quan):
    html = quan.get("/setup/reports/").content.decode()
    assert "TRUNG TÂM ĐIỀU HÀNH THÔNG MINH" in html


def test_a_form_is_looked_at_before_it_counts(quan):
    looked = quan.post(
        "/setup/reports/week/", said(issuer="SỞ DEMO", do="preview"), headers={"HX-Request": "true"}
    ).content.decode()
    assert "SỞ DEMO" in looked and "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in looked
    assert queries.form("week").version == 0


def test_the_ticket_of_an_example_leads_nowhere(quan):
    html = quan.get("/setup/reports/week/").content.decode()
    assert "00-000000-0" in html and "/board/tickets/" not in html


def test_each_saving_is_a_version_and_is_taken_back_by_undo(quan, undo):
    answer = quan.post("/setup/reports/week/", said(issuer="SỞ DEMO"), follow=True)
    assert (queries.form("week").version, queries.form("week").issuer) == (1, "SỞ DEMO")
    undo(answer)
    assert (queries.form("week").version, queries.form("week").issuer) == (2, "TRUNG TÂM ĐIỀU HÀNH THÔNG MINH")
    assert "SỞ DEMO" in quan.get("/setup/reports/week/?from=1").content.decode()
    assert "SỞ DEMO" in quan.get("/setup/history/?of=form").content.decode()


@pytest.mark.parametrize("body", ["{nothing}", "{period.__class__}", "Bảng {agencies} giữa câu"])
def test_what_means_nothing_is_refused_with_its_name(quan, body):
    answer = quan.post("/setup/reports/week/", said(body=body))
    assert answer.status_code == 422
    assert queries.form("week").version == 0


def test_the_action_refuses_it_too(town):
    with pytest.raises(UnknownNamesError):
        actions.write_form("week", by=town.quan, **said(about="{os}"))


def test_an_older_report_keeps_its_form(quan, town, time_machine):
    time_machine.move_to("2026-09-01T02:00:00+00:00", tick=False)
    row = actions.draft("week", "2026-W34", by=town.thu)
    actions.write_form("week", by=town.quan, **said(issuer="SỞ DEMO"))
    row.refresh_from_db()
    assert row.form.issuer == "TRUNG TÂM ĐIỀU HÀNH THÔNG MINH"
    assert queries.form("week").issuer == "SỞ DEMO"


def test_the_number_that_comes_next_is_set_and_only_above_what_there_is(quan):
    page = quan.get("/setup/reports/").content.decode()
    assert 'name="number"' in page and "BC-IOC" in page
    assert quan.post("/setup/reports/numbers", {"series": "BC-IOC", "number": "41"}, follow=True).status_code == 200
    assert 'value="41"' in quan.get("/setup/reports/").content.decode()
    for wrong in ({"number": "0"}, {"number": "x"}, {"series": "khác", "number": "5"}, {"number": "٣"}):
        told = quan.post("/setup/reports/numbers", {"series": "BC-IOC"} | wrong, follow=True).content.decode()
        assert "Please give a number above" in told
    assert 'value="41"' in quan.get("/setup/reports/").content.decode()
    assert "Next number" in quan.get("/setup/history/?of=register").content.decode()


def test_every_measure_is_offered_by_name_with_what_it_means(quan):
    html = quan.get("/setup/reports/month/").content.decode()
    for measure in MEASURES.values():
        assert escape(measure.definition) in html, measure.name
        for code in named.codes(measure.name):
            assert f">{{{code}}}</code>" in html, code
