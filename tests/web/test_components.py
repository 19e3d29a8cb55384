"""What every template must keep: known icons, Vietnamese words, nothing that the content security policy refuses."""

import gzip
import json
import re
from pathlib import Path

import polib
import pytest
from django.template import Context, Engine
from django.utils import translation

from caunoi.cli.messages import used
from caunoi.web.loader import Loader
from tools.gallery import views as gallery

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "caunoi/web/templates"
GALLERY = sorted((ROOT / "tools/gallery").glob("*.html"))
TEMPLATES = [*sorted(FOLDER.rglob("*.html")), *GALLERY]
COLUMNS = 120  # as in the code
BLOCKS = re.compile(
    r"<(?:article|aside|dd|div|dl|dt|fieldset|footer|form|h[1-6]|header|li|main|nav|ol|p|section|table|t[dhr]|ul)\b"
)
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
    return str(path.relative_to(ROOT))


def test_every_icon_is_in_the_sprite() -> None:
    named = {(short(path), one or other) for path in TEMPLATES for one, other in NAMED.findall(path.read_text())}
    assert not {(path, icon) for path, icon in named if icon not in ICONS | {"mark-"}}


def test_a_template_keeps_to_the_columns_of_the_code() -> None:
    wide = {
        f"{short(path)}:{number}"
        for path in [*FOLDER.rglob("*.*"), *GALLERY]
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(line) > COLUMNS
    }
    assert wide == set()


def test_a_line_of_a_template_holds_one_element() -> None:
    """A heading may stand in its head, a paragraph in its cell; a third is a line of its own."""
    crowded = {
        f"{short(path)}:{number}"
        for path in TEMPLATES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if len(BLOCKS.findall(line)) > 2
    }
    assert crowded == set()


@pytest.mark.parametrize(
    ("template", "page"),
    [
        ("{# of two\n lines #}<p>{%\n  if a\n    and b %}{{\n  a }}{%\n  endif %}\n</p>", "<p>x</p>"),
        (
            '<p\n  {% if a %}{{ a }}{% endif %}\n  title="{% if b %}>{% endif %}"\n>\n  y\n</p>',
            '<p x title=">">y</p>',
        ),
        ("<p>\n  {% if a %}\n    {# why #}\n    {{ a }}\n  {% endif %}\n  y\n</p>", "<p>x\ny</p>"),
        ("a{% if a %}\n  b{% endif %}\n c", "a\nb\nc"),
    ],
)
def test_lines_of_a_template_are_for_its_readers(
    template: str, page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tag goes over several; indentation and lines of silent tags reach nobody; words stay apart."""
    (tmp_path / "a.html").write_text(template)
    monkeypatch.setattr(Loader, "get_dirs", lambda self: [tmp_path])
    assert Loader(Engine()).get_template("a.html").render(Context({"a": "x", "b": True})) == page


def test_nothing_needs_an_unsafe_policy() -> None:
    assert not {short(path): refused for path in TEMPLATES if (refused := REFUSED.findall(path.read_text()))}


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
    missing = {text for (text, _context, _plural), where in used().items() if where.startswith(OURS)} - known
    assert missing == set()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("shell", ["citizen", "desk", "columns"])
def test_the_gallery_works_in_every_shell_and_language(shell: str, language: str) -> None:
    with translation.override(language):
        page = gallery.page(shell=shell)
    assert "</html>" in page
    assert REFUSED.findall(page) == []
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert {name for name in ids if ids.count(name) > 1} == set()


def test_every_component_is_used_by_a_page_of_the_product() -> None:
    product = [*FOLDER.rglob("*.html"), *FOLDER.parent.rglob("*.py")]
    named = set(re.findall(r"components/(\w+\.html)", "".join(path.read_text() for path in product)))
    assert {path.name for path in (FOLDER / "components").iterdir()} == named
