"""An installation whose starter model is missing or damaged: nothing is proposed, nothing breaks, what a rule says of
danger still rings.

Proves: without a model the desk's form, the queue, a citizen's report and alarms go on, with no word of proposals"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client

from caunoi.checks import people
from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.triage import alarms, alike, likes, queries, ringing, starter
from caunoi.triage.alike import Report as Heard
from caunoi.triage.models import Alarm
from tests.web.desk.switchboard import client_of

LAMP = "Đèn đường trước nhà tôi không sáng cả tuần nay, bóng đèn hư"
FIRE = "cháy nhà ở hẻm 3 đường Hùng Vương, lửa lan qua nhà bên, còn người trong nhà"


@pytest.fixture(params=["missing", "damaged"])
def without(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    alike.read(Heard(text=LAMP))
    file = tmp_path / "starter.model"
    if request.param == "damaged":
        file.write_bytes(starter.FILE.read_bytes()[:999])
    monkeypatch.setattr(starter, "FILE", file)
    derived = [part.cache_clear for part in vars(alike).values() if hasattr(part, "cache_clear")]
    own = (starter.model.cache_clear, starter.digest.cache_clear)
    caches = (*own, *derived, queries._loaded.clear, queries.present.drop)
    for clear in caches:
        clear()
    yield
    monkeypatch.undo()
    for clear in caches:
        clear()


def test_nothing_is_proposed_and_nothing_breaks(town, work, without):
    ticket = tickets.take(Report(text=LAMP, channel="web", once="c"), by=citizen())
    work()
    understanding = queries.understand(LAMP)
    assert (understanding.category, understanding.is_gated) == (None, False)
    assert likes.like(Heard(text=LAMP), town.lan) == []
    desk = client_of(town, "lan")
    for address in ("/desk/", "/desk/new", f"/desk/{ticket.code}/", f"/desk/{ticket.code}/around", "/desk/alarms/"):
        answer = desk.get(address)
        assert answer.status_code == 200 and "Đề xuất" not in answer.content.decode(), address
    hints = desk.post("/desk/hints", {"text": LAMP})
    assert hints.status_code == 200 and "data-offer" not in hints.content.decode()
    assert client_of(town, "quan").get("/setup/triage/").status_code == 200
    assert Client().post("/report", {"text": LAMP}).status_code in (200, 302)


def test_what_a_rule_says_of_danger_rings(town, work, without):
    ticket = tickets.take(Report(text=FIRE, channel="web", once="c"), by=citizen())
    ringing.listen(list(history(ticket)))
    assert Alarm.objects.get().number == "114" and alarms.call_first(FIRE) == "114"
    page = client_of(town, "lan").get("/desk/alarms/ringing").content.decode()
    assert "data-alarm" in page and "114" in page


def test_doctor_complains(town, without):
    assert any("model" in one.what.in_("en") for one in people.alarms())
