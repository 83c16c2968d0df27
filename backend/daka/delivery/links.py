"""One-tap links: signed, expiring, valid for the reminders of one message and nothing else."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock, security
from daka.delivery.messages import MessageContent
from daka.delivery.models import Delivery, DeliveryReminder, DeliveryStatus
from daka.settings import Settings
from daka.statements import among

LATE_ANSWER = timedelta(hours=12)
"""How long after its window a link still takes 我已打卡."""


def link(settings: Settings, delivery_id: int, *, ends_at: datetime) -> str:
    """The address of the page for the reminders of a delivery whose last window is over at `ends_at`."""
    return f"{settings.base_url}/a/{security.short_token(settings.secret, 'link', delivery_id, ends_at + LATE_ANSWER)}"


def linked_delivery(settings: Settings, token: str) -> int | None:
    """The delivery that a link names; None if the link is forged, of another kind, or expired."""
    return security.short_token_value(settings.secret, "link", token, at=clock.now())


async def told_points(session: AsyncSession, delivery_ids: Collection[int]) -> dict[tuple[int, int], datetime]:
    """The punch points that messages were about, with their overtime, by delivery and reminder; of former messages none."""
    asked = select(Delivery.id, Delivery.message).where(among(Delivery.id, delivery_ids))
    return {
        (delivery_id, line.reminder_id): line.asked_at
        for delivery_id, message in (await session.exec(asked) if delivery_ids else ())
        if message
        for line in MessageContent.model_validate(message).lines
        if line.asked_at is not None
    }


async def newest_of(session: AsyncSession, reminder_ids: Collection[int]) -> dict[int, int]:
    """The last message that was sent of each reminder."""
    asked = (
        select(DeliveryReminder.reminder_id, sa.func.max(DeliveryReminder.delivery_id))
        .join(Delivery, Delivery.id == DeliveryReminder.delivery_id)
        .where(DeliveryReminder.reminder_id.in_(reminder_ids), Delivery.status == DeliveryStatus.SENT)
        .group_by(DeliveryReminder.reminder_id)
    )
    return dict(list(await session.exec(asked))) if reminder_ids else {}


def linked_reminders(settings: Settings, token: str) -> list[int]:
    """The reminders that a link of the former form (a JWT) names, until it expires."""
    claims = security.verified(settings.secret, "link", token, at=clock.now()) if "." in token else None
    return [int(part) for part in str(claims["sub"]).split(",") if part.isdecimal()] if claims else []
