"""Rules by words, what another rule would have done, and what became of what a rule sent.

Proves: rules as rows with words and hours, dry run over last month, returns beside the rule"""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.events.actor import citizen
from caunoi.lib.vietnamese.writing import fold
from caunoi.routing import actions, rulebook
from caunoi.routing.models import Handover, Rule
from caunoi.routing.rules import Book, dry_run, matching_words, outcomes, phrases, propose
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("dây điện, cột điện", "Day dien dut truoc nha", ("dây điện",)),
        ("dây điện", "DÂY  ĐIỆN\nchùng", ("dây điện",)),
        ("điện", "điện thoại", ("điện",)),
        ("cáp", "cấp sổ đỏ", ("cáp",)),  # without marks they are the same
        ("cây", "cầy cấy", ("cây",)),
        ("ga", "gạch vỡ", ()),  # whole words only
        ("", "dây điện", ()),
        (" , ;", "dây điện", ()),
    ],
)
def test_a_rules_words_are_found_with_or_without_marks(words, text, found):
    assert matching_words(words, fold(text)) == found


def test_words_are_kept_as_they_were_written():
    assert phrases("dây  điện,cột điện;  trụ điện\n") == ("dây điện", "cột điện", "trụ điện")


def test_a_rule_by_words_wins_over_the_field_alone_and_says_why(town):
    rulebook.add_rule(by=town.quan, category=town.lamps, words="dây điện, cột điện", agency=town.power)
    wires = Ticket(category=town.lamps, text="Bong den roi, day dien chung xuong duong", received=now())
    best, second = propose(wires)
    assert (best.agency, best.because, best.words) == (town.power, ("category", "words"), ("dây điện",))
    assert second.agency == town.works
    (only,) = propose(Ticket(category=town.lamps, text="Đèn tắt", received=now()))
    assert only.agency == town.works


@pytest.fixture
def month(town):
    def report(n, text):
        report = Report(text=text, channel="web", once=f"m{n}", category_id=town.lamps.pk, area_id=town.ward.pk)
        return tickets.take(report, by=citizen())

    return [report(n, "Dây điện đứt" if n % 4 == 0 else "Đèn tắt") for n in range(8)]


def test_a_dry_run_says_what_would_go_elsewhere_and_writes_nothing(town, month, django_assert_max_num_queries):
    draft = Rule(category=town.lamps, words="dây điện", agency=town.power)
    with django_assert_max_num_queries(6) as seen:
        found = dry_run(month, instead=draft, since=now() - timedelta(days=30))
    assert all(query["sql"].startswith("SELECT") for query in seen.captured_queries)
    assert found.total == 8
    assert {agency.code: pair for agency, pair in found.counts.items()} == {"xncongtrinh": [8, 6], "dienluc": [0, 2]}
    assert [c.ticket for c in found.changed] == [month[0], month[4]]
    assert found.changed[0].after.words == ("dây điện",)
    assert draft.pk is None and Rule.objects.count() == 3


def test_a_dry_run_of_an_edit_leaves_the_old_rule_out(town, month):
    old = Rule.objects.get(category=town.lamps)
    found = dry_run(month, without=old, instead=Rule(category=town.papers, agency=town.works), since=now())
    assert {a and a.code: pair for a, pair in found.counts.items()} == {"xncongtrinh": [8, 0], None: [0, 8]}


def test_a_book_proposes_as_the_database_does(town, month):
    book = Book.of(list(Rule.objects.all()))
    for ticket in month:
        assert [p.agency for p in book.proposals(ticket)] == [p.agency for p in propose(ticket)]


def test_returns_stand_beside_the_rule_that_caused_them(town, month):
    rule = Rule.objects.get(category=town.lamps)
    for n, ticket in enumerate(month[:5]):
        tickets.move(ticket, "accept", by=town.lan)
        actions.route(ticket, town.works, by=town.lan)  # the rule is found by itself
        if n < 4:
            actions.give_back(ticket, f"Không phải của chúng tôi {n}", by=town.minh)
    tickets.move(month[5], "accept", by=town.lan)
    actions.route(month[5], town.power, by=town.lan)  # against the rules: nobody's
    assert Handover.objects.filter(rule=None).count() == 1
    found = outcomes()[rule.pk]
    assert (found.sent, found.returned) == (5, 4)
    assert [leg.reason[-1] for leg in found.reasons] == ["3", "2", "1"]
