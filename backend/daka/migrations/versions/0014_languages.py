"""Languages of messages: of teams, people and templates.

Revision ID: 0014
Revises: 0013
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0014"
down_revision: str | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    with op.batch_alter_table("user") as user:
        user.add_column(sa.Column("language", sa.String(length=24), nullable=True))
    for table in ("team", "message_template"):
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("language", sa.String(length=24), nullable=False, server_default="zh"))
        with op.batch_alter_table(table) as changed:
            changed.alter_column("language", server_default=None)
    with op.batch_alter_table("message_template") as template:
        template.drop_constraint("pk_message_template", type_="primary")
        template.create_primary_key("pk_message_template", ["team_id", "stage", "language"])


def downgrade() -> None:
    op.execute("DELETE FROM message_template WHERE language <> 'zh'")
    with op.batch_alter_table("message_template") as template:
        template.drop_constraint("pk_message_template", type_="primary")
        template.create_primary_key("pk_message_template", ["team_id", "stage"])
        template.drop_column("language")
    for table in ("team", "user"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("language")
