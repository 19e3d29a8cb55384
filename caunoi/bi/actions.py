import secrets
from collections.abc import Iterable

from django.db import connection, transaction
from psycopg import sql

from caunoi.bi.views import SCHEMA, VIEWS

SETTINGS = {
    "default_transaction_read_only": "on",
    "statement_timeout": "5min",
    "idle_in_transaction_session_timeout": "1min",
    "search_path": SCHEMA,
}
CONNECTIONS = 10


def _say(*statements: sql.Composed | sql.SQL) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def script(role: str = "") -> list[sql.Composed]:
    """The statements that make the schema and its views again, and let `role` read them."""
    drop, create = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE"), sql.SQL("CREATE SCHEMA {}")
    statements = [statement.format(sql.Identifier(SCHEMA)) for statement in (drop, create)]
    for view in VIEWS:
        name = sql.Identifier(SCHEMA, view.name)
        made = "CREATE VIEW {} WITH (security_barrier) AS " + view.query.replace("{", "{{").replace("}", "}}")
        statements.append(sql.SQL(made).format(name))  # our own words, from views.py
        statements.append(sql.SQL("COMMENT ON VIEW {} IS {}").format(name, sql.Literal(view.meaning)))
    return [*statements, *grants(role)] if role else statements


def grants(role: str) -> list[sql.Composed]:
    """The statements that let a role read the views, and nothing else."""
    schema, who = sql.Identifier(SCHEMA), sql.Identifier(role)
    return [
        sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, who),
        sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, who),
    ]


def readers() -> list[str]:
    """The roles that may read the views now; none where there are no views."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT r.rolname FROM pg_namespace n, aclexplode(n.nspacl) g "
            "JOIN pg_roles r ON r.oid = g.grantee WHERE n.nspname = %s AND r.oid <> n.nspowner ORDER BY 1",
            [SCHEMA],
        )
        return [name for (name,) in cursor.fetchall()]


def there() -> bool:
    """Whether the views were ever made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [SCHEMA])
        return cursor.fetchone() is not None


@transaction.atomic
def make(more: Iterable[str] = ()) -> None:
    """Make the views again; their readers stay, and `more` are added."""
    who = sorted({*readers(), *more})
    _say(*script(), *(statement for role in who for statement in grants(role)))


def drop() -> list[str]:
    """Drop the views, so that columns can change below them; returns their readers."""
    who = readers()
    _say(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SCHEMA)))
    return who


@transaction.atomic
def admit(role: str) -> str:
    """Give a login role a new password and the views, and nothing else; returns the password, which is not stored."""
    password, who = secrets.token_urlsafe(24), sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = %s", [role])
        row = cursor.fetchone()
        if row and row[0]:
            raise ValueError(f"{role} is a superuser")
        verb = "ALTER" if row else "CREATE"
        cursor.execute(
            sql.SQL(verb + " ROLE {} LOGIN NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT {} PASSWORD {}").format(
                who, sql.Literal(CONNECTIONS), sql.Literal(password)
            )
        )
        for name, value in SETTINGS.items():
            cursor.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(who, sql.Identifier(name), sql.Literal(value)))
    make([role])
    return password


@transaction.atomic
def expel(role: str) -> None:
    """Drop a role. It owns nothing, so nothing goes with it."""
    who = sql.Identifier(role)
    _say(sql.SQL("DROP OWNED BY {}").format(who), sql.SQL("DROP ROLE {}").format(who))
