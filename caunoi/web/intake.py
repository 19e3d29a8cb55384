"""Receipts of many calls written together: while one batch is being committed the next one gathers, so that a storm
costs one commit for many and each caller waits for its own. Lives in one event loop, with one connection."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.abc import Params

from caunoi.accounts.service_accounts import NOTE_USES
from caunoi.conversations.actions.receipts import ARRIVED, COUNT_FORGERIES, KEEP, Row, columns
from caunoi.jobs.attempts import attempts

MOST = 500  # rows a statement
LONGEST = 5.0  # seconds a caller waits for the database
QUIET = 0.02  # seconds between two calls to the worker
COUNT = 5.0  # … between two times that forgeries and uses of keys are written down: a flood fills neither disk nor log

log = logging.getLogger(__name__)

type Waiting = tuple[Sequence[Row], asyncio.Future[None]]


class NotStoredError(Exception):
    """The database is away: the provider must send it again."""


class Intake:
    """`keep` returns when its rows are committed."""

    def __init__(self, parameters: Mapping[str, Any]) -> None:
        self.parameters = parameters
        self._waiting: list[Waiting] = []
        self._forged: dict[int, int] = {}
        self._used: set[int] = set()
        self._some = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._called = 0.0
        self._counted = 0.0
        self._counting = asyncio.Lock()
        self._owed = False

    async def keep(self, rows: Sequence[Row]) -> None:
        """Write them down, durably. NotStoredError; psycopg.DataError for what PostgreSQL cannot hold."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((rows, future))
        self._wake()
        try:
            async with asyncio.timeout(LONGEST):
                await future
        except TimeoutError:
            raise NotStoredError("timeout") from None

    def forged(self, inbox: int) -> None:
        """Count a call that was not the provider's."""
        self._forged[inbox] = self._forged.get(inbox, 0) + 1
        self._wake()

    def use(self, key: int) -> None:
        """Note that a key has opened a door."""
        self._used.add(key)
        self._wake()

    async def close(self) -> None:
        await self._count()
        if self._task:
            self._task.cancel()
        if self._connection:
            await self._connection.close()

    def _wake(self) -> None:
        self._some.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            try:
                await asyncio.wait_for(self._some.wait(), self._pause())
            except TimeoutError:
                pass
            self._some.clear()
            while self._waiting:
                await self._write()
            if self._owed and self._now() - self._called > QUIET:
                await self._call()
            if (self._forged or self._used) and self._now() - self._counted > COUNT:
                await self._count()

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _pause(self) -> float | None:
        """Seconds until something falls due by itself; None: nothing does."""
        if self._owed:
            return QUIET
        return max(QUIET, self._counted + COUNT - self._now()) if self._forged or self._used else None

    async def _write(self) -> None:
        batch: list[Waiting] = []
        count = 0
        while self._waiting and count < MOST:
            one = self._waiting.pop(0)
            count += len(one[0])
            batch.append(one)
        try:
            for attempt in attempts(batch, _fail_alone):
                with attempt as part:
                    await self._execute(KEEP, columns(row for rows, _ in part for row in rows))
                    for _, future in part:
                        if not future.done():
                            future.set_result(None)
        except (psycopg.Error, OSError) as error:
            await self._fail(batch, error)
        else:
            self._owed = True

    async def _fail(self, batch: Sequence[Waiting], error: Exception) -> None:
        log.warning("hooks: no database (%s)", type(error).__name__)
        for _, future in batch:
            if not future.done():
                future.set_exception(NotStoredError(str(error)))
        if self._connection:
            await self._connection.close()
        self._connection = None

    async def _call(self) -> None:
        """Call the worker."""
        self._called, self._owed = self._now(), False
        try:
            await self._execute("SELECT pg_notify(%s, '')", [ARRIVED])
        except (psycopg.Error, OSError) as error:
            await self._fail([], error)

    async def _count(self) -> None:
        """Write down how many forgeries there were, and which keys were used."""
        async with self._counting:
            self._counted = self._now()
            forged, self._forged = self._forged, {}
            used, self._used = self._used, set()
            try:
                if used:
                    await self._execute(NOTE_USES, [list(used)])
                for inbox, count in forged.items():
                    log.warning("hooks: %s forged calls to inbox %s", count, inbox)
                    await self._execute(COUNT_FORGERIES, [inbox, count])
            except (psycopg.Error, OSError) as error:
                await self._fail([], error)

    async def _execute(self, query: str, values: Params) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = await psycopg.AsyncConnection.connect(**self.parameters, autocommit=True)
        await self._connection.execute(query, values, prepare=True)


def _fail_alone(one: Waiting, error: Exception) -> None:
    """What PostgreSQL cannot hold is the caller's fault; anything else is to be sent again."""
    _, future = one
    if not future.done():
        future.set_exception(error if isinstance(error, psycopg.DataError) else NotStoredError(str(error)))
