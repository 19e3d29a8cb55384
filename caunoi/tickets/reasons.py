"""Why a ticket may be refused, and where the citizen is sent instead (DOMAIN "The life of a ticket"). Pure.

Labels and advice are English sources; pages translate them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """`says`, where it is not empty, is what the citizen is written of it instead of the move's own words; as there,
    {words} (here the advice and what the operator wrote), {code} and {link} are filled in."""

    code: str
    label: str
    advice: str
    says: str = ""


def _table(*rows: tuple[str, ...]) -> dict[str, Reason]:
    return {row[0]: Reason(*row) for row in rows}


OTHER = "other"
"""Says nothing by itself: words for the citizen go with it."""
REASONS = _table(
    (
        "complaint",
        "A complaint under the Law on Complaints",
        "Please send a signed complaint to the agency that made the decision, or to the citizens' reception office.",
    ),
    (
        "denunciation",
        "A denunciation under the Law on Denunciations",
        "Please bring it to the inspectorate or the citizens' reception office, where your name is kept secret.",
    ),
    (
        "confidential",
        "It is handled in confidence",
        "It went to the few who handle such matters in confidence; nobody else can read it. They write to you here.",
    ),
    (
        "emergency",
        "An emergency",
        "Please call at once: 113 police, 114 fire and rescue, 115 ambulance, 112 rescue, 111 children.",
        "{words} The hotline cannot send help, so your report {code} ends here. More: {link}",
    ),
    ("outside", "Outside the province", "Please contact the hotline of the province where it happened."),
    ("neighbour", "It belongs to another province, which has it now", ""),
    ("unclear", "The content is not clear", "Please write again: what happened, where and when."),
    ("no_contact", "We could not reach you for the missing information", "Please write again with a phone number."),
    ("duplicate", "Already reported", "The earlier report is being handled; its result is public."),
    ("settled", "Already settled", "This has already been settled; see the published result."),
    ("secret", "State secrets", "Such content may not be sent through the hotline."),
    ("abuse", "Insults or spam", "Please write again without insults, and we will gladly help."),
    ("advertising", "Advertising", "The hotline does not take advertising."),
    (OTHER, "Another reason", "Call us or write to us, and we will tell you why."),
)

CONFIDENTIAL = frozenset({"denunciation", "confidential"})
"""Reasons by which it goes to the custodians: confidential/ takes in its words."""
BY_PRODUCT = frozenset({"neighbour"})
"""Reasons that nobody gives: they are the move `hand_over`."""
PUBLIC = frozenset({"complaint", "emergency", "outside", "neighbour", "unclear", "duplicate", "settled", "advertising"})
"""Reasons that anybody may read; the others speak of whoever wrote, or are theirs alone."""

# Danger to life or limb is never answered with a form: these numbers are shown wherever a report is written.
EMERGENCY = {
    "113": "Police",
    "114": "Fire and rescue",
    "115": "Ambulance",
    "112": "Search and rescue",
    "111": "Children",
}
