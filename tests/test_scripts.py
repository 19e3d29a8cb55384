"""Every script of the pages has unit tests, which `npm test` runs.

Proves: every script of the pages, and of the frame on other sites, has unit tests"""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
TESTS = ROOT / "tests" / "assets"
BUILT = ROOT / "caunoi" / "web" / "static"
WITHOUT = {
    "assets/js/desk.js": "a list of imports; every test with a browser at the desk runs it",
    "assets/build/figures.js": "runs when the pages are built; tests/web/citizen/test_page_weight.py weighs its fonts",
    "assets/build/gzip.js": "runs when the pages are built; tests/web/citizen/test_page_weight.py weighs its files",
    "assets/build/icons.js": "runs when the pages are built; tests/web/test_components.py looks for its icons",
    "assets/build/paper.js": "runs when the pages are built; papers are set in its fonts",
    "assets/build/vietnam.js": "runs when the pages are built, and for the tests of the maps",
    "assets/build/worker.js": "runs when the pages are built; test_app_in_a_browser.py installs its worker",
}


def scripts() -> set[Path]:
    found = [*(ROOT / "assets").rglob("*.js"), *(ROOT / "caunoi").rglob("*.js")]
    return {path for path in found if not path.is_relative_to(BUILT)}


def unit_tests(script: Path) -> str:
    """The tests of a script: the file of its name, which opens it in a page or runs its text."""
    path = TESTS / f"{script.stem}.test.js"
    text = path.read_text() if path.exists() else ""
    runs = re.search(rf'open\((?:[^;]|;(?!\n))*?"{script.stem}"|readFileSync\("[^"]*/{script.name}"', text)
    return text if runs else ""


def test_every_script_has_tests_or_a_reason_to_have_none():
    without = {path.relative_to(ROOT).as_posix() for path in scripts() if not unit_tests(path)}
    assert without == set(WITHOUT)


def test_every_test_belongs_to_a_script():
    names = {path.stem for path in scripts()}
    assert not [path.name for path in TESTS.glob("*.test.js") if path.name.removesuffix(".test.js") not in names]


def test_every_file_of_tests_looks_at_something():
    """Each names what it tests and expects something of it; none of its tests is switched off or alone."""
    empty = [p.name for p in TESTS.glob("*.test.js") if not re.search(r"\btest(\.each)?\(", p.read_text())]
    silent = [p.name for p in TESTS.glob("*.test.js") if "expect(" not in p.read_text()]
    switched = [
        p.name for p in TESTS.glob("*.test.js") if re.search(r"\b(test|describe)\.(skip|only|todo)\b", p.read_text())
    ]
    assert not empty + silent + switched
