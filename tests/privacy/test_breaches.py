"""A breach goes from discovered to closed, and no step that the law wants is left out."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.conversations.models import Callback, Outgoing
from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.privacy import queries
from caunoi.privacy.actions import breaches
from caunoi.privacy.actions.breaches import NotReadyError
from caunoi.privacy.models import Affected
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.web.setup.breaches import DiscoverForm

FACTS = {"cause": "Mất máy", "assessment": "Có số", "measures": "Đã khóa", "kinds": ["contact"], "ended": None}


@pytest.fixture
def breach(town):
    return breaches.discover("Lộ danh sách", "Máy bị mất", now() - timedelta(hours=1), by=town.quan)


def test_the_authority_has_72_hours(town, breach):
    assert breach.authority_due == breach.discovered + timedelta(hours=72)
    assert queries.unreported() == 0
    assert queries.unreported(breach.authority_due + timedelta(minutes=1)) == 1
    breaches.assess(breach, by=town.quan, harm="none", **FACTS)
    assert queries.unreported(breach.authority_due + timedelta(minutes=1)) == 0


def test_what_was_written_down_wrongly_is_corrected_and_the_record_keeps_both(town, breach):
    before, earlier = breach.discovered, breach.discovered - timedelta(days=1)
    breaches.correct(breach, discovered=earlier, title="Lộ danh sách", what="Máy bị mất", began=None, by=town.quan)
    assert breach.authority_due == earlier + timedelta(hours=72)
    assert Event.objects.get(kind="breach.correct").data["discovered_before"] == before.isoformat()
    breaches.report(breach, "A05", "1", now(), by=town.quan)
    with pytest.raises(NotReadyError):
        breaches.correct(breach, discovered=before, title="x", what="y", by=town.quan)


@pytest.mark.parametrize(("hours", "began", "wrong"), [(1, None, {"discovered"}), (-1, 0, {"began"}), (-1, -2, set())])
def test_nothing_was_discovered_tomorrow_or_before_it_began(town, hours, began, wrong):
    typed = {"title": "x", "what": "y", "discovered": now() + timedelta(hours=hours)}
    form = DiscoverForm(typed | ({} if began is None else {"began": now() + timedelta(hours=began)}))
    form.is_valid()
    assert set(form.errors) == wrong


def test_a_late_report_says_why(town, breach):
    late = breach.authority_due + timedelta(hours=1)
    with pytest.raises(MissingDataError):
        breaches.report(breach, "A05", "1", late, by=town.quan)
    assert breaches.report(breach, "A05", "1", late, "Cuối tuần", by=town.quan).reported == late


@pytest.mark.parametrize(
    ("harm", "kinds", "must"),
    [
        ("none", ["contact"], False),
        ("none", ["location"], True),  # Decree 356/2025, article 29.1: whatever the harm
        ("possible", ["contact"], False),
        ("possible", ["location"], True),
        ("serious", [], True),
    ],
)
def test_whom_the_people_must_be_told(town, breach, harm, kinds, must):
    breaches.assess(breach, by=town.quan, **FACTS | {"harm": harm, "kinds": kinds})
    assert breaches.must_tell(breach) is must


def test_of_places_and_voices_authority_and_people_are_told_in_72_hours_whatever_the_harm(town, breach, report):
    late = breach.authority_due + timedelta(minutes=1)
    breaches.assess(breach, by=town.quan, **FACTS | {"harm": "none"})
    assert (queries.unreported(late), queries.untold(late)) == (0, 0)
    breaches.assess(breach, by=town.quan, **FACTS | {"harm": "none", "kinds": ["contact", "voice"]})
    assert (queries.unreported(late), queries.untold(late)) == (1, 1)
    assert (queries.unreported(), queries.untold()) == (0, 0)
    with pytest.raises(MissingDataError) as lacking:
        breaches.close(breach, "Khóa máy", by=town.quan)
    assert lacking.value.fields == ["authority", "letter"]
    breaches.report(breach, "A05", "1", now(), by=town.quan)
    breaches.touch(breach, [report().contact_id], by=town.quan)
    breaches.tell(breach, "Lời nhắn", by=town.quan)
    assert (queries.unreported(late), queries.untold(late)) == (0, 0)


def test_everybody_touched_is_told_once_and_whom_no_channel_reaches_is_called(town, breach, report):
    tickets = [report(f"+8491111111{n}", once=f"o{n}") for n in range(2)]
    people = queries.touched(codes=[one.code for one in tickets])
    assert breaches.touch(breach, people, by=town.quan) == 2
    assert breaches.touch(breach, people, by=town.quan) == 0
    assert breaches.tell(breach, "Dữ liệu của anh/chị đã bị xem.", by=town.quan) == 0  # no gateway is set up
    assert Callback.objects.filter(text__contains="đã bị xem").count() == 2
    assert breaches.tell(breach, "Dữ liệu của anh/chị đã bị xem.", by=town.quan) == 0
    assert Callback.objects.count() == 2
    breaches.note_told(Affected.objects.first(), by=town.tam)
    assert breaches.people(breach) == {
        "reached": 0, "under_way": 0, "not_reached": 1, "by_person": 1, "waiting": 0,
    }  # fmt: skip


def test_it_is_not_closed_while_a_step_lacks(town, breach, report):
    with pytest.raises(MissingDataError):
        breaches.close(breach, "Khóa máy", by=town.quan)
    breaches.assess(breach, by=town.quan, **FACTS | {"harm": "serious"})
    with pytest.raises(MissingDataError) as lacking:
        breaches.close(breach, "Khóa máy", by=town.quan)
    assert lacking.value.fields == ["authority", "letter"]
    breaches.report(breach, "A05", "1", now(), by=town.quan)
    breaches.touch(breach, [report().contact_id], by=town.quan)
    breaches.tell(breach, "Lời nhắn", by=town.quan)
    with pytest.raises(MissingDataError) as lacking:
        breaches.close(breach, "Khóa máy", by=town.quan)
    assert lacking.value.fields == ["letter"]  # no message reaches them, and nobody has called
    breaches.note_told(Affected.objects.get(), by=town.tam)
    assert breaches.close(breach, "Khóa máy", by=town.quan).closed
    with pytest.raises(MissingDataError):
        breaches.touch(breach, [report("+84911111111", once="later").contact_id], by=town.quan)
    assert Affected.objects.count() == 1
    with pytest.raises(MissingDataError):
        breaches.assess(breach, by=town.quan, harm="none", **FACTS)


def test_the_mail_has_no_name_of_ours_for_it(town, breach, report, monkeypatch):
    letters = []
    monkeypatch.setattr(breaches, "ways", lambda thread, able: [thread.inbox])
    monkeypatch.setattr(breaches, "say_all", lambda many, by: letters.extend(many) or letters)
    breaches.touch(breach, [report().contact_id], by=town.quan)
    assert breaches.tell(breach, "Lời nhắn", by=town.quan) == 1
    assert letters[0].title == "Về dữ liệu cá nhân của anh/chị"


def test_how_far_people_were_told_is_counted_by_the_last_way(town, breach, report):
    tickets = [report(f"+8491111111{n}", once=f"o{n}") for n in range(4)]
    breaches.touch(breach, [one.contact_id for one in tickets], by=town.quan)
    for one, state in zip(tickets, ("read", "queued", "failed"), strict=False):
        once = f"breach-{breach.pk}-{one.contact_id}"
        sent = Outgoing.objects.create(once=once, inbox=one.conversation.inbox, address="x", text="x", state=state)
        if state == "failed":
            sent.instead = Outgoing.objects.create(once="again", inbox=sent.inbox, address="y", text="x", state="sent")
            sent.save(update_fields=["instead"])
        Affected.objects.filter(contact=one.contact_id).update(once=once)
    counts = breaches.people(breach)
    assert counts == {"reached": 2, "under_way": 1, "not_reached": 0, "by_person": 0, "waiting": 1}
    states = [breaches.standing(one, out.state if out else "") for one, _who, out in queries.affected(breach, 10)]
    assert states == ["reached", "under_way", "reached", "waiting"]


def test_who_was_touched_is_found_by_place_field_channel_and_time(town, report):
    here = report("+84911111110", once="a", area_id=town.ward.pk, category_id=town.lamps.pk)
    report("+84911111112", once="b", area_id=town.commune.pk)
    assert queries.touched(area="25195") == [here.contact_id]
    assert queries.touched(category="lamps", channel="web") == [here.contact_id]
    assert queries.touched(channel="zalo") == []
    assert queries.touched() == []
    assert queries.touched(channel="web", until=now() - timedelta(days=1)) == []


def test_only_administrators_and_supervisors_keep_them(town):
    with pytest.raises(NotAllowedError):
        breaches.discover("x", "y", now(), by=town.lan)
