"""What an import would do, computed before anything is written. Pure.

A list has little of many procedures, a full record all of one, and both are imported again and again in any order. So
each is compared with the last of its own kind: what did not change there changes nothing here."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from caunoi.procedures.record import Oddity, Record
from caunoi.procedures.sources import FULL, Source

LIST_SHARE = 0.5
"""A file is a whole list when it has more than this share of the procedures that we have from that list; else nothing
is retired."""
FILLED_BY_LISTS = ("name", "issuer", "agency", "field", "decision", "level")


@dataclass(frozen=True, kw_only=True)
class ExistingProcedure:
    """A procedure that we have: the newest version, the last list's row, and the digest of the last full record."""

    record: Record
    listed: Mapping[str, Any] | None = None
    full_digest: str = ""
    source: str = ""
    retired: bool = False


@dataclass(frozen=True, kw_only=True)
class Step:
    """What happens to one procedure: `before` None for a new one; `changed` False where only the source is noted."""

    record: Record
    before: Record | None
    source: str
    listed: Mapping[str, Any] | None
    full_digest: str
    returns: bool = False

    @property
    def changed(self) -> bool:
        return self.before is not None and self.before != self.record


@dataclass(frozen=True, kw_only=True)
class Plan:
    fresh: list[Step] = field(default_factory=list)
    changed: list[Step] = field(default_factory=list)
    noted: list[Step] = field(default_factory=list)  # nothing to show, but the source's last content is stored
    withdrawn: list[str] = field(default_factory=list)
    same: int = 0
    oddities: list[Oddity] = field(default_factory=list)


def plan(source: Source, existing: Mapping[str, ExistingProcedure]) -> Plan:
    """What importing `source` would do to the `existing` procedures, by code."""
    made = Plan(oddities=list(source.oddities))
    lists = _lists(source, existing)
    for record in source.records:
        old = existing.get(record.code)
        step = _step(record, old, source, lists.get(source.labels.get(record.code, ""), ""), made.oddities)
        if old is None:
            made.fresh.append(step)
        elif step.changed or step.returns:
            made.changed.append(step)
        elif step.listed != old.listed or step.full_digest != old.full_digest or step.source != old.source:
            made.noted.append(step)
    same = len(source.records) - len(made.fresh) - len(made.changed)
    return replace(made, withdrawn=_withdrawn(source, existing), same=same)


def _step(record: Record, old: ExistingProcedure | None, source: Source, label: str, odd: list[Oddity]) -> Step:
    before = old.record if old else None
    listed, digest = (old.listed, old.full_digest) if old else (None, "")
    merged = before or record
    if source.kind == FULL:
        fresh = record.digest()
        if old and fresh != digest:
            merged = _over(old.record, record)
        digest = fresh
    else:
        listed = record.content()
        if old:
            merged = _listed(old, record, odd)
    return Step(
        record=merged,
        before=before,
        source=(old.source if old else "") or label,
        listed=listed,
        full_digest=digest,
        returns=bool(old and old.retired),
    )


def _over(old: Record, new: Record) -> Record:
    """A full record replaces everything; fields of lists that it leaves empty stay."""
    listed = {name: getattr(old, name) for name in FILLED_BY_LISTS if not getattr(new, name)}
    return replace(new, **listed)


def _listed(old: ExistingProcedure, new: Record, odd: list[Oddity]) -> Record:
    """A list fills empty fields, and changes those that differ from the last list."""
    changes = {}
    for name in FILLED_BY_LISTS:
        now, here = getattr(new, name), getattr(old.record, name)
        then = (old.listed or {}).get(name, "")
        if not now or now == here:
            continue
        if not here or (old.listed is not None and now != then):
            changes[name] = now
        elif name == "name" and old.listed is None:
            odd.append(Oddity(code=new.code, field=name, problem="name_differs_from_list", text=now[:100]))
    return replace(old.record, **changes)


def _lists(source: Source, existing: Mapping[str, ExistingProcedure]) -> dict[str, str]:
    """The file's label of a list → ours: lists and full records name the same ministry differently."""
    made: dict[str, str] = {}
    for label in set(source.labels.values()):
        codes = [code for code, its in source.labels.items() if its == label]
        ours = [existing[code].source for code in codes if code in existing and existing[code].source]
        most = max(sorted(set(ours)), key=ours.count, default="")
        made[label] = most if most and ours.count(most) * 2 >= len(ours) else label
    return made


def _withdrawn(source: Source, existing: Mapping[str, ExistingProcedure]) -> list[str]:
    """Procedures in force, of a list that this file covers, and no longer in it."""
    codes_now: Collection[str] = {record.code for record in source.records} | set(source.aside)
    lists: dict[str, list[str]] = {}
    for code, row in existing.items():
        if row.source and not row.retired:
            lists.setdefault(row.source, []).append(code)
    return sorted(
        code
        for codes in lists.values()
        if sum(code in codes_now for code in codes) > len(codes) * LIST_SHARE
        for code in codes
        if code not in codes_now
    )
