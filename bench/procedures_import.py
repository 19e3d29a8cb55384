"""How long procedures take to be read, looked at and brought in: `make bench BENCH=procedures_import`.

SIZE records (2,000; SIZE=10000 for the budget itself) in the shapes of the real ones where they lie beside the
checkout, from the file's bytes to versions, within 60 s for 10,000; then the same again, and again with one of ten
changed. Everything is rolled back."""

import gzip
import json
import os
import sys
import time
from pathlib import Path

from caunoi.cli import product  # makes Django ready

# isort: split
from django.core.management import call_command
from django.db import transaction

from caunoi.events.actor import SYSTEM
from caunoi.procedures import actions
from caunoi.procedures.models import Import

ROOT = Path(__file__).resolve().parents[1]
REAL = ROOT.parent / "shared" / "data" / "procedures" / "procedures_2026_three_ministries.jsonl.gz"
OUT = ROOT / "bench" / "out"
BUDGET = 60.0


def records() -> list[dict[str, str]]:
    """The shapes there are."""
    if REAL.exists():
        with gzip.open(REAL, "rt", encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
    print(f"{REAL.name} is not here: one small record of our own stands for all")
    ways = "Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp5 Ngày làm việcMiễn phí"
    return [{"ma_thu_tuc": "1.000001", "ten_thu_tuc": "Cấp giấy", "cach_thuc_thuc_hien": ways, "detail_url": ""}]


def file(size: int, changed: bool = False) -> bytes:
    """`size` records of their own codes, packed; with `changed`, one of ten has another fee."""
    shapes, lines = records(), []
    for number in range(size):
        record = dict(shapes[number % len(shapes)])
        record["ma_thu_tuc"] = f"8.{number:06}"
        record["detail_url"] = f"https://example.org/{number}"
        if changed and number % 10 == 0:
            record["so_quyet_dinh"] = "99/QĐ-MỚI"
        lines.append(json.dumps(record, ensure_ascii=False))
    return gzip.compress("\n".join(lines).encode(), 1)


def measured(raw: bytes) -> dict[str, float | int]:
    began = time.perf_counter()
    row = actions.look(actions.upload("bench", raw, by=SYSTEM))
    looked = time.perf_counter()
    assert row.state == Import.State.READY, row.error
    actions.bring_in(row, by=SYSTEM)
    ended = time.perf_counter()
    plan = row.plan or {}
    return {
        "look": round(looked - began, 2),
        "bring_in": round(ended - looked, 2),
        "total": round(ended - began, 2),
        "new": len(plan["fresh"]),
        "changed": len(plan["changed"]),
        "same": plan["same"],
    }


def main() -> int:
    size = int(os.environ.get("SIZE", "2000").lower().replace("k", "000"))
    with product.database():
        call_command("migrate", verbosity=0)
        found = _all(size)
    for name, row in found.items():
        print(f"{name:14}", row)
    OUT.mkdir(exist_ok=True)
    (OUT / "procedures_import.json").write_text(json.dumps({"size": size, "budget": BUDGET, **found}, indent=1))
    missed = [name for name, row in found.items() if row["total"] > BUDGET * size / 10_000]
    return 1 if missed else 0


def _all(size: int) -> dict[str, dict[str, float | int]]:
    with transaction.atomic():
        result = {
            "first": measured(file(size)),
            "again": measured(file(size)),
            "tenth_changed": measured(file(size, True)),
        }
        transaction.set_rollback(True)
    return result


if __name__ == "__main__":
    sys.exit(main())
