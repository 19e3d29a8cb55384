"""What lies of a session opens nothing and says nothing; sessions outlive rotations and the release before."""

import pytest
from django.conf import settings as live_settings
from django.contrib.auth import HASH_SESSION_KEY, get_user
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.backends.db import SessionStore as Former
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.test import Client

from caunoi.accounts.session_store import SessionStore, row_key
from caunoi.vault import actions, queries
from tests.crash.faults import REFUSAL

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"


def signed_in(town, name="lan"):
    client = Client()
    client.force_login(town.users[name], backend=BACKEND)
    return client, client.cookies[live_settings.SESSION_COOKIE_NAME].value


def test_a_row_is_no_cookie_and_what_is_shown_once_lies_sealed(town):
    client, key = signed_in(town)
    session = client.session
    session["shown_once"] = "mật khẩu dùng một lần"
    session.save()
    row = Session.objects.get()
    assert row.session_key == row_key(key) and len(row.session_key) == 40
    assert "shown_once" not in row.session_data and SessionStore(key)["shown_once"] == "mật khẩu dùng một lần"
    thief = Client()
    thief.cookies[live_settings.SESSION_COOKIE_NAME] = row.session_key
    assert thief.get("/desk/").status_code == 302
    client.logout()
    assert not Session.objects.filter(session_key=row_key(key)).exists()


def test_a_session_put_under_another_key_is_empty(town):
    _, key = signed_in(town)
    other = "a" * 32
    Session.objects.filter(session_key=row_key(key)).update(session_key=row_key(other))
    assert dict(SessionStore(other).items()) == {}


def test_a_session_of_the_release_before_goes_on_and_moves_under_its_digest(town, settings):
    user = town.users["lan"]
    former = Former()
    former["_auth_user_id"], former["_auth_user_backend"] = str(user.pk), BACKEND
    former[HASH_SESSION_KEY] = user.former_session_hashes()[0]
    former.save()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, [settings.SECRET_KEY]
    request = HttpRequest()
    request.session = SessionStore(former.session_key)
    assert get_user(request) == user
    assert request.session.session_key == former.session_key, "the cookie stays: other requests bring it too"
    request.session["more"] = 1
    request.session.save()
    assert [row.session_key for row in Session.objects.all()] == [row_key(former.session_key)]
    assert SessionStore(former.session_key)["more"] == 1


def test_a_session_is_saved_by_one_statement(town, django_assert_num_queries):
    _, key = signed_in(town)
    session = SessionStore(key)
    session["more"] = 1
    with django_assert_num_queries(3):  # in a transaction of its own
        session.save()
    fresh = SessionStore(key)
    fresh.update({"more": 2})
    fresh.save()
    assert SessionStore(key)["more"] == 2


def test_nobody_is_signed_out_by_a_new_key(town, settings):
    client, _ = signed_in(town)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, []
    assert client.get("/desk/").status_code == 200
    actions.rotate("secrets")
    queries.forget()
    assert client.get("/desk/").status_code == 200
    queries.forget()


def test_a_new_password_ends_the_sessions(town):
    client, _ = signed_in(town)
    town.users["lan"].take_password("một-mật-khẩu-khác-hẳn")
    assert client.get("/desk/").status_code == 302


def test_a_session_that_the_server_did_not_write_in_time_says_so_and_one_that_is_gone_does_too():
    session = SessionStore()
    session.create()

    def refuses(execute, sql, params, many, context):
        if sql.startswith('UPDATE "django_session"'):
            sql, params = REFUSAL, None
        return execute(sql, params, many, context)

    with connection.execute_wrapper(refuses), pytest.raises(OperationalError, match="statement timeout"):
        session.save()
    Session.objects.all().delete()
    with pytest.raises(UpdateError):
        session.save()
