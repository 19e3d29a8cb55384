"""Proves: whoever changes many procedures builds the index once and commits it with them: from then on every process
answers from it and builds nothing; what cannot be read is built anew; another release's index is another's"""

import pytest

from caunoi.directory import queries as directory
from caunoi.procedures import actions, finding, tasks
from caunoi.procedures.models import Procedure, SearchIndex
from caunoi.procedures.search.document import Document
from caunoi.procedures.search.elsewhere import matters
from caunoi.procedures.search.engine import Engine
from caunoi.procedures.search.index import Index
from caunoi.procedures.search.synonyms import built_in
from tests.procedures.records import lines, raw

SOME = [
    Document(
        code="1.000001", name="Thủ tục đăng ký kết hôn", field="Hộ tịch", levels=("commune",), tale="ký giấy cưới"
    ),
    Document(
        code="1.000002", name="Cấp lại thẻ căn cước", steps="Bước 1: Đến công an.", audience=("Công dân Việt Nam",)
    ),
    Document(code="1.000003", name="Tách thửa hoặc hợp thửa đất", results="Giấy chứng nhận", agencies=("Sở A",)),
]


def bring(town, *records):
    done = actions.look(actions.upload("a", lines(*records), by=town.thu))
    actions.bring_in(done, by=town.thu)


def first(served, text):
    return next((hit.code for hit in served().search(text).hits), "")


@pytest.fixture
def unable(monkeypatch):
    """From now on nobody can build an index."""

    def build():
        raise AssertionError("an asker pays for the building")

    return lambda: monkeypatch.setattr(finding, "index_now", build)


def test_an_index_that_was_packed_answers_as_before():
    index = Index(SOME, matters())
    again = Index.unpacked(index.packed())
    assert [d.values() for d in again.documents] == [d.values() for d in index.documents]
    for text in ("ký giấy cưới ở xã", "mat can cuoc", "tách sổ đất", "trợ cấp thất nghiệp", "1.000003"):
        ours, theirs = (Engine(one, built_in()).search(text) for one in (index, again))
        assert (ours.hits, ours.certainty) == (theirs.hits, theirs.certainty)


@pytest.mark.parametrize("data", [b"", b"x" * 7, b"x" * 500, Index(SOME).packed()[:-9], Index([]).packed()[:40]])
def test_what_is_no_index_is_refused(data):
    with pytest.raises(ValueError):
        Index.unpacked(data)


def test_a_process_takes_over_what_an_import_has_built(town, unable):
    bring(town, raw("1.000001", ten_thu_tuc="Đăng ký kết hôn"))
    here, new = finding.Served(), finding.Served()
    assert first(here, "đăng ký kết hôn") == "1.000001"
    bring(town, raw("1.000009", ten_thu_tuc="Cấp lại thẻ căn cước"))
    unable()
    assert first(here, "mất căn cước") == first(new, "mất căn cước") == "1.000009", "at once, though nobody forgot"


def test_undoing_an_import_hands_over_too(town, unable):
    bring(town, raw("1.000001", ten_thu_tuc="Đăng ký kết hôn"))
    served = finding.Served()
    done = actions.look(actions.upload("b", lines(raw("1.000009", ten_thu_tuc="Cấp lại thẻ căn cước")), by=town.thu))
    done = actions.bring_in(done, by=town.thu)
    assert first(served, "mất căn cước") == "1.000009"
    actions.undo_import(done, by=town.thu)
    unable()
    assert first(served, "mất căn cước") == ""


def test_what_was_changed_by_hand_the_worker_builds_within_a_minute(town, monkeypatch, unable):
    bring(town, raw("1.000001", ten_thu_tuc="Đăng ký kết hôn"), raw("1.000002", ten_thu_tuc="Đăng ký khai sinh"))
    served = finding.Served()
    monkeypatch.setattr(served, "at_once", lambda count: False)
    assert first(served, "khai sinh") == "1.000002"
    Procedure.objects.filter(code="1.000002").update(retired="2026-01-01")
    directory.forget()
    assert first(served, "khai sinh") == "1.000002"
    tasks.actions.hand_over()
    unable()
    assert first(served, "khai sinh") != "1.000002"


def test_nothing_is_built_twice_and_old_ones_go(town):
    bring(town, raw("1.000001", ten_thu_tuc="Đăng ký kết hôn"))
    assert not actions.hand_over()
    bring(town, raw("1.000002", ten_thu_tuc="Đăng ký khai sinh"))
    assert SearchIndex.objects.count() == 1


def test_an_index_of_another_release_is_left_alone(town, monkeypatch):
    bring(town, raw("1.000001", ten_thu_tuc="Đăng ký kết hôn"))
    SearchIndex.objects.update(body=b"of a future release")
    monkeypatch.setattr(finding, "release", lambda: "another")
    assert first(finding.Served(), "kết hôn") == "1.000001"
    assert actions.hand_over()
    assert SearchIndex.objects.count() == 2, "a process of the other release may still take it"


def test_what_cannot_be_read_is_built_here(town, caplog):
    bring(town, raw("1.000001", ten_thu_tuc="Đăng ký kết hôn"))
    SearchIndex.objects.update(body=b"torn")
    assert first(finding.Served(), "kết hôn") == "1.000001"
    assert "cannot be read" in caplog.text
