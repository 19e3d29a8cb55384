"""The supervisor's cockpit, as a supervisor reads it while the telephone works.

Proves: a page for supervisors: waiting now with ticking longest wait, service level now, this half hour and today,
abandons, each operator's true state, since when and on which call, alarms
Proves: half-hour table as CSV and XLSX, with a chart; people needed by half hour"""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import now

from caunoi.calls import queries
from caunoi.calls.models import Call, CallLeg, Gap, Presence
from caunoi.calls.operator_states import OperatorState
from caunoi.conversations.actions import ask_callback, finish_callback, make_inbox
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from tests.web.desk.switchboard import client_of

AT = datetime(2026, 8, 6, 3, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still(time_machine):
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def supervisor(town):
    return client_of(town, "tam")


@pytest.fixture
def call(town):
    box = make_inbox("phone", "phone")

    def tell(call_id, seconds, state, *, by="", ringing="", outcome="abandoned", **more):
        began = now() - timedelta(seconds=seconds)
        row = Call.objects.create(
            inbox=box,
            call_id=call_id,
            direction="in",
            state=state,
            outcome=outcome,
            queue="1022",
            phone=f"+8490000000{call_id}",
            began=began,
            facts={"call_id": call_id},
            **more,
        )
        if name := by or ringing:
            CallLeg.objects.create(
                call=row,
                leg_id=name,
                operator=name,
                user=town.users[name],
                rang_at=began,
                talk_from=began if by else None,
                ended_at=row.ended,
                ringing=bool(ringing),
                outcome="answered" if by else "no_answer",
            )
        return row

    return tell


def on_duty(town, name, state="available", seconds=600, **more):
    since = now() - timedelta(seconds=seconds)
    return Presence.objects.create(user=town.users[name], state=state, since=since, by=name, **{"seen": since} | more)


def page(client, name="cockpit", **query):
    answer = client.get(reverse(f"desk:{name}"), query)
    assert answer.status_code == 200
    return answer


def test_the_floor_tells_the_true_state_of_everybody(town, call):
    for name in ("lan", "tam"):
        on_duty(town, name)
    talking = call("1", 90, "talking", by="lan")
    waiting = [call("2", 40, "waiting"), call("3", 20, "ringing", ringing="tam")]
    call("4", 500, "ended", ended=now())
    call("5", 5, "waiting", internal=True)
    floor = queries.floor()
    assert [one.call_id for one in floor.waiting] == [one.pk for one in waiting]
    assert floor.longest == 40
    readings = {one.user.username: one.reading for one in floor.operators}
    assert (readings["lan"].state, readings["lan"].call) == ("talking", talking.pk)
    assert (readings["tam"].state, readings["tam"].call) == ("ringing", waiting[1].pk)
    assert readings["lan"].since == talking.began
    assert (floor.count(OperatorState.TALKING), floor.count(OperatorState.READY)) == (1, 0)


@pytest.mark.parametrize(
    ("state", "reason", "more", "expected"),
    [
        ("available", "", {}, ["ready"]),
        ("available", "", {"seen": None}, ["away"]),
        ("available", "", {"unreachable": AT}, ["unreachable"]),
        ("break", "wrapup", {"ends": AT + timedelta(seconds=9)}, ["after_call"]),
        ("break", "wrapup", {"ends": AT}, ["ready"]),
        ("break", "meal", {}, ["break"]),
        ("off", "", {}, []),
    ],
)
def test_the_cockpit_says_of_each_what_the_rest_of_the_desk_says(supervisor, town, state, reason, more, expected):
    on_duty(town, "lan", state, reason=reason, **more)
    context = page(supervisor).context
    assert [one.state for one in context["operators"]] == expected
    assert [one.label for one in context["operators"]] == [
        one.label for one in page(supervisor, "calls").context["on_duty"]
    ]
    assert [n for _label, _mark, n in context["counts"]] == [1] * len(expected)


def test_who_is_off_duty_and_still_talks_is_seen(supervisor, town, call):
    on_duty(town, "lan", "off")
    call("1", 9, "talking", by="lan")
    assert [one.state for one in page(supervisor).context["operators"]] == ["talking"]


def test_a_gap_is_an_alarm_until_it_is_filled_in_and_its_callers_are_called_back(supervisor, town, call):
    first = call("1", 400, "ended", ended=now())
    gap = Gap.objects.create(inbox=first.inbox, since=now() - timedelta(minutes=9), until=now() - timedelta(minutes=5))

    def alarms():
        return [(alarm.kind, alarm.callbacks) for alarm in page(supervisor).context["alarms"]]

    assert alarms() == [("gap", 0)]
    first.callback, first.gap = ask_callback(phone=first.phone, reason="missed_call", by=SYSTEM), gap
    first.save()
    gap.filled, gap.calls = now(), 1
    gap.save()
    assert alarms() == [("gap", 1)]
    finish_callback(first.callback, "Đã gọi", by=town.lan)
    assert alarms() == []


def test_gaps_cost_the_same_however_many_and_the_newest_few_are_shown(supervisor, town, call):
    def gaps(first, last):
        for n in range(first, last):
            row = call(str(n), 400, "ended", ended=now())
            since = now() - timedelta(minutes=90 - n)
            row.gap = Gap.objects.create(inbox=row.inbox, since=since, until=since + timedelta(seconds=9), filled=now())
            row.callback = ask_callback(phone=row.phone, reason="missed_call", by=SYSTEM)
            row.save()

    def statements():
        with CaptureQueriesContext(connection) as captured:
            alarms = page(supervisor).context["alarms"]
        return len(captured), alarms

    gaps(1, 2)
    statements()  # what is kept in memory is there now
    one, _ = statements()
    gaps(2, 8)
    seven, alarms = statements()
    assert one == seven
    assert [(alarm.kind, alarm.callbacks) for alarm in alarms] == [("gap", 1)] * 5
    newest = timezone.localtime(Gap.objects.latest("since").since)
    assert f"{newest:%H:%M:%S}" in alarms[0].text


def test_the_page_tells_who_waits_how_the_service_is_and_what_everybody_does(supervisor, town, call):
    on_duty(town, "lan")
    call("1", 90, "talking", by="lan")
    call("2", 75, "waiting")
    for n, (waited, outcome) in enumerate(((5, "answered"), (50, "answered"), (3, "abandoned"), (30, "abandoned"))):
        call(str(10 + n), 200, "ended", outcome=outcome, waited=waited, talked=60, ended=now())
    text = page(supervisor).content.decode()
    assert 'data-elapsed="75"' in text and "1:15" in text
    assert "900000002" in re.sub(r"[^0-9]", "", text)
    context = page(supervisor).context
    assert (context["count"], [one.state for one in context["operators"]]) == (1, ["talking"])
    lately, this, today = context["figures"]
    assert (lately.offered, lately.answered, lately.abandoned, lately.at_once) == (4, 2, 1, 1)
    assert {alarm.kind for alarm in context["alarms"]} == {"wait", "nobody"}
    assert this.offered == today.offered == 4


def test_alarms_name_whom_they_are_about(supervisor, town, call):
    on_duty(town, "lan", "break", reason="no_answer")
    on_duty(town, "tam")
    call("3", 30, "ringing", ringing="tam")
    alarms = {alarm.kind: alarm.name for alarm in page(supervisor).context["alarms"]}
    assert alarms == {"in_vain": str(town.users["lan"]), "ring": str(town.users["tam"])}
    on_duty(town, "minh", unreachable=now())
    kinds = {alarm.kind for alarm in page(supervisor).context["alarms"]}
    assert kinds == {"in_vain", "ring", "unreachable"}


def test_a_call_that_is_closed_to_the_supervisor_shows_no_number(supervisor, town, call):
    on_duty(town, "lan")
    call("1", 20, "talking", by="lan", shut=True)
    call("2", 20, "waiting", shut=True)
    town.users["tam"].custodian = False
    town.users["tam"].save()
    answer = page(supervisor)
    assert "9000000" not in answer.content.decode().replace(" ", "").replace("\xa0", "")
    assert not any(one.talking or one.call_id for one in answer.context["operators"])


def test_the_live_part_is_fetched_alone(supervisor, town):
    headers = {"HX-Request": "true", "HX-Target": "floor", "HX-Trigger": "floor"}
    text = supervisor.get(reverse("desk:cockpit"), headers=headers).content.decode()
    assert 'id="floor"' in text and "<html" not in text


def test_listening_is_refused_with_a_reason(supervisor, town, call):
    on_duty(town, "lan")
    way = reverse("desk:cockpit-act")

    def wish(act="listen", operator="lan"):
        answer = supervisor.post(way, {"act": act, "operator": operator}, follow=True)
        return [str(message) for message in answer.context["messages"]]

    assert supervisor.post(way, {"act": "shout", "operator": "lan"}).status_code == 404
    over = wish()
    call("1", 20, "talking", by="lan")
    unlinked = wish()
    assert len(over) == len(unlinked) == 1 and over != unlinked


@pytest.mark.parametrize("name", ["cockpit", "half-hours", "roster"])
def test_the_cockpit_is_for_who_leads_the_operators(town, name):
    for other in ("lan", "minh", "phong", "quan"):
        assert client_of(town, other).get(reverse(f"desk:{name}")).status_code == 403


def test_the_table_of_half_hours_is_a_page_and_a_file(supervisor, town, call):
    for n, outcome in enumerate(("answered", "abandoned")):
        call(str(n), 200, "ended", outcome=outcome, waited=9, talked=60, ended=now(), operator=town.users["lan"])
    since = (now() - timedelta(days=1)).date().isoformat()
    query = {"since": since, "until": (now() + timedelta(days=1)).date().isoformat()}
    answer = page(supervisor, "half-hours", **query)
    assert answer.context["whole"].figures.offered == 2 and len(answer.context["rows"]) == 1
    assert answer.context["chart"]["series"][0]["values"] == [2]
    assert page(supervisor, "half-hours", **query, by="queue").context["rows"][0].name == "1022"
    assert page(supervisor, "half-hours", **query, queue="other").context["rows"] == []
    assert page(supervisor, "half-hours", since="x", until="y", by="z").context["by"] == "half_hour"
    way = reverse("desk:half-hours") + f"?since={query['since']}&until={query['until']}&format="
    for form in ("csv", "xlsx"):
        answer = supervisor.post(way + form, {"reason": "Xếp lịch trực tuần sau"})
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert answer.status_code == 200 and len(body) > 100
        if form == "csv":
            head, line = body.decode("utf-8-sig").splitlines()
            assert head.count(",") == line.count(",") == 16 and line.split(",")[1:6] == ["2", "1", "1", "0.5", "1"]
    assert Event.objects.filter(kind="list.take", data__list="calls-half_hour").count() == 2


def test_a_forecast_that_cannot_be_made_is_said_to_be_none(supervisor, town):
    assert page(supervisor, "roster", day="no day").context["rows"] == []
