"""What the product's own role in the database may do, table by table: the one declaration.

The *owner* makes the tables (migrations, restore). The *product* logs in for pages, worker and ordinary commands: it
owns nothing, makes nothing, empties nothing, and what is evidence it may write and not change. Grants keep it where a
column or a table is enough; where it depends on the row, a trigger refuses what the rules below do not allow. Both are
made again after every migration. A table that is not declared here is closed to the product.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

READER = "caunoi_reader"  # as whom the product reads for somebody: row-level security holds for it (docs/adr/0027)
MOMENT = "300ms"  # for a table that is to change: whoever asks for it meanwhile waits behind us
PRODUCT = "caunoi_product"  # of the embedded server; with DATABASE_URL it is the user named there
REHEARSED = """(SELECT e."by" FROM {schema}.events_event e WHERE e.subject = 'ticket' AND e.subject_id = OLD.ticket_id
    ORDER BY e.id LIMIT 1) IS NOT DISTINCT FROM 'rehearsal'"""


@dataclass(frozen=True, kw_only=True)
class Rule:
    """How far a table of evidence may change. `change`: the only columns that UPDATE is granted on, None = all of them.
    `keep`: columns that never change, `once`: that are written when they are empty and then stay, `clear`: that may
    only become empty. `final`: once this column is filled, nothing of the row changes. `remove`: which rows may be
    deleted, in SQL over OLD; None = no DELETE is granted."""

    change: tuple[str, ...] | None = None
    keep: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()
    final: str = ""
    remove: str | None = None


RULES: Mapping[str, Rule] = {
    "events_event": Rule(change=("pending", "claimed")),  # the outbox's own; its trigger is in events/migrations
    "events_seal": Rule(change=()),
    "publication_statement": Rule(change=("number", "publication_id"), once=("number",), clear=("publication_id",)),
    "publication_head": Rule(change=()),
    "publication_node": Rule(change=()),
    "publication_testimony": Rule(change=()),
    "publication_foreignhead": Rule(change=()),
    "publication_successor": Rule(change=()),
    "publication_review": Rule(
        keep=("publication_id", "why", "asked", "since"),
        final="done",
        # a draft that nobody has seen goes with its reviews
        remove="""OLD.done IS NULL OR EXISTS (SELECT 1 FROM {schema}.publication_publication p
            WHERE p.id = OLD.publication_id AND p.state = 'draft' AND p.published IS NULL)""",
    ),
    "routing_opening": Rule(change=(), remove=REHEARSED),
    "routing_handover": Rule(
        keep=("ticket_id", "source_id", "agency_id", "role", "hop", "by", "sent"),
        # a move that is undone at once takes back what no agency has accepted (tickets/undoing.py)
        remove=f"OLD.state = 'sent' AND OLD.accepted IS NULL OR {REHEARSED}",
    ),
    "directory_assurance": Rule(change=("withdrawn",), once=("withdrawn",), final="withdrawn"),
    "confidential_custodian": Rule(
        change=("confirmed", "confirmed_by_id", "ended", "ended_by_id"),
        once=("confirmed", "confirmed_by_id", "ended", "ended_by_id"),
        final="ended",
    ),
    "ratings_rating": Rule(
        keep=("ticket_id", "round", "agency_id", "grade", "reasons", "comment", "how", "at"),
        once=("batch_id",),
        remove=REHEARSED,
    ),
}
READ = frozenset({"django_migrations"})
VIEWS = frozenset({"tickets_sight", "tickets_talk"})  # that the inner doors read: settings.ROW_VIEWS
OPEN = frozenset(
    """
    accounts_codeapp accounts_deputy accounts_directorylink accounts_factorreset accounts_key accounts_passkey
    accounts_recovery accounts_recoverycode accounts_serviceaccount accounts_session accounts_user accounts_user_groups
    accounts_user_user_permissions accounts_wrongpassword
    answers_answer answers_citation answers_machinedraft answers_template
    auth_group auth_group_permissions auth_permission
    cells_plane cells_planeedition
    confidential_case confidential_entry confidential_file
    calls_browserphone calls_call calls_callcommand calls_callleg calls_callnote calls_callquality calls_callresult
    calls_dial calls_gap calls_link calls_presence calls_promptversion calls_skill calls_voicechoice calls_voicemenu
    calls_voiceprompt calls_waitnotice
    conversations_callback conversations_contact conversations_contactnote conversations_conversation
    conversations_draft conversations_enclosure conversations_forgery conversations_inbox conversations_joining
    conversations_message conversations_outgoing conversations_receipt conversations_wording
    directives_directive
    directory_agency directory_agencysuccession directory_area directory_areasuccession directory_calendar
    directory_category directory_day directory_formername directory_option directory_outage directory_text
    django_content_type django_session
    drafts_draft drafts_sending
    events_failure
    files_attachment followers_follower
    imports_batch imports_imported imports_oddity
    jobs_lease jobs_periodictask jobs_release
    limits_tally
    notifications_alarmpush notifications_look notifications_notification notifications_push notifications_staffbrowser
    notifications_subscription
    opendata_edition
    privacy_affected privacy_breach privacy_datarequest privacy_hold privacy_term privacy_withdrawal
    procedures_import procedures_note procedures_procedure procedures_question procedures_searchindex procedures_synonym
    procedures_version
    procrastinate_events procrastinate_jobs procrastinate_periodic_defers procrastinate_workers
    publication_blur publication_change publication_edition publication_entry publication_marking
    publication_publication publication_publication_photos publication_recall publication_square publication_witness
    quality_case quality_remark quality_sample quality_score quality_scorecard quality_transcript quality_verdict
    ratings_batch ratings_draw ratings_invitation ratings_refutation
    reorganisation_act reorganisation_line
    reports_alert reports_digest reports_firing reports_form reports_paper reports_recall reports_register
    reports_report
    routing_link routing_rule
    sla_deadline sla_due sla_escalation sla_recount sla_rung sla_target
    statistics_cursor statistics_distribution statistics_hold statistics_pair statistics_span statistics_tally
    store_storedfile
    tickets_assignment tickets_device tickets_exchange tickets_note tickets_onetimecode tickets_participant
    tickets_photo tickets_suggestion tickets_tally tickets_ticket tickets_ticketcall tickets_trace tickets_words
    transfers_arrival transfers_rejection transfers_transfer
    triage_alarm triage_edition triage_figure triage_likeness triage_limit triage_reading
    vault_datakey vault_sharedkey
    """.split()
)
FUNCTIONS = ("caunoi_erase(text, bigint[], jsonb)",)  # of the owner, made by migrations; they record what they do
type Statement = sql.SQL | sql.Composed

ATTRIBUTES = sql.SQL("LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS")
COLUMNS = """SELECT c.relname, array_agg(a.attname ORDER BY a.attnum) FROM pg_class c
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p') GROUP BY 1"""
PRIVILEGES = """SELECT c.relname, a.attname, has_table_privilege(%(role)s, c.oid, 'SELECT'),
        has_column_privilege(%(role)s, c.oid, a.attnum, 'UPDATE'), has_table_privilege(%(role)s, c.oid, 'DELETE'),
        has_table_privilege(%(role)s, c.oid, 'TRUNCATE'), has_table_privilege(%(role)s, c.oid, 'TRIGGER')
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace
        AND (c.relkind IN ('r', 'p') OR c.relkind = 'v' AND c.relname = ANY(%(views)s)) ORDER BY c.relname, a.attnum"""
