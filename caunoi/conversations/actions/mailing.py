"""Mails to people who are in no conversation with us: stored, sent once; answers to them reach nobody's thread."""

from collections.abc import Iterable
from dataclasses import dataclass

from caunoi.conversations.models import Inbox, Outgoing


@dataclass(frozen=True, kw_only=True)
class Letter:
    """One mail; it is sent once per `once`."""

    to: str
    title: str
    text: str
    once: str


def mail_all(box: Inbox, letters: Iterable[Letter]) -> int:
    """Queue them; how many are new."""
    fresh = {letter.once: letter for letter in letters}
    for once in Outgoing.objects.filter(once__in=fresh).values_list("once", flat=True):
        del fresh[once]
    rows = [
        Outgoing(once=letter.once, inbox=box, address=letter.to, title=letter.title, text=letter.text)
        for letter in fresh.values()
    ]
    return len(Outgoing.objects.bulk_create(rows, ignore_conflicts=True))
