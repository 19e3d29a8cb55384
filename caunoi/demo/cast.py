"""Everybody and everything that a history of the demo needs, read once."""

from dataclasses import dataclass
from random import Random

from caunoi.accounts.models import User
from caunoi.demo.agencies import commune_code
from caunoi.demo.categories import NORTH_WATER, OF_COMMUNE, RULES
from caunoi.demo.places import Map, Place
from caunoi.directory import queries as directory
from caunoi.directory.models import Agency, Category
from caunoi.events.actor import Actor, Role


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The people by their job, the agencies and categories by code, and the map."""

    operators: list[Actor]
    supervisor: Actor
    reviewer: Actor
    officers: dict[int, Actor]
    leads: dict[int, Actor]
    agencies: dict[str, Agency]
    categories: dict[str, Category]
    map: Map
    consent: int

    def competent(self, category: str, place: Place, hour: int) -> Agency:
        """Who acts on it, as the province's rules say."""
        if category == "water" and place.area.code in NORTH_WATER:
            return self.agencies["capnuocbp"]
        rules = [rule for rule in RULES if rule[0] == category]
        timed = [
            to
            for _, to, since, until in rules
            if since is not None and until is not None and (hour >= since or hour < until)
        ]
        return self.agency((timed or [to for _, to, since, _ in rules if since is None])[0], place)

    def agency(self, code: str, place: Place) -> Agency:
        """An agency by its code; `commune` = the committee of the place."""
        return self.agencies[commune_code(place.area) if code == OF_COMMUNE else code]

    def operator(self, r: Random) -> Actor:
        return r.choice(self.operators)


def gather() -> Cast:
    """Read the province as it was built."""
    users = list(User.objects.filter(is_active=True).order_by("id"))
    role = {wanted: [u.as_actor() for u in users if u.role == wanted] for wanted in Role}
    consent = directory.text("consent")
    return Cast(
        operators=role[Role.OPERATOR],
        supervisor=role[Role.SUPERVISOR][0],
        reviewer=role[Role.REVIEWER][0],
        officers={a.agency_id: a for a in role[Role.OFFICER] if a.agency_id},
        leads={a.agency_id: a for a in role[Role.LEAD] if a.agency_id},
        agencies={a.code: a for a in Agency.objects.select_related("calendar")},
        categories={c.code: c for c in directory.categories()},
        map=Map(list(directory.areas()), dict(directory.ground().shapes)),
        consent=consent.version if consent else 0,
    )
