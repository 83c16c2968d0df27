"""Preview and explanations in the API."""

import datetime as dt
from datetime import date, datetime

from pydantic import Field

from daka.delivery.models import Occasion
from daka.delivery.schemas import DeliveryRead
from daka.reminders.punches.results import PunchState
from daka.reminders.schemas import PunchRead, ReminderRead
from daka.roster.requests.models import AbsenceKind
from daka.roster.schemas import DayRead
from daka.schema import Schema
from daka.shifts.schemas import ShiftRead
from daka.shifts.times import PunchKind


class PreviewPerson(Schema):
    user_id: int
    display_name: str
    work_date: date
    shift_name: str
    point_at: datetime


class PreviewMessage(Schema):
    """One message that will go out if nobody punches before."""

    at: datetime
    occasion: Occasion
    kind: PunchKind
    channel_id: int | None = Field(description="Null: the built-in inbox, which is made when it is needed")
    channel_name: str = Field(description="Empty: somebody else's personal channel")
    channel_kind: str
    labels: dict[str, str] = Field(description="The kind's name by language (`zh`, `en`)")
    owner: str | None = Field(description="The person whose own channel it is; null: a team's channel, or everybody's")
    people: list[PreviewPerson]


class Preview(Schema):
    """What will be sent, to whom and when, by the same rules as planning and sending."""

    from_at: datetime
    to_at: datetime = Field(description="Up to when the answer is complete")
    messages: list[PreviewMessage]
    is_cut: bool = Field(description="There is more than one answer can hold: ask again with `after` set to `to_at`")


class AbsenceRead(Schema):
    kind: AbsenceKind
    first_date: date
    last_date: date
    punch_kind: PunchKind | None
    reason: str


class Reason(Schema):
    """The answer in one sentence."""

    code: str
    zh: str
    en: str


class StepRead(Schema):
    """One moment of a reminder, and what its policy asks for then."""

    at: datetime
    remind: bool
    escalate: bool
    is_past: bool


class CheckRead(Schema):
    """What a punch source said last of a punch point."""

    source_id: int
    source_name: str
    source_kind: str
    asked_at: datetime | None = Field(description="Null: it has not been asked about this punch yet")
    state: PunchState | None
    said: Reason = Field(description="Its answer in one sentence, or why there is none")
    trouble: str = Field(description="For planners: the provider's message, if the source does not work at present")
    remedy: dict[str, str] = Field(description="What to do about that, by language (`zh`, `en`)")


class PointExplained(Schema):
    """One punch point: why it was or was not reminded."""

    period: int
    kind: PunchKind
    point_at: datetime
    reason: Reason
    policy_from: str = Field(description="Whose policy it is: user, shift, team or default")
    unreadable_policies: list[str] = Field(
        description="Owners whose stored policies are corrupt, so that this one applies instead: user, shift, team"
    )
    reminder: ReminderRead | None
    steps: list[StepRead]
    checks: list[CheckRead]
    deliveries: list[DeliveryRead]


class RosterStep(Schema):
    """One change of the cell."""

    at: datetime
    changed_by: str | None
    before: str | None
    after: str | None


class DraftStep(Schema):
    """What the cell will be once the draft is published."""

    at: datetime
    changed_by: str | None
    shift: str | None = Field(description="Null: blank")


class Explanation(Schema):
    """One person's work date, from the roster cell to the provider's answer."""

    user_id: int
    display_name: str
    date: dt.date
    timezone: str
    day: DayRead
    reason: Reason
    shift: ShiftRead | None
    roster_steps: list[RosterStep]
    draft: DraftStep | None = Field(description="For planners: a draft that is not published. Nothing follows from it")
    absences: list[AbsenceRead]
    punches: list[PunchRead]
    points: list[PointExplained]
