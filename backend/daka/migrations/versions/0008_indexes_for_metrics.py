"""Metrics read indexes only: what they count and measure is in them.

Revision ID: 0008
Revises: 0007
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_index("ix_delivery_due_at", "delivery")
    op.create_index("ix_delivery_due_at", "delivery", ["due_at", "channel_id", "status"])
    op.create_index("ix_delivery_sent_at", "delivery", ["sent_at", "due_at"])
    op.drop_index("ix_reminder_point_at", "reminder")
    op.create_index("ix_reminder_point_at", "reminder", ["point_at", "status"])


def downgrade() -> None:
    op.drop_index("ix_reminder_point_at", "reminder")
    op.create_index("ix_reminder_point_at", "reminder", ["point_at"])
    op.drop_index("ix_delivery_sent_at", "delivery")
    op.drop_index("ix_delivery_due_at", "delivery")
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"])
