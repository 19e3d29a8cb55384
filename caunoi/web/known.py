"""What the event loop must know of the database: read in a thread, and again when it is older than FRESH."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic

from django.db import Error, close_old_connections, connections

from caunoi.web.intake import NotKept

FRESH = 2.0  # seconds after which what an administrator changed is known here


class Known[T]:
    """`get` gives what `read` gave last; the old value while the database is away. NotKept when there is none yet."""

    def __init__(self, read: Callable[[], T]) -> None:
        self.read = read
        self.value: T | None = None
        self.at = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="known")

    async def get(self) -> T:
        if self.value is None or monotonic() - self.at > FRESH:
            try:
                self.value = await asyncio.get_running_loop().run_in_executor(self._thread, self._read)
            except Error as error:
                if self.value is None:
                    raise NotKept(str(error)) from error
            self.at = monotonic()
        return self.value

    async def close(self) -> None:
        """Give back the thread and its connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()

    def _read(self) -> T:
        close_old_connections()
        return self.read()
