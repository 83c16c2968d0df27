"""Every route of the application × everybody, compared with the table in permissions.py."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import nullcontext
from typing import Any

import httpx
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from conftest import OWN, WorkplaceMaker, test_settings
from daka.app import create_app
from daka.routing import with_late_routes
from daka.web import HEALTH_PATHS
from security.permissions import BODIES, FORMS, PEOPLE, QUERIES, TABLE
from security.stage import Stage, nothing_is_kept, set_stage

LINES = [line.split() for line in TABLE.splitlines()[2:] if line and not line.startswith("#")]
NOT_THINGS = {
    "no_link": "eyJhbGciOiJub25lIn0.e30.",
    "no_import": 999,
    "no_action": 999,
    "no_backup": "daka-20261123T000000Z.jsonl.gz",
    "no_word": 999,
    "year": 2026,
    "a_day": "2026-12-01",
    "stage": "clock_in_before",
    "a_way": "dingtalk",
}
WEB_APP = {"/", "/{path:path}"}
ENDLESS = {"/api/v1/events"}
KEPT = {"POST /api/v1/channels/{bobs_channel}/test", "POST /api/v1/channels/test"}
"""These use several transactions, each of which needs the one before."""


def shape(path: str) -> str:
    """A path without the names of its placeholders."""
    return re.sub(r"\{[^}]*\}", "{}", path)


def routes_of(app: FastAPI) -> set[tuple[str, str]]:
    found = {
        (method.upper(), shape(path))
        for path, operations in app.openapi()["paths"].items()
        for method in operations
        if method in ("get", "post", "put", "patch", "delete", "head", "options", "trace")
    }
    # Also what the description leaves out, in included routers, too.
    for route in iter_route_contexts(with_late_routes(app.routes)):
        if isinstance(route.original_route, APIRoute) and route.path not in WEB_APP:
            found |= {(method, shape(str(route.path))) for method in route.methods or ()}
    return found | {("GET", "/api/openapi.json"), ("GET", "/api/docs")}


def test_every_route_is_in_the_table_and_every_line_is_a_route() -> None:
    in_table = {(method, shape(path)) for method, path, *_ in LINES}
    of_app = routes_of(create_app(test_settings(), with_worker=False))
    assert sorted(of_app - in_table) == [], "add these routes to tests/security/permissions.py"
    assert sorted(in_table - of_app) == [], "these lines speak of routes that do not exist"


@pytest.mark.parametrize("is_described", [True, False])
def test_a_new_route_is_seen_also_one_that_the_description_hides(is_described: bool) -> None:
    app = create_app(test_settings(), with_worker=False)
    before = routes_of(app)
    router = APIRouter(prefix="/api/v1")

    @router.get("/back-door/{key}", include_in_schema=is_described)
    async def open_door(key: str) -> str:
        return key

    app.include_router(router)
    app.openapi_schema = None
    assert routes_of(app) - before == {("GET", "/api/v1/back-door/{}")}


def test_every_body_belongs_to_a_line() -> None:
    keys = {f"{method} {path}" for method, path, *_ in LINES}
    assert [key for key in (*BODIES, *QUERIES, *FORMS) if key not in keys] == []


def filled(value: Any, things: dict[str, Any]) -> Any:
    """The value with placeholders replaced by ids."""
    if isinstance(value, dict):
        return {key: filled(part, things) for key, part in value.items()}
    if isinstance(value, list):
        return [filled(part, things) for part in value]
    if isinstance(value, str) and re.fullmatch(r"\{\w+\}", value):
        return things[value.strip("{}")]
    return value


async def answered(client: httpx.AsyncClient, method: str, path: str, things: dict[str, Any]) -> str:
    key = f"{method} {path}"
    url = re.sub(r"\{(\w+)\}", lambda found: str(things[found[1]]), path)
    if path in ENDLESS:
        if not isinstance(client._transport, httpx.ASGITransport):  # a real server: its answer begins, and is left
            async with client.stream(method, url) as begun:
                return verdict(begun)
        client = _hanging_up(client)
    answer = await client.request(
        method,
        url,
        params=filled(QUERIES.get(key), things),
        json=filled(BODIES.get(key), things),
        data=FORMS.get(key),
    )
    return verdict(answer)


def _hanging_up(client: httpx.AsyncClient) -> httpx.AsyncClient:
    """The same client, which ends a successful answer as soon as it begins."""
    application: Any = client._transport.app  # type: ignore[attr-defined]

    async def until_it_begins(scope: Any, receive: Any, send: Any) -> None:
        has_begun = asyncio.Event()

        async def note(message: Any) -> None:
            await send(message)
            if message.get("status") == 200:
                has_begun.set()

        tasks = [asyncio.create_task(application(scope, receive, note)), asyncio.create_task(has_begun.wait())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if has_begun.is_set():
            await send({"type": "http.response.body", "body": b""})

    transport = httpx.ASGITransport(app=until_it_begins, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=client.base_url, headers=client.headers)


def verdict(answer: httpx.Response) -> str:
    if answer.url.path in HEALTH_PATHS:  # 503 says that no worker runs here
        return "ok" if answer.status_code in (200, 503) else str(answer.status_code)
    return str(answer.status_code) if answer.status_code in (401, 403, 404) or answer.status_code >= 500 else "ok"


@pytest.fixture
async def stage(make_workplace: WorkplaceMaker, frozen: Any) -> AsyncIterator[tuple[Stage, Any]]:
    async with make_workplace() as workplace:
        yield await set_stage(workplace), workplace.database


async def test_everybody_may_do_what_the_table_says_and_nothing_else(
    stage: tuple[Stage, Any], refused_connections: list[str]
) -> None:
    scene, database = stage
    things = {**scene.things, **NOT_THINGS}
    wrong = []
    for method, path, *expected in LINES:
        forgetting = nullcontext() if f"{method} {path}" in KEPT else nothing_is_kept(database)
        async with forgetting:
            found = [await answered(scene.clients[name], method, path, things) for name in PEOPLE]
            if found != expected:
                wrong.append(f"{method:6} {path:56} {' '.join(f'{word:5}' for word in found)}   expected {expected}")
    assert not wrong, "\n" + "\n".join(wrong)
    refused_connections.clear()  # the routes that try a channel or a source do try it


async def test_a_personal_token_reaches_only_the_routes_that_name_its_scope(stage: tuple[Stage, Any]) -> None:
    scene, database = stage
    body = {"name": "alles", "scopes": ["punch:write", "roster:read", "reminders:read"], **OWN}
    token = (await scene.clients["bob"].post("/api/v1/me/tokens", json=body)).json()["token"]
    reached = set()
    kept = dict(scene.clients["bob"].headers)
    scene.clients["bob"].headers["Authorization"] = f"Bearer {token}"
    async with nothing_is_kept(database):
        for method, path, *expected in LINES:
            if expected[0] == "401" and expected[2] != "401":
                found = await answered(scene.clients["bob"], method, path, {**scene.things, **NOT_THINGS})
                if found != "403":
                    reached.add(f"{method} {path}")
    scene.clients["bob"].headers = kept
    assert reached == {
        "GET /api/v1/roster",
        "GET /api/v1/roster/changes",
        "GET /api/v1/reminders",
        "GET /api/v1/punches/current",
        "GET /api/v1/shifts",
        "POST /api/v1/punches",
    }
