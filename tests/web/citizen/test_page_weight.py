"""The first page is light: at most 60 kB compressed without map and fonts, and fonts of at most 70 kB for two
weights.

Proves: Page weight ≤ 60 kB gz (home, form, list, `/app`), two font weights ≤ 70 kB"""

import gzip
import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not (settings.STATIC_DIST / "manifest.json").exists(), reason="the front end is not built"),
]
PAGE, FONTS = 60_000, 70_000  # bytes


def named(page: str) -> set[str]:
    """The files of ours that a page loads before anybody touches it, with what these import."""
    result = set(re.findall(r'(?:src|href)="/static/dist/([^"#?]+)', page))
    known = json.loads((settings.STATIC_DIST / "manifest.json").read_text("utf-8"))
    by_file = {entry["file"]: entry for entry in known.values()}
    waiting = list(result)
    while waiting:
        for name in by_file.get(waiting.pop(), {}).get("imports", []):
            if known[name]["file"] not in result:
                result.add(known[name]["file"])
                waiting.append(known[name]["file"])
    return result


def weight(path: Path) -> int:
    packed = path.with_name(f"{path.name}.gz")
    return (packed if packed.exists() else path).stat().st_size


@pytest.mark.parametrize("path", ["/", "/report", "/report/short", "/register", "/app"])
def test_a_page_weighs_at_most_sixty_kilobytes(town, path):
    page = Client(headers={"accept-language": "vi"}).get(path).content
    files = {name: weight(settings.STATIC_DIST / name) for name in sorted(named(page.decode()))}
    assert any(name.endswith(".css") for name in files) and any(name.endswith(".js") for name in files)
    total = len(gzip.compress(page, 6)) + sum(files.values())
    assert total <= PAGE, files


def test_two_weights_of_the_font_weigh_at_most_seventy_kilobytes():
    (css,) = (settings.STATIC_DIST / "assets").glob("citizen-*.css")
    faces = re.findall(r"@font-face\{([^}]*)\}", css.read_text("utf-8"))
    weights = {}
    for face in faces:
        if "Be Vietnam" not in face:
            continue
        weight_ = re.search(r"font-weight:(\w+)", face)[1]
        for name in re.findall(r"url\(\.?/?([^)\"']+woff2)", face):
            weights.setdefault(weight_, set()).add(Path(name).name)
    sizes = {
        w: sum((settings.STATIC_DIST / "assets" / n).stat().st_size for n in names) for w, names in weights.items()
    }
    assert len(sizes) >= 2
    assert sum(sorted(sizes.values())[-2:]) <= FONTS, sizes
