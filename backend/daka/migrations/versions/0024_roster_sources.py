"""Roster sources.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime


revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("punch_source_id", sa.Integer(), nullable=False),
        sa.Column("operator_userid", sa.String(length=64), nullable=False),
        sa.Column("imported", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "status", sa.Enum("ok", "failed", "stale", name="pullstatus", native_enum=False, length=24), nullable=False
        ),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.Column("hint", sa.String(length=40), nullable=False),
        sa.Column("pulled_at", UTCDateTime(), nullable=True),
        sa.Column("next_at", UTCDateTime(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["punch_source_id"], ["punch_source.id"], name=op.f("fk_roster_source_punch_source_id_punch_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_source")),
        sa.UniqueConstraint("punch_source_id", name=op.f("uq_roster_source_punch_source_id")),
    )
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_source_next_at"), ["next_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_source_next_at"))

    op.drop_table("roster_source")