"""The national portal's own lists and records, where they lie beside the checkout."""

import json
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from caunoi.procedures.compare import compare
from caunoi.procedures.oddities import ODDITIES
from caunoi.procedures.plan import ExistingProcedure, plan
from caunoi.procedures.record import Record
from caunoi.procedures.sources import Source, read
from caunoi.procedures.speech import spoken

FOLDER = settings.BASE_DIR.parent / "shared" / "data" / "procedures"
FULL = FOLDER / "procedures_2026_three_ministries.jsonl.gz"

pytestmark = pytest.mark.skipif(not FULL.exists(), reason=f"{FULL} is not here")


@pytest.fixture(scope="module")
def full() -> Source:
    return read(FULL.read_bytes())


@pytest.fixture(scope="module")
def lists() -> dict[Path, Source]:
    return {path: read(path.read_bytes()) for path in sorted(FOLDER.glob("*.xlsx"))}


def test_every_list_is_read_whole(lists):
    assert sorted(len(source.records) for source in lists.values()) == [271, 339, 537]


def test_every_record_is_read_and_the_seventeen_with_anothers_page_are_set_aside(full, lists):
    assert (len(full.records), len(full.aside)) == (1130, 17)
    names = {r.code: r.name for source in lists.values() for r in source.records}
    assert all(names[r.code] == r.name for r in full.records)


def test_oddities_are_of_known_kinds_and_rare_enough_to_be_looked_at(full):
    counts = Counter(odd.problem for odd in full.oddities)
    print(dict(counts.most_common()))
    assert set(counts) <= set(ODDITIES)
    assert counts["ways_not_told_apart"] == 0
    assert counts["papers_not_told_apart"] == 2
    assert counts["law_without_number"] < 30
    assert counts["time_and_fee_glued"] == 14


def test_nothing_of_the_glue_is_left_in_the_cells(full):
    for record in full.records:
        for case in record.cases:
            for paper in case.papers:
                assert "Mẫu đơn, tờ khaiSố lượng" not in paper.name
                assert "bản chínhBản" not in paper.name
        assert not any("Chọn cơ quan" in result for result in record.results)
        for way in record.ways:
            assert way.form in ("Trực tiếp", "Trực tuyến", "Dịch vụ bưu chính")
            assert way.days is None or 0 < way.days <= 400


def test_most_ways_have_their_working_days_and_most_papers_their_counts(full):
    ways = [way for record in full.records for way in record.ways]
    papers = [paper for record in full.records for case in record.cases for paper in case.papers]
    assert sum(way.days is not None for way in ways) / len(ways) > 0.7
    assert sum(bool(paper.originals or paper.copies) for paper in papers) / len(papers) > 0.85


def test_every_record_survives_its_json_and_can_be_said(full):
    for record in full.records:
        assert Record.of(json.loads(json.dumps(record.content(), ensure_ascii=False))) == record
        assert spoken(record).startswith("Thủ tục “")


def test_lists_and_records_brought_in_again_in_any_order_change_nothing(full, lists):
    known: dict[str, ExistingProcedure] = {}
    for source in [*lists.values(), full]:
        made = plan(source, known)
        assert not made.withdrawn
        for step in [*made.fresh, *made.changed, *made.noted]:
            known[step.record.code] = ExistingProcedure(
                record=step.record, listed=step.listed, full_digest=step.full_digest, source=step.source
            )
    for source in [full, *lists.values(), full]:
        again = plan(source, known)
        assert (again.fresh, again.changed, again.withdrawn) == ([], [], [])


def test_a_comparison_of_two_unlike_records_is_quick_and_loses_nothing(full):
    longest = sorted(full.records, key=lambda r: len(r.steps))[-2:]
    (steps,) = [c for c in compare(*longest, context=10**6) if c.field == "steps"]
    assert "".join(t for kind, t in steps.pieces if kind in ("same", "gone")) == longest[0].steps
