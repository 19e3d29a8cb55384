"""Areas, agencies and fields come with the rows that name them, at no statement a row."""

from caunoi.events.actor import citizen
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report


def _some(town, count=3):
    for n in range(count):
        report = Report(text="Đèn tắt", channel="web", once=str(n), category_id=town.lamps.pk, area_id=town.ward.pk)
        tickets.take(report, by=citizen())


def test_names_come_from_memory(town, django_assert_num_queries):
    _some(town)
    list(Ticket.objects.all())  # once, for what is not known yet
    with django_assert_num_queries(1):
        assert {(t.category.name, t.area.name) for t in Ticket.objects.all()} == {(town.lamps.name, town.ward.name)}


def test_what_was_left_out_is_not_asked_for(town, django_assert_num_queries):
    _some(town)
    with django_assert_num_queries(1):
        assert len(Ticket.objects.only("id", "state")) == 3
    with django_assert_num_queries(1):
        assert len(Ticket.objects.defer("category", "area")) == 3


def test_what_one_reader_changes_nobody_else_reads(town):
    _some(town)
    mine, yours = (Ticket.objects.order_by("pk").first() for _ in range(2))
    assert mine.agency is None and mine.category is not yours.category
    mine.category.name = "Tên khác"
    mine.area.name = "Phường khác"
    mine.area.parent = None
    again = Ticket.objects.order_by("pk").first()
    assert [(t.category.name, t.area.name, t.area.parent_id) for t in (yours, again)] == [
        (town.lamps.name, town.ward.name, town.ward.parent_id)
    ] * 2
