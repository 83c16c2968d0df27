"""Reports of the last month to each person.

Revision ID: 0021
Revises: 0020
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("notice_choice") as choice:
        choice.add_column(sa.Column("tells_month", sa.Boolean(), nullable=False, server_default=sa.false()))
        choice.add_column(sa.Column("told_month", sa.Date(), nullable=True))
    with op.batch_alter_table("notice_choice") as choice:
        choice.alter_column("tells_month", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("notice_choice") as choice:
        choice.drop_column("told_month")
        choice.drop_column("tells_month")
