"""A delivery knows when other channels take it over, whatever it waits for.

Revision ID: 0037
Revises: 0036
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("delivery", sa.Column("hand_over_at", UTCDateTime(), nullable=True))
    op.execute("UPDATE delivery SET hand_over_at = due_at WHERE next_attempt_at IS NOT NULL AND occasion <> 'test'")
    op.create_index(
        "ix_delivery_hand_over_at",
        "delivery",
        ["hand_over_at"],
        sqlite_where=sa.text("next_attempt_at IS NOT NULL"),
        postgresql_where=sa.text("next_attempt_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_delivery_hand_over_at", "delivery")
    op.drop_column("delivery", "hand_over_at")
