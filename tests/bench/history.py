"""What pages and scrapes take beside a long history: each question of an administrator, a planner and a member.

A company that was reminded twice a day, each person through a channel of their own, written in the database by itself.
"""

import os
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import sqlalchemy as sa

from bench.planning import SHANGHAI
from chaos.stage import SECRET, settings_for
from daka import clock, security
from daka.app import create_app
from daka.database import Database, execute
from daka.delivery.delivery_log import forget_old_deliveries
from daka.delivery.models import Channel, Delivery, DeliveryAttempt, DeliveryReminder, Lane
from daka.identity.models import Role, Team, TeamPlanner, User
from daka.migrations import migrate
from daka.reminders.models import Reminder
from daka.settings import Settings
from daka.shifts.models import Shift

DAYS = 100
ROUNDS_OF_ALL = 2 * DAYS
"""Everybody is reminded every twelve hours, the last time five minutes ago."""
TEAMS = 25
GOAL_MS = 50
ROUNDS = 5


async def measure(name: str, database_url: str, deliveries: int) -> None:
    settings = settings_for(database_url, log_retention_days=DAYS - 1)
    people = deliveries // ROUNDS_OF_ALL
    async with Database(settings) as database:
        await migrate(database)
        started = time.perf_counter()
        await write_history(database, people)
        print(
            f"(i) {name}: {deliveries:,} sent deliveries, written in {time.perf_counter() - started:.0f} s", flush=True
        )
        await ask_all(settings)
        async with database.write() as session:
            started = time.perf_counter()
            await forget_old_deliveries(session, timedelta(days=DAYS - 1), at_most=1000)
            print(f"    {(time.perf_counter() - started) * 1000:8.1f} ms  forgetting 1,000 old deliveries", flush=True)


async def ask_all(settings: Settings) -> None:
    """Print the best of a few times for each question, slowest first: other processes only make it longer."""
    app = create_app(settings, with_worker=False)
    found: list[tuple[float, str]] = []
    async with app.router.lifespan_context(app):
        for who, user_id in (("admin", 1), ("planner", 2), ("member", 3)):
            token = security.signed(
                SECRET, "access", issued_at=clock.now(), lifetime=timedelta(hours=9), sub=str(user_id), jti="b", ver=0
            )
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(app),
                base_url="http://daka.test/api",
                headers={"Authorization": f"Bearer {token}"},
            ) as client:
                for path, query in questions(who):
                    times = []
                    for _ in range(ROUNDS):
                        started = time.perf_counter()
                        answer = await client.get(path, params=query)
                        times.append((time.perf_counter() - started) * 1000)
                    assert answer.status_code in (200, 404, 503), answer.text  # no worker runs: health says so
                    asked = "&".join(f"{key}={value}" for key, value in query.items())
                    found.append((min(times), f"{who}: {path}{'?' if asked else ''}{asked}"))
    for took, what in sorted(found, reverse=True):
        print(f"    {took:8.1f} ms  {what}")
    print(
        f"    {sum(took > GOAL_MS for took, _ in found)} of {len(found)} over {GOAL_MS} ms; load {os.getloadavg()[0]:.1f}"
    )


