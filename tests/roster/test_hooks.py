"""A saved cell plans its reminders, or fails loudly: never neither."""

import asyncio
import subprocess
import sys
from datetime import date

import pytest
from sqlmodel import select

from conftest import test_settings as settings_with
from daka import clock
from daka.database import Database
from daka.hooks import HooksMissing, PlanChange, TeamChange, plan_changed, team_changed
from daka.identity.models import Role, User
from daka.reminders.models import Reminder
from daka.roster.cells import write_cells
from daka.roster.models import Assignment
from daka.shifts.models import Shift

SAVES_A_CELL = """
import asyncio, sys
from datetime import date
from daka.database import Database
from daka.roster.cells import write_cells
from daka.settings import Settings

async def save():
    async with Database(Settings(_env_file=None, secret_key="x" * 32, database_url=sys.argv[1])) as database:
        async with database.write() as session:
            await write_cells(session, {(1, date(2026, 11, 24)): 1}, changed_by=None, over_imported=False)

asyncio.run(save())
"""
"""A program that knows the roster alone."""


async def furnish(database: Database) -> None:
    periods = [{"start": "09:00", "end": "18:00"}]
    now = clock.now()
    async with database.write() as session:
        session.add(User(id=1, username="bob", display_name="Bob", password_hash="!", role=Role.MEMBER, created_at=now))
        session.add(Shift(id=1, name="Early", code="E", color="#000000", periods=periods, created_at=now))


async def test_the_roster_alone_refuses_to_save_a_cell(database: Database, database_url: str) -> None:
    await furnish(database)
    saved = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-c", SAVES_A_CELL, database_url], capture_output=True, text=True
    )
    assert saved.returncode == 1
    assert "daka.hooks.HooksMissing" in saved.stderr
    assert "wiring.open_database" in saved.stderr
    async with database.read() as session:
        assert (await session.exec(select(Assignment))).all() == []


async def test_a_database_with_hooks_plans_the_reminders_of_a_cell(database: Database, frozen: object) -> None:
    await furnish(database)
    async with database.write() as session:
        await write_cells(session, {(1, date(2026, 11, 24)): 1}, changed_by=None, over_imported=False)
    async with database.read() as session:
        assert len((await session.exec(select(Reminder))).all()) == 2


async def test_a_change_of_plan_or_team_without_hooks_is_refused(database_url: str) -> None:
    async with Database(settings_with(database_url=database_url)) as database, database.write() as session:
        with pytest.raises(HooksMissing):
            await plan_changed(session, PlanChange.of_users([1]))
        with pytest.raises(HooksMissing):
            await team_changed(session, TeamChange(1, None, None, date(2026, 11, 24), None), dry_run=True)
