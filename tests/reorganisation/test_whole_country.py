"""July 2025 in the whole country, as acts of its 34 provinces, from the state's own list: 10,035 old wards in 10,597
rows.

Proves: The whole country's July 2025 as the acts of its 34 provinces: 10,035 old wards in 10,597 rows, each where
the list says, no act contradicts itself"""

from collections import Counter
from datetime import date

import pytest

from caunoi.lib.places import gazetteer, lineage
from caunoi.reorganisation.checks import ExistingUnit, problems
from caunoi.reorganisation.official import Ground, of_day

JULY = date(2025, 7, 1)
PROVINCES = sorted(u.code for u in gazetteer.everything() if u.level == "province" and u.valid_to is None)


def before(province):
    """The units of the past that lie in a province of today, in force on the eve; their numbers are their ids."""
    units = [u for u in lineage.past(province) if u.valid_to == JULY]
    return units, [Ground(id=n, code=u.code, name=u.name) for n, u in enumerate(units, 1)]


def test_every_old_ward_is_in_the_act_of_one_province_and_goes_where_the_list_says():
    rows, wards = Counter(), set()
    for province in PROVINCES:
        units, grounds = before(province)
        level = {g.id: u.level for g, u in zip(grounds, units)}
        changes, _ = of_day(province, JULY, grounds)
        for change in changes:
            for pk in change.ends:
                if level[pk] == "commune":
                    wards.add(units[pk - 1].code)
                    rows[province] += len(change.heirs)
                    assert set(change.heirs) == set(units[pk - 1].successors)
    assert (len(PROVINCES), len(wards), rows.total()) == (34, 10_035, 10_597)


@pytest.mark.parametrize("province", PROVINCES)
def test_no_provinces_act_contradicts_itself(province):
    _, grounds = before(province)
    changes, begins = of_day(province, JULY, grounds)
    known = {"area": [ExistingUnit(id=g.id, code=g.code) for g in grounds], "agency": []}
    assert problems(JULY, changes, begins, known) == []
