"""Whether the province can do its work: each check reads the rows, says what is so, and what to do where it is not."""

from collections.abc import Iterator

from django.conf import settings

from caunoi.accounts import factors
from caunoi.accounts.models import User
from caunoi.accounts.queries import by_name
from caunoi.channels import registry
from caunoi.channels.base import Reach
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import senders, sends
from caunoi.directory.models import Agency, Area, Category
from caunoi.directory.queries import in_force, option, text
from caunoi.events.actor import AGENCY, Role
from caunoi.host.finding import NOTHING, Check, Finding, State, Text, _
from caunoi.routing.models import Rule
from caunoi.sla.models import Target

PARTS = {
    "province": _("The province"),
    "receive": _("Taking reports"),
    "handle": _("Handling them"),
    "tell": _("Notifying the citizen"),
}
"""The parts of the work, in its order."""


def _result(check: str, part: str, what: Text, mend: Text = NOTHING, *, state: str = "ok", page: str = "") -> Finding:
    return Finding(check=check, part=part, state=State(state), page=page, what=what, mend=mend)


def administrator() -> Iterator[Finding]:
    people = User.objects.filter(role=Role.ADMIN, is_active=True)
    own = [user for user in people if user.passkeys.exists() or (user.has_usable_password() and not user.one_time)]
    able, invited = len(own), sum(1 for user in people if user.has_usable_password() and user.one_time)
    if able and invited:
        what = _(
            "Administrators who can sign in: %(able)s; more hold a one-time password: %(invited)s.",
            able=able,
            invited=invited,
        )
        yield _result("administrator", "province", what)
        return
    if able:
        yield _result("administrator", "province", _("Administrators who can sign in: %(able)s.", able=able))
        return
    why = _("No administrator has chosen a password yet.")
    mend = _("Open the one-time address that was printed; `caunoi admin USER` prints a new one.")
    yield _result("administrator", "province", why, mend, state="broken", page="setup:people")


def second_factors() -> Iterator[Finding]:
    people = by_name(factors.without_factor())
    count = len(people)
    new = factors.newcomers().count()
    if not count and new:
        what = _("People who have none yet, and set their second factor up when they first sign in: %(new)s.", new=new)
        yield _result("second_factors", "province", what, page="setup:people")
        return
    if not count:
        yield _result("second_factors", "province", _("Everybody who must has a second factor."))
        return
    why = _("People who must have a second factor and have none: %(names)s.", names=", ".join(map(str, people[:5])))
    mend = _("They are led to set it up when they sign in next.")
    yield _result("second_factors", "province", why, mend, state="warn", page="setup:people")


def communes() -> Iterator[Finding]:
    rows = Area.objects.filter(in_force(), parent__isnull=False)
    count, drawn = rows.count(), rows.filter(outline__isnull=False).count()
    if not count:
        why = _("No commune is known.")
        mend = _("Run `caunoi init`, or `caunoi import areas FILE`.")
        yield _result("communes", "province", why, mend, state="broken")
    elif not drawn:
        why = _("%(count)s communes, none with an outline.", count=count)
        mend = _("A pin goes to the nearest commune. Bring outlines in: `caunoi import areas FILE.geojson`.")
        yield _result("communes", "province", why, mend, state="warn")
    else:
        yield _result("communes", "province", _("%(count)s communes with outlines.", count=count))


def fields() -> Iterator[Finding]:
    if count := Category.objects.filter(in_force()).count():
        yield _result("fields", "receive", _("%(count)s categories.", count=count), page="setup:categories")
        return
    why = _("There is no category yet.")
    mend = _("Add categories, each with what is published of it.")
    yield _result("fields", "receive", why, mend, state="broken", page="setup:categories")


def consent() -> Iterator[Finding]:
    if text("consent"):
        yield _result("consent", "receive", _("There is a consent text."), page="setup:texts")
        return
    why = _("There is no text that citizens consent to.")
    mend = _("Write it under Texts (Law 91/2025/QH15).")
    yield _result("consent", "receive", why, mend, state="warn", page="setup:texts")


def portal() -> Iterator[Finding]:
    for channel, name in (("web", Text("Web")), ("app", _("App"))):
        if not Inbox.objects.filter(channel=channel, active=True).exists():
            why = _("%(name)s: its inbox is switched off.", name=name)
            mend = _("Switch it on under Inboxes.")
            yield _result(channel, "receive", why, mend, state="warn", page="setup:inboxes")
        elif not option("portal_open"):
            why = _("%(name)s: the portal is not open to citizens yet.", name=name)
            mend = _(
                "Open it at the foot of Setup › Ready? when all is ready: %(address)s",
                address=f"{settings.PUBLIC_URL}/setup/ready",
            )
            yield _result(channel, "receive", why, mend, state="warn", page="setup:ready")
        else:
            yield _result(channel, "receive", _("%(name)s: takes reports.", name=name))


