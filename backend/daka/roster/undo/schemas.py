"""API schemas of undoing."""

import datetime as dt

from pydantic import Field

from daka.identity.schemas import Body, example
from daka.roster.models import ActionKind
from daka.roster.schemas import CellChange, RosterSaved
from daka.schema import Schema


class ActionRead(Schema):
    """What was done to the roster at once, and is undone at once."""

    id: int
    kind: ActionKind
    at: dt.datetime
    undone_at: dt.datetime | None
    is_own: bool = Field(description="False: a reading that somebody else began")
    cells: int
    team_id: int | None = Field(description="One of the teams")
    first: dt.date
    last: dt.date


class UndoBody(Body):
    model_config = example({"keep_changed": True})
    keep_changed: bool = Field(
        default=False, description="Leave cells that were changed since, instead of refusing because of them"
    )
    revision: int | None = Field(
        default=None, ge=0, lt=2**31, description="The revision that you know: the answer has what was `missed` since"
    )


class Undone(RosterSaved):
    """What undoing or redoing changed."""

    cells: list[CellChange]
