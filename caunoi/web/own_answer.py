"""Why somebody may not approve or publish the answer that they wrote, and who may."""

from django.utils.translation import gettext as _

from caunoi.answers.queries import others
from caunoi.events.actor import Actor, Role

MOST = 5  # names


def approved_by_others(by: Actor, agency_id: int | None) -> str:
    """For who would approve it: another lead does, and where there is none the centre's supervisor."""
    own = _("You wrote this answer yourself: somebody else approves it.")
    return _with_names(own, others(by, Role.LEAD, agency_id=agency_id) or others(by, Role.SUPERVISOR))


def published_by_others(by: Actor) -> str:
    """For who would publish it."""
    own = _("You wrote this answer yourself: somebody else publishes it.")
    return _with_names(own, others(by, Role.REVIEWER, Role.SUPERVISOR))


def _with_names(own: str, names: list[str]) -> str:
    if not names:
        return own + " " + _("There is nobody else: an administrator adds somebody, or switches this rule off.")
    return own + " " + _("These can: %(names)s.") % {"names": ", ".join(names[:MOST])}
