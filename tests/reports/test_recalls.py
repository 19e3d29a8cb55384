"""What was issued stays, and says that it counts no more; numbers go on.

Proves: Recalled or replaced: reason, next number, the old one's bytes kept and marked copies handed out; the
register's next number set"""

import pytest
from django.db import IntegrityError, transaction

from caunoi.events.actor import NotAllowedError
from caunoi.reports import actions, compose, queries, recalls
from caunoi.reports.models import Recall, Report
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError


@pytest.fixture
def issue(town, august):
    def made(row=None):
        row = row or actions.draft("month", "2026-08", by=town.thu)
        actions.prepare(row)
        actions.issue(row, by=town.phong)
        actions.seal(row)
        return queries.report_row(row.pk)

    return made


def test_a_recalled_report_keeps_its_bytes_and_hands_out_copies_that_say_so(town, issue):
    row = issue()
    issued = {form: queries.content(paper) for form, paper in queries.papers(row).items()}
    recalls.recall(row, "Số liệu phường Demo sai", by=town.phong)
    recalls.stamp(row)
    gone = queries.recall(row)
    assert {form: queries.content(paper) for form, paper in queries.papers(row).items()} == issued
    for form, content in issued.items():
        marked = queries.marked(gone, form)
        assert marked and marked != content and marked[:2] == content[:2]
    assert queries.recalled(row, gone).endswith("Số liệu phường Demo sai")
    with pytest.raises(NotPossibleError):
        recalls.recall(row, "lần nữa", by=town.phong)


def test_a_replacement_gets_the_next_number_and_says_whose_place_it_takes(town, issue):
    old = issue()
    new = actions.replace(old, "Tính thiếu hai phiếu", by=town.thu)
    assert actions.replace(old, "hỏi lần nữa", by=town.thu) == new  # asked twice, it is one
    assert queries.recall(old) is None  # until the new one is issued, the old one counts
    new = issue(new)
    assert (old.number, new.number, new.replaces_id) == (1, 2, old.pk)
    gone = queries.recall(old)
    assert gone.reason == "Tính thiếu hai phiếu" and "02/BC-IOC" in queries.recalled(old, gone)
    notice = compose.paper(actions.material(new)).notice
    assert "01/BC-IOC" in notice and notice.endswith("Tính thiếu hai phiếu")
    with pytest.raises(NotPossibleError):
        actions.replace(old, "nữa", by=town.thu)
    assert issue().number == 3


def test_the_copies_of_one_recalled_first_and_replaced_later_name_the_new_number(town, issue):
    old = issue()
    recalls.recall(old, "Sai", by=town.phong)
    recalls.stamp(old)
    first = queries.marked(queries.recall(old), "pdf")
    issue(actions.replace(old, "Đã sửa", by=town.thu))
    recalls.stamp(old)
    gone = queries.recall(old)
    assert gone.reason == "Sai" and "02/BC-IOC" in queries.recalled(old, gone)
    assert queries.marked(gone, "pdf") != first


def test_a_dropped_replacement_leaves_the_place_free_and_comes_back_only_into_a_free_one(town, issue):
    old = issue()
    first = actions.replace(old, "Sai", by=town.thu)
    actions.prepare(first)
    actions.drop(first, by=town.thu)
    second = actions.replace(old, "Sai thật", by=town.thu)
    assert second != first
    with pytest.raises(NotPossibleError):
        actions.restore(first, by=town.thu)
    with pytest.raises(IntegrityError), transaction.atomic():
        Report.objects.filter(pk=first.pk).update(state="draft")


def test_who_may_and_what_it_needs(town, issue):
    row = issue()
    for by in (town.tam, town.lan, town.quan, town.hoa):
        with pytest.raises(NotAllowedError):
            recalls.recall(row, "Sai", by=by)
    with pytest.raises(MissingDataError):
        recalls.recall(row, "  ", by=town.phong)
    with pytest.raises(MissingDataError):
        actions.replace(row, "", by=town.thu)
    draft = actions.draft("month", "2026-08", by=town.thu)
    with pytest.raises(NotPossibleError):
        recalls.recall(draft, "Sai", by=town.phong)
    assert not Recall.objects.exists()


def test_a_register_begun_on_paper_goes_on_from_its_number(town, issue):
    recalls.begin_at("BC-IOC", 2026, 41, by=town.quan)
    assert issue().number == 41
    for number in (41, 0, 7):
        with pytest.raises(NotPossibleError):
            recalls.begin_at("BC-IOC", 2026, number, by=town.quan)
    with pytest.raises(NotAllowedError):
        recalls.begin_at("BC-IOC", 2026, 50, by=town.phong)
    assert recalls.begin_at("BC-IOC", 2026, 42, by=town.quan) is None  # it is so already
    assert recalls.begin_at("BC-IOC", 2026, 60, by=town.quan) and recalls.begin_at("BC-IOC", 2026, 45, by=town.quan)
    assert issue().number == 45
