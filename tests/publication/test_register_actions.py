"""What a ticket's public side says, what a person changes of it, and how it is taken back: each rule by itself."""

from datetime import datetime, timedelta

import pytest

from caunoi import moves
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.publication import actions, queries
from caunoi.publication.models import Publication, Statement
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError

MONDAY = datetime.fromisoformat("2026-08-03T08:00:00+07:00")


def looks(publication):
    return [(r.why, r.by, r.outcome) for r in publication.reviews.exclude(done=None).order_by("done", "id")]


def again(publication):
    return Publication.objects.get(pk=publication.pk)


def never(town, ticket):
    """Its field turns out to be one that is never published."""
    type(ticket.category).objects.filter(pk=ticket.category_id).update(publish="never")
    ticket.refresh_from_db()


def test_a_page_of_the_register_is_read_in_one_statement(town, accepted, django_assert_num_queries):
    held = accepted(area_id=town.ward.pk)
    type(held).objects.filter(pk=held.pk).update(agency=town.works)
    for ticket in (held, accepted("Đèn mờ")):
        actions.propose(ticket)
    with django_assert_num_queries(1):
        rows = list(queries.published())
        assert {row.ticket.category.code for row in rows} == {"lamps"}
        assert {row.ticket.area and row.ticket.area.code for row in rows} == {"25195", None}
        assert {row.ticket.agency and row.ticket.agency.code for row in rows} == {"xncongtrinh", None}
    (placed,) = [row.ticket.area for row in rows if row.ticket.area]
    assert placed.get_deferred_fields() == {"outline"}


def test_what_is_asked_for_by_ids_comes_in_their_order_without_what_is_not_public(town, accepted):
    first, second = (actions.propose(accepted(text)) for text in ("Đèn một tắt", "Đèn hai tắt"))
    draft = actions.propose(accepted("Ồn ào", "noise"))
    assert queries.of_ids([second.pk, draft.pk, first.pk]) == [second, first]


def test_the_pin_is_exact_only_where_the_place_is(town, accepted):
    town.lamps.place = "exact"
    town.lamps.save()
    exact = actions.propose(accepted("Đèn tắt", latitude=11.5198765, longitude=106.8987654))
    assert (exact.latitude, exact.longitude) == (11.51988, 106.89877)
    rough = actions.propose(accepted("Đèn trước nhà anh Bảy Rô tắt", latitude=11.5198765, longitude=106.8987654))
    assert (rough.latitude, rough.longitude) == (11.52, 106.899)


@pytest.mark.parametrize(("name", "most"), [("title", 160), ("place", 200)])
def test_what_is_too_long_for_its_column_is_cut_at_a_word(town, accepted, name, most):
    row = actions.propose(accepted("Ồn ào", "noise"))
    whole = ("đường " * 50)[: most - 2] + "ab"
    for words, kept in ((whole, whole), (whole + "c", whole[: most - 1].rsplit(" ", 1)[0] + "…")):
        actions.publish(row, by=town.thu, note="Tên đường", **{name: words})
        assert getattr(queries.find(row.ticket.code), name) == kept
    assert len(kept) <= most and kept[:-1].split()[-1] == "đường"


@pytest.mark.parametrize("bar", ["restricted", "never", "category"])
def test_nothing_is_proposed_of_what_may_not_be_public(town, accepted, bar):
    ticket = accepted()
    if bar == "never":
        never(town, ticket)
    else:
        type(ticket).objects.filter(pk=ticket.pk).update(**{bar: True if bar == "restricted" else None})
    ticket.refresh_from_db()
    assert actions.propose(ticket) is None and not Publication.objects.exists()


