"""Which channels there are: every file in adapters/, and every file in the folders that CAUNOI_CHANNELS names."""

import pkgutil
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path

from caunoi.channels import adapters
from caunoi.channels.base import Channel, Exempt, Reach, Rule

KEY = re.compile(r"[a-z][a-z0-9_]{0,19}")
METHODS = {"webhook": ("receive", "read"), "polls": ("poll", "read"), "sends": ("send",), "renews": ("renew",)}


@cache
def _files() -> tuple[Sequence[Channel], Sequence[str]]:
    """The channel of each file, and the faults of files without one."""
    good: list[Channel] = []
    wrong: list[str] = []
    homes: dict[str, str] = {}
    for folder in adapters.__path__:
        if not Path(folder).is_dir():
            wrong.append(f"CAUNOI_CHANNELS names {folder}, which is no folder")
        for module in pkgutil.iter_modules([folder], f"{adapters.__name__}."):
            name = f"{module.name.rpartition('.')[2]}.py"
            if name in homes:
                wrong.append(f"channel file {folder}/{name}: {homes[name]} has a file of this name")
                continue
            homes[name] = folder
            try:
                good.append(_in_file(module.name))
            except Exception as error:  # anybody's file: whatever it raises is said at start
                wrong.append(f"channel file {folder}/{name} cannot be loaded ({type(error).__name__}: {error})")
    return sorted(good, key=lambda one: (one.rank, one.key)), wrong


def _in_file(module: str) -> Channel:
    values = vars(import_module(module)).values()
    kinds = [v for v in values if isinstance(v, type) and issubclass(v, Channel) and v.__module__ == module]
    if len(kinds) != 1 or not isinstance(getattr(kinds[0], "key", None), str):
        raise ValueError("it must hold one subclass of Channel, with a key")
    return kinds[0]()


@cache
def channels() -> Mapping[str, Channel]:
    """Key → channel, in the order of their ranks."""
    return {one.key: one for one in _files()[0]}


def channel(key: str) -> Channel | None:
    """The channel of this key; None when its file was removed."""
    return channels().get(key)


def reach(key: str) -> Reach:
    """How to write back to whoever came by this channel; by their page when its file was removed."""
    one = channel(key)
    return one.reach if one else Reach.PAGE


def by_hand(key: str) -> bool:
    """Whether the staff may enter what came by this channel."""
    one = channel(key)
    return one is not None and one.by_hand


def texts_of(one: Channel) -> set[str]:
    """The English texts in a channel's declaration."""
    return {getattr(one, "label", ""), *(text for need in one.needs for text in (need.label, need.help))} - {""}


def faults() -> Iterator[str]:
    """What is missing in the channels, a line each; words and icons are checked where they live (declared.py)."""
    good, wrong = _files()
    yield from wrong
    for key, count in Counter(one.key for one in good).items():
        if count > 1:
            yield f"channel {key}: {count} files have this key"
    for one in good:
        yield from (f"channel {one.key}: {lack}" for lack in lacks(one))


def lacks(one: Channel) -> Iterator[str]:
    """The missing parts of a channel's declaration."""
    if not KEY.fullmatch(one.key):
        yield "its key must be small letters, digits and _, at most 20"
    yield from (f"it has no {name}" for name in ("label", "icon") if not getattr(one, name, ""))
    if not isinstance(getattr(one, "reach", None), Reach):
        yield "it has no reach, one of Reach"
    for flag, methods in METHODS.items():
        for name in methods:
            if getattr(one, flag) and getattr(type(one), name) is getattr(Channel, name):
                yield f"it says {flag}, but has no {name}()"
    if one.sends and not one.windows:
        yield "it sends, but has no windows"
    quality = getattr(one, "quality", {})
    for rule in Rule:
        standing = quality.get(rule)
        if standing is None:
            yield f"its quality says nothing of {rule}"
        elif not (standing.reason if isinstance(standing, Exempt) else standing.proof).strip():
            yield f"its quality gives no {'reason' if isinstance(standing, Exempt) else 'proof'} for {rule}"
