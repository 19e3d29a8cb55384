"""/live: who hears what, and what a reader is told that missed something.

Proves: the queue appears without reloading"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from caunoi.calls.actions import set_presence
from caunoi.calls.models import Presence
from caunoi.web import live


class Screen:
    """An open screen: what the server sends to it, and when it goes away."""

    def __init__(self, client: Client | None = None, query: str = "", method: str = "GET", again: bool = False) -> None:
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in (client.cookies if client else {}).items())
        headers = [(b"cookie", cookies.encode())] + ([(b"last-event-id", b"1")] if again else [])
        self.scope = {
            "type": "http",
            "method": method,
            "path": "/live",
            "query_string": query.encode(),
            "headers": headers,
        }
        self.sent: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.left = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        await self.sent.put(dict(message))

    async def status(self) -> int:
        return int((await asyncio.wait_for(self.sent.get(), 20))["status"])

    async def hear(self) -> str:
        message = await asyncio.wait_for(self.sent.get(), 20)
        return str(message["body"], "utf-8") if message.get("more_body") else "the end"


def watched(story: Callable[[live.Hub], Awaitable[None]], monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        hub = live.Hub()
        rights = ThreadPoolExecutor(1)
        monkeypatch.setattr(live, "hub", hub)
        monkeypatch.setattr(live, "_rights", rights)
        try:
            await story(hub)
        finally:
            hub.close()
            rights.submit(lambda: connection.close()).result()  # that of the thread
            rights.shutdown()
            await asyncio.sleep(0)

    asyncio.run(run())


async def opened(screen: Screen) -> asyncio.Task[None]:
    task = asyncio.create_task(live.application(screen.scope, screen.receive, screen.send))
    assert await screen.status() == 200
    assert (await screen.hear()).startswith("retry: 3000\n")
    return task


async def notify(to: list[str], pk: int) -> None:
    def tell() -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_notify(%s, %s)", [live.CHANNEL, json.dumps({"to": to, "event": "ticket", "id": pk})]
            )
        connection.close()

    await asyncio.to_thread(tell)


@pytest.fixture
def lan(transactional_db: None, town: SimpleNamespace, client: Client) -> Client:
    client.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_an_operator_hears_the_desk_and_nothing_of_others(lan: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(hub: live.Hub) -> None:
        screen = Screen(lan)
        task = await opened(screen)
        await notify(["agency:7"], 1)
        await notify(["desk", "ticket:2"], 2)
        assert await screen.hear() == 'event: ticket\ndata: {"id":2}\n\n'
        screen.left.set()
        await task
        assert not hub.listeners

    watched(story, monkeypatch)


def test_an_open_page_is_a_sign_of_life_of_its_person(
    lan: Client, town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "BEAT", 0.05)
    set_presence(town.users["lan"], "available", by=town.lan)
    Presence.objects.update(seen=None)

    def seen() -> bool:
        try:
            return Presence.objects.exclude(seen=None).exists()
        finally:
            connection.close()

    async def story(hub: live.Hub) -> None:
        screen = Screen(lan)
        task = await opened(screen)
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(seen):
                await asyncio.sleep(0.05)
        screen.left.set()
        await task

    watched(story, monkeypatch)


def test_who_may_hear_nothing_gets_no_stream(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(hub: live.Hub) -> None:
        for screen, code in ((Screen(query="follow=forged"), 403), (Screen(method="POST"), 405)):
            await live.application(screen.scope, screen.receive, screen.send)
            assert await screen.status() == code
        assert not hub.listeners

    watched(story, monkeypatch)


def test_a_page_that_comes_back_when_nobody_is_signed_in_is_told_so(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(hub: live.Hub) -> None:
        screen = Screen(again=True)
        await live.application(screen.scope, screen.receive, screen.send)
        assert await screen.status() == 200
        assert (await screen.sent.get())["body"] == b"event: signed-out\ndata: {}\n\n"
        assert screen.sent.empty() and not hub.listeners

    watched(story, monkeypatch)


def test_whoever_is_signed_in_and_has_nothing_to_hear_is_not_sent_to_sign_in_again(
    transactional_db: None, town: SimpleNamespace, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    minh = town.users["minh"]
    minh.agency = None
    minh.save()
    client.force_login(minh, backend="django.contrib.auth.backends.ModelBackend")

    async def story(hub: live.Hub) -> None:
        screen = Screen(client)
        task = await opened(screen)
        assert [topic.partition(":")[0] for topic in hub.listeners] == ["session"]
        screen.left.set()
        await task

    watched(story, monkeypatch)


def test_a_stream_whose_rights_end_while_it_opens_ends_too(lan: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[set[str]] = []

    def rights(scope: live.Message) -> set[str]:
        found.append(known(scope))
        return found[-1] if len(found) == 1 else set()  # signed out in between

    known = live.rights
    monkeypatch.setattr(live, "rights", rights)

    async def story(hub: live.Hub) -> None:
        screen = Screen(lan)
        await asyncio.wait_for(live.application(screen.scope, screen.receive, screen.send), 20)
        assert await screen.status() == 200
        assert (await screen.hear()).startswith("retry:")
        assert await screen.hear() == "the end"
        assert found[0] and not hub.listeners

    watched(story, monkeypatch)


def test_when_the_database_comes_back_screens_are_told_to_ask_again(
    lan: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story(hub: live.Hub) -> None:
        screen = Screen(lan)
        await opened(screen)

        def cut() -> None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND query = %s",
                    [f"LISTEN {live.CHANNEL}"],
                )
            connection.close()

        await asyncio.to_thread(cut)
        assert await screen.hear() == live.RESUME.decode()
        await notify(["desk"], 3)
        assert await screen.hear() == 'event: ticket\ndata: {"id":3}\n\n'

    watched(story, monkeypatch)


def test_a_screen_that_comes_back_is_told_to_ask_again(lan: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(hub: live.Hub) -> None:
        screen = Screen(lan, again=True)
        task = asyncio.create_task(live.application(screen.scope, screen.receive, screen.send))
        assert await screen.status() == 200
        assert (await screen.hear()).endswith(live.RESUME.decode())
        hub.close()
        assert await screen.hear() == "the end"
        await task

    watched(story, monkeypatch)


@pytest.mark.parametrize("at", ["its rights are looked up", "it waits for the database", "it comes"])
def test_what_opens_while_the_process_ends_ends_at_once(lan: Client, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """Else the process would wait for it in vain, and then break it off."""

    async def story(hub: live.Hub) -> None:
        screen, loop = Screen(lan), asyncio.get_running_loop()
        if at == "it waits for the database":
            hub._tasks = (asyncio.create_task(asyncio.sleep(60)),)
            loop.call_later(1, hub.close)
        elif at == "its rights are looked up":
            known = live.rights

            def rights(scope: live.Message) -> set[str]:
                loop.call_soon_threadsafe(hub.close)
                return known(scope)

            monkeypatch.setattr(live, "rights", rights)
        else:
            hub.close()
        await asyncio.wait_for(live.application(screen.scope, screen.receive, screen.send), 4)
        assert await screen.status() == 200
        assert (await screen.hear()).startswith("retry:")
        assert await screen.hear() == "the end"
        assert not hub.listeners

    watched(story, monkeypatch)


async def joined(hub: live.Hub, *topics: str) -> live.Listener:
    hub._tasks = (asyncio.current_task(),)  # no database in these
    hub.listening.set()
    return await hub.join(topics)


def test_a_slow_reader_is_told_to_ask_again_and_keeps_nobody_waiting() -> None:
    async def story() -> None:
        hub = live.Hub()
        slow, other = await joined(hub, "desk"), await joined(hub, "desk", "agency:1")
        for number in range(live.WAITING + 1):
            hub.hear(json.dumps({"to": ["desk", "agency:1"], "event": "ticket", "id": number}))
            assert other.get_nowait() == f'event: ticket\ndata: {{"id":{number}}}\n\n'.encode()
            assert other.empty()  # once, though it was on two of its topics
        assert slow.get_nowait() == live.RESUME
        assert slow.empty()

    asyncio.run(story())


def test_what_happened_between_a_page_and_its_stream_has_it_ask_again() -> None:
    async def story() -> None:
        hub = live.Hub()
        hub._complete_since = asyncio.get_running_loop().time()
        await joined(hub, "desk")
        hub.hear('{"to": ["desk"], "event": "ticket", "id": 1}')
        await asyncio.sleep(0.02)
        hub._complete_since -= 100
        for topics, age, again in (
            ({"desk"}, 0.0, False),  # a program that does not say
            ({"desk"}, 0.01, False),  # the page is younger than the news
            ({"desk"}, 5.0, True),
            ({"agency:1"}, 5.0, False),  # nothing of theirs
            ({"agency:1"}, 500.0, True),  # nobody knows what was then
        ):
            assert (await hub.join(topics, age)).empty() != again, (topics, age)

    asyncio.run(story())


def test_only_so_much_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        hub = live.Hub()
        hub._complete_since = asyncio.get_running_loop().time() - 1_000
        await joined(hub, "desk")
        hub.hear('{"to": ["other"], "event": "ticket", "id": 1}')
        assert (await hub.join({"desk"}, 500)).empty(), "nothing happened, for long"
        monkeypatch.setattr(live, "REMEMBERED", -1.0)
        hub.hear('{"to": ["other"], "event": "ticket", "id": 2}')
        assert not hub._lately
        assert not (await hub.join({"desk"}, 500)).empty()

    asyncio.run(story())


@pytest.mark.parametrize(("query", "seconds"), [("", 0), ("age=1500", 1.5), ("age=-3", 0), ("age=x", 0), ("age=", 0)])
def test_the_age_of_a_page_is_read_from_its_address(query: str, seconds: float) -> None:
    assert live._age(Screen(query=query).scope) == seconds


@pytest.mark.parametrize("payload", ["rubbish", "[]", "{}", '{"to": 3, "event": "x"}', '{"to": [["x"]], "event": "x"}'])
def test_what_cannot_be_understood_is_logged_and_passed_over(payload: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, live.log.name):
        live.Hub().hear(payload)
    assert "not understood" in caplog.text
