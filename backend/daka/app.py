"""The application, from settings to routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

from fastapi import FastAPI

import daka.audit.routes
import daka.backup.routes
import daka.chat.routes
import daka.delivery.one_tap.routes
import daka.delivery.routes
import daka.doctor.routes
import daka.explain.routes
import daka.identity.external_login_routes
import daka.identity.me_routes
import daka.identity.sign_in_routes
import daka.identity.teams_routes
import daka.identity.users_routes
import daka.live.routes
import daka.privacy.routes
import daka.proposing.routes
import daka.reminders.punches.routes
import daka.reminders.routes
import daka.roster.routes
import daka.shifts.routes
import daka.syncing.people_routes
import daka.syncing.routes
import daka.today.routes
from daka import __version__
from daka.backup.left_behind import refuse_data_left_behind
from daka.backup.service import BackupJob
from daka.change_events import ChangeNotifier, listen_to_other_processes
from daka.chat.supervisor import is_held
from daka.database import Database
from daka.delivery.sender import Sender
from daka.errors import DakaError
from daka.file_reader import FileReader
from daka.live.stream import Live
from daka.migrations import migrate
from daka.openapi import describe
from daka.outbound.http import Outbound
from daka.problems import answer_problems
from daka.proposing.runs import Proposals
from daka.reference import serve_reference
from daka.reminders.punches.checker import PunchChecker
from daka.roster.transfer.jobs import Imports
from daka.settings import Settings
from daka.syncing.people import PeopleReader
from daka.syncing.pulls import RosterPuller
from daka.web import RequestFrame, serve_build_instructions, serve_web_app
from daka.wiring import open_database
from daka.worker import ReminderWorker

ROUTERS = (
    daka.identity.sign_in_routes.router,
    daka.identity.external_login_routes.router,
    daka.identity.me_routes.router,
    daka.identity.users_routes.router,
    daka.identity.teams_routes.router,
    daka.audit.routes.router,
    daka.backup.routes.router,
    daka.privacy.routes.router,
    daka.shifts.routes.router,
    daka.roster.routes.router,
    daka.proposing.routes.routes,
    daka.explain.routes.router,
    daka.reminders.routes.router,
    daka.reminders.punches.routes.router,
    daka.syncing.routes.router,
    daka.syncing.routes.roster_router,
    daka.syncing.people_routes.router,
    daka.delivery.routes.router,
    daka.delivery.one_tap.routes.router,
    daka.chat.routes.router,
    daka.today.routes.router,
    daka.live.routes.router,
    daka.doctor.routes.router,
)


def create_app(settings: Settings, *, with_worker: bool = True) -> FastAPI:
    """The API, the web app if it is built, and (by default) a worker, in one process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings = _settings_of(app)
        app.state.refusal = None
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(open_database(settings))
            await _up_to_date(app, database, settings)
            notifier = ChangeNotifier()
            notifier.attach_to(database)
            outbound = await stack.enter_async_context(Outbound.of(settings))
            sender = Sender(database, settings, outbound)
            live = Live(database, notifier)
            app.state.database, app.state.outbound = database, outbound
            app.state.sender, app.state.live = sender, live
            outbound.lines.is_held = partial(is_held, database)
            app.state.external_logins = {}
            app.state.punch_checker = PunchChecker(database, settings, outbound)
            app.state.roster_puller = RosterPuller(database, app.state.punch_checker)
            app.state.people_reader = PeopleReader(database, app.state.punch_checker, settings)
            app.state.file_reader = FileReader()
            app.state.imports = await stack.enter_async_context(Imports(database, app.state.file_reader))
            app.state.proposals = await stack.enter_async_context(Proposals(database))
            app.state.backups = BackupJob(database, settings)
            stack.push_async_callback(app.state.backups.stop)
            tasks = [asyncio.create_task(live.run())]
            if with_worker:
                worker = ReminderWorker(database, settings, sender, outbound, notifier)
                await worker.start()
                stack.push_async_callback(worker.stop)
            else:
                tasks.append(asyncio.create_task(listen_to_other_processes(database, notifier)))
            try:
                yield
            finally:
                for task in tasks:
                    task.cancel()
                    with suppress(asyncio.CancelledError):
                        await task

    app = FastAPI(
        title="Daka",
        version=__version__,
        lifespan=lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.settings = settings
    app.state.refusal = None
    app.add_middleware(RequestFrame, max_body_bytes=settings.max_body_bytes)
    answer_problems(app)
    for router in ROUTERS:
        app.router.routes.extend(router.routes)
    describe(app)
    serve_reference(app)
    if settings.web_files:
        serve_web_app(app, settings.web_files)
    else:
        serve_build_instructions(app)
    return app


async def _up_to_date(app: FastAPI, database: Database, settings: Settings) -> None:
    try:
        await migrate(database)
        await refuse_data_left_behind(database, settings)
    except DakaError as refusal:
        app.state.refusal = refusal
        raise


def _settings_of(app: FastAPI) -> Settings:
    settings: Settings = app.state.settings
    return settings
