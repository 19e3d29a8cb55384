"""Cầu Nối, the bridge: software for a province's 1022 hotline."""

__version__ = "0.2.0"
