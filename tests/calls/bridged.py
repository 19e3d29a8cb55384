"""A bridge on the line to a small Asterisk, for the tests that need one."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from django.db import connection

from caunoi.calls import queries
from caunoi.calls.bridge import Line
from caunoi.calls.models import Call
from caunoi.calls.pbx import Ami
from caunoi.conversations.models import Inbox
from caunoi.telephony.client import Timing
from caunoi.telephony.transcript import Frame

QUICK = Timing(connect=1, action=0.3, booted=1, ping_every=0.05, ping_deadline=0.2, back_off=0.001)
PATIENT = Timing(connect=5, action=2, booted=5, ping_every=60, back_off=0.001)


def wire(frames: tuple[Frame, ...]) -> bytes:
    return b"".join(
        "".join(f"{key}: {value}\r\n" for key, value in frame.packet.pairs).encode() + b"\r\n" for frame in frames
    )


@asynccontextmanager
async def held(box: Inbox, port: int, timing: Timing = PATIENT) -> Any:
    settings = {**box.config, **box.secrets, "port": port}
    ami = Ami(
        host="127.0.0.1",
        port=port,
        username="caunoi",
        secret=settings["secret"],
        queues=("tongdai1022",),
        caller="1022",
    )
    line = Line(box, ami, timing=timing)
    task = asyncio.create_task(line.run())
    try:
        yield line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], Any], *, seconds: float = 10) -> Any:
    """Wait until something is so in the database."""

    def asked() -> Any:
        try:
            return true()
        finally:
            connection.close()

    async with asyncio.timeout(seconds):
        while not (found := await asyncio.to_thread(asked)):
            await asyncio.sleep(0.02)
    return found


def play(story: Awaitable[None]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story, 30)

    asyncio.run(whole())


def linked(box: Inbox) -> Callable[[], bool]:
    return lambda: queries.linked(box)


def outcomes() -> dict[str, str]:
    return dict(Call.objects.values_list("call_id", "outcome"))
