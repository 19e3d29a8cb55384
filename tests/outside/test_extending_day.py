"""A province's own developer adds something, as CONTRIBUTING says, and everybody can use it: page, API, story,
figures.

Proves: checked at start (`caunoi/declared.py`): moves, events, notices, channels, reasons, options without words,
owner, icon, field or reaction keep `migrate`, `up` and `web` from starting, and are named"""

import subprocess
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from stage import CHECKOUT, Person, Product, copied, vietnam_today, wait_until

pytestmark = pytest.mark.long

People = Callable[..., Person]
DAY = timedelta(days=1)
POLICE = """MOVES = _table(
    Move(
        name="police",
        sources=_states("new accepted"),
        target="closed",
        roles=_roles("operator supervisor"),
        label="Hand to the police",
        icon="flag",
        key="h",
        needs=(Datum(name="station", kind=DatumKind.WORDS, label="Police station", citizen=True),),
        may=(datum.NOTE,),
        history=Sentences(staff="Handed to the police", citizen="The police see to it", public=SAME),
        notices=((CITIZEN, "Your report {code} is with the police now."),),
        reactions=("refresh", "propose", "refile", "tell", "announce"),
    ),
"""
WORDS = {
    "Hand to the police": "Chuyển công an",
    "Police station": "Công an nào",
    "Handed to the police": "Đã chuyển công an",
    "The police see to it": "Công an đang giải quyết",
    "Your report {code} is with the police now.": "Phản ánh {code} của bạn đã được chuyển công an.",
}
MEASURE = """        Measure(
            name="answered_at_once",
            title=gettext_noop("Answered at once"),
            unit=SHARE,
            owner=CENTRE,
            more=True,
            read=counting.share("s.answered < s.received + interval '1 hour'", of="s.answered IS NOT NULL"),
            definition=gettext_noop("Of the answered tickets, how many had their answer within an hour."),
            formula=gettext_noop("answered within an hour ÷ answered"),
        ),
        Measure(
            name="on_time",
"""
NOTICE = """    ("ticket.remark", Audience.SUPERVISOR, "A word for the supervisor on {code}."),
    ("ticket.identify", Audience.SUPERVISOR,"""
PAGES = Path(__file__).parent / "extending"
WORDS |= {
    "Answered at once": "Trả lời ngay",
    "Of the answered tickets, how many had their answer within an hour.": "Trong các phiếu đã trả lời, bao nhiêu phiếu "
    "có trả lời trong một giờ.",
    "answered within an hour ÷ answered": "đã trả lời trong một giờ ÷ đã trả lời",
    "A word for the supervisor on {code}.": "Có lời nhắn giám sát ở phiếu {code}.",
    "Today at the centre": "Hôm nay ở trung tâm",
    "%(waiting)s wait for a first look": "%(waiting)s phiếu chờ xem lần đầu",
}
STATION = "Công an phường Mẫu, ông Bảy Rô, 0912345678"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The checkout once more, in which one may write."""
    folder = tmp_path_factory.mktemp("copy") / "caunoi"
    folder.mkdir()
    for name in ("caunoi", "bin", "Makefile", "pyproject.toml", "assets", "requirements"):
        subprocess.run(["cp", "-a", CHECKOUT / name, folder], check=True)
    subprocess.run(["cp", "-al", CHECKOUT / ".venv", folder], check=True)
    return folder


@pytest.fixture(scope="module")
def extended(copy: Path, demo_home: Path) -> Iterator[Product]:
    """The demo province with the developer's move, measure, notice and page: what CONTRIBUTING names, nothing else."""
    own = copy / "caunoi"
    for file, before, after in (
        ("tickets/lifecycle.py", "MOVES = _table(\n", POLICE),
        ("statistics/measures.py", '        Measure(\n            name="on_time",\n', MEASURE),
        ("notifications/notices.py", '    ("ticket.identify", Audience.SUPERVISOR,', NOTICE),
        ("web/desk/urls.py", "    takedown,\n", "    takedown,\n    today,\n"),
        ("web/desk/urls.py", "urlpatterns = [\n", 'urlpatterns = [\n    path("today", today.show, name="today"),\n'),
        ("web/access.py", '    "desk:*": CENTRE,\n', '    "desk:*": CENTRE,\n    "desk:today": SUPERVISOR,\n'),
    ):
        text = (own / file).read_text()
        assert before in text, file
        (own / file).write_text(text.replace(before, after, 1))
    (own / "web/desk/today.py").write_text((PAGES / "today.py.txt").read_text())
    (own / "web/templates/desk/today.html").write_text((PAGES / "today.html").read_text())
    product = Product(copied(demo_home, copy.parent / "home"), {"CAUNOI_DEMO": "1"}, command=copy / "bin" / "caunoi")
    lacking = product.shell("migrate")
    assert lacking.returncode != 0
    assert "no Vietnamese for 'Hand to the police'" in lacking.stderr, lacking.stderr
    assert "Traceback" not in lacking.stderr
    words = "".join(f'msgid "{english}"\nmsgstr "{vietnamese}"\n\n' for english, vietnamese in WORDS.items())
    (copy / "caunoi" / "locale" / "vi" / "police.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n' + words
    )
    assert product.shell("messages", "--check").returncode == 0
    with product:
        yield product


