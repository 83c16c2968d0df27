"""Tests talk to this machine alone: any other address is refused at once, and whoever tried has failed.

An audit hook sees every `connect` and every question for a name's address, whichever library asks. Python processes that tests
start get it from `sitecustomize.py` beside this file, by `environment()`; what they try is in their output. (uvloop can look up
names and open connections past the hook; Daka's own messages go through Python's sockets.)
"""

import ipaddress
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

REFUSED = "is not on this machine: tests connect to loopback only"
LOCAL_NAMES = {"", "localhost", "ip6-localhost"}


class NotLoopback(OSError):
    """What code under test sees: a connection that could not be made."""


def is_local(host: str) -> bool:
    """Whether no packet leaves the machine for it. A name that has to be looked up elsewhere is not local."""
    with suppress(ValueError):
        address = ipaddress.ip_address(host.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        return address.is_loopback or address.is_unspecified
    return host.lower() in LOCAL_NAMES


def _is_name(host: str) -> bool:
    """Whether a name server would be asked: numbers in any spelling (127.1, 0x7f000001) are not looked up."""
    with suppress(ValueError):
        ipaddress.ip_address(host.partition("%")[0])
        return False
    return not all(part[:1].isdigit() for part in host.split("."))


def _text(host: Any) -> str:
    return host.decode(errors="replace") if isinstance(host, bytes) else str(host or "")


def _elsewhere(event: str, arguments: tuple[Any, ...]) -> str:
    """Which other machine this would ask, if any."""
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = arguments[1]
        if isinstance(address, tuple) and not is_local(_text(address[0])):
            return f"{_text(address[0])}:{address[1]}"
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = _text(arguments[0])
        if _is_name(host) and not is_local(host):
            return host
    return ""


def refuse_others(tell: Callable[[str], object]) -> None:
    """From now on, and for good: a hook cannot be taken away. `tell` gets each refusal, whatever the caller makes of it."""

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event.startswith("socket.") and (where := _elsewhere(event, arguments)):
            tell(f"{where} {REFUSED}")
            raise NotLoopback(f"{where} {REFUSED}")

    sys.addaudithook(watch)


def environment() -> dict[str, str]:
    """What makes a Python process refuse others, too."""
    return {"PYTHONPATH": str(Path(__file__).parent)}
