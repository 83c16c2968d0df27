"""The first administrator: once, and only once."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from conftest import Clock, WorkplaceMaker, test_settings
from daka.app import create_app

FIRST = {"username": "Anna", "password": "correct horse battery", "display_name": "安娜"}


@pytest.fixture
async def fresh(database_url: str, frozen: Clock) -> AsyncIterator[httpx.AsyncClient]:
    """The application with an empty database."""
    app = create_app(test_settings(database_url=database_url), with_worker=False)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://daka.test") as client:
            yield client


async def test_the_first_person_becomes_administrator_with_a_team_and_is_signed_in(fresh: httpx.AsyncClient) -> None:
    assert (await fresh.get("/api/v1/setup")).json() == {"needed": True}
    made = await fresh.post("/api/v1/setup", json=FIRST)
    assert made.status_code == 201
    me = await fresh.get("/api/v1/me", headers={"Authorization": f"Bearer {made.json()['access_token']}"})
    assert (me.json()["username"], me.json()["role"], me.json()["team"]["name"]) == ("anna", "admin", "我的班组")
    assert (await fresh.get("/api/v1/setup")).json() == {"needed": False}


async def test_once_somebody_exists_setting_up_is_over(fresh: httpx.AsyncClient) -> None:
    await fresh.post("/api/v1/setup", json=FIRST)
    again = await fresh.post("/api/v1/setup", json={**FIRST, "username": "mallory"})
    assert (again.status_code, again.json()["code"]) == (409, "already_set_up")


async def test_of_five_who_set_up_at_once_one_succeeds(fresh: httpx.AsyncClient) -> None:
    answers = await asyncio.gather(
        *[fresh.post("/api/v1/setup", json={**FIRST, "username": f"anna{number}"}) for number in range(5)]
    )
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409, 409, 409]


async def test_the_first_password_must_be_hard_to_guess(fresh: httpx.AsyncClient) -> None:
    refused = await fresh.post("/api/v1/setup", json={**FIRST, "password": "woaini1314"})
    assert (refused.status_code, refused.json()["code"]) == (422, "password_too_common")
    assert "woaini1314" not in refused.text
    assert (await fresh.get("/api/v1/setup")).json() == {"needed": True}


async def test_a_server_with_people_needs_no_setup(make_workplace: WorkplaceMaker) -> None:
    async with make_workplace() as workplace:
        assert (await workplace.anonymous.get("/api/v1/setup")).json() == {"needed": False}
