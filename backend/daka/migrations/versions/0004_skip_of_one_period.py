"""A skip may cover one punch of a shift with several periods.

Revision ID: 0004
Revises: 0003
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("absence") as table:
        table.add_column(sa.Column("period", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("absence") as table:
        table.drop_column("period")
