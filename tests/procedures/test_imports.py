"""Proves: import of the portal's XLSX lists and full records: preview field by field, oddities, retired, twice no
change; by command and in the browser"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest
from django.db import connection

from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.procedures import actions, queries, tasks
from caunoi.procedures.models import Import, Procedure, Version
from tests.procedures.records import lines, raw, row, sheet


@pytest.fixture
def bring(town):
    """Bring a file in, as the reviewer; gives the import."""

    def bring(data: bytes, **more):
        done = actions.look(actions.upload("tệp", data, by=town.thu, **more))
        return actions.bring_in(done, by=town.thu) if done.state == Import.State.READY else done

    return bring


def counts(done: Import) -> tuple[int, int, int, int]:
    plan = done.plan
    return len(plan["fresh"]), len(plan["changed"]), len(plan["gone"]), plan["same"]


def test_a_file_is_looked_at_before_anything_changes(town):
    done = actions.look(actions.upload("a.jsonl", lines(raw("1.000001"), raw("1.000002")), by=town.thu))
    assert (done.state, counts(done)) == ("ready", (2, 0, 0, 0))
    assert not Procedure.objects.exists()


def test_what_is_brought_in_is_in_force_with_its_decision_and_who_did_it(bring, town):
    bring(lines(raw("1.000001")))
    procedure = queries.find("1.000001")
    version = procedure.current
    assert (version.number, version.decision, version.by, version.source.file_name) == (1, "10/QĐ-BTP", "thu", "tệp")
    assert (procedure.field, procedure.levels, procedure.audience) == ("Hộ tịch", ["Cấp xã"], ["Công dân Việt Nam"])


@pytest.mark.parametrize("data", [lines(raw("1.000001"), raw("1.000002")), sheet(row("1.000001"), row("1.000002"))])
def test_the_same_file_twice_changes_nothing(bring, data):
    bring(data)
    events = Event.objects.exclude(kind="procedure.import").count()
    again = bring(data)
    assert counts(again) == (0, 0, 0, 2)
    assert Version.objects.count() == 2
    assert Event.objects.exclude(kind="procedure.import").count() == events


def test_lists_and_full_records_in_turns_change_nothing_the_second_time(bring):
    files = [
        sheet(row("1.000001", "Tên trong danh sách", "Sở Tư pháp")),
        lines(raw("1.000001", co_quan_thuc_hien="Không có thông tin")),
    ]
    first = [counts(bring(data)) for data in files]
    assert first == [(1, 0, 0, 0), (0, 1, 0, 0)]
    record = queries.find("1.000001").current.record
    assert (record.name, record.agency, record.issuer) == ("Cấp giấy số 1.000001", "Sở Tư pháp", "Bộ Tư pháp")
    assert [counts(bring(data)) for data in files * 2] == [(0, 0, 0, 1)] * 4
    assert Version.objects.count() == 2


def test_the_preview_says_field_by_field_what_changes(bring, town):
    bring(lines(raw("1.000001")))
    fee = raw("1.000001")["cach_thuc_thuc_hien"].replace("5 Ngày", "7 Ngày")
    done = actions.look(actions.upload("b", lines(raw("1.000001", cach_thuc_thuc_hien=fee)), by=town.thu))
    (changed,) = done.plan["changed"]
    assert changed["fields"] == ["ways"]
    assert changed["changes"][0]["pieces"] == [
        ["same", "Trực tiếp · "],
        ["gone", "5"],
        ["new", "7"],
        ["same", " ngày làm việc · Miễn phí"],
    ]


def test_what_a_whole_list_no_longer_names_is_retired_not_deleted(bring):
    bring(sheet(*(row(f"1.00000{n}") for n in range(4))))
    done = bring(sheet(*(row(f"1.00000{n}") for n in range(3))))
    assert counts(done) == (0, 0, 1, 3)
    gone = queries.find("1.000003")
    assert gone.retired and gone.current
    assert Event.objects.filter(kind="procedure.retire", subject_id=gone.pk).exists()


def test_a_list_that_names_it_again_puts_it_in_force_again(bring):
    whole = sheet(*(row(f"1.00000{n}") for n in range(4)))
    bring(whole)
    bring(sheet(*(row(f"1.00000{n}") for n in range(3))))
    done = bring(whole)
    assert counts(done) == (0, 1, 0, 3)
    assert queries.find("1.000003").retired is None
    assert Version.objects.filter(procedure__code="1.000003").count() == 1


def test_a_few_records_or_another_ministrys_list_retire_nobody(bring):
    bring(sheet(*(row(f"1.00000{n}") for n in range(6))))
    assert counts(bring(lines(raw("1.000001")))) == (0, 1, 0, 0)
    other = [(code, f"Tên {code}", "Bộ Công an", "", "Cư trú") for code in ("2.000001", "2.000002")]
    assert counts(bring(sheet(*other))) == (2, 0, 0, 0)


def test_retiring_can_be_left_out(bring):
    bring(sheet(row("1.000001"), row("1.000002")))
    bring(sheet(row("1.000001")), retires=False)
    assert queries.find("1.000002").retired is None


def test_records_set_aside_are_not_taken_for_gone(bring):
    bring(sheet(row("1.000001"), row("1.000002"), row("1.000003")))
    shared = {"detail_url": "https://example.org/one"}
    done = bring(lines(raw("1.000001", **shared), raw("1.000002", **shared), raw("1.000003")))
    assert counts(done) == (0, 1, 0, 0)
    assert queries.find("1.000001").current.record.steps == ""


def test_a_file_that_cannot_be_read_changes_nothing_and_says_where(bring):
    bring(lines(raw("1.000001")))
    done = bring(lines(raw("1.000001", ten_thu_tuc="Khác"), raw("1.000002"))[:-100])
    assert done.state == "failed"
    assert [(flaw["line"], flaw["problem"]) for flaw in done.oddities] == [(2, "not_json")]
    assert queries.find("1.000001").name == "Cấp giấy số 1.000001"
    assert queries.find("1.000002") is None


def test_what_changed_since_the_preview_is_looked_at_again(town, bring):
    waiting = actions.look(actions.upload("b", lines(raw("1.000001")), by=town.thu))
    bring(lines(raw("1.000001")))
    with pytest.raises(actions.WrongStateError, match="changed_meanwhile"):
        actions.bring_in(waiting, by=town.thu)
    waiting.refresh_from_db()
    assert (waiting.state, counts(waiting)) == ("ready", (0, 0, 0, 1))


def test_carried_out_twice_it_happens_once(town):
    done = actions.look(actions.upload("a", lines(raw("1.000001")), by=town.thu))
    assert [actions.begin(done, by=town.thu), actions.begin(done, by=town.thu)] == [True, False]
    actions.bring_in(done, by=town.thu)
    with pytest.raises(actions.WrongStateError):
        actions.bring_in(done, by=town.thu)
    assert Version.objects.count() == 1


def test_a_worker_that_dies_in_the_middle_leaves_everything_as_it_was(town, bring, monkeypatch):
    bring(sheet(row("1.000001"), row("1.000002"), row("1.000003")))
    done = actions.look(
        actions.upload("b", sheet(row("1.000001", "Mới"), row("1.000002"), row("1.000004")), by=town.thu)
    )
    monkeypatch.setattr("caunoi.procedures.actions.imports.turn", _die)
    with pytest.raises(KeyboardInterrupt):
        actions.bring_in(done, by=town.thu)
    done.refresh_from_db()
    assert done.state == "ready" and done.raw
    assert queries.find("1.000001").name == "Cấp giấy số 1.000001"
    assert queries.find("1.000004") is None


def _die(*args, **kwargs):
    raise KeyboardInterrupt


def test_an_import_is_taken_back(town, bring):
    bring(sheet(row("1.000001"), row("1.000002"), row("1.000003")))
    changed = sheet(row("1.000001", "Tên mới"), row("1.000002"), row("1.000004"))
    done = bring(changed)
    assert counts(done) == (1, 1, 1, 1)
    actions.undo_import(done, by=town.thu)
    assert queries.find("1.000001").name == "Cấp giấy số 1.000001"
    assert queries.find("1.000003").retired is None
    assert queries.find("1.000004").retired
    assert counts(bring(changed)) == (0, 2, 1, 1)


def test_an_import_with_something_done_since_is_not_taken_back(town, bring):
    first = bring(sheet(row("1.000001")))
    bring(sheet(row("1.000001", "Tên mới")))
    with pytest.raises(actions.WrongStateError):
        actions.undo_import(first, by=town.thu)


def test_only_reviewers_and_administrators_bring_files_in(town):
    for who in (town.lan, town.tam, town.minh, town.hoa, town.phong):
        with pytest.raises(NotAllowedError):
            actions.upload("a", b"x", by=who)
    actions.upload("a", b"x", by=town.quan)


def test_the_worker_reads_and_carries_out(town, work, transactional_db):

    done = actions.upload("a", lines(raw("1.000001")), by=town.thu)
    tasks.look.defer(pk=done.pk)
    work()
    done.refresh_from_db()
    assert done.state == "ready"
    actions.begin(done, by=town.thu)
    tasks.bring_in.defer(pk=done.pk, name="thu", user=town.thu.user_id, roles=["reviewer"])
    work()
    done.refresh_from_db()
    assert done.state == "done" and done.raw is None
    assert queries.find("1.000001")


def test_of_two_files_at_once_the_second_is_looked_at_again(town, transactional_db):
    """Both say the same is new; nothing is made twice, and the loser shows what is left to do."""
    rows = [
        actions.look(actions.upload(name, lines(raw("1.000001"), raw(code)), by=town.thu))
        for name, code in (("a", "1.000002"), ("b", "1.000003"))
    ]
    together = Barrier(2)

    def carry(row):
        try:
            together.wait(20)
            actions.bring_in(row, by=town.thu)
            return "done"
        except actions.WrongStateError as error:
            return str(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        said = sorted(pool.map(carry, rows))
    assert said == ["changed_meanwhile", "done"]
    assert Procedure.objects.count() == Version.objects.count() == 2
    (left,) = Import.objects.filter(state=Import.State.READY)
    assert counts(left) == (1, 0, 0, 1)


def test_readers_are_not_held_up_while_a_file_is_brought_in(town, bring, django_assert_max_num_queries):
    bring(lines(*(raw(f"1.{n:06}") for n in range(300))))
    with django_assert_max_num_queries(1):
        assert len(queries.browse(size=100)) == 101
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation::regclass::text LIKE "
            "'procedures%'"
        )
        assert cursor.fetchone() == (0,)


def test_a_version_equals_its_record(bring):
    bring(lines(raw("1.000001")))
    version = Version.objects.get()
    assert version.record.digest() == version.digest
    assert replace(version.record, name="x").digest() != version.digest
