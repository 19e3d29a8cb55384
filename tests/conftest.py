"""A small town of people with names and jobs, real PostgreSQL, no network and no waiting."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.utils import translation
from PIL import Image
from psycopg.pq import TransactionStatus
from pytest_django import DjangoDbBlocker, Settings

from caunoi.accounts import factors
from caunoi.accounts.models import User
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import make_inbox
from caunoi.directory import actions as directory
from caunoi.directory import queries as rows
from caunoi.directory.models import Agency, Area, Calendar, Category
from caunoi.directory.options import OPTIONS
from caunoi.events import outbox
from caunoi.events.actor import SYSTEM, Actor, Role
from caunoi.files import actions as files
from caunoi.host import home, postgres
from caunoi.jobs import queue, replica
from caunoi.limits import actions as limits
from caunoi.routing.models import Rule
from caunoi.sla.models import Target
from caunoi.tickets import showings
from caunoi.transfers import neighbours
from caunoi.web.citizen.cacheable import shelf
from tests import copies, examples, migrated

OPTIONS["portal_open"] = replace(OPTIONS["portal_open"], default=True)  # a test of a closed one closes it
if not os.environ.get("DATABASE_URL"):  # the tables of the tests are made and emptied by their owner
    settings.DATABASES["default"]["USER"] = postgres.OWNER
OPTIONS["factor_roles"] = replace(OPTIONS["factor_roles"], default="")  # … of who must have a second factor does too
factors.ALWAYS = ()  # … as custodians, too
settings.HOLD_SECONDS = 0.0  # a test in which messages are held back says so itself
pytest_plugins = ["tests.browser", "tests.chat", "tests.sealing", "tests.standby"]
INERROR = TransactionStatus.INERROR
collect_ignore = ["outside"]  # a suite of its own, which knows nothing of this one
examples.profiles()


def pytest_configure(config: pytest.Config) -> None:
    """The embedded server runs for as long as the tests do; in a home of their own it need not survive a power cut."""
    if os.environ.get("DATABASE_URL") or hasattr(config, "workerinput"):
        return
    own = home.home() == home.CHECKOUT / "var" / "test"
    server = postgres.Server(home.home(), {"fsync": "off", "synchronous_commit": "off"} if own else None)
    server.start()
    config.add_cleanup(server.stop)


ALONE = ("tests/cli/test_up.py", "tests/cli/test_storm_survived.py", "tests/calls/test_bridge_killed.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What starts a browser or the whole product runs on one worker, one after the other: two at once would be two
    products' worth of load on a small machine."""
    for item in items:
        if item.get_closest_marker("browser") or item.location[0].startswith(ALONE):
            item.add_marker(pytest.mark.xdist_group("alone"))


class SameConnection(replica.Bind):
    """What is declared to only read does so on the connection of its test, which sees what the test has made: in a part
    of the test's transaction that only reads. A test without one reads as if it were bound."""

    def __init__(self) -> None:
        connection.ensure_connection()
        self.inside = connection.in_atomic_block

    def begin(self) -> None:
        replica._thread.bind = self
        self._do("SAVEPOINT reads; SET LOCAL transaction_read_only = on")

    def end(self) -> None:
        replica._thread.bind = None
        failed = self.inside and connection.connection and connection.connection.info.transaction_status == INERROR
        self._do("ROLLBACK TO reads; RELEASE reads" if failed else "RELEASE reads")

    def _do(self, statements: str) -> None:
        if self.inside and connection.connection is not None and not connection.connection.closed:
            connection.connection.execute(statements, prepare=False)

    def replayed(self, needs: int = 0) -> replica.Replayed:
        return replica.Replayed()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """Every worker's database is a copy of one that the first of them migrated."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = migrated.template()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What commits leaves the database as migrations made it, so that a worker may go on to any other test. Rows are
    deleted, which takes a tenth of truncating every table."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        made = {
            table: copies.rows_of(cursor, table)
            for table in connection.introspection.django_table_names(only_existing=True)
        }
    filled = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM \"{table}\")" for table in made)

    def emptied(case: TransactionTestCase) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(copies.UNTRIGGERED)
            cursor.execute(filled)
            now_filled = {table for (table,) in cursor.fetchall()}
            for table, rows in made.items():
                if rows or table in now_filled:
                    copies.replace(cursor, table, rows)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


@pytest.fixture(autouse=True)
def only_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replica, "new", SameConnection)


SQUARE = [[106.85, 11.45], [106.95, 11.45], [106.95, 11.60], [106.85, 11.60], [106.85, 11.45]]


def forget() -> None:
    """What is kept in memory between requests."""
    rows.forget()
    conversations.inbox.cache_clear()
    shelf.clear()
    limits.forget()
    showings.forget()
    neighbours.forget()


@pytest.fixture(autouse=True)
def fresh_memory() -> Iterator[None]:
    """What is kept in memory between requests is not kept between tests, nor is a reader's language."""
    translation.deactivate()
    forget()
    yield
    rows.forget()
    conversations.inbox.cache_clear()


