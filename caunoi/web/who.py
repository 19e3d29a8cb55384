from django.http import HttpRequest

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
    return user.as_actor()


def forget(request: HttpRequest) -> None:
    """After one has begun or ended to act for somebody."""
    request._actor = None  # type: ignore[attr-defined]
