"""What can go wrong with acts: two at once, one over another, taken back, cut off, raced, sent twice.

Proves: Draft → scheduled → in force at the first minute of the day in Vietnam; taken back before, everything is as
it was (all tables compared), also when new tickets came meanwhile
Proves: One transaction: cut off in the middle nothing happened; a ticket that moves at that moment is waited for;
twice is once; two acts on one agency a day refused; an act over an act; an heir that another act ends refused; 0
tickets; stragglers taken along a minute later"""

import threading
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.test import Client
from django.urls import reverse

from caunoi.directory.models import Agency
from caunoi.directory.queries import forget
from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.reorganisation import actions, queries, tasks
from caunoi.reorganisation.models import Act
from caunoi.reorganisation.plan import Change
from caunoi.routing import actions as routing
from caunoi.routing import queries as custody
from caunoi.routing.models import Handover
from caunoi.sla import succession as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from tests.reorganisation.conftest import DAY, agency, scheduled


def everything():
    """Every row of the product, but what only says that something happened."""
    own = {"act", "line", "event", "session", "job"}
    return {
        model._meta.label: sorted(map(repr, model._default_manager.values()))
        for model in apps.get_models()
        if model.__module__.startswith("caunoi.") and model._meta.model_name not in own
    }


def codes(act):
    return [p.code for p in queries.problems(act)]


def test_until_its_day_it_is_taken_back_and_everything_is_as_it_was_with_what_came_meanwhile(town, take, merged, clock):
    take("working")
    act = merged()
    clock(days=3)
    take("routed")  # while it is scheduled
    before = everything()
    actions.unschedule(act, by=town.quan)
    assert everything() == before
    clock(to=DAY)
    tasks.keep_up()
    assert everything() == before and queries.act(act.pk).state == "draft"


def test_after_its_day_it_cannot_be_taken_back(town, merged, clock):
    act = merged()
    clock(to=DAY)
    tasks.keep_up()
    with pytest.raises(actions.NotADraftError):
        actions.unschedule(act, by=town.quan)


def test_nothing_happens_before_its_day_in_vietnam(town, take, merged, clock, time_machine):
    act = merged()
    time_machine.move_to("2026-08-31T16:59:59+00:00", tick=False)
    tasks.keep_up()
    assert queries.act(act.pk).state == "scheduled"
    with pytest.raises(actions.NotADraftError):
        actions.carry_out(act)
    time_machine.move_to("2026-08-31T17:00:00+00:00", tick=False)  # midnight there
    tasks.keep_up()
    assert queries.act(act.pk).state == "in_force"


def test_two_acts_on_one_agency_the_same_day_cannot_both_be_scheduled(town, merged, clock):
    merged()
    new = agency("khac", "Công ty Khác", town.works)
    with pytest.raises(actions.ImpossibleActError) as refused:
        scheduled(town, "13/NQ", ("rename", "agency", [town.works], ["khac"]), begins=[new])
    assert [(p.code, p.document) for p in refused.value.problems] == [("not_in_force", "12/NQ-HĐND")]


def test_an_act_cannot_hand_to_an_agency_that_another_ends(town, merged, clock):
    merged()
    ward = town.agencies["ubnd-25195"]
    act = actions.draft("14/NQ", "Giải thể", DAY + timedelta(days=1), by=town.quan)
    line = Change(kind="abolish", what="agency", ends=(ward.pk,), heirs=("dienluc",))
    actions.add(act, [line], by=town.quan)
    assert codes(act) == ["heir_not_in_force"]


def test_an_act_over_an_act_moves_everything_on_to_the_last(town, take, merged, clock, now_named):
    ticket = take("working")
    merged()
    clock(to=DAY)
    tasks.keep_up()
    clock(days=20)
    forget()
    dothi = now_named.agency("dothi")
    line = ("abolish", "agency", [dothi], ["ubnd-25195"])
    scheduled(town, "20/NQ", line, on=DAY + timedelta(days=21))
    clock(days=1)
    tasks.keep_up()
    legs = [(leg.agency.code, leg.state) for leg in custody.custody(ticket)]
    assert legs == [("xncongtrinh", "passed_on"), ("dothi", "passed_on"), ("ubnd-25195", "accepted")]
    town.users["minh"].refresh_from_db()
    assert town.users["minh"].agency.code == "ubnd-25195"
    assert custody.hops(ticket) == 1


def test_what_still_reaches_the_old_agency_is_taken_along_a_minute_later(town, take, merged, clock):
    merged()
    clock(to=DAY)
    tasks.keep_up()
    late = take("routed")  # by a page that was open before midnight
    tasks.keep_up()
    assert custody.lead(late).agency.code == "dothi"
    told = Event.objects.filter(kind__in=["agency.begin", "agency.end"]).order_by("kind", "data__code")
    assert [e.data["code"] for e in told] == ["dothi", "dienluc", "xncongtrinh"]  # once


