"""What somebody is told of their own account, and administrators of keys: in the bell, and, of an account, also by mail
or SMS, so that it reaches whoever no longer has the account in hand."""

from collections.abc import Iterable

from django.utils.translation import gettext, override

from caunoi.accounts import service_accounts
from caunoi.accounts.letters import NOTICE, secret
from caunoi.accounts.models import User
from caunoi.accounts.queries import people
from caunoi.conversations.actions import post
from caunoi.directory.queries import option
from caunoi.events.actor import Role
from caunoi.events.models import Event
from caunoi.notifications.enrolment import ways
from caunoi.notifications.models import Notification
from caunoi.notifications.notices import NOTICES
from caunoi.notifications.queries import recipient


def tell(event: Event) -> None:
    """In the bell of each person whom the event concerns, and a letter where it is of their own account. Calling it
    again notifies nobody twice."""
    readers = _readers(event)
    Notification.objects.bulk_create(
        (
            Notification(event=event, notice=notice.name, audience=notice.to, recipient=recipient(user.pk), at=event.at)
            for notice in NOTICES[event.kind]
            for user in readers
        ),
        ignore_conflicts=True,
    )
    if event.kind in ("session.new_device", "person.hand_password"):
        for user in readers:
            _write(event, user)


def _readers(event: Event) -> list[User]:
    if event.kind == "session.new_device":
        return list(User.objects.filter(pk=event.data["user"], is_active=True))
    if event.kind == "person.hand_password":
        return list(User.objects.filter(pk=event.subject_id, is_active=True))
    if event.kind in ("service.follow", "service.close"):
        owner = list(User.objects.filter(pk=event.data["owner"], is_active=True))
        return [*owner, *(one for one in service_accounts.administrators() if one not in owner)]
    administrators: Iterable[User] = service_accounts.administrators(event.by_user)
    return [*administrators, *(people(role=Role.SUPERVISOR) if event.kind == "key.alone" else ())]


def _write(event: Event, user: User) -> None:
    options = ways(user)
    if not options:
        return
    with override("vi"):
        sentence, title = (
            (
                gettext(
                    "Somebody signed in to the account %(user)s at %(hotline)s at %(at)s on a new device: %(device)s. "
                    "If it was not you, sign out everywhere under “Devices”, change your password, and tell your "
                    "administrator at once."
                ),
                gettext("A new device"),
            )
            if event.kind == "session.new_device"
            else (
                gettext(
                    "An administrator of %(hotline)s made a new one-time password for the account %(user)s at %(at)s. "
                    "If you did not ask for it, tell another administrator at once."
                ),
                gettext("A new one-time password"),
            )
        )
        words = {
            "user": user.username,
            "hotline": option("hotline_name"),
            "at": f"{event.at.astimezone():%H:%M %d/%m/%Y}",
            "device": event.data.get("device") or gettext("unknown device"),
        }
    box, address = next(iter(options.values()))
    once, text = f"personal:{event.pk}:{user.pk}", sentence % words
    post(box, address, text, once=once, title=title, secret=secret(NOTICE, user.pk))
