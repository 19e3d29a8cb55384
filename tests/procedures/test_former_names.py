"""Proves: the editions of procedures make a thesaurus: a name or a paper of an earlier edition, or of a procedure whose
place another took, finds the one in force, and the old name is said to be one"""

import pytest

from caunoi.directory import queries as directory
from caunoi.procedures import actions, finding, queries
from caunoi.procedures.histories import histories
from caunoi.procedures.search.index import Index
from tests.procedures.records import lines, raw

PAPERS = "--Tên giấy tờMẫu đơn, tờ khaiSố lượng{}1 bản chính"


@pytest.fixture
def bring(town):
    """Procedures as from the portal, an import at a time."""

    def bring(*records):
        actions.bring_in(actions.look(actions.upload("a", lines(*records), by=town.thu)), by=town.thu)
        directory.forget()

    bring(
        raw("1.000001", ten_thu_tuc="Cấp thẻ lữ hành xanh", thanh_phan_ho_so=PAPERS.format("Phiếu hải trình")),
        raw("1.000002", ten_thu_tuc="Đăng ký khai tử"),
        raw("1.000003", ten_thu_tuc="Công nhận hộ nghèo"),
    )
    return bring


def first(text):
    hits = queries.search(text)
    return hits[0] if hits else None


def test_a_renamed_procedure_is_found_by_its_old_name_which_is_said_to_be_one(bring):
    bring(
        raw(
            "1.000001",
            ten_thu_tuc="Chứng nhận hướng dẫn viên sinh thái (cấp tỉnh)",
            so_quyet_dinh="77/QĐ-BTP",
            thanh_phan_ho_so=PAPERS.format("Tờ khai"),
        )
    )
    hit = first("cho em hỏi làm thẻ lữ hành xanh ở đâu")
    assert hit.procedure.code == "1.000001"
    assert hit.plain_why == "“Cấp thẻ lữ hành xanh” nay gọi là “Chứng nhận hướng dẫn viên sinh thái” (77/QĐ-BTP)"
    assert first("chứng nhận hướng dẫn viên sinh thái").plain_why == ""
    (history,) = histories().values()
    assert history.papers == ("Phiếu hải trình",)
    index = finding.index_now()
    assert Index.unpacked(index.packed()).documents == index.documents
    assert index.weight("trinh", index.numbers["1.000001"])


def test_an_edition_that_is_yet_to_come_gives_no_old_name(bring, town):
    assert not histories()
    bring(raw("1.000001", ten_thu_tuc="Cấp thẻ lữ hành XANH", thanh_phan_ho_so=PAPERS.format("Phiếu hải trình")))
    assert not histories()


def test_what_took_a_procedures_place_is_found_by_its_name_over_several(bring, town):
    bring(raw("1.000004", ten_thu_tuc="Chứng nhận hướng dẫn viên sinh thái", so_quyet_dinh="78/QĐ-BTP"))
    bring(raw("1.000005", ten_thu_tuc="Cấp phép thuyết minh thiên nhiên", so_quyet_dinh="79/QĐ-BTP"))
    actions.retire(queries.find("1.000001"), by=town.thu, successor=queries.find("1.000004"))
    actions.retire(queries.find("1.000004"), by=town.thu, successor=queries.find("1.000005"))
    directory.forget()
    hit = first("xin thẻ lữ hành xanh")
    assert hit.procedure.code == "1.000005"
    assert "Cấp thẻ lữ hành xanh" in hit.plain_why and "Cấp phép thuyết minh thiên nhiên" in hit.plain_why
    actions.unretire(queries.find("1.000001"), by=town.thu)
    directory.forget()
    assert first("xin thẻ lữ hành xanh").procedure.code == "1.000001"
