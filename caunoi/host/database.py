"""Where the database is: one reading of DATABASE_URL and its sisters for every part of the product.

Both of libpq's forms with several hosts are understood, `//user:password@a:1,b:2/name` and
`//user:password@/name?host=a,b&port=1,2`. What is said about a wrong address never shows any of it but the names of
parameters: a password that was not percent-encoded can stand anywhere in it.
"""

import difflib
import os
import re
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from psycopg import pq
from psycopg.conninfo import conninfo_to_dict

from caunoi.host import postgres
from caunoi.host.finding import Text, _

SCHEMES = ("postgresql://", "postgres://")
PATIENT = {  # unless the address says otherwise: a lost host is noticed within seconds, not hours
    "connect_timeout": "5",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}
WATCHFUL = """SELECT set_config('tcp_keepalives_idle', '4', false), set_config('tcp_keepalives_interval', '2', false),
    set_config('tcp_keepalives_count', '2', false), set_config('tcp_user_timeout', '10000', false)"""
"""Of a session at the server itself: it notices within ten seconds that our host is gone, and lets go of what that had
locked; by itself it takes two hours."""
ONLY_READS = "-c default_transaction_read_only=on"
CHOICES = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "target_session_attrs": ("any", "read-write", "read-only", "primary", "standby", "prefer-standby"),
}
WHOLE = ("connect_timeout", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout")
TRIES = 5  # pairs of transactions that a pooler has to answer without sharing a connection
REPEAT = 30.0  # seconds between two words on a database that is waited for


class AddressError(ValueError):
    """An address that cannot be read. Says which variable and what is wrong, and nothing that may be a password."""

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(f"{name}: {why.in_('en')}")
        self.name, self.why = name, why


class PoolerError(Exception):
    """Transactions of one connection reach different connections of the server, and no setting says where the server
    itself is."""


def url(environ: Mapping[str, str] = os.environ) -> str:
    """DATABASE_URL; empty = the embedded server."""
    return environ.get("DATABASE_URL", "").strip()


def direct_url(environ: Mapping[str, str] = os.environ) -> str:
    """Where the server itself is, past any pooler: DATABASE_DIRECT_URL, else DATABASE_URL; empty = the embedded
    server."""
    return environ.get("DATABASE_DIRECT_URL", "").strip() or url(environ)


def pooled(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether DATABASE_URL is a pooler by its settings: then sessions and prepared statements cannot be relied on."""
    return bool(url(environ)) and direct_url(environ) != url(environ)


def owner_url(environ: Mapping[str, str] = os.environ) -> str:
    """DATABASE_OWNER_URL: the same database as its owner, at the server itself; empty = DATABASE_URL's user is it."""
    return environ.get("DATABASE_OWNER_URL", "").strip() if url(environ) else ""


def parameters(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """libpq's parameters of the product's database, as its processes reach it. AddressError."""
    address = url(environ)
    return read(address, "DATABASE_URL") if address else postgres.product(home)


def owner(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """libpq's parameters for the owner of the database's tables: migrations, dumps, restores. AddressError."""
    if not url(environ):
        return postgres.parameters(home)
    address = owner_url(environ)
    return read(address, "DATABASE_OWNER_URL") if address else direct(home, environ)


def direct(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """libpq's parameters of the server itself, for sessions: LISTEN and locks. AddressError."""
    address = direct_url(environ)
    name = "DATABASE_DIRECT_URL" if pooled(environ) else "DATABASE_URL"
    return read(address, name) if address else postgres.product(home)


def replica_url(environ: Mapping[str, str] = os.environ) -> str:
    """DATABASE_READ_URL: a standby of the database, or several; empty = everything is read from the primary."""
    return environ.get("DATABASE_READ_URL", "").strip() if url(environ) else ""


def replica(home: Path, environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """libpq's parameters for a connection that only reads: to a standby, else to the server itself. AddressError."""
    address = replica_url(environ)
    values = read(address, "DATABASE_READ_URL") if address else direct(home, environ)
    if address and "connect_timeout" not in address:
        values["connect_timeout"] = "2"  # who does not get one reads from the primary: nobody waits long
    return values | {"options": f"{values.get('options', '')} {ONLY_READS}".strip()}


def each(parameters: Mapping[str, str]) -> list[dict[str, str]]:
    """The parameters for each of the hosts of an address."""
    result = []
    names = [name for name in ("host", "hostaddr", "port") if "," in parameters.get(name, "")]
    parts = {name: parameters[name].split(",") for name in names}
    for number in range(max((len(values) for values in parts.values()), default=1)):
        own = {name: values[number] for name, values in parts.items()}
        result.append({**parameters, **own, "target_session_attrs": "any"})
    return result


def read(address: str, name: str = "DATABASE_URL") -> dict[str, str]:
    """An address as libpq's parameters: dbname, user, host, port (the latter two comma-separated) and what it says
    after the question mark. AddressError."""
    if not address.startswith(SCHEMES):
        raise AddressError(
            name,
            _("does not begin with postgresql:// (postgresql://user:password@host/name)"),
        )
    _encoded(address, name)
    _check_parameters(address, name)
    try:
        values = {key: str(value) for key, value in conninfo_to_dict(address).items()}
    except (psycopg.ProgrammingError, UnicodeError):  # what they say may quote a password
        raise AddressError(
            name,
            _("cannot be read; write postgresql://user:password@host:port/name"),
        ) from None
    _checked(values, name)
    return {**PATIENT, **values}


def _encoded(address: str, name: str) -> None:
    """There is one @ at most, and neither / nor ? nor # before it."""
    before, at, after = address.partition("://")[2].partition("@")
    if "@" in after or (at and re.search(r"[/?#]", before)):
        raise AddressError(
            name,
            _("has an @ / ? or # in the password that is not percent-encoded (@ is %40, / is %2F)"),
        )


def _check_parameters(address: str, name: str) -> None:
    """Every parameter is one of libpq's. (What is none may be a part of the password.)"""
    keywords = {option.keyword.decode() for option in pq.Conninfo.get_defaults()} | {"ssl"}
    for pair in filter(None, address.partition("?")[2].split("&")):
        word = pair.partition("=")[0]
        if word not in keywords or "=" not in pair:
            near = difflib.get_close_matches(word, keywords, 1)
            raise AddressError(
                name,
                _("has a parameter that PostgreSQL does not know; is %(near)s meant?", near=near[0])
                if near
                else _("has a parameter that PostgreSQL does not know"),
            )


def _checked(parameters: Mapping[str, str], name: str) -> None:
    """What libpq would only find when it connects, or not at all."""
    if not parameters.get("dbname") or "/" in parameters["dbname"]:
        raise AddressError(name, _("the database's name is missing: …@host:port/name"))
    ports, hosts = parameters.get("port", "").split(","), parameters.get("host", "").split(",")
    if any(port and not (port.isdecimal() and 0 < int(port) < 65536) for port in ports):
        raise AddressError(name, _("a port is a number from 1 to 65535"))
    if len(ports) not in (1, len(hosts)):
        why = _("%(ports)s ports for %(hosts)s hosts", ports=len(ports), hosts=len(hosts))
        raise AddressError(name, why)
    for word, choices in CHOICES.items():
        if parameters.get(word, choices[0]) not in choices:
            listed = ", ".join(choices)
            raise AddressError(name, _("%(word)s is one of %(listed)s", word=word, listed=listed))
    for word in WHOLE:
        if not parameters.get(word, "0").isdecimal():
            raise AddressError(name, _("%(word)s is a whole number", word=word))


def where(parameters: Mapping[str, str]) -> str:
    """The hosts and the database as people name them: "db1:5432, db2:5432, database caunoi"."""
    hosts = parameters.get("host", "").split(",")
    ports = parameters.get("port", "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    servers = ", ".join(f"{host or 'localhost'}:{port or 5432}" for host, port in zip(hosts, ports, strict=True))
    return f"{servers}, database {parameters.get('dbname', '')}"


def reason(error: BaseException) -> str:
    """Why there is no connection, in a line without what libpq repeats for every address of a host."""
    lines = [" ".join(line.split()) for line in str(error).splitlines() if line.strip()]
    reasons = [line.rsplit("failed: ", 1)[-1].removeprefix("FATAL: ") for line in lines if "failed: " in line] or lines[
        :1
    ]
    return "; ".join(dict.fromkeys(reasons))


def mend(error: BaseException) -> str:
    """What to do about it."""
    text = str(error)
    for sign, advice in MENDS.items():
        if sign in text:
            return advice
    return "start the server, or fix host, port and firewall"


MENDS = {
    "password authentication failed": "fix the user and password in DATABASE_URL",
    "no password supplied": "put the password into DATABASE_URL",
    "does not exist": "create the user and the database (createuser, createdb), or fix their names in DATABASE_URL",
    "no pg_hba.conf entry": "let this host in: pg_hba.conf on the server",
    "too many clients": "raise max_connections on the server (docs/operating.md, Connections)",
    "remaining connection slots": "raise max_connections on the server (docs/operating.md, Connections)",
    "session is read-only": "there is no primary: let the cluster elect one",
    "session is not read-only": "target_session_attrs asks for a standby: write read-write",
    "starting up": "it is starting; nothing needs to be done",
    "could not translate host name": "fix the host's name in DATABASE_URL, or the name server",
    "SSL": "see whether the server speaks TLS, and sslmode in DATABASE_URL",
}


def wait(
    home: Path,
    environ: Mapping[str, str],
    say: Callable[[str], None],
    sleep: Callable[[float], None] = time.sleep,
    *,
    reads: bool = False,
) -> bool:
    """Returns when the database answers. Says what is missing once, again when it changes, and every REPEAT seconds.
    `reads`: a standby is enough; then False where that is all there is. PoolerError as `reach`."""
    last_line, since, pause = "", 0.0, 0.2
    while True:
        try:
            reach(home, environ)
        except psycopg.Error as error:
            if reads and has_standby(home, environ):
                say(f"{missing(home, environ, error)}. Reading from the standby until then.")
                return False
            if (line := missing(home, environ, error)) != last_line or time.monotonic() - since >= REPEAT:
                say(f"{line}. Waiting for it.")
                last_line, since = line, time.monotonic()
            sleep(pause)
            pause = min(pause * 2, 2.0)
        else:
            if last_line:
                say("the database is there; going on.")
            return True


def has_standby(home: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a standby of DATABASE_READ_URL can be read from now."""
    if not replica_url(environ):
        return False
    try:
        with _open(replica(home, environ)) as server:
            return server.execute("SELECT pg_is_in_recovery()").fetchone() == (True,)
    except psycopg.Error:
        return False


def has_primary(home: Path, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the server itself answers now. PoolerError as `reach`."""
    try:
        reach(home, environ)
    except psycopg.Error:
        return False
    return True


def missing(home: Path, environ: Mapping[str, str], error: BaseException) -> str:
    """What to tell people about a database that does not answer."""
    return f"no database at {where(parameters(home, environ))}: {reason(error)}; {mend(error)}"


def reach(home: Path, environ: Mapping[str, str] = os.environ) -> None:
    """Asks the database something. psycopg.Error where it does not answer; PoolerError where what is to hold sessions
    (LISTEN, locks) leads to a pooler that gives each transaction whichever connection is free, or elsewhere."""
    params = parameters(home, environ)
    with _open(params) as server:
        own = identity(server)
    straight = direct(home, environ)
    if _shares(straight):
        raise PoolerError(
            "DATABASE_DIRECT_URL leads to a pooler too; name the server itself"
            if pooled(environ)
            else "DATABASE_URL leads to a pooler in transaction mode: live screens, locks and the worker's calls need "
            "a "
            "session; set DATABASE_DIRECT_URL to the server itself (postgresql://user:password@host:5432/name)"
        )
    if straight != params:
        with _open(straight) as server:
            if identity(server) != own:
                raise PoolerError("DATABASE_DIRECT_URL leads to another database than DATABASE_URL; name the same one")


def _shares(parameters: Mapping[str, str]) -> bool:
    """Whether two connections that are open at once are one connection of the server. A pooler gives its clients ids of
    its own for the connection, so where the server's is ours, none stands between."""
    ask = "SELECT pg_backend_pid()"
    with _open(parameters) as one:
        first = one.execute(ask).fetchone()
        if first == (one.info.backend_pid,):
            return False
        with _open(parameters) as other:
            for _try in range(TRIES):
                pids = [each.execute(ask).fetchone() for each in (one, other, one)]
                if pids[0] == pids[1] or pids[0] != pids[2]:
                    return True
    return False


def identity(server: psycopg.Connection[Any]) -> tuple[Any, ...] | None:
    """What tells one database of one cluster from another."""
    try:
        return server.execute("SELECT current_database(), system_identifier FROM pg_control_system()").fetchone()
    except psycopg.errors.InsufficientPrivilege:  # some that are rented out do not say
        return server.execute("SELECT current_database(), NULL").fetchone()


def _open(parameters: Mapping[str, str]) -> psycopg.Connection[Any]:
    return psycopg.connect(**parameters, autocommit=True, prepare_threshold=None)  # type: ignore[arg-type]
