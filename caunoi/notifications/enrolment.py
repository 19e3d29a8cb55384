"""Letters by which the staff get in: an invitation, a code for whoever forgot their password, word that it was changed.

They go by mail, else by SMS, through the queue of all that we send; the link or code is put in only when they are
handed over (accounts/letters.py), so that nobody reads it afterwards."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.utils.timezone import now
from django.utils.translation import gettext, gettext_noop, override

from caunoi.accounts import invitations, recovery
from caunoi.accounts.letters import INVITATION, NOTICE, RECOVERY, secret
from caunoi.accounts.models import User
from caunoi.conversations.actions import post
from caunoi.conversations.models import Inbox, Outgoing
from caunoi.conversations.queries import Senders, senders, takes_sms
from caunoi.directory.queries import option, text
from caunoi.events.actor import Actor
from caunoi.events.models import Event

MAIL, SMS = "email", "sms"
PAUSE = timedelta(minutes=1)  # in which one person is not invited twice
State = Outgoing.State
ARRIVING = (State.QUEUED, State.SENT, State.DELIVERED, State.READ)


@dataclass(frozen=True, kw_only=True)
class Wording:
    """A text that a province may replace by its own (directory.Text), and what it must hold."""

    body: str
    body_en: str = ""
    must: str


WORDINGS: Mapping[str, Wording] = {
    "invitation": Wording(
        must="{link}",
        body=(
            "Kính gửi {name},\n\nAnh/chị được mời làm việc với {hotline}. Tên đăng nhập: {user}.\n"
            "Anh/chị chọn mật khẩu tại địa chỉ sau, mở được một lần trong 14 ngày:\n\n{link}\n\n"
            "Đừng chuyển thư này cho ai: ai có địa chỉ này cũng chọn được mật khẩu. "
            "Nếu thư gửi nhầm, anh/chị chỉ cần bỏ qua."
        ),
        body_en=(
            "Dear {name},\n\nyou are invited to work with {hotline}. Your user name is {user}.\n"
            "Choose your password at this address, which opens once within 14 days:\n\n{link}\n\n"
            "Do not pass this mail on: whoever has the address can choose the password. "
            "If it reached you by mistake, you need do nothing."
        ),
    ),
    "invitation_sms": Wording(
        must="{link}", body="{hotline}: ten dang nhap {user}. Chon mat khau, mo mot lan trong 14 ngay: {link}"
    ),
    "recovery": Wording(
        must="{code}",
        body=(
            "Kính gửi {name},\n\nCó người yêu cầu đặt lại mật khẩu của tài khoản {user} tại {hotline}.\n"
            "Mã: {code} (dùng được 15 phút, tại trang đã yêu cầu). Hoặc mở địa chỉ này:\n\n{link}\n\n"
            "Nếu không phải anh/chị yêu cầu, anh/chị chỉ cần bỏ qua: mật khẩu vẫn như cũ. Đừng đọc mã cho ai."
        ),
        body_en=(
            "Dear {name},\n\nsomebody asked for a new password for the account {user} at {hotline}.\n"
            "Code: {code} (good for 15 minutes, on the page where it was asked for). Or open this "
            "address:\n\n{link}\n\n"
            "If it was not you, you need do nothing: your password stays as it is. Tell nobody the code."
        ),
    ),
    "recovery_sms": Wording(
        must="{code}",
        body="{hotline}: ma dat lai mat khau cua {user} la {code}, dung trong 15 phut. Dung doc ma cho ai.",
    ),
}


def ways(user: User, able: Senders | None = None) -> dict[str, tuple[Inbox, str]]:
    """How a person can be written to now, the best way first: channel → (inbox, address)."""
    able, result = able or senders(), {}
    if able.mail and user.email:
        result[MAIL] = (able.mail, user.email)
    if able.sms and takes_sms(user.phone):
        result[SMS] = (able.sms, user.phone)
    return result


def can_send() -> bool:
    """Whether anybody at all can be written to."""
    able = senders()
    return able.mail is not None or able.sms is not None


def sent(people: Iterable[User]) -> dict[int, Outgoing]:
    """The last invitation sent to each of these people, by their ids."""
    keys = [secret(INVITATION, user.pk) for user in people]
    rows = Outgoing.objects.filter(once__startswith="invite:", secret__in=keys).select_related("inbox").order_by("id")
    return {int(row.secret.partition(":")[2]): row for row in rows}


@transaction.atomic
def invite(user: User, *, by: Actor, way: str = "") -> Outgoing | None:
    """Sends somebody the link by which they choose a password, by `way` or the best; links sent before stay good. The
    row sent less than PAUSE ago, where there is one; None where they cannot be written to. ValueError for an account in
    use."""
    _one_at_a_time()
    return _invite(user, sent([user]).get(user.pk), senders(), by=by, way=way)


def _invite(user: User, last: Outgoing | None, able: Senders, *, by: Actor, way: str = "") -> Outgoing | None:
    if not invitations.can_be_invited(user):
        raise ValueError("in use")
    options = ways(user, able)
    way = way or next(iter(options), "")
    if way not in options:
        return None
    if last is not None and (last.state == State.QUEUED or (last.state in ARRIVING and last.at > now() - PAUSE)):
        return last
    invitations.invite(user, by=by, anew=False, way=way)
    number = Outgoing.objects.filter(once__startswith=f"invite:{user.pk}:").count() + 1
    return _post("invitation", user, way, options[way], f"invite:{user.pk}:{number}", secret(INVITATION, user.pk))


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Those who have not chosen a password yet. `due`: how many can be invited and were not, or in vain, or too long
    ago;
    `unreachable`: how many cannot be written to; `queued`, `sent`, `failed`: how their last invitation fares."""

    due: int = 0
    unreachable: int = 0
    queued: int = 0
    sent: int = 0
    failed: int = 0