MADE = "SELECT relname FROM pg_class WHERE relnamespace = %s::regnamespace AND relkind = 'v' AND relname = ANY(%s)"
GUARD = """CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $guard$
BEGIN
    IF pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF {remove} THEN RETURN OLD; END IF;
    ELSIF {change} THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is evidence: this row does not change', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
END $guard$"""


@dataclass(frozen=True, kw_only=True)
class Lack:
    """What the product's role has too much or too little of: table (of UPDATE with the column) and privilege."""

    table: str
    privilege: str
    excess: bool = field(default=False)


def there(server: psycopg.Connection[Any], role: str = PRODUCT) -> bool:
    """Whether there is such a role."""
    return server.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None


def create(server: psycopg.Connection[Any], role: str = PRODUCT) -> None:
    """Makes the role, for a server that lets in whoever reaches its socket; one that is there loses what it should not
    have. The connection is a superuser's."""
    with one_at_a_time(server):
        verb = sql.SQL("ALTER ROLE" if there(server, role) else "CREATE ROLE")
        server.execute(sql.SQL("{} {} {}").format(verb, sql.Identifier(role), ATTRIBUTES))
        server.execute(sql.SQL("GRANT pg_read_all_stats TO {}").format(sql.Identifier(role)))


@contextmanager
def one_at_a_time(server: psycopg.Connection[Any]) -> Iterator[None]:
    """Roles belong to a whole server: of the installations on it one changes them at a time, in one transaction, where
    PostgreSQL would refuse the second ("tuple concurrently updated"). The connection is a superuser's."""
    with server.transaction():
        server.execute("LOCK TABLE pg_authid IN SHARE ROW EXCLUSIVE MODE")
        yield


