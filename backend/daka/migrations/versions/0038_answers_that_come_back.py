"""A reminder keeps what was answered about other moments, for a punch point that moves away and comes back.

Revision ID: 0038
Revises: 0037
"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reminder", sa.Column("former_answers", sa.JSON(none_as_null=True), nullable=True))


def downgrade() -> None:
    op.drop_column("reminder", "former_answers")
