"""How long the law gives for a person's request, and for a breach. Pure.

Law 91/2025 on the protection of personal data and Decree 356/2025, in force since 1 January 2026, from a secondary
source: the originals could not be read here, so the numbers are options (⚙) that a province sets right.
"""

from datetime import datetime, timedelta
from enum import StrEnum


class RequestKind(StrEnum):
    """What somebody may ask about the data that is kept about them."""

    SEE = "see"
    COPY = "copy"
    CORRECT = "correct"
    DELETE = "delete"
    WITHDRAW = "withdraw"
    LIMIT = "limit"
    OBJECT = "object"


OPTION = {
    RequestKind.SEE: "privacy_see_days",
    RequestKind.COPY: "privacy_see_days",
    RequestKind.CORRECT: "privacy_see_days",
    RequestKind.DELETE: "privacy_delete_days",
    RequestKind.WITHDRAW: "privacy_withdraw_days",
    RequestKind.LIMIT: "privacy_withdraw_days",
    RequestKind.OBJECT: "privacy_withdraw_days",
}
"""The option that says within how many days each is done."""
BY_HAND = frozenset({RequestKind.CORRECT, RequestKind.LIMIT, RequestKind.OBJECT})  # only a person can do them
GIVES = frozenset({RequestKind.SEE, RequestKind.COPY})  # those that are answered by a file of everything


def due(received: datetime, days: int) -> datetime:
    """When so many days (of the calendar, not working ones) after the receipt are over."""
    return received + timedelta(days=days)


def extended(received: datetime, days: int) -> datetime:
    """The same after the one extension, by as much again."""
    return received + timedelta(days=2 * days)
