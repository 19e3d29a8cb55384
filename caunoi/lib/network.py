"""Addresses of the network, as what somebody is counted by. Pure."""

import ipaddress


def place(address: str) -> str:
    """An address without what its holder can change: of IPv6 the subscriber's network (/64); IPv4 in IPv6 is IPv4."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is None:
            return str(ipaddress.ip_network((int(parsed), 64), strict=False))
        return str(parsed.ipv4_mapped)
    return str(parsed)
