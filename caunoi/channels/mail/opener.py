"""The program in which mails that strangers sent are opened (host/sandbox.py): MIME, character sets, TNEF and HTML are
anybody's bytes. A request is a line of JSON (raw, config) and the mail; a reply is a pickle of Inbound, or a line that
says what is wrong. Whoever reads it lets nothing be made of a pickle but these few kinds."""

import io
import json
import pickle
from collections.abc import Mapping, Sequence
from typing import Any

from caunoi.channels.base import Inbound, UnreadableError
from caunoi.channels.mail import reading
from caunoi.host.sandbox import Sandbox, SandboxError, serve

SECONDS = 20.0  # of the processor's time for one mail
MEMORY = 1 << 30  # bytes of addresses
CELLS = 2  # mails at once in each of our processes
GOOD, BAD = b"g", b"b"
KINDS = {
    ("caunoi.channels.base", "Inbound"),
    ("caunoi.channels.base", "Media"),
    ("caunoi.channels.base", "Place"),
    ("caunoi.channels.base", "Does"),
    ("datetime", "datetime"),
    ("datetime", "timezone"),
    ("datetime", "timedelta"),
    ("copyreg", "_reconstructor"),
    ("builtins", "object"),
}

_sandbox = Sandbox("caunoi.channels.mail.opener", CELLS)


class _Kinds(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in KINDS:
            raise pickle.UnpicklingError(f"{module}.{name}")
        return super().find_class(module, name)


def read(raw: Any, data: bytes, config: Mapping[str, Any]) -> Sequence[Inbound]:
    """As reading.read, in the sandbox. UnreadableError, also for a mail that takes too much time or memory."""
    settings = {name: value for name, value in config.items() if isinstance(value, str | int | float | bool)}
    request = json.dumps({"raw": raw, "config": settings}).encode() + b"\n" + data
    try:
        reply = _sandbox.ask(request)
    except SandboxError:
        raise UnreadableError("it takes too much time or memory to open") from None
    if reply[:1] == BAD:
        raise UnreadableError(reply[1:].decode("utf-8", "replace"))
    try:
        inbound: Sequence[Inbound] = _Kinds(io.BytesIO(reply[1:])).load()
    except Exception as error:  # whatever a program that was taken over may answer
        raise UnreadableError("it cannot be opened") from error
    return inbound


def answer(request: bytes) -> bytes:
    """The reply for one mail."""
    line, _, data = request.partition(b"\n")
    request_data = json.loads(line)
    try:
        return GOOD + pickle.dumps(list(reading.read(request_data["raw"], data, request_data["config"])))
    except UnreadableError as error:
        return BAD + str(error).encode()
    except MemoryError:
        return BAD + b"it takes too much memory to open"
    except Exception as error:  # a mail is anybody's bytes: whatever they break is listed, the rest goes on
        return BAD + f"{type(error).__name__}: {error}"[:300].encode("utf-8", "replace")


if __name__ == "__main__":
    serve(answer, memory=MEMORY, seconds=SECONDS)
