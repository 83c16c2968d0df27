"""Prometheus metrics, computed from the tables, so that every process returns the same values.

Counts cover the last 24 hours (gauges, since old rows are deleted); lateness covers what was sent in the last hour.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock
from daka.backup.service import BackupState, backup_summary
from daka.database import execute
from daka.delivery import outbox
from daka.delivery.models import Channel, ChannelStatus, Delivery
from daka.reminders.models import Reminder
from daka.statements import seconds_between
from daka.today.service import scheduler_state

DAY = timedelta(hours=24)
LATENESS_OF = timedelta(hours=1)
BUCKETS_SECONDS = (0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


async def metrics(session: AsyncSession) -> str:
    """All metrics in Prometheus's text format."""
    now = clock.now()
    state = await scheduler_state(session)
    deliveries = await _counted(
        session,
        select(Channel.kind, Delivery.status, func.count())
        .join(Channel, Channel.id == Delivery.channel_id)
        .where(Delivery.due_at > now - DAY)
        .group_by(Channel.kind, Delivery.status),
        ("kind", "status"),
    )
    reminders = await _counted(
        session,
        select(Reminder.status, func.count())
        .where(Reminder.point_at > now - DAY, Reminder.point_at <= now)
        .group_by(Reminder.status),
        ("status",),
    )
    backups = await backup_summary(session, now)
    broken = (
        select(func.count())
        .select_from(Channel)
        .where(Channel.status == ChannelStatus.BROKEN, Channel.deleted_at.is_(None))
    )
    lines = [
        *_gauge("daka_info", "The running version", [({"version": __version__}, 1)]),
        *_gauge("daka_scheduler_alive", "1 if a worker ticked in the last minute", [({}, float(state.is_alive))]),
        *_gauge("daka_scheduler_paused", "1 if reminders are paused", [({}, float(state.is_paused))]),
        *_gauge("daka_workers", "Workers that ticked in the last minute", [({}, state.workers)]),
        *_gauge("daka_last_tick_seconds", "Time since a worker last ticked", _ages(now, state.last_tick_at)),
        *_gauge(
            "daka_backup_state",
            "1 for the current state of backups",
            [({"state": kind.value}, float(kind is backups.state)) for kind in BackupState],
        ),
        *_gauge(
            "daka_backup_age_seconds",
            "Time since the last good backup started",
            _ages(now, backups.last_good.started_at if backups.last_good else None),
        ),
        *_gauge("daka_queue_length", "Deliveries waiting to be sent", [({}, await outbox.queue_length(session))]),
        *_gauge("daka_channels_broken", "Channels that need attention", [({}, (await session.exec(broken)).one())]),
        *_gauge("daka_deliveries", "Deliveries due in the last 24 hours", deliveries),
        *_gauge("daka_reminders", "Reminders with a punch point in the last 24 hours", reminders),
        *await _lateness(session),
    ]
    return "\n".join(lines) + "\n"


def _ages(now: datetime, moment: datetime | None) -> list[Sample]:
    """Age in seconds; no sample if it never happened."""
    return [({}, (now - moment).total_seconds())] if moment else []


async def _counted(session: AsyncSession, asked: Any, labels: Sequence[str]) -> list[Sample]:
    rows = await session.exec(asked)
    return [(dict(zip(labels, map(str, row[:-1]), strict=True)), float(row[-1])) for row in rows]


async def _lateness(session: AsyncSession) -> list[str]:
    delay = seconds_between(session, Delivery.due_at, Delivery.sent_at)
    within = [func.count(sa.case((delay <= bound, 1))) for bound in BUCKETS_SECONDS]
    asked = sa.select(func.count(), func.coalesce(func.sum(delay), 0), *within).where(
        Delivery.sent_at > clock.now() - LATENESS_OF, Delivery.sent_at.is_not(None)
    )
    row: tuple[Any, ...] = tuple((await execute(session, asked)).one())
    count, total, *buckets = row
    name = "daka_due_to_sent_seconds"
    return [
        f"# HELP {name} Time from due to confirmed by the provider, for deliveries sent in the last hour",
        f"# TYPE {name} histogram",
        *(f'{name}_bucket{{le="{bound}"}} {found}' for bound, found in zip(BUCKETS_SECONDS, buckets, strict=True)),
        f'{name}_bucket{{le="+Inf"}} {count}',
        f"{name}_sum {total:.3f}",
        f"{name}_count {count}",
    ]


def _gauge(name: str, meaning: str, samples: Iterable[Sample]) -> list[str]:
    def written(labels: dict[str, str]) -> str:
        inside = ",".join(f'{label}="{value}"' for label, value in labels.items())
        return f"{{{inside}}}" if inside else ""

    return [
        f"# HELP {name} {meaning}",
        f"# TYPE {name} gauge",
        *(f"{name}{written(of)} {value:g}" for of, value in samples),
    ]
