"""A recording that lies sealed in a case is heard in a real browser, from any moment on, and is kept as a file."""

import io
import wave
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from caunoi.confidential import actions
from caunoi.confidential.lanes import Lane, Way
from caunoi.tickets.report import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SECONDS = 40
HEAR = """async (from) => {
  const player = document.querySelector('audio');
  player.muted = true;
  await player.play();
  player.currentTime = from;
  const begun = performance.now();
  while (player.seeking || player.currentTime <= from) {
    const stuck = performance.now() - begun > 30000;
    if (stuck) return [player.duration, player.currentTime, player.error?.message ?? 'stuck'];
    await new Promise((go) => setTimeout(go, 50));
  }
  player.pause();
  return [player.duration, player.currentTime, ''];
}"""


def spoken() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(range(250)) * (SECONDS * 64))
    return out.getvalue()


@pytest.mark.parametrize(("size", "theme"), [("desk", "light"), ("phone", "dark")])
def test_the_custodian_hears_it_on_the_page_and_keeps_it(
    town: SimpleNamespace, screens: Callable[..., Any], size: str, theme: str
) -> None:
    report = Report(text="Bố cháu đánh mẹ mỗi tối.", channel="phone", once="a")
    files = [("told.wav", "audio/wav", spoken()), ("a.pdf", "application/pdf", b"%PDF-")]
    row = actions.receive(report, Lane.CHILD, Way.OPERATOR, by=town.lan, files=files)
    screen = screens("thu", size=size, theme=theme)
    screen.page.set_default_timeout(60_000)
    page = screen.go(f"/confidential/{row.code}/")
    length, heard, trouble = page.evaluate(HEAR, 30)
    assert trouble == "" and abs(length - SECONDS) < 1 and 30 < heard < SECONDS
    with page.expect_download() as download:
        page.locator("a[href$='?save=1']").click()
    assert download.value.suggested_filename == f"{row.code}-{row.files.first().pk}.wav"
    assert Path(download.value.path()).read_bytes() == spoken()
    screen.clean(f"confidential-case-{size}-{theme}")
