"""Whoever sends forged calls is let in a few at a time, and never refused."""

import asyncio

from caunoi.web import suspects as module
from caunoi.web.suspects import FORGERIES, Suspects


def test_a_suspect_waits_and_others_do_not(monkeypatch):
    monkeypatch.setattr(module, "PAUSE", 0.01)
    one, inside, most = Suspects(), 0, 0

    async def call(address):
        nonlocal inside, most
        async with one.turn("/hooks/", address):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.005)
            inside -= 1

    async def story():
        for _ in range(FORGERIES):
            one.note("/hooks/", "203.0.113.9")
        assert one.is_suspect("/hooks/", "203.0.113.9") and not one.is_suspect("/hooks/", "203.0.113.10")
        assert not one.is_suspect("/cti/", "203.0.113.9")
        await asyncio.gather(*(call("203.0.113.9") for _ in range(8)))
        assert most == 2
        await asyncio.gather(*(call("203.0.113.10") for _ in range(8)))
        assert most == 8
        assert not one._turns, "nothing is kept of those who are gone"

    asyncio.run(asyncio.wait_for(story(), 120))
