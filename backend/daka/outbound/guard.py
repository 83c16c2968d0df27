"""Outbound address rules against SSRF: which addresses requests to user-supplied URLs may not reach.

The address that is checked is the one that is dialled. aiohttp calls `GuardedResolver` for every name and `Guard.open_socket` for
every socket, literal addresses included, so a name cannot resolve differently between check and connection. `check_url` checks
only the text of a URL: scheme, form, length and port.

Rules and test vectors: OWASP SSRF Prevention Cheat Sheet; the IANA special-purpose registries (RFC 6890).
"""

import asyncio
import errno
import ipaddress
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from daka.errors import ConfigurationError, DakaError

if TYPE_CHECKING:  # loaded with the client
    import httpx

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
"""In networks of IPv6 only, DNS64 gives every provider an address of these: the inner one is judged (RFC 6052, 2.1)."""
# Translation and relay networks carry an inner IPv4 address to another gateway; the others are not addresses of hosts.
_DENIED_NETWORKS = tuple(
    map(
        ipaddress.ip_network,
        ("64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96", "192.0.0.0/24", "fec0::/10"),
    )
)
# Cloud metadata services hand out credentials: refused even if their network is allowed.
_METADATA = frozenset(
    map(
        ipaddress.ip_address,
        ("169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254", "fd00:ec2::23", "100.100.100.200"),
    )
)
_USUAL_PORTS = {443, 80}
# `2130706433`, `0x7f000001` and `127.1` resolve to 127.0.0.1; there is no legitimate use of such forms.
_NUMBERS = re.compile(r"(?:0x[0-9a-f]*+|[0-9]++)(?:\.(?:0x[0-9a-f]*+|[0-9]++))*+")
_NAME = re.compile(r"[a-z0-9_.-]+")
_UNUSUAL_CHARACTERS = re.compile(r"[\s\\\x00-\x1f\x7f]")
LONGEST_URL = 2048

_is_named_target: ContextVar[bool] = ContextVar("is_named_target", default=False)
"""Whether the current request goes to a host that the operator allowed by name."""

LookUp = Callable[[str, int], Awaitable[list[str]]]


class AddressRefused(DakaError):
    """The address may not be reached. The message names the rule, not what the name resolves to."""


class NameNotResolved(DakaError):
    """The name has no address now. It may have one in a minute: the name server, or the way to it, was away."""

    def __init__(self) -> None:
        super().__init__("the name of the host could not be resolved")


