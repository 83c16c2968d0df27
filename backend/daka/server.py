"""The HTTP server of the application."""

import errno
import time
from socket import (
    AF_INET6,
    AI_PASSIVE,
    IPPROTO_IPV6,
    IPV6_V6ONLY,
    SO_REUSEADDR,
    SOCK_STREAM,
    SOL_SOCKET,
    gaierror,
    getaddrinfo,
    socket,
)
from typing import cast

import uvicorn
from fastapi import FastAPI

from daka import systemd
from daka.app import create_app
from daka.connections import Admission, LimitedConnection, most_connections, raise_file_limit
from daka.errors import ConfigurationError
from daka.settings import Settings

SHUTDOWN_SECONDS = 3


class ServerConfig(uvicorn.Config):
    admission: Admission


class Server(uvicorn.Server):
    """Limits connections, ends the event streams first at shutdown, and reports its state to systemd."""

    async def main_loop(self) -> None:
        async with systemd.notified():
            await super().main_loop()

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        if counter % 10 == 0:
            now = time.monotonic()
            for connection in list(self.server_state.connections):
                if isinstance(connection, LimitedConnection):
                    connection.check(now)
            cast(ServerConfig, self.config).admission.report_refusals(now)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        cast(FastAPI, self.config.app).state.live.end()
        await super().shutdown(sockets)


def server_config(settings: Settings, *, with_worker: bool = True) -> uvicorn.Config:
    """Uvicorn's configuration for the application. Raises the limit of open files."""
    config = ServerConfig(
        create_app(settings, with_worker=with_worker),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
        http=LimitedConnection,
        ws="none",
    )
    config.admission = Admission(settings.trusted_proxies, most_connections(raise_file_limit()))
    return config


def refuse_unusable_address(settings: Settings) -> None:
    """Before a worker starts beside it: can the server listen there?

    Raises ConfigurationError: names the setting and what helps.
    """
    host, port = settings.host, settings.port
    try:
        found = getaddrinfo(host, port, type=SOCK_STREAM, flags=AI_PASSIVE)
    except (gaierror, UnicodeError):
        raise ConfigurationError(f"HOST: {host} does not resolve to an address of this machine") from None
    for family, kind, _, _, address in found:
        try:
            with socket(family, kind) as tried:
                tried.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
                if family == AF_INET6:
                    tried.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
                tried.bind(address)
        except OSError as error:
            why = {
                errno.EADDRINUSE: f"PORT: {port} is in use by another program (ss -ltnp shows which); choose another one",
                errno.EACCES: f"PORT: {port} is open to root alone; choose one above 1023",
                errno.EADDRNOTAVAIL: f"HOST: {host} is not an address of this machine; 0.0.0.0 stands for all of them",
            }.get(error.errno or 0)
            if why and not (error.errno == errno.EADDRNOTAVAIL and len(found) > 1):  # ::1 of a name, without IPv6
                raise ConfigurationError(why) from None
