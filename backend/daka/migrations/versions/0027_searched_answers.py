"""Indexes for searches of providers' answers.

Revision ID: 0027
Revises: 0026
"""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_delivery_attempt_provider_message", "delivery_attempt", ["provider_message", "delivery_id"])
    op.create_index("ix_delivery_attempt_provider_code", "delivery_attempt", ["provider_code", "delivery_id"])


def downgrade() -> None:
    op.drop_index("ix_delivery_attempt_provider_code", "delivery_attempt")
    op.drop_index("ix_delivery_attempt_provider_message", "delivery_attempt")
