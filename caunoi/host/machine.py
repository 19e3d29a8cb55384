"""Mistakes on the machine: home, disk, limits, clock, database, what was built. Each check yields what it finds."""

import ctypes
import datetime as dt
import importlib.metadata
import os
import pwd
import re
import resource
import struct
import tempfile
import zoneinfo
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from caunoi.host import archive, binaries, postgres, schedule, seal
from caunoi.host import database as addresses
from caunoi.host.configuration import is_demo
from caunoi.host.finding import Check, Finding, Text, _, broken, warning
from caunoi.host.home import CHECKOUT, INSTALLED, KEYS, SERVICE, SETUP, pins

WRITTEN = {  # folders of the home, and what fails where they cannot be written
    "files": _("Photos, recordings and mails are not kept."),
    "log": _("The database cannot write its log."),
    "postgres": _("The database cannot run."),
    "open-data": _("No open data is published."),
}
ENOUGH, TOO_LITTLE, LEAST_MEMORY = 5.0, 0.5, 0.3  # GB
STALE = dt.timedelta(hours=26)  # of the newest nightly backup
SETTINGS = Path("/etc/caunoi/caunoi.env")
OLDEST_SERVER = 15  # of a DATABASE_URL
UNSET = 16_000_000  # microseconds of possible error at which the kernel gives a clock up
MOST_SKEW = 2.0  # seconds between this machine and the database


