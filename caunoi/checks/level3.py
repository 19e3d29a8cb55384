"""The checklist of security level 3, answered from this installation's own rows, for `caunoi doctor --level 3` and the
annex of the file by which a level is approved.

The duties of Decree 331/2026 were read article by article. The standard that it points to, TCVN 14423:2026, is sold and
may not be copied: its rows are from a summary in somebody else's words, which names the standard's sections. Each row
says where it is from. What only people can answer is said to be theirs, and nothing is answered for them.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils.timezone import localtime, now

from caunoi.accounts import attempts, factors, passwords, service_accounts
from caunoi.accounts.queries import by_name
from caunoi.accounts.titles import TITLES
from caunoi.checks import people, proof, stored
from caunoi.directory import assurances
from caunoi.directory.models import Assurance
from caunoi.directory.options import OPTIONS
from caunoi.directory.queries import option
from caunoi.events import seals
from caunoi.events.actor import STAFF
from caunoi.host import archive, configuration, machine, rehearsal, schedule
from caunoi.host.finding import NOTHING, Finding, State, Text, _

WRONG_TRIES, IDLE_MINUTES, UNUSED_DAYS, REVIEW_DAYS = 5, 15, 45, 184  # 5.5.2.2 a), 5.6.2.3, 5.6.2.1 d)
REHEARSAL = timedelta(days=366)  # no text says how often: a year, as of all that is practised (Decree 331/2026, 31.3)
FOUR_EYES = 2  # administrators
LENGTH = 8  # characters of a password beside a second factor, 5.6.2.2 b)


class By(StrEnum):
    PRODUCT = "product"
    INSTALLATION = "installation"
    ORGANISATION = "organisation"


class Standing(StrEnum):
    MET = "met"
    OPEN = "open"
    PEOPLE = "people"  # the product cannot know


@dataclass(frozen=True, kw_only=True)
class Source:
    title: Text
    read_in_original: bool


SIX_MEASURES = Source(
    title=_(
        "the ministry's six main measures, letter 2983/STTTT-CNTT (Ho Chi Minh City, 2024), as a law portal has it"
    ),
    read_in_original=False,
)


def standard(section: str) -> Source:
    """A row of the national standard, which was not read itself."""
    title = _("TCVN 14423:2026, section %(section)s, by a summary of 9/2026 (195 rows of level 3)", section=section)
    return Source(title=title, read_in_original=False)


def decree(article: str) -> Source:
    return Source(title=_("Decree 331/2026 (19/8/2026), article %(article)s", article=article), read_in_original=True)


@dataclass(frozen=True, kw_only=True)
class Answer:
    standing: Standing
    text: Text
    mend: Text = NOTHING
    is_stated: bool = False  # the organisation says that it is met


STATE = _("Say here how it is done, who answers for it, and since when.")


@dataclass(frozen=True, kw_only=True)
class Row:
    """A requirement. `look` answers it from this installation; without one it is for people."""

    id: str
    text: Text
    source: Source
    by: By
    look: Callable[[], Answer] | None = None

    def answer(self) -> Answer:
        if self.look is None:
            return Answer(standing=Standing.PEOPLE, text=STATE)
        return self.look()


def as_json(row: Row, answer: Answer, lang: str) -> dict[str, str | bool]:
    """The keys of `caunoi doctor --level 3 --json`."""
    return {
        "id": row.id,
        "text": row.text.in_(lang),
        "source": row.source.title.in_(lang),
        "read_in_original": row.source.read_in_original,
        "by": row.by.value,
        "state": answer.standing.value,
        "answer": answer.text.in_(lang),
        "mend": answer.mend.in_(lang),
        "stated": answer.is_stated,
    }


def _met(text: Text) -> Answer:
    return Answer(standing=Standing.MET, text=text)


def _open(text: Text, mend: Text) -> Answer:
    return Answer(standing=Standing.OPEN, text=text, mend=mend)


def _by_people(text: Text, mend: Text = STATE) -> Answer:
    """What the product cannot see, or what the organisation decides."""
    return Answer(standing=Standing.PEOPLE, text=text, mend=mend)


def _set(name: str) -> Text:
    """That an option is to be set, by the label that its page has."""
    return _("Setup › Numbers and names: “%(label)s” (%(name)s).", label=Text(OPTIONS[name].meaning), name=name)


def _by_checks(fine: Text, *findings: Iterator[Finding]) -> Answer:
    """Met where these checks of the doctor find nothing."""
    wrong = next((one for one in chain(*findings) if one.state != State.OK), None)
    return _open(wrong.what, wrong.mend) if wrong else _met(fine)


def _at_most(name: str, most: int, text: Text) -> Answer:
    """Of an option, of which 0 means never."""
    return _met(text) if 1 <= int(option(name)) <= most else _open(text, _set(name))


NO_DEMO = _("Begin with an empty CAUNOI_HOME and without CAUNOI_DEMO.")


def _obliged() -> set[str]:
    return set(str(option("factor_roles")).split())


def _titles(roles: Iterable[str]) -> Text:
    """These roles by what people call them, in the order of the pages."""
    some = {role: Text(title) for role, title in TITLES.items() if role in roles}
    return Text(", ".join(f"%({role})s" for role in some), some)


def _days_without() -> Answer | None:
    """Open where people may work for days without a second factor."""
    if not (days := int(option("factor_days"))):
        return None
    return _open(_("People may work for %(days)s days without a second factor.", days=days), _set("factor_days"))


LED = _("They are led to set it up when they sign in next; close the accounts that nobody uses.")


def administrators_factors() -> Answer:
    if settings.DEMO:
        return _open(_("The demo asks nobody for a second factor."), NO_DEMO)
    if "admin" not in _obliged():
        return _open(_("Administrators may work without a second factor."), _set("factor_roles"))
    if days := _days_without():
        return days
    if lacking := [str(one) for one in by_name(factors.without_factor()) if one.role == "admin"]:
        return _open(_("Administrators without a second factor: %(names)s.", names=", ".join(lacking)), LED)
    if not service_accounts.administrators().exists():
        return _open(
            _("No administrator has signed in yet."),
            _("Open the one-time address that was printed; `caunoi admin USER` prints a new one."),
        )
    return _met(_("Administrators sign in with a passkey or a second factor before anything else."))


def _without_factor() -> set[str]:
    """Roles that may work with a password alone."""
    every = {role.value for role in STAFF}
    return every if settings.DEMO or int(option("factor_days")) else every - _obliged()


def outside_factors() -> Answer:
    if settings.DEMO:
        return _open(_("The demo asks nobody for a second factor."), NO_DEMO)
    if lacking := {role.value for role in STAFF} - _obliged():
        return _open(
            _("Roles that need no second factor: %(roles)s.", roles=_titles(lacking)),
            _set("factor_roles"),
        )
    if days := _days_without():
        return days
    if people_without := [str(one) for one in by_name(factors.without_factor())]:
        return _open(
            _(
                "People who have signed in and have no second factor: %(count)s (%(names)s).",
                count=len(people_without),
                names=", ".join(people_without[:5]),
            ),
            LED,
        )
    return _met(_("Every role signs in with a passkey or a second factor."))


def wrong_tries() -> Answer:
    tries = attempts.TRIES
    text = _(
        "From one address a name may be tried %(tries)s times in 15 minutes; nobody is locked out by a stranger.",
        tries=tries,
    )
    return _met(text) if tries <= WRONG_TRIES else _open(text, NOTHING)


def idle_lock() -> Answer:
    text = _("Screens lock after %(minutes)s minutes.", minutes=option("idle_minutes"))
    return _at_most("idle_minutes", IDLE_MINUTES, text)


def unused_accounts() -> Answer:
    text = _("Accounts that nobody used for %(days)s days are closed (0: never).", days=option("unused_days"))
    return _at_most("unused_days", UNUSED_DAYS, text)


def account_review() -> Answer:
    if int(option("review_days")) > REVIEW_DAYS:
        return _open(
            _("Accounts are reviewed only every %(days)s days.", days=option("review_days")), _set("review_days")
        )
    if settings.DEMO:
        return _open(_("Nobody reviews the accounts of the demo."), NO_DEMO)
    return _by_checks(_("All accounts were reviewed within the half year, or are newer."), people.account_reviews())


def _home() -> tuple[Path, "os._Environ[str]"]:
    return Path(settings.HOME), os.environ


BACKUP_DIR = _("Set CAUNOI_BACKUP_DIR to a folder on another disk, best on another machine, and start again.")


def backups() -> Answer:
    """Made, fresh, and tried: a restore was rehearsed here."""
    if not os.environ.get("CAUNOI_BACKUP_DIR"):
        return _open(_("No backups are made: CAUNOI_BACKUP_DIR is not set."), BACKUP_DIR)
    if not schedule.dated(Path(os.environ["CAUNOI_BACKUP_DIR"])):
        return _open(_("No backup was made yet."), _("Make one now: caunoi backup"))
    if broken := next((one for one in machine.backups(*_home()) if one.state == State.BROKEN), None):
        return _open(broken.what, broken.mend)  # the same disk: `another_disk`
    tried = rehearsal.last(Path(settings.HOME))
    again = _("Try the newest: caunoi restore --rehearse DIR")
    if tried is None:
        return _open(_("Backups are made every night; that one can be restored was not tried here."), again)
    if tried < now() - REHEARSAL:
        return _open(_("A restore was last tried on %(day)s, more than a year ago.", day=f"{tried:%d/%m/%Y}"), again)
    return _met(
        _(
            "Backups are made every night, the newest is of today or yesterday, and a restore was tried on %(day)s.",
            day=f"{tried:%d/%m/%Y}",
        )
    )


def encrypted_backups() -> Answer:
    if not os.environ.get("CAUNOI_BACKUP_RECIPIENT"):
        return _open(
            _("Backups are not encrypted: CAUNOI_BACKUP_RECIPIENT is not set."),
            _("On another machine: caunoi backup --new-key FILE. Set CAUNOI_BACKUP_RECIPIENT to what it prints."),
        )
    return _by_checks(_("Backups are encrypted to a key that is not here."), machine.recipient(*_home()))


def another_disk() -> Answer:
    folder = os.environ.get("CAUNOI_BACKUP_DIR", "")
    try:
        apart = bool(folder) and Path(folder).stat().st_dev != Path(settings.HOME).stat().st_dev
    except OSError:
        apart = False
    if not apart:
        return _open(_("The backups do not lie on another disk than the data."), BACKUP_DIR)
    return _met(_("The backups lie on another disk; a third copy off this site is for people to see to."))


def sealed() -> Answer:
    return _by_people(
        _(
            "Secrets, links, sessions, who wrote and called, what came in as it came and to whom it went out lie "
            "sealed (AES-256-GCM). The words of reports and messages do not, for they are searched: the disk has to "
            "be encrypted, which the product cannot see."
        ),
        _("Encrypt the disk (docs/security/keys.md), and say here how, who did it, and when."),
    )


def standby() -> Answer:
    if os.environ.get("DATABASE_URL"):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_replication WHERE coalesce(application_name, '') NOT IN"
                " ('pg_receivewal', 'pg_basebackup')"
            )
            (count,) = cursor.fetchone()
        if count:
            return _met(_("Standbys that follow: %(count)s.", count=count))
        return _open(_("No standby follows."), _("Set a standby up (docs/operating.md)."))
    apart = _("Use a PostgreSQL server of your own with a standby: DATABASE_URL (docs/operating.md).")
    if archive.folder(os.environ) is None:
        return _open(_("The embedded database has no standby, and no archive of moments is written."), apart)
    if late := next(machine.archived(*_home()), None):
        return _open(late.what, late.mend)
    return _open(_("The embedded database has no standby; the archive of moments is seconds behind."), apart)


def contact() -> Answer:
    if not option("security_contact"):
        return _open(_("/.well-known/security.txt names the hotline's number only."), _set("security_contact"))
    return _met(_("/.well-known/security.txt names %(contact)s.", contact=option("security_contact")))


def encrypted_lines() -> Answer:
    if not settings.SECURE:
        return _open(
            _("CAUNOI_PUBLIC_URL has no https."),
            _("Put a proxy with a certificate before it, and set CAUNOI_PUBLIC_URL=https://…"),
        )
    return _by_checks(_("Pages go by TLS."), configuration.public_url(os.environ))


def least_privilege() -> Answer:
    return _by_checks(
        _("The product does not run as root, and its role in the database can do what it needs and no more."),
        machine.root(*_home()),
        stored.rights(),
    )


def evidence() -> Answer:
    if seals.newest() is None:
        return _open(
            _("No event is sealed yet."), _("The worker seals every hour: let the product run, and ask again.")
        )
    return _by_checks(_("Events are only ever added, and sealed by the hour."), proof.evidence())


def witnesses() -> Answer:
    if settings.DEMO:
        return _open(_("Nobody outside keeps the heads of the demo's log."), NO_DEMO)
    return _by_checks(_("Somebody outside keeps the heads of the log."), proof.witnessed())


def clock() -> Answer:
    if wrong := next(machine.clock(*_home()), None):
        return _open(wrong.what, wrong.mend)
    match machine.clock_sync():
        case True:
            return _met(_("The kernel says that the machine's clock is set by the network."))
        case False:
            return _open(
                _("The kernel says that nothing sets the machine's clock."),
                _("Turn time synchronisation on: timedatectl set-ntp true"),
            )
        case None:
            return _by_people(
                _("Whether the network sets the machine's clock could not be looked at from here."),
                _("Whoever runs the machine (the host, where this is a container) looks there and says so here."),
            )


def default_accounts() -> Answer:
    if settings.DEMO:
        return _open(_("This is a demo: everybody knows its passwords."), NO_DEMO)
    return _by_checks(_("There are no accounts of the demo."), people.demo())


def four_eyes() -> Answer:
    if not option("four_eyes"):
        return _open(_("One administrator alone issues keys."), _set("four_eyes"))
    count = service_accounts.administrators().count()
    if count < FOUR_EYES:
        return _open(
            _(
                "Administrators who have signed in: %(count)s. While there is no second one, one alone issues keys and "
                "gives a reason.",
                count=count,
            ),
            _("Invite a second administrator: Setup › People."),
        )
    if not option("four_eyes_answers"):
        return _met(
            _(
                "Keys, and inboxes with another server, wait for a second administrator. Whoever wrote an answer may "
                "approve and publish it (option four_eyes_answers)."
            )
        )
    return _met(
        _(
            "Keys, and inboxes with another server, wait for a second administrator; nobody approves or publishes the "
            "answer that they wrote."
        )
    )


def rotation() -> Answer:
    return _by_people(
        _(
            "The product does not make anybody change a password by the calendar (ASVS 5.0, 6.2.10); a second factor "
            "stands beside it."
        ),
        _("Write down who decided so, when and why, or let administrators use passkeys only."),
    )


def classes() -> Answer:
    if without := _without_factor():
        return _by_people(
            _(
                "Without a second factor the standard wants 14 characters of four classes. The product asks for length "
                "and refuses what is known (ASVS 5.0, 6.2.5); without a second factor work: %(roles)s.",
                roles=_titles(without),
            ),
            Text("%(set)s %(state)s", {"set": _set("factor_roles"), "state": STATE}),
        )
    length = passwords.shortest("")
    text = _("Passwords have at least %(length)s characters, and a second factor beside them.", length=length)
    return _met(text) if length >= LENGTH else _open(text, _set("password_length"))


def _row(look: Callable[[], Answer], by: By, section: str, text: Text) -> Row:
    return Row(id=look.__name__, text=text, source=standard(section), by=by, look=look)


def _people(name: str, source: Source, text: Text) -> Row:
    return Row(id=name, text=text, source=source, by=By.ORGANISATION)


PRODUCT, INSTALLATION = By.PRODUCT, By.INSTALLATION
ROWS: tuple[Row, ...] = (
    _people("approved_level", decree("24, 25, 31.2 a"), _("The level is approved, and the file is kept up to date")),
    _people("regulations", decree("30.7"), _("Regulations for its security are issued before the level is approved")),
    _people("condition", decree("28.3 b, 30.6"), _("It was assessed, and all is in place, before people work with it")),
    _people("own_assessment", decree("31.2 c"), _("It is assessed by people who do not run it")),
    _people(
        "incident_reports",
        decree("31.2 d"),
        _("Incidents are reported within 72 hours, grave ones first told within 24 hours"),
    ),
    _people("yearly_report", decree("35.4"), _("The yearly report is sent before 25 December")),
    _people("drills", decree("31.3"), _("People are trained, and incidents are rehearsed")),
    _row(administrators_factors, PRODUCT, "5.6.2.4", _("Administrators sign in with more than one factor")),
    _row(
        outside_factors,
        INSTALLATION,
        "5.6.2.4",
        _("Whoever signs in from outside does so with more than one factor"),
    ),
    _row(wrong_tries, PRODUCT, "5.5.2.2 a)", _("At most 5 wrong tries to sign in")),
    _row(idle_lock, PRODUCT, "5.5.2.2 a)", _("Idle screens lock after at most 15 minutes")),
    _row(unused_accounts, PRODUCT, "5.6.2.3", _("Accounts unused for 45 days are closed")),
    _row(account_review, INSTALLATION, "5.6.2.1 d)", _("Accounts and rights are reviewed every half year")),
    _row(rotation, INSTALLATION, "5.6.2.2 b)", _("Administrators change their passwords every two months")),
    _row(
        classes,
        INSTALLATION,
        "5.6.2.2 b)",
        _("Passwords have 8 characters beside a second factor, 14 of four classes without"),
    ),
    _row(least_privilege, INSTALLATION, "5.6.2.4", _("Parts of the system have the least rights that they need")),
    _row(default_accounts, INSTALLATION, "5.6.2.3", _("There are no default accounts")),
    _row(four_eyes, PRODUCT, "5.6.2.4", _("Dangerous changes need two people")),
    _row(evidence, PRODUCT, "5.4.2.5", _("What was done is written down and cannot be changed")),
    _row(witnesses, INSTALLATION, "5.4.2.5", _("… and would be missed elsewhere if it were")),
    _people("central_logs", standard("5.8.2.1 a)"), _("Logs are gathered in one place and kept for at least 3 months")),
    _row(clock, INSTALLATION, "5.8.2.1 a)", _("Clocks are set by one source")),
    _row(backups, INSTALLATION, "5.11.2.1, 5.11.2.2", _("Backups are made and tried")),
    _row(encrypted_backups, INSTALLATION, "5.11.2.3 b)", _("Backups are encrypted")),
    _row(
        another_disk,
        INSTALLATION,
        "5.11.2.3 a)",
        _("Backups lie elsewhere too: three copies, two kinds, one off the site"),
    ),
    _people("offline_backup", SIX_MEASURES, _("One backup is offline, out of the reach of whoever gets in")),
    _people("restore_plan", decree("29.2 e"), _("There is a plan for getting back to work, and it was practised")),
    _people("malware", standard("5.10.2.1 a)"), _("Servers have protection against malware")),
    _people("monitoring", standard("5.13.2.1 a)"), _("Somebody watches the system for what is unusual (SOC)")),
    _row(sealed, INSTALLATION, "5.4.2.4 a)", _("Sensitive data lie encrypted")),
    _row(encrypted_lines, INSTALLATION, "5.4.2.4 b)", _("Data go over encrypted lines")),
    _row(standby, INSTALLATION, "5.12.2.2 a)", _("A hot standby takes over")),
    _row(contact, INSTALLATION, "5.17.2.2 a)", _("security.txt says where weaknesses are reported")),
)


TEXTS = {row.id: row.text for row in ROWS}
LOOK = _("Run `caunoi doctor`, and mend first what it finds.")


def answers(rows: Sequence[Row] = ROWS) -> list[tuple[Row, Answer]]:
    """Every row with its answer; one that cannot be looked at is open."""
    return [(row, _safe(row)) for row in rows]


def _safe(row: Row) -> Answer:
    try:
        answer = row.answer()
        assurance = assurances.of(row.id) if answer.standing is Standing.PEOPLE else None
        return _with_assurance(answer, assurance) if assurance else answer
    except Exception as error:  # whatever is wrong here, the other rows are still wanted
        return _open(_("This cannot be looked at (%(kind)s).", kind=type(error).__name__), LOOK)


def _with_assurance(answer: Answer, assurance: Assurance) -> Answer:
    """An answer of people's with what they stated; what the product saw for itself stays before it."""
    text = _(
        "Stated by the organisation, not checked by the product: met since %(since)s; %(who)s; %(document)s. Written "
        "down by %(by)s on %(at)s.",
        since=f"{assurance.since:%d/%m/%Y}",
        who=assurance.who,
        document=assurance.document,
        by=assurance.by,
        at=f"{localtime(assurance.at):%d/%m/%Y}",
    )
    seen = NOTHING if answer.text is STATE else answer.text
    text = Text("%(seen)s %(stated)s", {"seen": seen, "stated": text}) if seen.source else text
    return Answer(standing=Standing.PEOPLE, text=text, is_stated=True)


def of_people() -> list[tuple[Row, Answer]]:
    """The rows that the organisation answers, with what it has stated."""
    return [(row, answer) for row, answer in answers() if answer.standing is Standing.PEOPLE]


def source(row: Row) -> Text:
    """Where a requirement is from, and whether that was read itself."""
    title = row.source.title
    return title if row.source.read_in_original else _("%(title)s (not read in the original)", title=title)


def counts(rows: Sequence[tuple[Row, Answer]]) -> Text:
    """How many rows are met, not met, and for the organisation to answer."""
    number = Counter(answer.standing for _row, answer in rows)
    return _(
        "%(every)s rows: %(met)s met, %(open)s not met, %(people)s by the organisation.",
        every=len(rows),
        met=number[Standing.MET],
        open=number[Standing.OPEN],
        people=number[Standing.PEOPLE],
    )
