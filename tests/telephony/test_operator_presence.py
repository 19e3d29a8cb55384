"""Who sits at the phones, as the PBX echoes it."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from recordings import frames_of, members_seen

from caunoi.telephony.events import Device, MemberSeen
from caunoi.telephony.members import member_of
from caunoi.telephony.presence import Desk, fold, reduce

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)
READY = MemberSeen(
    at=AT,
    queue="tongdai1022",
    interface="PJSIP/101",
    member="lan",
    joined=True,
    paused=False,
    reason="",
    device=Device.IDLE,
)


def later(seconds: int, **changes: object) -> MemberSeen:
    return replace(READY, at=AT + timedelta(seconds=seconds), **changes)  # type: ignore[arg-type]


def pauses(desk: Desk) -> dict[str, str]:
    """Queue → why the operator is paused there."""
    return {queue: place.reason for queue, place in desk.places.items() if place.joined and place.paused}


def test_an_operator_signs_in_pauses_and_goes() -> None:
    desk = reduce(None, READY)
    assert (desk.operator, desk.queues, pauses(desk)) == ("lan", ("tongdai1022",), {})
    desk = reduce(desk, later(1, paused=True, reason="ăn trưa"))
    assert pauses(desk) == {"tongdai1022": "ăn trưa"}
    desk = reduce(desk, later(2, joined=False))
    assert (desk.queues, pauses(desk)) == ((), {})


def test_a_dead_phone_is_told_from_a_ready_one_and_from_one_in_a_call() -> None:
    assert reduce(None, later(1, device=Device.UNREACHABLE)).unreachable
    assert not any(reduce(None, later(1, device=device)).unreachable for device in (Device.IDLE, Device.BUSY))
    assert not reduce(None, later(1, device=Device.UNREACHABLE, joined=False)).unreachable


def test_one_is_paused_in_one_queue_and_ready_in_another() -> None:
    desk = reduce(reduce(None, READY), later(1, queue="english", paused=True, reason="training"))
    assert pauses(desk) == {"english": "training"}


def test_a_word_that_comes_late_does_not_overrule_a_newer_one() -> None:
    desk = reduce(reduce(None, later(2, paused=True, reason="lunch")), later(1))
    assert pauses(desk) == {"tongdai1022": "lunch"}


def test_the_recorded_pauses_end_as_recorded_in_any_order_and_twice() -> None:
    seen = members_seen(frames_of("pause_unpause"))
    desks = fold(seen)
    assert {desk.operator: (bool(desk.queues), pauses(desk)) for desk in desks.values()} == {
        "web1": (False, {}),
        "agent1": (True, {}),
        "agent2": (True, {}),
    }
    assert desks["PJSIP/agent2"].queues == ("autopause", "tongdai1022")
    for seed in range(5):
        assert fold(random.Random(seed).sample(seen + seen, 2 * len(seen))) == desks


def test_the_pause_has_its_reason_while_it_lasts() -> None:
    seen = members_seen(frames_of("pause_unpause"))
    reasons = [fold(seen[: cut + 1]).get("PJSIP/agent1") for cut in range(len(seen))]
    paused = [set(pauses(desk).values()) for desk in reasons if desk and len(pauses(desk)) == len(desk.queues) > 0]
    assert paused == [{"lunch"}, {"meeting"}]


def test_a_snapshot_is_read_like_the_events() -> None:
    items = [frame for frame in frames_of("snapshot") if frame.packet["Event"] == "QueueMember"]
    desks = fold(member_of(frame.packet, frame.at) for frame in items)
    assert {desk.operator: desk.queues for desk in desks.values()} == {
        "agent1": ("autopause", "tongdai1022"),
        "agent2": ("autopause", "tongdai1022"),
    }
    assert not any(pauses(desk) or desk.unreachable for desk in desks.values())