def questions(who: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Paths with their queries."""
    today = clock.now().astimezone(SHANGHAI).date()
    old = today - timedelta(days=70)
    log = "/v1/deliveries"
    yield "/v1/dashboard", {}
    yield log, {}
    yield log, {"limit": 500}
    for status in ("sent", "failed", "expired", "queued"):
        yield log, {"status": status}
    for occasion in ("reminder", "escalation", "test"):
        yield log, {"occasion": occasion}
    yield log, {"from": str(today), "to": str(today)}
    yield log, {"from": str(old), "to": str(old)}
    yield log, {"from": str(old), "to": str(old), "status": "failed"}
    yield log, {"from": str(old), "to": str(old), "status": "queued"}
    yield log, {"to": str(today - timedelta(days=400))}
    yield log, {"from": str(today + timedelta(days=2))}
    yield log, {"channel_id": 3}
    yield log, {"channel_id": 3, "status": "failed"}
    yield log, {"user_id": 3}
    yield log, {"user_id": 3, "status": "failed"}
    yield log, {"team_id": 2}
    yield log, {"team_id": 2, "status": "failed"}
    yield log, {"team_id": TEAMS + 1}
    yield log, {"reminder_id": 77}
    for words in ("nobody-at-all", "员工1234", "员工", "system busy", "ok", "310000"):
        yield log, {"q": words}
    yield "/v1/deliveries/77", {}
    yield "/v1/reminders", {}
    yield "/v1/reminders", {"from": str(old), "to": str(old)}
    yield "/v1/inbox", {}
    yield "/v1/channels", {}
    yield "/v1/me/notices", {}
    yield "/v1/reminders/explain", {"user_id": 3, "date": str(today)}
    yield "/v1/roster", {"from": str(today), "to": str(today + timedelta(days=6)), "team_id": 2}
    if who != "member":
        yield "/v1/punches", {}
        yield "/v1/scheduler", {}
    if who == "admin":
        yield "/metrics", {}
        yield "/health", {}
        yield "/v1/audit", {}


async def write_history(database: Database, people: int, *, rounds: int = ROUNDS_OF_ALL, teams: int = TEAMS) -> None:
    """The first of them is an administrator, the second a planner of the second team, the third a member of it."""
    now = clock.now()
    async with database.write() as session:
        all_teams = [
            Team(name=f"Team {number}", timezone="Asia/Shanghai", created_at=now) for number in range(teams + 1)
        ]
        shift = Shift(name="早", code="早", color="#888", periods=[{"start": "09:00", "end": "18:00"}], created_at=now)
        session.add_all([*all_teams, shift])
        await session.flush()
        roles = {0: Role.ADMIN, 1: Role.PLANNER}
        users = [
            {
                "id": number + 1,
                "username": f"p{number}",
                "display_name": f"员工{number}",
                "password_hash": "!",
                "role": roles.get(number, Role.MEMBER),
                "team_id": all_teams[1 if number < 3 else number % teams].id,
                "created_at": now,
            }
            for number in range(people)
        ]
        await execute(session, sa.insert(User), users)
        session.add(TeamPlanner(user_id=2, team_id=all_teams[1].id))
        lanes = [{"key": f"hook{user['id']}", "recent_sends": [], "leased_by": ""} for user in users]
        await execute(session, sa.insert(Lane), lanes)
        channels = [
            {
                "id": user["id"],
                "name": f"Webhook {user['id']}",
                "kind": "webhook",
                "user_id": user["id"],
                "config": {},
                "sealed_secrets": "",
                "lane": f"hook{user['id']}",
                "created_at": now,
            }
            for user in users
        ]
        await execute(session, sa.insert(Channel), channels)
    indexes = [
        index for table in (Reminder, Delivery, DeliveryAttempt, DeliveryReminder) for index in table.__table__.indexes
    ]
    async with database.write() as session:
        connection = await session.connection()
        await _hurry(database, session)
        for index in indexes:
            await connection.run_sync(index.drop, checkfirst=True)
    for number in range(rounds):
        async with database.write() as session:
            await _hurry(database, session)
            at = now - timedelta(minutes=5) - timedelta(hours=12) * (rounds - 1 - number)
            await _write_round(session, at, shift.id, number * people)
    async with database.write() as session:
        connection = await session.connection()
        await _hurry(database, session)
        for index in indexes:
            await connection.run_sync(index.create)
    async with database.engine.connect() as connection:
        auto = await connection.execution_options(isolation_level="AUTOCOMMIT")
        if not database.is_sqlite:
            for table, at in (("reminder", "id"), ("delivery", "id"), ("delivery_attempt", "id")):
                await auto.exec_driver_sql(
                    f"SELECT setval(pg_get_serial_sequence('{table}', '{at}'), {rounds * people})"
                )
        await auto.exec_driver_sql("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE")


async def _hurry(database: Database, session: Any) -> None:
    """Rows that refer to each other are written together: no key needs to be looked up."""
    if not database.is_sqlite:
        await execute(session, sa.text("SET LOCAL session_replication_role = replica"))
        await execute(session, sa.text("SET LOCAL maintenance_work_mem = '512MB'"))
        await execute(session, sa.text("SET LOCAL synchronous_commit = off"))


async def _write_round(session: Any, at: datetime, shift_id: int, before: int) -> None:
    """A reminder of each person with its delivery. `before`: the number of rows so far."""
    local, rare = at.astimezone(SHANGHAI), User.id % 1000 == 7
    row_id = User.id + before
    fixed = {
        "user_id": User.id,
        "work_date": local.date(),
        "period": 0,
        "kind": "clock_in" if local.hour < 12 else "clock_out",
        "shift_id": shift_id,
        "point_at": at,
        "opens_at": at,
        "closes_at": at + timedelta(hours=1),
        "steps_sent": 1,
        "status": "acknowledged",
        "ended_by": "web",
        "created_at": at,
        "updated_at": at,
    }
    await _insert(session, Reminder, row_id, fixed)
    delivery = {
        "key": sa.literal(f"{before}-") + sa.cast(User.id, sa.String),
        "channel_id": User.id,
        "lane": sa.literal("hook") + sa.cast(User.id, sa.String),
        "occasion": sa.case((User.id % 50 == 3, "escalation"), else_="reminder"),
        "message": {"occasion": "reminder", "title": "上班提醒", "text": "", "lines": []},
        "status": sa.case((rare, "failed"), (User.id % 1000 == 8, "expired"), else_="sent"),
        "due_at": at,
        "expires_at": at + timedelta(hours=1),
        "attempt_count": 1,
        "refused_at": sa.case((rare, sa.literal(at, Delivery.refused_at.type))),
        "is_late": False,
        "sent_at": sa.case((rare, sa.null()), else_=sa.literal(at, Delivery.sent_at.type)),
        "created_at": at,
    }
    await _insert(session, Delivery, row_id, delivery)
    attempt = {
        "delivery_id": row_id,
        "at": at,
        "outcome": sa.case((rare, "bad_message"), else_="done"),
        "http_status": 200,
        "provider_code": sa.case((rare, "310000"), else_="0"),
        "provider_message": sa.case((rare, "system busy"), else_="ok"),
        "hint": "",
        "latency_ms": 40,
        "is_receipt": False,
    }
    await _insert(session, DeliveryAttempt, row_id, attempt)
    carried = {
        "delivery_id": row_id,
        "reminder_id": row_id,
        "user_id": User.id,
        "failure": sa.case((rare, "failed"), (User.id % 1000 == 8, "expired")),
        **{name: delivery[name] for name in ("due_at", "occasion")},
    }
    await _insert(session, DeliveryReminder, None, carried)


async def _insert(session: Any, model: Any, row_id: Any, values: dict[str, Any]) -> None:
    """A row for each person."""
    columns = model.__table__.c
    if row_id is not None:
        values = {"id": row_id, **values}
    chosen = [
        value
        if isinstance(value, sa.ColumnElement | sa.orm.InstrumentedAttribute)
        else sa.literal(value, columns[name].type)
        for name, value in values.items()
    ]
    await execute(
        session, sa.insert(model).from_select(list(values), sa.select(*chosen).select_from(User).order_by(User.id))
    )
