"""What goes public at once, what waits for a person, and what stays private.

Proves: policies at once / after a look / never; children and denunciations proposed "never" by word lists in Setup,
a person confirms
Proves: agencies' answers and photos wait for the same look
Proves: place at street level where a person is concerned (field flag, kind, names in the text), house number gone,
pin on a grid
Proves: withdraw and correct with a public note, leaf in the log"""

from datetime import datetime

import pytest

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.lib.privacy.marking import proposed
from caunoi.publication import actions, queries, readings
from caunoi.publication.models import Marking, Publication, Review, Statement
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.tickets.models import Note

MONDAY = datetime.fromisoformat("2026-08-03T08:00:00+07:00")


@pytest.mark.parametrize("text", ["Cháu bé ngã vì đèn tắt", "Tôi tố cáo đội đèn nhận hối lộ"])
def test_children_and_denunciations_are_not_published_at_once(accepted, text, waiting_reasons):
    row = actions.propose(accepted(text))
    assert row.state == "draft" and row.doubt and waiting_reasons(row) == ["text"]


def test_a_doubt_is_a_person_s_to_settle(town, accepted):
    row = actions.propose(accepted("Cháu bé ngã vì đèn tắt"))
    with pytest.raises(MissingDataError, match="sure"):
        actions.publish(row, by=town.thu)
    assert actions.keep(row, by=town.thu).state == "kept"
    assert queries.find(row.ticket.code) is None and not readings.waiting()
    assert actions.propose(row.ticket).state == "kept"  # whatever happens to the ticket later
    actions.unkeep(row, by=town.thu)
    shown = actions.publish(Publication.objects.get(pk=row.pk), by=town.thu, sure=True)
    assert queries.find(shown.ticket.code) and not readings.waiting()


def test_what_was_public_is_withdrawn_and_not_quietly_kept(town, accepted):
    row = actions.propose(accepted("Đèn tắt"))
    with pytest.raises(NotPossibleError):
        actions.keep(row, by=town.thu)


@pytest.mark.parametrize("who", ["lan", "minh", "phong", "quan"])
def test_only_reviewers_and_supervisors_decide(town, accepted, who):
    row = actions.propose(accepted("Ồn ào", "noise"))
    by = getattr(town, who)
    for act in (
        lambda: actions.keep(row, by=by),
        lambda: actions.publish(row, by=by),
        lambda: actions.mark(row, {}, by=by),
    ):
        with pytest.raises(NotAllowedError):
            act()


def answered(town, ticket, text):
    routing.route(ticket, town.agencies["ubnd-25195"], by=town.lan)
    routing.start(ticket, by=town.dung)
    answers.submit(ticket, text, by=town.dung)
    answers.approve(ticket, by=town.van)
    ticket.refresh_from_db()
    return actions.propose(ticket)


def test_an_agency_s_answer_waits_for_the_same_look(town, accepted, waiting_reasons):
    ticket = accepted("Nhà anh Bảy Rô hát karaoke", "noise", area_id=town.ward.pk)
    actions.publish(actions.propose(ticket), by=town.thu)
    row = answered(town, ticket, "Đã nhắc ông Bảy Rô, điện thoại 0912345678.")
    assert queries.find(ticket.code).answer == "" and waiting_reasons(row) == ["answer"]
    fields = readings.marked(row)
    assert "0912345678" not in fields["answer"].public
    actions.publish(row, by=town.thu, answer=fields["answer"].public)  # what comes later is no correction
    assert "[phone]" in queries.find(ticket.code).answer and waiting_reasons(row) == []


def test_where_the_field_says_at_once_the_answer_is_masked_and_public(town, accepted):
    ticket = accepted("Đèn tắt", area_id=town.ward.pk)
    actions.propose(ticket)
    answered(town, ticket, "Đã thay bóng, gọi 0912345678 nếu cần.")
    assert queries.find(ticket.code).answer == "Đã thay bóng, gọi [phone] nếu cần."


def test_photos_wait_for_a_look_even_where_the_text_does_not(town, accepted, photo, waiting_reasons):
    ticket = accepted("Đèn tắt")
    row = actions.propose(ticket)
    pk = photo()
    tickets.add_photos(ticket, [pk], "report", by=citizen(ticket.pk))
    row = actions.propose(ticket)
    assert waiting_reasons(row) == ["photos"] and queries.photos(row) == []
    actions.publish(row, by=town.thu, photos=[pk])
    assert [a.pk for _, a in queries.photos(Publication.objects.get(pk=row.pk))] == [pk] and waiting_reasons(row) == []
    assert not readings.undecided(row).exists()


