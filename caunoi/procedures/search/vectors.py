"""Unit vectors stored as a byte a number and a scale a row: a quarter of float32, and no likeness is off by more than
some thousandths. numpy comes only with the optional package, so it is imported when the first vectors are made."""

import importlib
from collections.abc import Sequence
from typing import Any

BLOCK = 2048
"""Rows converted to float32 at a time."""


class Vectors:
    """`count` rows of `width` numbers; a row is zero until it is put in. Numbers and results are numpy's."""

    def __init__(self, count: int, width: int) -> None:
        self._numpy = importlib.import_module("numpy")
        self._bytes = self._numpy.zeros((count, width), dtype="int8")
        self._scales = self._numpy.zeros(count, dtype="float32")

    def put(self, rows: Sequence[int], vectors: Any) -> None:
        """Sets rows by their numbers; vectors: one row each, any float type."""
        vectors = self._numpy.asarray(vectors, dtype="float32")
        scales = self._numpy.abs(vectors).max(axis=1) / 127
        self._scales[rows] = scales
        self._bytes[rows] = self._numpy.rint(vectors / self._numpy.maximum(scales, 1e-12)[:, None])

    def rows(self, rows: Sequence[int]) -> Any:
        """Convert vectors to float32 rows."""
        return self._bytes[rows].astype("float32") * self._scales[rows][:, None]

    def filled(self) -> Any:
        """The numbers of the rows that were put in."""
        return self._numpy.flatnonzero(self._scales)

    def likeness(self, vector: Any) -> Any:
        """The scalar product of each row with a vector, float32; 0 for a row without a vector."""
        result = self._numpy.empty(len(self._scales), dtype="float32")
        for start in range(0, len(result), BLOCK):
            block = slice(start, start + BLOCK)
            result[block] = self._bytes[block].astype("float32") @ vector
        return result * self._scales
