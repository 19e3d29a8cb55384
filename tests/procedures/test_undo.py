"""An import taken back: whatever was done before it, in any order, every row stands as it stood on its eve."""

from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.timezone import localdate
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from caunoi.procedures import actions, queries
from caunoi.procedures.models import Import, Procedure, Version
from tests.examples import examples
from tests.procedures.records import lines, raw, row, sheet

CODES = [f"1.00000{n}" for n in range(4)]
CODE = st.sampled_from(CODES)
SOME = st.lists(CODE, min_size=1, unique=True)
TITLE = st.sampled_from(["Một", "Hai"])
LIST = st.tuples(st.just("list"), SOME, TITLE, st.booleans(), st.sampled_from([0, 1]))
FULL = st.tuples(st.just("full"), SOME, TITLE, st.booleans(), st.sampled_from([0, 1]))
EDIT = st.tuples(st.sampled_from(["retire", "unretire", "say again"]), CODE)
UNDO = st.tuples(st.just("undo"), st.integers(0, 3))
DAY = st.tuples(st.just("a day goes by"))
STEPS = st.lists(st.one_of(LIST, FULL, UNDO, UNDO, EDIT, DAY), min_size=2, max_size=9)


def standing() -> dict[str, tuple]:
    """All that a row says, but for how often it has been written."""
    return {
        p.code: (
            p.current.content,
            queries.versions(p)[0].content,
            p.name,
            p.field,
            p.levels,
            p.audience,
            p.agency,
            p.retired,
            p.successor_id,
            p.source,
            p.listed,
            p.full_digest,
            (queries.ahead(p) and (queries.ahead(p).content, queries.ahead(p).effective_from)),
            p.current and p.current.content,
        )
        for p in Procedure.objects.select_related("current")
    }


def act(step, town, done, clock):
    """One step; of an undo, the state that must be there again."""
    what, *rest = step
    if what in ("list", "full"):
        codes, title, retires, ahead = rest
        data = (
            sheet(*(row(code, f"{title} {code}") for code in codes))
            if what == "list"
            else lines(*(raw(code, ten_thu_tuc=f"{title} đủ {code}") for code in codes))
        )
        since = localdate() + timedelta(days=ahead)
        before = standing()
        found = actions.look(actions.upload("tệp", data, by=town.thu, effective_from=since, retires=retires))
        done.append((actions.bring_in(found, by=town.thu), localdate(), before))
        return
    if what == "undo":
        if rest[0] < len(done):
            _undo(*done[-1 - rest[0]], town)
        return
    if what == "a day goes by":
        clock.shift(timedelta(days=1))
        actions.come_into_force()
        return
    procedure = queries.find(rest[0])
    if procedure is None:
        return
    if what == "say again":
        actions.put_back(Version.objects.filter(procedure=procedure).order_by("number")[0], by=town.thu)
    elif what == "retire" and procedure.retired is None:
        actions.retire(procedure, by=town.thu)
    elif what == "unretire":
        actions.unretire(procedure, by=town.thu)


def _undo(found, day, before, town):
    now = standing()
    touched = (Import.objects.get(pk=found.pk).trail or {"after": {}})["after"].keys()
    try:
        actions.undo_import(found, by=town.thu)
    except actions.WrongStateError:
        assert standing() == now
        return
    after = standing()
    assert {code: row for code, row in after.items() if code not in touched} == {
        code: row for code, row in now.items() if code not in touched
    }
    for code in touched:
        if code not in before:
            assert after[code][7] == localdate()
        elif day == localdate():
            assert after[code] == before[code]
        else:  # what was to come on the eve has come
            assert after[code][1] == before[code][1] and after[code][7:12] == before[code][7:12]


class RolledBackError(Exception):
    pass


@examples(15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_what_is_taken_back_leaves_every_row_as_it_was(town, time_machine, steps):
    time_machine.move_to("2026-08-17T01:00:00Z", tick=False)
    try:
        with transaction.atomic():
            done: list[tuple[Import, date, dict]] = []
            for step in steps:
                act(step, town, done, time_machine)
            raise RolledBackError
    except RolledBackError:
        pass


def test_what_was_taken_back_before_its_day_stays_so_when_the_next_import_is_taken_back(town, time_machine):
    time_machine.move_to("2026-08-17T01:00:00Z", tick=False)
    done: list[tuple[Import, date, dict]] = []
    tomorrow, today = ("full", CODES[:1], "Một", False, 1), ("list", CODES[:1], "Một", False, 0)
    for step in (tomorrow, ("undo", 0), today, ("undo", 0)):
        act(step, town, done, time_machine)


def test_the_second_import_of_a_file_taken_back_leaves_what_the_first_had_retired_retired(town):
    """As the reviewer did it: 807 new, undone, the same file again, undone again."""
    data = lines(*(raw(code) for code in CODES))
    for _ in range(2):
        found = actions.bring_in(actions.look(actions.upload("tệp", data, by=town.thu)), by=town.thu)
        assert not Procedure.objects.exclude(retired=None).exists()
        actions.undo_import(found, by=town.thu)
        assert not Procedure.objects.filter(retired=None).exists()


def test_the_page_takes_back_once_and_by_the_worker(town, client, work, transactional_db):
    found = actions.look(actions.upload("tệp", lines(raw(CODES[0])), by=town.thu))
    actions.bring_in(found, by=town.thu)
    client.force_login(town.users["thu"])
    page, do = reverse("procedures:import", args=[found.pk]), reverse("procedures:import-do", args=[found.pk])
    assert b'value="undo"' in client.get(page).content
    client.post(do, {"do": "undo"})
    waits = client.get(page).content.decode()
    assert 'value="undo"' not in waits and "progress" in waits
    client.post(do, {"do": "undo"})
    work()
    found.refresh_from_db()
    assert found.state == "undone" and queries.find(CODES[0]).retired
    assert b'value="undo"' not in client.get(page).content


def test_one_that_cannot_be_taken_back_any_more_says_why_on_its_page(town, client, work, transactional_db):
    found = actions.bring_in(actions.look(actions.upload("a", lines(raw(CODES[0])), by=town.thu)), by=town.thu)
    actions.retire(queries.find(CODES[0]), by=town.thu)
    client.force_login(town.users["thu"])
    client.post(reverse("procedures:import-do", args=[found.pk]), {"do": "undo"})
    work()
    found.refresh_from_db()
    assert (found.state, found.error) == ("done", "changed_meanwhile")
    page = client.get(reverse("procedures:import", args=[found.pk])).content.decode()
    assert 'role="alert"' in page