def test_a_correction_says_why_and_stands_in_the_log(town, accepted):
    row = actions.propose(accepted("Đèn trước nhà tắt"))
    with pytest.raises(MissingDataError, match="note"):
        actions.publish(row, by=town.thu, text="Đèn tắt")
    actions.publish(row, by=town.thu, text="Đèn tắt", note="Bỏ chi tiết riêng tư")
    shown = queries.find(row.ticket.code)
    assert (shown.text, shown.note, shown.corrected is None) == ("Đèn tắt", "Bỏ chi tiết riêng tư", False)
    last = Statement.objects.order_by("-id").first()
    assert (last.kind, last.said["note"]) == ("correct", "Bỏ chi tiết riêng tư")
    assert Event.objects.filter(kind="publication.correct").count() == 1


def test_a_reviewer_s_choices_are_kept_and_meet_what_comes_later(town, accepted):
    row = actions.propose(accepted("Nhà anh Bảy Rô hát, gọi 0912345678", "noise"))
    fields = readings.marked(row) | {"text": proposed("Nhà anh Bảy Rô hát")}
    actions.mark(row, fields, by=town.thu)
    assert readings.marked(row)["text"].words == "Nhà anh Bảy Rô hát"
    tickets.edit(row.ticket, by=town.lan, address="12/3 đường Lê Lợi")
    row.ticket.refresh_from_db()
    assert readings.marked(row)["place"].public == "đường Lê Lợi"


def test_a_citizen_asks_to_take_it_down_and_hears_why_it_stays(town, accepted, waiting_reasons):
    ticket = accepted("Đèn tắt")
    row, me = actions.propose(ticket), citizen(ticket.pk)
    with pytest.raises(NotAllowedError):
        actions.ask_removal(ticket, "Lộ tôi", by=citizen(ticket.pk + 1))
    with pytest.raises(MissingDataError):
        actions.ask_removal(ticket, " ", by=me)
    assert actions.ask_removal(ticket, "Lộ tôi", by=me) and not actions.ask_removal(ticket, "Lộ tôi", by=me)
    assert waiting_reasons(row) == ["removal"]
    with pytest.raises(MissingDataError):
        actions.decline(row, "", by=town.thu)
    actions.decline(row, "Không ai nhận ra anh chị.", by=town.thu)
    assert waiting_reasons(row) == [] and queries.find(ticket.code)
    with pytest.raises(NotPossibleError):
        actions.decline(row, "x", by=town.thu)
    assert readings.removal(ticket).outcome == "decline"


def test_who_looked_at_what_is_kept(town, accepted):
    rows = [actions.propose(accepted(f"Ồn ào {n}", "noise")) for n in range(3)]
    actions.publish(rows[0], by=town.thu)
    actions.keep(rows[1], by=town.tam)
    assert [(r.by, r.outcome) for r in readings.done()] == [("tam", "keep"), ("thu", "publish")]
    assert [r.by for r in readings.done(by="thu")] == ["thu"]
    assert readings.done_by(rows[0].ticket.received) == [("tam", 1), ("thu", 1)]
    assert readings.waiting_count()["text"] == 1 == Review.objects.filter(done=None).count()


@pytest.mark.parametrize(
    ("text", "place", "kind", "told_place", "latitude"),
    [
        ("Đèn tắt", "exact", "report", "12 Lê Lợi", 11.51988),
        ("Đèn tắt", "street", "report", "Lê Lợi", 11.52),
        ("Đèn tắt trước nhà anh Bảy Rô", "exact", "report", "Lê Lợi", 11.52),
        ("Đèn tắt", "exact", "petition", "Lê Lợi", 11.52),
    ],
)
def test_a_place_is_told_roughly_where_a_person_is_concerned(town, accepted, text, place, kind, told_place, latitude):
    town.lamps.place = place
    town.lamps.save()
    ticket = accepted(text, kind=kind, address="12 Lê Lợi", latitude=11.5198765, longitude=106.9)
    row = actions.propose(ticket)
    assert row.latitude == latitude
    assert row.place == told_place if place == "street" or latitude == 11.52 else row.place


def test_what_waits_since_when_is_told_and_waits_once(town, accepted, waiting_reasons):
    row = actions.propose(accepted("Ồn ào", "noise"), at=MONDAY)
    (review,) = readings.open_reviews(row)
    assert (review.why, review.since) == ("text", MONDAY)
    assert not actions.open_review(row, "text") and waiting_reasons(row) == ["text"]
    assert actions.open_review(row, "removal", words="Lộ tôi", requested_by="lan")
    assert [(r.words, r.asked) for r in readings.open_reviews(row)] == [("", ""), ("Lộ tôi", "lan")]


