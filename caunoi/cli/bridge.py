"""Holds the links to the telephone exchanges (Asterisk's AMI), or plays recorded ones."""

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
from django.utils.timezone import now

from caunoi.calls import bridge, replaying
from caunoi.conversations.queries import has_inbox
from caunoi.host import beat
from caunoi.jobs import direct
from caunoi.telephony import transcript

NAME = "bridge"
HELP = "hold the link to the telephone exchange (AMI) and write down its calls; --replay plays transcripts instead"
NEEDS = "database"
CHANNEL = "caunoi_bridge"

log = logging.getLogger(__name__)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(wait=True)
    parser.add_argument("--replay", nargs="+", metavar="FILE", type=Path, help="play AMI transcripts as calls of now")
    parser.add_argument("--speed", type=float, default=1.0, help="so many times as fast (default 1)")
    parser.add_argument("--inbox", default="phone", help="whose calls the played ones are (default phone)")


def run(args: argparse.Namespace) -> int:
    if args.replay:
        if not has_inbox(args.inbox):
            print(f"caunoi bridge: there is no inbox {args.inbox!r}", file=sys.stderr)
            return 1
        for path in args.replay:
            try:
                transcript.read(path)
            except (OSError, transcript.NotATranscriptError) as error:
                reason = error.strerror if isinstance(error, OSError) else error
                print(f"caunoi bridge: {path} cannot be read: {reason}", file=sys.stderr)
                return 1
        asyncio.run(replaying.play(args.inbox, args.replay, start=now(), speed=args.speed))
        return 0
    asyncio.run(_hold())
    return 0


async def _hold() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    beating = asyncio.create_task(_beat())
    try:
        await bridge.hold(stop, _listen)
    finally:
        beating.cancel()


async def _beat() -> None:
    while True:
        beat.beat()
        await asyncio.sleep(beat.EVERY)


async def _listen(tell: Callable[[str], None]) -> None:
    """Pass on what the desk asks for; a lost connection is made again."""
    while True:
        try:
            async with await psycopg.AsyncConnection.connect(**direct.parameters(), autocommit=True) as conn:
                await conn.execute(f"LISTEN {CHANNEL}")
                while True:
                    async for message in conn.notifies(timeout=30):
                        tell(message.payload)
                    await conn.execute("SELECT 1")
        except (psycopg.Error, OSError) as error:
            log.warning("bridge: no database (%s)", type(error).__name__)
        await asyncio.sleep(1)
