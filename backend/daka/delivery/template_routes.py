"""HTTP of teams' message templates."""

from fastapi import APIRouter

from daka.database import SessionDep
from daka.delivery import team_templates
from daka.delivery.schemas import (
    RemedyText,
    TemplatePreview,
    TemplatePreviewAsk,
    TemplateRead,
    TemplateWrite,
    VariableRead,
)
from daka.delivery.templates import VARIABLES, Stage
from daka.identity.access import Planner, SettingsDep
from daka.identity.schemas import RowId
from daka.paging import Page
from daka.problems import problems

router = APIRouter(prefix="/api/v1/templates", tags=["templates"])


@router.get("/variables", operation_id="templates_variables", responses=problems(403))
async def list_variables(by: Planner) -> Page[VariableRead]:
    """The variables of templates."""
    return Page(items=[VariableRead(name=name, meaning=RemedyText(**words)) for name, words in VARIABLES.items()])


@router.get("", operation_id="templates_list", responses=problems(403, 404))
async def list_templates(team_id: RowId, by: Planner, session: SessionDep) -> Page[TemplateRead]:
    """A team's templates; stages that are not listed use the built-in texts."""
    return Page(items=await team_templates.list_templates(session, team_id, by))


@router.put("/{team_id}/{stage}", operation_id="templates_write", responses=problems(403, 404))
async def write_template(
    team_id: RowId, stage: Stage, change: TemplateWrite, by: Planner, session: SessionDep
) -> TemplateRead:
    """Set a team's template for a stage, in one or several variants."""
    return await team_templates.write_template(session, team_id, stage, change, by)


@router.delete("/{team_id}/{stage}", operation_id="templates_delete", status_code=204, responses=problems(403, 404))
async def delete_template(team_id: RowId, stage: Stage, by: Planner, session: SessionDep) -> None:
    """Return to the built-in texts."""
    await team_templates.delete_template(session, team_id, stage, by)


@router.post("/preview", operation_id="templates_preview", responses=problems(403))
async def preview_template(ask: TemplatePreviewAsk, by: Planner, settings: SettingsDep) -> TemplatePreview:
    """How a kind of channel would send this template to example people."""
    return team_templates.template_preview(ask, settings)
