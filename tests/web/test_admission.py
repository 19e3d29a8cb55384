"""Who gets a thread when there are too few."""

import asyncio

import pytest

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.events.actor import SYSTEM
from caunoi.web import admission
from caunoi.web.admission import SHARES, Admission, CrowdedError, Lane, Share
from caunoi.web.lanes import Lanes


def run(story):
    return asyncio.run(asyncio.wait_for(story(), 120))


async def later(coroutine):
    """Begun, and as far as it comes by itself."""
    task = asyncio.ensure_future(coroutine)
    for _ in range(5):
        await asyncio.sleep(0)
    return task


async def refused(door, lane, address):
    with pytest.raises(CrowdedError):
        await door.slot(lane, address)


def test_browsing_never_takes_the_last_threads():
    async def story():
        door = Admission(8)
        slots = [await door.slot(Lane.BROWSING, address) for address in "wxyz"]
        waiting = await later(door.slot(Lane.BROWSING, "a"))
        assert not waiting.done()
        assert await door.slot(Lane.STAFF, "b") and await door.slot(Lane.CALLS, "c")
        slots[0].release()
        slots[0].release()  # given back once
        await later(asyncio.sleep(0))
        assert waiting.done() and door.running.total() == 6

    run(story)


def test_one_thread_is_for_who_only_reads_where_all_others_may_wait_for_a_primary():
    async def story():
        door = Admission(4, reserve=1)
        slots = [await door.slot(Lane.CALLS, address) for address in "abc"]
        waiting = await later(door.slot(Lane.CALLS, "d"))
        assert not waiting.done()
        queued = await later(door.slot(Lane.BROWSING, "e"))
        page = await door.slot(Lane.FOLLOW, "d", reads=True)
        another = await later(door.slot(Lane.FOLLOW, "d", reads=True))
        assert not queued.done() and not another.done()
        page.release()
        await later(asyncio.sleep(0))
        assert another.done() and not queued.done()
        another.result().release()
        await later(asyncio.sleep(0))
        assert not waiting.done(), "the thread stays theirs"
        slots[0].release()
        await later(asyncio.sleep(0))
        assert waiting.done()

    run(story)


def test_whoever_matters_more_goes_first_and_nobody_starves(monkeypatch):
    async def story():
        door = Admission(2)
        first, second = [await door.slot(Lane.CALLS, "x") for _ in range(2)]
        browsing = await later(door.slot(Lane.BROWSING, "a"))
        staff = await later(door.slot(Lane.STAFF, "b"))
        second.release()
        await later(asyncio.sleep(0))
        assert staff.done() and not browsing.done()
        monkeypatch.setattr(admission, "STARVED", 0.0)
        more = await later(door.slot(Lane.STAFF, "b"))
        await asyncio.sleep(0.01)
        first.release()
        await later(asyncio.sleep(0))
        assert browsing.done() and not more.done(), "nobody of its lane was served: it was its turn"

    run(story)


def test_many_of_one_address_take_no_turn_from_another():
    async def story():
        door = Admission(2)
        held = await door.slot(Lane.BROWSING, "flood")
        flood = [await later(door.slot(Lane.BROWSING, "flood")) for _ in range(20)]
        other = await later(door.slot(Lane.BROWSING, "citizen"))
        held.release()
        await later(asyncio.sleep(0))
        assert flood[0].done()
        flood[0].result().release()
        await later(asyncio.sleep(0))
        assert other.done() and not flood[1].done()
        for one in flood[1:]:
            one.cancel()

    run(story)


def test_one_address_has_one_thread_for_browsing_and_others_theirs():
    async def story():
        door = Admission(8)
        staff, held = await door.slot(Lane.STAFF, "desk"), await door.slot(Lane.BROWSING, "flood")
        flood = [await later(door.slot(Lane.BROWSING, "flood")) for _ in range(20)]
        citizens = [await later(door.slot(Lane.BROWSING, address)) for address in "abcd"]
        assert [one.done() for one in citizens] == [True, True, True, False] and not any(one.done() for one in flood)
        held.release()
        await later(asyncio.sleep(0))
        assert flood[0].done() != citizens[3].done(), "one thread came free"
        for one in [*flood, *citizens]:
            one.result().release() if one.done() else one.cancel()
        staff.release()
        await later(asyncio.sleep(0))
        assert not door.running and not door.queues[Lane.BROWSING].running

    run(story)


def test_who_is_alone_has_the_whole_lane_until_somebody_else_comes():
    async def story():
        door = Admission(8)
        one = [await door.slot(Lane.BROWSING, "office") for _ in range(4)]
        assert not (await later(door.slot(Lane.BROWSING, "office"))).done()
        citizen = await later(door.slot(Lane.BROWSING, "citizen"))
        one[0].release()
        await later(asyncio.sleep(0))
        assert citizen.done(), "not the one who has three threads"

    run(story)


