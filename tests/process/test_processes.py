"""Real processes: on time, once, after a kill, across processes, and gone when they are told to go."""

import asyncio
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import DATABASES, SECRET, DatabaseMaker, eventually
from conftest import test_settings as settings_with
from daka.database import Database
from daka.delivery.models import Delivery, Lane
from process.servers import (
    STARTS_WITHIN_SECONDS,
    Crew,
    Server,
    Sink,
    give_webhooks,
    has_ended,
    hire,
    roster,
    serving,
    slowness,
)

pytestmark = pytest.mark.process

PEOPLE = 24
AT_ONCE = {"clock_in": {"start": 0, "every": None, "until": 60}, "clock_out": {"start": 0, "every": None, "until": 60}}
ON_TIME_SECONDS = 1.0


@asynccontextmanager
async def database_at(url: str) -> AsyncIterator[Database]:
    database = Database(settings_with(database_url=url))
    try:
        yield database
    finally:
        await database.dispose()


async def log_of(server: Server, crew: Crew) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await server.ask(crew.root, "GET", "/api/v1/deliveries?limit=500"))["items"]
    return found


# --- the minute -------------------------------------------------------------------------------------------------------


@dataclass
class Pair:
    """Two processes on one database."""

    name: str
    first: Server
    second: Server
    crew: Crew


@dataclass
class Minute:
    """A full minute at which everybody's work starts, for every database at once: it has to be waited for only once."""

    at: float
    sink: Sink
    pairs: dict[str, Pair]
    older: Server
    slowness: float = 1.0
    """How many seconds a second of work took around that minute: what a busy machine does to everybody."""


