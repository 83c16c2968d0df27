"""Planning a month for a company, against a bare bulk insert of the same rows into the same table."""

import time
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from chaos.stage import settings_for
from daka import clock
from daka.database import Database, execute
from daka.identity.models import Role, Team, User
from daka.migrations import migrate
from daka.reminders import planner
from daka.reminders.models import Reminder
from daka.roster.models import Assignment
from daka.shifts.models import Shift

DAYS = 32
"""The horizon; tomorrow and the thirty days after it are planned whole."""
TEAMS = 20
SHANGHAI = ZoneInfo("Asia/Shanghai")
SHIFTS = (("早", "09:00", "18:00"), ("中", "14:00", "22:00"), ("夜", "22:00", "06:00"))


async def measure(name: str, database_url: str, people: int) -> None:
    """Print one line for one database."""
    settings = settings_for(database_url).model_copy(update={"plan_horizon_hours": DAYS * 24})
    database = Database(settings)
    try:
        await migrate(database)
        await write_roster(database, people, clock.now().astimezone(SHANGHAI).date() + timedelta(days=1))
        started = time.perf_counter()
        async with database.write() as session:
            planned = await planner.plan(session)
        plan_seconds = time.perf_counter() - started
        table = sa.inspect(Reminder).local_table
        async with database.write() as session:
            columns = [column for column in table.c if column.name != "id"]
            rows = [dict(row) for row in (await execute(session, sa.select(*columns))).mappings()]
            await execute(session, sa.delete(Reminder))
        assert len(rows) == planned
        started = time.perf_counter()
        async with database.write() as session:
            await execute(session, sa.insert(Reminder), rows)
        bare_seconds = time.perf_counter() - started
    finally:
        await database.dispose()
    print(
        f"    {name:<11} {planned:,} rows planned in {plan_seconds:.1f} s, bare insert {bare_seconds:.1f} s: "
        f"ratio {plan_seconds / bare_seconds:.1f} (goal 3)"
    )


async def write_roster(database: Database, people: int, first: date, teams: int = TEAMS) -> None:
    """A company whose people all work, from a date on."""
    now = clock.now()
    async with database.write() as session:
        groups = [Team(name=f"Team {number}", timezone="Asia/Shanghai", created_at=now) for number in range(teams)]
        shifts = [
            Shift(name=code, code=code, color="#888", periods=[{"start": start, "end": end}], created_at=now)
            for code, start, end in SHIFTS
        ]
        session.add_all([*groups, *shifts])
        await session.flush()
        users = [
            {
                "username": f"p{number}",
                "display_name": f"员工{number}",
                "password_hash": "!",
                "role": Role.MEMBER,
                "team_id": groups[number % teams].id,
                "created_at": now,
            }
            for number in range(people)
        ]
        await execute(session, sa.insert(User), users)
        ids = (await execute(session, sa.select(User.id))).scalars().all()
        cells = [
            {
                "user_id": user_id,
                "work_date": first + timedelta(days=day),
                "shift_id": shifts[(number + day) % 3].id,
                "updated_at": now,
            }
            for number, user_id in enumerate(ids)
            for day in range(DAYS - 1)
        ]
        await execute(session, sa.insert(Assignment), cells)
