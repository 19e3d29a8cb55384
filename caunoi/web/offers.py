"""Proposals on a page: what a person takes by one key, and what goes before all else."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.directory import queries as directory
from caunoi.lib.messages import danger
from caunoi.triage.heads import EMERGENCIES, LEGAL
from caunoi.triage.models import Reading
from caunoi.triage.proposals import Certainty, Proposal, is_emergency
from caunoi.triage.queries import Understanding, proposed_gate
from caunoi.web.labels import KIND, URGENCY, localised_name, word

GATES = {
    "emergency_113": gettext_lazy("Crime or violence now: call 113."),
    "emergency_114": gettext_lazy("Fire or rescue now: call 114."),
    "emergency_115": gettext_lazy("A life in danger now: call 115."),
    "rescue_112": gettext_lazy("Flood, storm, drowning, people lost: call 112."),
    "child_111": gettext_lazy("A child in danger: call 111."),
    "complaint": gettext_lazy("This may be a complaint against a decision: it has a way of its own by law."),
    "denunciation": gettext_lazy("This may be a denunciation: only custodians should read it."),
    "out_of_area": gettext_lazy("This may lie in another province."),
    "spam": gettext_lazy("This may be advertising, or nothing at all."),
    "unclear": gettext_lazy("It is not clear what this is about: ask."),
}


BADGES = {
    **{name: name.rpartition("_")[2] for name in EMERGENCIES},
    "complaint": gettext_lazy("Complaint?"),
    "denunciation": gettext_lazy("Denunciation?"),
    "out_of_area": gettext_lazy("Another province?"),
    "spam": gettext_lazy("Advertising?"),
    "unclear": gettext_lazy("Unclear?"),
}


@dataclass(frozen=True, kw_only=True)
class Gate:
    """What goes before all else: `kind` of the notice, `number` to call at once, "" for none; `lane`: it belongs to
    the custodians."""

    code: str
    kind: str
    text: str
    number: str
    lane: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A value for a `field` of a form; one that is `sure` fills it by itself as long as nobody has chosen."""

    field: str
    label: str
    value: str
    words: str
    sure: bool
    why: str


def gate_of(understanding: Understanding) -> Gate | None:
    one = understanding.matters["gate"]
    if not understanding.is_gated:
        return None
    code = one.value
    number = code.rpartition("_")[2] if is_emergency(code) else ""
    return Gate(
        code=code,
        kind="error" if number else "warning" if code in LEGAL else "info",
        text=str(GATES[code]),
        number=number,
        lane="denunciation" if code == "denunciation" else "child" if number == danger.CHILDREN else "",
        why=", ".join(one.why),
    )


def offers_of(understanding: Understanding) -> list[Offer]:
    """What is worth being shown, in the order of the form."""
    area, category, matters = understanding.area, understanding.category, understanding.matters
    rows = [
        ("area", _("Commune"), area.code if area else "", area.name if area else "", matters["area_code"]),
        (
            "category",
            _("Category"),
            category.code if category else "",
            localised_name(category) if category else "",
            matters["category"],
        ),
        ("kind", _("Kind"), *_word("kind", KIND, understanding), matters["kind"]),
        ("urgency", _("Urgency"), *_word("urgency", URGENCY, understanding), matters["urgency"]),
    ]
    return [_offer(*row) for row in rows if row[2]]


def taken_at_once(understanding: Understanding, offers: Iterable[Offer]) -> str:
    """What is sure, in words, where the category is and nothing goes before it: a ticket is accepted as that by one
    key."""
    sure = [offer for offer in offers if offer.sure]
    if understanding.is_gated or not any(offer.field == "category" for offer in sure):
        return ""
    return " · ".join(offer.words for offer in sure)


def in_row(reading: Reading) -> tuple[str, str]:
    """What a row of a list says of the proposals for its ticket: field and commune, with a question mark where they are
    not sure; and what goes before all else."""
    words = []
    for matter, find in (("category", directory.category), ("area_code", directory.area)):
        value, _p, certainty = reading.proposed.get(matter) or ("", 0, Certainty.SILENT)
        if certainty != Certainty.SILENT and (name := localised_name(find(value))):
            words.append(name if certainty == Certainty.SURE else f"{name}?")
    return " · ".join(words), str(BADGES.get(proposed_gate(reading), ""))


def fill(form: forms.Form, offers: Iterable[Offer]) -> None:
    """A form that nobody has sent yet begins with what is sure, where it has nothing, and says what is proposed."""
    for offer in offers:
        field = form.fields.get(offer.field)
        if field is None or form.is_bound or field.initial:
            continue
        if offer.sure:
            field.initial = offer.value
        text = _("Proposed: %(words)s, because of: %(why)s") if offer.why else _("Proposed: %(words)s")
        field.help_text = text % {"words": offer.words, "why": offer.why}


def _word(name: str, labels: dict[str, str], understanding: Understanding) -> tuple[str, str]:
    value = understanding.value(name)
    return value, word(labels, value)


def _offer(field: str, label: str, value: str, words: str, one: Proposal) -> Offer:
    sure = one.certainty is Certainty.SURE
    return Offer(field=field, label=label, value=value, words=words, sure=sure, why=", ".join(one.why))
