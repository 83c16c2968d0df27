"""HTTP of teams and their planners."""

from daka.database import SessionDep
from daka.identity import teams
from daka.identity.access import Admin, Member, Planner, Principal, SettingsDep, find_team
from daka.identity.models import Team
from daka.identity.schemas import PlannerRead, RowId, TeamCreate, TeamPlanners, TeamPlannersChange, TeamRead, TeamUpdate
from daka.paging import Page
from daka.problems import problems
from daka.routing import Router

router = Router(prefix="/api/v1/teams", tags=["teams"])


@router.get("", operation_id="teams_list")
async def list_teams(by: Member, session: SessionDep) -> Page[TeamRead]:
    """List the teams that you may see."""
    return Page(items=[team_read(team) for team in await teams.visible_teams(session, by)])


@router.post("", operation_id="teams_create", status_code=201, responses=problems(403, 409))
async def create_team(new: TeamCreate, by: Admin, session: SessionDep, settings: SettingsDep) -> TeamRead:
    """Add a team."""
    return team_read(await teams.create_team(session, settings, new))


@router.get("/{team_id}", operation_id="teams_read", responses=problems(404))
async def read_team(team_id: RowId, by: Member, session: SessionDep) -> TeamRead:
    """Get a team."""
    return team_read(await find_team(session, team_id, by))


@router.patch("/{team_id}", operation_id="teams_update", responses=problems(403, 404, 409))
async def update_team(team_id: RowId, change: TeamUpdate, by: Planner, session: SessionDep) -> TeamRead:
    """Change a team's name, time zone or default policy. Its reminders are replanned at once."""
    return team_read(await teams.update_team(session, by, await find_team(session, team_id, by), change))


@router.delete("/{team_id}", operation_id="teams_delete", status_code=204, responses=problems(403, 404, 409))
async def delete_team(team_id: RowId, by: Admin, session: SessionDep) -> None:
    """Delete a team that has no people."""
    await teams.delete_team(session, await find_team(session, team_id, by))


@router.get("/{team_id}/planners", operation_id="teams_planners_read", responses=problems(403, 404))
async def read_team_planners(team_id: RowId, by: Planner, session: SessionDep) -> TeamPlanners:
    """List a team's planners."""
    return await _planners(session, by, await find_team(session, team_id, by))


@router.put("/{team_id}/planners", operation_id="teams_planners_update", responses=problems(403, 404))
async def update_team_planners(
    team_id: RowId, change: TeamPlannersChange, by: Admin, session: SessionDep
) -> TeamPlanners:
    """Set a team's planners besides those who belong to it. It takes effect at once."""
    team = await find_team(session, team_id, by)
    await teams.set_team_planners(session, by, team, change.user_ids)
    return await _planners(session, by, team)


async def _planners(session: SessionDep, by: Principal, team: Team) -> TeamPlanners:
    return TeamPlanners(
        items=[
            PlannerRead(id=user.id, display_name=user.display_name, belongs=belongs)
            for user, belongs in await teams.team_planners(session, by, team)
        ]
    )


def team_read(team: Team) -> TeamRead:
    return TeamRead.model_validate(team.model_dump())
