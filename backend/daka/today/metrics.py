"""`GET /api/metrics`: Prometheus text, worked out from the tables, so that every process tells the same.

Counts are of the last 24 hours (gauges, since old rows are forgotten); lateness is of what was sent in the last hour.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import __version__, clock, security
from daka.backup.service import BackupState, standing
from daka.database import SessionDep
from daka.delivery import outbox
from daka.delivery.models import Channel, ChannelStatus, Delivery
from daka.errors import Forbidden
from daka.identity.access import SettingsDep
from daka.problems import problems
from daka.reminders.models import Reminder
from daka.today.service import scheduler_state

router = APIRouter(tags=["health"])

DAY = timedelta(hours=24)
LATENESS_OF = timedelta(hours=1)
BUCKETS_SECONDS = (0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Sample = tuple[dict[str, str], float]


@router.get("/api/metrics", operation_id="metrics_read", response_class=PlainTextResponse, responses=problems(403))
async def read_metrics(request: Request, session: SessionDep, settings: SettingsDep) -> PlainTextResponse:
    """Prometheus text. From this machine, or with `Authorization: Bearer METRICS_TOKEN`."""
    if not _may_read(request, settings.metrics_token):
        raise Forbidden("metrics_token_missing", "Metrics are for this machine, or for whoever has METRICS_TOKEN")
    return PlainTextResponse(await metrics(session), media_type=CONTENT_TYPE)


def _may_read(request: Request, token: str) -> bool:
    if token and security.same(request.headers.get("authorization", ""), f"Bearer {token}"):
        return True
    is_forwarded = "x-forwarded-for" in request.headers or "forwarded" in request.headers
    try:
        is_loopback = request.client is not None and ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        is_loopback = False
    return is_loopback and not is_forwarded


async def metrics(session: AsyncSession) -> str:
    """All metrics in Prometheus' text format."""
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
    backups = await standing(session, now)
    broken = (
        select(func.count())
        .select_from(Channel)
        .where(Channel.status == ChannelStatus.BROKEN, Channel.deleted_at.is_(None))
    )
    lines = [
        *_gauge("daka_info", "The version that runs", [({"version": __version__}, 1)]),
        *_gauge("daka_scheduler_alive", "1 if a worker ticked in the last minute", [({}, float(state.is_alive))]),
        *_gauge("daka_scheduler_paused", "1 if reminding is paused", [({}, float(state.is_paused))]),
        *_gauge("daka_workers", "Workers that ticked in the last minute", [({}, state.workers)]),
        *_gauge("daka_last_tick_seconds", "Since a worker ticked", _ages(now, state.last_tick_at)),
        *_gauge(
            "daka_backup_state",
            "1 for how backups stand",
            [({"state": kind.value}, float(kind is backups.state)) for kind in BackupState],
        ),
        *_gauge(
            "daka_backup_age_seconds",
            "Since the last good backup began",
            _ages(now, backups.last_good.started_at if backups.last_good else None),
        ),
        *_gauge("daka_queue_length", "Deliveries that wait to be sent", [({}, await outbox.queue_length(session))]),
        *_gauge("daka_channels_broken", "Channels that need a person", [({}, (await session.exec(broken)).one())]),
        *_gauge("daka_deliveries", "Deliveries that were due in the last 24 hours", deliveries),
        *_gauge("daka_reminders", "Reminders whose punch point was in the last 24 hours", reminders),
        *await _lateness(session),
    ]
    return "\n".join(lines) + "\n"


def _ages(now: datetime, moment: datetime | None) -> list[Sample]:
    """Nothing, if it has never been."""
    return [({}, (now - moment).total_seconds())] if moment else []


async def _counted(session: AsyncSession, asked: Any, labels: Sequence[str]) -> list[Sample]:
    rows = await session.exec(asked)
    return [(dict(zip(labels, map(str, row[:-1]), strict=True)), float(row[-1])) for row in rows]


async def _lateness(session: AsyncSession) -> list[str]:
    sent = select(Delivery.due_at, Delivery.sent_at).where(
        Delivery.sent_at > clock.now() - LATENESS_OF, Delivery.sent_at.is_not(sa.null())
    )
    seconds = [(sent_at - due_at).total_seconds() for due_at, sent_at in await session.exec(sent) if sent_at]
    name = "daka_due_to_sent_seconds"
    lines = [
        f"# HELP {name} From due to confirmed by the provider, of what was sent in the last hour",
        f"# TYPE {name} histogram",
    ]
    lines += [f'{name}_bucket{{le="{bound}"}} {sum(found <= bound for found in seconds)}' for bound in BUCKETS_SECONDS]
    return [
        *lines,
        f'{name}_bucket{{le="+Inf"}} {len(seconds)}',
        f"{name}_sum {sum(seconds):.3f}",
        f"{name}_count {len(seconds)}",
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
