"""What stories have in common: shifts, channels, and questions about what became of them."""

import re
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from conftest import TODAY, Person, Workplace
from daka.delivery import links
from daka.delivery.models import Channel, Delivery, DeliveryReminder, DeliveryStatus, Lane, Occasion
from daka.reminders.models import Reminder
from fakes.server import Asked, FakeResponse, FakeServer

SHANGHAI = ZoneInfo("Asia/Shanghai")

EARLY = {"name": "早班", "code": "早", "periods": [{"start": "09:00", "end": "18:00"}]}
NIGHT = {"name": "夜班", "code": "夜", "periods": [{"start": "22:00", "end": "06:00"}]}
SPLIT = {
    "name": "两头班",
    "code": "两",
    "periods": [{"start": "09:00", "end": "12:00"}, {"start": "14:00", "end": "18:00"}],
}
REST = {"name": "休息", "code": "休", "is_rest": True}

NAG_AND_ESCALATE = {
    "clock_in": {"start": -15, "every": 5, "until": 10, "escalate": 5},
    "clock_out": {"start": 0, "every": 5, "until": 30, "escalate": 20},
}
ONCE = {"clock_in": {"start": -15, "every": None, "until": 10}, "clock_out": {"start": 0, "every": None, "until": 30}}


def shanghai(text: str, day: date = TODAY) -> datetime:
    """A wall clock time in Shanghai: `08:45` today, `11-24 06:00` another day."""
    *month_and_day, clock_time = text.split()
    on = f"{day.year}-{month_and_day[0]}" if month_and_day else str(day)
    return datetime.fromisoformat(f"{on} {clock_time}").replace(tzinfo=SHANGHAI).astimezone(UTC)


def clock_times(moments: Sequence[str | None]) -> list[str]:
    """RFC 3339 moments as `MM-DD HH:MM` in Shanghai."""
    return [f"{datetime.fromisoformat(moment).astimezone(SHANGHAI):%m-%d %H:%M}" for moment in moments if moment]


async def new_shift(by: Person, shift: dict[str, Any], **values: Any) -> int:
    found: dict[str, Any] = await by.post("/api/v1/shifts", {**shift, **values})
    shift_id: int = found["id"]
    return shift_id


async def assign(
    workplace: Workplace, shift_id: int | None, *people: Person, on: date = TODAY, over_imported: bool = True
) -> None:
    """Put people on a shift on one day, or (None) take them off it."""
    cells = [{"user_id": person.id, "date": str(on), "shift_id": shift_id} for person in people]
    await workplace.root.put("/api/v1/roster", {"assignments": cells}, over_imported=over_imported)


async def give_shift(
    workplace: Workplace, shift: dict[str, Any], *people: Person, on: date = TODAY, **values: Any
) -> int:
    """A shift of Alice's team with people on it."""
    shift_id = await new_shift(workplace.alice, shift, **values)
    await assign(workplace, shift_id, *people, on=on)
    return shift_id


async def reminders_of(person: Person, **asked: Any) -> list[dict[str, Any]]:
    """A person's reminders as they see them, by punch point."""
    found: list[dict[str, Any]] = (await person.get("/api/v1/reminders", **{"user_id": person.id, **asked}))["items"]
    return found


async def reminder_of(person: Person, kind: str = "clock_in", on: date = TODAY, period: int = 0) -> dict[str, Any]:
    """One reminder of a person."""
    dates = {"from": str(on), "to": str(on)}
    found = [each for each in await reminders_of(person, **dates) if (each["kind"], each["period"]) == (kind, period)]
    assert len(found) == 1, f"{person.username} has {len(found)} {kind} reminders on {on}"
    return found[0]


async def log_of(person: Person, **asked: Any) -> list[dict[str, Any]]:
    """The deliveries that a person sees, newest first."""
    found: list[dict[str, Any]] = (await person.get("/api/v1/deliveries", **asked))["items"]
    return found


async def inbox_of(person: Person) -> list[dict[str, Any]]:
    """The messages in a person's inbox, newest first."""
    found: list[dict[str, Any]] = (await person.get("/api/v1/inbox"))["items"]
    return found


