"""Punches that DingTalk pushes: a reminder waits for its confirmation, and nothing is lost if that does not come."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from conftest import Clock, Workplace, WorkplaceMaker
from daka.change_events import ChangeNotifier
from daka.chat.connection import VendorEvent
from daka.delivery.channels.kind import ChatApp
from daka.identity.models import User
from daka.outbound.http import Outbound
from daka.reminders.punches.events import EVENT, MOST_PEOPLE, PunchEvent, read_punch_events
from daka.worker import ReminderWorker
from fakes.dingtalk_attendance import FakeAttendance
from reminders.punches.test_checker import add_attendance, check_ahead, give_all
from scenes import beside, inbox_of, reminder_of


def event(moment: datetime, userid: str = "u-bob", by_user: Any = True) -> dict[str, Any]:
    row = {"userId": userid, "checkTime": int(moment.timestamp() * 1000), "checkByUser": by_user, "bizId": "b1"}
    return {"dataList": [{**row, "locationResult": "Normal", "address": "never read"}]}


Pushed = tuple[Workplace, FakeAttendance, ReminderWorker]


@pytest.fixture
async def pushed(make_workplace: WorkplaceMaker) -> AsyncIterator[Pushed]:
    """Bob is to clock in, and a worker hears what DingTalk pushes."""
    async with beside(FakeAttendance(), "dingtalk", make_workplace) as (workplace, fake):
        await add_attendance(workplace, workplace.alice, fake, team_id=workplace.team_a)
        async with workplace.database.write() as session:
            await session.exec(sa.update(User).where(User.id == workplace.bob.id).values(dingtalk_userid="u-bob"))
        await give_all(workplace, workplace.bob)
        async with Outbound.of(workplace.settings) as outbound:
            worker = ReminderWorker(
                workplace.database, workplace.settings, workplace.app.state.sender, outbound, ChangeNotifier()
            )
            yield workplace, fake, worker


async def hear(worker: ReminderWorker, data: dict[str, Any], app_key: str = "dingattendance") -> None:
    await worker._heard(ChatApp("dingtalk", app_key, "secret", "realm"), VendorEvent(EVENT, "e1", "c1", data))


async def arrive(workplace: Workplace, frozen: Clock, moment: datetime) -> None:
    """Ask a little ahead of the moment, as the worker does, then look at the book and send."""
    frozen.set(moment - timedelta(seconds=6))
    await check_ahead(workplace)
    frozen.set(moment)
    await workplace.tick()


async def first_reminder(workplace: Workplace, frozen: Clock) -> datetime:
    """When the next one is due."""
    due = (await reminder_of(workplace.bob))["next_due_at"]
    moment = datetime.fromisoformat(due)
    frozen.set(moment)
    await workplace.tick()
    assert len(await inbox_of(workplace.bob)) == 1
    return datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"])


async def test_a_pushed_punch_stops_the_next_reminder_until_it_is_confirmed(frozen: Clock, pushed: Pushed) -> None:
    workplace, fake, worker = pushed
    due = await first_reminder(workplace, frozen)
    punched_at = due - timedelta(seconds=30)
    frozen.set(punched_at + timedelta(seconds=2))
    fake.punch("u-bob", punched_at, lag_seconds=100)
    await hear(worker, event(punched_at))
    await hear(worker, event(punched_at))  # they may come twice
    back_at = datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"])
    assert due < back_at <= punched_at + timedelta(minutes=3)
    frozen.set(due)
    await workplace.tick()
    assert len(await inbox_of(workplace.bob)) == 1
    await arrive(workplace, frozen, back_at)
    reminder = await reminder_of(workplace.bob)
    assert reminder["status"] == "punched"
    assert len(await inbox_of(workplace.bob)) == 1


async def test_a_punch_that_is_not_confirmed_is_asked_for_again(frozen: Clock, pushed: Pushed) -> None:
    workplace, fake, worker = pushed
    due = await first_reminder(workplace, frozen)
    punched_at = due - timedelta(seconds=30)
    frozen.set(punched_at)
    fake.punch("u-bob", punched_at, isLegal="N")  # in the wrong place
    await hear(worker, event(punched_at))
    back_at = datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"])
    assert back_at > due
    await arrive(workplace, frozen, back_at)
    assert len(await inbox_of(workplace.bob)) == 2


@pytest.mark.parametrize(
    "case", ["by the system", "of another app", "of a stranger", "of two people", "long ago", "another event"]
)
async def test_other_events_put_nothing_off(frozen: Clock, case: str, pushed: Pushed) -> None:
    workplace, _, worker = pushed
    due = await first_reminder(workplace, frozen)
    moment = due - timedelta(seconds=30)
    frozen.set(moment)
    match case:
        case "by the system":
            await hear(worker, event(moment, by_user="false"))
        case "of another app":
            await hear(worker, event(moment), "dinganother")
        case "of a stranger":
            await hear(worker, event(moment, "u-stranger"))
        case "of two people":
            await workplace.add_person("Erin", team_id=workplace.team_a, dingtalk_userid="u-bob")
            await hear(worker, event(moment))
        case "long ago":
            await hear(worker, event(moment - timedelta(hours=1)))
        case "another event":
            app = ChatApp("dingtalk", "dingattendance", "secret", "realm")
            await worker._heard(app, VendorEvent("attend_group_change", "e1", "c1", event(moment)))
    assert datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"]) == due


async def test_events_are_taken_as_long_as_the_month_suffices(frozen: Clock, pushed: Pushed) -> None:
    workplace, _, worker = pushed
    assert await worker._takes_events("dingtalk")
    for number in range(MOST_PEOPLE):
        await workplace.add_person(f"p{number}", team_id=workplace.team_a, dingtalk_userid=f"u-{number}")
    assert not await worker._takes_events("dingtalk")


MOMENT = datetime(2026, 11, 23, 0, 58, tzinfo=UTC)
MS = int(MOMENT.timestamp() * 1000)
BOB = PunchEvent("u1", MOMENT, is_by_user=True)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"dataList": [{"userId": "u1", "checkTime": MS, "checkByUser": True}]}, [BOB]),
        ({"DataList": [{"userId": "u1", "checkTime": str(MS), "checkByUser": "true"}]}, [BOB]),
        ({"userId": "u1", "checkTime": MS, "checkByUser": "True"}, [BOB]),
        ({"dataList": [{"userId": "u1", "checkTime": MS}]}, [PunchEvent("u1", MOMENT, is_by_user=False)]),
        (
            {"dataList": ["x", {"userId": ""}, {"userId": "u1", "checkTime": "soon"}, {"userId": 7, "checkTime": MS}]},
            [],
        ),
        ({"dataList": [{"userId": "u1", "checkTime": 10**30, "checkByUser": True}]}, []),
        ({"dataList": [{"userId": "u1", "checkTime": "9" * 5000, "checkByUser": True}]}, []),
        ({}, []),
    ],
)
def test_events_are_read_in_every_spelling(data: dict[str, Any], expected: list[PunchEvent]) -> None:
    assert read_punch_events(data) == expected
