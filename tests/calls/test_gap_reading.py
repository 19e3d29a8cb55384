"""What happened while nobody listened to the exchange is read in its own logs: once, marked, with its call-backs."""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import psycopg
import pytest
from bridged import PATIENT, held, linked, outcomes, play, until
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import localtime, now
from fake_pbx import FakePbx
from psycopg import sql

from caunoi.calls import actions, bridge, gap_reading, log_tables
from caunoi.calls.actions import gaps
from caunoi.calls.models import Call, Gap, Link
from caunoi.checks import at_work
from caunoi.conversations.models import Callback, Inbox
from caunoi.telephony.calls import fold, reduce
from caunoi.telephony.events import Answered, Direction, Ended, GaveUp, Lost, Queued, Started


@pytest.fixture
def logs(asterisk: Inbox, tmp_path: Path) -> Path:
    asterisk.config = {**asterisk.config, "logs": str(tmp_path)}
    asterisk.save(update_fields=["config"])
    (tmp_path / "queue_log").write_text("")
    return tmp_path


def queue_log(logs: Path, *lines: str) -> None:
    with (logs / "queue_log").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def number(call: int) -> str:
    return f"09123456{call:02d}"


def waits(call: int, at: datetime) -> str:
    return f"{at.timestamp():.0f}|{call}.1|tongdai1022|NONE|ENTERQUEUE||{number(call)}|1"


def gives_up(call: int, at: datetime) -> str:
    return f"{at.timestamp():.0f}|{call}.1|tongdai1022|NONE|ABANDON|1|1|9"


def abandoned(call: int, at: datetime) -> list[str]:
    return [waits(call, at), gives_up(call, at + timedelta(seconds=9))]


def heard(call: int, at: datetime) -> list[Any]:
    """The same call, as the manager interface tells of it."""
    end = at + timedelta(seconds=9)
    base = {"call_id": f"{call}.1"}
    return [
        Started(**base, at=at, direction=Direction.IN, caller=number(call), dialled="1022"),
        Queued(**base, at=at, queue="tongdai1022"),
        GaveUp(**base, at=end),
        Ended(**base, at=end),
    ]


def gap_of(box: Inbox, since: datetime, until: datetime) -> Gap:
    return Gap.objects.create(inbox=box, since=since, until=until)


def read_a_minute_later(gap: Gap) -> int:
    Gap.objects.filter(pk=gap.pk).update(filled=now() - timedelta(minutes=1))
    return actions.fill_in(gap)


AT = datetime(2026, 8, 6, 6, 31, 10, tzinfo=UTC)
END = AT + timedelta(seconds=60)


def test_a_minute_with_ten_callers_who_gave_up_is_ten_call_backs(asterisk: Inbox, logs: Path, work: Any) -> None:
    for call in range(10):
        queue_log(logs, *abandoned(call, AT + timedelta(seconds=call * 5)))
    gap = gap_of(asterisk, AT, END)
    assert actions.fill_in(gap) == 10
    work()
    assert set(Call.objects.values_list("outcome", "gap")) == {("abandoned", gap.pk)}
    assert Callback.objects.filter(state="open").count() == 10
    assert actions.fill_in(gap) == 0
    work()
    gap.refresh_from_db()
    assert (gap.calls, gap.trouble, Callback.objects.count(), Call.objects.count()) == (10, "", 10, 10)


def test_what_was_heard_is_not_filled_in(asterisk: Inbox, logs: Path) -> None:
    actions.absorb(asterisk, fold(heard(1, AT)).values())
    queue_log(logs, *abandoned(1, AT), *abandoned(2, AT))
    assert actions.fill_in(gap_of(asterisk, AT, END)) == 1
    assert dict(Call.objects.values_list("call_id", "gap__id")) == {"1.1": None, "2.1": Gap.objects.get().pk}


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_read_heard_late_and_lost_in_any_order_it_is_one_call_and_one_call_back(
    asterisk: Inbox, logs: Path, work: Any, order: tuple[int, ...]
) -> None:
    queue_log(logs, *abandoned(1, AT))
    gap = gap_of(asterisk, AT, END)
    ways: list[Callable[[], Any]] = [
        lambda: actions.fill_in(gap),
        lambda: actions.absorb(asterisk, fold(heard(1, AT)).values()),
        lambda: actions.absorb(asterisk, [reduce(None, Lost(call_id="1.1", at=END))]),
    ]
    for way in order:
        ways[way]()
        work()
    assert outcomes() == {"1.1": "abandoned"}
    assert Callback.objects.filter(state="open").count() == Callback.objects.count() == 1
    assert Callback.objects.get().times == 1


