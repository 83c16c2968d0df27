"""What each command of the command line does. Imported by the first command that runs: it loads the whole application."""

import asyncio
import gc
import getpass
import json
import logging
import os
import signal
import sys
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from pydantic import ValidationError
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, security, systemd
from daka.app import create_app
from daka.audit_trail import asked_by
from daka.change_events import ChangeNotifier
from daka.connections import raise_file_limit
from daka.database import Database, database_state
from daka.delivery.sender import Sender
from daka.errors import DakaError
from daka.identity.models import Role, User
from daka.identity.passwords import refuse_weak
from daka.identity.schemas import PersonFields
from daka.identity.users import add_user, change_password
from daka.key_rotation import rotate_key, warn_of_another_key
from daka.languages import Language, language_of_terminal
from daka.migrations import migrate
from daka.observability import configure_logging
from daka.outbound.http import Outbound
from daka.own_files import create_privately, prepare_own_files
from daka.server import Server, refuse_unusable_address, server_config
from daka.settings import Settings
from daka.wiring import open_database
from daka.worker import ReminderWorker

log = logging.getLogger("daka")
COMMAND = "daka user"
"""The actor in the audit log for changes made on the server's command line."""


def _started(**overrides: Any) -> Settings:
    create_privately()
    settings = Settings(**overrides)
    configure_logging(settings.log_level)
    return settings


def _installed() -> Settings:
    """For commands about data that is there: in another folder they would make an empty database, and report on that."""
    settings = _started()
    if (file := settings.database_file) is not None and not file.exists():
        raise DakaError(
            f"there is no database at {file.absolute()}; check DATABASE_URL, and in which folder this command runs"
        )
    return settings


def serve(asked: Namespace) -> None:
    given = {name: value for name in ("host", "port") if (value := getattr(asked, name)) is not None}
    settings = _started(**given)
    prepare_own_files(settings)
    refuse_unusable_address(settings)
    zone = "" if "timezone" in settings.model_fields_set else ", the default (TIMEZONE sets another)"
    log.info("Daka %s. Time zone: %s%s. Data: %s", __version__, settings.timezone, zone, settings.data_dir.absolute())
    server = Server(server_config(settings, with_worker=not asked.no_worker))
    state = cast(FastAPI, server.config.app).state
    # An expected error is printed once, as its message, without uvicorn's traceback before it.
    logging.getLogger("uvicorn.error").addFilter(lambda _: state.refusal is None)
    _freeze_startup_objects()
    if settings.database_file is not None:
        _migrate_aside(settings)
    with suppress(SystemExit):  # uvicorn exits like this if it cannot listen
        server.run()
    if state.refusal:
        raise state.refusal
    if not server.started:
        raise DakaError(f"could not start on {settings.host}:{settings.port}; see the log above")


def _migrate_aside(settings: Settings) -> None:
    """Migrate in a child process, with which the memory of the migration ends (8 MB). The server itself reports what fails."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    try:
        with suppress(Exception):
            asyncio.run(_migrate(settings))
    finally:
        os._exit(0)


def _freeze_startup_objects() -> None:
    """Exclude the objects made at start-up from garbage collection: in a burst, scanning half a million of them is wasted.

    Halves the cost of claiming a delivery (`make bench`).
    """
    gc.freeze()
    gc.set_threshold(20_000)


def _run(work: Coroutine[Any, Any, None]) -> None:
    """Use the same event loop as `daka serve`: uvloop if it is installed."""
    _freeze_startup_objects()
    with asyncio.Runner(loop_factory=uvicorn.Config("daka").get_loop_factory()) as runner:
        runner.run(work)


async def _work(settings: Settings, tick_file: Path | None) -> None:
    prepare_own_files(settings)
    raise_file_limit()
    async with open_database(settings) as database:
        await migrate(database)
        await warn_of_another_key(database, settings.secret)
        notifier = ChangeNotifier()
        notifier.attach_to(database)
        async with Outbound.of(settings) as outbound:
            sender = Sender(database, settings, outbound)
            worker = ReminderWorker(database, settings, sender, outbound, notifier, tick_file=tick_file)
            await worker.start()
            stopped = asyncio.Event()
            for number in (signal.SIGINT, signal.SIGTERM):
                asyncio.get_running_loop().add_signal_handler(number, stopped.set)
            async with systemd.notified():
                await stopped.wait()
            await worker.stop()


async def _migrate(settings: Settings) -> None:
    prepare_own_files(settings)
    async with Database(settings) as database:
        await migrate(database)


async def _back_up(settings: Settings, asked: Namespace) -> None:
    from daka.backup.service import back_up

    if asked.claimed:
        os.nice(10)  # reminders come first
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that no half-written file remains
    async with Database(settings) as database:
        made = await back_up(database, settings, to=asked.file, run_id=asked.claimed)
    print(f"{made.file}: {made.row_count} rows, {made.size_bytes} bytes{', encrypted' if settings.backup_key else ''}")
    if not settings.secret_key:
        print(f"Also keep a copy of {settings.secret_file}: stored secrets cannot be decrypted without it")


async def _restore(settings: Settings, asked: Namespace) -> None:
    from daka.backup.archive import contents_of
    from daka.backup.restoring import restore
    from daka.privacy.after_restore import AfterRestore
    from daka.wiring import HOOKS

    if not asked.file.is_file():
        raise DakaError(f"no such file: {asked.file}")
    if asked.check:
        held = contents_of(asked.file, settings.backup_key)
        print(f"intact: {held.row_count} rows of {held.manifest.made_at}, Daka {held.manifest.app}")
        return
    after = AfterRestore(HOOKS, keeps_sessions=asked.keep_sessions)
    done = await restore(
        settings, asked.file, key=settings.backup_key, after=after, replace=asked.replace, other_key=asked.other_key
    )
    print(f"{done.contents.row_count} rows of {done.contents.manifest.made_at} were restored and verified")
    print("\n".join(after.words(done.contents.manifest.made_at)))
    if done.kept:
        print(f"The former database was kept as {done.kept}")
    if not done.opens_secrets:
        print(
            "This SECRET_KEY cannot decrypt the stored secrets: run daka rotate-key with the former key, or enter them again"
        )


async def _examine(settings: Settings, asked: Namespace) -> int:
    from daka.doctor.diagnoses import exit_status
    from daka.doctor.network import own_port
    from daka.doctor.service import examine
    from daka.wiring import HOOKS

    findings = await examine(settings, HOOKS, offline=asked.offline)
    if server := await asyncio.to_thread(own_port, settings):
        findings.append(server)
    if asked.json:
        print(json.dumps([found.json() for found in findings], ensure_ascii=False, indent=1))
    else:
        language = Language(asked.language) if asked.language else language_of_terminal(os.environ)
        print("\n".join(found.line(language) for found in findings))
    return exit_status(findings)


def demo(asked: Namespace) -> None:
    from daka.demo import run_demo  # imported only here: the demo includes a fake DingTalk

    run_demo(host=asked.host, port=asked.port)


@asynccontextmanager
async def _writing(settings: Settings) -> AsyncIterator[AsyncSession]:
    """One transaction by this command, in a database that is up to date."""
    async with Database(settings) as database:
        await migrate(database)
        async with database.write() as session:
            asked_by(session, None, COMMAND)
            yield session


async def _list_users(settings: Settings) -> None:
    async with _writing(settings) as session:
        for user in await session.exec(select(User).where(User.deleted_at.is_(None)).order_by(User.id)):
            state = "active" if user.is_active else "disabled"
            print(f"{user.id}\t{user.username}\t{user.role}\t{state}\t{user.display_name}")


def _read_password(*names: str | None) -> str:
    """A password from the terminal or standard input that is strong enough for a user with these names."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Again: "):
            raise DakaError("the passwords do not match")
    else:
        password = sys.stdin.readline().rstrip("\n")
    refuse_weak(password, *names)
    return password


