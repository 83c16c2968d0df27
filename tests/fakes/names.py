"""A name server that is away, as while a router restarts. Addresses written as numbers still work."""

import asyncio
import ipaddress
import socket
from typing import Any

import pytest


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """No name resolves in this process, for the guard, the operator's own addresses and mail.

    A test puts a name and its address into the dictionary when the name server is back.
    """
    known: dict[str, str] = {}
    real = asyncio.BaseEventLoop.getaddrinfo

    async def getaddrinfo(loop: asyncio.BaseEventLoop, host: Any, port: Any, **options: Any) -> Any:
        try:
            ipaddress.ip_address(host := known.get(host, host))
        except ValueError:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution") from None
        return await real(loop, host, port, **options)

    # uvloop has a method of its own; the tests run on asyncio's.
    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)
    return known
