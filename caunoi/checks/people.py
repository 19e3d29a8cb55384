"""Whether accounts are in order, and nobody waits for what the law promises them: each check yields what is wrong."""

from collections.abc import Iterator
from datetime import timedelta

from django.conf import settings
from django.db.models import Min
from django.utils.timezone import now

from caunoi.accounts.disuse import last_review
from caunoi.accounts.models import Key, User
from caunoi.accounts.service_accounts import SOON, ends_soon
from caunoi.confidential import queries as cases
from caunoi.directory.queries import option
from caunoi.host.finding import Finding, _, broken, warning
from caunoi.privacy import queries as personal
from caunoi.triage import starter
from caunoi.triage.alarms import unheard


def demo() -> Iterator[Finding]:
    if settings.DEMO:
        return
    users = User.objects.filter(demo=True, is_active=True).count()
    keys = Key.objects.filter(demo=True, revoked=None).count()
    if users or keys:
        yield broken(
            _("There are %(users)s accounts and %(keys)s keys of the demo.", users=users, keys=keys),
            _("Everybody knows their passwords; they are refused, and these data are not the province's."),
            _("Begin with an empty CAUNOI_HOME, or take those accounts away."),
            page="setup:people",
        )


def programs() -> Iterator[Finding]:
    """Keys from before programs had their own rights, keys that expire, programs for which nobody answers."""
    keys = Key.objects.filter(revoked=None).exclude(approved=None)
    if inherited := keys.filter(account__inherited=True).count():
        yield warning(
            _("%(count)s keys are from before programs had rights of their own.", count=inherited),
            _("They may do all that a person could, and never expire."),
            _("Issue a new key for each program, then revoke the old one."),
            page="setup:keys",
        )
    if soon := sum(map(ends_soon, keys.filter(expires__gt=now(), expires__lt=now() + SOON))):
        yield warning(
            _("%(count)s keys expire soon, within 30 days at most.", count=soon),
            _("The programs that use them are refused from then on."),
            _("Issue a new key for each program, and give it to whoever runs it."),
            page="setup:keys",
        )
    if orphans := keys.filter(account__owner__is_active=False).values("account").distinct().count():
        yield warning(
            _("Nobody answers for %(count)s programs: the accounts of their people are closed.", count=orphans),
            _("Nobody notices when such a key is misused."),
            _("Choose who answers for each of them."),
            page="setup:keys",
        )


def account_reviews() -> Iterator[Finding]:
    """The list of all accounts is looked through every `review_days`, first so long after the first account."""
    since = last_review() or User.objects.filter(demo=False).aggregate(first=Min("date_joined"))["first"]
    days = int(option("review_days"))
    if since is not None and since < now() - timedelta(days=days) and not settings.DEMO:
        yield warning(
            _("Nobody has reviewed all accounts for %(days)s days.", days=days),
            _("Whoever has left, or does other work now, may still be able to sign in."),
            _("Look through the list, close what is not needed, and say so there."),
            page="setup:people-review",
        )


def privacy() -> Iterator[Finding]:
    if late := personal.overdue():
        yield warning(
            _("%(late)s requests about personal data are late.", late=late),
            _("The law gives people an answer in days (Law 91/2025)."),
            _("Answer, extend with a reason, or decide."),
            page="setup:privacy",
        )
    if unreported := personal.unreported():
        yield warning(
            _("%(count)s breaches were not reported to the authority in time.", count=unreported),
            _("What may harm people is to be reported within 72 hours."),
            _("Assess and report them."),
            page="setup:breaches",
        )
    if untold := personal.untold():
        yield warning(
            _("%(count)s breaches of places or voices were not told to the people in time.", count=untold),
            _("Whose places or voices were touched is told within 72 hours (Decree 356/2025, article 29)."),
            _("Tell them, and put a notice on the site for those whom no letter reaches."),
            page="setup:breaches",
        )


def confidential() -> Iterator[Finding]:
    """Whether somebody reads what is reported in confidence; how many and what, nobody learns here."""
    if cases.exists() and not cases.custodians().exclude(confirmed=None).exists():
        yield broken(
            _("Nobody reads what is reported in confidence: no custodian is named"),
            _("What citizens report in confidence stays sealed and unread, and the law's clocks run."),
            _("Setup › Custodians: one proposes two people, another confirms."),
            page="setup:custodians",
        )
    elif count := len(cases.late()):
        yield warning(
            _("%(count)s cases in confidence are late", count=count),
            _("A child, a victim or whoever denounced something waits longer than the law allows."),
            _("The custodians see which on their page."),
        )


def alarms() -> Iterator[Finding]:
    """Whether emergencies are noticed, and taken."""
    if not starter.is_there():
        yield broken(
            _("The model that reads what comes in is missing or damaged."),
            _("Nothing is proposed, and emergencies ring only where a written rule says so."),
            _("Install this release again: caunoi/triage/data/starter.model belongs to it."),
        )
    if count := unheard():
        yield broken(
            _("%(count)s emergencies ring and nobody has them.", count=count),
            _("Somebody may be in danger, and nobody of the hotline has said that they see to it."),
            _("Desk › Emergencies: take them, call back, and look at who is on duty."),
            page="desk:alarms",
        )
