"""A caller's way through a dialplan, as Asterisk goes it: what they hear, where they end, what is asked of the product.
Of the functions only those that the menus use."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from shipped import Dialplan, Line, filtered

ENDS = ("Queue", "Record", "Hangup", "Return")
type Answer = Callable[[str, str], str]
"""What the product answers to an address and a form."""


def silent(_address: str, _form: str) -> str:
    """A product that does not answer."""
    return ""


@dataclass
class Walk:
    """`keys`: what the caller presses, one entry for each time they are asked; then nothing; `at_once`: in the midst of
    what they hear. `passed`: the queues that the caller is led on from, with why; any other one is the end. `groups`:
    the channels of each group. `originated`: what was begun beside the call."""

    plan: Dialplan
    keys: list[str]
    answer: Answer = silent
    passed: dict[str, str] = field(default_factory=dict)
    at_once: str = ""
    groups: list[str] = field(default_factory=list)
    originated: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    queues: list[str] = field(default_factory=list)
    end: tuple[str, str] = ("", "")

    def go(self, context: str, dialled: str = "1022") -> "Walk":
        self.values |= {"EXTEN": dialled}
        where = (context, dialled, 0)
        for _ in range(1000):
            name = self.plan.match(*where[:2])
            assert name is not None, where
            lines = self.plan.contexts[where[0]][name]
            line = lines[where[2]]
            if line.application in ENDS:
                argument = self.fill(line.argument)
                name = argument.split(",")[0]
                if line.application != "Queue" or name not in self.passed:
                    self.end = (line.application, argument)
                    return self
                self.queues.append(name)
                self.values["QUEUESTATUS"] = self.passed[name]
            where = self._next(line, lines, where)
        raise AssertionError("it never ends")

    def _next(self, line: Line, lines: list[Line], where: tuple[str, str, int]) -> tuple[str, str, int]:
        context, dialled, place = where
        argument = self.fill(line.argument)
        match line.application:
            case "Goto" if argument.count(",") == 1:
                dialled, label = argument.split(",")
                return context, dialled, [one.label for one in self.plan.contexts[context][dialled]].index(label)
            case "Goto":
                to, exten, _priority = argument.split(",")
                return to, exten, 0
            case "GotoIf":
                condition, _, label = argument.partition("?")
                if condition not in ("", "0") and "," in label:
                    *to, exten, _priority = label.split(",")
                    return (to or [context])[0], exten, 0
                if condition not in ("", "0"):
                    return context, dialled, [one.label for one in lines].index(label)
            case "Set":
                name, _, value = argument.partition("=")
                self.values[name.removeprefix("__")] = value
            case "Read":
                variable, sound, *_ = argument.split(",")
                self.heard += [sound] if sound else []
                self.values[variable] = self.keys.pop(0) if self.keys else ""
            case "Background":
                self.heard.append(argument.partition(",")[0])
                self.values["BACKGROUNDSTATUS"] = "SUCCESS"
                if self.at_once in self.plan.contexts[context]:
                    return context, self.at_once, 0
            case "Originate":
                self.originated.append(argument)
            case "Playback":
                self.heard.append(argument)
                self.values["PLAYBACKSTATUS"] = "SUCCESS"
            case "UserEvent":
                self.said.append(argument)
        return context, dialled, place + 1

    def fill(self, text: str) -> str:
        """Expressions and variables, the innermost first."""
        if regex := re.fullmatch(r'\$\[0\$\{REGEX\("(.+)" (\$\{\w+\})\)\} = 0\](.*)', text):
            return str(int(not re.search(regex[1], self.fill(regex[2])))) + self.fill(regex[3])
        while found := re.search(r"\$\{([^${}]*)\}|\$\[([^$\[\]]*)\]", text):
            value = self._value(found[1]) if found[1] is not None else str(int(self._true(found[2])))
            text = text[: found.start()] + value + text[found.end() :]
        return text

    def _value(self, name: str) -> str:
        if match := re.fullmatch(r"FILTER\(([^,]*),(.*)\)", name, re.S):
            return filtered(match[1], match[2])
        if match := re.fullmatch(r"IF\((\d)\?(.*):(.*)\)", name):
            return match[2] if match[1] == "1" else match[3]
        if match := re.fullmatch(r"GROUP_COUNT\((.*)\)", name):
            return str(self.groups.count(match[1]))
        if match := re.fullmatch(r"CUT\((\w+),(.),(\d)\)", name):
            parts = self.values.get(match[1], "").split(match[2])
            return parts[int(match[3]) - 1] if len(parts) >= int(match[3]) else ""
        if match := re.fullmatch(r"QUEUE_EXISTS\((.*)\)", name):
            return str(int(match[1] in self.passed))
        if match := re.fullmatch(r"CURL\(([^,]*),(.*)\)", name):
            return self.answer(match[1], match[2])
        return self.values.get(name, self.plan.variables.get(name, ""))

    def _true(self, text: str) -> int:
        if match := re.fullmatch(r'"([^"]*)" (!?=) "([^"]*)"', text):
            return (match[1] == match[3]) == (match[2] == "=")
        if " = " in text:
            return self._true(text.partition(" = ")[0]) == int(text.partition(" = ")[2])
        if " " not in text:
            return int(text)
        one, sign, other = text.split()
        return int(one) + int(other) if sign == "+" else int(one) > int(other)


def fields(form: str) -> dict[str, str]:
    return dict(_pairs(form))


def _pairs(form: str) -> Iterator[tuple[str, str]]:
    for part in form.split("&"):
        name, _, value = part.partition("=")
        yield name, value
