"""Many at the cost of one: all at once, and each alone only where that fails, so that a poisonous one stands out."""

import logging
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType

from caunoi.jobs import away

log = logging.getLogger(__name__)


class Attempt[T]:
    """A context that gives its items and keeps what fails in it as `error`. That the database is away is raised."""

    def __init__(self, items: Sequence[T]) -> None:
        self.items = items
        self.error: Exception | None = None

    def __enter__(self) -> Sequence[T]:
        return self.items

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> bool:
        if isinstance(error, Exception) and not away.lost(error):
            self.error = error
        return self.error is not None


def attempts[T](items: Sequence[T], fail: Callable[[T, Exception], None]) -> Iterator[Attempt[T]]:
    """`for attempt in attempts(items, fail): with attempt as part, transaction.atomic(): …` does all of them at once;
    where that fails, each alone. `fail(item, error)` is called for each that fails alone."""
    if not items:
        return
    whole = Attempt(items)
    yield whole
    if whole.error is None:
        return
    if len(items) == 1:
        fail(items[0], whole.error)
        return
    log.warning("%d together failed, each alone: %r", len(items), whole.error)
    for item in items:
        yield from attempts([item], fail)
