"""What one look at the book costs while nothing is due, with more and more future reminders in the table."""

import time
from datetime import timedelta
from statistics import median

import sqlalchemy as sa

from chaos.stage import settings_for
from daka import clock
from daka.database import Database, execute, is_postgres
from daka.delivery import outbox
from daka.delivery.lanes import next_attempt_at
from daka.identity.models import Role, Team, User
from daka.migrations import migrate
from daka.reminders import claims
from daka.shifts.models import Shift

LOOKS = 30


async def measure(name: str, database_url: str, sizes: tuple[int, ...]) -> None:
    """Print one line for each size."""
    database = Database(settings_for(database_url))
    try:
        await migrate(database)
        await _write_people(database)
        first, written = 0.0, 0
        for size in sizes:
            await _add_reminders(database, written, size)
            written = size
            costs = [await _look(database) for _ in range(LOOKS)]
            first = first or min(costs)
            best, middle = min(costs) * 1000, median(costs) * 1000
            print(
                f"    {name:<11} {size:>9,} future reminders: best {best:.2f} ms, median {middle:.2f} ms"
                f" (the best is {min(costs) / first:.2f} of the first)"
            )
    finally:
        await database.dispose()


async def _look(database: Database) -> float:
    """The questions of a tick: what is due next, is anything due now, is anything waiting to be sent."""
    started = time.perf_counter()
    async with database.read() as session:
        await claims.next_due_at(session)
        await next_attempt_at(session)
    async with database.write() as session:
        assert (await outbox.queue_due(session)).claimed == 0
    return time.perf_counter() - started


async def _write_people(database: Database) -> None:
    now = clock.now()
    async with database.write() as session:
        session.add(Team(name="Team", timezone="Asia/Shanghai", created_at=now))
        session.add(
            Shift(name="早", code="早", color="#888", periods=[{"start": "09:00", "end": "18:00"}], created_at=now)
        )
        users = [
            {
                "username": f"p{number}",
                "display_name": "员工",
                "password_hash": "!",
                "role": Role.MEMBER,
                "created_at": now,
            }
            for number in range(1000)
        ]
        await execute(session, sa.insert(User), users)


async def _add_reminders(database: Database, start: int, end: int) -> None:
    """Rows that the database makes itself: 1,000 people, one reminder each a day, from tomorrow into the far future."""
    tomorrow = clock.now() + timedelta(days=1)
    async with database.write() as session:
        shift_id, user_id = (
            await execute(session, sa.text('SELECT (SELECT min(id) FROM shift), (SELECT min(id) FROM "user")'))
        ).one()
        if is_postgres(session):
            numbers = f"generate_series({start}, {end - 1}) AS s(n)"
            day, moment = (
                "CURRENT_DATE + 1 + n / 1000",
                "CAST(:tomorrow AS timestamptz) + (n / 1000) * interval '1 day'",
            )
            later, values = moment + " + interval '1 hour'", {"tomorrow": tomorrow}
        else:
            counted = f"SELECT {start} UNION ALL SELECT n + 1 FROM c WHERE n < {end - 1}"
            numbers = f"(WITH RECURSIVE c(n) AS ({counted}) SELECT n FROM c)"
            day = "date('now', '+' || (1 + n / 1000) || ' days')"
            moment = "strftime('%Y-%m-%d %H:%M:%f000', :tomorrow, '+' || (n / 1000) || ' days')"
            later, values = moment, {"tomorrow": f"{tomorrow:%Y-%m-%d %H:%M:%S}"}
        columns = (
            "user_id, work_date, period, kind, shift_id, point_at, opens_at, closes_at, status, next_due_at, steps_sent, "
            "ended_by, created_at, updated_at"
        )
        await execute(
            session,
            sa.text(
                f"INSERT INTO reminder ({columns}) SELECT {user_id} + n % 1000, {day}, 0, 'clock_in', {shift_id}, {later}, "
                f"{moment}, {later}, 'scheduled', {moment}, 0, '', {moment}, {moment} FROM {numbers}"
            ).bindparams(**values),
        )
    async with database.engine.connect() as connection:
        await connection.execute(sa.text("ANALYZE"))
        await connection.commit()
