"""What a planner did at once, and can undo at once.

Revision ID: 0015
Revises: 0014
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    kind = sa.Enum("edited", "filled", "copied", "imported", name="actionkind", native_enum=False, length=24)
    op.create_table(
        "roster_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("made_by", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=24), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("undone_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_roster_action_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_action")),
        sa.UniqueConstraint("made_by", "key", name=op.f("uq_roster_action_made_by_key")),
    )
    op.create_index("ix_roster_action_made_by_at", "roster_action", ["made_by", "at"])
    # Both databases take a reference within ADD COLUMN; alembic would copy the whole table on SQLite.
    op.execute(
        "ALTER TABLE roster_change ADD COLUMN action_id INTEGER "
        "CONSTRAINT fk_roster_change_action_id_roster_action REFERENCES roster_action (id)"
    )
    op.create_index("ix_roster_change_action_id", "roster_change", ["action_id"])


def downgrade() -> None:
    op.drop_index("ix_roster_change_action_id", "roster_change")
    with op.batch_alter_table("roster_change") as table:
        table.drop_column("action_id")
    op.drop_table("roster_action")
