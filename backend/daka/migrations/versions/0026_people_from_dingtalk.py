"""People from DingTalk.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime


revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "synced_department",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("punch_source_id", sa.Integer(), nullable=False),
        sa.Column("department_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["punch_source_id"], ["punch_source.id"], name=op.f("fk_synced_department_punch_source_id_punch_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synced_department")),
        sa.UniqueConstraint(
            "punch_source_id", "department_id", name=op.f("uq_synced_department_punch_source_id_department_id")
        ),
    )
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("newcomers", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("leavers", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.alter_column("newcomers", server_default=None)
        batch_op.alter_column("leavers", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.drop_column("leavers")
        batch_op.drop_column("newcomers")

    op.drop_table("synced_department")
