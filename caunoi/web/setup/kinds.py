"""What can be set up as an inbox: every channel that has an adapter, and the telephone, which the bridge and /cti/ serve."""

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


TELEPHONE = "phone"


def kinds() -> Mapping[str, Kind]:
    """By the channel's key."""
    return {**registry.channels(), TELEPHONE: Telephone()}


def kind(key: str) -> Kind | None:
    return kinds().get(key)
