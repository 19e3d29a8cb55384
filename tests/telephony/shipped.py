"""The configuration that `caunoi pbx write` makes, read as Asterisk reads it. Its queues are played by app_queue.py."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs" / "asterisk"
OLDER = Path(__file__).parent / "older"
"""queues.conf as it was before autofill and the pause of an unanswered ring (commit 3a27a5d)."""
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


def lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        bare = re.split(r"(?<!\\);", line)[0].strip()
        if bare and not bare.startswith("#tryinclude"):
            yield bare


def docs(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def queue_sections(text: str) -> dict[str, Section]:
    """The queues of a queues.conf, and its `general`."""
    return dict(conf(text).sections)


def conf(text: str) -> Conf:
    found = Conf()
    templates: dict[str, Section] = {}
    values: Section = {}
    for line in lines(text):
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
        text = re.sub(r"\$\{(\w+)\}", lambda found: self.variables.get(found[1], found[0]), text)
        return re.sub(r"\$\{FILTER\(([^,]*),([^${}]*)\)\}", lambda found: filtered(found[1], found[2]), text)


def filtered(kept: str, text: str) -> str:
    """FILTER(): the characters that may stay."""
    return "".join(re.findall(f"[{kept}]", text))


def expression(pattern: str) -> str:
    kinds = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*"}
    parts = re.findall(r"\[[^]]+\]|.", pattern[1:])
    return "".join(kinds.get(part) or (part if part.startswith("[") else re.escape(part)) for part in parts)


def particular(pattern: str) -> tuple[tuple[int, int], ...]:
    """Fewer possibilities at the first place that differs win."""
    sizes = {"X": 10, "Z": 9, "N": 8, ".": 99, "!": 100}
    parts = re.findall(r"\[[^]]+\]|.", pattern[1:])
    return tuple((-(sizes.get(part) or len(part)), 0) for part in parts)


def dialplan(text: str) -> Dialplan:
    found = Dialplan({}, {})
    context, extension = "", ""
    for line in lines(text):
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


def phones(text: str) -> dict[str, Section]:
    """The operators' endpoints of a pjsip_wizard.conf, by name."""
    return {
        name: values
        for name, values in conf(text).sections
        if values.get("type") == "wizard" and values.get("accepts_registrations") == "yes"
    }
