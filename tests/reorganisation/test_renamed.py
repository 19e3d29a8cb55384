"""A rename ends a name, not an agency; of what was merged the record is the follower's, and what ended keeps its
page."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from caunoi.accounts.models import User
from caunoi.directory.boundaries import organised, organised_now
from caunoi.directory.models import Agency, FormerName
from caunoi.directory.queries import forget
from caunoi.events.actor import Role
from caunoi.events.queries import history
from caunoi.notifications import queries as notifications
from caunoi.notifications import tasks as telling
from caunoi.reorganisation import actions, queries, tasks
from caunoi.routing import queries as custody
from caunoi.statistics.figures import grouped
from caunoi.statistics.scope import Scope
from caunoi.tickets.models import Ticket
from caunoi.web.setup import act_plan
from caunoi.web.story import for_public
from tests.reorganisation.conftest import DAY, agency, scheduled

pytestmark = pytest.mark.django_db
NEW = "Trung tâm Hạ tầng đô thị"


@pytest.fixture
def renamed(town, clock):
    def carry(number="99/NQ-HĐND"):
        new = agency("hatang", NEW, town.works)
        act = scheduled(town, number, ("rename", "agency", [town.works], ["hatang"]), begins=[new])
        clock(to=DAY)
        tasks.keep_up()
        forget()
        return queries.act(act.pk)

    return carry


def figures(**more):
    at = datetime(2026, 12, 1, tzinfo=UTC)
    scope = Scope(since=at - timedelta(days=365), until=at, at=at, **more)
    return {row.key: row.total for row in grouped(scope, ["agency"])["agency"]}


def test_it_is_the_same_agency_with_its_people_tickets_and_record(town, take, renamed):
    over, still = take("answered"), take("working")
    legs = [leg.pk for leg in custody.custody(still)]
    act = renamed()
    row = Agency.objects.get(pk=town.works.pk)
    assert (row.code, row.name, row.valid_to) == ("xncongtrinh", NEW, None)
    assert not Agency.objects.filter(code="hatang").exists()
    former = FormerName.objects.get()
    assert (former.agency_id, former.name, former.until) == (row.pk, "Xí nghiệp Công trình công cộng", DAY)
    assert [leg.pk for leg in custody.custody(still)] == legs
    assert {Ticket.objects.get(pk=t.pk).agency_id for t in (over, still)} == {row.pk}
    town.users["minh"].refresh_from_db()
    assert town.users["minh"].agency_id == row.pk
    assert figures() == {"xncongtrinh": 2}
    assert act.moved["renames"] == 1 and act.moved["legs"] == 0


def test_carried_out_again_it_changes_nothing(town, take, renamed):
    take("working")
    act = renamed()
    actions.carry_out(act)
    assert FormerName.objects.count() == 1 and Agency.objects.get(pk=town.works.pk).name == NEW


def test_the_public_story_names_each_step_as_it_was_called_and_the_document(town, take, renamed):
    ticket = take("working")
    renamed()
    steps = for_public(Ticket.objects.get(pk=ticket.pk))
    assert any("Xí nghiệp Công trình" in step.title for step in steps)
    assert NEW in steps[-1].title and steps[-1].text == "99/NQ-HĐND"
    assert history(ticket).last().kind == "ticket.succeed"


def test_of_a_merger_the_figures_are_as_organised_now_or_then(town, take, merged, clock):
    town.users["dien"] = User.objects.create(username="dien", role=Role.OFFICER, agency=town.power)
    take("answered")
    take("answered", agency=town.power)
    take("working")
    merged()
    clock(to=DAY)
    tasks.keep_up()
    forget()
    then = figures(heirs=organised("then"))
    assert then["xncongtrinh"] == then["dienluc"] == then["dothi"] == 1
    assert figures(heirs=organised_now()) == {"dothi": 3}
    for code in ("dothi", "dienluc"):
        assert figures(heirs=organised_now(), agency=code) == {"dothi": 3}
    assert figures(agency="dienluc") == {"dienluc": 1}


def test_what_ended_keeps_its_page_and_is_found_in_the_register(town, take, merged, clock, client):
    merged()
    clock(to=DAY)
    tasks.keep_up()
    forget()
    page = client.get("/agencies/dienluc")
    text = page.content.decode()
    assert page.status_code == 200 and "Theo 12/NQ-HĐND, đơn vị đã sáp nhập từ ngày 01/09/2026." in text
    assert 'href="/agencies/dothi"' in text
    register = client.get("/register?agency=dienluc").content.decode()
    assert '<option value="dienluc" selected' in register and "(đến 01/09/2026)" in register
    follower = client.get("/agencies/dothi").content.decode()
    assert "trước 01/09/2026: " in follower and "Công ty Điện lực" in follower
    assert client.get("/agencies/nobody").status_code == 404


@pytest.fixture
def bell(town):
    def texts(user):
        return [row.notice for row in notifications.mine(town.users[user].as_actor())]

    return texts


def test_whoever_is_moved_and_whoever_leads_is_told(town, renamed, bell, client):
    act = renamed()
    for event in history(act).filter(kind__in=["act.schedule", "act.carry_out"]):
        for _ in range(2):
            telling.tell_moved(event)
    for user, to in (("minh", "agency"), ("hoa", "agency"), ("tam", "supervisor"), ("phong", "leader")):
        assert bell(user) == [f"act.carry_out.{to}", f"act.schedule.{to}"]
    assert bell("lan") == [] and bell("binh") == []
    client.force_login(town.users["minh"], backend="django.contrib.auth.backends.ModelBackend")
    page = client.get(reverse("notices")).content.decode()
    assert "99/NQ-HĐND đã có hiệu lực: " + NEW in page
    row = notifications.mine(town.users["minh"].as_actor())[0]
    answer = client.get(reverse("notice", args=[row.pk]), follow=True)
    assert NEW in answer.content.decode() and answer.status_code == 200


def test_on_the_eve_it_is_said_once_more(town, clock, bell):
    new = agency("hatang", NEW, town.works)
    act = scheduled(town, "99/NQ-HĐND", ("rename", "agency", [town.works], ["hatang"]), begins=[new])
    for _ in range(2):
        actions.remind(DAY)
    (event,) = history(act).filter(kind="act.eve")
    telling.tell_moved(event)
    assert bell("minh") == ["act.eve.agency"]
    actions.remind(DAY - timedelta(days=1))
    assert history(act).filter(kind="act.eve").count() == 1


def test_the_act_itself_goes_on_saying_what_was_renamed_into_what(town, renamed):
    act = renamed()
    (line,) = act_plan.lines(act, queries.lines(act))
    assert line.ends == ["Xí nghiệp Công trình công cộng"]
    assert [(heir.name, heir.new, heir.code) for heir in line.heirs] == [(NEW, False, "")]