def apply(server: psycopg.Connection[Any], role: str = PRODUCT) -> None:
    """Gives the role exactly what is declared, in one transaction. The connection is the owner's. LockNotAvailable
    where a table is in use for longer than a moment: rather not done than everybody waiting behind a trigger."""
    with server.transaction():
        server.execute(f"SET LOCAL lock_timeout = '{MOMENT}'".encode())
        for statement in statements(server, role):
            server.execute(statement)


def statements(server: psycopg.Connection[Any], role: str) -> Iterator[Statement]:
    """What gives the role exactly what is declared on the tables that are there."""
    schema, tables = _tables(server)
    who, space = sql.Identifier(role), sql.Identifier(schema)
    yield sql.SQL("REVOKE CREATE ON SCHEMA {} FROM PUBLIC, {}").format(space, who)
    yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(space, who)
    yield sql.SQL("REVOKE ALL ON ALL TABLES IN SCHEMA {} FROM {}").format(space, who)
    yield sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA {} TO {}").format(space, who)
    for rights, names in (
        ("SELECT, INSERT, UPDATE, DELETE", [name for name in tables if name in OPEN]),
        ("SELECT", [*(name for name in tables if name in READ), *_views(server, schema)]),
        # MAINTAIN: the demo's ANALYZE; it changes no row
        ("MAINTAIN", [name for name in tables if name in OPEN | RULES.keys()] if _version(server) >= 17 else []),
    ):
        if names:
            listed = sql.SQL(", ").join(sql.Identifier(schema, name) for name in names)
            yield sql.SQL("GRANT {} ON {} TO {}").format(sql.SQL(rights), listed, who)
    for name, columns in tables.items():
        if rule := RULES.get(name):
            yield from _evidence(schema, name, columns, rule, who)
            yield from _guard(server, schema, name, columns, rule)
    for signature in FUNCTIONS:
        row = server.execute("SELECT to_regprocedure(%s)", [f"{schema}.{signature}"]).fetchone()
        if row and row[0]:
            target = sql.SQL("FUNCTION {}.{}").format(space, sql.SQL(signature))
            yield sql.SQL("REVOKE ALL ON {} FROM PUBLIC").format(target)
            yield sql.SQL("GRANT EXECUTE ON {} TO {}").format(target, who)


def lacking(server: psycopg.Connection[Any], role: str) -> list[Lack]:
    """What the role has on the declared tables and should not have, and the reverse."""
    result = []
    for name, column, read, change, delete, empty, trigger in server.execute(
        PRIVILEGES, {"role": role, "views": [*VIEWS]}
    ):
        rule = RULES.get(name)
        is_open = name in OPEN or (rule is not None and rule.change is None)
        changes = is_open or (rule is not None and column in (rule.change or ()))
        expected = {
            "SELECT": (read, name in OPEN | READ | VIEWS or rule is not None),
            "UPDATE": (change, changes),
            "DELETE": (delete, name in OPEN or (rule is not None and rule.remove is not None)),
            "TRUNCATE": (empty, False),
            "TRIGGER": (trigger, False),
        }
        for privilege, (has, should) in expected.items():
            if has != should:
                table = f"{name}.{column}" if privilege == "UPDATE" else name
                result.append(Lack(table=table, privilege=privilege, excess=has))
    return list(dict.fromkeys(result))


