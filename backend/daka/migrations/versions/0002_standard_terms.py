"""Tables and columns get the field's standard names.

Revision ID: 0002
Revises: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TABLES = {
    "announcement": "change_event",
    "plan_debt": "pending_replan",
    "punch_budget": "api_quota",
    "import_word": "import_mapping",
}
COLUMNS = (
    # table (by its new name), old column, new column
    ("lane", "held_until", "throttled_until"),
    ("punch_source", "held_until", "throttled_until"),
    ("punch_check", "known", "state"),
    ("delivery_receipt", "look_at", "poll_at"),
    ("delivery_receipt", "looks", "polls"),
)


def upgrade() -> None:
    for old, new in TABLES.items():
        _rename_table(old, new)
    for table, old, new in COLUMNS:
        _rename_column(table, old, new)


def downgrade() -> None:
    for table, old, new in reversed(COLUMNS):
        _rename_column(table, new, old)
    for old, new in reversed(TABLES.items()):
        _rename_table(new, old)


def _rename_table(old: str, new: str) -> None:
    op.rename_table(old, new)
    for index in _indexes(new):
        if index.startswith(f"ix_{old}"):
            _rename_index(index, f"ix_{new}{index.removeprefix(f'ix_{old}')}")
    if op.get_bind().dialect.name != "postgresql":
        _rename_unique_constraints(old, new)  # constraints of other kinds are not referred to by name
        return
    for constraint in _constraints(new):
        if (rest := constraint[2:].removeprefix(f"_{old}")) != constraint[2:]:
            op.execute(f'ALTER TABLE "{new}" RENAME CONSTRAINT "{constraint}" TO "{constraint[:2]}_{new}{rest}"')
    sequence = op.get_bind().execute(sa.text("SELECT to_regclass(:name)"), {"name": f"{old}_id_seq"}).scalar()
    if sequence is not None:
        op.execute(f'ALTER SEQUENCE "{old}_id_seq" RENAME TO "{new}_id_seq"')


def _rename_unique_constraints(old: str, new: str) -> None:
    """SQLite cannot rename a constraint, so the table is rebuilt."""
    for unique in sa.inspect(op.get_bind()).get_unique_constraints(new):
        name, columns = str(unique["name"]), unique["column_names"]
        with op.batch_alter_table(new) as table:
            table.drop_constraint(name, type_="unique")
            table.create_unique_constraint(name.replace(f"uq_{old}", f"uq_{new}", 1), columns)


def _rename_column(table: str, old: str, new: str) -> None:
    op.execute(f'ALTER TABLE "{table}" RENAME COLUMN "{old}" TO "{new}"')
    for index in _indexes(table):
        if index == f"ix_{table}_{old}":
            _rename_index(index, f"ix_{table}_{new}")


def _indexes(table: str) -> list[str]:
    return [str(index["name"]) for index in sa.inspect(op.get_bind()).get_indexes(table)]


def _constraints(table: str) -> list[str]:
    asked = sa.text("SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(:name)")
    return list(op.get_bind().execute(asked, {"name": f'"{table}"'}).scalars())


def _rename_index(old: str, new: str) -> None:
    bind = op.get_bind()
    if bind.dialect.name == "postgresql":
        op.execute(f'ALTER INDEX "{old}" RENAME TO "{new}"')
        return
    asked = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
    definition = str(bind.execute(asked, {"name": old}).scalar_one())
    op.execute(f'DROP INDEX "{old}"')
    op.execute(definition.replace(old, new, 1))