def test_of_a_full_queue_the_last_of_whoever_has_most_goes(monkeypatch):
    monkeypatch.setitem(SHARES, Lane.BROWSING, Share(threads=0.5, each=0.5, places=4, patience=30.0))

    async def story():
        door = Admission(2)
        await door.slot(Lane.BROWSING, "flood")
        flood = [await later(door.slot(Lane.BROWSING, "flood")) for _ in range(4)]
        await refused(door, Lane.BROWSING, "flood")
        citizen = await later(door.slot(Lane.BROWSING, "citizen"))
        await later(asyncio.sleep(0))
        assert not citizen.done() and isinstance(flood[3].exception(), CrowdedError)
        for one in [*flood[:3], citizen]:
            one.cancel()

    run(story)


def test_patience_ends_and_nothing_is_lost(monkeypatch):
    monkeypatch.setitem(SHARES, Lane.BROWSING, Share(threads=0.5, each=0.5, places=4, patience=0.02))

    async def story():
        door = Admission(2)
        held = await door.slot(Lane.BROWSING, "a")
        await refused(door, Lane.BROWSING, "b")
        held.release()
        (await door.slot(Lane.BROWSING, "b")).release()
        assert not door.running and all(not queue.size and not queue.running for queue in door.queues.values())

    run(story)


def scope(path, method="GET", **headers):
    return {"path": path, "method": method, "headers": [(k.encode(), v.encode()) for k, v in headers.items()]}


@pytest.mark.parametrize(
    ("path", "method", "lane"),
    [
        ("/health/ready", "GET", Lane.FOLLOW),
        ("/f/abc", "GET", Lane.FOLLOW),
        ("/api/v1/mine/abc", "GET", Lane.FOLLOW),
        ("/report/abc/what", "POST", Lane.REPORTS),
        ("/open311/v2/requests.json", "POST", Lane.REPORTS),
        ("/open311/v2/requests.json", "GET", Lane.BROWSING),
        ("/desk/", "GET", Lane.REPORTS),
        ("/", "GET", Lane.BROWSING),
        ("", "GET", Lane.BROWSING),
        ("/static/dist/x.js", "GET", Lane.BROWSING),
    ],
)
def test_the_lane_of_a_stranger(path, method, lane):
    assert Lanes().lane(scope(path or "/", method)) is lane


def answer(by=""):
    admitted = [(b"x-admitted", by.encode())] if by else []
    return {"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/html"), *admitted]}


def test_what_is_open_to_everybody_proves_nobody(client, town, settings):
    settings.DEMO = True  # whose programs act as people
    invented = {"Authorization": "Bearer invented", "Cookie": "sessionid=invented"}
    for path in ("/api/v1/open/tickets", "/api/v1/openapi.json", "/", "/login", "/open311/v2/services.json"):
        assert not client.get(path, headers=invented).has_header("X-Admitted"), path
    client.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/desk/")["X-Admitted"] == "session"
    assert not client.get("/").has_header("X-Admitted")
    key = issue_key(Key.Use.API, "lan", by=SYSTEM, user=town.users["lan"], secret="demo-api-lan")
    asked = client.get("/api/v1/tickets", headers={"Authorization": f"Bearer {key}"})
    assert (asked.status_code, asked["X-Admitted"]) == (200, "key")
    assert Lanes().learn(scope("/desk/"), answer("session")) == answer()


def test_staff_are_who_was_seen_to_be_staff():
    lanes, mine, other = Lanes(), {"cookie": "sessionid=abc"}, {"cookie": "sessionid=guessed"}
    lanes.learn(scope("/desk/", **other), answer())
    lanes.learn(scope("/p/26-000001-9", **other), answer())
    assert lanes.lane(scope("/desk/", **other)) is Lane.REPORTS
    lanes.learn(scope("/desk/", **mine), answer("session"))
    assert lanes.lane(scope("/desk/", **mine)) is Lane.STAFF
    assert lanes.lane(scope("/static/x.js", **mine)) is Lane.STAFF
    assert lanes.lane(scope("/desk/phone", **mine)) is Lane.CALLS
    lanes.learn(scope("/api/v1/tickets", authorization="Bearer good", **other), answer("key"))
    lanes.learn(scope("/api/v1/tickets", authorization="Bearer bad"), answer())
    assert lanes.lane(scope("/desk/", **other)) is Lane.REPORTS, "what was not asked for proves nothing"
    assert lanes.lane(scope("/api/v1/tickets", authorization="Bearer good")) is Lane.STAFF
    assert lanes.lane(scope("/api/v1/tickets", authorization="Bearer bad")) is Lane.BROWSING
