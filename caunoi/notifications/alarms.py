"""What an alarm says to people: whom to call at once, to the citizen, before all else; and who is to see to it, to the
staff, while nobody has it. Nobody is told what was written: whoever may read it opens the page."""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext, override

from caunoi.accounts.letters import NOTICE, secret
from caunoi.conversations import actions as conversations
from caunoi.conversations.actions import post
from caunoi.conversations.queries import Senders, Way, senders, ways
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event
from caunoi.lib.messages import danger, segments
from caunoi.notifications import enrolment
from caunoi.notifications.models import Notification
from caunoi.notifications.notices import NOTICES, Audience
from caunoi.tickets.models import Exchange
from caunoi.tickets.reasons import EMERGENCY
from caunoi.triage.alarms import TOP, alarm, people_at
from caunoi.triage.models import Alarm

RAISE, SHUT = "alarm.raise", "alarm.climb_shut"
AGAIN = timedelta(minutes=30)  # for which nobody is told the same number twice
PARTS = 2  # of an SMS


@transaction.atomic
def warn(rows: Iterable[Alarm]) -> None:
    """Tell the citizens of these alarms whom to call, each once; nobody whose alarm may be none."""
    able = senders()
    for row in rows:
        if row.certain and not _is_repeated(row):
            _warn(row, able)


def _is_repeated(row: Alarm) -> bool:
    earlier = Alarm.objects.filter(conversation=row.conversation_id, number=row.number, certain=True, pk__lt=row.pk)
    return earlier.filter(raised__gte=row.raised - AGAIN).exists()


def _warn(row: Alarm, able: Senders) -> None:
    event = Event.objects.get(kind=RAISE, subject="alarm", subject_id=row.pk)
    (notice,) = NOTICES[RAISE]
    Notification.objects.bulk_create(
        [
            Notification(
                event=event,
                ticket=row.ticket,
                notice=notice.name,
                audience=notice.to,
                recipient=str(notice.to),
                at=event.at,
            )
        ],
        ignore_conflicts=True,
    )
    with override("vi"):
        sayings = [
            conversations.Saying(
                conversation=row.conversation,
                way=way,
                text=words(row, way),
                title="" if way.thread or way.sms else gettext("Call {number} now").format(number=row.number),
                once=f"{event.pk}:{notice.name}{'' if way.thread else f'/{way.inbox.name}'}",
                template=RAISE,
                values={"number": row.number},
            )
            for way in _ways(row, able)
        ]
    sent = conversations.say_all(sayings, by=SYSTEM)
    if row.ticket is not None:
        Exchange.objects.bulk_create(
            [Exchange(message=one.message, ticket=row.ticket, sort="notice") for one in sent if one.message],
            ignore_conflicts=True,
        )


def _is_discreet(row: Alarm) -> bool:
    """Whether a phone that others read must not betray it: nothing but the number is said."""
    return row.restricted or row.number == danger.CHILDREN


def _ways(row: Alarm, able: Senders) -> Iterator[Way]:
    """How the citizen is told: where they wrote; what must be discreet nowhere else."""
    return (way for way in ways(row.conversation, able) if way.thread or not _is_discreet(row))


def words(row: Alarm, way: Way) -> str:
    """In the language in force; no more than the number where others read along."""
    values = {"number": row.number, "who": gettext(EMERGENCY[row.number]).lower(), "hotline": option("hotline_name")}
    if _is_discreet(row) or (way.thread and row.conversation.public):
        return gettext("Call {number} now. (Automatic message)").format(**values)
    if way.sms:
        return gettext("Call {number} now. Do not wait for an answer to this. ({hotline}, automatic message)").format(
            **values
        )
    return gettext(
        "Call {number} now ({who}), free of charge. Do not wait for an answer here: only {number} can send somebody at "
        "once.\n\nThis is an automatic message of {hotline}, whose people have been alerted too."
    ).format(**values)


def tell(event: Event) -> None:
    """An alarm has climbed: in the bells of those of its level, and to each by every way they can be written to. Again
    notifies nobody twice; nobody where somebody has it by now."""
    row = alarm(event.subject_id)
    if row is None or row.acknowledged is not None:
        return
    level = int(event.data["level"])
    Notification.objects.bulk_create(
        (
            Notification(
                event=event,
                ticket=None if row.restricted else row.ticket,
                notice=notice.name,
                audience=notice.to,
                recipient=str(notice.to),
                at=event.at,
            )
            for notice in NOTICES[event.kind]
            if notice.to in _audiences(event.kind, level)
        ),
        ignore_conflicts=True,
    )
    able = senders()
    for user in people_at(level, restricted=row.restricted):
        for way, (box, address) in enrolment.ways(user, able).items():
            with override("vi"):
                title, text = _letter(row, level)
            text = segments.shorten(text if segments.count(text) <= PARTS else segments.plain(text), PARTS)
            post(
                box,
                address,
                text,
                once=f"alarm:{event.pk}:{user.pk}/{way}",
                title=title if way == enrolment.MAIL else "",
                secret=secret(NOTICE, user.pk),
            )


def _audiences(kind: str, level: int) -> Collection[Audience]:
    if kind == SHUT:
        return (Audience.SUPERVISOR, Audience.ADMIN) if level >= TOP else ()
    return (Audience.LEADER, Audience.ADMIN) if level >= TOP else (Audience.SUPERVISOR,)


def _letter(row: Alarm, level: int) -> tuple[str, str]:
    """Title and text, in the language in force; both say that something waits, and where."""
    values = {"hotline": option("hotline_name"), "number": row.number, "at": f"{localtime(row.raised):%H:%M}"}
    if not row.restricted:
        page = f"{settings.STAFF_URL}/desk/alarms/"
        text = gettext("EMERGENCY %(number)s at %(hotline)s since %(at)s: nobody has it. Open now:") % values
    elif level < TOP:
        page = f"{settings.STAFF_URL}/confidential/"
        text = gettext("URGENT in confidence at %(hotline)s since %(at)s: nobody has it. Open now:") % values
    else:
        page = f"{settings.STAFF_URL}/setup/custodians/"
        text = gettext("URGENT in confidence at %(hotline)s since %(at)s: call a custodian now:") % values
    return gettext("Urgent: nobody has it yet"), f"{text} {page}"
