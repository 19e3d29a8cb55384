"""Many rows as parameters of one statement: a text a column, which the database splits. (Writing arrays cost as much
as all the rest of counting.) Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

SEPARATOR = "\x1f"  # in no code


def unnest(kinds: Iterable[str]) -> str:
    """The rows of `parameters` in SQL, their columns of these types."""
    return f"unnest({', '.join(f'(string_to_array(%s, chr(31)))[2:]::{kind}[]' for kind in kinds)})"


def parameters(rows: Iterable[Sequence[Any]]) -> list[str]:
    """The rows, column by column; each begins with one that is left out, since one empty text alone is none."""
    return [SEPARATOR.join(("", *map(str, column))) for column in zip(*rows, strict=True)]
