"""The process in which pictures that strangers sent are decoded: bounded in memory and time, a program of its own
(darkroom.py).

Requests come on standard input, replies go to standard output: four bytes of length, then so many bytes. The reply to a
picture is a line of JSON and the bytes that it announces; end of input ends the process.
"""

import json
import resource
import signal
import struct
import sys
from typing import IO

from caunoi.files import pictures
from caunoi.files.pictures import BadPictureError

SECONDS = 10.0  # of the processor's time for one picture; then the kernel ends the process
MEMORY = 1 << 30  # bytes of addresses: the interpreter and its libraries take a third of it
LENGTH = struct.Struct(">I")


def answer(data: bytes) -> bytes:
    """The reply for one picture."""
    try:
        made = pictures.read(data)
    except BadPictureError as error:
        return json.dumps({"bad": error.code}).encode() + b"\n"
    except MemoryError:
        return json.dumps({"bad": "too_large"}).encode() + b"\n"
    head = {"digest": made.digest, "width": made.width, "height": made.height, "large": len(made.large)}
    return b"".join([json.dumps(head).encode(), b"\n", made.large, made.small])


def serve(source: IO[bytes], sink: IO[bytes]) -> None:
    """Answer until there is nothing more to read."""
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        data = source.read(LENGTH.unpack(head)[0])
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        reply = answer(data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sink.write(LENGTH.pack(len(reply)))
        sink.write(reply)
        sink.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    serve(sys.stdin.buffer, sys.stdout.buffer)
