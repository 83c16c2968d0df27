"""Starts a new demo: an empty folder, a demo team, a fake DingTalk, and the real server."""

import asyncio
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

from daka import security
from daka.demo.fake_dingtalk import FakeDingTalk
from daka.demo.team import create_demo_team
from daka.errors import ConfigurationError
from daka.migrations import migrate
from daka.observability import configure_logging
from daka.server import Server, server_config
from daka.settings import Settings
from daka.wiring import open_database

FOLDER = Path("data/demo")
ROBOT_TOKEN = "demo0robot"  # noqa: S105 - known to nobody but the fake
WORDS = ("jade", "river", "maple", "cloud", "stone", "plum", "heron", "cedar", "tiger", "lotus", "amber", "reed")


def run_demo(*, host: str, port: int) -> None:
    """Set up a new demo and serve it until a signal arrives."""
    _refuse_taken_port(host, port)
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    asyncio.run(_run(host, port))


async def _run(host: str, port: int) -> None:
    password = os.environ.get("DEMO_PASSWORD") or "-".join(secrets.choice(WORDS) for _ in range(3))
    robot_secret = f"SEC{secrets.token_hex(32)}"
    async with FakeDingTalk(ROBOT_TOKEN, robot_secret) as dingtalk:
        settings = Settings(
            _env_file=None,
            secret_key=secrets.token_urlsafe(48),
            database_url=f"sqlite:///{FOLDER}/app.db",
            data_dir=FOLDER,
            host=host,
            port=port,
            public_url=f"http://localhost:{port}",  # its phone is this machine
            dingtalk_base_url=dingtalk.url,
            working_url="",
            no_work_url="",
            check_url="",
            log_level="WARNING",
            backup_every_hours=0,
        )
        configure_logging(settings.log_level)
        async with open_database(settings) as database:
            await migrate(database)
            async with database.write() as session:
                await create_demo_team(
                    session,
                    password_hash=await security.hash_password(password),
                    robot_url=dingtalk.webhook_url,
                    robot_secret=robot_secret,
                    zone=settings.zone,
                )
        server = Server(server_config(settings))
        serving = asyncio.create_task(server.serve())
        while not server.started and not serving.done():  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.05)
        if server.started:
            _print_instructions(f"http://{'localhost' if host == '127.0.0.1' else host}:{port}", dingtalk.url, password)
        await serving


def _print_instructions(address: str, dingtalk: str, password: str) -> None:
    sys.stdout.write(
        f"""
  打卡 Daka · demo

  Open            {address}
  Sign in as      bob    (member)    is reminded within a minute
                  alice  (planner)   plans the team
                  admin  (administrator)
  Password        {password}   (the same for all)
  Group chat      {dingtalk}   (a fake DingTalk)

  Reminders are sent from the next full minute on. Ctrl+C ends the demo; its data is deleted at the next start.

"""
    )
    sys.stdout.flush()


def _refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigurationError(
                f"port {port} on {host} is in use; stop the other program, or choose another port: daka demo --port 8001"
            ) from error
