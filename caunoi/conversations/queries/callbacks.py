"""Who waits to be called back, and who was, as far as the reader may know."""

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.timezone import now

from caunoi.conversations.models import Callback, Contact
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.events.relations import relation
from caunoi.events.visibility import visible
from caunoi.lib.numbers import phone
from caunoi.vault import blind
from caunoi.vault.fields import BlindEndOf, digits_of

CALLBACKS = relation(Callback, "id reason state asked due ended times attempts")

WAITING = (Callback.State.OPEN, Callback.State.CLAIMED)
EVERY = Q()
ENDED = (Callback.State.DONE, Callback.State.GIVEN_UP)


def _matching(typed: str) -> Q:
    """The rows of a number as typed, or of its last digits, four or more, or of who is called so; all rows without
    words."""
    if not typed.strip():
        return Q()
    parsed = phone.parse(typed)
    if parsed is not None and parsed.e164:
        return blind.equal(Callback, "phone", parsed.e164)
    digits = digits_of(typed)
    if any(map(str.isalpha, typed)):
        return blind.worded(Contact, "words", typed, via="contact")
    if len(digits) < BlindEndOf.END:
        return Q(pk=None)
    return Q(phone_plain__endswith=digits) | Q(pk__in=blind.ending(Callback, "phone", digits))


def _rows(by: Actor, states: tuple[Callback.State, ...], typed: str, among: Q) -> QuerySet[Callback]:
    return visible(Callback.objects.filter(_matching(typed), among, state__in=states), by)


def _parts(by: Actor) -> dict[str, Q]:
    """The sections of the list of waiting call-backs: all, one's own, nobody's, overdue ones, those called in vain."""
    return {
        "all": Q(),
        "mine": Q(operator_user=by.user_id or -1),
        "free": Q(operator=""),
        "late": Q(due__lt=now()),
        "tried": Q(attempts__gt=0),
    }


def about_ticket(pk: int) -> Q:
    """The call-backs about a ticket."""
    return Q(subject="ticket", subject_id=pk)


def callbacks(
    by: Actor, part: str = "all", *, number: str = "", among: Q = EVERY, after: Callback | None = None
) -> QuerySet[Callback]:
    """Who waits to be called, those whose time comes first: of a part (all, mine, free, late, tried), with a `number`
    or name (as typed, or a number's last digits), `among` some, from `after` on."""
    rows = _rows(by, WAITING, number, among).filter(_parts(by)[part]).alias(time=Coalesce("due", "asked"))
    if after is not None:
        time = after.due or after.asked
        later = Q(asked__gt=after.asked) | Q(asked=after.asked, pk__gt=after.pk)
        rows = rows.filter(Q(time__gt=time) | Q(time=time) & later)
    return rows.select_related("contact").order_by("time", "asked", "id")


def callback_counts(by: Actor, number: str = "", among: Q = EVERY) -> dict[str, int]:
    """How many of them there are, by part."""
    parts = {part: Count("pk", filter=rows) for part, rows in _parts(by).items()}
    return _rows(by, WAITING, number, among).aggregate(**parts)


def attempts(row: Callback) -> list[Event]:
    """What was done about a call-back, the latest first: taken, given back, assigned, tried, ended."""
    return list(history(row).exclude(kind__in=("callback.ask", "callback.again")).order_by("-at", "-id"))


def callbacks_claimed_by(user_id: int) -> int:
    """How many call-backs somebody has taken on and not made yet."""
    return Callback.objects.filter(state=Callback.State.CLAIMED, operator_user=user_id).count()


def callbacks_done(by: Actor, number: str = "", among: Q = EVERY) -> QuerySet[Callback]:
    """Who was called back or given up, the latest first; with a `number` as for `callbacks`."""
    return _rows(by, ENDED, number, among).order_by("-ended", "-id")


def callbacks_by_state(by: Actor, state: Callback.State | None) -> QuerySet[Callback]:
    """The call-backs of one state, the newest first; without one those that wait."""
    return _rows(by, (state,) if state else WAITING, "", EVERY).select_related("contact").order_by("-id")


def callback(pk: int | None, by: Actor) -> Callback | None:
    """A call-back, or the one that something refers to, if it does."""
    return visible(Callback.objects.filter(pk=pk), by).select_related("contact").first() if pk else None


def callback_waiting(phone: str, by: Actor) -> Callback | None:
    """The call-back that waits for a number (E.164), the oldest."""
    return callbacks(by).filter(blind.equal(Callback, "phone", phone)).first()
