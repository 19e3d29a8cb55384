"""Everything that administrators change is written down, in words, and can be taken back."""

from caunoi.directory.actions import edit_category, set_option
from caunoi.directory.queries import category, option
from caunoi.events.models import Event
from caunoi.events.queries import latest
from caunoi.sla.queries import ladder_of
from caunoi.web.setup.changes import FieldChange


def test_the_newest_change_stands_first_with_who_did_it_and_what_it_said_before(quan, town):
    set_option("reopen_days", 20, by=town.quan)
    edit_category(town.lamps, by=town.quan, publish="never", name_en="Lamps")
    first, second = quan.get("/setup/history/").context["changes"][:2]
    assert (first.title, first.about, first.who) == ("Category changed", "Lamps", "Quan")
    assert {(line.label, line.before, line.after) for line in first.lines} == {
        ("Publication", "At once", "Never"),
        ("Name in English", "Street lighting", "Lamps"),
    }
    assert second.lines[0] == FieldChange(label="", before="15 days", after="20 days")


def test_a_change_can_be_undone_from_the_history_and_the_undo_is_history_too(quan, town):
    set_option("reopen_days", 20, by=town.quan)
    event = latest(["option"], size=1)[0]
    quan.post(f"/setup/history/{event.pk}/undo")
    assert option("reopen_days") == 15
    assert len(latest(["option"])) == 2


def test_only_the_last_change_of_a_row_offers_its_undo(quan, town):
    edit_category(town.lamps, by=town.quan, order=5)
    edit_category(town.lamps, by=town.quan, order=6)
    assert [c.undo for c in quan.get("/setup/history/?of=category").context["changes"]] == [True, False]


def test_what_happened_to_tickets_is_no_business_of_setup(quan, town):
    event = Event.objects.create(kind="ticket.create", subject="ticket", subject_id=1, by="lan")
    assert all(c.event != event for c in quan.get("/setup/history/").context["changes"])
    assert quan.post(f"/setup/history/{event.pk}/undo").status_code == 404


def test_a_change_that_changes_nothing_is_no_event(town):
    assert edit_category(category("lamps"), by=town.quan, order=town.lamps.order) is None


def test_a_rung_comes_back_and_the_history_says_it_in_words(quan, undo, town):
    code = "reply+0-supervisor"
    gone = quan.post("/setup/ladder/remove", {"code": code}, follow=True)
    assert code not in [step.code for step in ladder_of("reply")]
    first = quan.get("/setup/history/?of=rung").context["changes"][0]
    assert first.undo and code not in first.about and "at the deadline" in first.about
    undo(gone)
    assert code in [step.code for step in ladder_of("reply")]


def test_a_long_history_has_pages(quan, town):
    for number in range(1, 60):
        set_option("reopen_days", number, by=town.quan)
    page = quan.get("/setup/history/?of=option")
    assert len(page.context["changes"]) == 50
    assert len(quan.get(f"/setup/history/{page.context['older']}").context["changes"]) == 9
