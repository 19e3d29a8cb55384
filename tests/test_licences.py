"""What a release ships may be shipped by a province: no part of the runtime is under the GPL or AGPL, and it ships
nothing that it does not use."""

import re
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCK = (ROOT / "requirements" / "base.lock").read_text()
PARTS = sorted(set(re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==", LOCK, re.M)))
OPEN = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|Zlib|HPND|CC0|LGPL|Lesser General", re.I
)
STRICT = re.compile(r"(?<!L)\bA?GPL|(?<!Lesser )General Public", re.I)
WITHOUT = {"pyrage": "MIT"}
"""{part: licence} where the wheel does not say it; read in the part's own repository."""


def stated(name: str) -> str:
    meta = distribution(name).metadata
    rows = [meta.get("License-Expression") or "", (meta.get("License") or "").partition("\n")[0]]
    rows += [row.rpartition("::")[2].strip() for row in meta.get_all("Classifier") or [] if row.startswith("License")]
    return "; ".join(row for row in rows if row) or WITHOUT.get(name.lower(), "")


@pytest.mark.parametrize("name", PARTS)
def test_a_part_of_the_runtime_is_under_an_open_licence_that_is_no_gpl(name: str) -> None:
    try:
        licence = stated(name)
    except PackageNotFoundError:
        pytest.skip("not for this system")
    choices = re.split(r"\bOR\b|;", licence)
    assert any(OPEN.search(one) and not STRICT.search(one) for one in choices), licence or "says nothing"
    assert not STRICT.search(licence) or " OR " in licence, licence


@pytest.mark.parametrize("text", ["GPL-2.0-only", "AGPL-3.0", "GNU General Public License v3 (GPLv3)", "GPLv2+"])
def test_a_gpl_would_be_found(text: str) -> None:
    assert STRICT.search(text)


@pytest.mark.parametrize("text", ["LGPL-3.0-only", "GNU Lesser General Public License v3 (LGPLv3)"])
def test_a_library_licence_is_none(text: str) -> None:
    assert not STRICT.search(text) and OPEN.search(text)


NAMED = re.findall(r"^([a-z][a-z0-9-]*)", (ROOT / "requirements" / "base.in").read_text(), re.M)
BY_OTHERS = {"argon2-cffi": "Django's Argon2PasswordHasher", "uvloop": "uvicorn", "httptools": "uvicorn"}


@pytest.mark.parametrize("name", sorted(set(NAMED) - set(BY_OTHERS)))
def test_what_is_shipped_is_used(name: str) -> None:
    folders = [one for one, owners in packages_distributions().items() if name in (o.lower() for o in owners)]
    used = re.compile(rf"(?:^\s*(?:import|from)\s|[\"'])(?:{'|'.join(map(re.escape, folders))})\b", re.M)
    assert any(used.search(path.read_text("utf-8")) for path in (ROOT / "caunoi").rglob("*.py")), folders
