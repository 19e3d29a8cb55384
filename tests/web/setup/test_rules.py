"""Who is competent, in the browser."""

from caunoi.routing.models import Rule
from caunoi.routing.queries import propose
from caunoi.tickets.models import Ticket

TYPED = {
    "do": "save",
    "category": "lamps",
    "area": "25417",
    "since_hour": "",
    "until_hour": "",
    "to": "dienluc",
    "order": "10",
    "note": "",
}


def best(town, area):
    return propose(Ticket(category=town.lamps, area=area))[0].agency


def tried(client, **asked):
    page = client.get("/setup/rules/", {"category": "lamps", **asked})
    return [one.agency for one in page.context["proposals"]]


def test_a_new_rule_wins_where_it_says_more_and_the_page_shows_it(quan, undo, town):
    response = quan.post("/setup/rules/new", TYPED, follow=True)
    assert best(town, town.commune) == town.power
    assert best(town, town.ward) == town.works
    assert "by its category, by the commune" in response.content.decode()
    undo(response)
    assert best(town, town.commune) == town.works


def test_a_rule_for_the_night_counts_at_night(quan, town):
    quan.post("/setup/rules/new", TYPED | {"area": "", "since_hour": "22", "until_hour": "6"})
    assert tried(quan, hour="23")[0] == "Công ty Điện lực"
    assert tried(quan, hour="12") == ["Xí nghiệp Công trình công cộng"]


def test_the_list_stands_in_the_order_in_which_rules_win(quan, town):
    quan.post("/setup/rules/new", TYPED)
    first = quan.get("/setup/rules/").context["rows"][0]
    assert (first.to, first.area) == ("Công ty Điện lực", "Xã Nghĩa Trung")


def test_a_rule_can_be_changed_retired_and_put_back(quan, undo, town):
    rule = Rule.objects.get(category=town.lamps)
    undo(quan.post(f"/setup/rules/{rule.pk}", TYPED | {"area": ""}, follow=True))
    assert best(town, town.ward) == town.works
    quan.post(f"/setup/rules/{rule.pk}", {"do": "retire"})
    assert propose(Ticket(category=town.lamps)) == []
    quan.post(f"/setup/rules/{rule.pk}", {"do": "restore"})
    assert best(town, town.ward) == town.works


def test_a_rule_may_name_a_kind_instead_of_an_agency(quan, town):
    quan.post("/setup/rules/new", TYPED | {"to": "of:commune"})
    assert best(town, town.commune) == town.agencies["ubnd-25417"]


def test_one_hour_without_the_other_is_asked_for(quan, town):
    response = quan.post("/setup/rules/new", TYPED | {"since_hour": "22"})
    assert response.status_code == 422
    assert "Give both hours" in response.content.decode()
    assert Rule.objects.count() == 3
