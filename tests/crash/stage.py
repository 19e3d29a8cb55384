"""Where scenarios are played: each begins with one town, each trial with what its set-up made of it."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from itertools import count
from types import SimpleNamespace
from typing import Any

import psycopg
from django.db import Error, close_old_connections, connections, models

from caunoi.conversations import actions as conversations
from caunoi.events import outbox
from caunoi.events.actor import RefusedError
from caunoi.jobs import away
from tests import copies
from tests.conftest import forget
from tests.crash import invariants
from tests.crash.faults import Fault, Saboteur
from tests.crash.scenarios import Scenario, Town

ASIDE = (
    "limits_",
    "drafts_draft",
    "statistics_",
    "tickets_trace",
    "accounts_session",
    "publication_change",
    "publication_edition",
    "vault_sharedkey",
)
"""Tables that count tries, keep what was typed or what lies in files, or are counted from others whenever somebody
looks."""


class Outcome(StrEnum):
    DONE = "done"
    REFUSED = "refused"
    LOST = "lost"


class Place:
    """A database in which an act is tried."""

    def __init__(self, own: psycopg.Connection[Any]) -> None:
        self.own, self.kept, self.every = own, copies.Kept(own), copies.columns(own)
        self.see(())

    def see(self, also: tuple[str, ...]) -> None:
        """Which tables count: all but those aside, and of those these."""
        self.tables = {
            table: names for table, names in self.every.items() if table in also or not table.startswith(ASIDE)
        }
        rows = ", ".join(
            f"(SELECT count(*) || ':' || coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM \"{table}\" t)"
            for table in [*self.tables, "procrastinate_jobs"]
        )
        self._all = f"SELECT {rows}".encode()

    def state(self) -> Any:
        """Every row of every table, in short."""
        return self.own.execute(self._all, prepare=True).fetchone()

    def prints(self) -> dict[str, Any]:
        """What came of it, and what the queue holds."""
        jobs = self.own.execute("SELECT task_name, count(*) FROM procrastinate_jobs GROUP BY 1").fetchall()
        return copies.prints(self.own, self.tables) | {f"job {name}": number for name, number in jobs}

    def attempt(self, scenario: Scenario, town: Town, subject: Any, *, again: bool = False) -> Outcome:
        town, subject = copy.deepcopy((town, subject))
        if again:
            town, subject = anew(town), anew(subject)
            if isinstance(subject, models.Model) and not type(subject)._base_manager.filter(pk=subject.pk).exists():
                return Outcome.REFUSED  # the page of what is gone says so
        try:
            scenario.act(town, subject)
        except RefusedError:
            return Outcome.REFUSED
        except (Error, psycopg.Error) as error:
            assert away.passing(error), f"an error that nobody would wait after: {error!r}"
            return Outcome.LOST
        finally:
            close_old_connections()  # as a request does, and a task
        return Outcome.DONE


def anew(known: Any) -> Any:
    """Rows as they are now, wherever they stand in it: a page reads them before it does what its form asks."""
    match known:
        case models.Model():
            return type(known)._base_manager.filter(pk=known.pk).first() or known
        case SimpleNamespace():
            return SimpleNamespace(**anew(vars(known)))
        case dict():
            return {key: anew(value) for key, value in known.items()}
        case tuple() | list():
            return type(known)(map(anew, known))
    return known


def settle() -> None:
    """What waits for the worker's loops is done."""
    while conversations.read() + outbox.drain():
        pass


@contextmanager
def connected(name: str) -> Iterator[None]:
    """The product's connection is one to this database, and what it keeps in memory is of this database."""
    outer = connections["default"]
    inner = connections["default"] = connections.create_connection("default")
    before, outer.settings_dict["NAME"] = outer.settings_dict["NAME"], name
    forget()
    try:
        yield
    finally:
        inner.close()
        outer.settings_dict["NAME"] = before
        connections["default"] = outer
        forget()


