"""Whoever need not know the reporter finds by what they may read, and learns nothing of the rest by searching."""

import pytest

from caunoi.routing import actions as routing
from caunoi.sla import queries as sla
from caunoi.tickets import actions, queries
from caunoi.tickets.report import Report, Reporter

WORDS = "Đèn đường tắt trước nhà chị Võ Thị Quỳnh Nga, căn cước công dân số 070190001234, điện thoại 0900 000 001."


@pytest.fixture
def ticket(town, work):
    who = Reporter(name="Trần Thị Demo", phone="+84900000001")
    report = Report(
        text=f"{WORDS} Tôi là Trần Thị Demo.", channel="phone", once="s", reporter=who, category_id=town.lamps.pk
    )
    found = actions.take(report, by=town.lan)
    actions.move(found, "accept", by=town.lan)
    routing.route(found, town.works, by=town.lan)
    work()
    return found


def search(by, text):
    return [t.code for t in queries.listed(by, queries.Filters(text=text))]


@pytest.mark.parametrize(
    "text", ["võ thị quỳnh nga", "Quynh Nga", "070190001234", "trần thị demo", "Demo", "đèn đường quỳnh nga", "person"]
)
def test_what_is_masked_cannot_be_asked_for(town, ticket, text):
    for by in (town.minh, town.hoa, town.phong):
        assert search(by, text) == []
    assert [row.pk for row in sla.work(town.minh, text=text)] == []
    if text != "person":
        assert search(town.lan, text) == search(town.thu, text) == [ticket.code]


@pytest.mark.parametrize("text", ["đèn đường", "den duong tat", "ĐÈN tắt trước nhà"])
def test_what_is_readable_is_found_by_all(town, ticket, text):
    for by in (town.minh, town.hoa, town.phong, town.lan):
        assert search(by, text) == [ticket.code]
    assert [row.pk for row in sla.work(town.minh, text=text)] == [ticket.pk]


def test_pages_of_a_search_go_on(town, ticket, work):
    for n in range(5):
        other = actions.take(
            Report(text=f"Đèn tắt {n}", channel="phone", once=f"o{n}", category_id=town.lamps.pk), by=town.lan
        )
        actions.move(other, "accept", by=town.lan)
        routing.route(other, town.works, by=town.lan)
    work()
    first = queries.listed(town.minh, queries.Filters(text="đèn"), size=2)
    assert len(first) == 3
    second = queries.listed(town.minh, queries.Filters(text="đèn"), size=2, before=first[1].pk)
    assert second[0] == first[2] and not {t.pk for t in first[:2]} & {t.pk for t in second}