@pytest.mark.parametrize("bar", ["restricted", "never"])
def test_what_turns_out_to_be_nothing_for_the_public_is_taken_back_without_a_reason(town, accepted, bar):
    ticket, lamp = accepted(), accepted("Đèn mờ")
    row, other = actions.propose(ticket), actions.propose(lamp)
    if bar == "never":
        never(town, ticket)
    else:
        type(ticket).objects.filter(pk=ticket.pk).update(restricted=True)
        ticket.refresh_from_db()
    actions.withhold(ticket)
    row = again(row)
    assert (row.state, row.note, row.by) == ("withdrawn", "Tổng đài đã rút nội dung này.", "system")
    assert again(other).state == "published"
    with pytest.raises(NotAllowedError):
        actions.publish(row, by=town.thu, note="Nhầm")


def test_of_what_may_never_be_public_the_draft_is_thrown_away_and_nothing_else(town, accepted):
    draft, kept, other = (accepted(text, "noise") for text in ("Hát", "Khoan", "Chó sủa"))
    rows = [actions.propose(ticket) for ticket in (draft, kept, other)]
    actions.keep(rows[1], by=town.thu)
    actions.withhold(draft)  # it may be public
    assert Publication.objects.count() == 3
    never(town, draft)
    for ticket in (draft, kept):
        ticket.refresh_from_db()
        actions.withhold(ticket)
    assert set(Publication.objects.values_list("pk", "state")) == {(rows[1].pk, "kept"), (rows[2].pk, "draft")}


def test_a_draft_follows_its_ticket_and_the_public_waits_for_a_look(town, accepted, waiting_reasons):
    ticket = accepted("Ồn ào", "noise", address="Chợ")
    row = actions.propose(ticket)
    tickets.edit(ticket, by=town.lan, summary="Ồn ào cả đêm")
    assert actions.propose(ticket).title == "Ồn ào cả đêm" and waiting_reasons(row) == ["text"]
    actions.publish(actions.propose(ticket), by=town.thu)
    assert waiting_reasons(row) == []
    tickets.edit(ticket, by=town.lan, latitude=11.5)
    actions.propose(ticket)
    assert waiting_reasons(row) == [], "a pin is no word"
    tickets.edit(ticket, by=town.lan, address="Bến xe")
    actions.propose(ticket)
    assert (again(row).place, waiting_reasons(row)) == ("Chợ", ["text"])


def test_what_is_public_is_corrected_unless_a_doubt_comes_with_it(town, accepted, waiting_reasons):
    ticket = accepted()
    row = actions.propose(ticket)
    tickets.edit(ticket, by=town.lan, summary="Đèn tắt hai đêm")
    actions.propose(ticket)
    assert again(row).title == "Đèn tắt hai đêm" and waiting_reasons(row) == []
    tickets.edit(ticket, by=town.lan, summary="Cháu bé ngã vì đèn tắt")
    actions.propose(ticket)
    assert again(row).title == "Đèn tắt hai đêm" and waiting_reasons(row) == ["text"]


@pytest.mark.parametrize("category", ["lamps", "noise"])
def test_words_that_a_person_has_edited_stay_theirs(town, accepted, category, waiting_reasons):
    ticket = accepted("Trước chợ", category)
    row = actions.propose(ticket)
    actions.publish(row, by=town.thu, title="Trước chợ Bình Phước", note="Rõ hơn")
    actions.publish(again(row), by=town.thu)  # a look without a change leaves it edited
    tickets.edit(ticket, by=town.lan, summary="Trước chợ, gần nhà tôi")
    actions.propose(ticket)
    assert again(row).title == "Trước chợ Bình Phước" and waiting_reasons(row) == []


def test_a_look_without_a_change_leaves_the_words_to_the_program(town, accepted):
    row = actions.propose(accepted("Ồn ào", "noise"))
    actions.publish(row, by=town.thu)
    assert not again(row).edited


