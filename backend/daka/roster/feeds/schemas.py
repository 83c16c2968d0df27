"""API schemas of calendar feeds."""

from datetime import datetime

from pydantic import Field

from daka.identity.schemas import CurrentPassword, Name, RowId, example
from daka.schema import Schema


class FeedCreate(CurrentPassword):
    model_config = example({"name": "我的手机", "alarm_minutes": 10})
    name: Name | None = None
    team_id: RowId | None = Field(default=None, description="Null: your own shifts; otherwise the whole team's")
    alarm_minutes: int | None = Field(
        default=None,
        ge=0,
        le=720,
        description="An alarm this long before each start, and one at each end; null: no alarms",
    )


class FeedRead(Schema):
    id: int
    name: str
    team_id: int | None
    alarm_minutes: int | None
    created_at: datetime
    last_read_at: datetime | None = Field(description="When it was last fetched, to the hour")


class FeedCreated(FeedRead):
    url: str = Field(description="Anyone with this address can read the shifts. Shown only once")
    webcal_url: str = Field(description="The same address for apps that subscribe when it is opened")
    qr_svg: str = Field(description="QR code of `webcal_url`")
