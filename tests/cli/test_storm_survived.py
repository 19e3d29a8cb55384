"""The whole product in a storm, with real processes, a real database and Zalo's own rules, while somebody pulls the
plugs: nothing that was acknowledged is lost, nothing becomes two, no citizen is told twice.

Proves: kill -9 of worker, web, database, worker in a storm of 160 people, every third call twice"""

import http.client
import json
import os
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from queue import Empty, Queue

import psycopg
import pytest

from caunoi.host import postgres
from tests.cli.test_up import said, up
from tests.providers.zalo import Zalo

PEOPLE, SENDERS, PATIENCE = 160, 4, 120.0
PERSON = "'u' || substring(m.text from 'số ([0-9]+)')"  # as their words say: their address lies sealed
UNDONE = """SELECT (SELECT count(*) FROM conversations_receipt WHERE state = 'waiting')
+ (SELECT count(*) FROM events_event WHERE pending) + (SELECT count(*) FROM conversations_outgoing WHERE state =
'queued')"""


def sql(folder: Path, query: str, *values: object) -> list[tuple]:
    end = time.monotonic() + 30
    while True:
        try:
            with psycopg.connect(**postgres.parameters(folder), autocommit=True) as connection:
                cursor = connection.execute(query, values)
                return cursor.fetchall() if cursor.description else []
        except psycopg.OperationalError:
            assert time.monotonic() < end
            time.sleep(0.1)


def process(parent: int, name: str) -> int:
    """The product's process of this name, once there is one."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        found = subprocess.run(["pgrep", "-P", str(parent), "-f", f"caunoi.cli {name}"], capture_output=True, text=True)
        if found.stdout.split():
            return int(found.stdout.split()[0])
        time.sleep(0.1)
    raise AssertionError(f"no {name}")


class Storm:
    """Zalo's calls, each until it is acknowledged, as Zalo repeats them; every third one twice at once."""

    def __init__(self, zalo: Zalo, port: int) -> None:
        self.port, self.acknowledged = port, set()
        self.calls: Queue[tuple[str, dict[str, str], bytes]] = Queue()
        for number in range(PEOPLE):
            person = f"u{number}"
            headers, body = zalo.says(person, f"Đèn đường trước nhà số {number} không sáng ba hôm nay")
            name = json.loads(body)["message"]["msg_id"]
            for _ in range(1 + (number % 3 == 0)):
                self.calls.put((name, headers, body))
        self.threads = [threading.Thread(target=self._send) for _ in range(SENDERS)]

    def _send(self) -> None:
        while True:
            try:
                name, headers, body = self.calls.get_nowait()
            except Empty:
                return
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
                    connection.request("POST", "/hooks/zalo/", body, headers)
                    if connection.getresponse().status == 200:
                        self.acknowledged.add(name)
                        break
                except OSError:
                    pass
                except http.client.HTTPException:
                    pass
                finally:
                    connection.close()
                time.sleep(0.2)
            time.sleep(0.05)


@pytest.mark.long
@pytest.mark.slow
def test_kill_9_of_everything_in_a_storm_loses_nothing_and_doubles_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "storm"
    zalo = Zalo().start()
    try:
        with up(folder, CAUNOI_LOG_LEVEL="ERROR") as product:
            port = int(said(product, "Ready: ").split()[1].rsplit(":", 1)[1])
            drain = threading.Thread(target=lambda: [None for _ in product.stdout], daemon=True)
            drain.start()
            sql(
                folder,
                "INSERT INTO conversations_inbox (name, channel, label, config, secrets) VALUES ('zalo', 'zalo', '', "
                "%s, %s)",
                json.dumps(zalo.settings()),
                json.dumps(zalo.secrets()),
            )
            storm = Storm(zalo, port)
            time.sleep(2.5)  # the inbox is known to the web process by then
            for thread in storm.threads:
                thread.start()
            for name in ("worker", "web", "database", "worker"):
                time.sleep(1.2)
                victim = postgres.postmaster(folder) if name == "database" else process(product.pid, name)
                if victim:
                    os.kill(victim, signal.SIGKILL)
            for thread in storm.threads:
                thread.join(90)
            assert len(storm.acknowledged) == PEOPLE
            # what a dead worker held is decided after its lease; a person need not wait for it here
            sql(
                folder,
                "UPDATE conversations_outgoing SET claimed = claimed - interval '1 hour' WHERE claimed IS NOT NULL",
            )
            sql(
                folder,
                "UPDATE events_event SET claimed = claimed - interval '1 hour' WHERE pending AND claimed IS NOT NULL",
            )
            end = time.monotonic() + PATIENCE
            while sql(folder, UNDONE)[0][0]:
                assert time.monotonic() < end, sql(folder, UNDONE)
                time.sleep(0.5)
            kept = {
                name for (name,) in sql(folder, "SELECT external_id FROM conversations_receipt WHERE state = 'read'")
            }
            assert storm.acknowledged == kept
            owners = sql(
                folder,
                f"SELECT {PERSON}, count(t.id) FROM tickets_ticket t "
                "JOIN conversations_message m ON m.conversation_id = t.conversation_id AND m.inbound GROUP BY 1",
            )
            assert dict(owners) == {f"u{n}": 1 for n in range(PEOPLE)}
            words = sql(folder, "SELECT count(*), count(DISTINCT external_id) FROM conversations_message WHERE inbound")
            assert words == [(PEOPLE, PEOPLE)]
            told = Counter(message["to"] for message in zalo.sent)
            assert max(told.values()) == 1, "nobody is told twice"
            undelivered = (
                f"SELECT {PERSON} FROM conversations_outgoing o "
                "JOIN conversations_message m ON m.conversation_id = o.conversation_id AND m.inbound "
                "WHERE o.state = 'failed'"
            )
            failed = {person for (person,) in sql(folder, undelivered)}
            assert set(told) | failed == {f"u{n}" for n in range(PEOPLE)}, "who was not told stands in the list"
    finally:
        zalo.stop()
