"""A channel of the tests' own: signed JSON comes in by webhook, what we say is remembered."""

import json
from datetime import datetime
from types import SimpleNamespace

import pytest
from django.utils.timezone import now

from caunoi.channels import registry
from caunoi.channels.base import (
    Channel,
    Does,
    ForgedError,
    Inbound,
    Media,
    Need,
    Parcel,
    Place,
    Reach,
    Reply,
    Sent,
    UnreadableError,
)
from caunoi.conversations import actions
from caunoi.conversations.models import Conversation, Receipt
from caunoi.vault import blind

SECRET = "chat-secret"


class Chat(Channel):
    """Calls are `{id, from, text, …}`, or a list of them, with the secret in a header."""

    key, label, icon, reach = "zalo", "Zalo", "message-circle", Reach.CHAT
    needs = (
        Need(name="app_id", label="App ID"),
        Need(name="secret", label="Secret", secret=True),
        Need(
            name="api_base", label="Address of the interface", kind="url", required=False, default="https://x.example"
        ),
    )
    webhook = sends = True

    def __init__(self):
        self.said, self.refuse, self.pictures = [], [], {}

    def answer(self, request, account):
        challenge = request.query.get("challenge")
        return Reply(body=challenge) if request.method == "GET" and challenge else None

    def receive(self, request, account):
        if request.headers.get("x-secret") != account.secrets.get("secret"):
            raise ForgedError("secret")
        found = json.loads(request.body)
        return [Parcel(external_id=one["id"], raw=one) for one in (found if isinstance(found, list) else [found])]

    def read(self, raw, account, blob=None):
        if raw.get("poison"):
            raise UnreadableError("poison")
        if raw.get("burst"):
            raise ZeroDivisionError("burst")
        return [
            Inbound(
                does=Does(raw.get("does", "say")),
                external_id=raw["id"],
                sender=raw["from"],
                name=raw.get("name", ""),
                thread=raw.get("thread", ""),
                phone=raw.get("phone", ""),
                text=raw.get("text", ""),
                at=datetime.fromisoformat(raw["at"]) if "at" in raw else now(),
                refers=raw.get("refers", ""),
                media=[Media(kind=kind, url=url) for kind, url in raw.get("media", [])],
                place=Place(latitude=raw["at_place"][0], longitude=raw["at_place"][1]) if "at_place" in raw else None,
                subject=raw.get("subject", ""),
                public=raw.get("public", False),
            )
        ]

    def fetch(self, media, account, *, most):
        found = self.pictures[media.url]
        found = found.pop(0) if isinstance(found, list) else found
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, outbound, account):
        if self.refuse:
            raise self.refuse.pop(0)
        self.said.append(outbound)
        return Sent(external_id=f"out-{len(self.said)}")


@pytest.fixture
def chat(town, monkeypatch):
    """The channel, its inbox `chat`, and what a citizen does: `write(text, …)` and `came(raw)`."""
    channel = Chat()
    table = {**registry.channels(), channel.key: channel}
    monkeypatch.setattr(registry, "channels", lambda: table)
    box = actions.make_inbox("chat", "zalo", secrets={"secret": SECRET}, app_id="1022")
    numbers = iter(range(1, 10_000))

    def came(**raw):
        raw = {"id": f"m{next(numbers)}", "from": "tu", **raw}
        Receipt.objects.create(inbox=box, external_id=raw["id"], raw=raw)
        return raw["id"]

    def write(text, **raw):
        """Somebody writes, and it is read."""
        name = came(text=text, **raw)
        assert actions.read()
        return name

    def thread(address="tu"):
        return Conversation.objects.get(blind.equal(Conversation, "address", address), inbox=box)

    return SimpleNamespace(channel=channel, box=box, came=came, write=write, thread=thread, said=channel.said)
