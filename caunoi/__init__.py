"""Cầu Nối, the bridge: software for a province's 1022 hotline."""
