"""Planners who upload hostile files while a burst of reminders is due."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count, cycle

import httpx
import sqlalchemy as sa

from daka import clock
from daka.change_events import NOTIFY_CHANNEL
from daka.database import Database, execute, is_postgres
from daka.reminders.models import Reminder
from daka.reminders.states import ReminderStatus
from daka.shifts.times import PunchKind
from security.hostile_files import FILES

ROUTES = ("/api/v1/roster/import?dry_run=true", "/api/v1/users/import?dry_run=true")
SMALL = (
    "millions of cells in a row",
    "millions of rows of a cell",
    "merged ranges over everything",
    "millions of names",
    "millions of formats",
    "elements in elements",
    "millions of strings",
    "parentheses",
    "quotes in JSON",
    "hundreds of sheets",
)
"""Files that are read within the request."""
AT_ONCE = 20


@contextmanager
def hostile_uploads(base_url: str, planners: Sequence[dict[str, str]]) -> Iterator[Counter[str]]:
    """Twenty hostile files at a time inside the block, by people with these headers. Gives what the answers said."""
    told: Counter[str] = Counter()
    numbers = count()
    bodies = {name: FILES[name][1]() for name in SMALL}
    people = cycle(planners)

    async def keep_uploading() -> None:
        async with httpx.AsyncClient(base_url=base_url, timeout=90) as client:
            for number in numbers:
                name = SMALL[number % len(SMALL)]
                files = {"file": ("roster.xlsx", bodies[name])}
                answer = await client.post(ROUTES[number // 2 % 2], files=files, headers=next(people))
                problem = answer.json()
                told[(problem.get("outcome") or {}).get("failure") or problem.get("code") or "read"] += 1
                await asyncio.sleep(0.5 if answer.status_code == 429 else 0)

    uploading = [asyncio.create_task(keep_uploading()) for _ in range(AT_ONCE)]
    try:
        yield told
    finally:
        for task in uploading:
            task.cancel()


async def make_due(database: Database, *, in_seconds: float) -> datetime:
    """Everybody's clock-in reminder is due at the same moment, which is returned."""
    due_at = clock.now() + timedelta(seconds=in_seconds)
    again = {
        "next_due_at": due_at,
        "opens_at": due_at,
        "closes_at": due_at + timedelta(hours=1),
        "status": ReminderStatus.SCHEDULED,
        "steps_sent": 0,
    }
    async with database.write() as session:
        await execute(session, sa.update(Reminder).where(Reminder.kind == PunchKind.CLOCK_IN).values(**again))
        if is_postgres(session):
            await execute(session, sa.text(f"SELECT pg_notify('{NOTIFY_CHANNEL}', '')"))
    return due_at
