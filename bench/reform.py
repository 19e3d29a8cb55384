"""July 2025 over open tickets: the districts end, Bình Phước goes into Đồng Nai, 270 old wards become 95 communes, and
every ticket, leg and deadline goes along; how long, in how many statements, and how long somebody who edits a ticket
waits.

Budget: 60 s for 10,000 tickets, in proportion for fewer; nobody waits longer than that transaction. SIZE=10k sets the
tickets. Writes bench/out/reform.json.
"""

import json
import sys
import threading
import time
from datetime import date, timedelta
from typing import Any

from bench.sweep import count, run, size

SECONDS, EACH, USUAL = 60.0, 10_000, 2_000
JULY, PROVINCE = date(2025, 7, 1), "75"


def before() -> None:
    """The two provinces as they were in June 2025, in force now; what the demo province has is history."""
    from caunoi.directory import past
    from caunoi.directory.actions import save_agencies
    from caunoi.directory.models import Agency, Area, Calendar
    from caunoi.directory.queries import forget
    from caunoi.lib.places import lineage
    from caunoi.reorganisation.models import Act

    Act.objects.all().delete()
    long_ago = {"valid_from": date(2019, 1, 1), "valid_to": date(2020, 1, 1)}
    Area.objects.filter(valid_to=None).update(**long_ago)
    Agency.objects.filter(valid_to=None).exclude(kind="centre").update(**long_ago)
    rows: dict[str, Any] = {}
    for unit in lineage.levels(u for u in lineage.past(PROVINCE) if u.valid_to == JULY):
        row = past.row(unit)
        row.valid_to, row.parent = None, rows.get(unit.district if unit.level == "commune" else unit.province)
        rows[unit.code] = row
    for level in (2, 3, 5):
        Area.objects.bulk_create([row for code, row in rows.items() if len(code) == level])
    stamp, office = f"{time.time():.0f}", Calendar.objects.get(code="office")
    save_agencies(
        {"code": f"cu-{stamp}-{code}", "name": f"UBND {row.name}", "kind": "commune", "area": row, "calendar": office}
        for code, row in rows.items()
        if len(code) > 2
    )
    forget()


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, plan, carry out, and edit tickets meanwhile."""
    from django.db import connection, connections

    from bench import clocks
    from caunoi.events.actor import SYSTEM
    from caunoi.reorganisation import actions, queries
    from caunoi.reorganisation.drafting import from_list
    from caunoi.reorganisation.models import Act
    from caunoi.routing.models import OPEN_LEGS, Handover
    from caunoi.sla.models import Deadline
    from caunoi.tickets import actions as tickets
    from caunoi.tickets.models import Ticket

    before()
    clocks.fill(asked, timedelta(days=3))
    dues = set(Deadline.objects.filter(met=None, leg=None).values_list("ticket_id", "clock", "due"))
    start = time.perf_counter()
    act = from_list(actions.draft("1662/NQ-UBTVQH15", "Sắp xếp", JULY, by=SYSTEM), by=SYSTEM)
    drafted = time.perf_counter() - start
    start = time.perf_counter()
    _, questions = queries.planned(act, located=queries.locate(act))
    planned = time.perf_counter() - start
    actions.schedule(act, by=SYSTEM, number=act.number, reason="bench")
    Act.objects.filter(pk=act.pk).update(starts=None)
    ids = list(Ticket.objects.values_list("pk", flat=True))
    stop, waited = threading.Event(), [0.0]

    def work() -> None:
        """Somebody edits ticket after ticket."""
        n = 0
        while not stop.is_set():
            n += 7919
            begun = time.perf_counter()
            tickets.edit(Ticket.objects.get(pk=ids[n % len(ids)]), by=SYSTEM, summary=f"Sửa {n}")
            waited.append(time.perf_counter() - begun)
            stop.wait(0.05)
        connections.close_all()

    took: list[tuple[float, str]] = []

    def counting(execute: Any, sql: str, *given: Any) -> Any:
        since = time.perf_counter()
        found = execute(sql, *given)
        took.append((round(time.perf_counter() - since, 2), " ".join(sql.split())[:60]))
        return found

    thread = threading.Thread(target=work)
    thread.start()
    begun, cpu = time.perf_counter(), time.thread_time()
    with connection.execute_wrapper(counting):
        actions.carry_out(act)
    spent, used = time.perf_counter() - begun, time.thread_time() - cpu
    stop.set()
    thread.join()
    left = Handover.objects.filter(state__in=OPEN_LEGS, agency__valid_to__isnull=False).count()
    moved = dues ^ set(Deadline.objects.filter(met=None, leg=None).values_list("ticket_id", "clock", "due"))
    return {
        "tickets": asked,
        "legs": queries.act(act.pk).moved["legs"],
        "questions": len(questions),  # type: ignore[union-attr]
        "draft_s": round(drafted, 2),
        "plan_s": round(planned, 2),
        "seconds": round(spent, 2),
        "cpu_s": round(used, 2),
        "statements": len(took),
        "slowest": sorted(took, reverse=True)[:8],
        "edits": len(waited) - 1,
        "longest_wait_s": round(max(waited), 2),
        "left_behind": left,
        "dues_moved": len(moved),
    }


def main() -> int:
    told = run("reform", "bench.reform", count(size(), USUAL))
    print(
        "{tickets:,} open tickets: drafted from the state's list in {draft_s} s, planned in {plan_s} s ({questions} "
        "questions), "
        "carried out in {seconds} s ({cpu_s} s of our CPU) with {statements} statements, {legs:,} legs passed on; "
        "meanwhile "
        "{edits} edits, the longest waited {longest_wait_s} s; left behind {left_behind}, deadlines moved "
        "{dues_moved}".format(**told)
    )
    budget = SECONDS * max(told["tickets"], EACH // 10) / EACH
    kept = told["seconds"] <= budget and not told["left_behind"] and not told["dues_moved"]
    print(f"budget {budget:.0f} s, nothing left behind, no deadline moved: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    print(json.dumps(inside(int(sys.argv[1]))))
