"""Whom an act of reorganisation concerns, and how they learn of it: on the bell, and by mail where they have a
mailbox."""

from datetime import date

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import override

from caunoi.accounts.models import User
from caunoi.conversations.actions import post
from caunoi.conversations.queries import mailer
from caunoi.directory.models import Agency
from caunoi.directory.queries import in_force
from caunoi.events.actor import Role
from caunoi.events.models import Event
from caunoi.notifications.models import Notification
from caunoi.notifications.notices import AT_AGENCY, NOTICES
from caunoi.reorganisation import queries
from caunoi.reorganisation.models import Act

ROLES = (Role.SUPERVISOR, Role.LEADER)


def agencies(act: Act) -> list[Agency]:
    """The agencies in force that it ends or renames, or that follow."""
    rows = [row for row in queries.lines(act) if row.what == "agency"]
    ends, heirs = [pk for row in rows for pk in row.ends], [code for row in rows for code in row.heirs]
    return list(Agency.objects.filter(Q(pk__in=ends) | Q(code__in=heirs), in_force()).order_by("sort"))


def tell(event: Event) -> None:
    """Notify everybody at those agencies, supervisors and leaders; nobody twice."""
    act = queries.act(event.subject_id)
    if act is None or event.data.get("first") is False:  # what came later was only taken along
        return
    concerned = agencies(act)
    rows = [
        Notification(
            event=event,
            notice=notice.name,
            audience=notice.to,
            agency=agency,
            at=event.at,
            recipient=f"{notice.to}:{agency.pk}" if agency else str(notice.to),
        )
        for notice in NOTICES[event.kind]
        for agency in (concerned if notice.to in AT_AGENCY else [None])
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    _mail(event, act, concerned)


def _mail(event: Event, act: Act, concerned: list[Agency]) -> None:
    box = mailer()
    if box is None:
        return
    people = User.objects.filter(Q(agency__in=concerned) | Q(role__in=ROLES), is_active=True).exclude(email="")
    with override("vi"):
        title, text = words(event, act)
    for user in people.order_by("pk"):
        post(box, user.email, text, once=f"act:{event.pk}:{user.pk}", title=title)


def words(event: Event, act: Act) -> tuple[str, str]:
    """A mail's subject and text, in the language in force."""
    day = f"{date.fromisoformat(event.data['on']) if 'on' in event.data else act.on:%d/%m/%Y}"
    title = {
        "act.schedule": _("%(number)s: a reorganisation from %(day)s on"),
        "act.eve": _("%(number)s: a reorganisation tomorrow, %(day)s"),
        "act.carry_out": _("%(number)s is in force"),
        "act.unschedule": _("%(number)s has been taken back"),
    }[event.kind] % {"number": act.number, "day": day}
    what = _("What changes for your agency stands here:")
    return title, "\n".join([act.title, "", what, f"{settings.PUBLIC_URL}/notices/acts/{act.pk}"])
