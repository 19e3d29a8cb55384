"""The plan of an act in words: what moves from where to where, and what a person decides."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts import queries as people
from caunoi.accounts import service_accounts
from caunoi.directives import queries as directives
from caunoi.directory import queries as directory
from caunoi.directory.boundaries import as_called
from caunoi.lib.places.succession import NewUnit, Plan
from caunoi.reorganisation import queries
from caunoi.reorganisation.checks import Problem
from caunoi.reorganisation.models import Act, Line
from caunoi.reorganisation.plan import Question, Rows
from caunoi.routing import queries as routing
from caunoi.sla.queries import target_rows
from caunoi.web.labels import CLOCK, localised_name, word
from caunoi.web.targets import lasting

KIND = {
    "rename": gettext_noop("Rename"),
    "merge": gettext_noop("Merge"),
    "split": gettext_noop("Divide"),
    "abolish": gettext_noop("Abolish"),
}
WHAT = {"agency": gettext_noop("Agencies"), "area": gettext_noop("Communes")}
STATE = {
    "draft": (gettext_noop("Draft"), "pencil"),
    "scheduled": (gettext_noop("Scheduled"), "calendar-clock"),
    "in_force": (gettext_noop("Came into force"), "circle-check"),
}
PROBLEM = {
    "nothing": gettext_noop("It changes nothing yet: add a change."),
    "shape_rename": gettext_noop("A renaming needs one unit that ends and a new one."),
    "shape_merge": gettext_noop(
        "A merger needs at least two units that end, or one that goes into an existing one; one follows."
    ),
    "shape_split": gettext_noop("A division needs one unit that ends and at least two that follow."),
    "shape_abolish": gettext_noop("Say who takes over the work of what is abolished."),
    "not_in_force": gettext_noop("%(unit)s is not in force on that day."),
    "ends_twice": gettext_noop("%(unit)s ends twice."),
    "heir_not_in_force": gettext_noop("%(unit)s is to follow, but is not in force on that day."),
    "heir_ends": gettext_noop("%(unit)s is to follow, but ends by this very act: name what follows it."),
    "code_taken": gettext_noop("The code %(unit)s has been given already; choose another."),
    "unused": gettext_noop("%(unit)s begins, but follows nobody."),
}
MOVES = {
    "renames": gettext_noop("New names"),
    "legs": gettext_noop("Open tickets at an agency"),
    "tickets": gettext_noop("Open tickets of a commune"),
    "people": gettext_noop("People"),
    "people_areas": gettext_noop("People of a commune"),
    "programs": gettext_noop("Programs of an agency"),
    "program_areas": gettext_noop("Programs of a commune"),
    "closed_programs": gettext_noop("Programs that end with their agency"),
    "rules": gettext_noop("Rules of competence"),
    "targets": gettext_noop("Deadlines of an agency"),
    "orders": gettext_noop("Leaders' orders"),
    "agency_areas": gettext_noop("Committees and police forces"),
    "parents": gettext_noop("Agencies below it"),
    "notes": gettext_noop("Notes on procedures"),
}
QUESTIONS = {
    "ticket_area": gettext_noop("In which part does it lie?"),
    "ticket_agency": gettext_noop("Which agency goes on with it?"),
    "person": gettext_noop("Where does this person work now?"),
    "person_area": gettext_noop("Which part does this person look after?"),
    "program": gettext_noop("Which agency does this program work for now?"),
    "program_area": gettext_noop("Which part does this program look after?"),
    "rule": gettext_noop("Which agency does this rule name?"),
    "target": gettext_noop("Which time counts?"),
    "order": gettext_noop("Who carries out this order?"),
    "site": gettext_noop("Which part is this agency for?"),
    "parent": gettext_noop("Below which agency does it come?"),
}
MOST = 50


@dataclass(frozen=True, kw_only=True)
class ActHeir:
    """A unit that follows; `code` is empty where it keeps its own."""

    name: str
    new: bool
    code: str


@dataclass(frozen=True, kw_only=True)
class ActLine:
    """One change of an act: what ends and what follows."""

    pk: int
    kind: str
    what: str
    ends: list[str]
    heirs: list[ActHeir]


@dataclass(frozen=True, kw_only=True)
class MoveLine:
    """How many rows of a table go from where to where."""

    table: str
    count: int
    origin: str
    to: str


@dataclass(frozen=True)
class Subject:
    """The row that a question is about, in words."""

    text: str
    more: str = ""


@dataclass(frozen=True, kw_only=True)
class QuestionLine:
    """What a person decides; one of the options is chosen already."""

    name: str
    ask: str
    about: Subject
    chosen: int
    decided: bool
    options: list[tuple[int, str]]


def problem_text(problem: Problem) -> str:
    """What is wrong, and what it has to do with another act."""
    text = word(PROBLEM, problem.code) % {"unit": problem.unit}
    if problem.document:
        text += " " + _("It ends by %(document)s.") % {"document": problem.document}
    return text


@dataclass(frozen=True)
class Names:
    """What units are called: those there are by id, those that begin by their negative one."""

    agencies: Mapping[int, str]
    areas: Mapping[int, str]

    @classmethod
    def of(cls, begins: Mapping[int, NewUnit]) -> "Names":
        new = {what: {pk: u.name for pk, u in begins.items() if u.what == what} for what in WHAT}
        return cls(
            agencies={a.pk: localised_name(a) for a in directory.every_agency()} | new["agency"],
            areas=dict(directory.every_area()) | new["area"],
        )


def lines(act: Act, rows: Sequence[Line]) -> list[ActLine]:
    """The changes of an act: kind, what ends and what follows, with what is new marked."""
    new = {(u["what"], u["code"]): u["name"] for u in act.units}
    names, eve = Names.of({}), act.on - timedelta(days=1)
    then = {a.pk: localised_name(as_called(a, eve)) for a in directory.every_agency()}
    codes = {
        "agency": {a.code: localised_name(a) for a in directory.every_agency()},
        "area": {code: name for code, (name, _en) in directory.every_name()["area"].items()},
    }
    return [
        ActLine(
            pk=row.pk,
            kind=word(KIND, row.kind),
            what=word(WHAT, row.what),
            ends=[(names.areas if row.what == "area" else then).get(pk, str(pk)) for pk in row.ends],
            heirs=[
                ActHeir(
                    name=new.get((row.what, code)) or codes[row.what].get(code, code),
                    new=(row.what, code) in new and not _renames(row),
                    code="" if _renames(row) else code,
                )
                for code in row.heirs
            ],
        )
        for row in rows
    ]


def _renames(row: Line) -> bool:
    """Whether an agency only gets another name: it stays who it is, with its code."""
    return row.what == "agency" and row.kind == "rename"


def moves(plan: Plan, rows: Rows, names: Names) -> list[MoveLine]:
    """What goes from where to where, and how much, the most first within each table."""
    at: dict[str, tuple[Callable[[int], int | None], Mapping[int, str]]] = {
        "tickets": ({t.id: t.area for t in rows.tickets}.get, names.areas),
        "people": ({p.id: p.agency for p in rows.people}.get, names.agencies),
        "people_areas": ({p.id: p.area for p in rows.people}.get, names.areas),
        "programs": ({p.id: p.agency for p in rows.programs}.get, names.agencies),
        "program_areas": ({p.id: p.area for p in rows.programs}.get, names.areas),
        "orders": ({o.id: o.agency for o in rows.orders}.get, names.agencies),
        "agency_areas": ({a.id: a.area for a in rows.agencies}.get, names.areas),
        "parents": ({a.id: a.parent for a in rows.agencies}.get, names.agencies),
        "notes": ({n.id: n.area for n in rows.notes}.get, names.areas),
    }
    lines = [
        MoveLine(table=word(MOVES, "renames"), count=1, origin=names.agencies.get(pk, "–"), to=unit.name)
        for pk, unit in plan.renames.items()
    ]
    shares = Counter((was, goes) for _ticket, was, goes in plan.shares)
    lines += [
        MoveLine(
            table=word(MOVES, "legs"),
            count=count,
            origin=names.agencies.get(was, "–"),
            to=names.agencies.get(goes, "–"),
        )
        for (was, goes), count in shares.most_common()
    ]
    for table, (lay, called) in at.items():
        going: dict[int, Any] = dict(getattr(plan, table))
        pairs = Counter((lay(pk), to[0] if isinstance(to, tuple) else to) for pk, to in going.items())
        lines += [
            MoveLine(
                table=word(MOVES, table),
                count=count,
                origin=called.get(old or 0, "–"),
                to=called.get(new, "–") if new is not None else _("lies there already"),
            )
            for (old, new), count in pairs.most_common()
        ]
    working_for = {p.id: p.agency or 0 for p in rows.programs}
    closed = Counter(names.agencies.get(working_for[pk], "–") for pk in plan.closed_programs)
    lines += [
        MoveLine(table=word(MOVES, "closed_programs"), count=count, origin=origin, to="–")
        for origin, count in closed.most_common()
    ]
    for table, every in (("rules", rows.rules), ("targets", rows.targets)):
        by_id = {row.id: row for row in every}
        named_by = Counter((by_id[c.row].agency, c.agency, by_id[c.row].area, c.area) for c in getattr(plan, table))
        lines += [
            MoveLine(
                table=word(MOVES, table),
                count=count,
                origin=_both(names, agency, area),
                to=_both(names, to, to_area),
            )
            for (agency, to, area, to_area), count in named_by.most_common()
        ]
    return lines


def _both(names: Names, agency: int | None, area: int | None) -> str:
    parts = [names.agencies.get(agency, "") if agency else "", names.areas.get(area, "") if area else ""]
    return " · ".join(part for part in parts if part) or "–"


def questions(open_questions: Sequence[Question], act: Act, names: Names) -> list[QuestionLine]:
    """What a person decides, each with its row in words and the options; one is chosen already."""
    ids: dict[str, list[int]] = {}
    for question in open_questions:
        ids.setdefault(question.kind, []).append(question.row)
    about = {kind: _about(kind, rows, names) for kind, rows in ids.items()}
    targets = {
        t.pk: f"{localised_name(t.agency)}: {lasting(t)}"
        for t in target_rows({o for q in open_questions if q.kind == "target" for o in q.options})
    }
    return [
        QuestionLine(
            name=q.key,
            ask=word(QUESTIONS, q.kind),
            about=about[q.kind].get(q.row, Subject(str(q.row))),
            chosen=int(act.choices.get(q.key, q.default)),
            decided=q.key in act.choices,
            options=[(pk, _option(q.kind, pk, names, targets)) for pk in q.options],
        )
        for q in open_questions
    ]


def _option(kind: str, pk: int, names: Names, targets: Mapping[int, str]) -> str:
    if kind == "target":
        return targets.get(pk, str(pk))
    called = names.areas if kind in ("ticket_area", "person_area", "program_area", "site") else names.agencies
    return called.get(pk, str(pk))


def _about(kind: str, ids: Iterable[int], names: Names) -> dict[int, Subject]:
    """The rows that are asked about, in words."""
    pks = list(ids)
    if kind.startswith("ticket"):
        return {pk: Subject(code, address) for pk, code, address in queries.places_of(pks)}
    if kind.startswith("person"):
        return {u.pk: Subject(str(u), u.username) for u in people.everyone().filter(pk__in=pks)}
    if kind.startswith("program"):
        return {one.pk: Subject(one.name, str(one.owner)) for one in service_accounts.accounts().filter(pk__in=pks)}
    if kind == "target":
        return {t.pk: Subject(word(CLOCK, t.clock), localised_name(t.category)) for t in target_rows(pks)}
    if kind == "rule":
        return {pk: Subject(str(rule)) for pk in pks if (rule := routing.rule(pk))}
    if kind == "order":
        return {pk: Subject(row.text) for pk in pks if (row := directives.directive(pk))}
    return {pk: Subject(names.agencies.get(pk, str(pk))) for pk in pks}