def progress() -> Progress:
    """How far inviting all has come."""
    people = _waiting()
    rows, able = sent(people), senders()
    states = [row.state for row in rows.values()]
    due = [user for user in people if _is_due(rows.get(user.pk))]
    reachable = sum(bool(ways(user, able)) for user in due)
    return Progress(
        due=reachable,
        unreachable=len(due) - reachable,
        queued=states.count(State.QUEUED),
        sent=sum(state in ARRIVING[1:] for state in states),
        failed=sum(state not in ARRIVING for state in states),
    )


@transaction.atomic
def invite_all(*, by: Actor) -> int:
    """Invites everybody who has no password yet and no invitation on its way or in their hands; how many."""
    _one_at_a_time()
    people, able = _waiting(), senders()
    rows = sent(people)
    return sum(
        _invite(user, rows.get(user.pk), able, by=by) is not None for user in people if _is_due(rows.get(user.pk))
    )


def _waiting() -> list[User]:
    return [user for user in User.objects.filter(is_active=True, last_login=None) if invitations.waits(user)]


def _is_due(last: Outgoing | None) -> bool:
    return last is None or last.state not in ARRIVING or last.at < now() - timedelta(days=invitations.DAYS)


def _one_at_a_time() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('caunoi invitations'))")


@transaction.atomic
def send_code(username: str, browser: str) -> bool:
    """A code to whoever has this user name, by their mail, else by SMS; False where nobody can be written to.
    `browser`: the digest of the secret of the browser that asked."""
    user = recovery.recoverable(username)
    options = ways(user) if user is not None else {}
    if user is None or not options:
        return False
    way = next(iter(options))
    row = recovery.begin(user, browser, way)
    return _post("recovery", user, way, options[way], f"recover:{row.pk}", secret(RECOVERY, row.pk)) is not None


def tell_recovered(event: Event) -> None:
    """Confirm a password recovered by a code to its owner, by the other way where there is one."""
    user = User.objects.filter(pk=event.subject_id).first()
    options = ways(user) if user is not None else {}
    if user is None or not options:
        return
    way = next((one for one in options if one != event.data["way"]), event.data["way"])
    if way not in options:
        return
    with override("vi"):
        sentence = gettext(
            "The password of %(user)s at %(hotline)s was changed by a code at %(at)s. If it was not you, tell your "
            "administrator at once."
        )
        at = f"{event.at.astimezone():%H:%M %d/%m/%Y}"
        words = sentence % {"user": user.username, "hotline": option("hotline_name"), "at": at}
        title = gettext("Your password was changed")
    box, address = options[way]
    post(box, address, words, once=f"recovered:{event.pk}", title=title, secret=secret(NOTICE, user.pk))


FACTOR_NEWS = {
    "factor.add": gettext_noop("A passkey or an app was set up for signing in as %(user)s at %(hotline)s at %(at)s."),
    "factor.remove": gettext_noop("A passkey or an app of %(user)s at %(hotline)s was removed at %(at)s."),
    "factor.recovery": gettext_noop("A recovery code of %(user)s at %(hotline)s was used at %(at)s."),
    "factor.reset": gettext_noop("The second factors of %(user)s at %(hotline)s were reset at %(at)s."),
    "factor.link": gettext_noop("%(user)s at %(hotline)s was linked with the province's directory at %(at)s."),
}
"""Event → what its owner is notified of."""


def tell_factor(event: Event) -> None:
    """Notify somebody that how they sign in has changed, by the best way there is."""
    user = User.objects.filter(pk=event.subject_id).first()
    options = ways(user) if user is not None else {}
    if user is None or not options:
        return
    box, address = next(iter(options.values()))
    with override("vi"):
        values = {"user": user.username, "hotline": option("hotline_name")}
        news = gettext(FACTOR_NEWS[event.kind]) % {**values, "at": f"{event.at.astimezone():%H:%M %d/%m/%Y}"}
        words = f"{news} {gettext('If it was not you, tell your administrator at once.')}"
        title = gettext("How you sign in has changed")
    post(box, address, words, once=f"factor:{event.pk}", title=title, secret=secret(NOTICE, user.pk))


def _post(key: str, user: User, way: str, to: tuple[Inbox, str], once: str, secret: str) -> Outgoing | None:
    box, address = to
    key = key if way == MAIL else f"{key}_sms"
    row, own = text(key), WORDINGS[key]
    bodies = [row.body, row.body_en] if row else [own.body, own.body_en]
    words = "\n\n* * *\n\n".join(body for body in (bodies if way == MAIL else bodies[:1]) if body)
    for name, value in {"name": str(user), "user": user.username, "hotline": str(option("hotline_name"))}.items():
        words = words.replace(f"{{{name}}}", value)
    with override("vi"):
        title = gettext("Choose a new password") if key == "recovery" else gettext("Your account at the hotline")
    return post(box, address, words, once=once, title=title if way == MAIL else "", secret=secret)