def test_a_caller_who_waits_still_goes_on_and_one_who_left_for_a_message_has_ended(
    asterisk: Inbox, logs: Path, tmp_path: Path
) -> None:
    going_on = [each for each in heard(1, AT) if not isinstance(each, GaveUp | Ended)]
    actions.absorb(asterisk, fold(going_on).values())  # from the exchange's list, when the link was back
    exit_ = f"{AT.timestamp() + 30:.0f}|2.1|tongdai1022|NONE|EXITWITHTIMEOUT|1|1|30"
    queue_log(logs, waits(1, AT), waits(2, AT), exit_, waits(3, END + timedelta(seconds=5)))
    asterisk.config = {**asterisk.config, "recordings": str(tmp_path)}
    asterisk.save(update_fields=["config"])
    (tmp_path / "2.1-message.wav").write_bytes(bytes(20000))
    gap = gap_of(asterisk, AT, END)
    actions.fill_in(gap)
    assert not Call.objects.filter(call_id="2.1").exists()  # it may go on, and the bridge not have written it down
    read_a_minute_later(gap)
    states = {row.call_id: (row.state, row.outcome) for row in Call.objects.all()}
    assert states == {"1.1": ("waiting", "unknown"), "2.1": ("ended", "voicemail"), "3.1": ("waiting", "unknown")}
    assert Call.objects.get(call_id="2.1").recording == "2.1-message.wav"


def test_a_queue_that_was_entered_by_a_phone_of_a_call_is_no_call_of_its_own(asterisk: Inbox, logs: Path) -> None:
    call = [*heard(1, AT)[:2], Answered(call_id="1.1", at=AT, leg="2.1", member="lan"), *heard(1, AT)[3:]]
    actions.absorb(asterisk, fold(call).values())
    queue_log(logs, *abandoned(2, AT))
    assert actions.fill_in(gap_of(asterisk, AT, END)) == 0


def test_a_phone_of_a_call_of_other_days_is_none_of_these(asterisk: Inbox, logs: Path) -> None:
    """An exchange that begins to count anew, and whose legs need not all be looked through."""
    before = AT - timedelta(days=3)
    call = [*heard(1, before)[:2], Answered(call_id="1.1", at=before, leg="2.1", member="lan"), *heard(1, before)[3:]]
    actions.absorb(asterisk, fold(call).values())
    queue_log(logs, *abandoned(2, AT))
    assert actions.fill_in(gap_of(asterisk, AT, END)) == 1


def test_a_call_that_begins_after_the_gap_is_not_filled_in(asterisk: Inbox, logs: Path) -> None:
    """The queue's log has whole seconds, so that reading it changes what the bridge has heard of a call that goes on;
    it is the bridge's all the same."""
    later = END + timedelta(seconds=30.7)
    actions.absorb(asterisk, fold(heard(1, later)[:2]).values())
    queue_log(logs, waits(1, later - timedelta(seconds=0.7)), *abandoned(2, AT))
    gap = gap_of(asterisk, AT, END)
    assert actions.fill_in(gap) == 1
    gap.refresh_from_db()
    assert (gap.calls, dict(Call.objects.values_list("call_id", "gap"))) == (1, {"1.1": None, "2.1": gap.pk})


def test_a_call_in_a_gap_is_marked_though_the_exchanges_clock_is_fast(asterisk: Inbox, logs: Path) -> None:
    queue_log(logs, *abandoned(1, END + timedelta(hours=5)))
    assert actions.fill_in(gap_of(asterisk, AT, END)) == 1


