"""Sessions as rows: what wakes them, what locks and ends them, and what is written down.

Proves: S5 idle lock and absolute end, ended by oneself and by an administrator; a new device is notified; accounts
unused for 45 days are closed, never the last administrator"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import actions, attempts, devices, disuse, sessions
from caunoi.accounts.models import Session, User
from caunoi.calls.actions import set_presence
from caunoi.calls.models import Presence
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.events.models import Event

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36"
PASSWORD = "mùa xoài Cao Lãnh"


def age(name: str, **ago: float) -> None:
    """As if so much time had passed since that person did something."""
    Session.objects.filter(user__username=name).update(seen=now() - timedelta(**ago))


@pytest.fixture
def fast(town: SimpleNamespace, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    User.objects.update(password=make_password(PASSWORD))


@pytest.fixture
def lan(client: Client, town: SimpleNamespace, fast: None) -> Client:
    client.force_login(User.objects.get(username="lan"))
    return client


def enter(name: str, client: Client, agent: str = CHROME) -> int:
    return client.post("/login", {"username": name, "password": PASSWORD}, headers={"User-Agent": agent}).status_code


def kinds(prefix: str = "session.") -> list[str]:
    return list(Event.objects.filter(kind__startswith=prefix).order_by("id").values_list("kind", flat=True))


def test_a_session_locks_when_nobody_does_anything_and_opens_by_signing_in_again(lan: Client) -> None:
    assert lan.get("/desk/").status_code == 200
    age("lan", minutes=14)
    assert lan.get("/desk/").status_code == 200, "15 minutes have not passed"
    assert Session.objects.get().seen > now() - timedelta(minutes=1), "and it is awake again"
    age("lan", minutes=17)
    away = lan.get("/desk/calls/")
    assert away.status_code == 302 and away.url.startswith("/login?next=/desk/calls/") and "over=1" in away.url
    assert 'value="lan"' in lan.get(away.url).content.decode()
    assert Session.objects.get().locked
    age("lan", minutes=0)
    assert lan.get("/desk/").status_code == 302, "locked stays locked"
    assert enter("lan", lan) == 302 and lan.get("/desk/").status_code == 200
    assert sorted(Session.objects.values_list("ending", flat=True)) == ["", "again"]
    assert kinds() == ["session.begin", "session.lock", "session.end", "session.begin"]


def test_what_a_page_asks_by_itself_keeps_nobody_signed_in(lan: Client) -> None:
    lan.get("/desk/")
    age("lan", minutes=10)
    assert lan.get("/notices/bell", headers={"X-Passive": "1", "HX-Request": "true"}).status_code == 200
    assert Session.objects.get().seen < now() - timedelta(minutes=9)
    lan.post("/sessions/here")
    assert Session.objects.get().seen > now() - timedelta(minutes=1)


def test_a_window_locks_its_session_itself(lan: Client) -> None:
    assert lan.post("/sessions/lock", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert lan.get("/desk/").status_code == 200
    assert lan.post("/sessions/lock").status_code == 204
    assert lan.get("/desk/").status_code == 302


def test_after_twelve_hours_everybody_signs_in_again(lan: Client) -> None:
    lan.get("/desk/")
    Session.objects.update(begun=now() - timedelta(hours=12))
    assert lan.get("/desk/").status_code == 302
    assert Session.objects.get().ending == "age"
    assert lan.get("/").status_code == 200


def test_a_session_of_before_there_were_rows_goes_on(lan: Client) -> None:
    session = lan.session
    del session["row"]
    session.save()
    Session.objects.all().delete()
    assert lan.get("/desk/").status_code == 200 and lan.get("/desk/").status_code == 200
    assert Session.objects.count() == 1


def test_ones_devices_are_listed_and_ended(lan: Client, town: SimpleNamespace) -> None:
    other = Client(headers={"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) Version/18.0 Safari/604.1"})
    stranger = Client()
    other.force_login(User.objects.get(username="lan"))
    other.get("/desk/")
    stranger.force_login(User.objects.get(username="tam"))
    lan.get("/desk/")
    page = lan.get("/sessions")
    assert [line.here for line in page.context["lines"]] == [True, False]
    theirs = Session.objects.get(user=town.users["tam"])
    assert lan.post(f"/sessions/{theirs.pk}/end").status_code == 404
    last = Session.objects.filter(user=town.users["lan"]).last()
    assert lan.post(f"/sessions/{last.pk}/end").url == "/sessions"
    assert other.get("/desk/").status_code == 302 and lan.get("/desk/").status_code == 200
    other.force_login(User.objects.get(username="lan"))
    lan.post("/sessions/end")
    assert other.get("/desk/").status_code == 302 and stranger.get("/desk/").status_code == 200
    own = sessions.open_of(town.users["lan"]).get()
    assert lan.post(f"/sessions/{own.pk}/end").url == "/login" and lan.get("/desk/").status_code == 302
    with pytest.raises(NotAllowedError):
        sessions.finish(theirs, by=town.lan)


@pytest.mark.parametrize("way", ["logout", "own session", "locked"])
def test_signing_out_ends_the_session_and_the_duty_at_the_phone(lan: Client, town: SimpleNamespace, way: str) -> None:
    lan.get("/desk/")
    set_presence(town.users["lan"], "available", by=town.lan)
    own = sessions.open_of(town.users["lan"]).get()
    if way == "locked":
        sessions.lock(own)
    lan.post(f"/sessions/{own.pk}/end" if way == "own session" else "/logout")
    assert Event.objects.get(kind="session.end").data == {"username": "lan", "reason": "sign_out"}
    assert not sessions.open_of(town.users["lan"]).exists()
    assert Presence.objects.get(user=town.users["lan"], until=None).state == "off"


def test_an_administrator_signs_somebody_out_everywhere(lan: Client, town: SimpleNamespace) -> None:
    lan.get("/desk/")
    quan = Client()
    quan.force_login(User.objects.get(username="quan"))
    quan.post("/setup/people/lan/", {"do": "sessions"})
    assert lan.get("/desk/").status_code == 302
    assert Event.objects.get(kind="session.end").data == {"username": "lan", "reason": "admin"}
    lan.force_login(User.objects.get(username="lan"))
    assert lan.get("/desk/").status_code == 200
    actions.hand_password(town.users["lan"], by=town.quan)
    assert lan.get("/desk/").status_code == 302


def test_a_new_password_ends_the_other_sessions_alone(town: SimpleNamespace, fast: None) -> None:
    here, there = Client(), Client()
    assert enter("lan", here) == enter("lan", there) == 302
    typed = {"old_password": PASSWORD, "new_password1": "phà Vàm Cống xưa", "new_password2": "phà Vàm Cống xưa"}
    assert here.get("/desk/").status_code == there.get("/desk/").status_code == 200
    assert there.post("/password", typed).status_code == 302
    assert there.get("/desk/").status_code == 200 and here.get("/desk/").status_code == 302
    assert sessions.open_of(town.users["lan"]).count() == 1


def test_a_wrong_password_is_written_down_and_a_name_that_is_nobodys_is_not(client: Client, town, fast: None) -> None:
    client.post("/login", {"username": "lan", "password": "sai"})
    client.post("/login", {"username": "mat-khau-go-nham", "password": "sai"})
    (event,) = Event.objects.filter(kind="session.refuse")
    assert event.subject_id == town.users["lan"].pk and "mat-khau" not in str(list(Event.objects.values()))


def test_a_new_device_is_notified_and_a_known_one_is_not(town: SimpleNamespace, fast: None) -> None:
    first, second = Client(), Client()
    enter("lan", first)
    assert "session.new_device" not in kinds(), "somebody's first"
    enter("lan", first)
    assert "session.new_device" not in kinds()
    enter("lan", second)
    event = Event.objects.get(kind="session.new_device")
    assert event.data["device"] == "Chrome · Windows" and event.by == "system"
    User.objects.update(demo=True)
    assert (
        sessions.begin(User.objects.get(username="lan"), device="", address="", method="password", familiar=False).new
        is False
    ), "the demo's people share their passwords"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (CHROME, "Chrome · Windows"),
        (CHROME.replace("Safari", "coc_coc_browser/131 Safari"), "Cốc Cốc · Windows"),
        (CHROME + " Edg/140.0", "Edge · Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox · Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari · iPhone"),
        ("", ""),
        ("curl/8", ""),
    ],
)
def test_a_device_in_words(agent: str, words: str) -> None:
    assert devices.device(agent) == words


def test_the_mark_of_a_browser_knows_its_people(town: SimpleNamespace) -> None:
    mark = attempts.remember(town.users["lan"], "")
    assert attempts.knows(mark, town.users["lan"]) and not attempts.knows(mark, town.users["tam"])
    assert not attempts.knows("forged", town.users["lan"])


# --- accounts that nobody uses ---------------------------------------------------------------------------------------


def unused(*names: str, days: int = 60) -> None:
    ago = now() - timedelta(days=days)
    User.objects.filter(username__in=names).update(last_login=ago, date_joined=ago)


def test_an_account_that_nobody_used_for_45_days_is_closed_and_opened_by_an_administrator(town) -> None:
    unused("lan", "minh", "hoa")
    unused("hoa", days=44)
    User.objects.filter(username="minh").update(demo=True)
    Session.objects.create(user=town.users["minh"], begun=now(), seen=now())
    assert disuse.close_unused() == 1
    lan = User.objects.get(username="lan")
    assert (lan.is_active, lan.disuse) == (False, True)
    event = Event.objects.get(kind="person.deactivate")
    assert event.data["reason"] == "unused" and event.by == "system"
    actions.activate(lan, by=town.quan)
    lan.refresh_from_db()
    assert lan.is_active and not lan.disuse
    assert disuse.close_unused() == 0, "it counts from when it was opened again"


def test_the_last_administrator_stays(town: SimpleNamespace) -> None:
    other = User.objects.create(username="qua", full_name="Qua", role="admin", password=make_password("x"))
    unused("quan", "qua")
    unused("qua", days=90)
    assert disuse.close_unused() == 1
    assert not User.objects.get(pk=other.pk).is_active and User.objects.get(username="quan").is_active


def test_the_administrator_who_stays_is_one_who_has_signed_in(town: SimpleNamespace) -> None:
    ago = now() - timedelta(days=60)
    for name, more in (("moi", {"date_joined": now()}), ("cho", {"date_joined": ago}), ("demo", {"demo": True})):
        User.objects.create(username=name, full_name=name, role="admin", password=make_password("x"), **more)
    User.objects.filter(username="demo").update(last_login=now())
    unused("quan", days=90)
    assert disuse.close_unused() == 1
    assert User.objects.get(username="quan").is_active and not User.objects.get(username="cho").is_active


def test_never_used_is_closed_only_where_it_could_be_used(town: SimpleNamespace) -> None:
    User.objects.filter(username__in=["lan", "tam"]).update(date_joined=now() - timedelta(days=60), last_login=None)
    User.objects.filter(username="lan").update(password=make_password(None))
    User.objects.filter(username="tam").update(password=make_password("x"))
    disuse.close_unused()
    assert User.objects.get(username="lan").is_active and not User.objects.get(username="tam").is_active
    set_option("unused_days", 0, by=SYSTEM)
    unused("hoa")
    assert disuse.close_unused() == 0


def test_old_sessions_are_ended_and_forgotten(lan: Client) -> None:
    lan.get("/desk/")
    Session.objects.update(begun=now() - timedelta(hours=13))
    sessions.forget_past()
    assert Session.objects.get().ending == "age"
    Session.objects.update(ended=now() - timedelta(days=91))
    sessions.forget_past()
    assert not Session.objects.exists()


def test_whose_rights_change_hears_what_they_may_hear_now(lan: Client, town: SimpleNamespace, monkeypatch) -> None:
    lan.get("/desk/")
    row = Session.objects.get()
    heard: list[dict] = []
    monkeypatch.setattr(sessions, "tell_screens", heard.extend)
    actions.edit_person(User.objects.get(username="lan"), role="supervisor", by=town.quan)
    assert heard == [{"to": [f"session:{row.pk}"], "event": sessions.RENEWED}]
    actions.deactivate(User.objects.get(username="lan"), by=town.quan)
    assert heard[1:] == [{"to": [f"session:{row.pk}"], "event": sessions.SIGNED_OUT, "id": row.pk}]
