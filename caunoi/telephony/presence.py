"""Who sits at the phones: a second small reducer, over MemberSeen. The latest word on a place wins, whatever came last.

The app is the truth about signing in and pausing; what is reduced here is the PBX's echo of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from .events import Device, MemberSeen


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
        return max(self.places.values(), key=_stamp).member

    @property
    def unreachable(self) -> bool:
        """Whether the PBX cannot ring it: not connected, or no phone that it knows of."""
        joined = [self.places[queue] for queue in self.queues]
        return bool(joined) and max(joined, key=_stamp).device is Device.UNREACHABLE


def reduce(desk: Desk | None, seen: MemberSeen) -> Desk:
    """Apply one report about one place, unless a later one is there."""
    desk = desk or Desk(interface=seen.interface)
    latest = desk.places.get(seen.queue)
    if latest and _stamp(latest) >= _stamp(seen):
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
