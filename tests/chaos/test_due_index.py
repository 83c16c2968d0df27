"""The scheduler's question reads an index, however many reminders lie in the future."""

import sqlalchemy as sa

from conftest import Workplace
from daka.database import execute
from daka.reminders import claims


async def test_what_is_due_next_is_read_from_the_index(workplace: Workplace) -> None:
    asked: list[str] = []

    @sa.event.listens_for(workplace.database.engine.sync_engine, "before_cursor_execute")
    def remember(_connection, _cursor, statement, *_rest) -> None:
        asked.append(statement)

    async with workplace.database.read() as session:
        await claims.next_due_at(session)
        (question,) = [statement for statement in asked if "min(reminder.next_due_at)" in statement]
        if workplace.database.is_sqlite:
            plan = await execute(session, sa.text(f"EXPLAIN QUERY PLAN {question}"))
        else:
            await execute(session, sa.text("SET LOCAL enable_seqscan = off"))
            plan = await execute(session, sa.text(f"EXPLAIN {question}"))
        assert "ix_reminder_next_due_at" in "\n".join(str(row) for row in plan)
    sa.event.remove(workplace.database.engine.sync_engine, "before_cursor_execute", remember)
