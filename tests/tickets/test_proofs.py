"""A one-time code: who gets it, who may use it, how often."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.conf import LazySettings
from django.utils.timezone import now

from caunoi.accounts.queries import digest
from caunoi.events.actor import Actor, NotAllowedError, Role, citizen
from caunoi.events.models import Event
from caunoi.tickets import actions, lookups, proofs, traces, visits
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.tickets.models import Device, OneTimeCode, Ticket, Trace
from caunoi.tickets.report import Report, Reporter

NUMBER, BROWSER = "0900000001", "a-browser"


@pytest.fixture
def ticket(town: SimpleNamespace) -> Ticket:
    reporter = Reporter(name="Trần Thị Demo", phone="+84900000001")
    return actions.take(Report(text="Đèn hỏng", channel="web", once="one", reporter=reporter), by=citizen())


def digits(row: OneTimeCode) -> str:
    revealed = proofs.reveal_code(row.pk)
    assert revealed
    return revealed["code"]


def test_a_code_opens_once_in_the_browser_that_asked(ticket: Ticket) -> None:
    code = digits(proofs.ask(ticket.code, NUMBER, BROWSER, proofs.CODE))
    assert proofs.redeem(code, "another-browser") is None
    opened = proofs.redeem(f" {code[:3]} {code[3:]} ", BROWSER)
    assert opened is not None and opened[0] == ticket
    fresh = opened[1]
    assert proofs.proved(ticket.code, fresh) and proofs.proved(ticket.code, BROWSER) is None
    assert proofs.redeem(code, BROWSER) is None and proofs.redeem(code, fresh) is None
    OneTimeCode.objects.update(used=now() - timedelta(minutes=61))
    assert proofs.proved(ticket.code, fresh) is None


def test_codes_and_marks_outlive_a_change_of_the_secret_key(ticket: Ticket, settings: LazySettings) -> None:
    code = digits(proofs.ask(ticket.code, NUMBER, BROWSER, proofs.CODE))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "n" * 50
    assert traces.times("code ticket", ticket.code, timedelta(days=1)) == 1
    opened = proofs.redeem(code, BROWSER)
    assert opened is not None and opened[0] == ticket
    settings.SECRET_KEY_FALLBACKS = []
    assert traces.times("code ticket", ticket.code, timedelta(days=1)) == 0


def test_five_wrong_ones_use_it_up_and_time_does(ticket: Ticket) -> None:
    row = proofs.ask(ticket.code, NUMBER, BROWSER, proofs.CODE)
    code = digits(row)
    wrong = f"{(int(code) + 1) % 10**6:06}"
    for _ in range(5):
        assert proofs.redeem(wrong, BROWSER) is None
    assert proofs.redeem(code, BROWSER) is None
    late = proofs.ask(ticket.code, NUMBER, BROWSER, proofs.CODE)
    code = digits(late)
    OneTimeCode.objects.filter(pk=late.pk).update(until=now())
    assert proofs.redeem(code, BROWSER) is None and proofs.reveal_code(late.pk) is None


def test_wrong_numbers_make_a_row_that_nothing_opens_and_use_up_nothing(ticket: Ticket) -> None:
    for _ in range(8):
        row = proofs.ask(ticket.code, "0900000099", BROWSER, proofs.CODE)
        assert row.ticket is None and proofs.reveal_code(row.pk) is None
    assert proofs.redeem("", BROWSER) is None and proofs.redeem("000000", BROWSER) is None
    assert proofs.ask(ticket.code, NUMBER, BROWSER, proofs.CODE).ticket == ticket


def test_a_citizen_is_not_flooded_with_codes(ticket: Ticket) -> None:
    asked = [proofs.ask(ticket.code, NUMBER, f"browser {n}", proofs.CODE).ticket for n in range(8)]
    assert asked == [ticket] * 6 + [None] * 2


def test_look_ups_are_limited_by_ticket_and_by_number(ticket: Ticket, town: SimpleNamespace) -> None:
    for _ in range(10):
        assert lookups.look_up(ticket.code, NUMBER) == ticket
    with pytest.raises(lookups.TooOftenError):
        lookups.look_up(ticket.code, NUMBER)
    other = actions.take(
        Report(text="Rác", channel="web", once="two", reporter=Reporter(phone="+84900000002")), by=citizen()
    )
    with pytest.raises(lookups.TooOftenError):
        lookups.look_up(other.code, NUMBER)  # one number at many tickets
    rights = [event.data["right"] for event in Event.objects.filter(kind="ticket.lookup")]
    assert rights == [True] * 10


def test_only_a_colleague_reads_a_code_out_and_it_lives_from_then(ticket: Ticket) -> None:
    lan = Actor(name="lan", roles=frozenset({Role.OPERATOR}), user_id=1)
    mai = Actor(name="mai", roles=frozenset({Role.OPERATOR}), user_id=2)
    for_lan = Actor(name="mai for lan", roles=frozenset({Role.OPERATOR}), user_id=2, behalf_id=1)
    Event.objects.create(kind="ticket.accept", subject="ticket", subject_id=ticket.pk, **lan.signature)
    with pytest.raises(NotPossibleError):
        proofs.read_out(ticket, by=mai)
    row = proofs.ask(ticket.code, NUMBER, BROWSER, proofs.CALL)
    assert row.until is None and proofs.redeem("", BROWSER) is None
    for own in (lan, for_lan):
        with pytest.raises(NotAllowedError):
            proofs.read_out(ticket, by=own)
    code = proofs.read_out(ticket, by=mai)
    assert proofs.read_out(ticket, by=mai) == code, "looked at again, it is the same"
    assert Event.objects.filter(kind="ticket.read_code", by_user=2).count() == 1
    assert proofs.redeem(code, BROWSER)


def test_a_link_in_another_browser_is_told_once(ticket: Ticket) -> None:
    first = visits.visit(ticket, "", "10.0.0.1 Firefox")
    visits.visit(ticket, first, "10.0.0.2 Firefox")  # the same, elsewhere
    assert [event.data["first"] for event in visits.visits(ticket)] == [True]
    second = visits.visit(ticket, "", "10.0.0.1 Firefox")  # another one in the same house
    visits.visit(ticket, second, "10.0.0.1 Firefox")
    for _ in range(3):
        visits.visit(ticket, "", "10.9.9.9 Lynx")  # keeps no cookies
    assert [event.data["first"] for event in visits.visits(ticket)] == [False, False, True]


def test_traces_name_nobody_and_are_forgotten(ticket: Ticket) -> None:
    traces.leave("number", "+84900000001", at=now() - timedelta(days=31))
    traces.leave("number", "+84900000001")
    visits.visit(ticket, "", "203.0.113.7 Firefox")
    Device.objects.update(at=now() - timedelta(days=31))
    stored = " ".join(Trace.objects.values_list("digest", flat=True)) + Device.objects.get().network
    assert "900000001" not in stored and "203.0.113" not in stored and digest("203.0.113.7 Firefox") not in stored
    assert traces.forget() == 1 and Device.objects.get().network == ""
    assert traces.times("number", "+84900000001", timedelta(days=1)) == 1


@pytest.mark.parametrize(
    ("address", "inside"),
    [("203.0.113.9", True), ("203.0.114.9", False), ("2001:db8::1", True), ("::ffff:203.0.113.9", True)],
)
def test_an_agencys_network_is_known(db: None, monkeypatch: pytest.MonkeyPatch, address: str, inside: bool) -> None:
    monkeypatch.setattr(traces, "option", lambda name: "203.0.113.0/24, 2001:db8::/32, nonsense")
    assert traces.is_agency_network(address) is inside
