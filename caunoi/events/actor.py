"""Who does something: the `by=` of every action. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """The roles of those who use it (docs/glossary.md); SYSTEM is the product itself."""

    CITIZEN = "citizen"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    OFFICER = "officer"
    LEAD = "lead"
    REVIEWER = "reviewer"
    LEADER = "leader"
    ADMIN = "admin"
    SYSTEM = "system"


class Kind(StrEnum):
    """What kind of actor it is: a person, an app, a citizen or the system."""

    PERSON = "person"
    CITIZEN = "citizen"
    APP = "app"  # that reports for citizens
    LINK = "link"  # an agency's one-time link
    SERVICE = "service"  # a program, by its service account
    SYSTEM = "system"
    IMPORT = "import"  # an old list, that does not say who did it
    REHEARSAL = "rehearsal"
    NOBODY = "nobody"


def kind_of(name: str, user_id: int | None = None) -> Kind:
    """The kind of actor of a row that does not store it: a person's with `user_id`, else the name's. No person can have
    one of these names."""
    start, colon, _rest = name.partition(":")
    numbered = start in (Kind.APP, Kind.LINK, Kind.SERVICE)
    if user_id is None and numbered == bool(colon) and start in set(Kind) - {Kind.PERSON}:
        return Kind(start)
    return Kind.PERSON


CENTRE = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN, Role.SYSTEM})
AGENCY = frozenset({Role.OFFICER, Role.LEAD})
STAFF = frozenset(Role) - {Role.CITIZEN, Role.SYSTEM}
CUSTODIANS = STAFF - AGENCY - {Role.ADMIN}
"""Who can be a custodian: nobody of an agency, and not who keeps the keys."""


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, an app or the system, with what decides its rights.

    A person is their key `user_id`; a deputy has the rights of another, whose key is `behalf_id`, and stays the person
    they are. `name` is for showing ("minh", "minh for hoa"): rules compare people. `agency_id` is the agency an officer
    or lead works for; `area_id` limits staff to one area; `ticket_id` is a grant to one ticket (a citizen's follow
    link); `opened_id` the ticket whose reporter this one may know for now; `discreet`: never knows who reported,
    whatever the roles are; `custodian`: reads what was reported in confidence, as nobody else does."""

    name: str
    kind: Kind = Kind.PERSON
    roles: frozenset[Role] = field(default_factory=frozenset)
    user_id: int | None = None
    agency_id: int | None = None
    area_id: int | None = None
    ticket_id: int | None = None
    opened_id: int | None = None
    behalf_id: int | None = None
    discreet: bool = False
    custodian: bool = False

    @property
    def signature(self) -> dict[str, Any]:
        """Who it was, as an event holds it."""
        return {"by": self.name, "by_kind": self.kind, "by_user": self.user_id, "behalf_user": self.behalf_id}

    def is_person(self, user_id: int | None) -> bool:
        """Whether this is that person, under whatever name they act."""
        return user_id is not None and user_id == self.user_id

    @property
    def people(self) -> frozenset[int]:
        """This person, and whom they act for."""
        return frozenset(pk for pk in (self.user_id, self.behalf_id) if pk is not None)

    def concerns(self, user_id: int | None) -> bool:
        """Whether that person is this one, or whom this one acts for: what they may not judge, this one may not."""
        return user_id in self.people

    def deputises_for_own(self, user_id: int | None) -> bool:
        """Whether this deputy would sign off what they did themself. Whom they act for may sign off their own work;
        a deputy is the second pair of eyes, or none."""
        return self.behalf_id is not None and self.is_person(user_id)

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


class RefusedError(Exception):
    """Something that cannot be done; `code` says why in one word."""

    code = "refused"


class NotAllowedError(RefusedError):
    """This actor may not do this."""

    code = "not_allowed"


def administrators_only(by: Actor) -> None:
    """NotAllowed unless an administrator, or the product itself, does it."""
    if not by.has(Role.ADMIN, Role.SYSTEM):
        raise NotAllowedError("administrators_only")


SYSTEM = Actor(name=Kind.SYSTEM, kind=Kind.SYSTEM, roles=frozenset({Role.SYSTEM}))
NOBODY = Actor(name=Kind.NOBODY, kind=Kind.NOBODY)
IMPORTER = Actor(name=Kind.IMPORT, kind=Kind.IMPORT)


def citizen(ticket_id: int | None = None, kind: Kind = Kind.CITIZEN) -> Actor:
    """Somebody without an account; with `ticket_id`, the holder of that ticket's follow link."""
    return Actor(name=kind, kind=kind, roles=frozenset({Role.CITIZEN}), ticket_id=ticket_id)


def app(key_id: int) -> Actor:
    """An app that reports for citizens, by its key."""
    return Actor(name=f"{Kind.APP}:{key_id}", kind=Kind.APP, roles=frozenset({Role.CITIZEN}))


def link(link_id: int, agency_id: int) -> Actor:
    """Somebody of an agency without accounts, who answers by a one-time link."""
    return Actor(name=f"{Kind.LINK}:{link_id}", kind=Kind.LINK, roles=frozenset({Role.OFFICER}), agency_id=agency_id)


def service(account_id: int, role: Role, *, agency_id: int | None, area_id: int | None, discreet: bool) -> Actor:
    """A program, by its service account: it has a role's view, and is no person."""
    return Actor(
        name=f"{Kind.SERVICE}:{account_id}",
        kind=Kind.SERVICE,
        roles=frozenset({role}),
        agency_id=agency_id,
        area_id=area_id,
        discreet=discreet,
    )
