"""Outbound address rules: where channels with a free address may not reach (SSRF).

The address is judged after resolution, and the judged address is the one that is dialled: aiohttp asks `GuardedResolver` for
every connection. Literal addresses, which aiohttp does not resolve, are judged by `check_url` before each request.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp.abc import AbstractResolver, ResolveResult

from daka.errors import DakaError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# Translation and relay networks carry an inner IPv4 address; the others are not unicast addresses of hosts.
_DENIED_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "192.0.0.0/24", "fec0::/10"),
    )
)
# Cloud metadata services hand out credentials: never, not even when their network is allowed.
_METADATA = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "fd00:ec2::254", "100.100.100.200")))
_PLAIN_PORTS = {443, 80}
LONGEST_URL = 2048


class AddressRefused(DakaError):
    """The address may not be reached. The message names the rule, not what the name resolves to."""


class Guard:
    """The rules with an operator's exceptions (`ALLOW_PRIVATE_TARGETS`: networks, addresses, host names, host:port)."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        self._networks: list[Network] = []
        self._hosts: set[str] = set()
        for target in allowed:
            try:
                self._networks.append(ipaddress.ip_network(target.strip("[]"), strict=False))
            except ValueError:
                self._hosts.add(target.lower().rstrip("."))

    def is_named(self, host: str, port: int) -> bool:
        """Whether the operator allowed this host by name."""
        return host in self._hosts or f"{host}:{port}" in self._hosts

    def judge(self, address: Address, *, is_named: bool = False) -> None:
        """Pass or refuse one resolved address.

        Raises:
            AddressRefused: it is not a public unicast address and the operator did not allow it.
        """
        inner = _inner_addresses(address)
        if _METADATA & {address, *inner}:
            raise AddressRefused("this is a metadata service")
        if is_named or any(candidate in network for network in self._networks for candidate in (address, *inner)):
            return
        if not all(_is_public(candidate) for candidate in (address, *inner)):
            raise AddressRefused(
                "the address is not on the public internet; an operator can add it to ALLOW_PRIVATE_TARGETS"
            )
        mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
        if not mapped and any(address in network for network in _DENIED_NETWORKS if network.version == address.version):
            raise AddressRefused("the address is not on the public internet")

    async def check_url(self, url: str) -> None:
        """Judge an address before a request: scheme, form, port, and the host if it is a literal.

        Raises:
            AddressRefused: with the rule that it breaks.
        """
        if len(url) > LONGEST_URL:
            raise AddressRefused(f"the address is longer than {LONGEST_URL} characters")
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError as error:
            raise AddressRefused("this is not an address") from error
        if parts.scheme not in ("https", "http") or not host:
            raise AddressRefused("only https:// addresses are reached")
        if parts.username is not None or parts.password is not None or parts.fragment:
            raise AddressRefused("the address must not carry a login or a fragment")
        port = port or (443 if parts.scheme == "https" else 80)
        is_named = self.is_named(host, port)
        resolved = await resolve(host, port)
        for address in resolved:
            self.judge(address, is_named=is_named)
        is_private = is_named or all(any(address in network for network in self._networks) for address in resolved)
        if parts.scheme != "https" and not is_private:
            raise AddressRefused("plain http:// is only reached inside ALLOW_PRIVATE_TARGETS")
        if port not in _PLAIN_PORTS and not is_private:
            raise AddressRefused("only the ports 443 and 80 are reached")


def _is_public(address: Address) -> bool:
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


def _inner_addresses(address: Address) -> list[Address]:
    """The IPv4 addresses that an IPv6 address carries inside: mapped, 6to4, Teredo, NAT64, compatible."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner: list[Address] = [found for found in (address.ipv4_mapped, address.sixtofour) if found is not None]
    if address.teredo is not None:
        inner.extend(address.teredo)
    if address in ipaddress.ip_network("64:ff9b::/96") or (
        address in ipaddress.ip_network("::/96") and int(address) > 0xFFFF
    ):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return inner


async def resolve(host: str, port: int) -> list[Address]:
    """Every address of a name, or the address that an odd literal such as `2130706433` or `127.1` means.

    Raises:
        AddressRefused: it does not resolve.
    """
    return [ipaddress.ip_address(found["host"]) for found in await _look_up(host, port, socket.AF_UNSPEC)]


async def _look_up(host: str, port: int, family: int) -> list[ResolveResult]:
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
    except (OSError, UnicodeError) as error:
        raise AddressRefused(f"the host {host} was not found") from error
    return [
        ResolveResult(
            hostname=host,
            host=str(address[0]).partition("%")[0],
            port=port,
            family=kind,
            proto=protocol,
            flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
        )
        for kind, _, protocol, _, address in found
    ]


class GuardedResolver(AbstractResolver):
    """Resolves for aiohttp and lets it dial only judged addresses: one bad address refuses the name."""

    def __init__(self, guard: Guard) -> None:
        self._guard = guard

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await _look_up(host, port, family)
        for result in found:
            self._guard.judge(
                ipaddress.ip_address(result["host"]), is_named=self._guard.is_named(host.rstrip("."), port)
            )
        return found

    async def close(self) -> None:
        """Nothing is held."""
