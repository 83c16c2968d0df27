"""Leave from DingTalk.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime


revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leaves", sa.JSON(none_as_null=True), nullable=False, server_default="{}"))
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.alter_column("leaves", server_default=None)


def downgrade() -> None:
    with op.batch_alter_table("roster_source", schema=None) as batch_op:
        batch_op.drop_column("leaves")

