"""Links, tokens, feeds and connections keep the version of the account for which they were made.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = ("api_token", "calendar_feed", "password_link")


def upgrade() -> None:
    for table in TABLES:
        with op.batch_alter_table(table) as changed:
            changed.add_column(sa.Column("token_version", sa.Integer(), nullable=False, server_default="0"))
        with op.batch_alter_table(table) as changed:
            changed.alter_column("token_version", server_default=None)
    with op.batch_alter_table("external_identity") as changed:
        changed.add_column(sa.Column("token_version", sa.Integer(), nullable=True))
    user = sa.table("user", sa.column("id"), sa.column("role"), sa.column("token_version"))
    for name in (*TABLES, "external_identity"):
        grant = sa.table(name, *(sa.column(column) for column in ("user_id", "issuer", "token_version")))
        version = sa.select(user.c.token_version).where(user.c.id == grant.c.user_id).scalar_subquery()
        op.execute(sa.update(grant).values(token_version=version))
    # Which identities were matched by username is not known. DingTalk and Feishu never match; administrators are never matched.
    members = sa.select(user.c.id).where(user.c.role != "admin")
    matched = sa.and_(
        grant.c.issuer.not_like("dingtalk:%"), grant.c.issuer.not_like("feishu:%"), grant.c.user_id.in_(members)
    )
    op.execute(sa.update(grant).where(matched).values(token_version=None))
    # A link may be older than its account's present rights: those of planners and administrators have to be made again.
    link = sa.table("password_link", sa.column("user_id"))
    op.execute(sa.delete(link).where(link.c.user_id.not_in(sa.select(user.c.id).where(user.c.role == "member"))))


def downgrade() -> None:
    for table in (*TABLES, "external_identity"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("token_version")
