"""Drafts of a roster: what they would change, publishing and discarding them, and which teams use them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlmodel import func, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.audit_trail import audit
from daka.change_events import Topic, publish
from daka.errors import Conflict
from daka.identity.access import Principal, find_team, refuse_foreign_team
from daka.identity.models import Team, User
from daka.roster.actions import action_id
from daka.roster.cells import Key, WrittenCells, discard_drafts, lock_roster, newest_revision, write_cells
from daka.roster.drafts.schemas import (
    DiscardBody,
    DraftRead,
    Drafts,
    DraftsSwitch,
    DraftsSwitched,
    PublishBody,
    Published,
    UnpublishedTeam,
)
from daka.roster.models import ActionKind, Assignment, DraftCell, RosterChange
from daka.roster.review.coverage import coverage_between
from daka.roster.review.warnings import new_warnings, warnings_for
from daka.roster.schemas import RosterSaved, RosterWarning
from daka.roster.service import users_by_id

MOST_NAMED = 200
"""So many conflicting cells are named in one refusal."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A draft beside what is published now."""

    cell: DraftCell
    display_name: str
    published: int | None

    @property
    def key(self) -> Key:
        return self.cell.user_id, self.cell.work_date

    @property
    def changed_since(self) -> bool:
        return self.cell.base_shift_id != self.published


def _of_team(team_id: int) -> Any:
    return sa.and_(User.team_id == team_id, User.deleted_at.is_(None))


async def _drafted(
    session: AsyncSession, team_id: int, first: date = date.min, last: date = date.max
) -> Sequence[Drafted]:
    asked = (
        select(DraftCell, User.display_name, Assignment.shift_id)
        .join(User, User.id == DraftCell.user_id)
        .outerjoin(
            Assignment,
            sa.and_(Assignment.user_id == DraftCell.user_id, Assignment.work_date == DraftCell.work_date),
        )
        .where(_of_team(team_id), DraftCell.work_date.between(first, last))
        .order_by(DraftCell.work_date, DraftCell.user_id)
    )
    return [Drafted(*row) for row in await session.exec(asked)]


async def _revision(session: AsyncSession, team_id: int) -> int:
    asked = select(func.max(RosterChange.id)).where(RosterChange.team_id == team_id)
    return (await session.exec(asked)).one() or 0


async def read_drafts(session: AsyncSession, by: Principal, team_id: int, first: date, last: date) -> Drafts:
    """What is drafted beside what is published, and what there is on other dates."""
    await refuse_foreign_team(session, by, team_id)
    team = await find_team(session, team_id, by)
    # The revision is read first: what is committed after it refuses the publication.
    revision = await _revision(session, team_id)
    asked = (
        select(func.count(), func.min(DraftCell.work_date), func.max(DraftCell.work_date))
        .select_from(DraftCell)
        .join(User, User.id == DraftCell.user_id)
        .where(_of_team(team_id))
    )
    total, first_date, last_date = (await session.exec(asked)).one()
    return Drafts(
        uses_drafts=team.uses_drafts,
        items=[
            DraftRead(
                user_id=found.cell.user_id,
                display_name=found.display_name,
                date=found.cell.work_date,
                published_shift_id=found.published,
                shift_id=found.cell.shift_id,
                changed_since=found.changed_since,
                drafted_by=found.cell.drafted_by,
                at=found.cell.updated_at,
            )
            for found in await _drafted(session, team_id, first, last)
        ],
        total=total,
        first_date=first_date,
        last_date=last_date,
        revision=revision,
    )


async def unpublished_teams(session: AsyncSession, by: Principal) -> list[UnpublishedTeam]:
    """The teams of a planner in which something is drafted."""
    asked = (
        select(Team.id, Team.name, func.count(), func.min(DraftCell.work_date))
        .select_from(DraftCell)
        .join(User, User.id == DraftCell.user_id)
        .join(Team, Team.id == User.team_id)
        .where(User.deleted_at.is_(None))
        .group_by(Team.id, Team.name)
        .order_by(Team.id)
    )
    if not by.is_admin:
        asked = asked.where(Team.id.in_(by.planned_team_ids))
    return [
        UnpublishedTeam(team_id=team_id, name=name, cells=cells, first_date=first)
        for team_id, name, cells, first in await session.exec(asked)
    ]


async def warnings_of(
    session: AsyncSession, by: Principal, team_id: int, first: date, last: date
) -> list[RosterWarning]:
    """The warnings that publishing would make."""
    await refuse_foreign_team(session, by, team_id)
    changes = {found.key: found.cell.shift_id for found in await _drafted(session, team_id, first, last)}
    people = await users_by_id(session, {user_id for user_id, _ in changes})
    return await new_warnings(session, list(people.values()), changes)


