"""Who waits to be called back, and who was, as far as the reader may know."""

from django.db.models import Count, Q, QuerySet
from django.utils.timezone import now

from caunoi.conversations.models import Callback
from caunoi.events.actor import Actor
from caunoi.events.relations import relation
from caunoi.events.visibility import visible
from caunoi.lib.numbers import phone
from caunoi.vault import blind
from caunoi.vault.fields import BlindEndOf, digits_of

CALLBACKS = relation(Callback, "id reason state asked due ended times attempts")

WAITING = (Callback.State.OPEN, Callback.State.CLAIMED)
ENDED = (Callback.State.DONE, Callback.State.GIVEN_UP)


def _numbered(typed: str) -> Q:
    """The rows of a number as typed, or of its last digits, four or more; all rows without one."""
    if not typed.strip():
        return Q()
    parsed = phone.parse(typed)
    if parsed is not None and parsed.e164:
        return blind.equal(Callback, "phone", parsed.e164)
    digits = digits_of(typed)
    if len(digits) < BlindEndOf.END:
        return Q(pk=None)
    return Q(phone_plain__endswith=digits) | Q(pk__in=blind.ending(Callback, "phone", digits))


def _rows(by: Actor, states: tuple[str, ...], number: str) -> QuerySet[Callback]:
    return visible(Callback.objects.filter(_numbered(number), state__in=states), by)


def _parts(by: Actor) -> dict[str, Q]:
    """The sections of the list of waiting call-backs: all, one's own, nobody's, overdue ones."""
    return {"all": Q(), "mine": Q(operator_user=by.user_id or -1), "free": Q(operator=""), "late": Q(due__lt=now())}


def callbacks(by: Actor, part: str = "all", *, number: str = "", after: Callback | None = None) -> QuerySet[Callback]:
    """Who waits to be called, those who wait longest first: of a part (all, mine, free, late), with a `number` (as
    typed, or its last digits), from `after` on."""
    rows = _rows(by, WAITING, number).filter(_parts(by)[part])
    if after is not None:
        rows = rows.filter(Q(asked__gt=after.asked) | Q(asked=after.asked, pk__gt=after.pk))
    return rows.select_related("contact").order_by("asked", "id")


def callback_counts(by: Actor, number: str = "") -> dict[str, int]:
    """How many of them there are, by part."""
    parts = {part: Count("pk", filter=rows) for part, rows in _parts(by).items()}
    return _rows(by, WAITING, number).aggregate(**parts)


def callbacks_claimed_by(user_id: int) -> int:
    """How many call-backs somebody has taken on and not made yet."""
    return Callback.objects.filter(state=Callback.State.CLAIMED, operator_user=user_id).count()


def callbacks_done(by: Actor, number: str = "") -> QuerySet[Callback]:
    """Who was called back or given up, the latest first; with a `number` as for `callbacks`."""
    return _rows(by, ENDED, number).order_by("-ended", "-id")


def callback(pk: int | None, by: Actor) -> Callback | None:
    """A call-back, or the one that something refers to, if it does."""
    return visible(Callback.objects.filter(pk=pk), by).select_related("contact").first() if pk else None


def callback_waiting(phone: str, by: Actor) -> Callback | None:
    """The call-back that waits for a number (E.164), the oldest."""
    return callbacks(by).filter(blind.equal(Callback, "phone", phone)).first()
