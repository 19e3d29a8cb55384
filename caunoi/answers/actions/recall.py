"""Citizens who got an answer that has become wrong are called back."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import transaction
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.answers.models import Citation
from caunoi.conversations.actions import ask_callback
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM
from caunoi.procedures.models import Procedure


@transaction.atomic
def call_back(wrong: Iterable[Citation], procedure: Procedure) -> int:
    """Ask for a call to everybody who got, within the province's `recall_days`, an answer that is wrong now and who
    left a number: once for each version. Returns how many are to be called."""
    since = now() - timedelta(days=option("recall_days"))
    mark = (procedure.current.number if procedure.current else 0) + (1 if procedure.retired else 0)
    count = 0
    for citation in wrong:
        answer = citation.answer
        assert answer is not None
        contact = answer.ticket.contact
        is_recent = answer.approved is not None and answer.approved >= since
        if not (is_recent and contact.phone) or citation.called_for >= mark or citation.settled:
            continue
        ask_callback(
            phone=contact.phone,
            reason="advice_changed",
            by=SYSTEM,
            contact=contact,
            about=answer.ticket,
            text=_reason(citation, procedure),
        )
        citation.called_for = mark
        citation.save(update_fields=["called_for"])
        count += 1
    return count


def _reason(citation: Citation, procedure: Procedure) -> str:
    """What to say on the phone; Vietnamese, as the call is."""
    answer = citation.answer
    assert answer is not None and answer.approved is not None
    with override("vi"):
        answered = _("Ticket %(code)s, answered on %(day)s about “%(name)s” (%(procedure)s, version %(version)s).") % {
            "code": answer.ticket.code,
            "day": f"{localdate(answer.approved):%d/%m/%Y}",
            "name": procedure.name[:150],
            "procedure": procedure.code,
            "version": citation.version.number,
        }
        if procedure.retired:
            return answered + " " + _("This procedure is no longer in force.")
        change = _("Since then it has changed: compare version %(version)s and say what is different now.")
        return answered + " " + change % {"version": procedure.current.number if procedure.current else ""}
