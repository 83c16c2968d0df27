"""An assignment belongs to a team, whose zone and policy it keeps when its person moves to another team.

Revision ID: 0007
Revises: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    # Both databases take a reference within ADD COLUMN; alembic would copy the whole table on SQLite.
    op.execute(
        "ALTER TABLE assignment ADD COLUMN team_id INTEGER CONSTRAINT fk_assignment_team_id_team REFERENCES team (id)"
    )
    assignment = sa.table("assignment", sa.column("user_id"), sa.column("team_id"))
    user = sa.table("user", sa.column("id"), sa.column("team_id"))
    of_person = sa.select(user.c.team_id).where(user.c.id == assignment.c.user_id).scalar_subquery()
    op.execute(sa.update(assignment).values(team_id=of_person))


def downgrade() -> None:
    with op.batch_alter_table("assignment") as table:
        table.drop_column("team_id")
