"""People whom a source cannot tell apart, because they have the same id, number or name: nobody says whose punch it is."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

import sqlalchemy as sa
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.identity.models import MAY_SIGN_IN, User
from daka.mobile_numbers import bare_mobile
from daka.reminders.punches.models import PunchSource
from daka.reminders.punches.results import PersonField, Point
from daka.reminders.punches.serving import enabled_sources, sources_for
from daka.widths import key

SAME_PERSON = "same_person"
"""Why it is unknown whether they punched."""


async def not_told_apart(
    session: AsyncSession,
    source: PunchSource,
    fields: Sequence[PersonField],
    points: Sequence[Point],
    learned: Mapping[int, str],
) -> set[int]:
    """The people of these points who look the same to the source as another active account that it serves.

    `learned` are ids that were just looked up, by user id: they count as if they were in the profile.
    """
    if not fields or PersonField.USERNAME in fields:
        return set()
    asked = select(User.id, User.team_id, *(getattr(User, field) for field in fields))
    asked = asked.where(MAY_SIGN_IN)
    mine = {point.user_id: tuple(getattr(point, field) for field in fields) for point in points}
    is_by_id = len(fields) == 1 and fields[0] not in (PersonField.MOBILE, PersonField.DISPLAY_NAME)
    if is_by_id:
        mine |= {user_id: (userid,) for user_id, userid in learned.items()}
        asked = asked.where(
            sa.func.lower(getattr(User, fields[0])).in_({value.lower() for (value,) in mine.values() if value})
        )
    there = {user_id: (team_id, tuple(values)) for user_id, team_id, *values in await session.exec(asked)}
    sources = [*(each for each in await enabled_sources(session) if each.id != source.id), source]
    alike: dict[tuple[str, ...], set[int]] = defaultdict(set)
    for user_id, given in mine.items():
        if who := _normalised(fields, given):
            alike[who].add(user_id)
    for user_id, (team_id, values) in there.items():
        who = _normalised(fields, values)
        if who in alike and _is_asked_about(sources, source, user_id, team_id):
            alike[who].add(user_id)
    return {user_id for people in alike.values() if len(people) > 1 for user_id in people & mine.keys()}


def _normalised(fields: Sequence[PersonField], values: Iterable[str | None]) -> tuple[str, ...] | None:
    """What the source knows of a person; None: not all that it needs."""
    found = []
    for field, value in zip(fields, values, strict=True):
        match field:
            case PersonField.MOBILE:
                text = bare_mobile(value or "")
            case PersonField.DISPLAY_NAME:
                text = key(value or "")
            case _:
                text = (value or "").lower()
        found.append(text)
    return tuple(found) if all(found) else None


def _is_asked_about(sources: Collection[PunchSource], source: PunchSource, user_id: int, team_id: int | None) -> bool:
    """Whether this source serves a person, or another one that asks the same account (at vika, the same table)."""
    return any(_place(each) == _place(source) for each in sources_for(sources, user_id, team_id))


def _place(source: PunchSource) -> tuple[object, ...]:
    return source.kind, source.account, source.config.get("datasheet_id")
