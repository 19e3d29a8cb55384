"""The colours of both themes can be read: WCAG 2.2 contrast, computed from assets/css/tokens.css."""

import math
import re
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "assets/css/tokens.css").read_text()
BLOCK = re.compile(r'@plugin "daisyui/theme" \{\s*name: "([\w-]+)";(.*?)\n\}', re.S)
COLOUR = re.compile(r"--([\w-]+): oklch\(([\d.]+)% ([\d.]+) ([\d.]+)\);")
THEMES = {
    name: {token: (float(light) / 100, float(c), float(h)) for token, light, c, h in COLOUR.findall(body)}
    for name, body in BLOCK.findall(CSS)
}

TEXT = [
    *(
        (ink, ground)
        for ink in ("color-base-content", "ink-muted", "color-primary")
        for ground in ("color-base-100", "color-base-200")
    ),
    ("color-base-content", "color-base-300"),
    ("ink-muted", "color-base-300"),
    ("color-base-content", "tint"),
    ("ink-muted", "tint"),
    ("tint-ink", "tint"),
    *(
        (f"color-{name}-content", f"color-{name}")
        for name in ("primary", "secondary", "accent", "neutral", "info", "success", "warning", "error")
    ),
    *(
        (f"{mark}-ink", ground)
        for mark in ("on-time", "due-soon", "overdue", "done-late", "refused")
        for ground in ("color-base-100", "color-base-200", "tint", f"{mark}-tint")
    ),
    ("map-ink", "map-land"),
    ("map-ink", "map-sea"),
]
MARKS = [
    *(
        (mark, ground)
        for mark in ("on-time", "due-soon", "overdue", "done-late", "refused")
        for ground in ("color-base-100", "color-base-200", "map-land")
    ),
    ("line-strong", "color-base-100"),
    ("line-strong", "color-base-200"),
    ("color-primary", "map-land"),
    ("color-accent", "color-base-100"),
    *((f"series-{i}", "color-base-100") for i in (1, 2, 3, 4)),
]


def luminance(colour: tuple[float, float, float]) -> float:
    """Relative luminance of an OKLCH colour, clipped to sRGB as browsers do. Matrices: CSS Color 4."""
    light, chroma, hue = colour
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (light + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (light - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (light - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short
    green = -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short
    blue = -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short
    red, green, blue = (min(max(part, 0.0), 1.0) for part in (red, green, blue))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_black_on_white_is_twenty_one_to_one() -> None:
    assert contrast((1.0, 0.0, 0.0), (0.0, 0.0, 0.0)) == pytest.approx(21, abs=0.01)


def test_a_known_colour_has_its_known_luminance() -> None:
    red = (0.6279554, 0.2576833, 29.2338851)  # #ff0000
    assert luminance(red) == pytest.approx(0.2126, abs=0.001)


def test_there_is_a_light_and_a_dark_theme_with_the_same_tokens() -> None:
    assert set(THEMES) == {"caunoi", "caunoi-dark"}
    assert set(THEMES["caunoi"]) == set(THEMES["caunoi-dark"])


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(theme: str, ink: str, ground: str) -> None:
    assert contrast(THEMES[theme][ink], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_and_edges_can_be_seen(theme: str, mark: str, ground: str) -> None:
    assert contrast(THEMES[theme][mark], THEMES[theme][ground]) >= 3
