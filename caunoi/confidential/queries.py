"""What custodians, and whoever reported something in confidence, read. Nobody else asks anything here."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.confidential.lanes import CLOCKS, OPEN, WORDS, Clock, Lane, due
from caunoi.confidential.models import Case, Custodian, Entry, File
from caunoi.directory import queries as directory
from caunoi.directory.queries import option
from caunoi.events.actor import CUSTODIANS, Actor, Role
from caunoi.events.rowsecurity import unlimited
from caunoi.lib.crypto.envelope import digest
from caunoi.lib.privacy.discretion import speaks_of

NAMING = frozenset({Role.ADMIN, Role.SUPERVISOR})
"""Who names and confirms custodians."""
READABLE = (Entry.Kind.RECEIVE, Entry.Kind.TELL, Entry.Kind.REPLY, Entry.Kind.CLOSE)
"""What whoever reported it reads."""


def lane_of(text: str) -> Lane | None:
    """The lane of which words speak, if any."""
    return next((lane for lane in Lane if speaks_of(text, option(WORDS[lane]))), None)


def may_read(by: Actor) -> bool:
    """Custodians as themselves: no deputy stands in for one."""
    return by.custodian and by.has(*CUSTODIANS)


def cases(by: Actor) -> QuerySet[Case]:
    """All cases for custodians, none for anybody else."""
    rows = Case.objects.select_related("holder", "call")
    return rows.order_by("-received") if may_read(by) else rows.none()


def case(by: Actor, code: str) -> Case | None:
    return cases(by).filter(code=code).first()


def of_follow(token: str) -> Case | None:
    """The case behind the link that whoever reported it was given."""
    return Case.objects.filter(follow_index=digest(token)).first()


def of_ticket(ticket_id: int) -> Case | None:
    """The case that a ticket became, for the ticket's citizen and the product."""
    with unlimited():
        return Case.objects.filter(ticket=ticket_id).first()


def talk(row: Case) -> list[Entry]:
    """What whoever reported it wrote and reads."""
    return list(row.entries.filter(kind__in=READABLE).order_by("id"))


def entries(row: Case) -> list[Entry]:
    return list(row.entries.select_related("by").order_by("id"))


def files(row: Case) -> QuerySet[File]:
    return row.files.order_by("id")


@dataclass(frozen=True, kw_only=True)
class ClockLine:
    """A clock of a case: when it ends, and when it was met."""

    clock: Clock
    amount: int
    due: datetime
    met: datetime | None

    @property
    def late(self) -> bool:
        return (self.met or now()) > self.due


def clocks(row: Case) -> list[ClockLine]:
    """The clocks of a case that have begun, in office hours where they count working days."""
    office, result = directory.calendar("office"), []
    for clock in CLOCKS[Lane(row.lane)]:
        since: datetime | None = getattr(row, clock.since)
        if since is not None:
            amount = int(option(clock.option))
            met: datetime | None = getattr(row, clock.met) or row.closed
            result.append(ClockLine(clock=clock, amount=amount, due=due(clock, since, amount, office), met=met))
    return result


def late() -> list[Case]:
    """Open cases of which a running clock is over: for the doctor, which tells how many."""
    rows = Case.objects.filter(state__in=OPEN).defer("words", "follow")
    return [row for row in rows if any(line.late and line.met is None for line in clocks(row))]


def with_recordings() -> QuerySet[Case]:
    """Cases whose call has a recording in the store of files."""
    return Case.objects.filter(call__isnull=False).exclude(call__sound="").order_by("pk")


def exists() -> bool:
    return Case.objects.exists()


def custodians() -> QuerySet[Custodian]:
    """Who is or may become one now, first those who wait to be confirmed."""
    rows = Custodian.objects.filter(ended=None).select_related("user", "asked_by", "confirmed_by")
    return rows.order_by(F("confirmed").desc(nulls_first=True), "-asked")


def former() -> QuerySet[Custodian]:
    rows = Custodian.objects.exclude(ended=None).select_related("user", "asked_by", "confirmed_by", "ended_by")
    return rows.order_by("-ended")


def eligible(but: Actor | None = None) -> QuerySet[User]:
    """Who could be named, by somebody else."""
    rows = User.objects.filter(role__in=CUSTODIANS, area=None, is_active=True, removed=None)
    rows = rows.exclude(pk__in=but.people) if but else rows
    return rows.exclude(custodianships__ended=None, custodianships__isnull=False).order_by("full_name")
