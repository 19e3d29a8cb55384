"""The registry of connectors, by key."""

from . import generic, stringee, voicecloud, zorio
from .base import Connector

CONNECTORS: dict[str, Connector] = {
    each.key: each for each in (generic.CONNECTOR, stringee.CONNECTOR, voicecloud.CONNECTOR, zorio.CONNECTOR)
}