def test_what_a_reviewer_changes_before_it_is_public_is_no_correction(town, accepted, time_machine):
    time_machine.move_to(MONDAY, tick=False)
    row = actions.propose(accepted("Ồn ào", "noise"))
    actions.publish(row, by=town.thu, text="Ồn ào về đêm")
    row = again(row)
    assert (row.published, row.corrected, row.note, row.by) == (MONDAY, None, "", "thu")
    time_machine.move_to(MONDAY + timedelta(hours=1), tick=False)
    actions.publish(row, by=town.tam, text=" Ồn ào về đêm ")  # the same words
    assert again(row).corrected is None
    actions.publish(row, by=town.tam, text="Ồn về đêm", note=" Gọn hơn ")
    row = again(row)
    assert (row.published, row.corrected, row.note, row.by) == (MONDAY, MONDAY + timedelta(hours=1), "Gọn hơn", "tam")
    assert [event.kind for event in history(row.ticket).filter(kind__startswith="publication.")] == [
        "publication.publish",
        "publication.publish",
        "publication.correct",
    ]
    assert looks(row) == [("text", "thu", "publish"), ("text", "tam", "correct"), ("text", "tam", "correct")]


def test_what_is_shown_again_says_no_longer_why_it_was_withdrawn(town, accepted):
    row = actions.propose(accepted())
    first = row.published
    actions.withdraw(row, " Có tên người ", by=town.thu)
    row = again(row)
    assert (row.state, row.note, row.by, queries.find(row.ticket.code)) == ("withdrawn", "Có tên người", "thu", None)
    assert Statement.objects.order_by("id").last().kind == "withdraw"
    actions.publish(row, by=town.tam, text="Đèn tắt")
    row = queries.find(row.ticket.code)
    assert (row.note, row.corrected, row.published) == ("", None, first)
    assert looks(row) == [("text", "thu", "withdraw"), ("text", "tam", "correct")]
    assert Event.objects.filter(kind="publication.withdraw", subject_id=row.ticket_id, by="thu").count() == 1


def test_a_title_and_a_text_are_needed(town, accepted):
    row = actions.propose(accepted("Ồn ào", "noise"))
    for name in ("title", "text"):
        with pytest.raises(MissingDataError) as refused:
            actions.publish(again(row), by=town.thu, **{name: " "})
        assert refused.value.fields == [name]


def test_a_doubt_is_asked_about_before_it_is_public_and_not_after(town, accepted):
    ticket = accepted("Ồn ào", "noise")
    row = actions.propose(ticket)
    actions.publish(row, by=town.thu)
    Publication.objects.update(doubt="children")
    assert actions.publish(again(row), by=town.thu).state == "published"


def test_photos_stay_where_nobody_chose_any(town, accepted, photo):
    ticket, pk = accepted("Ồn ào", "noise"), photo()
    row = actions.propose(ticket)
    tickets.add_photos(ticket, [pk], "report", by=citizen(ticket.pk))
    actions.publish(row, by=town.thu, photos=[pk])
    actions.publish(row, by=town.thu)
    assert [a.pk for a in row.photos.all()] == [pk]
    actions.publish(row, by=town.thu, photos=[])
    assert not row.photos.exists()


@pytest.mark.parametrize("who", ["lan", "minh", "phong", "quan"])
def test_only_reviewers_and_supervisors_take_it_back_and_with_a_reason(town, accepted, who):
    row = actions.propose(accepted())
    with pytest.raises(NotAllowedError):
        actions.withdraw(row, "Sai", by=getattr(town, who))
    with pytest.raises(MissingDataError, match="note"):
        actions.withdraw(row, " ", by=town.thu)
    assert queries.find(row.ticket.code)


def test_a_move_is_undone_until_everybody_has_read_of_it(town, accepted):
    """An answer at once to a question whose public side waits, and to a lamp whose public side does not."""
    for category, public in (("noise", False), ("lamps", True)):
        ticket = accepted(f"Hỏi về {category}", category)
        moves.perform("answer", [ticket], by=town.lan, move_input={"text": "Xong."})
        actions.propose(ticket)
        if public:
            with pytest.raises(NotPossibleError, match="undo"):
                moves.undo(ticket, by=town.lan)
        else:
            moves.undo(ticket, by=town.lan)
        ticket.refresh_from_db()
        assert ticket.state == ("answered" if public else "accepted")
