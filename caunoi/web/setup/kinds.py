"""What can be set up as an inbox: every channel that has an adapter, and the telephone, which the bridge and /cti/ serve.

The product's own doors (web form, app, counter, paper) are there from the start: they can be renamed, not added."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from caunoi.calls import pbx
from caunoi.channels import registry
from caunoi.channels.base import Need


class Kind(Protocol):
    """What the form and the page of an inbox ask of a channel."""

    @property
    def needs(self) -> Sequence[Need]: ...
    @property
    def webhook(self) -> bool: ...
    @property
    def sends(self) -> bool: ...


class Telephone:
    needs: Sequence[Need] = pbx.NEEDS
    webhook = sends = False  # it is called at /cti/, and dials instead of sending


class Door:
    """One of the product's own, which needs nothing."""

    needs: Sequence[Need] = ()
    webhook = sends = False


TELEPHONE = "phone"
DOORS: Mapping[str, Kind] = dict.fromkeys(("web", "app", "counter", "paper"), Door())


def kinds() -> Mapping[str, Kind]:
    """What can be added and switched off, by the channel's key."""
    return {**registry.channels(), TELEPHONE: Telephone()}


def kind(key: str) -> Kind | None:
    """What an inbox of this channel is like; None for a channel that nothing serves any more."""
    return kinds().get(key) or DOORS.get(key)
