"""What a message is proposed to be on this installation: with its fields, its communes and its newest model; and what
became of it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from django.db.models import QuerySet, Sum
from django.utils.timezone import localdate

from caunoi.directory import queries as directory
from caunoi.directory.ai_register import Use
from caunoi.directory.geography import geography
from caunoi.directory.models import Area, Category
from caunoi.directory.queries import Fresh
from caunoi.lib.places import spoken
from caunoi.lib.privacy import redact
from caunoi.lib.privacy.identity import ERASED
from caunoi.tickets.lifecycle import FIRST, State
from caunoi.tickets.models import Ticket
from caunoi.triage import decisions, proposals, starter
from caunoi.triage.model import NONE, Model
from caunoi.triage.models import Edition, Figure, Limit, Reading
from caunoi.triage.proposals import CHOICE, Certainty, Limits, Proposal

COMMUNE = proposals.Limits(sure=0.9, perhaps=0.5)


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """`matters`: kind, category, urgency, gate, area_code, danger, person and unnamed; `category` and `area` are the
    rows of those that are proposed at all."""

    matters: dict[str, Proposal]
    category: Category | None = None
    area: Area | None = None

    def value(self, name: str) -> str:
        """What is proposed, "" where it is better to be silent."""
        proposal = self.matters[name]
        return "" if proposal.certainty is Certainty.SILENT else proposal.value

    @property
    def gate(self) -> str:
        return self.matters["gate"].value

    @property
    def is_gated(self) -> bool:
        return self.gate != NONE


@dataclass(frozen=True, kw_only=True)
class Present:
    """The model that proposes, and its edition; None: the starter's."""

    model: Model
    edition: int | None = None


LOOK = 30.0  # seconds after which another process's new edition is noticed
_loaded: dict[int | None, Present] = {}


NEWEST = 5_000


def outcomes(code: str) -> list[tuple[float, bool]]:
    """Of the newest decisions about a category that was proposed: its probability, and whether people agreed."""
    rows = (
        Reading.objects.filter(settled__isnull=False, decided__has_key="category", proposed__category__0=code)
        .order_by("-settled")
        .values_list("proposed__category__1", "decided__category")[:NEWEST]
    )
    return [(float(p), decided_ == code) for p, decided_ in rows]


def _newest() -> Present:
    row = editions().filter(outcome=Edition.Outcome.TAKEN, base=starter.digest()).values_list("pk", flat=True).first()
    if row not in _loaded:
        edition = Edition.objects.filter(pk=row, data__isnull=False).first() if row else None
        _loaded.clear()
        _loaded[row] = Present(
            model=Model.from_bytes(bytes(edition.data or b"")) if edition else starter.model(),
            edition=edition.pk if edition else None,
        )
    return _loaded[row]


present: Fresh[Present] = Fresh(_newest, LOOK)


def editions() -> QuerySet[Edition]:
    """All that were ever trained here, the newest first, without their bytes."""
    return Edition.objects.defer("data").order_by("-pk")


def learnt_until() -> int:
    """The newest ticket that the present model may have learnt from."""
    edition = editions().filter(pk=present().edition or 0).first()
    return edition.until if edition else 0


def _limits() -> Mapping[str, float]:
    return dict(Limit.objects.values_list("category__code", "sure"))


own_limits: Fresh[Mapping[str, float]] = Fresh(_limits)
"""By category, from which probability on it is sure: those that the province has set."""


def limits() -> dict[str, Limits]:
    """By category: the province's own; of all others the model has its own."""
    return {code: replace(CHOICE, sure=sure) for code, sure in own_limits().items()}


