"""Whose channels use the app of a chat connection.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("chat_connection") as connection:
        for name in ("team_ids", "user_ids"):
            connection.add_column(sa.Column(name, sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    with op.batch_alter_table("chat_connection") as connection:
        for name in ("team_ids", "user_ids"):
            connection.alter_column(name, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("chat_connection") as connection:
        connection.drop_column("user_ids")
        connection.drop_column("team_ids")