@pytest.fixture(scope="module")
async def minute(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> AsyncIterator[Minute]:
    folder = tmp_path_factory.mktemp("processes")
    async with AsyncExitStack() as stack:
        sink = await stack.enter_async_context(Sink().running())
        pairs = {}
        for kind in DATABASES:
            url = await DatabaseMaker(kind, folder, postgres_server).url()
            settings = {"database_url": url, "secret_key": SECRET, "allow_private_targets": "127.0.0.1"}
            async with database_at(url) as database:
                crew = await hire(database, PEOPLE)
            first, second = await asyncio.gather(
                *(stack.enter_async_context(serving(folder / kind / name, **settings)) for name in ("a", "b"))
            )
            await give_webhooks(first, crew, f"{sink.base_url}/{kind}")
            pairs[kind] = Pair(kind, first, second, crew)
        older = await stack.enter_async_context(_older_system(folder / "older", sink))

        moment = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(minutes=1)
        if (moment - datetime.now(UTC)).total_seconds() < 8:
            moment += timedelta(minutes=1)
        for pair in pairs.values():
            await roster(pair.first, pair.crew, moment, AT_ONCE)
        await _everybody_at(older, moment)
        assert time.time() < moment.timestamp(), "preparing took too long"

        found = Minute(moment.timestamp(), sink, pairs, older)
        await asyncio.sleep(found.at - time.time())
        found.slowness = await asyncio.to_thread(slowness)

        async def all_are_there() -> bool:
            return all(len(sink.under(f"/{kind}/")) >= PEOPLE for kind in pairs) and bool(sink.under("/working"))

        await eventually(all_are_there, within_seconds=30)
        yield found


@asynccontextmanager
async def _older_system(folder: Path, sink: Sink) -> AsyncIterator[Server]:
    """A process with nothing but the older system's `.env` beside it."""
    folder.mkdir()  # noqa: ASYNC240
    (folder / ".env").write_text(
        f"SECRET_KEY={SECRET}\nDATABASE_URL=sqlite:///data/app.db\nWORKING_URL={sink.base_url}/working?token=7\n"
        f"NO_WORK_URL={sink.base_url}/no-work\nAPI_TOKEN=x\nREMINDER_ENABLED=true\n"
    )
    async with serving(folder) as server:
        yield server


async def _everybody_at(server: Server, moment: datetime) -> None:
    """Set up the first administrator and let them work from that minute on."""
    account = {"username": "root", "password": "an uncommon phrase of words"}
    answer = await server.http.post("/api/v1/setup", json=account)
    assert answer.status_code == 201, answer.text
    me = await server.ask(1, "GET", "/api/v1/me")
    await roster(server, Crew(me["id"], me["team_id"], (me["id"],)), moment, AT_ONCE)


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_process_is_healthy_soon(minute: Minute, kind: str) -> None:
    pair = minute.pairs[kind]
    for server in (pair.first, pair.second):
        print(f"healthy after {server.started_in_seconds:.2f} s, {server.started_with_cpu_seconds:.2f} s of CPU")
        assert server.started_in_seconds < STARTS_WITHIN_SECONDS
        assert server.started_with_cpu_seconds < 8


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_reminder_reaches_its_channel_within_a_second(minute: Minute, kind: str) -> None:
    late = [at - minute.at for at, _ in minute.sink.under(f"/{kind}/")]
    print(f"{min(late):.3f} to {max(late):.3f} s after the minute, slowness {minute.slowness:.1f}")
    assert min(late) >= 0, "nothing goes out before its time"
    assert max(late) <= ON_TIME_SECONDS * minute.slowness, f"{sorted(late)}, slowness {minute.slowness}"


@pytest.mark.parametrize("kind", DATABASES)
async def test_two_processes_send_each_reminder_once(minute: Minute, kind: str) -> None:
    pair = minute.pairs[kind]

    async def all_are_recorded() -> bool:
        return all(found["status"] == "sent" for found in await log_of(pair.second, pair.crew))

    await eventually(all_are_recorded)
    log = await log_of(pair.first, pair.crew)
    assert len(log) == PEOPLE
    assert all(len(found["attempts"]) == 1 for found in log)
    told = Counter(
        person["reminder_id"] for _, asked in minute.sink.under(f"/{kind}/") for person in asked.json["data"]["people"]
    )
    assert (len(told), set(told.values())) == (PEOPLE, {1})
    keys = {asked.headers["webhook-id"] for _, asked in minute.sink.under(f"/{kind}/")}
    assert len(keys) == PEOPLE


async def test_the_older_systems_address_gets_a_text_at_the_right_minute(minute: Minute) -> None:
    ((at, asked),) = minute.sink.under("/working")
    assert 0 <= at - minute.at <= ON_TIME_SECONDS * minute.slowness
    assert asked.query == {"token": "7"}
    assert asked.json["msgtype"] == "text"
    assert "上班打卡" in asked.json["text"]["content"]
    assert minute.sink.under("/no-work") == []


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_change_through_one_process_is_an_event_at_the_other_within_a_second(minute: Minute, kind: str) -> None:
    pair = minute.pairs[kind]
    headers = pair.first.as_user(pair.crew.root)
    async with pair.first.http.stream("GET", "/api/v1/events", headers=headers, timeout=15) as stream:
        lines = stream.aiter_lines()
        async for line in lines:
            if line == ": hello":
                break
        rest = {"name": "休息", "code": "休", "is_rest": True}
        changed_at = time.monotonic()
        await pair.second.ask(pair.crew.root, "POST", "/api/v1/shifts", rest)
        async for line in lines:
            if line == "event: shift":
                break
        took = time.monotonic() - changed_at
    assert took <= ON_TIME_SECONDS * max(minute.slowness, await asyncio.to_thread(slowness))


@pytest.mark.parametrize("kind", DATABASES)
async def test_a_process_ends_when_it_is_told_to_although_somebody_listens(minute: Minute, kind: str) -> None:
    pair = minute.pairs[kind]
    headers = pair.second.as_user(pair.crew.root)
    async with pair.second.http.stream("GET", "/api/v1/events", headers=headers) as stream:
        assert stream.status_code == 200
        told_at = time.monotonic()
        pair.second.process.send_signal(signal.SIGTERM)
        await eventually(lambda: has_ended(pair.second), within_seconds=20)
        assert time.monotonic() - told_at < 9, "Docker waits ten seconds"
    assert pair.second.process.returncode in (0, -signal.SIGTERM)
    assert "Traceback" not in pair.second.log.read_text()
    assert (await pair.first.http.get("/api/health")).status_code == 200


@pytest.mark.parametrize("kind", DATABASES)
async def test_the_log_is_json_without_secrets(minute: Minute, kind: str) -> None:
    import json

    pair = minute.pairs[kind]
    for server in (pair.first, pair.second, minute.older):
        text = server.log.read_text()
        assert all(json.loads(line) for line in text.splitlines())
        assert SECRET not in text
        assert "token=7" not in text


# --- kill -9 ----------------------------------------------------------------------------------------------------------


async def _outage_of(database: Database, minutes: int) -> None:
    """As if the machine had been off for so long: everything that waits has waited so much longer."""
    ago = timedelta(minutes=minutes)
    async with database.write() as session:
        for delivery in await session.exec(select(Delivery)):
            delivery.due_at -= ago
            if delivery.next_attempt_at:
                delivery.next_attempt_at -= ago
            session.add(delivery)
        for lane in await session.exec(select(Lane).where(sa.column("leased_until").is_not(None))):
            assert lane.leased_until is not None
            lane.leased_until -= ago
            session.add(lane)


async def test_after_a_kill_between_due_and_sent_the_message_goes_out_once_and_says_it_is_late(
    database_url: str, tmp_path: Path
) -> None:
    settings = {"database_url": database_url, "secret_key": SECRET, "allow_private_targets": "127.0.0.1"}
    async with Sink().running() as sink, database_at(database_url) as database:
        crew = await hire(database, 1)
        sink.hangs = True
        async with serving(tmp_path / "killed", **settings) as server:
            await give_webhooks(server, crew, sink.base_url)
            await roster(server, crew, datetime.now(UTC) - timedelta(minutes=2), AT_ONCE)
            await eventually(lambda: _has(sink, 1))
            server.process.kill()
            await eventually(lambda: has_ended(server))
        (unanswered,) = [asked for _, asked in sink.arrived]
        assert unanswered.json["data"]["late"] is False

        await _outage_of(database, minutes=3)
        sink.hangs = False
        async with serving(tmp_path / "again", **settings) as server:
            await eventually(lambda: _has(sink, 2))

            async def is_recorded() -> list[dict[str, Any]]:
                return [found for found in await log_of(server, crew) if found["status"] == "sent"]

            (sent,) = await eventually(is_recorded)
            assert (sent["is_late"], len(await log_of(server, crew))) == (True, 1)
        _, again = (asked for _, asked in sink.arrived)
        assert again.headers["webhook-id"] == unanswered.headers["webhook-id"]
        assert again.json["data"]["late"] is True
        assert "这条提醒迟到了" in again.json["data"]["text"]
        assert len(sink.arrived) == 2


async def _has(sink: Sink, how_many: int) -> bool:
    return len(sink.arrived) >= how_many


async def test_a_port_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    async with Sink().running() as sink:
        import os
        import sys

        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "daka", "serve", "--port", str(sink.port)),
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "SECRET_KEY": SECRET},
            stderr=asyncio.subprocess.PIPE,
        )
        _, said = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 1
        [line] = said.decode().strip().splitlines()
        assert line.startswith(f"daka: PORT: {sink.port} is in use by another program")
