"""An official report of very many tickets: its figures and PDF, and the sheet with every case.

Budgets: the PDF of a month at most 3 s (figures read, sentences drafted, paper drawn), a sheet of 100,000 rows at most
10 s and 300 MB; time as CPU of a process that does nothing else, a smaller sheet in proportion. SIZE=20k (or 100k) sets
the tickets of the year. Writes bench/out/reports.json.
"""

import json
import resource
import subprocess
import sys
import time
from typing import Any

from bench import product
from bench.sweep import count, size

USUAL, PDF, SHEET, MEGABYTES, WHOLE = 20_000, 3.0, 10.0, 300, 100_000


def inside(asked: int) -> dict[str, Any]:
    """In a process of the product: fill, then each paper in a process of its own."""
    from caunoi.cli import product as ready  # noqa: F401

    # isort: split
    from bench.opendata import fill

    rows = fill(asked)
    told = {"tickets": rows}
    for what in ("pdf", "xlsx"):
        done = subprocess.run(product.command("bench.reports", what), check=True, stdout=subprocess.PIPE, text=True)
        told |= json.loads(done.stdout.splitlines()[-1])
    return told


def paper(what: str) -> dict[str, Any]:
    from caunoi.cli import product as ready  # noqa: F401

    # isort: split
    from django.utils.timezone import now
    from django.utils.translation import override

    from caunoi.directory.queries import option
    from caunoi.reports import cases, compose, figures, pdf, prose, queries, sheet, spans

    begun, at = time.process_time(), now()
    kind = spans.Kind.MONTH if what == "pdf" else spans.Kind.YEAR
    span = spans.latest(kind, at, figures.turn())[0] if what == "pdf" else spans.around(kind, at, figures.turn())
    wall = time.perf_counter()
    read = figures.reading(span, at)
    compared = {"before": spans.before(span, figures.turn()), "year_before": spans.year_before(span, figures.turn())}
    with override("vi"):
        small = option("small_number")
        text = prose.summary(read, span, compared, hotline=option("hotline_name"), small=small)
        form = queries.said(queries.form(kind))
        m = compose.Material(
            head=form, body=form["body"], signer="", span=span, earlier=compared["before"], figures=read, summary=text,
            hotline=option("hotline_name"), small=small, way="http://127.0.0.1/board/reports/1/cases",
            names=figures.channels(),
        )  # fmt: skip
        drawn = compose.paper(m)
        if what == "pdf":
            size = len(pdf.render(drawn, at))
        else:
            rows = read["whole"]["total"]
            size = len(sheet.render(drawn, m, cases.every(figures.scope(span, at)), rows, figures.names()))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        f"{what}_tickets": read["whole"]["total"], f"{what}_cpu_s": round(time.process_time() - begun, 2),
        f"{what}_s": round(time.perf_counter() - wall, 2), f"{what}_mb": round(used.ru_maxrss / 1024),
        f"{what}_kb": round(size / 1024),
    }  # fmt: skip


def main() -> int:
    product.HOME = product.ROOT / "var" / "bench-opendata"
    with product.database():
        done = subprocess.run(
            product.command("bench.reports", str(count(size(), USUAL))), env=product.environment(), check=True,
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    product.write("reports", told)
    print(
        "{tickets:,} tickets: a month's PDF of {pdf_tickets:,} {pdf_s} s ({pdf_cpu_s} s CPU, {pdf_kb} kB); a sheet of"
        " {xlsx_tickets:,} rows {xlsx_s} s ({xlsx_cpu_s} s CPU, {xlsx_mb} MB, {xlsx_kb} kB)".format(**told)
    )
    most = SHEET * max(told["xlsx_tickets"] / WHOLE, 0.2)
    kept = told["pdf_s"] <= PDF and told["xlsx_cpu_s"] <= most and told["xlsx_mb"] <= MEGABYTES
    print(f"budgets {PDF} s, {most:.1f} s CPU, {MEGABYTES} MB: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    print(json.dumps(paper(sys.argv[1]) if sys.argv[1] in ("pdf", "xlsx") else inside(int(sys.argv[1]))))
