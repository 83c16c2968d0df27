"""Drafts of a roster that are published.

Revision ID: 0016
Revises: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision: str = "0016"
down_revision: str | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "draft_cell",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=True),
        sa.Column("base_shift_id", sa.Integer(), nullable=True),
        sa.Column("drafted_by", sa.Integer(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_draft_cell_user_id_user")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_draft_cell_shift_id_shift")),
        sa.ForeignKeyConstraint(["drafted_by"], ["user.id"], name=op.f("fk_draft_cell_drafted_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_cell")),
        sa.UniqueConstraint("user_id", "work_date", name=op.f("uq_draft_cell_user_id_work_date")),
    )
    op.create_index("ix_draft_cell_work_date", "draft_cell", ["work_date"])
    op.create_index("ix_draft_cell_shift_id", "draft_cell", ["shift_id"])
    with op.batch_alter_table("team") as team:
        team.add_column(sa.Column("uses_drafts", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("team") as team:
        team.alter_column("uses_drafts", server_default=None)
    # This table may be large; alembic would copy it on SQLite.
    op.execute("ALTER TABLE roster_change ADD COLUMN is_draft BOOLEAN NOT NULL DEFAULT false")


def downgrade() -> None:
    with op.batch_alter_table("roster_change") as table:
        table.drop_column("is_draft")
    with op.batch_alter_table("team") as table:
        table.drop_column("uses_drafts")
    op.drop_table("draft_cell")
