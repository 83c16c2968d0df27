"""The log and reminders are read in the order of their moments by indexes, and deleted deliveries are found where others refer to them.

Revision ID: 0034
Revises: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("ix_delivery_channel_id_id", "delivery")
    op.drop_index("ix_delivery_status", "delivery")
    op.drop_index("ix_delivery_due_at", "delivery")
    op.create_index("ix_delivery_channel_id", "delivery", ["channel_id", "due_at", "id"])
    op.create_index("ix_delivery_status", "delivery", ["status", "due_at", "id"])
    op.create_index("ix_delivery_occasion", "delivery", ["occasion", "due_at", "id"])
    op.create_index("ix_delivery_due_at", "delivery", ["due_at", "id", "channel_id", "status"])
    op.drop_index("ix_reminder_point_at", "reminder")
    op.create_index("ix_reminder_point_at", "reminder", ["point_at", "id", "status"])
    op.create_index(
        "ix_delivery_superseded_by",
        "delivery",
        ["superseded_by"],
        sqlite_where=sa.text("superseded_by IS NOT NULL"),
        postgresql_where=sa.text("superseded_by IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_superseded_by", "delivery")
    op.drop_index("ix_reminder_point_at", "reminder")
    op.create_index("ix_reminder_point_at", "reminder", ["point_at", "status"])
    op.drop_index("ix_delivery_due_at", "delivery")
    op.drop_index("ix_delivery_occasion", "delivery")
    op.drop_index("ix_delivery_status", "delivery")
    op.drop_index("ix_delivery_channel_id", "delivery")
    op.create_index("ix_delivery_due_at", "delivery", ["due_at", "channel_id", "status"])
    op.create_index("ix_delivery_status", "delivery", ["status"])
    op.create_index("ix_delivery_channel_id_id", "delivery", ["channel_id", "id"])
