"""Where pictures that strangers sent are decoded: in a sandbox (host/sandbox.py), by develop.py. No Django."""

import json

from caunoi.files.pictures import BadPictureError, Picture
from caunoi.host.sandbox import BusyError, Sandbox, SandboxError

ROOMS = 2  # pictures at once in each of our processes


class Darkroom(Sandbox):
    def __init__(self, rooms: int = ROOMS) -> None:
        super().__init__("caunoi.files.develop", rooms)

    def develop(self, data: bytes, *, wait: float | None = None) -> Picture:
        """Check and re-encode a picture. BadPictureError; its code is `busy` when no room was free within `wait`
        seconds (None: as long as it takes), `too_large` when it took too much time or memory."""
        try:
            return _picture(self.ask(data, wait=wait))
        except BusyError:
            raise BadPictureError("busy") from None
        except SandboxError:
            raise BadPictureError("too_large") from None


def _picture(answer: bytes) -> Picture:
    line, _, body = answer.partition(b"\n")
    head = json.loads(line)
    if "bad" in head:
        raise BadPictureError(head["bad"])
    large, small = body[: head["large"]], body[head["large"] :]
    return Picture(digest=head["digest"], width=head["width"], height=head["height"], large=large, small=small)


darkroom = Darkroom()
