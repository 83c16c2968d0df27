"""A restored backup does not bring back what has ended since it was made."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa
from sqlmodel import select

from conftest import OWN, PASSWORD, SECRET, Clock, WorkplaceMaker
from conftest import test_settings as settings_with
from daka.app import create_app
from daka.backup.copying import copy_out
from daka.backup.restoring import restore
from daka.database import execute
from daka.identity.models import User
from daka.privacy.after_restore import AfterRestore
from daka.settings import Settings
from daka.tables import metadata
from daka.wiring import HOOKS, open_database


@dataclass
class Since:
    """A backup, and what opened accounts when it was made."""

    settings: Settings
    file: Path
    people: dict[str, int]
    grants: dict[str, str]


@pytest.fixture
async def since(make_workplace: WorkplaceMaker, frozen: Clock, tmp_path: Path) -> Since:
    """Since the backup Bob was erased, Eve disabled, Fay deleted, and Alice ended everything of hers."""
    async with make_workplace() as workplace:
        root, alice, bob = workplace.root, workplace.alice, workplace.bob
        eve, fay = [await workplace.add_person(name, team_id=workplace.team_a) for name in ("Eve", "Fay")]
        form = {"username": "alice", "password": PASSWORD}
        signed_in = await workplace.anonymous.post("/api/v1/auth/token", data=form)
        link = await root.post(f"/api/v1/users/{alice.id}/password-link")
        grants = {
            "session": signed_in.json()["access_token"],
            "refresh": signed_in.json()["refresh_token"],
            "token": (await alice.post("/api/v1/me/tokens", {"name": "x", "scopes": ["roster:read"], **OWN}))["token"],
            "feed": (await alice.post("/api/v1/me/ical", {"name": "x", **OWN}))["url"].removeprefix("http://daka.test"),
            "link": link["url"].rpartition("#")[2],
        }
        file = tmp_path / "backup"
        await copy_out(workplace.database, file, key="", secret=SECRET)
        await root.post(f"/api/v1/users/{bob.id}/erase", {"username": "bob"})
        await root.patch(f"/api/v1/users/{eve.id}", {"is_active": False})
        await root.delete(f"/api/v1/users/{fay.id}")
        await root.post(f"/api/v1/users/{alice.id}/sign-out")
        people = {person.username: person.id for person in (bob, eve, fay, alice)}
        settings = workplace.settings
    frozen.forward(minutes=2)
    return Since(settings, file, people, grants)


@asynccontextmanager
async def _running(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(settings, with_worker=False)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://daka.test") as http,
    ):
        yield http


async def _opened(settings: Settings, grants: dict[str, str]) -> dict[str, int]:
    """What the application on this database answers to each of them."""
    async with _running(settings) as http:
        session, token = ({"Authorization": f"Bearer {grants[name]}"} for name in ("session", "token"))
        month = {"from": "2026-11-23", "to": "2026-11-23"}
        renewed = {"refresh_token": grants["refresh"]}
        asked = {
            "session": http.get("/api/v1/me", headers=session),
            "refresh": http.post("/api/v1/auth/refresh", json=renewed),
            "token": http.get("/api/v1/roster", params=month, headers=token),
            "feed": http.get(grants["feed"]),
            "link": http.post("/api/v1/auth/password-link/check", json={"token": grants["link"]}),
        }
        return {name: (await answer).status_code for name, answer in asked.items()}


async def test_the_erased_are_erased_again_and_the_disabled_stay_disabled(since: Since) -> None:
    after = AfterRestore(HOOKS)
    await restore(since.settings, since.file, key="", after=after, replace=True)
    assert (after.erased, sorted(after.disabled)) == (1, ["eve", "fay"])
    said = "\n".join(after.words("2026-11-23"))
    assert "Erased again: 1" in said
    assert "eve, fay" in said
    async with open_database(since.settings) as database, database.read() as session:
        people = {person.id: person for person in await session.exec(select(User))}
        tables = [[list(row) for row in await execute(session, sa.select(table))] for table in metadata.sorted_tables]
    dumped = json.dumps(tables, default=str, ensure_ascii=False)
    assert people[since.people["bob"]].display_name == f"已注销成员 {since.people['bob']}"
    assert not people[since.people["eve"]].is_active
    assert not people[since.people["fay"]].is_active
    assert people[since.people["fay"]].deleted_at is None, "an administrator can enable them again"
    assert people[since.people["alice"]].is_active
    assert [value for value in ("13800000001", "Bob") if value in dumped] == []


async def test_nothing_that_opened_an_account_opens_it_after_a_restore(since: Since) -> None:
    await restore(since.settings, since.file, key="", after=AfterRestore(HOOKS), replace=True)
    ended = {"session": 401, "refresh": 401, "token": 401, "feed": 404, "link": 404}
    assert await _opened(since.settings, since.grants) == ended


async def test_a_move_to_another_place_keeps_what_opens_accounts(since: Since, new_place: str) -> None:
    settings = settings_with(database_url=new_place)
    after = AfterRestore(HOOKS, keeps_sessions=True)
    await restore(settings, since.file, key="", after=after)
    kept = {"session": 200, "refresh": 200, "token": 200, "feed": 200, "link": 200}
    assert await _opened(settings, since.grants) == kept
    assert "are back" in "\n".join(after.words("2026-11-23")), "the new place knows nothing of the former one"
