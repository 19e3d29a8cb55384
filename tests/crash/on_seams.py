"""What is handed over between two provinces: this one, 75, and its neighbour 70, by whose key the neighbour's missives
are signed here. What goes over the wire: tests/transfers."""

from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import transaction
from django.utils.timezone import now

from caunoi import moves
from caunoi.cells import queries as cells_held
from caunoi.cells.models import Plane
from caunoi.conversations.actions import make_inbox
from caunoi.directory import actions as directory
from caunoi.events.actor import SYSTEM
from caunoi.lib import cells, missives
from caunoi.lib.cells import Cell
from caunoi.lib.missives import Kind, Signed
from caunoi.privacy.actions import asking
from caunoi.tickets.models import Ticket
from caunoi.transfers import actions, neighbours
from caunoi.transfers.actions import leaving
from caunoi.transfers.models import Arrival, Transfer
from tests.crash import on_tickets
from tests.crash.scenarios import Scenario, Town, sent_once

OURS, THEIRS = "75", "70"
PLANE, NEIGHBOUR = (Ed25519PrivateKey.from_private_bytes(sha256(name).digest()) for name in (b"plane", b"70"))
REPORT = {"number": "26-000001-2", "why": "Bên này cầu.", "text": "Đèn tắt ở đầu cầu"}


def public(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def joined(town: Town) -> None:
    """The control plane's catalogue is held here, and names both."""
    key = cells.key_text(public(PLANE))
    values = {"province": OURS, "plane_address": "https://plane.example", "plane_key": key}
    for name, value in values.items():
        directory.set_option(name, value, by=SYSTEM)
    keys = {OURS: cells_held.newest_key(), THEIRS: public(NEIGHBOUR)}
    rows = [Cell(code=one, name=f"Tỉnh {one}", address=f"https://{one}.example", key=keys[one]) for one in keys]
    document = cells.write_catalogue(1, now(), rows)
    Plane.objects.create(key=key, number=1, document=document, signature=cells.sign(document, PLANE))
    make_inbox(actions.CHANNEL, actions.CHANNEL)  # the first missive makes it, for good
    neighbours.forget()


def new(town: Town) -> Ticket:
    joined(town)
    return on_tickets.new(town)


def handed(town: Town) -> Ticket:
    ticket = new(town)
    hand(town, ticket)
    return ticket


def sent(town: Town) -> Ticket:
    """It may have arrived there."""
    ticket = handed(town)
    Transfer.objects.update(departed=True)
    return ticket


def says(kind: Kind, content: dict[str, Any], key: str = "a" * 32) -> Signed:
    ends = {"sender": THEIRS, "recipient": OURS}
    return missives.write(kind, content, id=key, at=now(), key=NEIGHBOUR, **ends)


def hear(town: Town, signed: Signed) -> None:
    actions.hear(signed, list)


def withdrawn(town: Town) -> Signed:
    joined(town)
    return says(Kind.WITHDRAWAL, {"digest": missives.digest(REPORT)})


def gone(town: Town) -> Transfer:
    handed(town)
    row = Transfer.objects.get()
    content = {"digest": row.digest, "number": "26-000009-9", "follow": "https://70.example/f/x"}
    settle(town, (row, says(Kind.RECEIPT, content, row.key)))
    return row


def settle(town: Town, it: tuple[Transfer, Signed]) -> None:
    """What a worker does with a receipt."""
    row, signed = it
    place = neighbours.neighbourhood()
    assert place
    missive = missives.read(signed, [Kind.RECEIPT], recipient=OURS, catalogue=place.catalogue, at=now())
    with transaction.atomic():
        leaving.settle(leaving.locked(row.pk), missive, vars(signed))


def receipt(town: Town) -> tuple[Transfer, Signed]:
    handed(town)
    row = Transfer.objects.get()
    content = {"digest": row.digest, "number": "26-000009-9", "follow": "https://70.example/f/x"}
    return row, says(Kind.RECEIPT, content, row.key)


def coming_back(town: Town) -> Signed:
    row = gone(town)
    return says(Kind.RETURN, {"digest": row.digest, "why": "Không phải của chúng tôi."}, row.key)


def arrived(town: Town) -> Ticket:
    joined(town)
    hear(town, says(Kind.TRANSFER, {"report": REPORT}))
    ticket = Arrival.objects.select_related("ticket").get().ticket
    assert ticket
    return ticket


def erased_there(town: Town, ticket: Ticket) -> None:
    hear(town, says(Kind.ERASURE, {"digest": missives.digest(REPORT)}))


def refused(town: Town) -> Ticket:
    ticket = arrived(town)
    moves.perform("refuse", [ticket], by=town.lan, move_input={"reason": "outside"})
    return ticket


def hand(town: Town, ticket: Ticket) -> None:
    moves.perform("transfer", [ticket], by=town.lan, move_input={"cell": THEIRS, "reason": "Bên kia cầu."})


def take_back(town: Town, ticket: Ticket) -> None:
    moves.perform("transfer_recall", [ticket], by=town.lan)


SCENARIOS = [
    Scenario(name="an operator hands a ticket to another province", ready=new, act=sent_once("lan", hand)),
    Scenario(name="… and takes it back", ready=handed, act=sent_once("lan", take_back)),
    Scenario(name="… and asks for it back", ready=sent, act=sent_once("lan", take_back)),
    Scenario(name="another province signs for a ticket", ready=receipt, act=settle),
    Scenario(name="it comes back from another province", ready=coming_back, act=hear),
    Scenario(name="its citizen is erased at another province", ready=arrived, act=erased_there),
    Scenario(
        name="a province asks for what its citizen asked another for",
        ready=arrived,
        act=lambda t, it: asking.ask_from(it, "Tỉnh 70"),
    ),
    Scenario(
        name="a ticket comes from another province",
        ready=lambda town: (joined(town), says(Kind.TRANSFER, {"report": REPORT}))[1],
        act=hear,
    ),
    Scenario(name="another province takes back what had not come", ready=withdrawn, act=hear),
    Scenario(
        name="what came from another province goes back",
        ready=refused,
        act=lambda town, it: actions.send_back(it),
        waits=True,
    ),
]
