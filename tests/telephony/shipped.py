"""The shipped Asterisk configuration, read as Asterisk reads it, and a small model of its dialplan and its queue.

The rules of the queue are those of app_queue.c (20-22): whose turn it is (`is_our_turn`), who is rung (`leastrecent`),
what an unanswered ring does (`rna`), and when nobody counts as there (`get_member_status`).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "asterisk"
type Section = dict[str, str]


@dataclass
class Conf:
    """A file's sections; several may share a name. Templates are filled in and left out."""

    sections: list[tuple[str, Section]] = field(default_factory=list)

    def named(self, name: str) -> list[Section]:
        return [values for found, values in self.sections if found == name]

    def one(self, name: str) -> Section:
        (found,) = self.named(name)
        return found


def lines(name: str) -> Iterator[str]:
    for line in (DOCS / name).read_text("utf-8").splitlines():
        text = re.split(r"(?<!\\);", line)[0].strip()
        if text:
            yield text


def conf(name: str) -> Conf:
    found = Conf()
    templates: dict[str, Section] = {}
    values: Section = {}
    for line in lines(name):
        if head := re.fullmatch(r"\[([^]]+)\](?:\(([^)]*)\))?", line):
            parents = [part for part in (head[2] or "").split(",") if part]
            values = {}
            for parent in parents:
                if parent != "!":
                    values |= templates[parent]
            if "!" in parents:
                templates[head[1]] = values
            else:
                found.sections.append((head[1], values))
        else:
            key, _, value = line.partition("=")
            values[key.strip()] = value.removeprefix(">").strip()
    return found


@dataclass(frozen=True)
class Line:
    label: str
    application: str
    argument: str


@dataclass
class Dialplan:
    """Contexts, their extensions or patterns, and the lines of each."""

    variables: Section
    contexts: dict[str, dict[str, list[Line]]]

    def match(self, context: str, dialled: str) -> str | None:
        """The extension or pattern that answers, as Asterisk chooses: the exact one, else the most particular."""
        found = self.contexts[context]
        if dialled in found:
            return dialled
        fitting = [name for name in found if name.startswith("_") and re.fullmatch(expression(name), dialled)]
        return max(fitting, key=particular, default=None)

    def dial(self, context: str, dialled: str) -> tuple[str, str]:
        """What is dialled in the end, as `(channel, number)`; follows Goto within a context."""
        for _ in range(5):
            name = self.match(context, dialled)
            if name is None:
                return "", dialled
            for line in self.contexts[context][name]:
                filled = self.fill(line.argument, dialled)
                if line.application == "Goto":
                    dialled = filled.split(",")[0]
                    break
                if line.application == "Dial":
                    return filled.split(",")[0], dialled
        raise AssertionError("Goto goes round")

    def fill(self, text: str, dialled: str) -> str:
        text = re.sub(r"\$\{EXTEN:(\d+)\}", lambda found: dialled[int(found[1]) :], text).replace("${EXTEN}", dialled)
        return re.sub(r"\$\{(\w+)\}", lambda found: self.variables.get(found[1], found[0]), text)


def expression(pattern: str) -> str:
    kinds = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}
    parts = re.findall(r"\[[^]]+\]|.", pattern[1:])
    return "".join(kinds.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts)


def particular(pattern: str) -> tuple[tuple[int, int], ...]:
    """Fewer possibilities at the first place that differs win."""
    sizes = {"X": 10, "Z": 9, "N": 8, ".": 99, "!": 100}
    parts = re.findall(r"\[[^]]+\]|.", pattern[1:])
    return tuple((-(sizes.get(part) or len(part)), 0) for part in parts)


