"""What callers hear and press before they wait. Pure; `files.speaking` writes it as contexts of a dialplan.

Whatever fails on the way (no key, a sound that is not there, a product that does not answer) leads on to a person.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from caunoi.lib.languages import SPOKEN

KEYS = "123456789"
WAITS = (1, 2, 3, 5, 10, 15, 20, 30)
"""Minutes that are said of a wait: "about so many", the last one "or more"."""
MANY = 10
"""Who wait before a caller, from which on it is "so many or more"."""
TICKET_STATES = ("new", "waiting", "working", "answered", "closed", "refused", "unknown", "often")
"""What is said of a ticket: where its work stands, that there is none for this caller, that it was asked too often."""


class Act(StrEnum):
    """What a key does."""

    QUEUE = "queue"  # waits in the queue `target`
    MENU = "menu"  # asks the menu `target`
    SAY = "say"  # says the prompt `target`, then asks again
    TICKET = "ticket"  # asks for a ticket's code and says where it stands
    MESSAGE = "message"  # records a message
    LANGUAGE = "language"  # goes on in the language `target`


@dataclass(frozen=True, kw_only=True)
class KeyChoice:
    """What a key does; `field` is the field of work (its code) that the caller has chosen by it."""

    act: Act
    target: str = ""
    field: str = ""


@dataclass(frozen=True, kw_only=True)
class KeyMenu:
    """Choices by key, asked by the prompt `menu-CODE`. 0, no key and any other lead to a person."""

    code: str
    choices: Mapping[str, KeyChoice]


@dataclass(frozen=True, kw_only=True)
class LiveDoor:
    """Where the exchange asks the product what is true now: its address, and the key to that and nothing else."""

    address: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Speaking:
    """The menus, the first one asked first, and the door for live answers. Without menus callers only wait; without a
    door nothing is said of tickets, waits and incidents."""

    menus: tuple[KeyMenu, ...] = ()
    live: LiveDoor | None = None

    def problems(self, queues: Collection[str]) -> Iterator[str]:
        """What no exchange could speak."""
        codes = [menu.code for menu in self.menus]
        yield from (f"two menus have the name {code}" for code in set(codes) if codes.count(code) > 1)
        yield from (f"not a name of a menu: {code!r}" for code in codes if not is_code(code))
        for menu in self.menus:
            for key, choice in menu.choices.items():
                if problem := self._problem(key, choice, set(codes), queues):
                    yield f"menu {menu.code}, key {key!r}: {problem}"
        if self.live and not (is_address(self.live.address) and is_code(self.live.key)):
            yield "not an address and a key of the product"

    def _problem(self, key: str, choice: KeyChoice, codes: Collection[str], queues: Collection[str]) -> str:
        there = {
            Act.QUEUE: choice.target in queues,
            Act.MENU: choice.target in codes,
            Act.SAY: is_code(choice.target),
            Act.LANGUAGE: choice.target in SPOKEN,
            Act.TICKET: self.live is not None,
            Act.MESSAGE: True,
        }
        if len(key) != 1 or key not in KEYS:
            return "no key"
        if choice.field and not is_code(choice.field):
            return "no field"
        return "" if there[choice.act] else f"leads nowhere: {choice.act} {choice.target}".rstrip()


MUTE = Speaking()
"""Nothing is asked or said: callers only wait."""


def is_code(text: str) -> bool:
    """Whether it can stand for itself in a dialplan and as the name of a file: letters, digits, `-`, `_`."""
    return bool(text) and text.isascii() and all(char.isalnum() or char in "-_" for char in text)


def is_address(text: str) -> bool:
    """Whether it is a plain http address that can stand in a dialplan."""
    scheme, _, rest = text.partition("://")
    is_plain = bool(rest) and rest.isascii() and all(char.isalnum() or char in ":/.-_" for char in rest)
    return scheme in ("http", "https") and is_plain


def prompts(speaking: Speaking) -> list[str]:
    """The names of all sounds that it plays, in the order of the menus."""
    names: dict[str, None] = {}
    for menu in speaking.menus:
        names[f"menu-{menu.code}"] = None
        for _key, choice in sorted(menu.choices.items()):
            if choice.act is Act.SAY:
                names[choice.target] = None
            elif choice.act is Act.TICKET:
                names |= dict.fromkeys(["ticket-code", *(f"ticket-{state}" for state in TICKET_STATES)])
    if speaking.live:
        names |= dict.fromkeys(f"wait-{minutes}" for minutes in WAITS)
    names |= dict.fromkeys(f"place-{before}" for before in range(1, MANY + 1))
    return list(names)
