"""An official report: a month's figures, sentences and PDF over many tickets, and a sheet with very many cases.

Budgets: a month's PDF at most 3 s (figures read, sentences drafted, paper drawn); a sheet of 100,000 cases at most 10 s
of CPU and 300 MB, in a process that does nothing else, with every measure that the year's form names. SIZE=5k (or 100k)
sets the tickets of the year; the sheet's cases are those of the year again and again. Writes bench/out/reports.json.
"""

import json
import subprocess
import sys
import time
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

from bench import product
from bench.sweep import count, size

USUAL, PDF, SHEET, MEGABYTES, CASES = 5_000, 3.0, 10.0, 300, 100_000


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, then each paper in a process of its own."""
    from bench import fill as histories
    from caunoi.events.actor import SYSTEM
    from caunoi.statistics import rollup
    from caunoi.tickets.queries import visible_to

    if (lacking := asked - visible_to(SYSTEM).count()) > asked / 10:
        histories.load(lacking)
        rollup.rebuild()
    told: dict[str, Any] = {"tickets": visible_to(SYSTEM).count()}
    for what in ("pdf", "xlsx"):
        done = subprocess.run(product.command("bench.reports", what), check=True, stdout=subprocess.PIPE, text=True)
        told |= json.loads(done.stdout.splitlines()[-1])
    return told


def peak() -> int:
    """The most memory this process has had, in kB (ru_maxrss is begun with that of the process that started it)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


def paper(what: str) -> dict[str, Any]:
    """One paper, and what it took."""
    from caunoi.cli import product as ready  # noqa: F401

    # isort: split
    from django.utils.timezone import now
    from django.utils.translation import override

    from caunoi.directory.queries import option
    from caunoi.reports import cases, compose, figures, named, pdf, prose, queries, sheet, spans

    at, turn = now(), figures.turn()
    kind = spans.Kind.MONTH if what == "pdf" else spans.Kind.YEAR
    span = spans.latest(kind, at, turn)[0] if what == "pdf" else spans.around(kind, at, turn)
    many = chain.from_iterable(cases.every(figures.scope(span, at)) for _again in repeat(None))
    begun, wall = time.process_time(), time.perf_counter()
    body = queries.form(kind).body
    read = figures.reading(span, at, named.measures(body))
    compared = {"before": spans.before(span, turn), "year_before": spans.year_before(span, turn)}
    with override("vi"):
        small, form = option("small_number"), queries.form_fields(queries.form(kind))
        m = compose.Material(
            head=form,
            body=form["body"],
            signer="",
            span=span,
            compared=compared,
            figures=read,
            summary=prose.summary(read, span, compared, hotline=option("hotline_name"), small=small),
            hotline=option("hotline_name"),
            small=small,
            way="http://127.0.0.1/board/reports/1/cases",
            names=figures.channels(),
        )
        drawn = compose.paper(m)
        if what == "pdf":
            made = pdf.render(drawn, at)
        else:
            begun, wall = time.process_time(), time.perf_counter()
            made = sheet.render(drawn, m, islice(many, CASES), CASES, figures.names())
    return {
        f"{what}_cases": read["whole"]["total"] if what == "pdf" else CASES,
        f"{what}_cpu_s": round(time.process_time() - begun, 2),
        f"{what}_s": round(time.perf_counter() - wall, 2),
        f"{what}_mb": round(peak() / 1024),
        f"{what}_kb": round(len(made) / 1024),
    }


def main() -> int:
    product.HOME = product.ROOT / "var" / "bench-reports"
    with product.database():
        done = subprocess.run(
            product.command("bench.reports", str(count(size(), USUAL))),
            env=product.environment(),
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        )
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    product.write("reports", told)
    print(
        "{tickets:,} tickets: a month's PDF of {pdf_cases:,} {pdf_s} s ({pdf_cpu_s} s CPU, {pdf_kb} kB); a sheet of"
        " {xlsx_cases:,} cases {xlsx_s} s ({xlsx_cpu_s} s CPU, {xlsx_mb} MB, {xlsx_kb} kB)".format(**told)
    )
    kept = told["pdf_s"] <= PDF and told["xlsx_cpu_s"] <= SHEET and told["xlsx_mb"] <= MEGABYTES
    print(f"budgets {PDF} s, {SHEET} s CPU, {MEGABYTES} MB: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    print(json.dumps(paper(sys.argv[1]) if sys.argv[1] in ("pdf", "xlsx") else inside(int(sys.argv[1]))))
