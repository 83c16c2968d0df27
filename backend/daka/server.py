"""The HTTP server of the application."""

import time
from socket import socket
from typing import cast

import uvicorn
from fastapi import FastAPI

from daka import systemd
from daka.app import create_app
from daka.connections import Admission, LimitedConnection, most_connections, raise_file_limit
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
