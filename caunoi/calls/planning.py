"""The plan of an inbox's exchange, from its settings, the people and a calendar. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from caunoi.calls.pbx import Ami, words
from caunoi.lib.worktime.counting import Calendar
from caunoi.telephony.plan import CallQueue, Manager, Plan, Telephone, Trunk, hours_of
from caunoi.telephony.speaking import Speaking

ON = "on"


@dataclass(frozen=True, kw_only=True)
class First:
    """For whom some operators are rung before all: the languages and fields, for how many seconds, and whether callers
    are led to who served them last (`remembers`)."""

    skills: tuple[str, ...] = ()
    seconds: int = 45
    remembers: bool = False


NOBODY = First()


def plan(
    ami: Ami,
    settings: Mapping[str, Any],
    people: Iterable[tuple[str, str]],
    calendar: Calendar,
    speaking: Speaking,
    *,
    first: First = NOBODY,
    today: date,
    product: str,
) -> Plan:
    """`people`: extension and name of everybody who has a phone. `product`: its address as the exchange sees it.
    PlanError for what no exchange could be set up with."""
    passwords = settings.get("phones") or {}
    in_browser = set(words(settings.get("browser_phones")))
    strategy = str(settings.get("strategy") or "leastrecent")
    trunks = words(settings.get("trunk"))
    return Plan(
        numbers=tuple(dict.fromkeys([ami.caller or "1022", *words(settings.get("numbers"))])),
        trunks=tuple(
            Trunk(name=f"trunk{number}" if number > 1 else "trunk", address=address)
            for number, address in enumerate(trunks, 1)
        ),
        phones=tuple(
            Telephone(
                extension=extension,
                name=name,
                password=passwords.get(extension, ""),
                browser=extension in in_browser,
            )
            for extension, name in people
        ),
        queues=tuple(CallQueue(name=name, strategy=strategy) for name in ami.queues),
        hours=hours_of(calendar, today),
        consent=settings.get("consent") == ON,
        keeps_place=settings.get("keeps_place") == ON,
        survey=settings.get("survey") == ON,
        speaking=speaking,
        skills=first.skills,
        overflow=first.seconds,
        remembers=first.remembers,
        manager=Manager(username=ami.username, secret=ami.secret, port=ami.port, product=product),
        context=ami.context,
    )