def operators() -> Iterator[Finding]:
    people = list(User.objects.filter(role__in=(Role.OPERATOR, Role.SUPERVISOR), is_active=True))
    if not people:
        why = _("Phone and counter: there is no operator.")
        mend = _("Add people, or bring in a list.")
        yield _result("operators", "receive", why, mend, state="broken", page="setup:people")
        return
    why = _("Phone and counter: %(people)s people.", people=len(people))
    yield _result("operators", "receive", why, page="setup:people")
    if Inbox.objects.filter(channel="phone", active=True).exclude(config={}).exists() and not any(
        one.extension for one in people
    ):
        why = _("The exchange is linked, and no operator has an extension.")
        mend = _("Give each operator the extension of their phone.")
        yield _result("extensions", "receive", why, mend, state="broken", page="setup:people")


def channels() -> Iterator[Finding]:
    for channel, adapter in registry.channels().items():
        name = adapter.label
        boxes = list(Inbox.objects.filter(channel=channel, active=True))
        if not boxes or not adapter.reads or adapter.reach is Reach.SMS:  # SMS: see reporter_is_told
            continue
        if troubled := next((box for box in boxes if box.trouble), None):
            mend = _("Look at the inbox.")
            why = Text(f"{name}: {troubled.trouble}")
            yield _result(channel, "receive", why, mend, state="warn", page="setup:inboxes")
        elif not any(sends(box) for box in boxes):
            why = _("%(name)s: receives, cannot send.", name=name)
            mend = _("Complete the inbox's keys.")
            yield _result(channel, "receive", why, mend, state="warn", page="setup:inboxes")
        else:
            yield _result(channel, "receive", _("%(name)s: receives and sends.", name=name), page="setup:inboxes")


def agencies() -> Iterator[Finding]:
    rows = Agency.objects.filter(in_force()).exclude(kind="centre")
    count = rows.count()
    if not count:
        why = _("There is no agency to hand a ticket to.")
        mend = _("Add agencies, or bring in a list.")
        yield _result("agencies", "handle", why, mend, state="broken", page="setup:agencies")
        return
    staffed = User.objects.filter(role__in=AGENCY, is_active=True).values("agency_id")
    nobody = rows.exclude(pk__in=staffed).count()
    if nobody:
        why = _("%(nobody)s of %(count)s agencies have nobody who signs in.", nobody=nobody, count=count)
        mend = _("Invite their officers; an agency without accounts can be sent a one-time link.")
        yield _result("agencies", "handle", why, mend, state="warn", page="setup:people")
    else:
        yield _result("agencies", "handle", _("%(count)s agencies, all with people.", count=count))


def rules() -> Iterator[Finding]:
    if count := Rule.objects.filter(in_force()).count():
        yield _result(
            "rules",
            "handle",
            _("%(count)s rules say who is competent.", count=count),
            page="setup:rules",
        )
        return
    why = _("No rule says who is competent, so nobody is proposed.")
    yield _result("rules", "handle", why, _("Add rules."), state="warn", page="setup:rules")


def targets() -> Iterator[Finding]:
    if count := Target.objects.filter(in_force(), clock="handle").count():
        yield _result("targets", "handle", _("%(count)s deadlines for handling.", count=count), page="setup:targets")
        return
    why = _("No deadline for handling: nothing is ever overdue.")
    yield _result("targets", "handle", why, _("Add deadlines."), state="broken", page="setup:targets")


def reporter_is_told() -> Iterator[Finding]:
    able = senders()
    ways = (
        ("sms", able.sms, _("SMS"), _("an inbox for SMS")),
        ("mail", able.mail, _("Mail"), _("a mailbox")),
    )
    for check, box, name, lacks in ways:
        if box:
            by = box.label or box.name
            yield _result(check, "tell", _("%(name)s: goes out by %(by)s.", name=name, by=by))
            continue
        why = _("%(name)s: cannot be sent.", name=name)
        mend = _(
            "Add %(lacks)s with its keys under Setup › Inboxes; else reporters only see their own page.", lacks=lacks
        )
        yield _result(check, "tell", why, mend, state="warn", page="setup:inboxes")


CHECKS: tuple[Check[()], ...] = tuple(
    Check(name=look.__name__, part="province", fine=NOTHING, look=look)
    for look in (
        administrator,
        second_factors,
        communes,
        fields,
        consent,
        portal,
        operators,
        channels,
        agencies,
        rules,
        targets,
        reporter_is_told,
    )
)
"""Each says of all that it looks at how it is, by names and parts of its own."""
