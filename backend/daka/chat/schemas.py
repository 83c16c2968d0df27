"""Chats in the API."""

from datetime import datetime

from pydantic import Field

from daka.chat.models import ConnectionState
from daka.schema import Schema


class ChatIdentityRead(Schema):
    id: int
    vendor: str = Field(description="`telegram`, `dingtalk` …")
    created_at: datetime


class ChatCodeRead(Schema):
    code: str = Field(description="Six digits, to be sent to the bot as `绑定 483920`; used once")
    expires_at: datetime
    vendors: list[str] = Field(description="In whose chats your channels take answers: where the code can be sent")


class ChatConnectionRead(Schema):
    vendor: str
    name: str = Field(description="The app's public name there")
    state: ConnectionState
    since: datetime
    last_frame_at: datetime | None = Field(description="When anything was received last")
    reason: str = Field(description="Why it is not open, as it was recorded")
    reason_text: dict[str, str] = Field(description="The same in Chinese and English; the vendor's words as they are")
    frames: int | None = Field(description="What came in this month, where the vendor counts that; else null")
    monthly_frames: int | None = Field(description="What the vendor's free edition allows in a month")


class ChatTapRead(Schema):
    is_tapped: bool = Field(description="Whether the button of the test message was tapped")
    is_known: bool = Field(description="Whether the person who tapped is known; who is not sends a code first")
