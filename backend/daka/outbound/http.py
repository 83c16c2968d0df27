"""The only way out: the client with the guard, loaded when it is first needed."""

import asyncio
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from daka.outbound.bodies import rebased
from daka.outbound.guard import Guard
from daka.outbound.lines import Lines
from daka.outbound.proxies import WORDS, ignored_proxies
from daka.outbound.requests import HttpAnswer, HttpRequest, Socket, Vendor
from daka.outbound.tokens import AppTokens
from daka.outbound.trust import refuse_unreadable
from daka.settings import Settings

if TYPE_CHECKING:
    from daka.outbound.client import Client

log = logging.getLogger(__name__)


def origins_of(settings: Settings) -> dict[str, str]:
    """The addresses that the operator set instead of vendors', by the vendor's name."""
    return {name.removesuffix("_base_url"): value for name, value in settings if name.endswith("_base_url") and value}


def moved(request: HttpRequest, origins: Mapping[str, str]) -> HttpRequest:
    """The request as it is sent: to the operator's own address instead of the vendor's, where there is one."""
    if not (origin := origins.get(request.vendor)):
        return request
    return replace(request, url=rebased(request.url, origin), is_trusted=True, vendor="")


class Outbound:
    """Sends every request, and opens every WebSocket. See `moved` for `origins`."""

    def __init__(self, guard: Guard, origins: Mapping[str, str] = MappingProxyType({})) -> None:
        self.guard = guard
        self.origins = origins
        self.tokens = AppTokens()
        """One cache for channels, punch sources and sign-in."""
        self.lines = Lines()
        self._client: Client | None = None
        refuse_unreadable()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The client that the operator's settings ask for. It says so if the environment names a proxy, which is not used."""
        for name in ignored_proxies(os.environ):
            log.warning("%s %s", name, WORDS)
        return cls(Guard(settings.allow_private_targets, own_port=settings.port), origins_of(settings))

    async def load(self) -> "Client":
        """The client. It is imported in a thread, before the first request or with it: a sixth of a start's time and memory."""
        if self._client is None:
            module = await asyncio.to_thread(import_module, "daka.outbound.client")
            self._client = self._client or module.Client(self.guard)
        return self._client

    async def send(self, request: HttpRequest) -> HttpAnswer:
        """Send once. Raises NoAnswer with a short code: `refused_address`, `dns`, `timeout`, `certificate`, `connection`."""
        client = self._client or await self.load()
        return await client.send(moved(request, self.origins))

    async def open_socket(
        self,
        url: str,
        vendor: Vendor | None = None,
        hosts: tuple[str, ...] = (),
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Socket:
        """Open a WebSocket at the vendor's own address, or at one that it gave. `hosts` are its own, or their domains with
        a dot before them. Without a vendor a person chose the address.
        Raises NoAnswer: as `send`; `HandshakeRefused` if the server says why.
        """
        client = self._client or await self.load()
        return await client.open_socket(
            url, vendor, hosts, headers, self.origins.get(vendor.name, "") if vendor else ""
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._client is not None:
            await self._client.close()
