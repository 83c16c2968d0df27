"""What a page asks for as it opens, in the answer that renews its session."""

import asyncio

import httpx
import pytest

from conftest import Workplace
from daka.change_events import Topic
from identity.test_sessions import REFRESH, signed_in
from live.test_stream import last_id, next_event, opened, say
from live.test_stream import signed_in as principal_of

ALL = ["/api/v1/me", "/api/v1/dashboard", "/api/v1/teams"]


async def renewed(workplace: Workplace, username: str, **body: object) -> httpx.Response:
    token = (await signed_in(workplace, username))["refresh_token"]
    return await workplace.anonymous.post(REFRESH, json={"refresh_token": token, **body})


@pytest.mark.parametrize("username", ["bob", "alice", "root"])
async def test_the_answers_are_those_of_the_requests_themselves(workplace: Workplace, username: str) -> None:
    answer = (await renewed(workplace, username, also=[*ALL[:2], ALL[1]])).json()
    headers = {"Authorization": f"Bearer {answer['access_token']}"}
    assert list(answer["answers"]) == ALL[:2]
    for path, given in answer["answers"].items():
        asked = (await workplace.anonymous.get(path, headers=headers)).json()
        assert {**given, "now": None} == {**asked, "now": None}


async def test_without_being_asked_for_there_are_none(workplace: Workplace) -> None:
    answer = (await renewed(workplace, "bob")).json()
    assert (answer["answers"], answer["last_event_id"]) == ({}, None)


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/backup", "/api/v1/me?x=1", "/api/v1/auth/refresh", "/"])
async def test_nothing_else_can_be_asked_for(workplace: Workplace, path: str) -> None:
    assert (await renewed(workplace, "root", also=[path])).status_code == 422


async def test_whoever_is_refused_gets_no_answers(workplace: Workplace) -> None:
    forged = await workplace.anonymous.post(REFRESH, json={"refresh_token": "x" * 43, "also": ALL})
    assert forged.status_code == 401
    assert "answers" not in forged.json()


async def test_events_go_on_where_the_answers_end(workplace: Workplace) -> None:
    await say(workplace.database, Topic.SHIFT)
    answer = (await renewed(workplace, "bob", also=ALL)).json()
    await say(workplace.database, Topic.INBOX)
    events = await opened(workplace, await principal_of(workplace, "bob"), answer["last_event_id"])
    event = await next_event(events)
    assert "event: inbox" in event
    assert last_id(event) > answer["last_event_id"]


async def test_many_browsers_that_open_at_once_all_get_theirs(workplace: Workplace) -> None:
    """Each answer is a request of its own, so they must not wait for connections that their outer requests hold."""
    body = {"refresh_token": (await signed_in(workplace, "bob"))["refresh_token"], "also": ALL}
    found = await asyncio.gather(*[workplace.anonymous.post(REFRESH, json=body) for _ in range(20)])
    assert [list(answer.json()["answers"]) for answer in found] == [ALL] * 20
