"""Which versions of procedures answers rest on, and what becomes of that when a procedure changes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.timezone import now

from caunoi.answers import queries
from caunoi.answers.models import Answer, Citation, Template
from caunoi.events.actor import Actor
from caunoi.procedures import queries as procedures
from caunoi.procedures.actions.rights import editors_only
from caunoi.procedures.compare import changed_fields
from caunoi.procedures.models import Procedure, Version
from caunoi.procedures.speech import same_advice


def _cited_procedures(texts: Iterable[str]) -> dict[str, Procedure]:
    """The procedures whose codes are in these texts, by code, locked against imports."""
    codes = sorted({code for text in texts for code in queries.codes_in(text)})
    return {row.code: row for row in procedures.by_codes(codes, lock=True)} if codes else {}


def _versions(text: str, cited: Mapping[str, Procedure], read: Mapping[str, int]) -> list[Version]:
    """The version of each procedure in a text: the one the author read, else the one in force."""
    result = []
    for procedure in (cited[code] for code in queries.codes_in(text) if code in cited):
        number = read.get(procedure.code)
        version = procedures.version(procedure, number) if number else None
        if version := version or procedure.current:
            result.append(version)
    return result


class Cites(NamedTuple):
    """An answer, and the versions of procedures that were read for it, by code, where these were not in force any
    more."""

    answer: Answer
    versions: Mapping[str, int]


def cite(written: Sequence[Cites]) -> None:
    """Write down what answers rest on: the procedures whose codes are in their texts. Citations that a text no longer
    has are deleted; the others keep their version."""
    answers: dict[int, Answer] = {}
    versions: dict[int, dict[str, int]] = {}
    for answer, read in written:
        answers[answer.pk] = answer
        versions.setdefault(answer.pk, {}).update(read)
    old: dict[int, list[Citation]] = {}
    for citation in Citation.objects.filter(answer__in=answers).select_related("version__procedure").order_by("pk"):
        old.setdefault(citation.answer_id or 0, []).append(citation)
    made, cited = [], _cited_procedures(answer.text for answer in answers.values())
    for pk, answer in answers.items():
        codes = _still_cited(answer, old.get(pk, []))
        fresh = [v for v in _versions(answer.text, cited, versions[pk]) if v.procedure.code not in codes]
        made += [Citation(answer=answer, version=version, said=answer.text, at=answer.at) for version in fresh]
    for citation in made:  # read before a new version came, sent after it
        citation.newer, citation.changed, citation.wrong = _against(citation.version, citation.version.procedure)
    Citation.objects.bulk_create(made, batch_size=2000)


def _still_cited(answer: Answer, citations: Iterable[Citation]) -> set[str]:
    """The codes that an answer still cites; citations of others are deleted."""
    cited, codes = queries.codes_in(answer.text), set()
    for citation in citations:
        if citation.version.procedure.code not in cited:
            citation.delete()
            continue
        codes.add(citation.version.procedure.code)
        if citation.said != answer.text:
            citation.said = answer.text
            citation.save(update_fields=["said"])
    return codes


@transaction.atomic
def write_template(name: str, text: str, *, by: Actor, template: Template | None = None) -> Template:
    """A new or changed template; it rests on the procedures it names as they are now."""
    editors_only(by)
    template = template or Template()
    template.name, template.text, template.by = name.strip(), text.strip(), by.name
    template.at, template.active = now(), True
    template.save()
    template.citations.all().delete()
    Citation.objects.bulk_create(
        Citation(template=template, version=version, said=template.text, at=template.at)
        for version in _versions(template.text, _cited_procedures([template.text]), {})
    )
    return template


@transaction.atomic
def set_template(template: Template, *, by: Actor, active: bool) -> None:
    """Put a template away, or back into use."""
    editors_only(by)
    template.active = active
    template.save(update_fields=["active"])


@transaction.atomic
def settle(citation: Citation, *, by: Actor, settled: bool = True) -> None:
    """A reviewer has dealt with outdated advice."""
    editors_only(by)
    citation.settled = settled
    citation.save(update_fields=["settled"])


def _against(cited: Version, procedure: Procedure) -> tuple[Version | None, list[str], bool]:
    """The version in force if it differs from the cited one, the fields that differ, and whether the advice is wrong
    now. A procedure that has ended makes any advice wrong."""
    current = procedure.current
    if procedure.retired:
        return current, ["retired"], True
    if current is None or current.pk == cited.pk or current.digest == cited.digest:
        return None, [], False
    old, new = cited.record, current.record
    return current, changed_fields(old, new), not same_advice(old, new)


@transaction.atomic
def compare_anew(procedure: Procedure) -> list[Citation]:
    """Compare a procedure's citations with the version in force, or with its end; returns those that have become wrong
    advice. Idempotent."""
    wrong = []
    for citation in queries.citing(procedure).select_for_update(of=["self"]):
        newer, changed, bad = _against(citation.version, procedure)
        if (citation.newer_id, citation.changed, citation.wrong) != (newer.pk if newer else None, changed, bad):
            citation.newer, citation.changed, citation.wrong, citation.settled = newer, changed, bad, False
            citation.save(update_fields=["newer", "changed", "wrong", "settled"])
        if bad and citation.answer_id:
            wrong.append(citation)
    return wrong
