"""The gallery in a real browser: no error, nothing outside the policy, nothing wider than the page, axe clean."""

from typing import Any

import pytest
from playwright.sync_api import expect
from pytest_django import Settings

pytestmark = pytest.mark.browser


@pytest.fixture
def visit(screens: Any, settings: Settings) -> Any:
    settings.ROOT_URLCONF = "tools.gallery.urls"

    def go(query: str = "", **window: Any) -> Any:
        screen = screens("quan", **window)
        screen.go(f"/gallery/{query}")
        return screen

    return go


@pytest.mark.long
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    ("shell", "size"),
    [("citizen", "phone"), ("citizen", "desk"), ("desk", "tablet"), ("desk", "desk"), ("columns", "desk")],
)
def test_the_gallery_is_clean(visit: Any, shell: str, size: str, theme: str) -> None:
    seen = visit(f"?shell={shell}", size=size, theme=theme)
    seen.ready()
    seen.look()


def test_every_map_names_hoang_sa_and_truong_sa(visit: Any) -> None:
    seen = visit("?shell=citizen")
    seen.ready()
    page = seen.page
    for number in range(page.locator("[data-map]").count()):
        handle = f"document.querySelectorAll('[data-map]')[{number}]"
        assert "Quần đảo Hoàng Sa (Việt Nam), Quần đảo Trường Sa (Việt Nam)" in (
            page.locator("[data-map]").nth(number).locator(".map-inset").get_attribute("aria-label") or ""
        )
        named = page.evaluate(
            f"{handle}.map.getStyle().sources.islands.data.features"
            ".filter(f => f.properties.kind === 'archipelago').map(f => f.properties.name)"
        )
        assert named == ["Quần đảo Hoàng Sa\n(Việt Nam)", "Quần đảo Trường Sa\n(Việt Nam)"]
    drawn = page.evaluate(
        "(() => { const m = document.querySelector('[data-map=one]').map;"
        " return m.queryRenderedFeatures({layers: ['archipelagos']}).length })()"
    )
    assert drawn == 2


def test_what_is_typed_outlives_a_reload(visit: Any) -> None:
    page = visit().page
    page.fill("#id_text", "Đèn đường không sáng ba đêm nay")
    status = page.locator("#gallery-form [data-draft-status]")
    expect(status).to_contain_text("Đã lưu nháp")
    page.reload()
    assert page.input_value("#id_text") == "Đèn đường không sáng ba đêm nay"
    page.click("[data-draft-discard]")
    expect(status).to_contain_text("Đã xóa nháp.")
    page.reload()
    assert page.input_value("#id_text") == ""


def test_the_chosen_theme_is_there_before_any_script(visit: Any) -> None:
    page = visit(theme="light").page
    page.click(".btn-group [data-choose='theme:dark']")
    assert page.evaluate("document.documentElement.dataset.theme") == "caunoi-dark"
    answer = page.request.get(page.url).text()
    assert 'data-theme="caunoi-dark"' in answer


def test_the_palette_finds_without_marks_and_by_keyboard_alone(visit: Any) -> None:
    page = visit("?shell=columns").page
    page.keyboard.press("Control+k")
    page.keyboard.type("so lieu")
    page.wait_for_selector(".palette-option[aria-selected=true]:has-text('Số liệu')")
    page.keyboard.press("Enter")
    page.wait_for_url("**#chart-column")


def test_a_key_acts_only_while_nobody_writes(visit: Any) -> None:
    page = visit("?shell=columns").page
    page.keyboard.press("r")
    assert page.evaluate("document.activeElement.id") == "reply"
    page.keyboard.type("g c")
    assert page.input_value("#reply") == "g c"
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**#headphones")


def test_a_place_is_chosen_by_numbers_and_by_arrow_keys(visit: Any) -> None:
    seen = visit("?shell=citizen")
    seen.ready()
    page = seen.page
    page.click("text=Nhập tọa độ")
    page.fill("#id_lat", "11,52")
    page.fill("#id_long", "106.9")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('[data-map=pick]').map.getCenter().lat") == pytest.approx(
        11.52, abs=1e-4
    )
    page.locator(".map-pin").first.focus()
    page.keyboard.press("ArrowUp")
    assert float(page.input_value("#id_lat")) > 11.52


def test_without_scripts_the_form_and_the_figures_are_still_there(visit: Any) -> None:
    page = visit("?shell=citizen", scripts=False).page
    assert page.locator("#id_text").is_visible()
    assert page.locator("input[type=file][name=photos]").is_visible()
    assert not page.locator(".needs-script").first.is_visible()
    page.locator("[data-chart] summary").first.click()
    assert page.locator("[data-chart] table").first.is_visible()
