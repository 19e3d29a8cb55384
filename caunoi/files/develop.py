"""The program in which pictures that strangers sent are decoded (host/sandbox.py). The reply to a picture is a line of
JSON and the bytes that it announces."""

import json

from caunoi.files import pictures
from caunoi.files.pictures import BadPictureError
from caunoi.host import sandbox

SECONDS = 10.0  # of the processor's time for one picture
MEMORY = 1 << 30  # bytes of addresses: the interpreter and its libraries take a third of it


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


if __name__ == "__main__":
    sandbox.serve(answer, memory=MEMORY, seconds=SECONDS)
