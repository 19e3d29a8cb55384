"""A client that is as cheap as can be: keep-alive sockets, one request after another. Run in a process of its own.

`python -m bench.load '{"port": …, "seconds": …, "clients": …, "requests": ["raw HTTP with {n}", …]}'` prints counts and
latencies as JSON. `{n}` becomes a number that is used once; with `rate`, so many a second are begun instead of one
after the other; with `zalo` (application id, timestamp, secret) each carries the signature that Zalo would put on it.
"""

import asyncio
import hashlib
import itertools
import json
import sys
import time
from collections import Counter
from typing import Any

import uvloop


async def answer(reader: asyncio.StreamReader) -> int:
    """Read one answer; its status."""
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), None)
    if length is not None:
        await reader.readexactly(length)
        return status
    while True:  # chunked
        size = int(await reader.readline(), 16)
        await reader.readexactly(size + 2)
        if not size:
            return status


def signed(zalo: list[str], body: bytes) -> str:
    application, timestamp, secret = (part.encode() for part in zalo)
    return f"\r\nX-ZEvent-Signature: mac={hashlib.sha256(application + body + timestamp + secret).hexdigest()}"


async def client(
    port: int,
    until: float,
    texts: list[str],
    numbers: Any,
    told: list[float],
    seen: Counter[int],
    zalo: list[str],
    pause: float,
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**22)
    while time.perf_counter() < until:
        n = next(numbers)
        head, _, body = texts[n % len(texts)].replace("{n}", str(n)).partition("\r\n\r\n")
        raw = body.encode()
        if zalo:
            head += signed(zalo, raw)
        begun = time.perf_counter()
        writer.write(f"{head}\r\nHost: 127.0.0.1\r\nContent-Length: {len(raw)}\r\n\r\n".encode() + raw)
        seen[await answer(reader)] += 1
        told.append(time.perf_counter() - begun)
        if pause:
            await asyncio.sleep(max(0.0, pause - told[-1]))
    writer.close()


async def run(
    port: int,
    seconds: float,
    clients: int,
    requests: list[str],
    start: int = 0,
    zalo: list[str] | None = None,
    rate: float = 0.0,
) -> dict[str, Any]:
    told: list[float] = []
    seen: Counter[int] = Counter()
    numbers = itertools.count(start)
    begun = time.perf_counter()
    pause = clients / rate if rate else 0.0
    await asyncio.gather(
        *(client(port, begun + seconds, requests, numbers, told, seen, zalo or [], pause) for _ in range(clients))
    )
    took = time.perf_counter() - begun
    told.sort()
    return {
        "count": len(told),
        "per_second": round(len(told) / took, 1),
        "p50_ms": round(told[len(told) // 2] * 1000, 1),
        "p95_ms": round(told[int(len(told) * 0.95)] * 1000, 1),
        "p99_ms": round(told[int(len(told) * 0.99)] * 1000, 1),
        "status": {str(status): n for status, n in seen.items()},
    }


if __name__ == "__main__":
    print(json.dumps(uvloop.run(run(**json.loads(sys.argv[1])))))
