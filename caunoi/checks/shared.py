"""What several provinces share: whether the control plane's catalogue and editions are in order, and decided on."""

from collections.abc import Iterator
from datetime import timedelta

from django.utils.timezone import now

from caunoi.cells import queries
from caunoi.host.finding import Finding, _, broken, warning

PATIENCE = timedelta(days=3)


def editions() -> Iterator[Finding]:
    row = queries.plane()
    if row is None:
        return
    if row.trouble:
        last = row.answered
        make = broken if last and last < now() - PATIENCE else warning
        yield make(
            _("The control plane is not followed: %(why)s.", why=row.trouble),
            _("Nothing of that was taken; new procedures, areas and special days are missing."),
            _("Ask whoever runs it, and compare its key by telephone."),
            page="setup:cells",
        )
    for edition in queries.waiting():
        yield warning(
            _("Edition %(number)s of %(subject)s is here.", number=edition.number, subject=edition.subject),
            _("It comes in once an administrator has looked at the difference."),
            _("Open Setup → Shared editions, and bring it in or drop it."),
            page="setup:cells",
        )
