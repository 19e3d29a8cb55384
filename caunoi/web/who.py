from django.http import HttpRequest
from django.utils.translation import gettext as _

from caunoi.accounts.deputies import acting
from caunoi.events.actor import NOBODY, Actor

ACTING = "acting"  # in the session: the id of the person whose work a deputy does


def actor(request: HttpRequest) -> Actor:
    """Who asks: the signed-in member of staff, a deputy at somebody's work while that lasts, or nobody yet."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        known = _find(request)
        request._actor = known  # type: ignore[attr-defined]
    return known


def _find(request: HttpRequest) -> Actor:
    user = request.user
    if not user.is_authenticated:
        return NOBODY
    person_id = request.session.get(ACTING) if hasattr(request, "session") else None
    if person_id is not None:
        if (found := acting(user, person_id)) is not None:
            return found
        request.session.pop(ACTING, None)
        request._deputyship_ended = True  # type: ignore[attr-defined]
    return user.as_actor()


def deputyship_ended(request: HttpRequest) -> bool:
    """Whether this very request found that one acts for nobody any more."""
    actor(request)
    return getattr(request, "_deputyship_ended", False)


def faster(request: HttpRequest) -> str:
    """Why what was to be done to a ticket cannot be done any more."""
    if deputyship_ended(request):
        return _("You are nobody's deputy any more: from now on you work as yourself. Nothing was done to the ticket.")
    return _("Somebody else has just moved this ticket on. Look at it again before you decide.")


def forget(request: HttpRequest) -> None:
    """After one has begun or ended to act for somebody."""
    request._actor = None  # type: ignore[attr-defined]
