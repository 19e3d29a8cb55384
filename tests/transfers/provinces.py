"""Two provinces in one process: ours (75), and its neighbour (70), which is whoever answers at its address."""

from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from caunoi.lib.cells import Catalogue, Cell
from caunoi.lib.missives import Signed
from caunoi.transfers import neighbours
from caunoi.transfers.actions import sending
from caunoi.transfers.models import Transfer
from caunoi.transfers.neighbours import Neighbourhood

OURS, THEIRS = "75", "70"
NAMES = {"75": "Thành phố Đồng Nai", "70": "Tỉnh Tây Ninh", "68": "Tỉnh Lâm Đồng"}
KEYS = {code: Ed25519PrivateKey.generate() for code in NAMES}


def cell(code):
    raw = KEYS[code].public_key().public_bytes_raw()
    return Cell(code=code, name=NAMES[code], address=f"https://cell-{code}.example", key=raw)


CATALOGUE = Catalogue(number=7, issued=datetime(2026, 11, 1, tzinfo=UTC), cells={code: cell(code) for code in NAMES})


class World:
    """Who we are now, and the neighbour at the other end of a wire that can be cut."""

    def __init__(self, monkeypatch):
        self.own, self.catalogue, self.cut, self.lost, self.calls = OURS, CATALOGUE, None, False, 0
        self.swap = lambda body: body
        monkeypatch.setattr(neighbours, "_load", self.place)
        neighbours.forget()

    def place(self):
        return Neighbourhood(own=self.own, catalogue=self.catalogue, signer=lambda: KEYS[self.own])

    @contextmanager
    def as_cell(self, code):
        before, self.own = self.own, code
        neighbours.forget()
        try:
            yield
        finally:
            self.own = before
            neighbours.forget()

    def answer(self, request):
        """As the cell of that address does."""
        if self.cut:
            raise self.cut("cut")
        self.calls += 1
        code = request.url.host.removeprefix("cell-").removesuffix(".example")
        with self.as_cell(code):
            reply = Client().post(
                request.url.path, request.read(), content_type=request.headers["content-type"], REMOTE_ADDR="10.0.0.9"
            )
        assert not reply.cookies
        if self.lost:
            raise httpx.ReadTimeout("the answer was lost")
        return httpx.Response(reply.status_code, content=self.swap(reply.content))

    def send(self):
        """What is due is sent."""
        Transfer.objects.update(due="2026-01-01T00:00:00Z")
        with httpx.Client(transport=httpx.MockTransport(self.answer)) as http:
            return sending.send_all(http)


def post(document, signature, files=()):
    return Client().post("/cells/missives", {**vars(Signed(document=document, signature=signature)), "file": [*files]})
