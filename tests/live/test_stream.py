"""Event streams: which events, to whom, and what ends a stream."""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from typing import cast

import pytest

from conftest import PASSWORD, Workplace, eventually
from daka import clock
from daka.change_events import ChangeEvent, Topic, publish
from daka.database import Database
from daka.errors import TooMany
from daka.identity.access import Principal, principal
from daka.identity.models import User
from daka.live import stream
from daka.live.stream import LONGEST_QUEUE, MOST_OF_A_PERSON, OVERLAP, Live

ENDS_WITHIN_SECONDS = 10


def live_of(workplace: Workplace) -> Live:
    found: Live = workplace.app.state.live
    return found


async def token_of(workplace: Workplace, username: str) -> str:
    answer = await workplace.anonymous.post("/api/v1/auth/token", data={"username": username, "password": PASSWORD})
    return str(answer.json()["access_token"])


async def signed_in(workplace: Workplace, username: str) -> Principal:
    async with workplace.database.read() as session:
        return await principal(session, workplace.settings, await token_of(workplace, username))


async def say(database: Database, topic: Topic, **whom: int) -> None:
    async with database.write() as session:
        publish(session, topic, **whom)


async def opened(workplace: Workplace, by: Principal, last_id: int | None = None) -> AsyncIterator[str]:
    events = live_of(workplace).events(by, last_id)
    assert (await anext(events)).startswith("retry:")
    return events


async def next_event(events: AsyncIterator[str]) -> str:
    async with asyncio.timeout(ENDS_WITHIN_SECONDS):
        return await anext(events)


async def rest_of(events: AsyncIterator[str]) -> list[str]:
    """What comes until the stream ends."""
    async with asyncio.timeout(ENDS_WITHIN_SECONDS):
        return [event async for event in events]


def last_id(event: str) -> int:
    return int(event.removeprefix("id: ").split("\n")[0])


async def disable(workplace: Workplace) -> None:
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"is_active": False})


async def delete(workplace: Workplace) -> None:
    await workplace.root.delete(f"/api/v1/users/{workplace.bob.id}")


async def move(workplace: Workplace) -> None:
    await workplace.root.post(
        f"/api/v1/users/{workplace.bob.id}/moves", {"team_id": workplace.team_c, "from_date": "2026-11-23"}
    )


async def promote(workplace: Workplace) -> None:
    await workplace.root.patch(f"/api/v1/users/{workplace.bob.id}", {"role": "planner"})


async def sign_out_everywhere(workplace: Workplace) -> None:
    await workplace.alice.post(f"/api/v1/users/{workplace.bob.id}/sign-out")


async def sign_out_this_device(workplace: Workplace) -> None:
    (device,) = (await workplace.bob.get("/api/v1/me/devices"))["items"]
    await workplace.bob.delete(f"/api/v1/me/devices/{device['id']}")


@pytest.mark.parametrize("what", [disable, delete, move, promote, sign_out_everywhere, sign_out_this_device])
async def test_a_stream_ends_with_the_access_of_its_person(
    workplace: Workplace, what: Callable[[Workplace], Awaitable[None]]
) -> None:
    bobs, alices = (
        await opened(workplace, await signed_in(workplace, "bob")),
        await opened(workplace, await signed_in(workplace, "alice")),
    )
    await what(workplace)
    await say(workplace.database, Topic.ROSTER, team_id=workplace.team_a)
    assert [event for event in await rest_of(bobs) if "event: roster" in event] == []
    while "event: roster" not in await next_event(alices):
        pass


async def test_it_ends_without_any_news_too(workplace: Workplace) -> None:
    events = await opened(workplace, await signed_in(workplace, "bob"))
    await sign_out_everywhere(workplace)
    assert await rest_of(events) == []


async def test_what_another_process_changed_is_found_at_the_next_heartbeat(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.05)
    events = await opened(workplace, await signed_in(workplace, "bob"))
    live_of(workplace)._notifier.wake_all()  # so that the reader waits no longer than that from now on
    async with workplace.database.write() as session:  # as if nobody here had heard of it
        user = await session.get(User, workplace.bob.id)
        assert user is not None
        user.is_active = False
        session.add(user)
    assert {*await rest_of(events)} <= {": still here\n\n"}


async def test_a_reused_refresh_token_ends_the_stream(workplace: Workplace) -> None:
    """From another device at once; from the same one after the thirty seconds in which it may repeat a refresh."""
    form = {"username": "bob", "password": PASSWORD}
    tokens = (await workplace.anonymous.post("/api/v1/auth/token", data=form)).json()
    async with workplace.database.read() as session:
        by = await principal(session, workplace.settings, tokens["access_token"])
    events = await opened(workplace, by)
    stolen = {"refresh_token": tokens["refresh_token"]}
    for device, expected in ((None, 200), ("another device", 401)):
        headers = {"User-Agent": device} if device else {}
        answer = await workplace.anonymous.post("/api/v1/auth/refresh", json=stolen, headers=headers)
        assert answer.status_code == expected
    assert await rest_of(events) == []


