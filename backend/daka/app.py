"""The application, from settings to routes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial

import sqlalchemy as sa
from fastapi import FastAPI

import daka.today.health_routes
from daka import __version__
from daka.backup.left_behind import refuse_data_left_behind
from daka.backup.service import BackupJob
from daka.change_events import ChangeNotifier, listen_to_other_processes
from daka.chat.supervisor import is_held
from daka.delivery.sender import Sender
from daka.errors import DakaError
from daka.file_reader import FileReader
from daka.key_rotation import warn_of_another_key
from daka.lifetime import Lifetime
from daka.live.stream import Live
from daka.migrations import migrate
from daka.openapi import describe
from daka.outbound.http import Outbound
from daka.problems import answer_problems
from daka.reference import serve_reference
from daka.reminders.punches.checker import PunchChecker
from daka.routing import LateRoutes
from daka.settings import Settings
from daka.syncing.pulls import RosterPuller
from daka.syncing.pushes import RosterPusher
from daka.web import RequestFrame, serve_build_instructions, serve_web_app
from daka.wiring import open_database
from daka.worker import ReminderWorker

API = "daka.api"
API_PATHS = ("/api/", "/ical/", "/a/")


def create_app(settings: Settings, *, with_worker: bool = True) -> FastAPI:
    """The API, the web app if it is built, and (by default) a worker, in one process."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        settings = _settings_of(app)
        app.state.refusal = None
        async with AsyncExitStack() as stack:
            try:
                database = await stack.enter_async_context(open_database(settings))
                await migrate(database)
                await refuse_data_left_behind(database, settings)
            except (DakaError, sa.exc.DBAPIError) as refusal:
                app.state.refusal = refusal
                raise
            await warn_of_another_key(database, settings.secret)
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
            app.state.roster_pusher = RosterPusher(database, app.state.punch_checker)
            app.state.file_reader = FileReader()
            app.state.lifetime = Lifetime(stack)
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
    app.router.routes.extend(daka.today.health_routes.router.routes)
    app.router.routes.append(LateRoutes(app.router, API_PATHS, API))
    describe(app)
    serve_reference(app)
    if settings.web_files:
        serve_web_app(app, settings.web_files)
    else:
        serve_build_instructions(app)
    return app


def _settings_of(app: FastAPI) -> Settings:
    settings: Settings = app.state.settings
    return settings