def api(product: Product, path: str, body: dict[str, object] | None = None, user: str = "tam") -> tuple[int, dict]:
    answer = product.ask(f"/api/v1/{path}", body, authorization=f"Bearer demo-api-{user}")
    return answer.status, answer.json


def handled(product: Product) -> int:
    """How many of today's tickets were handled in time, as a leader reads it."""
    status, measure = api(product, f"measures/tickets?from={vietnam_today()}&to={vietnam_today() + DAY}", user="phong")
    assert status == 200, measure
    return measure["rows"][0]["on_time"]


def test_an_operator_hands_a_ticket_to_the_police_with_a_button_that_nobody_wrote(
    extended: Product, person: People
) -> None:
    lan = person(extended, "lan")
    code = lan.take_down("Có người đánh nhau trước cổng chợ").strip("/").split("/")[1]
    page = lan.page
    page.click("#move-police > summary")
    assert "Công an nào" in page.inner_text("#form-police")
    page.fill("#form-police [name=police-station]", STATION)
    page.fill("#form-police [name=police-note]", "Đã gọi trực ban")
    with page.expect_navigation(wait_until="commit"):
        page.click("#form-police .btn-primary")
    page.locator(".toast", has_text="Chuyển công an").wait_for()
    lan.see("Đã chuyển công an")
    lan.see(STATION)
    status, ticket = api(extended, f"tickets/{code}")
    assert (status, ticket["state"]) == (200, "closed")
    assert "ticket.police" in [event["kind"] for event in ticket["events"]]
    assert "Bảy Rô" not in str(ticket["events"])


def test_a_program_does_it_too_and_is_told_what_lacks(extended: Product, person: People) -> None:
    code = person(extended, "lan").take_down("Mất trộm xe đạp ở nhà văn hóa").strip("/").split("/")[1]
    assert "police" in api(extended, f"tickets/{code}")[1]["moves"]
    assert "police" not in api(extended, f"tickets/{code}", user="thu")[1]["moves"]
    assert api(extended, f"tickets/{code}/moves", {"move": "police"}, user="thu")[0] == 403
    status, told = api(extended, f"tickets/{code}/moves", {"move": "police"})
    assert (status, told["fields"]) == (422, ["station"])
    status, ticket = api(extended, f"tickets/{code}/moves", {"move": "police", "station": STATION})
    assert (status, ticket["state"]) == (200, "closed")
    assert api(extended, f"tickets/{code}/moves", {"move": "police", "station": STATION})[0] == 409
    schema = extended.ask("/api/v1/openapi.json").json["components"]["schemas"]["MoveMade"]
    assert "station" in schema["properties"]


def test_the_citizen_reads_it_and_the_figures_count_it(extended: Product, person: People) -> None:
    before = handled(extended)
    code, link = person(extended).report("Thanh niên tụ tập đua xe đêm khuya", address="Đường số 1")
    status, _ = api(extended, f"tickets/{code}/moves", {"move": "police", "station": STATION})
    assert status == 200
    citizen = person(extended)
    citizen.at(link)
    citizen.see("Công an đang giải quyết")
    assert STATION in citizen.text()
    wait_until(lambda: handled(extended) == before + 1, 30, why="it counts as handled in time")


def test_a_leader_reads_a_number_that_nobody_drew(extended: Product, person: People) -> None:
    status, measure = api(extended, "measures/answered_at_once?from=2026-01-01&to=2027-01-01", user="phong")
    assert status == 200, measure
    assert 0 <= measure["rows"][0]["value"] <= 1
    status, by_agency = api(extended, "measures/answered_at_once?by=agency&from=2026-01-01&to=2027-01-01", user="phong")
    assert status == 200 and len(by_agency["rows"]) > 5
    leader = person(extended, "phong")
    leader.at("/board/measures/answered_at_once")
    leader.page.get_by_role("heading", name="Trả lời ngay").first.wait_for()


def test_a_supervisor_opens_a_page_that_others_may_not(extended: Product, person: People) -> None:
    tam = person(extended, "tam")
    tam.at("/desk/today")
    tam.see("phiếu chờ xem lần đầu")
    lan = person(extended, "lan")
    lan.expect(r"403")
    lan.at("/desk/today")
    assert "phiếu chờ xem lần đầu" not in lan.text()


def test_a_supervisor_hears_of_a_remark(extended: Product, person: People) -> None:
    lan, tam = person(extended, "lan"), person(extended, "tam")
    path = lan.take_down("Cống trước nhà văn hóa mất nắp")
    lan.page.fill(f"form[action='{path}remark'] textarea", "Nhờ chị xem giúp, gần trường học")
    with lan.page.expect_navigation(wait_until="commit"):
        lan.page.click(f"form[action='{path}remark'] button")

    def heard() -> bool:
        tam.at("/notices")
        return "Có lời nhắn giám sát ở phiếu" in tam.text()

    wait_until(heard, 30, why="the supervisor's notices")
