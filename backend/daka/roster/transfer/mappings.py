"""A team's saved mappings: what the words in its files meant at the last import, offered at the next one."""

from typing import cast

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.errors import NotFound
from daka.identity.access import Principal, refuse_foreign_team
from daka.identity.models import User
from daka.roster.transfer.models import ImportMapping
from daka.roster.transfer.schemas import ImportMappingRead, Mapping
from daka.shifts.schemas import ShiftCreate
from daka.shifts.service import visible_shifts
from daka.widths import key

MOST_MAPPINGS = 1_000
"""Per team; the least recently used are deleted."""


async def save_mappings(session: AsyncSession, team_id: int, mapping: Mapping, new_shifts: dict[str, int]) -> None:
    """Save the mapping of an import in its transaction. The caller holds the roster lock.

    `new_shifts` are the ids of shifts the import created, by code. New people need no mapping: the word is their name.
    """
    now = clock.now()
    before = {
        (found.kind, found.word_key): found
        for found in await session.exec(select(ImportMapping).where(ImportMapping.team_id == team_id))
    }
    for kind, word, meaning in _chosen(mapping, new_shifts):
        found = before.get((kind, key(word)))
        if found is None:
            found = ImportMapping(team_id=team_id, kind=kind, word_key=key(word), word=word, meaning="", used_at=now)
            before[kind, key(word)] = found
        is_id = isinstance(meaning, int)
        found.meaning = ("user" if kind == "person" else "shift") if is_id else str(meaning)
        found.user_id = cast(int, meaning) if is_id and kind == "person" else None
        found.shift_id = cast(int, meaning) if is_id and kind == "shift" else None
        found.used_at = now
        session.add(found)
    await session.flush()
    newest_first = sorted(before.values(), key=lambda found: (found.used_at, found.id or 0), reverse=True)
    for found in newest_first[MOST_MAPPINGS:]:
        await session.delete(found)


def _chosen(mapping: Mapping, new_shifts: dict[str, int]) -> list[tuple[str, str, int | str]]:
    chosen: list[tuple[str, str, int | str]] = [
        ("person", word, meaning) for word, meaning in mapping.people.items() if meaning != "new"
    ]
    for word, meaning in mapping.shifts.items():
        if not isinstance(meaning, ShiftCreate):
            chosen.append(("shift", word, meaning))
        elif meaning.code in new_shifts:
            chosen.append(("shift", word, new_shifts[meaning.code]))
    return chosen


async def saved_mappings(session: AsyncSession, by: Principal, team_id: int) -> list[ImportMappingRead]:
    """A team's mappings, without those to people who left the team or to shifts that were removed."""
    await refuse_foreign_team(session, by, team_id)
    shifts = {shift.id for shift in await visible_shifts(session, by) if shift.team_id in (None, team_id)}
    asked = (
        select(ImportMapping, User)
        .outerjoin(User, User.id == ImportMapping.user_id)
        .where(ImportMapping.team_id == team_id)
        .order_by(ImportMapping.kind, ImportMapping.word)
    )
    return [
        ImportMappingRead.model_validate(found, from_attributes=True)
        for found, user in await session.exec(asked)
        if (found.shift_id is None or found.shift_id in shifts)
        and (found.user_id is None or (user is not None and user.deleted_at is None and by.plans_user(user)))
    ]


async def delete_mapping(session: AsyncSession, by: Principal, mapping_id: int) -> None:
    """Delete one mapping. Raises NotFound: it does not exist, or `by` does not plan its team."""
    found = await session.get(ImportMapping, mapping_id)
    if found is None or not by.plans(found.team_id):
        raise NotFound("import_word_not_found", f"Mapping {mapping_id} does not exist")
    await session.delete(found)


async def delete_mappings(session: AsyncSession, by: Principal, team_id: int) -> None:
    """Delete all mappings of a team. Raises NotFound: `by` does not see the team."""
    await refuse_foreign_team(session, by, team_id)
    await session.exec(sa.delete(ImportMapping).where(ImportMapping.team_id == team_id))
