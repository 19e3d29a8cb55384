"""The address of the database: every part of the product reads it here.

Proves: `DATABASE_URL` for another PostgreSQL"""

from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.host import database


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:p%40%2F@a:1,b:2/db?target_session_attrs=read-write",
        "postgres://u:p%40%2F@/db?host=a,b&port=1,2&target_session_attrs=read-write",
    ],
)
def test_both_forms_with_several_hosts_are_one(address: str) -> None:
    found = database.read(address)
    assert {name: found[name] for name in ("user", "password", "host", "port", "dbname", "target_session_attrs")} == {
        "user": "u",
        "password": "p@/",
        "host": "a,b",
        "port": "1,2",
        "dbname": "db",
        "target_session_attrs": "read-write",
    }
    assert database.where(found) == "a:1, b:2, database db"


@given(
    st.text(min_size=6, max_size=20, alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "S"])),
    st.sampled_from(
        [
            "postgresql://u:{}@h/db",
            "postgres//u:{}@h/db",
            "postgresql://u:{}@h:x/db",
            "{}",
            "postgresql://{}",
            "postgresql://u:{}@h/db?sslmode=no",
            "postgresql://u:{}@h",
            "postgresql://u:{}@[::1/db",
        ]
    ),
)
def test_whatever_is_wrong_a_password_is_never_in_what_is_said(secret: str, form: str) -> None:
    secret = f"§{secret}§"
    try:
        found = database.read(form.format(secret))
    except database.AddressError as error:
        said = f"{error} {error.why.in_('vi')} {error.why.in_('en')}"
        assert "§" not in said and "\n" not in said
        assert error.__cause__ is None
    else:
        assert found["dbname"]


def test_the_direct_address_is_the_address_where_none_is_given() -> None:
    given_url = {"DATABASE_URL": "postgresql://u@pool/db"}
    both = {**given_url, "DATABASE_DIRECT_URL": " postgresql://u@server/db "}
    home = Path("/nowhere")
    assert database.direct(home, given_url)["host"] == "pool"
    assert (database.pooled(given_url), database.pooled(both), database.pooled({})) == (False, True, False)
    assert (database.direct(home, both)["host"], database.parameters(home, both)["host"]) == ("server", "pool")
    with pytest.raises(database.AddressError, match=r"^DATABASE_DIRECT_URL: "):
        database.direct(home, {**given_url, "DATABASE_DIRECT_URL": "server/db"})


def test_what_libpq_says_of_many_addresses_becomes_a_line() -> None:
    with pytest.raises(psycopg.OperationalError) as caught:
        psycopg.connect("postgresql://u@127.0.0.1:1,localhost:1/x")
    assert database.reason(caught.value) == "Connection refused"
    assert database.mend(caught.value) == "start the server, or fix host, port and firewall"


def test_a_wait_speaks_once_and_again_when_something_else_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    errors = iter(
        ["failed: Connection refused", "failed: Connection refused", 'failed: FATAL:  database "x" does not exist']
    )
    said: list[str] = []

    def reach(*_: object) -> None:
        if error := next(errors, None):
            raise psycopg.OperationalError(error)

    monkeypatch.setattr(database, "reach", reach)
    database.wait(Path("/nowhere"), {"DATABASE_URL": "postgresql://u:geheim@h/x"}, said.append, lambda seconds: None)
    assert len(said) == 3 and "geheim" not in "".join(said)
    assert "refused" in said[0] and "createdb" in said[1] and "going on" in said[2]


# --- Standbys ---------------------------------------------------------------------------------------------------------


def test_what_only_reads_says_so_whatever_it_leads_to() -> None:
    environ = {"DATABASE_URL": "postgresql://u@p/db", "DATABASE_READ_URL": "postgresql://u@s/db?options=-c%20a%3Db"}
    values = database.replica(Path("/nowhere"), environ)
    assert (values["host"], values["connect_timeout"]) == ("s", "2"), "nobody waits long for it"
    assert values["options"] == "-c a=b -c default_transaction_read_only=on"
    own = database.replica(Path("/nowhere"), {"DATABASE_URL": "postgresql://u@p/db"})
    assert (own["host"], own["options"]) == ("p", "-c default_transaction_read_only=on")
    patient = {**environ, "DATABASE_READ_URL": "postgresql://u@s/db?connect_timeout=9"}
    assert database.replica(Path("/nowhere"), patient)["connect_timeout"] == "9"


def test_a_standby_of_no_database_is_none_and_a_typing_error_is_said() -> None:
    assert database.replica_url({"DATABASE_READ_URL": "postgresql://u@s/db"}) == ""
    with pytest.raises(database.AddressError, match="DATABASE_READ_URL"):
        database.replica(Path("/"), {"DATABASE_URL": "postgresql://u@p/db", "DATABASE_READ_URL": "mysql://u@s/db"})


def test_each_host_of_an_address_is_asked_by_itself() -> None:
    address = database.read("postgresql://u@a:1,b:2/db?target_session_attrs=prefer-standby")
    assert [(one["host"], one["port"], one["target_session_attrs"]) for one in database.each(address)] == [
        ("a", "1", "any"),
        ("b", "2", "any"),
    ]
    (alone,) = database.each(database.read("postgresql://u@a/db"))
    assert alone["host"] == "a" and "port" not in alone
    same = database.each(database.read("postgresql://u@/db?host=a,b&port=7"))
    assert [(one["host"], one["port"]) for one in same] == [("a", "7"), ("b", "7")]
