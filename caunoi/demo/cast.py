"""Everybody and everything that a history of the demo needs, read once."""

from dataclasses import dataclass
from random import Random

from caunoi.accounts.models import User
from caunoi.demo.categories import NORTH_WATER
from caunoi.demo.places import Map, Place
from caunoi.directory import queries as directory
from caunoi.directory.models import Agency, Category
from caunoi.events.actor import Actor, Role
from caunoi.starter import kit
from caunoi.starter.actions import committee_code


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
        rules = [rule for rule in kit.rules() if rule["field"] == category]
        timed = [r["to"] for r in rules if "since_hour" in r and (hour >= r["since_hour"] or hour < r["until_hour"])]
        return self.agency((timed or [r["to"] for r in rules if "since_hour" not in r])[0], place)

    def agency(self, code: str, place: Place) -> Agency:
        """An agency by its code; `commune` = the committee of the place."""
        return self.agencies[committee_code(place.area) if code == kit.COMMUNE else code]

    def operator(self, r: Random) -> Actor:
        return r.choice(self.operators)


def gather() -> Cast:
    """Read the province as it was built."""
    users = list(User.objects.filter(is_active=True).order_by("id"))
    role = {job: [u.as_actor() for u in users if u.role == job] for job in Role}
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
