"""The HTTP server of the application."""

from socket import socket
from typing import cast

import uvicorn
from fastapi import FastAPI

from daka import systemd
from daka.app import create_app
from daka.settings import Settings

SHUTDOWN_SECONDS = 3


class Server(uvicorn.Server):
    """Ends the event streams first, so that open browsers do not delay the shutdown. Reports its state to systemd."""

    async def main_loop(self) -> None:
        async with systemd.notified():
            await super().main_loop()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        cast(FastAPI, self.config.app).state.live.end()
        await super().shutdown(sockets)


def server_config(settings: Settings, *, with_worker: bool = True) -> uvicorn.Config:
    """Uvicorn's configuration for the application."""
    return uvicorn.Config(
        create_app(settings, with_worker=with_worker),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        proxy_headers=True,
        forwarded_allow_ips=settings.trusted_proxies,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
