"""What procedures were called and asked for before: a thesaurus that their own histories write. Whoever asks for a
name or a paper of an earlier edition, or of a procedure whose place another took, finds the one in force."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from django.db.models import F, Q

from caunoi.lib.vietnamese.writing import fold
from caunoi.procedures.models import Procedure, Version
from caunoi.procedures.search.document import FormerName, core_of


@dataclass(frozen=True, kw_only=True)
class History:
    """The names and the papers of earlier editions that the present one no longer has."""

    names: tuple[FormerName, ...] = ()
    papers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Edition:
    """What of a version tells of it: its name without where it is done, the decision, the papers asked for."""

    name: str
    decision: str
    papers: frozenset[str]


def histories() -> dict[int, History]:
    """By the id of a procedure: the newest of its former names first; procedures without any are left out."""
    editions = {key: list(rows) for key, rows in _editions()}
    heirs = dict(Procedure.objects.exclude(successor=None).values_list("id", "successor_id"))
    chains = {key: rows for key, rows in editions.items() if key not in heirs}
    for key in heirs:
        heir = _last(key, heirs)
        if heir in chains and key in editions:
            chains[heir] = [*editions[key], *chains[heir]]
    return {key: history for key, rows in chains.items() if (history := _history(rows)) != History()}


def _editions() -> Iterator[tuple[int, Iterator[Edition]]]:
    """The editions up to the present one, oldest first, of what has changed, been replaced or replaced another."""
    changed = Q(procedure__current__number__gt=1) | Q(procedure__successor__isnull=False)
    changed |= Q(procedure__in=Procedure.objects.exclude(successor=None).values("successor"))
    rows = Version.objects.filter(changed, number__lte=F("procedure__current__number")).order_by("procedure", "number")
    values = rows.values_list("procedure", "content__name", "decision", "content__cases").iterator(chunk_size=500)
    for key, group in groupby(values, key=lambda row: row[0]):
        yield (
            key,
            (
                Edition(
                    name=core_of(name),
                    decision=decision,
                    papers=frozenset(paper["name"] for case in cases or () for paper in case.get("papers", ())),
                )
                for _, name, decision, cases in group
            ),
        )


def _last(key: int, heirs: Mapping[int, int]) -> int:
    """The last of those that took each other's place."""
    seen = {key}
    while heirs.get(key, key) not in seen:
        key = heirs[key]
        seen.add(key)
    return key


def _history(editions: list[Edition]) -> History:
    now = editions[-1]
    names: dict[str, FormerName] = {}
    for edition, following in pairwise(editions):
        if fold(edition.name) not in (fold(following.name), fold(now.name)):
            names[fold(edition.name)] = FormerName(name=edition.name, law=following.decision)
    papers = {paper for edition in editions for paper in edition.papers} - now.papers
    return History(names=tuple(reversed(names.values())), papers=tuple(sorted(papers)))
