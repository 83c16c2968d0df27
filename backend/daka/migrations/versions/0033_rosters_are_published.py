"""Rosters are published to attendance systems.

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime


revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roster_push",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("punch_source_id", sa.Integer(), nullable=False),
        sa.Column("started_by", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("operator_userid", sa.String(length=64), nullable=False),
        sa.Column("cells", sa.Integer(), nullable=False),
        sa.Column("entries", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("differences", sa.JSON(none_as_null=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "writing",
                "written",
                "verified",
                "differs",
                "unverified",
                name="pushstatus",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("next_check_at", UTCDateTime(), nullable=True),
        sa.Column("reason", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(
            ["punch_source_id"], ["punch_source.id"], name=op.f("fk_roster_push_punch_source_id_punch_source")
        ),
        sa.ForeignKeyConstraint(["started_by"], ["user.id"], name=op.f("fk_roster_push_started_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_push")),
    )
    with op.batch_alter_table("roster_push", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roster_push_next_check_at"), ["next_check_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_roster_push_punch_source_id"), ["punch_source_id"], unique=False)

    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "direction",
                sa.Enum("pull", "push", "off", name="direction", native_enum=False, length=24),
                nullable=False,
                server_default="pull",
            )
        )
        batch_op.add_column(sa.Column("pushed", sa.JSON(none_as_null=True), nullable=False, server_default="{}"))
        batch_op.add_column(sa.Column("push_shifts", sa.JSON(none_as_null=True), nullable=False, server_default="{}"))
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        for column in ("direction", "pushed", "push_shifts"):
            batch_op.alter_column(column, server_default=None)



def downgrade() -> None:
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.drop_column("push_shifts")
        batch_op.drop_column("pushed")
        batch_op.drop_column("direction")

    with op.batch_alter_table("roster_push", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roster_push_punch_source_id"))
        batch_op.drop_index(batch_op.f("ix_roster_push_next_check_at"))

    op.drop_table("roster_push")