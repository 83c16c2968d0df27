"""Shifts that people of a team may take.

Revision ID: 0020
Revises: 0019
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision: str = "0020"
down_revision: str | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    status = sa.Enum(
        "offered", "taken", "approved", "withdrawn", name="openshiftstatus", native_enum=False, length=24
    )
    op.create_table(
        "open_shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("work_date", sa.Date(), nullable=False),
        sa.Column("shift_id", sa.Integer(), nullable=False),
        sa.Column("status", status, nullable=False),
        sa.Column("taken_by", sa.Integer(), nullable=True),
        sa.Column("before_shift_id", sa.Integer(), nullable=True),
        sa.Column("declined_user_ids", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("offered_by", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_open_shift_team_id_team")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_open_shift_shift_id_shift")),
        sa.ForeignKeyConstraint(["taken_by"], ["user.id"], name=op.f("fk_open_shift_taken_by_user")),
        sa.ForeignKeyConstraint(["offered_by"], ["user.id"], name=op.f("fk_open_shift_offered_by_user")),
        sa.ForeignKeyConstraint(["decided_by"], ["user.id"], name=op.f("fk_open_shift_decided_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_shift")),
    )
    op.create_index("ix_open_shift_status", "open_shift", ["status"])
    for column in ("team_id", "shift_id", "taken_by"):
        op.create_index(f"ix_open_shift_{column}", "open_shift", [column])


def downgrade() -> None:
    op.drop_table("open_shift")
