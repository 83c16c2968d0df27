"""Crews of a team, which take turns in a cycle.

Revision ID: 0013
Revises: 0012
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("team") as team:
        team.add_column(sa.Column("crews", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    with op.batch_alter_table("team") as team:
        team.alter_column("crews", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("team") as team:
        team.drop_column("crews")