def test_a_look_leaves_those_before_it_as_they_were(town, accepted):
    row = actions.propose(accepted("Ồn ào", "noise"))
    actions.publish(row, by=town.thu)
    actions.withdraw(row, "Sai", by=town.tam)
    assert [(r.by, r.outcome) for r in row.reviews.order_by("id")] == [("thu", "publish"), ("tam", "withdraw")]


def test_what_is_decided_rests_on_what_the_page_showed(town, accepted):
    row = actions.propose(accepted("Ồn ào", "noise"))
    seen = readings.mark_of(row)
    for mark in (seen, ""):
        with actions.upon(row, mark):
            pass
    actions.publish(Publication.objects.get(pk=row.pk), by=town.tam, text="Ồn ào về đêm")
    with pytest.raises(NotPossibleError, match="changed"), actions.upon(row, seen):
        pytest.fail("somebody has decided since")
    assert row.text == "Ồn ào về đêm", "it is read anew"
    with actions.upon(row, ""):
        pass


def test_a_reviewer_s_work_is_kept_with_what_the_ticket_said_then(town, accepted):
    row = actions.propose(accepted("Nhà anh Bảy Rô hát", "noise"))
    for words in ("Có người hát", "Hát to"):
        actions.mark(row, {"text": proposed(words)}, by=town.tam)
    (marking,) = Marking.objects.all()
    assert (marking.fields["text"]["words"], marking.fields["text"]["source"]) == ("Hát to", "Nhà anh Bảy Rô hát")


def test_what_is_kept_from_the_public_is_so_until_somebody_thinks_again(town, accepted, waiting_reasons):
    row = actions.propose(accepted("Ồn ào", "noise"))
    with pytest.raises(NotPossibleError, match="unkeep"):
        actions.unkeep(row, by=town.thu)
    actions.keep(row, by=town.thu)
    assert Publication.objects.get(pk=row.pk).by == "thu" and waiting_reasons(row) == []
    for who in ("lan", "minh", "phong", "quan"):
        with pytest.raises(NotAllowedError):
            actions.unkeep(row, by=getattr(town, who))
    actions.unkeep(row, by=town.tam)
    assert Publication.objects.get(pk=row.pk).state == "draft" and waiting_reasons(row) == ["text"]
    assert [(e.kind, e.by) for e in history(row.ticket).filter(kind__startswith="publication.")] == [
        ("publication.keep", "thu"),
        ("publication.reconsider", "tam"),
    ]


def test_what_was_public_once_is_not_kept_in_silence_even_when_it_is_withdrawn(town, accepted):
    row = actions.propose(accepted("Đèn tắt"))
    actions.withdraw(row, "Sai", by=town.thu)
    with pytest.raises(NotPossibleError, match="keep"):
        actions.keep(row, by=town.thu)


def test_an_operator_asks_for_somebody_whom_it_concerns_and_the_reply_is_for_the_staff(town, accepted):
    ticket, other = accepted("Đèn tắt"), accepted("Đèn mờ")
    row, _ = actions.propose(ticket), actions.propose(other)
    with pytest.raises(NotAllowedError):
        actions.ask_removal(ticket, "Lộ tôi", by=town.minh)
    with pytest.raises(NotPossibleError):
        actions.ask_removal(accepted("Ồn ào", "noise"), "Lộ tôi", by=town.lan)  # it is not public
    assert actions.ask_removal(ticket, " Lộ bà Sáu ", by=town.lan)
    actions.ask_removal(ticket, "Lộ bà Sáu", by=town.lan)
    review = readings.removal(ticket)
    assert (review.words, review.asked, readings.removal(other)) == ("Lộ bà Sáu", "lan", None)
    assert history(ticket).filter(kind="publication.ask_removal").count() == 1
    with pytest.raises(NotAllowedError):
        actions.decline(row, "Không lộ ai.", by=town.lan)
    actions.decline(row, " Không lộ ai. ", by=town.thu)
    note = Note.objects.get(ticket=ticket)
    event = history(ticket).get(kind="publication.decline")
    assert (note.text, note.kind, note.internal, note.event) == ("Không lộ ai.", "reason", True, event.pk)
    assert (event.by, event.data["citizen"]) == ("thu", False)


def test_a_citizen_reads_why_it_stays_and_what_else_waits_still_does(town, accepted, waiting_reasons):
    ticket = accepted("Đèn tắt")
    row = actions.propose(ticket)
    actions.ask_removal(ticket, "Lộ tôi", by=citizen(ticket.pk))
    actions.open_review(row, "text")
    actions.decline(row, "Không ai nhận ra.", by=town.thu)
    assert waiting_reasons(row) == ["text"]
    assert not Note.objects.get(ticket=ticket).internal
    assert history(ticket).get(kind="publication.decline").data["citizen"] is True
