"""What somebody reports, as it reaches us by any door: form, operator, app. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from caunoi.channels.registry import channel
from caunoi.events.actor import Actor
from caunoi.lib.vietnamese.writing import nfc
from caunoi.tickets.lifecycle import Kind, MissingDataError, Urgency


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Who reports; everything may be empty. `phone` is E.164."""

    name: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


@dataclass(frozen=True, kw_only=True)
class Report:
    """`once` makes a second sending of the same report find the first (a form's own id, an app's idempotency key);
    `raw` is what came in, kept as it was; `photos` are attachment ids; `consent` the version of the text agreed to."""

    text: str
    channel: str
    once: str
    raw: Mapping[str, Any] = field(default_factory=dict)
    kind: Kind = Kind.REPORT
    urgency: Urgency = Urgency.NORMAL
    category_id: int | None = None
    area_id: int | None = None
    address: str = ""
    latitude: float | None = None
    longitude: float | None = None
    occurred: datetime | None = None
    summary: str = ""
    reporter: Reporter = Reporter()
    photos: Sequence[int] = ()
    consent: int | None = None
    ordinary: bool = False  # somebody has seen to it that it is nothing confidential
    inbox: str = ""  # the inbox it came by; empty = the channel's own

    def clean(self) -> "Report":
        """The same in NFC and within the columns' lengths. MissingDataError when there are no words, or no such
        channel."""
        text = nfc(self.text).strip()
        if not text:
            raise MissingDataError({"text"})
        if channel(self.channel) is None:
            raise MissingDataError({"channel"})
        reporter = self.reporter
        return replace(
            self,
            text=text,
            address=nfc(self.address).strip()[:300],
            summary=nfc(self.summary).strip()[:300],
            reporter=replace(
                reporter,
                name=nfc(reporter.name).strip()[:120],
                address=nfc(reporter.address).strip()[:300],
                email=reporter.email.strip()[:254],
            ),
        )


@dataclass(frozen=True, kw_only=True)
class Act:
    """One move of a history."""

    name: str
    at: datetime
    by: Actor
    move_input: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class History:
    """A ticket's whole history, to be written at once (import, demo, bench). An act may name another history where it
    needs a ticket: merged `into` that one."""

    report: Report
    at: datetime
    by: Actor
    acts: Sequence[Act] = ()
