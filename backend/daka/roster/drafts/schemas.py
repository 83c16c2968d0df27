"""API schemas of drafts."""

import datetime as dt
from typing import Literal

from pydantic import Field

from daka.identity.schemas import Body, RowId, example
from daka.roster.schemas import RosterSaved, RosterWarning, WorkDate
from daka.schema import Schema


class DraftRead(Schema):
    """草稿: what a cell will be once it is published."""

    user_id: int
    display_name: str
    date: dt.date
    published_shift_id: int | None
    shift_id: int | None
    changed_since: bool = Field(description="What is published was changed after this was drafted")
    drafted_by: int | None
    at: dt.datetime


class Drafts(Schema):
    """The drafts of a team in a span."""

    uses_drafts: bool
    items: list[DraftRead]
    total: int = Field(description="Of all dates")
    first_date: dt.date | None = Field(description="Of all drafts of the team")
    last_date: dt.date | None
    revision: int = Field(description="Send it when publishing, which is refused if anything changed since")


class UnpublishedTeam(Schema):
    """A team whose planners have drafted what nobody is reminded of yet."""

    team_id: int
    name: str
    cells: int
    first_date: dt.date


class DraftWarnings(Schema):
    """What publishing would add to the warnings."""

    items: list[RosterWarning]


class DraftSpan(Body):
    team_id: RowId
    first: WorkDate = Field(alias="from")
    last: WorkDate = Field(alias="to", description="Included")


class PublishBody(DraftSpan):
    model_config = example({"team_id": 1, "from": "2026-12-01", "to": "2026-12-31", "revision": 41})
    revision: int = Field(ge=0, lt=2**31, description="That of the drafts that were looked at")
    changed_since: Literal["publish", "keep"] | None = Field(
        default=None,
        description="Drafts over cells that were changed since: publish them all the same, or keep what is published. "
        "Null: `409 published_changed` if there are any",
    )


class Published(RosterSaved):
    """What publishing changed."""

    people: int = Field(description="Whose cells changed; each receives one notice")
    kept: int = Field(description="Drafts that were discarded since what is published had changed")


class DiscardBody(DraftSpan):
    user_ids: list[RowId] | None = Field(default=None, max_length=5_000, description="Null: everybody's")


class DraftsSwitch(Body):
    model_config = example({"team_id": 1, "uses_drafts": False, "remaining": "publish"})
    team_id: RowId
    uses_drafts: bool
    remaining: Literal["publish", "discard"] | None = Field(
        default=None,
        description="When switching off, what becomes of drafts. Null: `409 drafts_remain` if there are any",
    )


class DraftsSwitched(Schema):
    uses_drafts: bool
    published: int
    discarded: int