def test_a_call_that_the_bridge_has_yet_to_write_down_is_not_ended(asterisk: Inbox, logs: Path, work: Any) -> None:
    """The exchange's clock is behind: what is said now looks as if it had been in the gap."""
    since = now().replace(microsecond=0) - timedelta(minutes=5)  # half a day later it is lost
    slow = since + timedelta(seconds=40)
    queue_log(logs, waits(1, slow), waits(2, slow))
    gap = gap_of(asterisk, since, since + timedelta(minutes=1))
    actions.fill_in(gap)
    actions.fill_in(gap)  # by the task of every minute, a moment after
    actions.absorb(asterisk, fold(heard(1, slow)[:2]).values())
    assert read_a_minute_later(gap) == 1
    work()
    assert dict(Call.objects.values_list("call_id", "state")) == {"1.1": "waiting", "2.1": "ended"}
    gap.refresh_from_db()
    assert (gap.endless, gap.calls, [row.phone[-2:] for row in Callback.objects.all()]) == ([], 1, ["02"])


def test_what_has_no_end_is_read_again_however_late_the_first_reading_was(asterisk: Inbox, logs: Path) -> None:
    since = now() - timedelta(hours=3)
    queue_log(logs, waits(1, since))
    gap_of(asterisk, since, since + timedelta(minutes=1))
    assert actions.fill_gaps() == 0
    Gap.objects.update(filled=now() - timedelta(minutes=1))
    assert (actions.fill_gaps(), Call.objects.get().state) == (1, "ended")


