"""Who is rung for whom: by the written dialplan and queues, and the model of the exchange's queue.

Proves: Skills: language and field first, then everybody; the operator of last time; who is served earlier"""

from dataclasses import replace

import pytest
from app_queue import Caller, Exchange, Operator
from caller import Answer, Walk, fields, silent
from shipped import dialplan, docs, queue_sections

from caunoi.telephony import files
from caunoi.telephony.plan import Plan, PlanError
from caunoi.telephony.skills import ANY, RUNG_LAST, places
from tools.exchange_docs import EXAMPLE

PLAN = dialplan(docs("extensions.conf"))
QUEUES = queue_sections(docs("queues.conf"))
MAIN = "tongdai1022"


def call(answer: Answer = silent, *, passed: dict[str, str], language: str = "vi", field: str = "") -> Walk:
    values = {"QUEUE": MAIN, "CALLERID(num)": "0912345678", "CHANNEL(language)": language, "FIELD": field}
    walk = Walk(PLAN, [], answer=answer, passed=passed, values={"CHANNEL(linkedid)": "1.1", **values})
    return walk.go("hotline-wait")


def says(priority: str = "", known: str = "") -> Answer:
    return lambda *_: f"**{priority}*{known}"


# --- the way of a caller ---


def test_who_speaks_a_language_reaches_those_who_do_and_then_everybody_ahead_of_who_came_later() -> None:
    walk = call(passed={"skill-sti": "TIMEOUT"}, language="sti")
    assert walk.queues == ["skill-sti"] and walk.end[1].startswith(f"{MAIN},")
    assert (walk.values["QUEUE_PRIO"], walk.values["QUEUESTATUS"]) == ("5", "")


def test_a_field_counts_where_nobody_speaks_the_language() -> None:
    assert call(passed={"skill-dien": "JOINEMPTY"}, language="km", field="dien").queues == ["skill-dien"]
    assert call(passed={"skill-sti": "TIMEOUT", "skill-dien": "TIMEOUT"}, language="sti", field="dien").queues == [
        "skill-sti"
    ]


@pytest.mark.parametrize(("language", "field"), [("vi", ""), ("km", ""), ("vi", "rac")])
def test_who_needs_nobody_in_particular_waits_among_all(language: str, field: str) -> None:
    walk = call(passed={"skill-sti": "TIMEOUT"}, language=language, field=field)
    assert walk.queues == [] and walk.end[1].startswith(f"{MAIN},") and "QUEUE_PRIO" not in walk.values


def test_the_operator_of_last_time_is_rung_first() -> None:
    walk = call(says(known="101"), passed={"own-101": "JOINEMPTY", "skill-dien": "TIMEOUT"}, field="dien")
    assert walk.queues == ["own-101", "skill-dien"]
    assert call(says(known="102"), passed={"own-101": "TIMEOUT"}).queues == []  # no such queue there


@pytest.mark.parametrize("queue", ["own-101", "skill-dien"])
def test_who_was_served_there_is_asked_for_a_grade_or_taken_back_like_everybody(queue: str) -> None:
    walk = Walk(PLAN, [], answer=says(known="101"), passed={queue: "CONTINUE"})
    walk.values |= {"QUEUE": MAIN, "CHANNEL(language)": "vi", "FIELD": "dien", "CHANNEL(linkedid)": "1.1"}
    assert walk.go("hotline-wait").end[0] == "Hangup" and walk.queues == [queue]


def test_who_is_served_earlier_enters_the_line_so() -> None:
    assert call(says(priority="3"), passed={}).values["QUEUE_PRIO"] == "3"
    assert "QUEUE_PRIO" not in call(says(), passed={}).values


@pytest.mark.parametrize("answered", ["***", "**x*$(rm)", "**3", "*", "5*ff*3*101,extra"])
def test_whatever_the_product_answers_the_caller_waits(answered: str) -> None:
    assert call(lambda *_: answered, passed={}).end[1].startswith(f"{MAIN},")


def test_the_product_is_asked_with_the_callers_number() -> None:
    asked: list[dict[str, str]] = []

    def answer(_address: str, form: str) -> str:
        asked.append(fields(form))
        return ""

    call(answer, passed={}, field="dien")
    assert asked == [{"key": "random", "queue": MAIN, "field": "dien", "from": "0912345678"}]


# --- the queues ---


def test_an_exchange_without_skills_has_none_of_it() -> None:
    plain = files.write(replace(EXAMPLE, skills=(), remembers=False), "example")
    assert "hotline-first" not in plain["extensions.conf"] and "[own-" not in plain["queues.conf"]
    deaf = files.write(replace(EXAMPLE, skills=(), speaking=replace(EXAMPLE.speaking, live=None, menus=())), "example")
    assert "hotline-first" not in deaf["extensions.conf"]  # nobody says who knows the caller


def test_what_is_no_code_is_refused() -> None:
    with pytest.raises(PlanError):
        Plan(skills=("a\n[general]",))


@pytest.mark.parametrize("absent", ["nobody", "paused", "busy"])
def test_where_nobody_with_the_skill_serves_the_caller_goes_on_at_once(absent: str) -> None:
    exchange = Exchange(QUEUES)
    lan = Operator("lan")
    if absent != "nobody":
        for queue in ("skill-sti", "own-101"):
            exchange.add(lan, queue, paused=absent == "paused")
    if absent == "busy":
        exchange.call(Caller(0, exchange.now, talks=600), "skill-sti")
        exchange.run(exchange.now + 30)
    later = exchange.now
    skilled, known = Caller(1, later, longest=45), Caller(2, later, longest=12)
    exchange.call(skilled, "skill-sti")
    exchange.call(known, "own-101")
    exchange.run(later + 100)
    assert known.status == "JOINEMPTY" and known.waited == 0
    assert (skilled.status, round(skilled.waited)) == (("TIMEOUT", 45) if absent == "busy" else ("JOINEMPTY", 0))


def test_who_is_second_is_rung_only_while_nobody_who_is_first_is_free() -> None:
    exchange = Exchange(QUEUES)
    lan, minh = Operator("lan"), Operator("minh")
    exchange.add(minh, MAIN, penalty=RUNG_LAST)
    exchange.add(lan, MAIN)
    callers = [Caller(number, exchange.now + 5 * number, talks=60) for number in range(2)]
    for one in callers:
        exchange.call(one, MAIN)
    exchange.run(exchange.now + 300)
    assert [one.by for one in callers] == ["lan", "minh"]


def test_who_is_served_earlier_is_the_next() -> None:
    exchange = Exchange(QUEUES)
    exchange.add(Operator("lan"), MAIN)
    callers = [Caller(number, exchange.now + number, talks=30, priority=3 * (number == 3)) for number in range(4)]
    for one in callers:
        exchange.call(one, MAIN)
    exchange.run(exchange.now + 600)
    assert [one.number for one in sorted(callers, key=lambda one: one.answered or 0)] == [0, 3, 1, 2]


# --- where an operator serves ---


@pytest.mark.parametrize(
    ("skills", "wanted"),
    [
        ({}, {"a": 0, "b": 0, "own-101": 0}),
        ({ANY: False}, {"a": RUNG_LAST, "b": RUNG_LAST, "own-101": 0}),
        ({"sti": True, "dien": False}, {"a": 0, "b": 0, "skill-sti": 0, "skill-dien": RUNG_LAST, "own-101": 0}),
    ],
)
def test_an_operator_serves_where_they_are_rung(skills: dict[str, bool], wanted: dict[str, int]) -> None:
    assert places(("a", "b"), skills, "101") == wanted
