"""What is proposed of a message, and in which words (CONTRACT.md, `caunoi triage`)."""

from caunoi.triage.model import NONE

EMERGENCIES = ("emergency_113", "emergency_114", "emergency_115", "rescue_112", "child_111")
LEGAL = ("complaint", "denunciation")
ODD = ("out_of_area", "spam", "unclear")
ALARMS = {"emergency": EMERGENCIES, "legal": LEGAL, "odd": ODD}
"""The heads that tell gates apart, and the gates of each."""
ANY = "any"
"""The head that asks for any gate: where those of ALARMS doubt which it is, it may be surer that there is one."""
FLAGS = ("danger", "person", "unnamed")
"""Somebody may be hurt soon; asks for a person; asks to stay unnamed."""
HEADS = ("field", "kind", "urgency", *ALARMS, ANY, *FLAGS)


def of_gate(gate: str) -> dict[str, str]:
    """What each head that raises an alarm is to learn of a gate."""
    which = {name: gate if gate in gates else NONE for name, gates in ALARMS.items()}
    return {**which, ANY: NONE if gate == NONE else ANY}