def script(database: str, role: str = PRODUCT) -> str:
    """What the administrator of a server of one's own runs once, to part the product from the owner of its tables."""
    return f"""-- as a superuser, in the database {database}; then set
--   DATABASE_URL       to the address with the user {role} (processes and ordinary commands)
--   DATABASE_OWNER_URL to the address with today's user (migrations, upgrade, backup, restore)
-- and run `caunoi migrate`, which gives {role} what it may do, table by table.
CREATE ROLE {role} {ATTRIBUTES.as_string()} PASSWORD 'choose one';
GRANT CONNECT ON DATABASE "{database}" TO {role};
GRANT pg_read_all_stats TO {role};
CREATE ROLE {READER} NOLOGIN NOINHERIT;
DO $$ BEGIN
  IF current_setting('server_version_num')::int >= 160000 THEN -- before 16 the database does not watch what is seen
    EXECUTE 'GRANT {READER} TO {role} WITH INHERIT FALSE, SET TRUE';
  END IF;
END $$;
"""


def _version(server: psycopg.Connection[Any]) -> int:
    return server.info.server_version // 10000


def _tables(server: psycopg.Connection[Any]) -> tuple[str, dict[str, list[str]]]:
    """The schema of our tables, and each of them with its columns."""
    row = server.execute("SELECT current_schema()").fetchone()
    schema = str(row[0]) if row and row[0] else "public"
    return schema, dict(sorted(server.execute(COLUMNS, [f'"{schema}"']).fetchall()))


def _views(server: psycopg.Connection[Any], schema: str) -> list[str]:
    """Those of VIEWS that are there."""
    return sorted(name for (name,) in server.execute(MADE, [f'"{schema}"', [*VIEWS]]).fetchall())


def _evidence(schema: str, name: str, columns: list[str], rule: Rule, who: sql.Identifier) -> Iterator[Statement]:
    table = sql.Identifier(schema, name)
    # The number of a row is the server's to give: whoever writes cannot put a row between older ones.
    written = [column for column in columns if column != "id"]
    listed = sql.SQL(", ").join(map(sql.Identifier, written))
    yield sql.SQL("GRANT SELECT, INSERT ({}) ON {} TO {}").format(listed, table, who)
    if rule.change is None:
        yield sql.SQL("GRANT UPDATE ON {} TO {}").format(table, who)
    elif rule.change:
        some = sql.SQL(", ").join(map(sql.Identifier, rule.change))
        yield sql.SQL("GRANT UPDATE ({}) ON {} TO {}").format(some, table, who)
    if rule.remove is not None:
        yield sql.SQL("GRANT DELETE ON {} TO {}").format(table, who)


def _guard(
    server: psycopg.Connection[Any], schema: str, name: str, columns: list[str], rule: Rule
) -> Iterator[Statement]:
    """The trigger that refuses what grants cannot tell; only where the rule needs one."""
    missing = ({*rule.keep, *rule.once, *rule.clear} | ({rule.final} - {""})) - {*columns}
    if missing:
        raise ValueError(f"{name} has no column {', '.join(sorted(missing))}")
    conditions = [
        *(f'NEW."{one}" IS NOT DISTINCT FROM OLD."{one}"' for one in rule.keep),
        *(f'(OLD."{one}" IS NULL OR NEW."{one}" IS NOT DISTINCT FROM OLD."{one}")' for one in rule.once),
        *(f'(NEW."{one}" IS NULL OR NEW."{one}" IS NOT DISTINCT FROM OLD."{one}")' for one in rule.clear),
        *([f'(OLD."{rule.final}" IS NULL OR NEW IS NOT DISTINCT FROM OLD)'] if rule.final else []),
    ]
    if not conditions and rule.remove is None:
        return
    function = sql.Identifier(schema, f"caunoi_guard_{name}")
    remove = (rule.remove or "false").format(schema=f'"{schema}"')
    yield sql.SQL(GUARD).format(
        function=function, remove=sql.SQL(f"({remove})"), change=sql.SQL(" AND ".join(conditions) or "true")
    )
    exists = server.execute(
        "SELECT 1 FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'evidence'", [f'"{schema}"."{name}"']
    ).fetchone()
    if not exists:  # making one waits for writers: once is enough
        yield sql.SQL(
            "CREATE TRIGGER evidence BEFORE UPDATE OR DELETE ON {} FOR EACH ROW EXECUTE FUNCTION {}()"
        ).format(sql.Identifier(schema, name), function)