@pytest.fixture
def work(transactional_db: None) -> Callable[[], None]:
    """Let the worker do everything that waits."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")  # unmanaged, so Django does not flush it

    def run() -> None:
        while outbox.drain():
            pass
        queue.run()

    return run


@pytest.fixture
def jpeg() -> bytes:
    """A small picture as a phone sends it."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "navy").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def photo(db: None, settings: Settings, tmp_path: Path) -> Callable[..., int]:
    """Take a picture; gives the id of its attachment."""
    settings.MEDIA_ROOT = tmp_path

    def take(colour: str = "navy", by: Actor = SYSTEM) -> int:
        out = io.BytesIO()
        Image.new("RGB", (64, 48), colour).save(out, "JPEG")
        return files.store(out.getvalue(), by=by).pk

    return take


@pytest.fixture
def town(db: None) -> SimpleNamespace:
    """The town, in the test's database."""
    return found_town()


def found_town() -> SimpleNamespace:
    """Bình Phước ward and Nghĩa Trung commune; the utilities company mends lamps, the communes know papers and
    noise."""
    hours = {
        code: Calendar.objects.update_or_create(code=code, defaults={"name": name, "sessions": None})[0]
        for code, name in (("always", "Ngày đêm"), ("office", "Giờ hành chính"))
    }
    always, office = hours["always"], hours["office"]
    province = Area.objects.create(code="75", name="Thành phố Đồng Nai", kind="Thành phố")
    common = {"parent": province, "area_km2": 86.4}
    directory.save_areas(
        [
            {
                "code": "25195",
                "name": "Phường Bình Phước",
                "kind": "Phường",
                "latitude": 11.519,
                "longitude": 106.899,
                "outline": {"type": "Polygon", "coordinates": [SQUARE]},
                **common,
            },
            {
                "code": "25417",
                "name": "Xã Nghĩa Trung",
                "kind": "Xã",
                "latitude": 11.66,
                "longitude": 107.08,
                "outline": None,
                **common,
            },
        ]
    )
    ward, commune = Area.objects.get(code="25195"), Area.objects.get(code="25417")
    directory.save_agencies(
        [
            {"code": "xncongtrinh", "name": "Xí nghiệp Công trình công cộng", "kind": "utility", "calendar": office},
            {"code": "dienluc", "name": "Công ty Điện lực", "kind": "utility", "calendar": always},
            {
                "code": "ubnd-25195",
                "name": "UBND Phường Bình Phước",
                "kind": "commune",
                "area": ward,
                "calendar": office,
            },
            {
                "code": "ubnd-25417",
                "name": "UBND Xã Nghĩa Trung",
                "kind": "commune",
                "area": commune,
                "calendar": office,
            },
        ]
    )
    agencies = {a.code: a for a in Agency.objects.all()}
    lamps = Category.objects.create(
        code="lamps",
        name="Chiếu sáng công cộng",
        name_en="Street lighting",
        group="Hạ tầng",
        publish="at_once",
        order=1,
    )
    papers = Category.objects.create(
        code="identity",
        name="Căn cước, hộ tịch",
        name_en="Identity papers",
        group="Thủ tục",
        kind="question",
        publish="review",
        needs_contact=True,
        order=2,
    )
    noise = Category.objects.create(
        code="noise", name="Tiếng ồn", name_en="Noise", group="Trật tự", publish="review", order=3
    )
    Rule.objects.create(category=lamps, agency=agencies["xncongtrinh"])
    Rule.objects.create(category=papers, of_area="commune")
    Rule.objects.create(category=noise, of_area="commune")
    Target.objects.create(clock="forward", minutes=5, calendar="always")
    Target.objects.create(clock="agency_accept", minutes=8 * 60, calendar="office")
    Target.objects.create(clock="handle", days=5, calendar="office")
    Target.objects.create(clock="handle", category=lamps, days=2, calendar="office")
    Target.objects.create(clock="handle", urgency="urgent", minutes=4 * 60, calendar="office")
    for channel in ("web", "app", "phone", "counter", "paper", "zalo", "email"):
        make_inbox(channel, channel)
    directory.write_text("consent", "Tôi đồng ý.", body_en="I agree.", by=SYSTEM)
    jobs = {
        "lan": (Role.OPERATOR, None),
        "tam": (Role.SUPERVISOR, None),
        "minh": (Role.OFFICER, "xncongtrinh"),
        "hoa": (Role.LEAD, "xncongtrinh"),
        "thu": (Role.REVIEWER, None),
        "phong": (Role.LEADER, None),
        "quan": (Role.ADMIN, None),
        "binh": (Role.OFFICER, "ubnd-25417"),
        "yen": (Role.LEAD, "ubnd-25417"),
        "dung": (Role.OFFICER, "ubnd-25195"),
        "van": (Role.LEAD, "ubnd-25195"),
    }
    people = {}
    for name, (role, agency) in jobs.items():
        user = User(username=name, full_name=name.title(), role=role, agency=agencies.get(agency or ""))
        user.custodian = name in ("tam", "thu")
        user.set_unusable_password()
        user.save()
        people[name] = user
    return SimpleNamespace(
        province=province,
        ward=ward,
        commune=commune,
        lamps=lamps,
        papers=papers,
        noise=noise,
        agencies=agencies,
        works=agencies["xncongtrinh"],
        power=agencies["dienluc"],
        users=people,
        **{name: user.as_actor() for name, user in people.items()},
    )
