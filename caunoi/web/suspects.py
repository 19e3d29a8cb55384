"""Addresses from which forged calls came: their next ones are let in a few at a time and after a pause, before anything
of them is read. Never refused: behind a proxy that is not trusted a provider has the same address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic

from caunoi.lib.network import place
from caunoi.limits.memory import Memory

FORGERIES, WINDOW = 10, 60.0  # so many forged calls in so many seconds make an address suspect
TURNS, PAUSE = 2, 0.25  # calls at once from a suspect address, seconds before each is read


class Suspects:
    """Of one process; lives in one event loop. `door`: where they call; who forges at one is no suspect at another."""

    def __init__(self) -> None:
        self._forgeries = Memory(5_000)
        self._turns: dict[bytes, asyncio.Semaphore] = {}

    def note(self, door: str, address: str) -> None:
        """A forged call came from there."""
        self._forgeries.add(_key(door, address), WINDOW, monotonic())

    def is_suspect(self, door: str, address: str) -> bool:
        window = self._forgeries.read(_key(door, address), monotonic())
        return window is not None and window.hits >= FORGERIES

    @asynccontextmanager
    async def turn(self, door: str, address: str) -> AsyncIterator[None]:
        """The right to be read: at once, or, for a suspect, when others of its address are done and after a pause."""
        if not self.is_suspect(door, address):
            yield
            return
        key = _key(door, address)
        turns = self._turns.setdefault(key, asyncio.Semaphore(TURNS))
        try:
            async with turns:
                await asyncio.sleep(PAUSE)
                yield
        finally:
            if not turns.locked() and self._turns.get(key) is turns and not turns._waiters:
                self._turns.pop(key, None)


def _key(door: str, address: str) -> bytes:
    return f"{door} {place(address)}".encode()


suspects = Suspects()
