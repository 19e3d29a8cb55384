"""The docs say what the code does."""

import re
import tomllib
from pathlib import Path

import pytest

from caunoi import __version__
from caunoi.events.actor import STAFF
from caunoi.tickets.lifecycle import MOVES, Kind, State, Urgency, diagram

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("word", [*State, *MOVES, *Kind, *Urgency, *sorted(STAFF)])
def test_the_glossary_has_the_word(word):
    assert re.search(rf"^\| {word}[ ,(|]", GLOSSARY, re.M)


def test_the_lifecycle_page_is_drawn_from_the_table():
    page = (ROOT / "docs" / "lifecycle.md").read_text()
    assert diagram() in page, "run: .venv/bin/python -m caunoi.tickets.lifecycle > docs/lifecycle.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_named_files_exist(page):
    text = page.read_text()
    for name in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.py)`", text):
        assert (ROOT / name).exists() or (ROOT / "caunoi" / name).exists(), name


def test_every_environment_variable_is_explained():
    code = "".join(p.read_text() for p in (ROOT / "caunoi").rglob("*.py"))
    used = set(re.findall(r'"(CAUNOI_[A-Z_]+)"', code)) - {"CAUNOI_DEBUG", "CAUNOI_AREAS"}
    page = (ROOT / "docs" / "operating.md").read_text()
    assert {name for name in used if name not in page} == set()


def test_the_readme_names_the_two_commands_and_ci_runs_them():
    readme = (ROOT / "README.md").read_text()
    script = (ROOT / ".ci" / "run").read_text()
    assert "make run" in readme
    assert "make test" in readme
    assert "make test" in script
    assert "make check" in script


def test_the_release_is_named_once_and_has_its_notes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == __version__
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
