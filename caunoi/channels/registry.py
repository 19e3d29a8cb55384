"""Which channels there are: every file in adapters/."""

import pkgutil
from collections.abc import Mapping
from functools import cache
from importlib import import_module

from caunoi.channels import adapters
from caunoi.channels.base import Channel


@cache
def channels() -> Mapping[str, Channel]:
    """Key → adapter, in the order of their keys."""
    found = {}
    for module in pkgutil.iter_modules(adapters.__path__, f"{adapters.__name__}."):
        for value in vars(import_module(module.name)).values():
            if isinstance(value, type) and issubclass(value, Channel) and value.__module__ == module.name:
                found[value.key] = value()
    return dict(sorted(found.items()))


def channel(key: str) -> Channel | None:
    """The adapter of this key; None for channels that need none (web, counter, paper)."""
    return channels().get(key)