async def test_a_refresh_does_not_end_it(workplace: Workplace) -> None:
    form = {"username": "bob", "password": PASSWORD}
    tokens = (await workplace.anonymous.post("/api/v1/auth/token", data=form)).json()
    async with workplace.database.read() as session:
        by = await principal(session, workplace.settings, tokens["access_token"])
    events = await opened(workplace, by)
    await workplace.anonymous.post("/api/v1/auth/refresh", json={"refresh_token": tokens["refresh_token"]})
    await say(workplace.database, Topic.SHIFT, team_id=workplace.team_a)
    assert "event: shift" in await next_event(events)


async def test_a_planner_who_gets_or_loses_a_team_begins_anew(workplace: Workplace) -> None:
    alice = await signed_in(workplace, "alice")
    for user_ids in ([alice.id], []):
        events = await opened(workplace, await signed_in(workplace, "alice"))
        await workplace.root.put(f"/api/v1/teams/{workplace.team_c}/planners", {"user_ids": user_ids})
        assert await rest_of(events) == []
    assert (
        await workplace.alice.http.get("/api/v1/me")
    ).status_code == 200  # still signed in: the browser just comes back


async def test_only_those_hear_it_whom_it_concerns(workplace: Workplace) -> None:
    streams = {
        name: await opened(workplace, await signed_in(workplace, name)) for name in ("root", "alice", "bob", "charlie")
    }
    await say(workplace.database, Topic.INBOX, user_id=workplace.bob.id)
    await say(workplace.database, Topic.ROSTER, team_id=workplace.team_a)
    await say(workplace.database, Topic.DRAFT, team_id=workplace.team_a)
    await say(workplace.database, Topic.SCHEDULER)
    heard: dict[str, list[str]] = {}
    for name, events in streams.items():
        heard[name] = []
        while "scheduler" not in heard[name]:
            heard[name].append((await next_event(events)).split("event: ")[1].split("\n")[0])
    assert heard == {
        "root": ["inbox", "roster", "draft", "scheduler"],
        "alice": ["roster", "draft", "scheduler"],
        "bob": ["inbox", "roster", "scheduler"],
        "charlie": ["scheduler"],
    }


async def test_a_browser_that_does_not_keep_up_is_ended_and_loses_nothing(workplace: Workplace) -> None:
    by = await signed_in(workplace, "root")
    events = await opened(workplace, by)
    await say(workplace.database, Topic.SHIFT, team_id=workplace.team_a)
    seen = await next_event(events)  # from here on it does not read
    async with workplace.database.write() as session:
        for number in range(LONGEST_QUEUE + 50):
            session.add(ChangeEvent(at=clock.now(), topic=Topic.INBOX, user_id=1000 + number))
    live_of(workplace)._notifier.wake_all()
    (subscriber,) = live_of(workplace)._subscribers

    async def has_ended() -> bool:
        return subscriber.has_ended

    await eventually(has_ended)
    assert await rest_of(events) == []

    again = await opened(workplace, by, last_id(seen))
    told = {(await next_event(again)).split('"user_id": ')[1] for _ in range(LONGEST_QUEUE + 50)}
    assert told == {f"{1000 + number}}}\n\n" for number in range(LONGEST_QUEUE + 50)}


async def test_a_browser_that_comes_back_hears_what_a_slow_transaction_said_with_a_lower_id(
    workplace: Workplace,
) -> None:
    by = await signed_in(workplace, "bob")
    now = clock.now()
    async with workplace.database.write() as session:
        rows = [
            ChangeEvent(at=at, topic=topic, team_id=workplace.team_a)
            for at, topic in (
                (now - OVERLAP * 2, Topic.SHIFT),  # known to the browser for long
                (now - OVERLAP / 2, Topic.ROSTER),  # committed after the next one was told
                (now, Topic.PUNCH),
            )
        ]
        session.add_all(rows)
    events = await opened(workplace, by, rows[2].id)
    await say(workplace.database, Topic.REMINDER, user_id=by.id)
    heard = [await next_event(events)]
    while "event: reminder" not in heard[-1]:
        heard.append(await next_event(events))
    assert "event: roster" in heard[0]
    assert not [event for event in heard if "event: shift" in event]


async def test_streams_are_limited_per_person_and_count_only_while_they_are_open(workplace: Workplace) -> None:
    live, bob, alice = live_of(workplace), await signed_in(workplace, "bob"), await signed_in(workplace, "alice")
    streams = [live.events(bob, None, "198.51.100.1") for _ in range(MOST_OF_A_PERSON)]
    with pytest.raises(TooMany) as refused:
        live.events(bob, None, "203.0.113.1")
    assert (refused.value.code, refused.value.status) == ("too_many_streams", 429)
    streams.append(live.events(alice, None, "198.51.100.1"))
    del streams[0]  # it never began: its client had left
    gc.collect()
    streams.append(await opened(workplace, bob))
    with pytest.raises(TooMany):
        live.events(bob, None)
    await cast(AsyncGenerator[str], streams.pop()).aclose()
    streams.append(live.events(bob, None))


async def test_an_address_has_a_limited_number_of_streams(
    workplace: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "MOST_OF_AN_ADDRESS", 1)
    live, bob, alice = live_of(workplace), await signed_in(workplace, "bob"), await signed_in(workplace, "alice")
    kept = live.events(bob, None, "198.51.100.1")
    with pytest.raises(TooMany):
        live.events(alice, None, "198.51.100.1")
    kept = live.events(alice, None, "198.51.100.2")
    del kept