def home_folder(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    there = next(path for path in (home, *home.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield broken(
            _("Cannot write to %(there)s.", there=there),
            _("The database, the files and the key are kept there."),
            _("Run: chown -R $(id -u) '%(there)s', or set CAUNOI_HOME.", there=there),
        )
    elif there == home and home.stat().st_mode & 0o007:
        yield warning(
            _("Other users can enter %(home)s.", home=home),
            _("It holds citizens' personal data."),
            _("Run: chmod 700 '%(home)s'", home=home),
        )
    for key in (home / name for name in KEYS):
        if not key.exists() or not key.stat().st_mode & 0o077:
            continue
        yield broken(
            _("Other users can read %(key)s.", key=key),
            _("Whoever has the key can forge what it signs."),
            _("Run: chmod 600 '%(key)s'", key=key),
        )


SIGNED = {  # what a key signed: it is worth nothing without the key
    "log_key.pem": ("publication_head",),
    "push_key.pem": ("notifications_subscription", "notifications_staffbrowser"),
}


def is_administered(server: psycopg.Connection[Any]) -> bool:
    """Whether there ever was an administrator (starter.first_run.administered), for what has no Django ready."""
    return server.execute("SELECT EXISTS (SELECT FROM accounts_user WHERE role = 'admin')").fetchone() == (True,)


def keys(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Keys that were used and are missing now: mostly after a restore."""
    if not environ.get("DATABASE_URL") and not postgres.ready(home):
        return  # nobody to ask
    try:
        with psycopg.connect(**addresses.direct(home, environ)) as server:  # type: ignore[arg-type]
            shared = _shared(server)
            for name, tables in SIGNED.items():
                if name in shared or (home / name).exists():
                    continue
                if name == "log_key.pem" and environ.get("CAUNOI_LOG_KEY_FILE"):
                    continue
                if any(_has_rows(server, table) for table in tables):
                    yield broken(
                        _("The key %(home)s is missing.", home=home / name),
                        _("What it signed can no longer be verified, and phones that subscribed hear nothing."),
                        _("Copy it from an older backup or the old machine into that folder, and start again."),
                    )
    except (psycopg.Error, addresses.AddressError):
        pass  # the database's own check says it


def _has_rows(server: psycopg.Connection[Any], table: str) -> bool:
    """Whether the table is there and not empty."""
    if server.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone() == (None,):
        return False
    return bool(server.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone())


def _shared(server: psycopg.Connection[Any]) -> set[str]:
    """The key files that come back from there (vault/shared_keys.py)."""
    if server.execute("SELECT to_regclass('public.vault_sharedkey')").fetchone() == (None,):
        return set()
    return {str(name) for (name,) in server.execute("SELECT name FROM vault_sharedkey")}


def folders(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """What lies in the home belongs to whoever runs the product."""
    for name in WRITTEN:
        there = home / name
        if there.exists() and not os.access(there, os.R_OK | os.W_OK | os.X_OK):
            yield broken(
                _("Cannot write to %(there)s.", there=there),
                WRITTEN[name],
                _("Run: chown -R $(id -u) '%(there)s' && chmod 700 '%(there)s'", there=there),
            )
    try:
        with tempfile.TemporaryFile() as file:
            file.write(b"0" * 65536)
    except OSError as error:
        yield broken(
            _("Cannot write a temporary file: %(error)s.", error=error),
            _("Photos and large files are not taken."),
            _("Make room in /tmp, or set TMPDIR."),
        )


def sound_keys(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Keys that can be read and used."""
    for name in (name for name in KEYS if (home / name).exists()):
        try:
            text = (home / name).read_text("ascii", "replace")
        except OSError as error:
            text = str(error.strerror)
        if len(text.strip()) < 32 or (name.endswith(".pem") and not text.startswith("-----BEGIN")):
            yield broken(
                _("%(home)s is no key.", home=home / name),
                _("Whatever needs the key fails."),
                _("Bring it back from a backup."),
            )


def disk(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Room on the disk of every folder that grows: each disk once."""
    places = [home, *(home / name for name in WRITTEN), *filter(None, [_folder(environ, "CAUNOI_BACKUP_DIR")])]
    disks: dict[int, Path] = {}
    for place in places:
        there = next(path for path in (place, *place.parents) if path.exists())
        disks.setdefault(there.stat().st_dev, there)
    for there in disks.values():
        usage = os.statvfs(there)
        free = usage.f_bavail * usage.f_frsize / 1e9
        inodes = usage.f_favail / usage.f_files if usage.f_files else 1.0
        if free >= ENOUGH and inodes >= 0.02:
            continue
        make = broken if free < TOO_LITTLE or inodes < 0.002 else warning
        left = Text(f"{free:.1f} GB") if free < ENOUGH else _("%(share)s of its inodes", share=f"{inodes:.1%}")
        yield make(
            _("The disk of %(there)s has only %(left)s left.", there=there, left=left),
            _("When it is full the database stops, and no report is taken."),
            _("Make room, or move CAUNOI_HOME to a larger disk."),
        )


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]).absolute() if environ.get(name) else None


def owner(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Everything in the home is of one user, but for the database's files where root runs the product."""
    if not home.is_dir():
        return
    mine = home.stat().st_uid
    others = [
        path.name for path in home.iterdir() if path.lstat().st_uid != mine and path.name not in {"postgres", "log"}
    ]
    if others:
        yield broken(
            _("%(home)s holds what belongs to another user: %(list)s.", home=home, list=", ".join(sorted(others)[:5])),
            _("The product cannot write there."),
            _("Run: chown -R --reference='%(home)s' '%(home)s'", home=home),
        )


def two_homes(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The shell looks at the same home as the service."""
    if home != SERVICE and INSTALLED and not environ.get("CAUNOI_HOME") and (SERVICE / "postgres").exists():
        yield warning(
            _("This command reads %(home)s, the service uses %(service)s.", home=home, service=SERVICE),
            _("You are looking at another installation."),
            _("Run: sudo -u caunoi caunoi …, or set CAUNOI_HOME=%(service)s.", service=SERVICE),
        )


def settings_file(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The service's settings hold passwords."""
    if SETTINGS.exists() and SETTINGS.stat().st_mode & 0o007:
        yield broken(
            _("Other users can read %(settings)s.", settings=SETTINGS),
            _("It holds the database's password and keys."),
            _("Run: %(command)s", command=f"chmod 640 {SETTINGS}; chown root:caunoi {SETTINGS}"),
        )


def backups(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The folder of the backups, and the newest in it."""
    place = _folder(environ, "CAUNOI_BACKUP_DIR")
    if place is None:
        if not is_demo(environ):
            yield warning(
                _("CAUNOI_BACKUP_DIR is not set."),
                _("There are no nightly backups."),
                _("Set a folder on another disk, best on another machine."),
            )
        return
    if not place.is_dir():
        yield broken(
            _("There is no folder %(place)s.", place=place),
            _("No backup can be made."),
            _("Mount the disk, or fix CAUNOI_BACKUP_DIR."),
        )
        return
    if not os.access(place, os.W_OK | os.X_OK):
        yield broken(
            _("Cannot write to %(place)s.", place=place),
            _("No backup can be made."),
            _("Run: %(command)s", command=f"chown $(id -u) '{place}'"),
        )
    elif place.stat().st_mode & 0o007:
        yield broken(
            _("Other users can enter %(place)s.", place=place),
            _("Backups hold all personal data and keys."),
            _("Run: %(command)s", command=f"chmod 700 '{place}'"),
        )
    if home.exists() and place.stat().st_dev == home.stat().st_dev:
        yield warning(
            _("%(place)s is on the same disk as the data.", place=place),
            _("When the disk breaks, both are lost."),
            _("Use another disk, best on another machine."),
        )
    made = schedule.dated(place)
    newest = max(made.values(), default=None)
    if newest is None or dt.datetime.now(dt.UTC) - newest > STALE:
        last = f"{newest:%Y-%m-%d %H:%M}" if newest else "–"
        make = warning if newest is None else broken
        yield make(
            _("The newest backup: %(last)s.", last=last),
            _("When the machine breaks, all since is lost."),
            _("See `caunoi jobs` (backups.make); make one now: caunoi backup"),
        )


def archived(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The way back to any moment is open."""
    place = archive.folder(environ)
    if place is None or not postgres.ready(home):
        return
    if why := archive.fault(place, dt.datetime.now(dt.UTC)):
        yield warning(
            _("A restore to this moment would not succeed: %(why)s.", why=why),
            _("There are only the nightly backups."),
            _("See the log of the process `archive`, and its disk."),
        )


def recipient(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The key that backups are sealed to, and that its other half is not here."""
    public_key = environ.get("CAUNOI_BACKUP_RECIPIENT", "")
    if not public_key:
        return
    try:
        seal.recipient(public_key)
    except seal.BadKeyError as error:
        yield broken(
            Text(f"CAUNOI_BACKUP_RECIPIENT: {error}"),
            _("No backup can be made."),
            _("Use the public key, which begins with age1."),
        )
    for place in filter(None, (home, _folder(environ, "CAUNOI_BACKUP_DIR"))):
        for file in (file for file in place.glob("*") if file.is_file() and file.stat().st_size < 4096):
            if b"AGE-SECRET-KEY-" in file.read_bytes():
                yield broken(
                    _("The backups' private key lies in %(file)s.", file=file),
                    _("Whoever enters this machine opens every backup."),
                    _("Take it away from here."),
                )


def memory(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    rows = dict(line.split(":", 1) for line in Path("/proc/meminfo").read_text().splitlines() if ":" in line)
    free = int(rows["MemAvailable"].split()[0]) / 1e6
    if free < LEAST_MEMORY:
        yield warning(
            _("The machine has only %(free)s GB of memory left.", free=f"{free:.1f}"),
            _("When there is none the kernel ends processes, the database among them."),
            _("Add memory, or move other programs elsewhere."),
        )


def packages(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """The Python packages are those that this release was tested with."""
    tried = dict(re.findall(r"^([\w.-]+)==([^\s;]+)", "\n".join(pins()), re.M))
    here = {one.metadata["Name"].lower().replace("_", "-"): one.version for one in importlib.metadata.distributions()}
    wrong = [f"{name} {here[name]} (≠ {pin})" for name, pin in tried.items() if here.get(name, pin) != pin]
    if wrong:
        yield warning(
            _("Packages that differ from what was tried: %(list)s.", list=", ".join(wrong[:5])),
            _("A half-done installation may fail anywhere."),
            _("Install again: %(setup)s", setup=SETUP),
        )


def open_files(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        yield warning(
            _("A process may open only %(soft)s files.", soft=soft),
            _("Every open screen keeps a connection; beyond that others cannot come in."),
            _("Run: ulimit -n %(hard)s, or LimitNOFILE=65536 in systemd.", hard=min(hard, 65536)),
        )


def clock(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    written = dt.datetime.fromtimestamp(Path(__file__).stat().st_mtime, dt.UTC)
    now = dt.datetime.now(dt.UTC)
    if now < written - dt.timedelta(days=1):
        yield broken(
            _("The clock says %(now)s, before this software was installed.", now=f"{now:%Y-%m-%d}"),
            _("Every deadline would be wrong."),
            _("Turn time synchronisation on: timedatectl set-ntp true"),
        )
    try:
        zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
    except zoneinfo.ZoneInfoNotFoundError:
        yield broken(
            _("The machine has no time zone data."),
            _("Vietnamese time cannot be computed."),
            _("Run: apt-get install tzdata"),
        )


def clock_sync() -> bool | None:
    """Whether something sets this machine's clock, as the kernel says (and `timedatectl` by it); None where it does not
    say."""
    timex = ctypes.create_string_buffer(512)
    try:
        answer = ctypes.CDLL(None).adjtimex(timex)
    except (OSError, AttributeError):
        return None
    if answer < 0:
        return None
    (most_error,) = struct.unpack_from("l", timex, struct.calcsize("Illl") - struct.calcsize("l"))
    return bool(most_error < UNSET)


def database(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    if not addresses.url(environ):
        yield from _embedded(home, environ)
        return
    try:
        addresses.reach(home, environ)
        with psycopg.connect(**addresses.direct(home, environ)) as server:  # type: ignore[arg-type]
            row = server.execute("SELECT now(), current_setting('server_encoding')").fetchone() or (None, "")
            here, version = dt.datetime.now(dt.UTC), server.info.server_version // 10000
        if addresses.owner_url(environ):
            psycopg.connect(**addresses.owner(home, environ)).close()  # type: ignore[arg-type]
    except addresses.AddressError as error:
        yield broken(
            Text("%(name)s: %(why)s.", {"name": error.name, "why": error.why}),
            _("Nothing works without the database."),
            _("Fix %(name)s.", name=error.name),
        )
        return
    except addresses.PoolerError as error:
        yield broken(
            Text(f"{error}."),
            _("The product does not start."),
            _("Set DATABASE_DIRECT_URL to the server itself."),
        )
        return
    except psycopg.Error as error:
        reason = addresses.reason(error)
        yield broken(
            _("Cannot connect: %(said)s", said=reason),
            _("Nothing works without the database."),
            _("Check host, password and firewall; try it with psql."),
        )
        return
    if version < OLDEST_SERVER or row[1] != "UTF8":
        yield broken(
            _("The server is PostgreSQL %(version)s, encoding %(value)s.", version=version, value=row[1]),
            _("PostgreSQL %(oldest_server)s or newer and UTF8 are needed.", oldest_server=OLDEST_SERVER),
            _("Upgrade, or create the database with ENCODING 'UTF8'."),
        )
    skew = abs((here - row[0]).total_seconds()) if row[0] else 0.0
    if skew > MOST_SKEW:
        yield warning(
            _("This machine's clock and the database's differ by %(skew)s s.", skew=f"{skew:.0f}"),
            _("The order of events and the deadlines get mixed up."),
            _("Turn time synchronisation on, on both machines."),
        )


def standbys(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether DATABASE_READ_URL leads to standbys of this very database."""
    if not addresses.replica_url(environ):
        if environ.get("DATABASE_READ_URL", "").strip():
            yield warning(
                _("DATABASE_READ_URL is set, and DATABASE_URL is not."),
                _("This setting has no effect."),
                _("Unset it."),
            )
        return
    try:
        places = addresses.each(addresses.replica(home, environ))
        with psycopg.connect(**addresses.direct(home, environ)) as server:  # type: ignore[arg-type]
            own, schema = addresses.identity(server), _schema(server)
    except addresses.AddressError as error:
        yield broken(
            Text("%(name)s: %(why)s.", {"name": error.name, "why": error.why}),
            _("The product does not start."),
            _("Fix %(name)s.", name=error.name),
        )
        return
    except psycopg.Error:
        return  # the database's own check says it
    for place in places:
        yield from _standby(place, own, schema)


def _standby(place: Mapping[str, str], own: object, schema: object) -> Iterator[Finding]:
    where = f"{place.get('host') or 'localhost'}:{place.get('port') or 5432}"
    try:
        with psycopg.connect(**place) as server:  # type: ignore[arg-type]
            if addresses.identity(server) != own:
                yield broken(
                    _("%(where)s in DATABASE_READ_URL is another database than DATABASE_URL.", where=where),
                    _("Pages show what is not so."),
                    _("Name standbys of the same server, and the same database."),
                )
            elif server.execute("SELECT pg_is_in_recovery()").fetchone() != (True,):
                yield warning(
                    _("%(where)s in DATABASE_READ_URL is no standby.", where=where),
                    _("What is read burdens the primary, and nothing is read while it is away."),
                    _("Name the standbys, or add target_session_attrs=prefer-standby."),
                )
            elif _schema(server) != schema:
                yield warning(
                    _("The standby %(where)s has not replayed the newest migrations.", where=where),
                    _("Pages may fail there, and are then made again on the primary."),
                    _("See whether it follows the primary: pg_stat_replication."),
                )
    except psycopg.Error as error:
        yield warning(
            _("The standby %(where)s cannot be reached: %(reason)s", where=where, reason=addresses.reason(error)),
            _("The primary answers in its stead; while that is away nothing can be read."),
            _("Check host, password and firewall; try it with psql."),
        )


def _schema(server: psycopg.Connection[Any]) -> object:
    """What tells one state of the tables from another."""
    if server.execute("SELECT to_regclass('public.django_migrations')").fetchone() == (None,):
        return None
    return server.execute("SELECT count(*), max(id) FROM django_migrations").fetchone()


def _embedded(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    mark = postgres.data(home) / "PG_VERSION"
    try:
        major = int(mark.read_text()) if mark.exists() else None
        binaries.find(major, environ)
    except binaries.NoServerError as error:
        yield broken(
            _("No fit PostgreSQL: %(error)s.", error=error),
            _("Data is read by the major version that wrote it; new data needs 17 or newer."),
            _("Run `%(setup)s`, or set CAUNOI_PG_BIN or DATABASE_URL.", setup=SETUP),
        )
    except OSError:
        pass  # the home's own check says it
    yield from root(home, environ)


def root(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Whether root runs the product, or at least this command: then what it makes is root's."""
    if os.geteuid() != 0 or is_demo(environ):
        return
    there = next(path for path in (home, *home.parents) if path.exists())
    uid = there.stat().st_uid
    if there == home and uid != 0:
        try:
            owner_name = pwd.getpwuid(uid).pw_name
        except KeyError:
            owner_name = f"#{uid}"
        yield warning(
            _("This was started by root, and %(home)s belongs to %(owner)s.", home=home, owner=owner_name),
            _("A fault in it could harm the whole machine, and what root writes there the product cannot change."),
            _("Run it as that user: sudo -u '%(owner)s' caunoi …", owner=owner_name),
        )
        return
    yield warning(
        _("The product runs as root."),
        _("A fault in it could harm the whole machine."),
        _(
            "Make a user, give it the home, and start as that user: useradd --system caunoi; chown -R caunoi: "
            "'%(home)s'; sudo -u caunoi caunoi up",
            home=home,
        ),
    )


def built(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    parts = ("web/static/dist/manifest.json", "locale/vi/LC_MESSAGES/django.mo")
    missing = [part for part in parts if not (CHECKOUT / "caunoi" / part).exists()]
    if missing:
        yield broken(
            _("Not built: %(missing)s.", missing=", ".join(missing)),
            _("Pages would lack their styles or their Vietnamese."),
            _("Run: %(setup)s", setup=SETUP),
        )


CHECKS: tuple[Check[Path, Mapping[str, str]], ...] = tuple(
    Check(name=name, part="machine", fine=fine, look=look, health=name in {"home", "folders", "disk"})
    for name, look, fine in (
        ("home", home_folder, _("The home can be written, and by nobody else.")),
        ("folders", folders, _("The folders in it can be written.")),
        ("keys", sound_keys, _("The keys can be used.")),
        ("keys_kept", keys, _("No key that was used is missing.")),
        ("owner", owner, _("All in the home belongs to one user.")),
        ("two_homes", two_homes, _("Shell and service use the same home.")),
        (
            "settings_file",
            settings_file,
            _("The settings file is closed, or there is none."),
        ),
        ("backup", backups, _("There is a fresh backup.")),
        (
            "moments",
            archived,
            _("Any moment can be restored, or none is kept."),
        ),
        ("recipient", recipient, _("The backups' key can be used.")),
        ("disk", disk, _("The disks have room.")),
        ("memory", memory, _("There is memory left.")),
        ("open_files", open_files, _("Enough files may be open.")),
        ("clock", clock, _("Clock and time zones are usable.")),
        ("packages", packages, _("The packages are those that were tried.")),
        ("built", built, _("Assets and translations are built.")),
        ("database", database, _("The database can be used.")),
        ("standbys", standbys, _("What is read from standbys comes from this database, or there are none.")),
    )
)