def understand(text: str, *, place: bool = True) -> Understanding:
    """What a message is proposed to be. Empty text is nothing, and so is any while these helpers are off. Without a
    `place` to look for it takes half the time."""
    text = text if directory.is_helping("triage") else ""
    categories = {category.code: category for category in directory.categories()}
    home = directory.province_code()
    matters = proposals.propose(text, present().model, home=home, fields=categories, limits=limits())
    reads = text and place and directory.is_helping("commune")
    commune = spoken.commune(text, home=home, geography=geography()) if reads else None
    matters["area_code"] = Proposal()
    if commune:
        certainty = COMMUNE.certainty(commune.p)
        matters["area_code"] = Proposal(value=commune.code, p=commune.p, certainty=certainty)
    understanding = Understanding(matters=matters)
    return replace(
        understanding,
        category=categories.get(understanding.value("category")),
        area=directory.area(understanding.value("area_code")) if understanding.value("area_code") else None,
    )


def words(ticket: Ticket) -> str:
    """Of a ticket, what is read: the operator's summary and the citizen's own words."""
    return "\n".join(filter(None, (ticket.summary, ticket.text)))


def proposed_gate(reading: Reading) -> str:
    value = reading.proposed.get("gate")
    return str(value[0]) if value else NONE


def readings(tickets: Iterable[Ticket]) -> list[Reading]:
    """What was proposed of each of these when it came in; costs nothing where it was read with them."""
    return (
        [ticket.reading for ticket in tickets if hasattr(ticket, "reading")] if directory.is_helping("triage") else []
    )


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What people decided of a ticket's words: `week` (2026-w48) in which it came, `labels` by head."""

    ticket: int
    text: str
    week: str
    labels: Mapping[str, str]


CHUNK = 500


def decided(most: int, after: int = 0) -> Iterator[Decision]:
    """The newest decisions, the newest first; of tickets after one. Whoever is named in them is hidden, and what is
    confidential is left out."""
    rows = (
        Ticket.objects.filter(pk__gt=after, restricted=False)
        .exclude(state__in=[FIRST, State.MERGED])
        .exclude(text__in=["", ERASED])
        .select_related("category", "reading")
        .order_by("-pk")[:most]
    )
    for ticket in rows.iterator(chunk_size=CHUNK):
        year, week, _ = ticket.received.isocalendar()
        reading = getattr(ticket, "reading", None)
        labels = decisions.labels(decisions.of_ticket(ticket, proposed_gate(reading) if reading else ""))
        if labels:
            text = redact.public(ticket.text)
            yield Decision(ticket=ticket.pk, text=text, week=f"{year}-w{week:02}", labels=labels)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """Of proposals that people decided: how many were sure, and in how many of these and of all they agreed."""

    decided: int
    agreed: int
    sure: int
    right: int

    @property
    def covered(self) -> float:
        return self.sure / self.decided if self.decided else 0.0

    @property
    def wrong(self) -> float:
        """The share of errors among those that were sure."""
        return 1 - self.right / self.sure if self.sure else 0.0


def agreements(
    by: str, matter: str = "category", *, since: dt.date | None = None, until: dt.date | None = None
) -> dict[str | dt.date, Agreement]:
    """By a column of Figure (month, channel, value), of the months from `since` to before `until`."""
    rows = Figure.objects.filter(matter=matter)
    rows = rows.filter(month__gte=since) if since else rows
    rows = rows.filter(month__lt=until) if until else rows
    counts: dict[str | dt.date, dict[str, int]] = {}
    for key, certainty, decided_, agreed in rows.values_list(by, "certainty").annotate(Sum("decided"), Sum("agreed")):
        one = counts.setdefault(key, dict.fromkeys(("decided", "agreed", "sure", "right"), 0))
        one["decided"] += decided_
        one["agreed"] += agreed
        if certainty == Certainty.SURE:
            one["sure"] += decided_
            one["right"] += agreed
    return {key: Agreement(**one) for key, one in sorted(counts.items())}


def use(begin: dt.datetime, end: dt.datetime) -> Use:
    """What became of the fields that were proposed and decided on [begin, end), whole months of Vietnam's."""
    rows = agreements("month", since=localdate(begin), until=localdate(end)).values()
    count, agreed = sum(one.decided for one in rows), sum(one.agreed for one in rows)
    return Use(proposals=count, as_is=agreed, edited=count - agreed, unused=0)
