"""A reminder keeps every stretch of quiet hours in its window, not only the first.

Revision ID: 0006
Revises: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

REMINDER = sa.table(
    "reminder",
    sa.column("id", sa.Integer()),
    sa.column("next_due_at", UTCDateTime()),
    sa.column("quiet_from", UTCDateTime()),
    sa.column("quiet_until", UTCDateTime()),
    sa.column("quiet_spans", sa.JSON(none_as_null=True)),
)


def upgrade() -> None:
    op.add_column("reminder", sa.Column("quiet_spans", sa.JSON(none_as_null=True), nullable=True))
    # Of those that have ended nobody asks any more.
    found = sa.select(REMINDER.c.id, REMINDER.c.quiet_from, REMINDER.c.quiet_until).where(
        REMINDER.c.next_due_at.is_not(None), REMINDER.c.quiet_from.is_not(None)
    )
    for row in op.get_bind().execute(found).all():
        spans = [[row.quiet_from.isoformat(), row.quiet_until.isoformat()]]
        op.execute(sa.update(REMINDER).where(REMINDER.c.id == row.id).values(quiet_spans=spans))
    # Not in a batch, which would copy the whole table on SQLite.
    op.drop_column("reminder", "quiet_from")
    op.drop_column("reminder", "quiet_until")


def downgrade() -> None:
    op.add_column("reminder", sa.Column("quiet_from", UTCDateTime(), nullable=True))
    op.add_column("reminder", sa.Column("quiet_until", UTCDateTime(), nullable=True))
    op.drop_column("reminder", "quiet_spans")