async def publish_drafts(session: AsyncSession, by: Principal, body: PublishBody) -> Published:
    """Let the drafts of a span be the roster. Reminders are re-planned, and people told, as after any change.

    Raises:
        NotFound, Forbidden: a team that `by` does not plan.
        Conflict: `drafts_changed` after the revision that was looked at; `published_changed`: `cells` lists them.
    """
    await lock_roster(session)
    await refuse_foreign_team(session, by, body.team_id)
    team = await find_team(session, body.team_id, by)
    if await _revision(session, body.team_id) > body.revision:
        raise Conflict("drafts_changed", "The roster has changed since; look at it again")
    found = await _drafted(session, body.team_id, body.first, body.last)
    outdated = [each for each in found if each.changed_since]
    if outdated and body.changed_since is None:
        raise Conflict(
            "published_changed",
            f"{len(outdated)} cells were changed after they were drafted",
            cells=[
                {
                    "user_id": each.cell.user_id,
                    "date": each.cell.work_date.isoformat(),
                    "published_shift_id": each.published,
                    "shift_id": each.cell.shift_id,
                }
                for each in outdated[:MOST_NAMED]
            ],
        )
    kept = outdated if body.changed_since == "keep" else []
    await discard_drafts(session, [each.key for each in kept], changed_by=by.id)
    written = await _publish(session, by, team, [each for each in found if each not in kept])
    people = await users_by_id(session, {each.cell.user_id for each in found})
    days = [each.cell.work_date for each in found]
    return Published(
        changed=written.changed,
        revision=await newest_revision(session),
        warnings=await warnings_for(session, list(people.values()), min(days), max(days), drafts=True) if days else [],
        coverage=await coverage_between(session, written.team_ids, written.first, written.last, drafts=True),
        missed=[],
        people=len({each.cell.user_id for each in found if each not in kept}),
        kept=len(kept),
    )


async def _publish(session: AsyncSession, by: Principal, team: Team, drafts: Sequence[Drafted]) -> WrittenCells:
    if not drafts:
        return WrittenCells()
    wanted = {each.key: each.cell.shift_id for each in drafts}
    # The planner who drafted over a cell was asked; what was read in after that makes the publication ask.
    written = await write_cells(session, wanted, changed_by=by.id, over_imported=True)
    span = {"from": drafts[0].cell.work_date, "to": drafts[-1].cell.work_date}
    audit(session, "roster.published", team.id, team.name, after={"cells": written.changed, **span})
    return written


async def discard(session: AsyncSession, by: Principal, body: DiscardBody) -> RosterSaved:
    """Return drafts to what is published; an action that can be undone."""
    await lock_roster(session)
    await refuse_foreign_team(session, by, body.team_id)
    whose = None if body.user_ids is None else set(body.user_ids)
    found = [
        each
        for each in await _drafted(session, body.team_id, body.first, body.last)
        if whose is None or each.cell.user_id in whose
    ]
    action = await action_id(session, by, ActionKind.EDITED) if found else None
    changed = await discard_drafts(session, [each.key for each in found], changed_by=by.id, action=action)
    return RosterSaved(changed=changed, revision=await newest_revision(session), warnings=[], coverage=[], missed=[])


async def switch(session: AsyncSession, by: Principal, body: DraftsSwitch) -> DraftsSwitched:
    """Let a team use drafts, or no longer. What is published stays as it is.

    Raises Conflict: `drafts_remain`: what becomes of them has to be said.
    """
    await lock_roster(session)
    await refuse_foreign_team(session, by, body.team_id)
    team = await find_team(session, body.team_id, by)
    drafts = [] if body.uses_drafts else await _drafted(session, team.id)
    if drafts and body.remaining is None:
        people = len({each.cell.user_id for each in drafts})
        raise Conflict("drafts_remain", f"{len(drafts)} drafts are not published", drafts=len(drafts), people=people)
    published = discarded = 0
    if body.remaining == "publish":
        published = (await _publish(session, by, team, drafts)).changed
    else:
        discarded = await discard_drafts(session, [each.key for each in drafts], changed_by=by.id)
    if team.uses_drafts != body.uses_drafts:
        before = {"uses_drafts": team.uses_drafts}
        team.uses_drafts = body.uses_drafts
        audit(session, "team.updated", team.id, team.name, before=before, after={"uses_drafts": team.uses_drafts})
        publish(session, Topic.ROSTER, team_id=team.id)
    await session.flush()
    return DraftsSwitched(uses_drafts=team.uses_drafts, published=published, discarded=discarded)
