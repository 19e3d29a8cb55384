"""Signing in: guessing is bounded, and nobody is locked out by somebody else."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import actions, attempts, queries, service_accounts
from caunoi.accounts.models import Key, User, WrongPassword
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event

RIGHT = "sông Bé mùa nước"
HERE, STRANGER = "10.20.30.40", "198.51.100.66"


@pytest.fixture
def town(town: SimpleNamespace, settings: Settings) -> SimpleNamespace:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # a try need not be slow here
    User.objects.update(password=make_password(RIGHT))
    return town


def sign_in(name: str, password: str, address: str, client: Client | None = None) -> HttpResponse:
    client = client or Client(headers={"accept-language": "en"})
    return client.post("/login", {"username": name, "password": password}, REMOTE_ADDR=address)


def test_a_stranger_is_stopped_and_the_person_elsewhere_is_not(town: SimpleNamespace) -> None:
    answers = [sign_in("quan", "x", STRANGER).status_code for _ in range(12)]
    assert answers == [200] * 5 + [429] * 7
    assert sign_in("quan", RIGHT, STRANGER).status_code == 429
    assert sign_in("quan", RIGHT, HERE).status_code == 302


def test_behind_a_proxy_that_nobody_named_a_browser_that_is_known_still_comes_in(town: SimpleNamespace) -> None:
    own = Client()
    assert sign_in("quan", RIGHT, HERE, own).status_code == 302
    own.post("/logout")
    for _ in range(12):
        sign_in("quan", "x", HERE)
    assert sign_in("quan", RIGHT, HERE).status_code == 429
    assert sign_in("quan", RIGHT, HERE, own).status_code == 302
    other = Client()
    other.cookies["browser"] = own.cookies["browser"].value + "x"
    assert sign_in("quan", RIGHT, HERE, other).status_code == 429, "a forged mark is none"


def test_a_known_browser_may_not_guess_for_ever_either(town: SimpleNamespace) -> None:
    own = Client()
    sign_in("quan", RIGHT, HERE, own)
    own.post("/logout")
    assert [sign_in("quan", "x", HERE, own).status_code for _ in range(6)] == [200] * 5 + [429]
    assert sign_in("lan", RIGHT, HERE, own).status_code == 302, "for another name it is like any browser"


def test_many_names_from_one_address_are_stopped_too(town: SimpleNamespace) -> None:
    answers = [sign_in(f"cb-{n % 50}", "demo", STRANGER).status_code for n in range(35)]
    assert answers == [200] * attempts.ADDRESS_TRIES + [429] * 5
    assert sign_in("lan", RIGHT, HERE).status_code == 302


def test_a_subscriber_of_ipv6_is_one_address(town: SimpleNamespace) -> None:
    for n in range(5):
        sign_in("quan", "x", f"2001:db8:1:2::{n:x}")
    assert sign_in("quan", RIGHT, "2001:db8:1:2::ffff").status_code == 429
    assert sign_in("quan", RIGHT, "2001:db8:1:3::1").status_code == 302


def test_a_quarter_of_an_hour_later_it_may_be_tried_again_and_nothing_is_kept(town: SimpleNamespace) -> None:
    for _ in range(5):
        sign_in("quan", "x", HERE)
    assert not WrongPassword.objects.filter(source__contains="quan").exists()
    WrongPassword.objects.update(at=now() - timedelta(minutes=16))
    assert sign_in("quan", RIGHT, HERE).status_code == 302
    assert not WrongPassword.objects.exists()


def test_a_right_password_counts_no_more_and_neither_do_its_mistakes(town: SimpleNamespace) -> None:
    for _ in range(3):
        for _ in range(4):
            assert sign_in("lan", "x", HERE).status_code == 200
        assert sign_in("lan", RIGHT, HERE).status_code == 302
    assert WrongPassword.objects.count() == 12, "of the address, for all names"


def test_when_too_many_sign_in_at_once_one_is_asked_to_wait_and_nothing_counts(
    town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.0)
    turns = [attempts.turn() for _ in range(attempts.AT_ONCE)]
    for turn in turns:
        turn.__enter__()
    answer = sign_in("lan", RIGHT, HERE)
    for turn in turns:
        turn.__exit__(None, None, None)
    assert (answer.status_code, answer["Retry-After"]) == (429, "5")
    assert not WrongPassword.objects.exists()
    assert sign_in("lan", RIGHT, HERE).status_code == 302


def test_the_demos_passwords_and_keys_open_nothing_where_there_is_no_demo(
    town: SimpleNamespace, settings: Settings
) -> None:
    User.objects.filter(username="quan").update(password=make_password("demo1022!"))
    for use in Key.Use:
        actions.issue_key(use, use, by=SYSTEM, user=town.users["quan"], secret=f"demo-{use}")
    opened = (
        lambda: service_accounts.actor_of_token("demo-api"),
        lambda: queries.app("demo-open311"),
        lambda: queries.exchanges().get(queries.digest("demo-cti")),
    )
    settings.DEMO = True
    assert all(one() for one in opened)
    client = Client()
    assert sign_in("quan", "demo1022!", "127.0.0.1", client).status_code == 302
    assert sign_in("quan", "demo1022!", HERE).status_code == 403, "the demo is not for others"
    settings.DEMO = False
    for fresh in (queries.apps, queries.exchanges):
        fresh.drop()
    assert not any(one() for one in opened)
    assert Key.objects.filter(demo=True).count() == len(Key.Use)
    assert sign_in("quan", "demo1022!", HERE).status_code == 200
    assert client.get("/setup/").status_code == 200
    User.objects.filter(username="quan").update(demo=True)
    assert client.get("/setup/").status_code == 302, "whoever came in as long as it was a demo is out"
    actions.hand_password(User.objects.get(username="quan"), by=SYSTEM)
    assert not User.objects.get(username="quan").demo, "a password of one's own is not the demo's"


def test_a_one_time_password_opens_for_its_hours(town: SimpleNamespace) -> None:
    once = actions.hand_password(User.objects.get(username="lan"), by=town.quan)
    assert sign_in("lan", once, HERE).status_code == 302
    User.objects.filter(username="lan").update(handed=now() - timedelta(hours=71, minutes=59))
    assert sign_in("lan", once, HERE).status_code == 302
    User.objects.filter(username="lan").update(handed=now() - timedelta(hours=72, seconds=1))
    answer = sign_in("lan", once, HERE)
    assert answer.status_code == 200 and b"valid for 72 hours" in answer.content
    assert b"72 hours" not in sign_in("lan", "x", HERE).content


def test_somebody_without_a_role_can_do_nothing_and_breaks_no_page(town: SimpleNamespace) -> None:
    User.objects.filter(username="lan").update(role="")
    client = Client(headers={"accept-language": "en"})
    assert sign_in("lan", RIGHT, HERE, client).status_code == 302
    for path in ("/desk/", "/setup/", "/board/", "/agency/", "/notices/", "/password"):
        answer = client.get(path)
        assert (answer.status_code, b"opens nothing yet" in answer.content) == (403, True), path
    assert client.get("/").status_code == 200
    assert client.get("/nothing").status_code == 404
    quan = Client()
    quan.force_login(User.objects.get(username="quan"), backend="django.contrib.auth.backends.ModelBackend")
    assert quan.get("/setup/people/").status_code == quan.get("/setup/imports/all/people.csv").status_code == 200


def test_a_part_of_a_page_leads_the_whole_window_to_sign_in_or_to_a_password_once(town: SimpleNamespace) -> None:
    def part(client: Client, around: str) -> tuple[int, str | None, int]:
        answer = client.get(
            "/notices/bell", headers={"hx-request": "true", "hx-current-url": f"http://testserver{around}"}
        )
        return answer.status_code, answer.headers.get("HX-Redirect"), len(answer.content)

    client = Client()
    assert part(client, "/desk/?q=x") == (401, "/login?next=/desk/%3Fq%3Dx&over=1", 0)
    User.objects.filter(username="lan").update(one_time=True, handed=now())
    sign_in("lan", RIGHT, HERE, client)
    assert part(client, "/desk/") == (401, "/password", 0)
    assert part(client, "/password") == (401, None, 0)
    page = client.get("/password").content.decode()
    assert 'type="password"' in page and "hx-get" not in page and "/logout" in page


def test_a_password_that_was_handed_over_is_not_kept_as_ones_own(town: SimpleNamespace) -> None:
    lan = town.users["lan"]
    lan.set_password("Trao-tay-1022")
    lan.one_time = True
    lan.save()
    client = Client()
    client.force_login(lan)
    old = {"old_password": "Trao-tay-1022"}
    same = client.post("/password", old | {"new_password1": "Trao-tay-1022", "new_password2": "Trao-tay-1022"})
    assert (same.status_code, User.objects.get(pk=lan.pk).one_time) == (422, True)
    own = client.post("/password", old | {"new_password1": "Cua-rieng-1022", "new_password2": "Cua-rieng-1022"})
    assert (own.status_code, User.objects.get(pk=lan.pk).one_time) == (302, False)


def test_whoever_sits_before_an_open_session_does_not_guess_its_password(town: SimpleNamespace) -> None:
    client = Client()
    client.force_login(User.objects.get(username="lan"))
    fields = {"new_password1": "Cua-rieng-1022", "new_password2": "Cua-rieng-1022"}
    statuses = [client.post("/password", fields | {"old_password": f"x{n}"}).status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    assert client.post("/password", fields | {"old_password": RIGHT}).status_code == 429
    assert Event.objects.filter(kind="session.refuse").count() == 12
    WrongPassword.objects.all().delete()
    for _ in range(11):
        assert client.post("/password", {"old_password": RIGHT, "new_password1": "x"}).status_code == 422
    assert client.post("/password", fields | {"old_password": RIGHT}).status_code == 302


def test_a_forms_own_address_leads_a_browser_to_its_page_and_tells_a_program_405(town: SimpleNamespace) -> None:
    client = Client()
    sign_in("lan", RIGHT, HERE, client)
    for path, page in (("/desk/26-000001-0/move/merge", "/desk/26-000001-0/"), ("/notices/seen", "/notices/")):
        assert client.get(path, headers={"accept": "text/html,*/*"}).headers["location"] == page
        assert client.get(path).status_code == 405


def test_what_a_page_loads_by_itself_takes_no_new_session_away(town: SimpleNamespace) -> None:
    """While a password is changed, a part of the page is asked for with the key of before."""
    client = Client()
    client.post("/login", {"username": "lan", "password": RIGHT})
    former = client.cookies["sessionid"].value
    client.post(
        "/password",
        {"old_password": RIGHT, "new_password1": "mùa nước lớn năm nay", "new_password2": "mùa nước lớn năm nay"},
    )
    assert client.cookies["sessionid"].value != former
    late = Client()
    late.cookies["sessionid"] = former
    part = late.get("/notices/bell", headers={"HX-Request": "true", "Sec-Fetch-Mode": "cors"})
    assert "sessionid" not in part.cookies
    assert late.get("/desk/", headers={"Sec-Fetch-Mode": "navigate"}).cookies["sessionid"].value == ""
    assert client.get("/desk/").status_code == 200
