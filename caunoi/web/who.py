from django.http import HttpRequest

from caunoi.accounts.deputies import acting
from caunoi.events.actor import NOBODY, Actor

ACTING = "acting"  # in the session: the id of the person whose work a deputy does


def actor(request: HttpRequest) -> Actor:
    """Who asks: the signed-in member of staff, a deputy at somebody's work while that lasts, or nobody yet."""
    asker: Actor | None = getattr(request, "_actor", None)
    if asker is None:
        asker = _find(request)
        request._actor = asker  # type: ignore[attr-defined]
    return asker


def _find(request: HttpRequest) -> Actor:
    user = request.user
    if not user.is_authenticated:
        return NOBODY
    person_id = request.session.get(ACTING) if hasattr(request, "session") else None
    deputy = acting(user, person_id) if person_id is not None else None
    return deputy or user.as_actor()


def deputyship_ended(request: HttpRequest) -> bool:
    """Whether this session still acts for somebody although the deputyship has ended; until the deputy is notified."""
    return ACTING in request.session and actor(request).behalf_id is None


def begin(request: HttpRequest, person_id: int | None) -> None:
    """Work for that person in this session from now on; None: as oneself."""
    request.session.pop(ACTING, None)
    if person_id is not None:
        request.session[ACTING] = person_id
    request._actor = None  # type: ignore[attr-defined]
