"""Who sits at the phones: a second small reducer, over MemberSeen. The latest word on a place wins, whatever came last.

The app is the truth about signing in and pausing; what is reduced here is the PBX's echo of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .events import Device, MemberSeen


class Presence(StrEnum):
    AWAY = "away"
    PAUSED = "paused"
    UNREACHABLE = "unreachable"
    READY = "ready"
    RINGING = "ringing"
    TALKING = "talking"


@dataclass(frozen=True, kw_only=True)
class Desk:
    """One operator's phone and its places in queues. Signed-out places are kept, so that a late event finds them."""

    interface: str
    places: Mapping[str, MemberSeen] = field(default_factory=dict)

    @property
    def queues(self) -> tuple[str, ...]:
        return tuple(sorted(queue for queue, place in self.places.items() if place.joined))

    @property
    def operator(self) -> str:
        return self._latest.member

    @property
    def presence(self) -> Presence:
        """A call in progress shows even on a pause; paused means in every queue signed in to."""
        joined = [self.places[queue] for queue in self.queues]
        if not joined:
            return Presence.AWAY
        match max(joined, key=_stamp).device:
            case Device.RINGING:
                return Presence.RINGING
            case Device.BUSY:
                return Presence.TALKING
        if all(place.paused for place in joined):
            return Presence.PAUSED
        return Presence.UNREACHABLE if self.unreachable else Presence.READY

    @property
    def unreachable(self) -> bool:
        """Whether the PBX cannot ring it: not connected, or no phone that it knows of."""
        joined = [self.places[queue] for queue in self.queues]
        return bool(joined) and max(joined, key=_stamp).device is Device.UNREACHABLE

    @property
    def reason(self) -> str:
        """Why paused; "" where not, or where none was given."""
        paused = [place for place in self.places.values() if place.joined and place.paused]
        return max(paused, key=_stamp).reason if paused and self.presence is Presence.PAUSED else ""

    @property
    def _latest(self) -> MemberSeen:
        return max(self.places.values(), key=_stamp)


def reduce(desk: Desk | None, seen: MemberSeen) -> Desk:
    """Take in one word about one place, unless a later one is known."""
    desk = desk or Desk(interface=seen.interface)
    known = desk.places.get(seen.queue)
    if known and _stamp(known) >= _stamp(seen):
        return desk
    return replace(desk, places={**desk.places, seen.queue: seen})


def fold(seen: Iterable[MemberSeen]) -> dict[str, Desk]:
    """All desks in a run of events, by interface."""
    desks: dict[str, Desk] = {}
    for each in seen:
        desks[each.interface] = reduce(desks.get(each.interface), each)
    return desks


def reached(desks: Iterable[Desk]) -> dict[str, bool]:
    """Whether the PBX reaches the phones of those who serve, by the operator's name."""
    return {desk.operator: not desk.unreachable for desk in desks if desk.queues}


def _stamp(place: MemberSeen) -> tuple[object, ...]:
    """Order by time; of two words of the same microsecond always the same one wins."""
    return (place.at, place.joined, place.paused, place.reason, place.device.value, place.member)
