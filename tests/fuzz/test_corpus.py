"""What the fuzzer begins with, and whatever ever made a reader fail, is read or refused."""

from pathlib import Path

import pytest

from tests.fuzz.harnesses import HARNESSES

CORPUS = Path(__file__).parent / "corpus"
FILES = sorted(path for path in CORPUS.glob("*/*") if path.is_file())


def test_every_reader_has_a_corpus() -> None:
    assert {path.parent.name for path in FILES} == set(HARNESSES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_is_read_or_refused(path: Path) -> None:
    HARNESSES[path.parent.name](path.read_bytes())
