"""The log and the lists of some people, channels and days are read by indexes that begin with these, also what went wrong.

Revision ID: 0035
Revises: 0034
"""

from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

SLICE = 200_000
"""Deliveries that are copied at once: what is sorted and joined stays small."""
KEYS = {"delivery_id": "CASCADE", "reminder_id": "CASCADE", "user_id": None}
ANSWERS = ("provider_message", "provider_code")
CHANNEL_INDEXES = {
    "ix_delivery_channel_failed": (["channel_id", "status", "due_at", "id"], "status IN ('failed', 'expired')"),
    "ix_delivery_channel_occasion": (["channel_id", "occasion", "due_at", "id"], "occasion <> 'reminder'"),
    "ix_delivery_channel_refused": (["channel_id", "due_at", "id"], "refused_at IS NOT NULL"),
    "ix_delivery_refused": (["due_at", "id"], "refused_at IS NOT NULL"),
}
PEOPLE_INDEXES = {
    "ix_delivery_reminder_failure": (["user_id", "failure", "due_at", "delivery_id"], "failure IS NOT NULL"),
    "ix_delivery_reminder_occasion": (["user_id", "occasion", "due_at", "delivery_id"], "occasion <> 'reminder'"),
}
LISTS = (("reminder", ["point_at", "id"]), ("punch", ["id"]))
"""The order of lists, alone of a person and of a day."""
REFUSED = """
    UPDATE delivery SET refused_at = (
        SELECT max(delivery_attempt.at) FROM delivery_attempt
        WHERE delivery_attempt.delivery_id = delivery.id AND delivery_attempt.outcome <> 'done'
    ) WHERE id IN (SELECT delivery_id FROM delivery_attempt WHERE outcome <> 'done')
"""
COPIED = sa.text("""
    INSERT INTO delivery_reminder (delivery_id, reminder_id, user_id, due_at, occasion, failure)
    SELECT carried.delivery_id, carried.reminder_id, reminder.user_id, delivery.due_at, delivery.occasion,
        CASE WHEN delivery.status IN ('failed', 'expired') THEN delivery.status
             WHEN delivery.refused_at IS NOT NULL THEN 'refused' END
    FROM delivery_reminder_before AS carried
    JOIN delivery ON delivery.id = carried.delivery_id
    JOIN reminder ON reminder.id = carried.reminder_id
    WHERE carried.delivery_id >= :first AND carried.delivery_id < :end
""")


def upgrade() -> None:
    connection = op.get_bind()
    op.add_column("delivery", sa.Column("refused_at", UTCDateTime()))
    op.execute(REFUSED)
    _aside()
    is_sqlite = connection.dialect.name == "sqlite"
    op.create_table(
        "delivery_reminder",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("occasion", sa.String(length=24), nullable=False),
        sa.Column("failure", sa.String(length=24)),
        sa.PrimaryKeyConstraint("delivery_id", "reminder_id", name="pk_delivery_reminder"),
        *(_keys(KEYS) if is_sqlite else []),
    )
    last = connection.execute(sa.text("SELECT coalesce(max(delivery_id), 0) FROM delivery_reminder_before")).scalar_one()
    for first in range(0, last + 1, SLICE):
        connection.execute(COPIED, {"first": first, "end": first + SLICE})
    op.drop_table("delivery_reminder_before")
    for column, ondelete in {} if is_sqlite else KEYS.items():  # comparing all rows at once takes less than a look-up for each
        table = column.removesuffix("_id")
        op.create_foreign_key(
            f"fk_delivery_reminder_{column}_{table}", "delivery_reminder", table, [column], ["id"], ondelete=ondelete
        )
    op.create_index("ix_delivery_reminder_reminder_id", "delivery_reminder", ["reminder_id"])
    op.create_index("ix_delivery_reminder_user_id", "delivery_reminder", ["user_id", "due_at", "delivery_id"])
    for table, indexes in (("delivery", CHANNEL_INDEXES), ("delivery_reminder", PEOPLE_INDEXES)):
        for name, (columns, where) in indexes.items():
            op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    for answer in ANSWERS:
        op.drop_index(f"ix_delivery_attempt_{answer}", "delivery_attempt")
        op.create_index(f"ix_delivery_attempt_{answer}", "delivery_attempt", [answer, "outcome", "delivery_id"])
    for table, order in LISTS:
        op.drop_index(f"ix_{table}_work_date", table)
        op.create_index(f"ix_{table}_work_date", table, ["work_date", *order])
        op.create_index(f"ix_{table}_user_id", table, ["user_id", *order])
    op.create_index("ix_reminder_status", "reminder", ["work_date", "status", "closes_at"])


def downgrade() -> None:
    op.drop_index("ix_reminder_status", "reminder")
    for table, _ in LISTS:
        op.drop_index(f"ix_{table}_user_id", table)
        op.drop_index(f"ix_{table}_work_date", table)
        op.create_index(f"ix_{table}_work_date", table, ["work_date"])
    for answer in ANSWERS:
        op.drop_index(f"ix_delivery_attempt_{answer}", "delivery_attempt")
        op.create_index(f"ix_delivery_attempt_{answer}", "delivery_attempt", [answer, "delivery_id"])
    for name in CHANNEL_INDEXES:
        op.drop_index(name, "delivery")
    for name in (*PEOPLE_INDEXES, "ix_delivery_reminder_user_id"):
        op.drop_index(name, "delivery_reminder")
    _aside()
    op.create_table(
        "delivery_reminder",
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("reminder_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("delivery_id", "reminder_id", name="pk_delivery_reminder"),
        *_keys(["delivery_id", "reminder_id"]),
    )
    op.execute("INSERT INTO delivery_reminder SELECT delivery_id, reminder_id FROM delivery_reminder_before")
    op.drop_table("delivery_reminder_before")
    op.create_index("ix_delivery_reminder_reminder_id", "delivery_reminder", ["reminder_id"])
    op.execute("ALTER TABLE delivery DROP COLUMN refused_at")


def _keys(columns: Iterable[str]) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint(
            [column],
            [f"{column.removesuffix('_id')}.id"],
            name=f"fk_delivery_reminder_{column}_{column.removesuffix('_id')}",
            ondelete=KEYS[column],
        )
        for column in columns
    ]


def _aside() -> None:
    """A new table is written much sooner than each row of the old one is changed."""
    op.drop_index("ix_delivery_reminder_reminder_id", "delivery_reminder")
    op.rename_table("delivery_reminder", "delivery_reminder_before")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE delivery_reminder_before RENAME CONSTRAINT pk_delivery_reminder TO pk_delivery_reminder_before")
