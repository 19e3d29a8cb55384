"""Acts on a small town: the works and the power company, Bình Phước and Nghĩa Trung."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from caunoi.conversations.actions import make_inbox as make_inbox
from caunoi.directory.geography import geography
from caunoi.directory.models import Agency, Area, AreaSuccession
from caunoi.events.actor import citizen
from caunoi.lib.places import address
from caunoi.lib.places.succession import NewUnit
from caunoi.lib.vietnamese.writing import fold
from caunoi.reorganisation import actions, queries
from caunoi.reorganisation.plan import Change
from caunoi.routing import actions as routing
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

# Of the communes that an act does not touch, every nth is looked at.
STEP = 12

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)
DAY = date(2026, 9, 1)  # the day of the acts


@pytest.fixture(autouse=True)
def no_address_is_lost(monkeypatch):
    """Of every act that any test carries out: what was understood on the eve leads on the day to a follower, or
    asks."""
    carry_out = actions.carry_out

    def checked(act, **more):
        before = geography.read()
        ended = [line.ends for line in queries.lines(act) if line.what == "area"]
        codes = set(Area.objects.filter(pk__in=[pk for ends in ended for pk in ends]).values_list("code", flat=True))
        ours = [u for u in before.units if u.level == "commune" and u.province == "75"]
        texts = {words for u in ours if u.code in codes for words in written(u, before)}
        texts |= {words for u in ours[::STEP] for words in written(u, before)}
        answers = {text: address.resolve(text, geography=before) for text in sorted(texts)}
        done = carry_out(act, **more)
        after = geography.read()
        for text, old in answers.items():
            new = address.resolve(text, geography=after)
            if old.area_code is None:
                continue
            begun = {u.code for u in queries.units(act) if u.what == "area" and fold(u.name) in fold(text)}
            heirs = heirs_of(old.area_code, act) | begun  # what bears the very name now may be meant too
            assert not new.outside, text
            assert new.area_code in heirs or new.area_code is None, (text, old, new)
            assert {c.area_code for c in new.candidates} & heirs, (text, old, new)
        return done

    monkeypatch.setattr(actions, "carry_out", checked)


def written(unit, units):
    """How people write a commune: bare, with a hamlet, with the old district."""
    yield unit.name
    yield f"ấp 3, {unit.name}, thành phố Đồng Nai"
    district = units.unit(unit.district, date(2025, 6, 30)) if unit.district else None
    if district:
        yield f"tổ 5, {unit.name}, {district.name}"


def heirs_of(code, act):
    """The codes in force on the act's day where a commune stood on its eve."""
    rows = Area.objects.filter(code=code).exclude(valid_to__lt=act.on)
    ended = [row for row in rows if row.valid_to == act.on]
    if not ended:
        return {code}
    return {s.new.code for row in ended for s in AreaSuccession.objects.filter(old=row).select_related("new")}


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(MONDAY, tick=False)

    def forward(to=None, **span):
        if to is None:
            time_machine.shift(timedelta(**span))
        else:
            time_machine.move_to(
                datetime(to.year, to.month, to.day, 0, 30, tzinfo=UTC) - timedelta(hours=7), tick=False
            )

    return forward


@pytest.fixture
def take(town, clock):
    """A ticket as far as it has come: accepted, routed, working, resulted; at an agency, perhaps with helpers."""
    made = iter(range(10_000))

    def make(state="routed", agency=None, helpers=(), category=None, area=None, **more):
        category, area = category or town.lamps, area or town.ward
        report = Report(
            text="Đèn tắt", channel="web", once=f"r{next(made)}", category_id=category.pk, area_id=area.pk, **more
        )
        ticket = tickets.take(report, by=citizen())
        if state == "new":
            sla.refresh(ticket)
            return ticket
        tickets.move(ticket, "accept", by=town.lan)
        if state != "accepted":
            agency = agency or town.works
            routing.route(ticket, agency, by=town.tam, coordinating=helpers)
            officer = next(u for u in town.users.values() if u.agency_id == agency.pk).as_actor()
            if state in ("working", "resulted", "answered"):
                routing.start(ticket, by=officer)
            if state in ("resulted", "answered"):
                tickets.move(ticket, "result", by=officer, text="Xong")
            if state == "answered":
                tickets.move(ticket, "approve", by=town.tam)
                routing.finish(ticket)
        sla.refresh(Ticket.objects.get(pk=ticket.pk))
        return Ticket.objects.get(pk=ticket.pk)

    return make


def agency(code, name, like, within="", kind="utility"):
    return NewUnit(what="agency", code=code, name=name, kind=kind, like=like.pk, within=within)


def ward(code, name, like, kind="Phường"):
    return NewUnit(what="area", code=code, name=name, kind=kind, like=like.pk)


def scheduled(town, number, *changes, begins=(), on=DAY, choices=None):
    """A document of one act, scheduled. `changes`: (kind, what, ends, codes of heirs)."""
    act = actions.draft(number, "Về việc sắp xếp", on, by=town.quan)
    rows = [Change(kind=k, what=w, ends=tuple(e.pk for e in ends), heirs=tuple(heirs)) for k, w, ends, heirs in changes]
    actions.add(act, rows, begins, by=town.quan)
    if choices:
        actions.choose(act, choices, by=town.quan)
    return actions.schedule(act, by=town.quan)


@pytest.fixture
def merged(town):
    """The works and the power company become one, on the day."""

    def make(number="12/NQ-HĐND", **more):
        new = agency("dothi", "Công ty Dịch vụ đô thị", town.works)
        return scheduled(town, number, ("merge", "agency", [town.works, town.power], ["dothi"]), begins=[new], **more)

    return make


@pytest.fixture
def now_named():
    return SimpleNamespace(
        agency=lambda code: Agency.objects.get(code=code), area=lambda code: Area.objects.get(code=code, valid_to=None)
    )