async def stored(workplace: Workplace, reminder_id: int) -> Reminder:
    """The row of a reminder."""
    async with workplace.database.read() as session:
        return (await session.exec(select(Reminder).where(col(Reminder.id) == reminder_id))).one()


# --- one-tap links ----------------------------------------------------------------------------------------------------


async def path_of_link(workplace: Workplace, *reminder_ids: int, ends_at: datetime) -> str:
    """The path of the link in a message about these reminders, sent over a channel that is nobody's."""
    async with workplace.database.write() as session:
        if await session.get(Lane, "linked") is None:
            session.add(Lane(key="linked"))
            await session.flush()
        channel = Channel(name="linked", kind="webhook", config={}, lane="linked", is_enabled=False)
        session.add(channel)
        await session.flush()
        values = {"lane": "linked", "occasion": Occasion.REMINDER, "message": {}, "status": DeliveryStatus.SENT}
        delivery = Delivery(
            key=secrets.token_hex(8), channel_id=channel.id, due_at=ends_at, expires_at=ends_at, **values
        )
        session.add(delivery)
        await session.flush()
        for reminder_id in reminder_ids:
            user_id = (await session.exec(select(Reminder.user_id).where(col(Reminder.id) == reminder_id))).one()
            its = {"due_at": ends_at, "occasion": Occasion.REMINDER, "user_id": user_id}
            session.add(DeliveryReminder(delivery_id=delivery.id, reminder_id=reminder_id, **its))
        delivery_id = delivery.id
    return links.link(workplace.settings, delivery_id, ends_at=ends_at).removeprefix(workplace.settings.base_url)


def link_in(message: dict[str, Any]) -> str:
    """The path of the link in a robot's message."""
    found = re.search(r"/a/[\w.-]+", message["markdown"]["text"])
    assert found is not None
    return found[0]


# --- channels ---------------------------------------------------------------------------------------------------------

OK = {"errcode": 0, "errmsg": "ok"}
KEYWORDS_DO_NOT_MATCH = {"errcode": 310000, "errmsg": "keywords not in content, more: [https://ding-doc.example/x]"}
TOO_FAST = {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}


class FakeDingTalk(FakeServer):
    """The robots of a DingTalk in which everything goes well, unless `verdicts` says otherwise for a robot's token."""

    def __init__(self) -> None:
        super().__init__()
        self.verdicts: dict[str, Any] = {}

    def answer(self, asked: Asked) -> FakeResponse:
        said = self.verdicts.get(asked.query.get("access_token", ""), OK)
        return said if isinstance(said, FakeResponse) else FakeResponse(said)

    def messages(self, token: str | None = None) -> list[dict[str, Any]]:
        """The bodies that robots got, oldest first."""
        return [asked.json for asked in self.asked if token in (None, asked.query.get("access_token"))]


async def new_robot(by: Person, token: str = "robot", **values: Any) -> int:
    """A DingTalk robot of a person, or of a team with `team_id=`."""
    channel = {
        "name": f"机器人 {token}",
        "kind": "dingtalk_robot",
        "config": {"webhook_url": f"https://oapi.dingtalk.com/robot/send?access_token={token}"},
    }
    found: dict[str, Any] = await by.post("/api/v1/channels", {**channel, **values})
    channel_id: int = found["id"]
    return channel_id


Fake = TypeVar("Fake", bound=FakeServer)


@asynccontextmanager
async def beside(
    fake: Fake, vendor: str, make_workplace: Any, **settings: Any
) -> AsyncIterator[tuple[Workplace, Fake]]:
    """The application, and a vendor's server that it asks."""
    async with fake.running(), make_workplace(**{f"{vendor}_base_url": fake.base_url}, **settings) as workplace:
        yield workplace, fake


def dingtalk_workplace(
    make_workplace: Any, **settings: Any
) -> AbstractAsyncContextManager[tuple[Workplace, FakeDingTalk]]:
    """The application with a DingTalk that listens."""
    return beside(FakeDingTalk(), "dingtalk", make_workplace, **settings)


MINUTE = timedelta(minutes=1)
