"""Who does something: the `by=` of every action. Pure."""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """The roles of DOMAIN "Who uses it"; SYSTEM is the product itself."""

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
    """What acts."""

    PERSON = "person"
    CITIZEN = "citizen"
    APP = "app"  # that reports for citizens
    LINK = "link"  # an agency's one-time link
    SYSTEM = "system"
    NOBODY = "nobody"


def kind_of(name: str) -> Kind:
    """What acted under a name that was written down; the names of people are none of the others'."""
    if name in (Kind.CITIZEN, Kind.SYSTEM, Kind.NOBODY):
        return Kind(name)
    start, colon, _rest = name.partition(":")
    return Kind(start) if colon and start in (Kind.APP, Kind.LINK) else Kind.PERSON


CENTRE = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN, Role.SYSTEM})
AGENCY = frozenset({Role.OFFICER, Role.LEAD})
STAFF = frozenset(Role) - {Role.CITIZEN, Role.SYSTEM}


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A person, an app or the system, with what decides its rights.

    `agency_id` is the agency an officer or lead works for; `area_id` limits staff to one area; `ticket_id` is a grant to
    one ticket (a citizen's follow link); `opened_id` the ticket whose reporter this one may know for now. A deputy is
    named "X for Y", has the rights of Y, and is the person X: `user_id` is X's, `behalf_id` Y's. Names are for showing;
    rules compare people.
    """

    name: str
    roles: frozenset[Role] = field(default_factory=frozenset)
    user_id: int | None = None
    agency_id: int | None = None
    area_id: int | None = None
    ticket_id: int | None = None
    opened_id: int | None = None
    behalf_id: int | None = None

    @property
    def kind(self) -> Kind:
        return kind_of(self.name)

    def is_person(self, user_id: int | None) -> bool:
        """Whether this is that person, under whatever name they act."""
        return user_id is not None and user_id == self.user_id

    def concerns(self, user_id: int | None) -> bool:
        """Whether that person is this one, or whom this one acts for: what they may not judge, this one may not."""
        return user_id is not None and user_id in (self.user_id, self.behalf_id)

    def has(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)


class Refused(Exception):
    """Something that cannot be done; `code` says why in one word."""

    code = "refused"


class NotAllowed(Refused):
    """This actor may not do this."""

    code = "not_allowed"


def administrators_only(by: Actor) -> None:
    """NotAllowed unless an administrator, or the product itself, does it."""
    if not by.has(Role.ADMIN, Role.SYSTEM):
        raise NotAllowed("administrators_only")


SYSTEM = Actor(name="system", roles=frozenset({Role.SYSTEM}))
NOBODY = Actor(name="nobody")


def citizen(ticket_id: int | None = None, name: str = "citizen") -> Actor:
    """Somebody without an account; with `ticket_id`, the holder of that ticket's follow link."""
    return Actor(name=name, roles=frozenset({Role.CITIZEN}), ticket_id=ticket_id)
