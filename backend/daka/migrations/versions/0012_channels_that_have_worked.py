"""Channels that have sent a message with their present settings count as tried.

Revision ID: 0012
Revises: 0011
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    channel = sa.table("channel", *map(sa.column, ("id", "status_at", "status_since")))
    delivery = sa.table("delivery", *map(sa.column, ("channel_id", "status", "sent_at")))
    entry = sa.table("audit_entry", *map(sa.column, ("subject_kind", "subject_id", "action", "at")))
    worked_at = (
        sa.select(sa.func.max(delivery.c.sent_at))
        .where(delivery.c.channel_id == channel.c.id, delivery.c.status == "sent")
        .scalar_subquery()
    )
    changed_later = sa.exists().where(
        entry.c.subject_kind == "channel",
        entry.c.subject_id == channel.c.id,
        entry.c.action == "channel.updated",
        entry.c.at >= worked_at,
    )
    op.execute(
        sa.update(channel)
        .where(channel.c.status_at.is_(None), worked_at.is_not(None), ~changed_later)
        .values(status_at=worked_at, status_since=sa.func.coalesce(channel.c.status_since, worked_at))
    )


def downgrade() -> None:
    """What was seen stays true."""
