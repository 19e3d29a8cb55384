"""Addresses of the network, as what somebody is counted by. Pure."""

import ipaddress


def unmapped(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address; IPv4 in IPv6 is IPv4. None for what is none."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return None
    return (parsed.ipv4_mapped or parsed) if isinstance(parsed, ipaddress.IPv6Address) else parsed


def place(address: str) -> str:
    """An address without what its holder can change: of IPv6 the subscriber's network (/64); IPv4 in IPv6 is IPv4."""
    if (parsed := unmapped(address)) is None:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
