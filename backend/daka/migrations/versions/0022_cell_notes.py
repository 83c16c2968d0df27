"""Notes on cells, and the order of a team's roster.

Revision ID: 0022
Revises: 0021
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision: str = "0022"
down_revision: str | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "cell_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("written_by", sa.Integer(), nullable=True),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_cell_note_user_id_user")),
        sa.ForeignKeyConstraint(["written_by"], ["user.id"], name=op.f("fk_cell_note_written_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cell_note")),
        sa.UniqueConstraint("user_id", "work_date", name=op.f("uq_cell_note_user_id_work_date")),
    )
    op.create_index(op.f("ix_cell_note_work_date"), "cell_note", ["work_date"])
    with op.batch_alter_table("team") as team:
        team.add_column(sa.Column("roster_order", sa.JSON(none_as_null=True), nullable=False, server_default="[]"))
    with op.batch_alter_table("team") as team:
        team.alter_column("roster_order", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("team") as team:
        team.drop_column("roster_order")
    op.drop_table("cell_note")
