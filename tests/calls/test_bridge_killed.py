"""kill -9 of the bridge in the middle of a storm: no call lost, none doubled, nobody called back twice."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from bridged import until
from django.conf import settings
from django.db import connection
from fake_pbx import FakePbx, packet

from caunoi.calls import queries
from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback, Inbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROOT = Path(__file__).parents[2]
START = datetime(2026, 8, 6, 1, tzinfo=UTC)
type Told = tuple[str, bytes]


def told(call_id: str, event: str, seconds: float, **fields: str) -> bytes:
    at = f"{(START + timedelta(seconds=seconds)).timestamp():.6f}"
    root = {"Linkedid": call_id, "Uniqueid": call_id, "Channel": "PJSIP/trunk-00000001"}
    return packet(Event=event, Timestamp=at, **{**root, **fields})


def number(call_id: str) -> str:
    """Two calls share a number: one call-back."""
    return f"09000{int(call_id.split('-')[1]) // 2:05d}"


def beginning(call_id: str, at: float) -> list[bytes]:
    new = {"CallerIDNum": number(call_id), "Exten": "1022"}
    return [
        told(call_id, "Newchannel", at, Context="from-trunk", **new),
        told(call_id, "QueueCallerJoin", at + 1, Queue="tongdai1022", **new),
    ]


def end(call_id: str, at: float) -> list[bytes]:
    gone = {"Queue": "tongdai1022", "CallerIDNum": number(call_id)}
    return [told(call_id, "QueueCallerAbandon", at, HoldTime="9", **gone), told(call_id, "Hangup", at, Cause="16")]


def channel(call_id: str) -> dict[str, str]:
    return {
        "Linkedid": call_id,
        "Uniqueid": call_id,
        "Channel": "PJSIP/trunk-00000001",
        "CallerIDNum": number(call_id),
        "Exten": "1022",
        "Context": "from-trunk",
        "Duration": "00:00:05",
    }


@contextmanager
def process(database: str) -> Iterator["subprocess.Popen[bytes]"]:
    """The bridge as `caunoi up` starts it."""
    environment = {**os.environ, "DATABASE_URL": database, "CAUNOI_DEMO": "", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "caunoi.cli", "bridge"]
    child = subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
        child.wait(20)


def test_database() -> str:
    found: dict[str, Any] = settings.DATABASES["default"]
    host, port = found["HOST"] or "", found["PORT"] or ""
    tail = f"&port={port}" if port and host.startswith("/") else ""
    return f"postgresql://{found['USER']}@/{connection.settings_dict['NAME']}?host={host}{tail}"


test_database.__test__ = False  # type: ignore[attr-defined]


@pytest.fixture
def box(town: Any) -> Inbox:
    return make_inbox("phone", "phone", secrets={"secret": "s3cret"}, host="127.0.0.1", port="0", username="caunoi")


def test_no_call_is_lost_or_doubled_and_nobody_is_called_back_twice(box: Inbox, work: Callable[[], None]) -> None:
    chance = random.Random(1022)
    before = [f"a-{n}" for n in range(40)]  # begun and ended before the kill
    through = [f"b-{n}" for n in range(100, 140)]  # begin around the kill, end after it
    gap = [f"c-{n}" for n in range(200, 210)]  # begin while nobody listens

    async def storm(pbx: FakePbx, packets: list[bytes]) -> None:
        for start in range(0, len(packets), 7):
            await pbx.say(b"".join(packets[start : start + 7]))
            await asyncio.sleep(0)

    async def story() -> None:
        pbx = FakePbx(members=())
        async with pbx.listening() as port:
            await asyncio.to_thread(_set_up, port)
            with process(test_database()) as first:
                await until(lambda: queries.linked(box), seconds=30)
                packets = [one for call_id in before for one in beginning(call_id, 0) + end(call_id, 10)]
                chance.shuffle(packets)
                await storm(pbx, packets)
                await until(lambda: _written(before))
                packets = [one for call_id in through for one in beginning(call_id, 12)]
                chance.shuffle(packets)
                await storm(pbx, packets)  # and in the middle of writing these
                first.send_signal(signal.SIGKILL)
            pbx.channels = tuple(channel(call_id) for call_id in through + gap)
            for _ in range(2):  # and once more, in between two calls
                with process(test_database()) as again:
                    logins = pbx.logins
                    await until(lambda seen=logins: pbx.logins > seen, seconds=30)
                    await until(lambda: set(Call.objects.values_list("call_id", flat=True)) >= {*through, *gap})
                    packets = [one for call_id in through + gap for one in end(call_id, 60)]
                    chance.shuffle(packets)
                    await storm(pbx, packets + packets[::3])
                    await until(lambda: not Call.objects.exclude(state="ended").exists())
                    again.send_signal(signal.SIGKILL)
                pbx.channels = ()

    asyncio.run(asyncio.wait_for(story(), 90))
    rows = dict(Call.objects.values_list("call_id", "outcome"))
    assert set(rows) == {*before, *through, *gap}
    assert set(rows.values()) == {"abandoned"}
    work()
    work()
    waiting = {row.phone: row.times for row in Callback.objects.all()}
    assert len(waiting) == Callback.objects.count() == len(rows) // 2
    assert set(waiting.values()) == {2}


def _written(ids: list[str]) -> bool:
    return Call.objects.filter(call_id__in=ids, outcome="abandoned").count() == len(ids)


def _set_up(port: int) -> None:
    row = Inbox.objects.get(name="phone")
    row.config = {**row.config, "port": str(port)}
    row.save()
    connection.close()
