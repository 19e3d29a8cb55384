"""A transcript played as the stream it was."""

import asyncio
from datetime import UTC, datetime, timedelta

from recordings import call_events, frames_of

from caunoi.telephony.calls import fold
from caunoi.telephony.replay import play, retimed
from caunoi.telephony.transcript import Frame

TODAY = datetime(2027, 1, 4, 8, tzinfo=UTC)


def played(frames: tuple[Frame, ...], speed: float = 1.0) -> tuple[list[Frame], list[float]]:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    async def story() -> list[Frame]:
        return [frame async for frame in play(frames, speed=speed, sleep=sleep)]

    return asyncio.run(story()), pauses


def test_every_packet_comes_with_the_pause_it_had() -> None:
    frames = frames_of("danger")
    heard, pauses = played(frames)
    assert heard == list(frames)
    assert sum(pauses) < (frames[-1].at - frames[0].at).total_seconds()
    assert max(pauses) == 10  # a minute's talk is not waited out
    assert sum(played(frames, speed=2)[1]) < sum(pauses)


def test_a_second_playing_today_is_a_new_call_with_the_same_story() -> None:
    frames = frames_of("danger")
    (before,) = fold(call_events(frames)).values()
    (after,) = fold(call_events(tuple(retimed(frames, start=TODAY, tag="-r2")))).values()
    assert after.call_id == f"{before.call_id}-r2"
    assert after.started_at == TODAY
    assert after.outcome == before.outcome
    assert abs(after.talked - before.talked) < 0.001 and abs(after.waited - before.waited) < 0.001
    assert after.over_at and before.over_at and before.started_at
    assert abs((after.over_at - TODAY) - (before.over_at - before.started_at)) < timedelta(milliseconds=1)


def test_nothing_to_play_plays_nothing() -> None:
    assert list(retimed((), start=TODAY)) == [] and played(()) == ([], [])
