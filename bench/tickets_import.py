"""How fast an old hotline's list becomes tickets, and in how much memory: `make bench BENCH=tickets_import`.

SIZE rows (5,000; SIZE=100k for the budget itself) of a made-up CSV in the shape of such lists: old addresses, words for
states, closed and open cases, one row in twenty odd. Looked at, brought in, brought in again. Everything is rolled
back. Rows/s are of this process's CPU time; memory is what it grew by."""

import csv
import json
import os
import resource
import sys
import time
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from caunoi.cli import product  # makes Django ready

# isort: split
from django.core.management import call_command
from django.db import transaction

from caunoi.demo import province
from caunoi.directory import queries as directory
from caunoi.events.actor import SYSTEM
from caunoi.imports import actions
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.models import Batch

OUT = Path(__file__).resolve().parent / "out"
HEAD = [
    "Mã phiếu",
    "Ngày tiếp nhận",
    "Nội dung",
    "Họ tên",
    "Số điện thoại",
    "Địa điểm",
    "Xã, phường",
    "Huyện",
    "Lĩnh vực",
    "Kênh tiếp nhận",
    "Trạng thái",
    "Đơn vị xử lý",
    "Ngày trả lời",
    "Nội dung trả lời",
]
PLACES = [
    ("Đức Liễu", "Bù Đăng"),
    ("Tân Phú", "Đồng Xoài"),
    ("Lộc Ninh", "Lộc Ninh"),
    ("An Lộc", "Bình Long"),
    ("Nhiều nơi", ""),
]
STATES = ["Đã xử lý", "Đã xử lý", "Đã xử lý", "Đã trả lời", "Đang xử lý", "Từ chối"]
TEXT = "Đèn đường trước nhà tôi không sáng đã nhiều ngày, ban đêm đi lại rất nguy hiểm, đề nghị sửa chữa sớm. "
LEAST, MOST_GROWTH = 250, 300
"""Rows a second of CPU; MB that 100,000 rows may add."""


def file(folder: Path, size: int) -> Path:
    random, path = Random(4), folder / "old.csv"
    agencies = [row.name for row in directory.agencies()[:40]]
    categories = [row.name for row in directory.categories()]
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(HEAD)
        for number in range(size):
            commune, district = random.choice(PLACES)
            day, month = random.randint(1, 28), random.randint(1, 12)
            odd = number % 20 == 0
            rows.writerow(
                [
                    f"PA-{number}",
                    "hôm qua" if odd else f"{day:02d}/{month:02d}/2024 {number % 24:02d}:{number % 60:02d}",
                    TEXT * random.randint(1, 4),
                    f"Người Thử {number % 5000}",
                    f"0912{number % 10**6:06d}",
                    f"Tổ {number % 90}",
                    commune,
                    district,
                    random.choice(categories),
                    "Điện thoại",
                    random.choice(STATES),
                    random.choice(agencies),
                    f"{day:02d}/{month:02d}/2024 23:59",
                    "Đơn vị đã kiểm tra và khắc phục xong. " * 3,
                ]
            )
    return path


def timed(path: Path, told: ColumnMapping) -> tuple[Batch, dict[str, float]]:
    began, wall = time.process_time(), time.perf_counter()
    row = actions.look(actions.open_batch("tickets", path, by=SYSTEM, mapping=told, resume=False), path)
    assert row.state == Batch.State.READY, row.error
    looked = time.process_time()
    actions.begin(row, Batch.State.APPLYING, by=SYSTEM)
    row.refresh_from_db()
    row = actions.bring_in(row, by=SYSTEM, path=path)
    ended = time.process_time()
    return row, {"look": looked - began, "bring_in": ended - looked, "wall": time.perf_counter() - wall}


def main() -> int:
    size = int(os.environ.get("SIZE", "5000").lower().replace("k", "000"))
    with product.database():
        call_command("migrate", verbosity=0)
        return _measured(size)


def _measured(size: int) -> int:
    with TemporaryDirectory() as folder, transaction.atomic():
        province.build(None)
        path, told = file(Path(folder), size), ColumnMapping(source="bench")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        row, first = timed(path, told)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - before
        again, second = timed(path, told)
        transaction.set_rollback(True)
    rate = row.counts["rows"] / first["bring_in"]
    found = {
        "rows": size,
        "tickets": row.counts["rows"],
        "left": row.counts["left"],
        "again": again.counts["rows"],
        "looked_per_cpu_s": round(size / first["look"]),
        "written_per_cpu_s": round(rate),
        "wall_s": round(first["wall"], 1),
        "again_wall_s": round(second["wall"], 1),
        "grown_mb": round(grown),
        "kept": rate >= LEAST and grown <= MOST_GROWTH and again.counts["rows"] == 0,
    }
    print(json.dumps(found))
    OUT.mkdir(exist_ok=True)
    (OUT / "tickets_import.json").write_text(json.dumps(found, indent=1))
    return 0 if found["kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
