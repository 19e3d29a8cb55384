"""docs/security says of every requirement how it stands, and names only what is there."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "security"
ASVS = (FOLDER / "asvs.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in ASVS.splitlines() if line.startswith("| V")]
STATES = {"met", "by the installation", "by the organisation", "not met", "not applicable"}
RELEASE = [line.split("\t") for line in (Path(__file__).parent / "asvs-5.0.0.tsv").read_text().splitlines()]
"""Number and level of every requirement of levels 1 and 2 of the release 5.0.0."""


def _paths(text: str) -> list[str]:
    """What is in back quotes and looks like a path of this repository."""
    return [one for one in re.findall(r"`([\w./-]+/[\w./-]+)`", text) if not one.startswith("/")]


def test_every_requirement_of_levels_1_and_2_is_there_once() -> None:
    assert sorted((row[0], row[1]) for row in ROWS) == sorted((number, level) for number, level in RELEASE)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_has_a_state_and_what_shows_it(row: list[str]) -> None:
    _number, _level, short, state, proof = row
    assert state in STATES and short and proof
    assert state != "met" or "`" in proof or len(proof) > 20
    assert [path for path in _paths(proof) if not (ROOT / path).exists()] == []


def test_the_figures_at_the_top_are_those_of_the_rows() -> None:
    for level in "12":
        (line,) = re.findall(rf"^\| {level} \|(.*)\|$", ASVS, re.M)
        *counts, total = (int(cell) for cell in line.split("|"))
        here = [row[3] for row in ROWS if row[1] == level]
        order = ["met", "by the installation", "by the organisation", "not met", "not applicable"]
        assert counts == [here.count(state) for state in order] and total == len(here)


def test_every_finding_of_the_attackers_is_there_once() -> None:
    ids = re.findall(r"^\| (SG?\d+) \|", ASVS, re.M)
    assert ids == [*(f"S{n}" for n in range(1, 18)), *(f"SG{n}" for n in range(1, 11))]


@pytest.mark.parametrize("page", sorted(FOLDER.glob("*.md")), ids=lambda page: page.name)
def test_a_page_names_only_files_that_are_there(page: Path) -> None:
    paths = [path for path in _paths(page.read_text()) if path.split("/")[0] in {"caunoi", "tests", "docs", "deploy"}]
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_pages_policy_is_that_of_the_table() -> None:
    policy = settings.SECURE_CSP
    assert policy["object-src"] == policy["base-uri"] == ["'none'"]
    assert "'unsafe-inline'" not in policy["script-src"] and policy["frame-ancestors"] == ["'none'"]
