"""A channel says who sees its messages, beside what shares its rate.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

SENDS_TO_PERSONS = ("dingtalk_work_notice", "dingtalk_one_to_one", "wecom_app")


def upgrade() -> None:
    with op.batch_alter_table("channel") as table:
        table.add_column(sa.Column("audience", sa.String(length=64), nullable=False, server_default=""))
    with op.batch_alter_table("channel") as table:
        table.alter_column("audience", server_default=None)
    # Until its settings are saved again, a channel keeps what held before: one lane was one audience, but for apps.
    channel = sa.table("channel", sa.column("kind"), sa.column("lane"), sa.column("audience"))
    op.execute(sa.update(channel).where(channel.c.kind.not_in(SENDS_TO_PERSONS)).values(audience=channel.c.lane))


def downgrade() -> None:
    with op.batch_alter_table("channel") as table:
        table.drop_column("audience")
