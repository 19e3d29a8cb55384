"""The demo province's procedures, in our own words, with the notes, templates and searches that grow around them."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.timezone import localdate, now

from caunoi.answers.actions import write_template
from caunoi.directory.queries import area
from caunoi.events.actor import SYSTEM
from caunoi.procedures.actions import add_versions, picked, record_question, write_note
from caunoi.procedures.actions.versions import describe
from caunoi.procedures.models import Procedure, Question
from caunoi.procedures.record import Case, Paper, Record, Way

TABLE = Path(__file__).parent / "data" / "procedures.toml"
WAYS = ("Trực tiếp", "Trực tuyến", "Dịch vụ bưu chính")
DECISION = "1022/QĐ-UBND (dữ liệu minh họa)"
STEPS = (
    "Bước 1: Chuẩn bị hồ sơ theo danh mục giấy tờ.\nBước 2: Nộp hồ sơ và nhận giấy hẹn; nộp trực tuyến thì nhận mã hồ "
    "sơ qua "
    "tin nhắn.\nBước 3: Nhận kết quả đúng ngày hẹn, mang theo giấy hẹn hoặc mã hồ sơ."
)
NOTES = (
    ("9.000101", "", "Các phường, xã nhận hồ sơ cả sáng thứ Bảy. Trẻ sinh ở nơi khác vẫn nộp được tại đây.", ""),
    ("9.000203", "25195", "Quầy số 2, tầng trệt; lấy số trước 10 giờ thì xong trong buổi sáng.", "+842513000101"),
    (
        "9.000302",
        "",
        "Hồ sơ đất đai nộp tại chi nhánh Văn phòng Đăng ký đất đai gần nhất, không phân biệt nơi có đất.",
        "",
    ),
)
TEMPLATES = (
    (
        "Khai sinh cho con",
        "Anh/chị nộp tại UBND phường, xã bất kỳ hoặc trực tuyến; đúng hạn thì không mất phí và có giấy ngay "
        "trong ngày. Thủ tục 9.000101; muốn làm luôn thường trú và thẻ BHYT thì chọn 9.000102.",
    ),
    (
        "Mở hộ kinh doanh",
        "Hồ sơ chỉ gồm giấy đề nghị và căn cước chủ hộ, 3 ngày làm việc có kết quả; nộp trực tuyến được miễn "
        "lệ phí. Thủ tục 9.000501.",
    ),
)
SEARCHES = (
    ("làm khai sinh cho con", ("9.000101", "9.000102"), "9.000101", 9),
    ("sang tên sổ đỏ", ("9.000302", "9.000301"), "9.000302", 6),
    ("mở tiệm tạp hóa", ("9.000501",), "9.000501", 4),
    ("len tho cu", (), "", 5),
    ("xin giấy cớ mất", (), "", 3),
    ("đăng ký chó mèo", (), "", 2),
    ("đổi tên trong sổ hộ khẩu", ("9.000203",), "", 3),
)


def records() -> list[Record]:
    """The procedures of the table."""
    return [_record(row) for row in tomllib.loads(TABLE.read_text("utf-8"))["procedure"]]


def _record(row: dict[str, Any]) -> Record:
    days = row["days"]
    cases = row.get("cases") or [{"title": "", "papers": row["papers"]}]
    return Record(
        code=row["code"],
        name=row["name"],
        decision=DECISION,
        level=row["level"],
        kind="Loại khác",
        field=row["field"],
        audience=tuple(row.get("audience", ("Công dân Việt Nam",))),
        agency=row["agency"],
        issuer="Thành phố Đồng Nai",
        steps=STEPS,
        conditions=row.get("conditions", ""),
        results=tuple(row["results"]),
        keywords=tuple(row.get("keywords", ())),
        ways=tuple(
            Way(form=form, days=days, time_text=f"{days} ngày làm việc", fee_text=row["fee"])
            for form in row.get("ways", WAYS)
        ),
        cases=tuple(Case(title=case["title"], papers=tuple(map(_paper, case["papers"]))) for case in cases),
    )


def _paper(line: str) -> Paper:
    name, originals, copies = (part.strip() for part in line.split("|"))
    return Paper(name=name, originals=int(originals), copies=int(copies))


def build() -> None:
    """Create what is missing; another call changes nothing."""
    existing = set(Procedure.objects.values_list("code", flat=True))
    fresh = [record for record in records() if record.code not in existing]
    if not fresh:
        return
    rows = [Procedure(code=record.code, source="demo") for record in fresh]
    for row, record in zip(rows, fresh, strict=True):
        describe(row, record)
    Procedure.objects.bulk_create(rows)
    begins = localdate() - timedelta(days=400)
    add_versions(
        [(row, record, None) for row, record in zip(rows, fresh, strict=True)], by=SYSTEM, effective_from=begins
    )
    by_code = {row.code: row for row in rows}
    for code, commune, text, phone in NOTES:
        if code in by_code:
            write_note(by_code[code], text, by=SYSTEM, area=area(commune) if commune else None, phone=phone)


def grow() -> None:
    """What comes with time: templates, searches, and a fee that changed after people had been told the old one."""
    if Question.objects.exists():
        return
    for name, text in TEMPLATES:
        write_template(name, text, by=SYSTEM)
    for text, codes, choice, times in SEARCHES:
        for number in range(times):
            question = record_question(text, codes, asker="citizen", place="citizen", score=float(bool(codes)))
            Question.objects.filter(pk=question.pk).update(at=now() - timedelta(days=3 * number, hours=5))
            if choice:
                picked(question.pk, choice)
    procedure = Procedure.objects.select_related("current").filter(code="9.000501").first()
    if procedure and procedure.current:
        old = procedure.current.record
        ways = tuple(Way(form=w.form, days=2, time_text="2 ngày làm việc", fee_text="Miễn phí") for w in old.ways)
        new = Record.of(
            old.content() | {"ways": [vars(way) for way in ways], "decision": "1122/QĐ-UBND (dữ liệu minh họa)"}
        )
        add_versions([(procedure, new, old)], by=SYSTEM, effective_from=localdate() - timedelta(days=2))
