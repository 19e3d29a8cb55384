"""Who is competent: rules as rows, chosen for a ticket, with the reason; and what another rule would have changed."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache

from django.db.models import Count, Q
from django.utils.timezone import localdate, localtime, now

from caunoi.directory.models import Agency
from caunoi.directory.queries import in_force
from caunoi.events import writing
from caunoi.lib.vietnamese.writing import fold
from caunoi.routing.models import Handover, Rule
from caunoi.tickets.models import Ticket

SAMPLE = 2000  # the most tickets that a dry run looks at


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """An agency that a rule proposes for a ticket; `because`: what the rule looked at (category, area, hour, words);
    `words`: those of the rule that are in the text."""

    agency: Agency
    rule: Rule
    because: tuple[str, ...]
    words: tuple[str, ...] = ()


def phrases(words: str) -> tuple[str, ...]:
    """A rule's phrases, separated by commas or line ends, as written."""
    return tuple(part for part in (" ".join(p.split()) for p in re.split(r"[,;\n]", words)) if part)


@lru_cache(maxsize=1024)
def _pattern(words: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((p, re.compile(rf"(?<!\w){re.escape(fold(p))}(?!\w)")) for p in phrases(words))


def matching_words(words: str, folded: str) -> tuple[str, ...]:
    """Which of a rule's words a folded text has, as whole words."""
    return tuple(phrase for phrase, pattern in _pattern(words) if pattern.search(folded))


def text_of(ticket: Ticket) -> str:
    """The text in which a rule's words are searched, folded."""
    return fold(f"{ticket.summary}\n{ticket.text}")


def _hour_fits(rule: Rule, hour: int) -> bool:
    since, until = rule.since_hour, rule.until_hour
    if since is None or until is None:
        return True
    return since <= hour < until if since < until else hour >= since or hour < until


def rank(rule: Rule) -> tuple[int, ...]:
    """Where a rule stands among those that fit: the most specific wins, then one with a category, then the lower
    order."""
    weight = (rule.category_id is not None, rule.area_id is not None, rule.since_hour is not None, bool(rule.words))
    return (-sum(weight), -int(weight[0]), rule.order, rule.pk or 0)


def rules(*, retired: bool = False) -> list[Rule]:
    """The rules in force (or those that were) in the order in which they win."""
    rows = Rule.objects.exclude(in_force()) if retired else Rule.objects.filter(in_force())
    return sorted(rows.select_related("category", "area", "agency").defer("area__outline"), key=rank)


def rule(pk: int) -> Rule | None:
    return Rule.objects.filter(pk=pk).select_related("category", "area", "agency").first()


@dataclass(frozen=True, kw_only=True)
class Book:
    """Some rules, and whom they mean by "the committee of the commune": (kind, area id) → agency."""

    rules: Sequence[Rule]
    local: Mapping[tuple[str, int], Agency]

    @classmethod
    def of(cls, rules: Sequence[Rule]) -> "Book":
        kinds = frozenset(rule.of_area for rule in rules if rule.of_area)
        return cls(rules=rules, local=writing.remembered(("local", kinds), lambda: _local(kinds)) if kinds else {})

    def proposals(self, ticket: Ticket, at: datetime | None = None) -> list[Proposal]:
        """The competent agencies for a ticket as it is described now, the most specific rule first."""
        hour = localtime(at or ticket.occurred or ticket.received).hour
        text, proposals = None, []
        for rule in self.rules:
            if rule.category_id not in (None, ticket.category_id) or rule.area_id not in (None, ticket.area_id):
                continue
            if not _hour_fits(rule, hour):
                continue
            words: tuple[str, ...] = ()
            if rule.words:
                text = text_of(ticket) if text is None else text
                if not (words := matching_words(rule.words, text)):
                    continue
            agency = rule.agency or self.local.get((rule.of_area, ticket.area_id or 0))
            if agency is not None:
                proposals.append(Proposal(agency=agency, rule=rule, because=_because(rule), words=words))
        best: dict[int, Proposal] = {}
        for proposal in sorted(proposals, key=lambda p: rank(p.rule)):
            best.setdefault(proposal.agency.pk, proposal)
        return list(best.values())


def _local(kinds: Collection[str]) -> dict[tuple[str, int], Agency]:
    agencies = Agency.objects.filter(in_force(), kind__in=kinds, area__isnull=False).order_by("-id")
    return {(agency.kind, agency.area_id or 0): agency for agency in agencies}


def _because(rule: Rule) -> tuple[str, ...]:
    values = {
        "category": rule.category_id,
        "area": rule.area_id or rule.of_area,
        "hour": rule.since_hour is not None,
        "words": rule.words,
    }
    return tuple(name for name, value in values.items() if value)


def propose(ticket: Ticket, at: datetime | None = None) -> list[Proposal]:
    """The competent agencies for a ticket as it is described now, the most specific rule first; empty where no rule
    fits."""
    moment = localtime(at or ticket.occurred or ticket.received)
    every = writing.remembered(("rules", ticket.category_id), lambda: _of_category(ticket.category_id))
    book = Book.of([rule for rule in every if rule.holds_on(localdate(moment))])
    return book.proposals(ticket, moment)


def _of_category(category_id: int | None) -> list[Rule]:
    rows = Rule.objects.filter(Q(category=None) | Q(category_id=category_id))
    return list(rows.select_related("agency", "category", "area").defer("area__outline"))


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A ticket that would go elsewhere."""

    ticket: Ticket
    before: Proposal | None
    after: Proposal | None


@dataclass(kw_only=True)
class DryRun:
    """Where tickets would have gone: `counts` by agency (None = no rule fits) as the rules are and as they would be."""

    since: datetime
    total: int = 0
    counts: dict[Agency | None, list[int]] = field(default_factory=dict)
    changed: list[Changed] = field(default_factory=list)

    def count(self, agency: Agency | None, place: int) -> None:
        self.counts.setdefault(agency, [0, 0])[place] += 1


def dry_run(
    tickets: Iterable[Ticket], *, without: Rule | None = None, instead: Rule | None = None, since: datetime
) -> DryRun:
    """These tickets' first proposals, as they are and as they would be without the rule `without` and with `instead`
    (unsaved). Writes nothing."""
    current = rules()
    changed = [r for r in current if without is None or r.pk != without.pk] + ([instead] if instead else [])
    now_book, then_book = Book.of(current), Book.of(sorted(changed, key=rank))
    run = DryRun(since=since)
    for ticket in tickets:
        before, after = (next(iter(book.proposals(ticket)), None) for book in (now_book, then_book))
        run.total += 1
        run.count(before.agency if before else None, 0)
        run.count(after.agency if after else None, 1)
        if (before.agency.pk if before else None) != (after.agency.pk if after else None):
            run.changed.append(Changed(ticket=ticket, before=before, after=after))
    return run


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of the tickets that a rule sent: how many, how many came back, the last reasons."""

    sent: int
    returned: int
    reasons: tuple[Handover, ...]


def outcomes(*, since: datetime | None = None, reasons: int = 3) -> dict[int, Outcome]:
    """By rule, over the last year unless `since` says otherwise."""
    legs = Handover.objects.filter(rule__isnull=False, sent__gte=since or now() - timedelta(days=365))
    back = Q(state=Handover.State.RETURNED)
    counts = legs.order_by().values_list("rule_id").annotate(n=Count("pk"), back=Count("pk", filter=back))
    last: dict[int, list[Handover]] = {}
    for leg in legs.filter(back).select_related("agency", "ticket").order_by("-ended")[:500]:
        newest = last.setdefault(leg.rule_id or 0, [])
        if len(newest) < reasons:
            newest.append(leg)
    return {pk: Outcome(sent=sent, returned=returned, reasons=tuple(last.get(pk, ()))) for pk, sent, returned in counts}
