"""IP addresses of clients."""

from ipaddress import IPv6Address, IPv6Network, ip_address


def network_of(address: str) -> str:
    """The address by which a client is counted: the /64 network for IPv6, since one host has all of it."""
    try:
        found = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(IPv6Network((found, 64), strict=False))
    return str(found)
