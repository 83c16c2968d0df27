"""Migrations lead to exactly the tables that the code expects, on both databases."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlmodel import col, select
from sqlmodel.sql.sqltypes import AutoString

from conftest import Workplace
from conftest import test_settings as settings_with
from daka.database import Database, execute
from daka.delivery.models import Channel, Delivery, DeliveryAttempt, DeliveryReminder, Lane
from daka.delivery.models import DeliveryStatus as Status
from daka.migrations import FOLDER, missing_parts, upgrade
from daka.reminders.models import Reminder
from daka.tables import metadata
from scenes import EARLY, give_shift

HASHES = Path(__file__).with_name("migrations.sha256")


def _is_other_type(
    _context: object, _inspected: object, _column: object, is_now: object, wanted: object
) -> bool | None:
    return False if isinstance(is_now, sa.Text) and isinstance(wanted, AutoString) and not wanted.length else None


async def test_migrations_lead_to_the_tables_of_the_code(database: Database) -> None:
    def differences(connection: sa.Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": _is_other_type})
        return list(compare_metadata(context, metadata))

    async with database.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_no_migration_that_installations_have_run_changes() -> None:
    """After adding one, write the file anew.

    (cd backend/daka/migrations/versions && sha256sum 0*.py) > tests/kernel/migrations.sha256
    """
    known = dict(reversed(line.split()) for line in HASHES.read_text().splitlines())
    files = sorted((FOLDER / "versions").glob("[0-9]*.py"))
    assert {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files} == known


async def test_open_reminders_keep_their_quiet_hours(tmp_path: Path) -> None:
    """Revision 0006 replaces one stretch of quiet hours by a list of them."""
    values = (
        "1, '2026-11-23', 0, 'clock_out', 1, '2026-11-23 14:00', '2026-11-23 14:00', '2026-11-23 14:30', "
        "'2026-11-23 14:00', '2026-11-23 22:30', 'scheduled', '2026-11-23 22:30', 0, '', '2026-11-23 00:00', '2026-11-23 00:00'"
    )
    columns = (
        "user_id, work_date, period, kind, shift_id, point_at, opens_at, closes_at, quiet_from, quiet_until, status, "
        "next_due_at, steps_sent, ended_by, created_at, updated_at"
    )

    async with (
        Database(settings_with(database_url=f"sqlite:///{tmp_path}/old.db")) as old,
        old.engine.connect() as connection,
    ):
        await connection.run_sync(upgrade, "0005")
        await connection.commit()
        await connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")  # the person and the shift do not matter
        await connection.exec_driver_sql(f"INSERT INTO reminder ({columns}) VALUES ({values})")
        await connection.run_sync(upgrade)
        assert (await connection.execute(sa.select(Reminder.quiet_spans))).scalar_one() == [
            ["2026-11-23T14:00:00+00:00", "2026-11-23T22:30:00+00:00"]
        ]


async def test_a_channel_that_delivered_with_its_present_settings_counts_as_tried(tmp_path: Path) -> None:
    """Revision 0012. Each channel has one delivery, sent at ten; `updated` is when its settings changed."""
    channel_columns = (
        "name, kind, config, sealed_secrets, lane, audience, is_enabled, is_fallback, status, status_reason, status_hint, "
        "created_at, id, status_at"
    )
    delivery_columns = (
        "lane, occasion, message, due_at, expires_at, attempt_count, is_late, created_at, "
        "key, channel_id, status, sent_at"
    )
    channel = "'x', 'webhook', '{}', '', 'a-lane', '', 1, 0, 'ok', '', '', '2026-11-20 00:00'"
    delivery = "'a-lane', 'reminder', '{}', '2026-11-23', '2026-11-23', 1, 0, '2026-11-23'"
    cases = {  # (how the delivery ended, updated, when the channel was confirmed before): when it counts as tried
        ("sent", None, None): "2026-11-23 10:00",
        ("sent", "2026-11-23 09:00", None): "2026-11-23 10:00",
        ("sent", "2026-11-23 11:00", None): None,
        ("failed", None, None): None,
        ("sent", None, "2026-11-22 08:00"): "2026-11-22 08:00",
    }
    async with (
        Database(settings_with(database_url=f"sqlite:///{tmp_path}/old.db")) as old,
        old.engine.connect() as connection,
    ):
        await connection.run_sync(upgrade, "0011")
        await connection.commit()
        await connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        for number, (status, updated, status_at) in enumerate(cases, start=1):
            sent_at = "2026-11-23 10:00" if status == "sent" else None
            for table, columns, values, own in (
                (
                    "channel",
                    channel_columns,
                    channel,
                    (number, status_at),
                ),
                (
                    "delivery",
                    delivery_columns,
                    delivery,
                    (f"key-{number}", number, status, sent_at),
                ),
                (
                    "audit_entry",
                    "actor_name, subject_name, address, user_agent, request_id, subject_kind, action, subject_id, at",
                    "'', '', '', '', '', 'channel', 'channel.updated'",
                    (number, updated),
                ),
            ):
                if own[-1] is not None or table != "audit_entry":
                    marks = ", ".join("?" * len(own))
                    await connection.exec_driver_sql(f"INSERT INTO {table} ({columns}) VALUES ({values}, {marks})", own)
        await connection.run_sync(upgrade)
        found = await connection.exec_driver_sql("SELECT status_at FROM channel ORDER BY id")
        assert [at for (at,) in found] == list(cases.values())


async def test_a_migrated_database_lacks_nothing(database: Database) -> None:
    async with database.read() as session:
        assert await missing_parts(session) == []


@pytest.mark.parametrize(
    ("change", "back", "missing"),
    [
        ("calendar_feed RENAME TO feed_of_old", "feed_of_old RENAME TO calendar_feed", "calendar_feed"),
        ("team RENAME COLUMN name TO old_name", "team RENAME COLUMN old_name TO name", "team.name"),
    ],
)
async def test_a_database_of_an_unreleased_version_is_unhealthy_and_named(
    workplace: Workplace, change: str, back: str, missing: str
) -> None:
    async with workplace.database.engine.begin() as connection:
        await connection.exec_driver_sql(f"ALTER TABLE {change}")
    try:
        async with workplace.database.read() as session:
            assert await missing_parts(session) == [missing]
        answer = await workplace.anonymous.get("/api/health")
        assert answer.status_code == 503
        assert f"lacks {missing}" in answer.json()["checks"]["migrations"]
    finally:  # other tests use the same tables
        async with workplace.database.engine.begin() as connection:
            await connection.exec_driver_sql(f"ALTER TABLE {back}")


async def test_what_deliveries_carry_is_copied_with_whom_it_is_about(workplace: Workplace) -> None:
    """Revision 0035 and its way back, with rows."""
    await give_shift(workplace, EARLY, workplace.bob)
    async with workplace.database.write() as session:
        (reminder, *_) = await session.exec(select(Reminder).order_by(col(Reminder.id)))
        session.add(Lane(key="there"))
        await session.flush()
        channel = Channel(name="there", kind="webhook", config={}, lane="there")
        session.add(channel)
        await session.flush()
        wanted = [(Status.SENT, None), (Status.SENT, "refused"), (Status.FAILED, "failed"), (Status.EXPIRED, "expired")]
        for number, (status, failure) in enumerate(wanted, 1):
            moment = datetime(2026, 11, 23, number, tzinfo=UTC)
            refused_at = moment if failure in ("refused", "failed") else None
            its = {"lane": "there", "message": {}, "expires_at": moment, "refused_at": refused_at, "status": status}
            session.add(
                Delivery(id=number, key=str(number), channel_id=channel.id, due_at=moment, occasion="escalation", **its)
            )
            await session.flush()
            about = {"delivery_id": number, "reminder_id": reminder.id, "user_id": workplace.bob.id}
            session.add(DeliveryReminder(**about, due_at=moment, occasion="escalation", failure=failure))
            for outcome in ["bad_message"] * (refused_at is not None) + ["done"] * (status is Status.SENT):
                session.add(DeliveryAttempt(delivery_id=number, at=moment, outcome=outcome))

    async def rows() -> list[list[Any]]:
        async with workplace.database.read() as session:
            asked = (DeliveryReminder, DeliveryReminder.delivery_id), (Delivery, Delivery.id)
            return [list(await execute(session, sa.select(*table.__table__.c).order_by(at))) for table, at in asked]

    before = await rows()
    async with workplace.database.engine.connect() as connection:
        await connection.run_sync(downgrade, "0034")
        await connection.run_sync(upgrade)
        await connection.commit()
    assert await rows() == before
    assert [row.failure for row in before[0]] == [failure for _, failure in wanted]


def downgrade(connection: sa.Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.downgrade(config, revision)
