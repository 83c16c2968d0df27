"""What the API says of calendar feeds."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from daka.identity.schemas import Body, Name, RowId


class FeedCreate(Body):
    model_config = ConfigDict(json_schema_extra={"example": {"name": "我的手机", "alarm_minutes": 10}})
    name: Name | None = None
    team_id: RowId | None = Field(
        default=None, description="Null: one's own shifts; otherwise everybody's of this team"
    )
    alarm_minutes: int | None = Field(
        default=None,
        ge=0,
        le=720,
        description="An alarm this long before each start, and one at each end; null is none",
    )


class FeedRead(BaseModel):
    id: int
    name: str
    team_id: int | None
    alarm_minutes: int | None
    created_at: datetime
    last_read_at: datetime | None = Field(description="When a calendar last fetched it, to the hour")


class FeedCreated(FeedRead):
    url: str = Field(description="Whoever has this address can read the shifts. Shown this once")
    webcal_url: str = Field(description="The same, for phones that subscribe on a tap")
    qr_svg: str = Field(description="`webcal_url` to be scanned")
