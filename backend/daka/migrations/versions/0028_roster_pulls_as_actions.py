"""Roster pulls as actions.

Revision ID: 0028
Revises: 0027
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime


revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("started_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_roster_source_started_by_user"), "user", ["started_by"], ["id"])

    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_variant", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.alter_column("is_variant", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_column("is_variant")

    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_roster_source_started_by_user"), type_="foreignkey")
        batch_op.drop_column("started_by")