class Stage:
    """The founded town, in a database of its own."""

    def __init__(self, name: str, own: psycopg.Connection[Any], town: Town) -> None:
        self.name, self.town, self.place = name, town, Place(own)
        self.founded = self.place.kept

    @contextmanager
    def trial(self, kept: copies.Kept | None = None) -> Iterator[Place]:
        """The product is connected to it, as it was kept: as it was founded, unless said otherwise."""
        self.place.kept = kept or self.founded
        self.place.kept.put_back()
        with connected(self.name):
            yield self.place

    @contextmanager
    def ready(self, scenario: Scenario) -> Iterator[tuple[copies.Kept, Any]]:
        """The scenario's set-up, with which its trials begin."""
        with self.trial():
            subject = scenario.ready(copy.deepcopy(self.town))
            if not scenario.waits:
                settle()
        yield copies.Kept(self.place.own), subject


class Play:
    """A scenario, whatever breaks in it."""

    def __init__(self, stage: Stage, scenario: Scenario, kept: copies.Kept, subject: Any) -> None:
        self.stage, self.scenario, self.kept, self.subject = stage, scenario, kept, subject
        self.found: dict[str, dict[str, Any]] = {}  # what there was in the end, by what had happened

    def _attempt(self, place: Place, *, again: bool = False) -> Outcome:
        return place.attempt(self.scenario, self.stage.town, self.subject, again=again)

    def _end(self, place: Place, when: str) -> dict[str, Any]:
        """What the workers make of it, which is whole."""
        settle()
        wrong = [*invariants.sums(), *invariants.offences(place.own)]
        assert not wrong, f"{when}: {wrong}"
        assert self._is_there() is not False, f"{when}: whoever looks does not find it"
        return place.prints()

    def _is_there(self) -> bool | None:
        """As whoever looks sees it; None where nobody looks."""
        look = self.scenario.look
        return None if look is None else look(*copy.deepcopy((self.stage.town, self.subject)))

    def _again(self, place: Place, when: str) -> None:
        """As whoever did it does it again."""
        found = self._is_there()
        if not found:
            outcome = self._attempt(place, again=True)
            assert outcome is Outcome.DONE or (outcome is Outcome.REFUSED and found is None), f"{when}, again {outcome}"

    def broken(self, *faults: Fault) -> dict[str, Any]:
        """Each fault at moment 1, 2 … until the act passes unharmed; what there is then. Where a fault left every
        row as it was, the next is tried in the same database: to do it again is there to do it for the first time.
        Else the act is done again at once."""
        trials = (Saboteur(fault, at) for at in count(1) for fault in faults)
        while True:
            with self.stage.trial(self.kept) as place:
                place.see(self.scenario.sees)
                before, outcome = place.state(), Outcome.LOST
                while outcome is not Outcome.DONE and place.state() == before:
                    saboteur = next(trials)
                    place.kept.rewind()
                    with saboteur.at_work():
                        outcome = self._attempt(place)
                when = f"{saboteur}: {outcome}"
                if not saboteur.fired:
                    assert outcome is Outcome.DONE, f"nothing was in its way: {outcome}"
                    assert place.state() != before, "an act that changes nothing proves nothing"
                    return self._end(place, when)
                assert outcome is not Outcome.REFUSED, f"{when}, though nothing speaks against it"
                if outcome is Outcome.LOST:
                    self._again(place, when)
                self.found[when] = self._end(place, when)

    def done_once(self, *together: Fault) -> None:
        """Whatever broke, and whenever, in the end there is what there is when nothing does."""
        one, other = self.broken(*together), self.broken(Fault.UNANSWERED)
        wanted = {
            name: value for name, value in one.items() if other.get(name) == value and name not in self.scenario.gaps
        }
        rows = {
            name for name in one.keys() | other.keys() if "." not in name and not name.startswith(self.scenario.tries)
        }
        assert rows <= wanted.keys(), f"not the same rows each time: {sorted(rows - wanted.keys())}"
        assert self.found, "an act that nothing can undo commits nothing"
        for when, found in self.found.items():
            counted = {name for name in found if name.startswith("job ")} | wanted.keys()
            pairs = {name: (wanted.get(name), found.get(name)) for name in counted}
            wrong = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
            rows_wrong = {name: pair for name, pair in wrong.items() if "." not in name}
            assert not wrong, f"{when}; wanted and found: {rows_wrong or wrong}"