def test_a_gap_is_filled_in_by_batches_and_what_was_added_before_a_kill_stays(
    asterisk: Inbox, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for call in range(5):
        queue_log(logs, *abandoned(call, AT))
    gap, batches = gap_of(asterisk, AT, END), list[int]()

    def killed_at_the_second(box: Inbox, calls: list[Any]) -> list[Call]:
        batches.append(len(calls))
        if len(batches) == 2:
            raise KeyboardInterrupt
        return actions.absorb(box, calls)

    monkeypatch.setattr(gaps, "AT_ONCE", 2)
    monkeypatch.setattr(gaps, "absorb", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        actions.fill_in(gap)
    gap.refresh_from_db()
    assert (gap.filled, gap.calls, Call.objects.filter(gap=gap).count()) == (None, 2, 2)
    assert actions.fill_in(gap) == 3
    gap.refresh_from_db()
    assert (batches, gap.calls, Call.objects.filter(gap=gap).count()) == ([2, 2, 2, 1], 5, 5)


@pytest.mark.django_db(transaction=True)
def test_no_file_is_looked_for_while_the_inbox_waits_and_messages_come_in_meanwhile(
    asterisk: Inbox, logs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside: list[bool] = []
    monkeypatch.setattr(gap_reading, "message", lambda *_: inside.append(connection.in_atomic_block) or ())
    queue_log(logs, *abandoned(1, AT))
    with CaptureQueriesContext(connection) as captured:
        actions.fill_in(gap_of(asterisk, AT, END))
    assert inside == [False]
    locks = [query["sql"] for query in captured if '"conversations_inbox"' in query["sql"] and "FOR " in query["sql"]]
    assert locks and all("FOR NO KEY UPDATE" in sql for sql in locks)


@pytest.mark.parametrize(("folder", "trouble"), [(None, "no_logs"), ("empty", "no_files")])
def test_a_gap_that_cannot_be_read_says_so_and_is_read_once_it_can(
    asterisk: Inbox, logs: Path, folder: str | None, trouble: str
) -> None:
    at = now() - timedelta(hours=2)
    queue_log(logs, *abandoned(1, at))
    asterisk.config = {**asterisk.config, "logs": folder and str(logs / folder)}
    asterisk.save(update_fields=["config"])
    gap = gap_of(asterisk, at, at + timedelta(minutes=1))
    actions.fill_in(gap)
    gap.refresh_from_db()
    assert (gap.trouble, gap.filled) == (trouble, None)
    asterisk.config = {**asterisk.config, "logs": str(logs)}
    asterisk.save(update_fields=["config"])
    assert actions.fill_gaps() == 1
    gap.refresh_from_db()
    assert (gap.trouble, gap.calls) == ("", 1)
    assert actions.fill_gaps() == 0


def test_where_the_places_were_kept_the_exchanges_clock_does_not_matter(asterisk: Inbox, logs: Path) -> None:
    """It is five hours slow, and what was written before the gap is not read again."""
    slow = now() - timedelta(hours=5)
    queue_log(logs, *abandoned(1, slow))
    actions.down(asterisk, now(), "never was")
    actions.up(asterisk, now())
    gaps.note_places()
    link = Link.objects.get()
    ((noted, places),) = link.places
    Link.objects.update(places=[[(now() - timedelta(minutes=1)).isoformat(), places]])
    assert datetime.fromisoformat(noted) <= now()
    queue_log(logs, *abandoned(2, slow + timedelta(minutes=1)))
    actions.down(asterisk, now(), "the link broke")
    actions.up(asterisk, now())
    (gap,) = Gap.objects.all()
    assert actions.fill_in(gap) == 1
    assert outcomes() == {"2.1": "abandoned"}


def test_a_place_that_was_noted_when_the_link_may_have_been_lost_already_is_not_trusted(
    asterisk: Inbox, logs: Path
) -> None:
    actions.up(asterisk, now())
    queue_log(logs, *abandoned(1, now()))
    gaps.note_places()
    actions.down(asterisk, now(), "the link broke")
    assert Gap.objects.get().places == {}


# --- by the bridge ---


@pytest.mark.django_db(transaction=True)
def test_a_link_that_was_lost_is_a_gap_and_is_closed_when_it_is_back(asterisk: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port:
            async with held(asterisk, port):
                await until(linked(asterisk))
                pbx.drop()
                await until(lambda: Gap.objects.exclude(until=None).count() == 1)
            await until(lambda: Gap.objects.filter(until=None, reason__contains="stopped").exists())
            async with held(asterisk, port):
                await until(lambda: not Gap.objects.filter(until=None).exists())

    play(story())
    assert Gap.objects.filter(until=None).count() == 1  # nobody listens now


def test_a_bridge_that_was_killed_leaves_a_gap_since_its_last_sign_of_life(asterisk: Inbox) -> None:
    actions.up(asterisk, AT)
    assert not Gap.objects.exists()  # nobody ever listened before
    Link.objects.update(seen=AT)
    actions.up(asterisk, END)
    gap = Gap.objects.get()
    assert (gap.since, gap.until) == (AT, END)


def test_a_bridge_that_does_not_link_at_once_after_a_kill_leaves_that_gap_too(asterisk: Inbox) -> None:
    actions.up(asterisk, AT)
    Link.objects.update(seen=AT)
    actions.down(asterisk, END, "refused", ours=False)
    actions.up(asterisk, END + timedelta(seconds=30))
    assert [(gap.since, gap.until) for gap in Gap.objects.all()] == [(AT, END + timedelta(seconds=30))]


@pytest.mark.django_db(transaction=True)
def test_the_bridge_after_a_killed_one_gives_no_sign_of_life_before_it_has_linked(
    asterisk: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "LIFE", 0.02)
    actions.up(asterisk, AT)
    Link.objects.update(seen=AT)
    pbx = FakePbx(boots=False)

    async def story() -> None:
        async with pbx.listening() as port, held(asterisk, port, replace(PATIENT, booted=3)):
            await until(lambda: pbx.logins)
            await asyncio.sleep(0.3)
            assert (await asyncio.to_thread(Link.objects.get)).seen == AT
            await until(lambda: Link.objects.filter(up_since=None).exists())

    play(story())
    assert Gap.objects.get().since == AT


# --- tables ---


@pytest.fixture
def tables(asterisk: Inbox) -> Iterable[str]:
    """The tables of an exchange, in a schema of their own."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA pbx")
        cursor.execute(
            "CREATE TABLE pbx.queue_log (id serial, time varchar(26), callid varchar(40), queuename varchar(20), "
            "agent varchar(20), event varchar(20), data1 varchar(40), data2 varchar(40), data3 varchar(40), "
            "data4 varchar(40), data5 varchar(40))"
        )
    settings = connection.settings_dict
    yield (
        f"host={settings['HOST']} port={settings['PORT']} dbname={settings['NAME']} user={settings['USER']} "
        f"password={settings['PASSWORD'] or 'none'}"
    )
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA pbx CASCADE")


@pytest.mark.django_db(transaction=True)
def test_logs_in_tables_are_read_too(asterisk: Inbox, tables: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_tables, "READ_ONLY", f"{log_tables.READ_ONLY} -c search_path=pbx")
    at = now() - timedelta(hours=1)
    with connection.cursor() as cursor:
        for moment, event, data in [(at, "ENTERQUEUE", ["", number(1)]), (at, "ABANDON", ["1", "1", "9"])]:
            cursor.execute(
                "INSERT INTO pbx.queue_log (time, callid, queuename, agent, event, data1, data2, data3) "
                "VALUES (%s, '1.1', 'tongdai1022', 'NONE', %s, %s, %s, %s)",
                [_local(moment), event, *[*data, "", ""][:3]],
            )
    asterisk.secrets = {**asterisk.secrets, "logs_database": tables}
    asterisk.save()
    gap = gap_of(asterisk, at, at + timedelta(minutes=1))
    assert actions.fill_in(gap) == 1
    assert outcomes() == {"1.1": "abandoned"}
    asterisk.secrets = {**asterisk.secrets, "logs_database": "host=127.0.0.1 port=1 dbname=none"}
    asterisk.save()
    later = gap_of(asterisk, at, at + timedelta(minutes=1))
    assert actions.fill_in(later) == 0
    later.refresh_from_db()
    assert "127.0.0.1" in later.trouble


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "kind", ["timestamp", "timestamptz", "varchar(26)", "bigint", "numeric(20, 6)", "double precision"]
)
def test_times_in_tables_are_compared_as_they_are_so_that_an_index_serves(
    asterisk: Inbox, tables: str, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(log_tables, "READ_ONLY", f"{log_tables.READ_ONLY} -c search_path=pbx -c enable_seqscan=off")
    plans: list[str] = []
    execute = psycopg.Connection.execute

    def explained(server: Any, query: Any, params: Any = None, **more: Any) -> Any:
        if isinstance(query, sql.Composed) and params:
            plan = execute(server, sql.SQL("EXPLAIN ") + query, params, **more)
            plans.append(" ".join(str(row["QUERY PLAN"]) for row in plan))
        return execute(server, query, params, **more)

    monkeypatch.setattr(psycopg.Connection, "execute", explained)
    at = now() - timedelta(hours=1)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE pbx.queue_log DROP COLUMN time, ADD COLUMN time {kind}")
        cursor.execute("CREATE INDEX ON pbx.queue_log (time)")
        for call, moment in [(1, at), (2, at - timedelta(days=9))]:
            for event, data in [("ENTERQUEUE", ["", number(call)]), ("ABANDON", ["1", "1"])]:
                value = _local(moment) if kind in ("timestamp", "varchar(26)") else moment
                cursor.execute(
                    "INSERT INTO pbx.queue_log (time, callid, queuename, agent, event, data1, data2) "
                    "VALUES (%s, %s, 'tongdai1022', 'NONE', %s, %s, %s)",
                    [value if "time" in kind or "char" in kind else int(moment.timestamp()), f"{call}.1", event, *data],
                )
    asterisk.secrets = {**asterisk.secrets, "logs_database": tables}
    asterisk.save()
    assert actions.fill_in(gap_of(asterisk, at, at + timedelta(minutes=1))) == 1
    assert outcomes() == {"1.1": "abandoned"}
    assert "Index Cond" in plans[0]


@pytest.mark.parametrize(
    "dsn",
    [
        "postgres:/asterisk:S3cret@pbx/db",
        "mysql://asterisk:S3cret@pbx/db",
        "mysql://asterisk:S3cret@pbx/db?charset=utf8",
        "postgresql://asterisk:S3cret%zz@pbx/db",
        "postgresql://asterisk:S3cret/x@pbx/db",
        "postgresql://asterisk:x@S3cret@pbx/db",
        "host=pbx password=x S3cret",
    ],
)
def test_an_address_of_the_logs_that_cannot_be_read_is_not_repeated(asterisk: Inbox, dsn: str) -> None:
    asterisk.secrets = {**asterisk.secrets, "logs_database": dsn}
    asterisk.save()
    at = now() - timedelta(hours=1)
    gap = gap_of(asterisk, at, at + timedelta(minutes=1))
    actions.fill_in(gap)
    gap.refresh_from_db()
    assert gap.trouble == "bad_address"
    (finding,) = at_work.bridge()
    for language, mend in [("en", "Correct the address"), ("vi", "Sửa lại địa chỉ")]:
        words = finding.as_json(language)
        assert words["mend"].startswith(mend)
        assert not any(part in " ".join(words.values()) for part in ("S3cret", "asterisk", "pbx", "mysql", dsn))


def _local(at: datetime) -> str:
    return localtime(at).replace(tzinfo=None).isoformat(" ")


def test_a_storm_of_rereadings_and_late_reports_ends_as_it_was(asterisk: Inbox, logs: Path, work: Any) -> None:
    chance, gap = random.Random(1022), gap_of(asterisk, AT, END)
    told = [line for call in range(8) for line in abandoned(call, AT + timedelta(seconds=call))]
    late = [event for call in range(8) for event in heard(call, AT + timedelta(seconds=call))]
    chance.shuffle(late)
    while told or late:
        if chance.random() < 0.5 and told:
            queue_log(logs, told.pop(0))
            actions.fill_in(gap)
        elif late:
            actions.absorb(asterisk, [reduce(None, late.pop())])
    work()
    assert set(outcomes().values()) == {"abandoned"}
    assert (len(outcomes()), Callback.objects.filter(state="open").count()) == (8, 8)


# --- where it is seen ---


def test_the_log_and_the_calls_page_say_what_was_filled_in(asterisk: Inbox, logs: Path, town: Any, client: Any) -> None:
    since = now() - timedelta(minutes=10)
    queue_log(logs, *abandoned(1, since), *abandoned(2, since))
    actions.fill_in(gap_of(asterisk, since, since + timedelta(seconds=16)))
    client.force_login(town.users["lan"])
    told = f"{localtime(since):%H:%M:%S}–{localtime(since + timedelta(seconds=16)):%H:%M:%S}"
    listed = client.get("/desk/calls/").content.decode()
    assert f"Bổ sung từ nhật ký tổng đài, {told}: 2 cuộc gọi" in listed
    assert listed.count("bổ sung từ nhật ký tổng đài") == 2
    assert told in client.get(f"/desk/calls/{Call.objects.all()[0].pk}/").content.decode()
    assert b"Kh\xc3\xb4ng nghe \xc4\x91\xc6\xb0\xe1\xbb\xa3c" not in client.get("/desk/calls/").content
    Gap.objects.create(inbox=asterisk, since=now())
    assert "Mất kết nối tổng đài từ" in client.get("/desk/calls/").content.decode()


def test_the_doctor_names_a_gap_that_could_not_be_read_and_what_to_set(asterisk: Inbox) -> None:
    at = now() - timedelta(hours=1)
    actions.fill_in(gap_of(asterisk, at, at + timedelta(minutes=1)))
    (finding,) = at_work.bridge()
    told = finding.as_json("en")
    assert "its logs were not read" in told["why"]
    assert "Set the folder" in told["mend"]
    Gap.objects.update(until=now() - timedelta(days=2))
    assert list(at_work.bridge()) == []
