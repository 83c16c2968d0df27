"""Shifts after which nobody clocks out.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op


revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asks_clock_out", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.alter_column("asks_clock_out", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_column("asks_clock_out")
