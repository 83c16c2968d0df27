"""When a shift was last changed.

Revision ID: 0011
Revises: 0010
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from sqlmodel.sql.sqltypes import UTCDateTime

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("shift", sa.Column("updated_at", UTCDateTime(), nullable=True))
    op.execute("UPDATE shift SET updated_at = created_at")
    with op.batch_alter_table("shift") as shift:
        shift.alter_column("updated_at", nullable=False)


def downgrade() -> None:
    with op.batch_alter_table("shift") as shift:
        shift.drop_column("updated_at")
