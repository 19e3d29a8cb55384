"""The first run: an empty installation becomes a province's, with its first administrator."""

from django.conf import settings
from django.core import signing
from django.db import connection, transaction

from caunoi.accounts import actions as accounts
from caunoi.accounts import invitations
from caunoi.accounts.models import User
from caunoi.directory.actions import set_option
from caunoi.directory.models import Area
from caunoi.directory.queries import forget, option, province
from caunoi.events.actor import Actor, Role
from caunoi.lib.places import gazetteer
from caunoi.starter import actions, kit, link
from caunoi.starter.answers import Answers, BadAnswerError


class AlreadySetUpError(Exception):
    """There is an administrator and a province already, or another province."""


def administered() -> bool:
    """Whether there ever was an administrator, even one whose account is closed: otherwise an old address of the first
    run would open again."""
    return User.objects.filter(role=Role.ADMIN).exists()


def done() -> bool:
    """Whether nothing is left to answer."""
    return administered() and Area.objects.filter(valid_to=None, parent=None).exists()


def token() -> str:
    """The secret of the page at which the first run is answered; it opens nothing once that is done."""
    return link.token(settings.SECRET_KEY)


def opens(secret: str) -> bool:
    """Whether this is the secret, and there is no administrator yet."""
    try:
        return signing.loads(secret, salt=link.SALT) == link.WORDS and not administered()
    except signing.BadSignature:
        return False


def names(public_url: str = "") -> kit.Names:
    """How the kit's texts call the hotline and its province."""
    here = province()
    address = (public_url or settings.PUBLIC_URL).split("://")[-1]
    kind = "thành phố" if here and here.kind == "Thành phố" else "tỉnh"
    return kit.Names(hotline=option("hotline_name"), phone=option("hotline_phone"), address=address, kind=kind)


@transaction.atomic
def set_up(answers: Answers, *, by: Actor, public_url: str = "") -> str:
    """Write the province, the kit if it is wanted, and the administrator. Returns the token of the address at which the
    administrator chooses a password. AlreadySetUpError; BadAnswerError where CAUNOI_PROVINCE says another province."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('caunoi first run'))")  # two who answer at once
    if done() or Area.objects.filter(valid_to=None, parent=None).exclude(code=answers.province).exists():
        raise AlreadySetUpError
    if settings.PROVINCE and answers.province != settings.PROVINCE:
        raise BadAnswerError("province", f"CAUNOI_PROVINCE says {settings.PROVINCE}; take it away, or answer the same")
    unit = gazetteer.unit(answers.province)
    assert unit is not None
    city = unit.kind == "Thành phố"
    options: dict[str, str | bool] = {
        "province": answers.province,
        "hotline_name": answers.hotline_name,
        "hotline_phone": answers.phone,
        "place": unit.name,
        "place_en": f"{unit.short} {'City' if city else 'Province'}",
        "portal_open": answers.open,
    }
    for name, value in options.items():
        set_option(name, value, by=by)
    forget()
    actions.areas(answers.province)
    if answers.starter:
        actions.install(names(public_url), by=by)
    user = accounts.rescue_administrator(answers.user, by=by, full_name=answers.name, email=answers.email)
    return invitations.invite(user, by=by)
