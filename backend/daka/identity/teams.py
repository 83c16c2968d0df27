"""Teams and their planners."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.audit_trail import audit
from daka.change_events import Topic, publish, wake_listeners
from daka.database import settings_in
from daka.errors import Conflict, Forbidden, Invalid
from daka.hooks import PlanChange, plan_changed
from daka.identity.access import Principal
from daka.identity.models import Role, Team, TeamPlanner, User
from daka.identity.schemas import Crew, TeamCreate, TeamUpdate
from daka.languages import Language
from daka.settings import Settings
from daka.statements import add_unique


async def visible_teams(session: AsyncSession, by: Principal) -> list[Team]:
    asked = select(Team).order_by(Team.id)
    if by.visible_team_ids is not None:
        asked = asked.where(Team.id.in_(by.visible_team_ids))
    return list(await session.exec(asked))


async def create_team(session: AsyncSession, settings: Settings, new: TeamCreate) -> Team:
    team = Team(
        name=new.name,
        timezone=new.timezone or settings.timezone,
        language=new.language,
        policy=new.policy.model_dump() if new.policy else None,
        leave_types=new.leave_types,
        night=new.night.model_dump() if new.night else None,
    )
    await add_unique(session, team, _team_name_taken(new.name))
    audit(session, "team.created", team.id, team.name, after=team.model_dump(exclude={"id", "created_at"}))
    return team


async def update_team(session: AsyncSession, by: Principal, team: Team, change: TeamUpdate) -> Team:
    _refuse_unplanned(by, team)
    if change.crews is not None:  # before the first change: a query would write a name that is taken
        await _refuse_strangers(session, team, change.crews)
    before = team.model_dump()
    values = change.model_dump(include=change.model_fields_set)
    given = {name: value for name, value in values.items() if value is not None or name in ("policy", "night")}
    if "roster_order" in given:
        given["roster_order"] = list(dict.fromkeys(given["roster_order"]))
        publish(session, Topic.ROSTER, team_id=team.id)
    if "night" in given:
        publish(session, Topic.SHIFT, team_id=team.id)
    for name, value in given.items():
        setattr(team, name, value)
    await add_unique(session, team, _team_name_taken(team.name))
    audit(session, "team.updated", team.id, team.name, before=before, after=team.model_dump())
    if (team.timezone, team.policy) != (before["timezone"], before["policy"]):
        members = await session.exec(select(User.id).where(User.team_id == team.id))
        await plan_changed(session, PlanChange.of_team(team.id, members))
    return team


async def delete_team(session: AsyncSession, team: Team) -> None:
    members = select(User.id).where(User.team_id == team.id, User.deleted_at.is_(None))
    if (await session.exec(members.limit(1))).first() is not None:
        raise Conflict("team_in_use", "Move the team's people to another team first")
    audit(session, "team.deleted", team.id, team.name, before={"name": team.name, "timezone": team.timezone})
    try:
        async with session.begin_nested():
            await session.exec(sa.delete(TeamPlanner).where(TeamPlanner.team_id == team.id))
            await session.delete(team)
            await session.flush()
    except sa.exc.IntegrityError as error:
        raise Conflict("team_in_use", "People, shifts, channels or past rosters still belong to this team") from error


async def team_planners(session: AsyncSession, by: Principal, team: Team) -> list[tuple[User, bool]]:
    """A team's planners, and whether each of them plans it because they belong to it."""
    _refuse_unplanned(by, team)
    further = select(TeamPlanner.user_id).where(TeamPlanner.team_id == team.id)
    asked = (
        select(User)
        .where(
            User.role == Role.PLANNER,
            User.deleted_at.is_(None),
            or_(User.team_id == team.id, User.id.in_(further)),
        )
        .order_by(User.id)
    )
    return [(user, user.team_id == team.id) for user in await session.exec(asked)]


async def set_team_planners(session: AsyncSession, by: Principal, team: Team, user_ids: Sequence[int]) -> None:
    """Set a team's planners besides those who belong to it."""
    for index, user_id in enumerate(user_ids):
        user = await session.get(User, user_id)
        if user is None or user.deleted_at is not None or user.role is not Role.PLANNER:
            raise Invalid("not_a_planner", f"User {user_id} is not a planner", loc=("body", "user_ids", index))
    before = [user.id for user, belongs in await team_planners(session, by, team) if not belongs]
    await session.exec(sa.delete(TeamPlanner).where(TeamPlanner.team_id == team.id))
    session.add_all([TeamPlanner(team_id=team.id, user_id=user_id) for user_id in sorted(set(user_ids))])
    await session.flush()
    after = [user.id for user, belongs in await team_planners(session, by, team) if not belongs]
    wake_listeners(session)
    audit(session, "team.planners_set", team.id, team.name, before={"user_ids": before}, after={"user_ids": after})


async def _refuse_strangers(session: AsyncSession, team: Team, crews: Sequence[Crew]) -> None:
    members = set(await session.exec(select(User.id).where(User.team_id == team.id)))
    for index, crew in enumerate(crews):
        for place, user_id in enumerate(crew.user_ids):
            if user_id not in members:
                loc = ("body", "crews", index, "user_ids", place)
                raise Invalid("not_in_team", f"User {user_id} does not belong to this team", loc=loc)


def _refuse_unplanned(by: Principal, team: Team) -> None:
    if not by.plans(team.id):
        raise Forbidden("not_your_team", "You do not plan this team")


def _team_name_taken(name: str) -> Conflict:
    return Conflict("team_name_taken", f"A team named {name} already exists")


async def team_of(session: AsyncSession, team_id: int | None) -> tuple[Team | None, ZoneInfo]:
    """A team and the time zone of its people's shift times; without a team, the server's."""
    team = await session.get(Team, team_id) if team_id is not None else None
    return team, ZoneInfo(team.timezone) if team else settings_in(session).zone


def language_column() -> Any:
    """SQL: the language of a user (joined with their team, if any)."""
    return sa.func.coalesce(User.language, Team.language, Language.CHINESE)


async def languages_of(session: AsyncSession, people: Iterable[User]) -> dict[int, Language]:
    """The language in which each person is written to: their own, their team's, or Chinese."""
    teams = {team.id: team.language for team in await session.exec(select(Team))}
    return {user.id: user.language or teams.get(user.team_id or 0, Language.CHINESE) for user in people}


async def zones_of(session: AsyncSession, people: Iterable[User]) -> dict[int, ZoneInfo]:
    """The time zone of each person's shifts."""
    teams: dict[int | None, ZoneInfo] = {team.id: ZoneInfo(team.timezone) for team in await session.exec(select(Team))}
    default = settings_in(session).zone
    return {user.id: teams.get(user.team_id, default) for user in people}


async def today_of(session: AsyncSession, team_id: int | None) -> date:
    """The current date in a team's time zone."""
    _, zone = await team_of(session, team_id)
    return clock.now().astimezone(zone).date()