@dataclass(frozen=True, slots=True)
class Target:
    """One entry of ALLOW_PRIVATE_TARGETS: a network or a host, optionally limited to one port."""

    network: Network | None
    host: str
    port: int | None

    @classmethod
    def parsed(cls, text: str) -> "Target":
        """`192.168.1.0/24`, `192.168.1.5`, `192.168.1.5:8080`, `[fd00::5]:8080`, `nas.lan` or `nas.lan:8080`.

        Raises ValueError: it is none of these.
        """
        try:
            return cls(ipaddress.ip_network(text.strip("[]"), strict=False), "", None)
        except ValueError:
            if "/" in text:
                raise
        host, separator, tail = text.rpartition(":")
        if not separator:
            host, tail = text, ""
        if separator and not (tail.isdecimal() and 0 < int(tail) < 65536):
            raise ValueError(f"{text!r} is not a network, an address, a host or host:port")
        port = int(tail) if tail else None
        try:
            return cls(ipaddress.ip_network(host.strip("[]")), "", port)
        except ValueError:
            if not re.fullmatch(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.?", host.lower()):
                raise ValueError(f"{text!r} is not a network, an address, a host or host:port") from None
        return cls(None, host.lower().rstrip("."), port)


async def look_up(host: str, port: int) -> list[str]:
    """All addresses of a name, from the system's resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]).partition("%")[0] for *_, address in found))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a URL leads, as far as its text says."""

    host: str
    port: int
    literal: Address | None
    """The address, if the host is one and not a name."""
    is_usual: bool
    """HTTPS at a usual port."""


@lru_cache(maxsize=4096)
def place_of(url: "httpx.URL") -> Place:
    """Where a URL leads. Raises AddressRefused: its scheme or form is not allowed, wherever it leads."""
    text = str(url)
    if len(text) > LONGEST_URL:
        raise AddressRefused(f"the address is longer than {LONGEST_URL} characters")
    if url.scheme not in ("https", "http") or not url.host:
        raise AddressRefused("only https:// addresses are reached")
    if url.userinfo or url.fragment or _UNUSUAL_CHARACTERS.search(text):
        raise AddressRefused("the address must not carry a login or a fragment")
    host, port = host_of(url), port_of(url)
    literal = _literal(host)
    if literal is None and _NUMBERS.fullmatch(host):
        raise AddressRefused("the host is a number; write the address in its usual form")
    if literal is None and not _NAME.fullmatch(host):
        raise AddressRefused("the host is not a name")
    return Place(host, port, literal, url.scheme == "https" and port in _USUAL_PORTS)


class Guard:
    """The rules, with the operator's exceptions (`ALLOW_PRIVATE_TARGETS`) and the port that Daka itself listens on."""

    def __init__(self, allowed: Iterable[str] = (), *, own_port: int = 0, look_up: LookUp = look_up) -> None:
        try:
            self._targets = tuple(map(Target.parsed, allowed))
        except ValueError as error:
            raise ConfigurationError(f"ALLOW_PRIVATE_TARGETS: {error}") from error
        self._own_port = own_port
        self._look_up = look_up

    def is_named(self, host: str, port: int) -> bool:
        """Whether the operator allowed this host by name."""
        return any(target.host == host and target.port in (None, port) for target in self._targets if target.host)

    def judge(self, address: Address, *, port: int = 0, is_named: bool = False) -> None:
        """Allow or refuse one resolved address.

        Raises AddressRefused: it is not a public unicast address and the operator did not allow it.
        """
        address = _unmapped(address)
        inner = _inner_addresses(address)
        if _METADATA & {address, *inner}:
            raise AddressRefused("this is a metadata service")
        if self._own_port and port == self._own_port and _is_of_this_machine(address):
            raise AddressRefused("this is Daka's own address")
        if is_named or self._is_allowed(address, port):
            return
        judged = inner if address in _NAT64 else [address, *inner]
        if not all(map(is_public, judged)) or any(
            address in network for network in _DENIED_NETWORKS if network.version == address.version
        ):
            raise AddressRefused(
                "the address is not on the public internet; an operator can add it to ALLOW_PRIVATE_TARGETS"
            )

    def is_exempt(self, host: str, addresses: Iterable[Address], port: int) -> bool:
        """Whether the operator allowed the host by name, or every one of its addresses."""
        return self.is_named(host, port) or all(self._is_allowed(address, port) for address in addresses)

    def _is_allowed(self, address: Address, port: int) -> bool:
        return any(
            target.network is not None
            and target.network.version == address.version
            and address in target.network
            and target.port in (None, port)
            for target in self._targets
        )

    async def check_url(self, url: "httpx.URL") -> None:
        """Check the text of a URL before a request; the addresses of its host are checked when they are dialled.

        Raises:
            AddressRefused: with the rule that it violates.
            NameNotResolved: the rule depends on the host's addresses, and there are none now.
        """
        place = place_of(url)
        if self.is_named(place.host, place.port):
            return
        if place.literal is not None:
            self.judge(place.literal, port=place.port)
        if place.is_usual:
            return
        if not all(self._is_allowed(address, place.port) for address in await self.addresses(place.host, place.port)):
            if url.scheme != "https":
                raise AddressRefused("plain http:// is only reached inside ALLOW_PRIVATE_TARGETS")
            raise AddressRefused("only the ports 443 and 80 are reached")

    async def addresses(self, host: str, port: int) -> list[Address]:
        """All addresses of a name, or the address of a literal such as `2130706433` or `127.1`; each is checked.

        Raises:
            NameNotResolved: it has no address now.
            AddressRefused: one of its addresses may not be reached.
        """
        try:
            literal = _literal(host)
            asked = [literal] if literal else map(ipaddress.ip_address, await self._look_up(host, port))
            found = [_unmapped(address) for address in asked]
        except (OSError, UnicodeError, ValueError) as error:
            raise NameNotResolved from error
        if not found:
            raise NameNotResolved
        for address in found:
            self.judge(address, port=port, is_named=self.is_named(host, port))
        return found

    @contextmanager
    def watches(self, url: "httpx.URL") -> Iterator[None]:
        """Context of one request, in which `open_socket` knows whether the operator allowed its host by name."""
        place = place_of(url)
        token = _is_named_target.set(self.is_named(place.host, place.port))
        try:
            yield
        finally:
            _is_named_target.reset(token)

    def open_socket(self, target: tuple[Any, ...]) -> socket.socket:
        """A socket for one address that is about to be dialled: the last check of the actual address.

        Raises AddressRefused: the address may not be reached.
        """
        family, kind, protocol, _, (host, port, *_) = target
        self.judge(ipaddress.ip_address(str(host).partition("%")[0]), port=port, is_named=_is_named_target.get())
        return socket.socket(family=family, type=kind, proto=protocol)


def host_of(url: "httpx.URL") -> str:
    """The host as it is resolved: ASCII, lower case, without the brackets of IPv6 and the final dot."""
    return url.raw_host.decode("ascii").strip("[]").rstrip(".").lower()


def in_ascii(host: str) -> str:
    """A host or domain as it is resolved and sent: `邮件.公司` as `xn--5nq051n.xn--55qx5d`.

    Raises ValueError: it cannot be one.
    """
    if host.isascii():
        return host
    import httpx

    try:
        return host_of(httpx.URL(f"https://{host}"))
    except httpx.InvalidURL as error:
        raise ValueError("it is no host") from error


def port_of(url: "httpx.URL") -> int:
    return url.port or (443 if url.scheme == "https" else 80)


@lru_cache(maxsize=4096)
def _literal(host: str) -> Address | None:
    """The address if the host is a literal one; None for a name."""
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _unmapped(address: Address) -> Address:
    """The IPv4 address of an IPv4-mapped one: `::ffff:192.0.2.1` is 192.0.2.1."""
    return (address.ipv4_mapped or address) if isinstance(address, ipaddress.IPv6Address) else address


def is_public(address: Address) -> bool:
    """Whether it is an address of a host on the public internet."""
    return address.is_global and not (
        address.is_multicast
        or address.is_reserved
        or address.is_unspecified
        or address.is_loopback
        or address.is_link_local
    )


def _is_of_this_machine(address: Address) -> bool:
    """Whether it is an address of this machine: a socket can be bound to it."""
    if address.is_loopback or address.is_unspecified:
        return True
    with socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError as error:
            return error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EINVAL)
    return True


def _inner_addresses(address: Address) -> list[Address]:
    """The IPv4 addresses embedded in an IPv6 address: 6to4, Teredo, NAT64, IPv4-compatible."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    inner: list[Address] = []
    if address.sixtofour is not None:
        inner.append(address.sixtofour)
    if address.teredo is not None:
        inner.extend(address.teredo)
    if any(address in ipaddress.ip_network(network) for network in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")):
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return inner
