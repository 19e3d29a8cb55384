"""Fill the bench's database with so many tickets of a year, written in bulk, and print what a visitor needs as JSON.

`python -m bench.history 100000`; tickets that are there already count.
"""

import itertools
import json
import random
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import import_module

from caunoi.cli import product  # noqa: F401  makes Django ready

# isort: split

from django.conf import settings
from django.db import connection
from django.utils.timezone import now

from caunoi import moves
from caunoi.accounts.queries import people
from caunoi.directory import queries as directory
from caunoi.events.actor import SYSTEM, Actor, Role, citizen
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Act, History, Report

BATCH = 2000
WORDS = (
    "đèn đường tắt hẻm chợ nước ngập rác thối ồn karaoke đêm hồ sơ chậm cây đổ ổ gà vỉa hè lấn chiếm cống nghẹt".split()
)
YEAR = timedelta(days=360)
SHARES = (1, 1, 2, 3, 1, 2, 90)  # per cent that got so far: over 90 % are handled, as in the source's hotline


def histories(numbers: Iterator[int], dice: random.Random, size: int) -> list[History]:
    """Histories of every length: some new, some with an agency, most answered."""
    areas, agencies, categories = list(directory.areas()), list(directory.agencies()), directory.categories()
    clerk, found = people(role=Role.OPERATOR)[0].as_actor(), []
    for n in itertools.islice(numbers, size):
        at: datetime = now() - YEAR * dice.random()
        area, agency, category = dice.choice(areas), dice.choice(agencies), dice.choice(categories)
        report = Report(
            text=" ".join(dice.choices(WORDS, k=30)) + f" số {n}",
            channel=dice.choice(("web", "app")),
            once=f"bench-{n}",
            category_id=category.pk,
            area_id=area.pk,
            latitude=area.latitude,
            longitude=area.longitude,
            address=f"{area.name}",
        )
        staff = Actor(name="bench", roles=frozenset({Role.OFFICER, Role.LEAD}), agency_id=agency.pk)
        story = [
            ("accept", clerk, {"category": category}),
            ("route", clerk, {"agency": agency}),
            ("start", staff, {}),
            ("result", staff, {"text": "Đã xử lý xong."}),
            ("approve", staff, {}),
            ("close", SYSTEM, {}),
        ][: dice.choices(range(7), SHARES)[0]]
        acts = [
            Act(name=name, by=by, move_input=given, at=at + timedelta(hours=i))
            for i, (name, by, given) in enumerate(story, 1)
        ]
        found.append(History(report=report, at=at, by=citizen(), acts=acts))
    return found


def fill(size: int) -> int:
    """Write what lacks of `size` tickets; how many there are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*), coalesce(max(id), 0) FROM tickets_ticket")
        here, last = cursor.fetchone()
        numbers, dice = itertools.count(last + 1), random.Random(last)
        while here < size:
            here += len(moves.write(histories(numbers, dice, min(BATCH, size - here)), publish=True))
        cursor.execute("ANALYZE")
    return int(here)


def session(username: str) -> str:
    """A signed-in browser's cookie."""
    user = next(person for person in people() if person.username == username)
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["_auth_user_id"], store["_auth_user_hash"] = str(user.pk), user.get_session_auth_hash()
    store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
    store.create()
    return str(store.session_key)


def published(size: int = 20) -> list[Ticket]:
    """The newest tickets that are over and public: what both an operator and a citizen can open."""
    over = Ticket.objects.filter(state="closed", publication__state="published")
    return list(over.order_by("-id")[:size])


if __name__ == "__main__":
    count = fill(int(sys.argv[1]))
    some = published()
    told_to_visitor = {"tickets": count, "session": session("lan"), "codes": [t.code for t in some]}
    print(json.dumps(told_to_visitor))
