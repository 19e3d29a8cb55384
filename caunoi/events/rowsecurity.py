"""Row-level security: what stands behind the inner doors in PostgreSQL itself.

What a page or a call of the API reads for somebody, it reads as the role READER, to which the database shows only the
rows of their sight. Whatever acts, and the product's own tasks, see all. A model says by `row_door` which ticket,
message or call its rows belong to; settings.SIGHT is what the words of the conditions mean.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from hashlib import sha256
from threading import local
from time import monotonic
from typing import Any

import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest
from django.utils.module_loading import import_string
from psycopg import sql

from caunoi.events.actor import Actor
from caunoi.host import grants
from caunoi.host.grants import READER
from caunoi.jobs import replica

INHERITS = 160000  # the first version in which a role can be taken on without having its rights otherwise
SIGHT = ("sees", "closed", "agency", "area", "ticket")
"""What the database is told about who reads: `caunoi.<name>`, empty where it does not apply."""
AGAIN = 60.0  # seconds until a database that did not enforce it is asked again: it may have been migrated since
_answers: dict[str, float | None] = {}  # database → when it did not; None: it does, for good


def policies() -> dict[str, str]:
    """The condition under which a reader sees a row, by table."""
    doors: Mapping[str, str] = import_string(settings.ROW_DOORS)
    result = {}
    for model in apps.get_models():
        if door := getattr(model, "row_door", ""):
            result[model._meta.db_table] = doors[door].format(table=model._meta.db_table)
    return result


def _there() -> bool:
    """Whether this database has the role, and we may take it on. (Before PostgreSQL 16 whoever may take a role on has
    its restrictions too.)"""
    if connection.connection is None:
        connection.ensure_connection()
    if connection.connection.info.server_version < INHERITS:
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role(oid, 'SET') FROM pg_roles WHERE rolname = %s", [READER])
        row = cursor.fetchone()
    return bool(row and row[0])


def enforced() -> bool:
    """Whether the database itself keeps from readers what they may not see."""
    name = str(connection.settings_dict["NAME"])
    at = _answers.get(name, -AGAIN)
    if at is not None and monotonic() - at >= AGAIN:
        at = _answers[name] = None if _there() else monotonic()
    return at is None


def unwatched() -> list[str]:
    """The tables that have no policy although their model names a door."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_policy JOIN pg_class c ON c.oid = polrelid "
            "WHERE polname = 'sight' AND relrowsecurity"
        )
        watched = {name for (name,) in cursor.fetchall()}
    return sorted(policies().keys() - watched)


@contextmanager
def reading(by: Actor) -> Iterator[None]:
    """What is read inside, is read with an actor's sight. In one transaction; what is written inside needs no more
    sight than that."""
    sight: Mapping[str, Any] | None = import_string(settings.SIGHT)(by)
    if sight is None or not enforced():
        yield
        return
    outer = nullcontext() if (nested := connection.in_atomic_block) else transaction.atomic()
    with outer:
        _tell(f"SET LOCAL ROLE {READER}", sight)
        try:
            yield
        finally:
            if nested and not connection.needs_rollback:
                _tell("SET LOCAL ROLE NONE", {})


def _tell(role: str, sight: Mapping[str, Any]) -> None:
    """One exchange with the server; not through Django, which would count it among what pages ask."""
    words = [f"SET LOCAL caunoi.{name} = '{sight.get(name, '')}'" for name in SIGHT]
    connection.ensure_connection()
    connection.connection.execute("; ".join([*words, role]), prepare=False)


@contextmanager
def unlimited() -> Iterator[None]:
    """What is read inside is read for the product itself, also while a page is made for somebody."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user = %s", [READER])
        limited = cursor.fetchone() == (True,)
    if not limited:
        yield
        return
    connection.connection.execute("SET LOCAL ROLE NONE")
    try:
        yield
    finally:
        if not connection.needs_rollback:
            connection.connection.execute(f"SET LOCAL ROLE {READER}")


class Reading:
    """The sight in which a request is answered that only reads: from when it is known who asks until the answer is
    made."""

    def __init__(self) -> None:
        self.stack: ExitStack | None = None
        self.by: Actor | None = None
        self.depth = 0  # of transactions within which it is all that is open
        self.bound = False  # it is read from a standby

    def begin(self, by: Actor) -> None:
        if self.stack is None:
            self.by, self.stack = by, ExitStack()
            self.stack.enter_context(reading(by))
            self.bound = replica.bound()
            self.depth, _current.reading = len(connection.savepoint_ids), self

    def resume(self) -> None:
        """Begin again where it was ended, for the same actor."""
        if self.by is not None:
            self.begin(self.by)

    def end(self, error: BaseException | None = None) -> None:
        stack, self.stack = self.stack, None
        if stack is not None:
            _current.reading = None
            stack.__exit__(type(error) if error else None, error, error.__traceback__ if error else None)


class _Current(local):
    """Of this thread, as its connection is."""

    reading: Reading | None = None


_current = _Current()


@contextmanager
def apart() -> Iterator[None]:
    """What is done inside is the product's own and commits by itself, also while a page is made for somebody: no lock
    of it is held until the page is answered. Within a transaction that somebody else has begun, it is `unlimited`."""
    own = _current.reading
    if own is None or own.depth != len(connection.savepoint_ids) or own.bound != replica.bound():
        with replica.on_primary(), unlimited():
            yield
        return
    own.end()
    try:
        with replica.on_primary():
            yield
    finally:
        own.resume()


def read_as(request: HttpRequest, by: Actor) -> None:
    """From here on, what this request reads is read with an actor's sight, if it only reads."""
    current: Reading | None = getattr(request, "reading", None)
    if current is not None and request.method in ("GET", "HEAD"):
        current.begin(by)


