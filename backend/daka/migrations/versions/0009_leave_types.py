"""Leave has a type, and a team may have types of its own.

Revision ID: 0009
Revises: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("absence", sa.Column("leave_type", sa.String(length=20), nullable=True))
    with op.batch_alter_table("team") as team:
        team.add_column(sa.Column("leave_types", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    with op.batch_alter_table("team") as team:
        team.alter_column("leave_types", server_default=None)


def downgrade() -> None:
    op.drop_column("team", "leave_types")
    op.drop_column("absence", "leave_type")
