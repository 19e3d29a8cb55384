"""The telephone in the browser: a password for one page, and how its calls were heard."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.accounts.sessions import signed_in
from caunoi.calls import queries
from caunoi.calls.actions.dialling import NoPhoneError
from caunoi.calls.actions.telling import wake_bridge
from caunoi.calls.models import BrowserPhone, CallQuality
from caunoi.calls.sound_quality import Sound
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.telephony.browser_phone import digest

FORSAKEN = timedelta(minutes=15)  # without a sign of its page: the password is of no use any more


@dataclass(frozen=True, kw_only=True)
class PhoneKey:
    """What a page signs in with at the exchange. `password` is said once and kept nowhere."""

    page: str
    extension: str
    password: str


@transaction.atomic
def open_phone(user: User, *, by: Actor) -> PhoneKey:
    """Give one's page a password of its own; the one before is of no use from then on. NoPhoneError with
    `no_extension`, `no_browser_phone` or `pbx_down`."""
    if not by.is_person(user.pk) or not by.has(Role.OPERATOR, Role.SUPERVISOR):
        raise NotAllowedError("own_phone")
    if not user.extension:
        raise NoPhoneError("no_extension")
    box = queries.browser_phone_box(user)
    if box is None:
        raise NoPhoneError("no_browser_phone")
    if not queries.linked(box):
        raise NoPhoneError("pbx_down")
    key = PhoneKey(page=secrets.token_urlsafe(18), extension=user.extension, password=secrets.token_urlsafe(24))
    close_phone(user)
    values = {"user": user, "page": key.page, "digest": digest(key.extension, key.password)}
    BrowserPhone.objects.update_or_create(inbox=box, extension=key.extension, defaults={**values, **_order()})
    wake_bridge("phone")
    return key


def keep_phone(user: User, page: str) -> BrowserPhone | None:
    """A page's sign of life: the row while it has the phone, None once it has it no longer."""
    BrowserPhone.objects.filter(user=user, page=page).exclude(page="").update(seen=now())
    return BrowserPhone.objects.filter(user=user, page=page).exclude(page="").first()


@transaction.atomic
def close_phone(user: User, *, page: str = "") -> None:
    """Nobody signs in by this phone's password any more: its page (any, without one) is closed, or its owner signed
    out."""
    rows = BrowserPhone.objects.select_for_update().filter(user=user).exclude(page="")
    for row in rows.filter(page=page) if page else rows:
        _shut(row)


def close_forsaken() -> None:
    """Pages that gave no sign for long, and phones of people who may not have them any more or are signed in nowhere.
    A page that is opened meanwhile keeps its own."""
    rows = list(BrowserPhone.objects.exclude(page="").select_related("user"))
    present = signed_in({row.user_id for row in rows}) if rows else set()
    for row in rows:
        theirs = row.user.is_active and row.user.role in queries.ON_THE_PHONE and row.user.extension == row.extension
        if not theirs or row.user_id not in present or row.seen < now() - FORSAKEN:
            close_phone(row.user, page=row.page)


def phone_known(row: BrowserPhone) -> None:
    """The exchange has it. What was asked for in between, is asked for still."""
    BrowserPhone.objects.filter(pk=row.pk, digest=row.digest).update(state=BrowserPhone.State.VALID, digest="")


def phone_failed(row: BrowserPhone, trouble: str) -> None:
    """The exchange did not take it. The end of a password is tried again, for as long as it takes."""
    state = BrowserPhone.State.FAILED if row.page else BrowserPhone.State.ASKED
    BrowserPhone.objects.filter(pk=row.pk, digest=row.digest).update(state=state, trouble=trouble[:200])


@transaction.atomic
def keep_quality(user: User, call_id: str, mark: str, sound: Sound, *, by: Actor) -> CallQuality | None:
    """Keep how a call was heard, once; None for a call in which no phone of theirs talked."""
    if not by.is_person(user.pk):
        raise NotAllowedError("own_phone")
    call = queries.talked_on(user, call_id)
    if call is None:
        return None
    row, _ = CallQuality.objects.get_or_create(mark=mark, defaults={"call": call, "user": user, **asdict(sound)})
    return row


def _shut(row: BrowserPhone) -> None:
    """Nobody knows the password that this digest proves."""
    values = {"page": "", "digest": secrets.token_hex(16), **_order()}
    BrowserPhone.objects.filter(pk=row.pk).update(**values)
    wake_bridge("phone")


def _order() -> Mapping[str, Any]:
    return {"state": BrowserPhone.State.ASKED, "trouble": "", "seen": now()}
