"""What is proposed of a message, and in which words (CONTRACT.md, `caunoi triage`)."""

EMERGENCIES = ("emergency_113", "emergency_114", "emergency_115", "rescue_112", "child_111")
LEGAL = ("complaint", "denunciation")
ODD = ("out_of_area", "spam", "unclear")
FLAGS = ("danger", "person", "unnamed")
"""Somebody may be hurt soon; asks for a person; asks to stay unnamed."""
HEADS = ("field", "kind", "urgency", "emergency", "legal", "odd", *FLAGS)
