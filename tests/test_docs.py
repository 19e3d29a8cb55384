"""The docs say what the code does.

Proves: README, CONTRIBUTING, the way, glossary, generated lifecycle"""

import re
from pathlib import Path

import pytest

from caunoi import __version__
from caunoi.channels import page as channels_page
from caunoi.channels.base import Exempt, Rule
from caunoi.channels.registry import channels
from caunoi.events.actor import STAFF
from caunoi.tickets.lifecycle import Kind, State, Urgency
from tools import lifecycle, status

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("word", [*State, *Kind, *Urgency, *sorted(STAFF)])
def test_the_glossary_has_the_word(word):
    assert re.search(rf"^\| {word}[ ,(|]", GLOSSARY, re.M)


def test_the_lifecycle_page_is_printed_from_the_table():
    kept = (ROOT / "docs" / "lifecycle.md").read_text()
    assert kept == lifecycle.page(), "run: .venv/bin/python -m tools.lifecycle > docs/lifecycle.md"


def test_what_is_proved_is_printed_from_the_tests():
    assert (ROOT / "docs" / "status.md").read_text() == status.page(), (
        "run: .venv/bin/python -m tools.status > docs/status.md"
    )


def test_the_table_of_channels_is_drawn_from_their_files():
    page = (ROOT / "docs" / "channels.md").read_text()
    assert channels_page.drawn() in page, "run: .venv/bin/python -m caunoi.channels.page"


@pytest.mark.parametrize(("key", "rule"), [(key, rule) for key in channels() for rule in Rule])
def test_what_a_channel_says_of_its_quality_is_there(key, rule):
    standing = channels()[key].quality[rule]
    if isinstance(standing, Exempt):
        assert len(standing.reason.split()) > 3
        return
    path, _, inside = standing.proof.replace("#", "::").partition("::")
    assert (ROOT / path).exists(), standing.proof
    if path.endswith(".py"):
        assert f"\ndef {inside}(" in (ROOT / path).read_text(), standing.proof
    elif inside:
        headings = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(), re.M)
        assert inside in {heading.lower().replace(" ", "-") for heading in headings}, standing.proof


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
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