def dialplan() -> Dialplan:
    found = Dialplan({}, {})
    context, extension = "", ""
    for line in lines("extensions.conf"):
        if head := re.fullmatch(r"\[([\w-]+)\]", line):
            context = head[1]
            found.contexts.setdefault(context, {})
        elif context == "globals":
            key, _, value = line.partition("=")
            found.variables[key.strip()] = value.strip()
        elif head := re.match(r"exten => ([^,]+),1,(.+)", line):
            extension = head[1]
            found.contexts[context][extension] = [_line("", head[2])]
        elif head := re.match(r"same => n(?:\((\w+)\))?,(.+)", line):
            found.contexts[context][extension].append(_line(head[1] or "", head[2]))
        else:
            raise AssertionError(f"not a line of a dialplan: {line}")
    del found.contexts["globals"]
    return found


def _line(label: str, text: str) -> Line:
    application, _, argument = text.partition("(")
    return Line(label, application, argument.removesuffix(")"))


def phones() -> dict[str, Section]:
    """The operators' endpoints, by name."""
    return {
        name: values
        for name, values in conf("pjsip_wizard.conf").sections
        if values.get("type") == "wizard" and values.get("accepts_registrations") == "yes"
    }


# --- the queue ---


@dataclass
class Member:
    """`absent`: the phone rings and nobody is there. `device`: idle, invalid or unavailable, when not on a call."""

    name: str
    absent: bool = False
    device: str = "idle"
    paused: bool = False
    last_call: int = -1000
    busy_until: int = 0
    rung: int = 0


@dataclass
class Caller:
    came: int
    patience: int
    answered: int | None = None
    left: str = ""
    ringing: Member | None = None
    until: int = 0
    again: int = 0


@dataclass
class Queue:
    """A queue as its section says, second by second. `answer`: seconds until who is there picks up."""

    settings: Section
    members: list[Member]
    answer: int = 2
    talk: int = 60

    def number(self, key: str, default: int) -> int:
        return int(self.settings.get(key, default))

    def yes(self, key: str) -> bool:
        return self.settings.get(key, "no") in ("yes", "true", "all")

    def empty(self, key: str) -> bool:
        """Whether nobody counts as there, by what the setting lists."""
        listed = set(self.settings.get(key, "").split(","))
        return not any(
            member.device not in listed and not (member.paused and "paused" in listed) for member in self.members
        )

    def free(self, now: int) -> list[Member]:
        wrapup = self.number("wrapuptime", 0)
        return [
            member
            for member in self.members
            if not member.paused
            and member.device == "idle"
            and member.busy_until <= now
            and now - member.last_call >= wrapup
        ]

    def run(self, callers: list[Caller], seconds: int) -> None:
        for now in range(seconds):
            for caller in callers:
                if caller.came == now and self.empty("joinempty"):
                    caller.left = "JOINEMPTY"
            line = [one for one in callers if one.came <= now and one.answered is None and not one.left]
            for caller in line:
                if caller.ringing:
                    self._ring(caller, now)
            waiting = [one for one in line if one.answered is None]
            for caller in waiting:
                if now - caller.came >= caller.patience:
                    caller.left = "ABANDON"
                    if caller.ringing:
                        caller.ringing.busy_until = now
                elif not caller.ringing and caller.again <= now and self._turn(caller, waiting, now):
                    self._offer(caller, now)

    def _turn(self, caller: Caller, waiting: list[Caller], now: int) -> bool:
        before = [one for one in waiting[: waiting.index(caller)] if not one.left]
        free = len(self.free(now))
        position = len(before) + 1
        return len([one for one in before if not one.ringing]) < free and (self.yes("autofill") or position == 1)

    def _offer(self, caller: Caller, now: int) -> None:
        member = min(self.free(now), key=lambda one: one.last_call)
        caller.ringing, caller.until = member, now + (self.number("timeout", 15) if member.absent else self.answer)
        member.busy_until = caller.until
        member.rung += 1

    def _ring(self, caller: Caller, now: int) -> None:
        member = caller.ringing
        assert member
        if now < caller.until:
            return
        caller.ringing = None
        if member.absent:
            member.paused = self.yes("autopause")
            caller.again = now + self.number("retry", 5)
        else:
            caller.answered = now
            member.busy_until = now + self.talk
            member.last_call = now + self.talk
