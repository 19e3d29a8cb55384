"""What every template must keep: known icons, Vietnamese words, nothing that the content security policy refuses."""

import gzip
import json
import re
from pathlib import Path

import polib
import pytest
from django.template.loader import render_to_string
from django.utils import translation

from caunoi.cli.messages import used
from caunoi.web.setup import gallery

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "caunoi/web/templates").rglob("*.html"))
ICONS = set((ROOT / "assets/icons.txt").read_text().split()) | set(
    re.findall(r'<symbol id="([\w-]+)"', (ROOT / "assets/own-icons.svg").read_text())
)
BUILT = ROOT / "caunoi/web/static/dist/manifest.json"
NAMED = re.compile(r"""\{%\s*icon\s+"([\w-]+)"\s*[^|]|\bicon="([\w-]+)\"""")
REFUSED = re.compile(
    r"""\son\w+=["']|\sstyle=["']|hx-on|javascript:|<style|<script(?![^>]*(?:src=|application/json))""", re.I
)
OURS = (
    "web/templates/base.html",
    "web/templates/components/",
    "web/templates/citizen/base",
    "web/templates/desk/base",
    "web/templatetags/",
)


def short(path: Path) -> str:
    return str(path.relative_to(ROOT / "caunoi/web/templates"))


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_every_icon_is_in_the_sprite(path: Path) -> None:
    names = {one or other for one, other in NAMED.findall(path.read_text())}
    assert names - ICONS - {"mark-"} == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=short)
def test_nothing_needs_an_unsafe_policy(path: Path) -> None:
    assert REFUSED.findall(path.read_text()) == []


@pytest.mark.skipif(not BUILT.exists(), reason="the front end is not built: npm ci, npm run build")
def test_the_first_page_of_a_citizen_is_light() -> None:
    """Styles, scripts and icons of a page without a map: at most 60 kB as they travel."""
    manifest = json.loads(BUILT.read_text())
    entry = manifest["assets/js/citizen.js"]
    names = [
        entry["file"],
        *entry["css"],
        *(manifest[name]["file"] for name in entry["imports"]),
        manifest["assets/icons.svg"]["file"],
    ]
    assert sum(len(gzip.compress((BUILT.parent / name).read_bytes(), 9)) for name in names) <= 60_000


def test_the_policy_test_can_fail() -> None:
    assert (
        REFUSED.search('<a onclick="x()">')
        and REFUSED.search('<b style="color:red">')
        and REFUSED.search("<script>x()</script>")
    )


def test_components_and_shells_speak_vietnamese() -> None:
    known = {
        entry.msgid
        for entry in polib.pofile(str(ROOT / "caunoi/locale/vi/front.po"))
        if entry.msgstr or entry.msgstr_plural
    }
    missing = {text for text, where in used().items() if where.startswith(OURS)} - known
    assert missing == set()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("shell", ["citizen", "desk", "columns"])
def test_the_gallery_works_in_every_shell_and_language(shell: str, language: str) -> None:
    with translation.override(language):
        page = render_to_string(*gallery.page(shell=shell))
    assert "</html>" in page
    assert REFUSED.findall(page) == []
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert {name for name in ids if ids.count(name) > 1} == set()


def test_every_component_stands_in_the_gallery() -> None:
    shown = "".join(path.read_text() for path in TEMPLATES)
    unused = {
        path.name for path in TEMPLATES if path.parent.name == "components" and f"components/{path.name}" not in shown
    }
    assert unused <= {"icon.html", "select.html", "dialog.html"}