async def _create_user(settings: Settings, asked: Namespace) -> None:
    new = PersonFields(username=asked.username, display_name=asked.name, role=Role(asked.role))
    hashed = await security.hash_password(_read_password(asked.username, asked.name))
    async with _writing(settings) as session:
        user = await add_user(session, new, hashed)
    print(f"{user.username} can now sign in")


async def _set_password(settings: Settings, username: str) -> None:
    hashed = await security.hash_password(_read_password(username))
    async with _writing(settings) as session:
        asked = select(User).where(User.username == username.lower(), User.deleted_at.is_(None))
        user = (await session.exec(asked)).first()
        if user is None:
            raise DakaError(f"no such account: {username}")
        await change_password(session, user, hashed)
    print(f"{username} has a new password")


async def _rotate_key(settings: Settings) -> None:
    former = getpass.getpass("Former SECRET_KEY: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
    async with Database(settings) as database:
        await migrate(database)
        print(
            f"{await rotate_key(database, former=former, present=settings.secret)} secrets encrypted with the new key"
        )


def openapi(_: Namespace) -> None:
    settings = Settings(_env_file=None, secret_key="x" * 32)
    json.dump(create_app(settings, with_worker=False).openapi(), sys.stdout, indent=1, ensure_ascii=False)
    sys.stdout.write(os.linesep)


COMMANDS: dict[str, Callable[[Namespace], int | None]] = {
    "serve": serve,
    "worker": lambda asked: _run(_work(_started(), asked.tick_file)),
    "migrate": lambda _: asyncio.run(_migrate(_started())),
    "backup": lambda asked: asyncio.run(_back_up(_installed(), asked)),
    "restore": lambda asked: asyncio.run(_restore(_started(), asked)),
    "doctor": lambda asked: asyncio.run(_examine(_started(), asked)),
    "demo": demo,
    "user list": lambda _: asyncio.run(_list_users(_installed())),
    "user create": lambda asked: asyncio.run(_create_user(_started(), asked)),
    "user password": lambda asked: asyncio.run(_set_password(_installed(), asked.username)),
    "rotate-key": lambda _: asyncio.run(_rotate_key(_installed())),
    "openapi": openapi,
}


def run(asked: Namespace) -> int:
    """Run one command. An expected error prints one sentence to stderr and returns status 1."""
    try:
        return COMMANDS[asked.command](asked) or 0
    except ValidationError as error:
        for found in error.errors(include_url=False, include_input=False):
            name = "_".join(map(str, found["loc"])).upper()
            said = found["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
            print(f"daka: {name} {said}", file=sys.stderr)
    except DakaError as error:
        print(f"daka: {error}", file=sys.stderr)
    except sa.exc.DBAPIError as error:
        if database_state(error) is None:
            raise
        from daka.doctor.unreachable import unreachable

        print(unreachable(Settings(), error).line(language_of_terminal(os.environ)), file=sys.stderr)
    return 1