def test_an_officer_signed_in_while_the_agency_ends_goes_on_with_the_same_tickets(town, take, merged, clock):
    ticket = take("working")
    merged()
    client = Client()
    client.force_login(town.users["minh"], backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("agency:ticket", args=[ticket.code])
    assert client.get(address).status_code == 200
    clock(to=DAY)
    tasks.keep_up()
    client.force_login(town.users["minh"], backend="django.contrib.auth.backends.ModelBackend")  # time went by
    assert client.get(address).status_code == 200
    town.users["minh"].refresh_from_db()
    tickets.move(ticket, "result", by=town.users["minh"].as_actor(), text="Xong")


def test_cut_off_in_the_middle_nothing_has_happened(town, take, merged, clock, monkeypatch):
    take("working")
    act = merged()
    clock(to=DAY)
    before = everything()

    def fall(plan, *, by):
        raise RuntimeError("the power went")

    monkeypatch.setattr(actions, "STAGES", (sla.succeed, fall))
    with pytest.raises(RuntimeError):
        actions.carry_out(act)
    assert everything() == before and queries.act(act.pk).state == "scheduled" and queries.at_work(act) is None


def test_without_a_single_ticket_it_comes_into_force_too(town, merged, clock):
    act = merged()
    clock(to=DAY)
    tasks.keep_up()
    assert queries.act(act.pk).moved["legs"] == 0 and queries.act(act.pk).state == "in_force"


def test_sent_twice_it_is_one_act_and_scheduled_twice_once(town, clock):
    one, two = (actions.draft("9/NQ", "Sắp xếp", DAY, by=town.quan) for _ in range(2))
    assert one == two
    new = agency("moi", "Cơ quan mới", town.works)
    actions.add(one, [Change(kind="rename", what="agency", ends=(town.works.pk,), heirs=("moi",))], [new], by=town.quan)
    for _ in range(2):
        actions.schedule(one, by=town.quan)
    assert Event.objects.filter(kind="act.schedule").count() == 1
    clock(to=DAY)
    for _ in range(2):
        tasks.keep_up()
    assert Agency.objects.filter(name="Cơ quan mới").count() == 1


def test_only_an_administrator_reorganises(town, clock):
    with pytest.raises(NotAllowedError):
        actions.draft("9/NQ", "Sắp xếp", DAY, by=town.tam)


@pytest.mark.django_db(transaction=True)
def test_a_ticket_that_moves_at_that_very_moment_is_waited_for_and_taken_along(work, town, take, merged, clock):
    """Somebody starts work on it and has not committed yet; the act waits, then passes on what it finds."""
    ticket = take("routed")
    act = merged()
    clock(to=DAY)
    held, go = threading.Event(), threading.Event()

    def start():
        with transaction.atomic():
            routing.start(ticket, by=town.minh)
            held.set()
            go.wait(10)
        connections.close_all()

    officer = threading.Thread(target=start)
    officer.start()
    assert held.wait(10)
    done = []
    other = threading.Thread(target=lambda: (done.append(actions.carry_out(act)), connections.close_all()))
    other.start()
    other.join(0.3)
    assert not done  # it waits
    go.set()
    officer.join()
    other.join()
    ticket.refresh_from_db()
    assert (ticket.state, ticket.agency.code) == ("working", "dothi")
    assert [leg.state for leg in custody.custody(ticket)] == ["passed_on", "accepted"]
    assert Handover.objects.filter(ticket=ticket, state="accepted").count() == 1


def test_an_act_of_yesterday_that_cannot_be_stops_no_other(town, merged, clock, monkeypatch):
    merged()
    other = agency("moi", "UBND mới", town.agencies["ubnd-25417"])
    scheduled(town, "30/NQ", ("rename", "agency", [town.agencies["ubnd-25417"]], ["moi"]), begins=[other])
    Agency.objects.filter(pk=town.power.pk).update(valid_to=date(2026, 8, 20))  # retired by hand since
    clock(to=DAY)
    tasks.keep_up()
    assert dict(Act.objects.values_list("number", "state")) == {"12/NQ-HĐND": "scheduled", "30/NQ": "in_force"}


def test_what_is_with_the_centre_stays_there_when_its_commune_ends(town, take, clock):
    ticket = take("accepted")
    act = scheduled(town, "31/NQ", ("merge", "area", [town.ward], ["25417"]))
    clock(to=DAY)
    actions.carry_out(act)
    ticket = Ticket.objects.get(pk=ticket.pk)
    assert (ticket.state, ticket.agency, ticket.area.code, history_kinds(ticket)[-1]) == (
        "accepted",
        None,
        "25417",
        "ticket.resettle",
    )


def history_kinds(ticket):
    return list(
        Event.objects.filter(subject="ticket", subject_id=ticket.pk).order_by("id").values_list("kind", flat=True)
    )