def apply() -> None:
    """Bring the database's policies up to date; none where the role is missing and may not be made."""
    views: Mapping[str, str] = import_string(settings.ROW_VIEWS)
    functions: Mapping[str, str] = import_string(settings.ROW_FUNCTIONS)
    with connection.cursor() as cursor:
        for name, query in views.items():  # the doors ask them in any case
            _view(cursor, name, query)
        for name, condition in functions.items():
            _function(cursor, name, condition)
        if not _role(cursor):
            return
        conditions = policies()
        for table, condition in conditions.items():
            _policy(cursor, table, condition)
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'sight' AND schemaname = 'public'")
        for (table,) in cursor.fetchall():
            if table not in conditions:
                with _for_a_moment(cursor):
                    cursor.execute(f'DROP POLICY sight ON "{table}"')
                    cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')


def lend(server: psycopg.Connection[Any], product: str) -> None:
    """Let the product's role take the reader's on, without having its rights otherwise; where the owner may not give
    roles, the administrator of the server does it once (grants.script)."""
    to = sql.Identifier(product)
    if server.info.server_version < INHERITS:
        return
    can = server.execute("SELECT pg_has_role(%s, oid, 'SET') FROM pg_roles WHERE rolname = %s", [product, READER])
    if can.fetchone() == (False,):
        with suppress(psycopg.errors.InsufficientPrivilege):
            statement = sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET TRUE").format(sql.Identifier(READER), to)
            server.execute(statement)


def _role(cursor: Any) -> bool:
    """Makes the role where it is missing and we may, and lets it do what the product may; whether it is there."""
    if connection.connection.info.server_version < INHERITS:
        return False
    cursor.execute("SELECT rolcreaterole OR rolsuper FROM pg_roles WHERE rolname = current_user")
    may_make = cursor.fetchone() == (True,)
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [READER])
    if cursor.fetchone() is None:
        if not may_make:
            return False
        cursor.execute(
            f"DO $$ BEGIN CREATE ROLE {READER} NOLOGIN NOINHERIT; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    try:
        if grants.lacking(connection.connection, READER):
            grants.apply(connection.connection, READER)  # in every other respect it is the product
    except psycopg.errors.InsufficientPrivilege:
        return False
    _answers.clear()
    return True


def _view(cursor: Any, name: str, query: str) -> None:
    mark = _mark(query)
    cursor.execute("SELECT obj_description(to_regclass(%s), 'pg_class')", [name])
    if cursor.fetchone() != (mark,):
        with _for_a_moment(cursor):  # who reads a table through its policy reads the view
            cursor.execute(f"CREATE OR REPLACE VIEW {name} AS {query}")
            cursor.execute(f"COMMENT ON VIEW {name} IS '{mark}'")


def _function(cursor: Any, name: str, condition: str) -> None:
    mark = _mark(condition)
    cursor.execute("SELECT obj_description(to_regprocedure(%s), 'pg_proc')", [f"{name}(bigint)"])
    if cursor.fetchone() != (mark,):
        with transaction.atomic():
            cursor.execute(
                f"CREATE OR REPLACE FUNCTION {name}(bigint) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE "
                f"AS $$ BEGIN RETURN {condition}; END $$"
            )
            cursor.execute(f"COMMENT ON FUNCTION {name}(bigint) IS '{mark}'")


@contextmanager
def _for_a_moment(cursor: Any) -> Iterator[None]:
    """A transaction that waits for what it changes for a moment only: whoever asks for it meanwhile waits behind us."""
    with transaction.atomic():
        cursor.execute(f"SET LOCAL lock_timeout = '{grants.MOMENT}'")
        yield


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:16]


def _policy(cursor: Any, table: str, condition: str) -> None:
    mark = _mark(condition)
    cursor.execute(
        "SELECT obj_description(oid, 'pg_policy') FROM pg_policy WHERE polrelid = %s::regclass AND polname = 'sight'",
        [table],
    )
    if cursor.fetchone() == (mark,):
        return
    with _for_a_moment(cursor):
        for policy in ("sight", "all_rows"):
            cursor.execute(f'DROP POLICY IF EXISTS {policy} ON "{table}"')
        cursor.execute(f'CREATE POLICY all_rows ON "{table}" USING (true) WITH CHECK (true)')
        cursor.execute(f'CREATE POLICY sight ON "{table}" AS RESTRICTIVE FOR SELECT TO {READER} USING ({condition})')
        cursor.execute(f"COMMENT ON POLICY sight ON \"{table}\" IS '{mark}'")
        cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
