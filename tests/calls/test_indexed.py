"""What is asked at every call or by every open page is found by an index, however many calls there were."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from caunoi.calls import actions, queries
from caunoi.calls.models import Call, CallCommand, CallLeg
from caunoi.conversations.models import Inbox


@pytest.fixture
def lan(town: Any, asterisk: Inbox) -> Any:
    """Somebody who has talked in many calls, in each of which something was done."""
    user = town.users["lan"]
    ages = [timedelta(hours=12 * n) for n in range(600)]
    calls = Call.objects.bulk_create(
        Call(
            inbox=asterisk,
            call_id=f"1.{n}",
            direction="in",
            state="ended",
            outcome="answered",
            queue="tongdai1022",
            began=now() - age,
            ended=now() - age,
            facts={},
        )
        for n, age in enumerate(ages)
    )
    CallLeg.objects.bulk_create(
        CallLeg(call=call, leg_id="p", user=user, talk_from=call.began, ended_at=call.ended, outcome="answered")
        for call in calls
    )
    CallCommand.objects.bulk_create(
        CallCommand(call=call, user=user, operator=user, kind="hold", state="done", asked=call.began) for call in calls
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE calls_call, calls_callleg, calls_callcommand, conversations_inbox")
    return user


def plans(ask: Callable[[], object], table: str) -> list[str]:
    """How the database reads a table for this."""
    with CaptureQueriesContext(connection) as captured:
        ask()
    statements = [one["sql"] for one in captured if one["sql"].startswith("SELECT") and f'FROM "{table}"' in one["sql"]]
    result = []
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(f"EXPLAIN {statement}")
            result.append("\n".join(line for (line,) in cursor.fetchall()))
    return result


def test_how_long_the_next_caller_waits_is_read_of_the_latest_calls(lan: Any) -> None:
    assert any("call_newest" in plan for plan in plans(lambda: queries.queue_reading("tongdai1022"), "calls_call"))


@pytest.mark.parametrize(
    ("ask", "index"),
    [
        (lambda box, user: queries.supervised(user.pk), "command_operator"),
        (lambda box, user: queries.refused_command(user.pk), "command_user"),
        (lambda box, user: actions.take_commands(box), "command_pending"),
    ],
)
def test_commands_are_found_by_whose_they_are(lan: Any, asterisk: Inbox, ask: Any, index: str) -> None:
    (plan,) = plans(lambda: ask(asterisk, lan), "calls_callcommand")
    assert index in plan


def test_the_call_of_a_talk_is_found_by_its_id(lan: Any) -> None:
    (plan,) = plans(lambda: queries.talked_on(lan, "1.300"), "calls_callleg")
    assert re.search(r"each_call_once.*\n *Index Cond: \(\(inbox_id = .* AND .*call_id", plan), "by both its columns"
