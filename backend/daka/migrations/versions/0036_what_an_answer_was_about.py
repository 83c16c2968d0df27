"""A reminder keeps the moment that its answer was about, so that moves in several steps and by overtime add up.

Revision ID: 0036
Revises: 0035
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reminder", sa.Column("asked_at", UTCDateTime(), nullable=True))


def downgrade() -> None:
    op.drop_column("reminder", "asked_at")
