"""Promises that only real processes can keep: on time, once, and not lost when one is killed."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from conftest import eventually
from process.house import House, Server, Sink, next_minute, running_sink, said, set_up, shift_due_at, work_date_of

pytestmark = pytest.mark.process


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    async with running_sink() as found:
        yield found


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    found = House(tmp_path, database_url)
    yield found
    await found.close()


async def people_with_webhooks(server: Server, auth: dict[str, str], sink: Sink, how_many: int) -> list[int]:
    """People who each have a webhook of their own, which is named after them."""
    ids = []
    for number in range(how_many):
        name = f"worker{number}"
        person = await said(
            server.http.post(
                "/api/v1/users", headers=auth, json={"username": name, "password": "a long passphrase", "team_id": 1}
            )
        )
        token = (
            await said(server.http.post("/api/v1/auth/token", data={"username": name, "password": "a long passphrase"}))
        )["access_token"]
        await said(
            server.http.post(
                "/api/v1/channels",
                headers={"Authorization": f"Bearer {token}"},
                json={"name": name, "kind": "webhook", "config": {"url": f"{sink.url}/{name}"}},
            )
        )
        ids.append(person["id"])
    return ids


async def plan(server: Server, auth: dict[str, str], people: list[int], due_at: datetime, code: str) -> None:
    shift = await said(server.http.post("/api/v1/shifts", headers=auth, json=shift_due_at(due_at, code)))
    cells = [{"user_id": user_id, "date": work_date_of(due_at), "shift_id": shift["id"]} for user_id in people]
    await said(server.http.put("/api/v1/roster", headers=auth, json={"assignments": cells}))


async def deliveries(server: Server, auth: dict[str, str]) -> list[dict[str, Any]]:
    return (await said(server.http.get("/api/v1/deliveries", headers=auth, params={"limit": 500})))["items"]


async def test_a_reminder_arrives_within_a_second_and_two_servers_send_each_once(house: House, sink: Sink) -> None:
    first = await house.serve()
    second = await house.serve()
    assert first.started_in < 30  # measured below 3 s on a quiet machine
    auth = await set_up(first)
    people = await people_with_webhooks(first, auth, sink, 8)
    due_at = next_minute(at_least_seconds=10)
    await plan(first, auth, people, due_at, "早")

    async def all_arrived() -> bool:
        return len(sink.arrivals) >= len(people)

    await eventually(all_arrived, within_seconds=90)
    lateness = sorted(found.at - due_at.timestamp() for found in sink.arrivals)
    assert lateness[0] >= 0
    assert lateness[len(lateness) // 2] < 1, lateness

    # Whoever sends a second time does it now: give both servers a change to look at, and see that nothing more comes.
    await said(second.http.patch("/api/v1/teams/1", headers=auth, json={"name": "Renamed"}))
    await asyncio.sleep(1)
    assert sorted(found.path for found in sink.arrivals) == sorted(f"/worker{number}" for number in range(len(people)))
    sent = await deliveries(second, auth)
    assert [found["status"] for found in sent] == ["sent"] * len(people)
    assert not any(found["is_late"] for found in sent)


async def test_killed_between_due_and_sent_it_goes_out_once_after_the_restart_and_says_it_is_late(
    house: House, sink: Sink
) -> None:
    server = await house.serve()
    auth = await set_up(server)
    people = await people_with_webhooks(server, auth, sink, 1)
    sink.holds = True
    await plan(server, auth, people, datetime.now(UTC) - timedelta(minutes=2), "早")  # its window is open: due at once

    async def is_held() -> bool:
        return sink.held > 0

    await eventually(is_held)
    await server.kill()
    sink.holds = False

    restarted = await house.serve(healthy=False)

    async def has_arrived() -> bool:
        return bool(sink.arrivals)

    await eventually(has_arrived, within_seconds=60)

    async def is_recorded() -> bool:
        return (await deliveries(restarted, auth))[0]["status"] == "sent"

    await eventually(is_recorded)
    assert len(sink.arrivals) == 1
    assert "迟到" in sink.arrivals[0].body["data"]["text"]
    (found,) = await deliveries(restarted, auth)
    assert found["is_late"]


async def test_a_server_with_an_open_stream_stops_quickly_and_tells_of_changes_made_by_the_other(
    house: House, sink: Sink
) -> None:
    first, second = await house.serve(), await house.serve("--no-worker")
    auth = await set_up(first)
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def listen() -> None:
        async with second.http.stream("GET", "/api/v1/events", headers=auth) as stream:
            async for line in stream.aiter_lines():
                if line.startswith(("event:", "retry:")):
                    await heard.put(line)

    listening = asyncio.create_task(listen())
    assert await asyncio.wait_for(heard.get(), 10) == "retry: 2000"
    began = time.monotonic()
    await said(first.http.post("/api/v1/shifts", headers=auth, json=shift_due_at(datetime.now(UTC), "早")))
    assert await asyncio.wait_for(heard.get(), 10) == "event: shift"
    assert time.monotonic() - began < 5
    assert await second.terminate() < 15
    with contextlib.suppress(httpx.TransportError):  # the connection may be cut or end in order
        await asyncio.wait_for(listening, 10)


async def test_the_older_systems_environment_reminds_through_its_two_webhooks(
    database_url: str, tmp_path: Path, sink: Sink
) -> None:
    house = House(
        tmp_path,
        database_url,
        WORKING_URL=f"{sink.url}/working",
        NO_WORK_URL=f"{sink.url}/no-work",
        API_TOKEN="an-old-token",
        REMINDER_ENABLED="true",
        ALLOW_PRIVATE_TARGETS="",
    )
    try:
        server = await house.serve()
        auth = await set_up(server)
        now = datetime.now(UTC)
        await plan(server, auth, [1], now - timedelta(minutes=1), "早")

        async def clock_in_arrived() -> bool:
            return bool(sink.of("/working"))

        await eventually(clock_in_arrived, within_seconds=30)
        body = sink.of("/working")[0].body
        assert body["msgtype"] == "text"
        assert "上班打卡提醒" in body["text"]["content"]
        assert sink.of("/no-work") == []
    finally:
        await house.close()
