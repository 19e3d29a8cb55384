"""How long the law gives for a person's request, and for a breach. Pure.

Law 91/2025 on the protection of personal data and Decree 356/2025, in force since 1 January 2026. The numbers are those
of the decree's article 5, read in full: answered within 2 working days, done within 15 (paragraph 2: withdraw, limit,
object), 10 (3: see, correct, have given) or 20 days (4: delete), with one extension by as much again. Where somebody
else who has the data must be asked too, the article gives 20, 15 and 30 days; the shorter ones are kept here. They are
options (⚙) that a province sets right when the law changes.
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
    """The same after the one extension, by as much again (article 5, paragraphs 2 to 4)."""
    return received + timedelta(days=2 * days)
