"""Punches that Feishu tells of over its long connection: one that names its point ends the reminder within seconds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from chat.conftest import ChatsMaker
from chat.test_feishu import is_open
from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from daka.change_events import ChangeNotifier
from daka.chat.feishu_events import event_of
from daka.chat.line import Listener
from daka.outbound.http import Outbound
from daka.reminders.models import Punch
from daka.reminders.punches.feishu_events import FLOW_EVENT, TASK_EVENT, SettledPoint, read_flow, read_settled
from daka.reminders.punches.models import PunchSource
from daka.shifts.times import PunchKind
from daka.worker import ReminderWorker
from fakes.feishu_connection import OPEN_ID, FakeFeishuApp
from scenes import EARLY, give_shift, inbox_of, reminder_of, shanghai

DAY = date(2026, 1, 5)
IN, OUT = PunchKind.CLOCK_IN, PunchKind.CLOCK_OUT


def change(**values: Any) -> dict[str, Any]:
    row = {
        "before_status": "Todo",
        "current_status": "Normal",
        "before_supplement": "None",
        "current_supplement": "None",
        "index": 1,
        "work_type": "on",
    }
    return {"employee_id": "f-bob", "date": 20260105, "status_changes": [{**row, **values}], "group_id": "11"}


def settled(kind: PunchKind = IN, period: int = 0, *, is_by_office: bool = False) -> list[SettledPoint]:
    return [SettledPoint("f-bob", DAY, kind, period, is_by_office)]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        pytest.param(change(), settled(), id="in time"),
        pytest.param(
            change(current_status="Late", work_type="off", index="2"), settled(OUT, 1), id="late, of the second"
        ),
        pytest.param(change(current_status="Early", work_type="off"), settled(OUT), id="early"),
        pytest.param(change(index=0), settled(), id="counted from nought"),
        pytest.param(change(current_supplement="CardReplacement"), settled(is_by_office=True), id="made up for"),
        pytest.param(change(current_supplement="FieldPunch"), settled(), id="outside"),
        pytest.param(change(current_supplement="CardReplacementApplication"), [], id="asked for"),
        pytest.param(change(current_status="Lack"), [], id="missing"),
        pytest.param(change(current_status="NoNeedCheck"), [], id="not needed"),
        pytest.param(change(current_status="SystemCheck"), [], id="by the system"),
        pytest.param(change(work_type="?"), [], id="no kind"),
        pytest.param(change(index=None), [], id="no index"),
        pytest.param({**change(), "date": 20261305}, [], id="no date"),
        pytest.param({**change(), "employee_id": ""}, [], id="nobody"),
        pytest.param({**change(), "status_changes": ["?"]}, [], id="no change"),
        pytest.param({}, [], id="nothing"),
    ],
)
def test_a_change_of_a_result(data: dict[str, Any], expected: list[SettledPoint]) -> None:
    assert read_settled(data) == expected


MOMENT = datetime(2026, 11, 23, 0, 40, tzinfo=UTC)
FLOW = {"employee_id": "f-bob", "check_time": str(int(MOMENT.timestamp()))}


@pytest.mark.parametrize("kind", range(9))
def test_what_is_a_punch(kind: int) -> None:
    found = read_flow({**FLOW, "type": kind})
    assert found == (None if kind in (3, 4) else ("f-bob", MOMENT))


@pytest.mark.parametrize(
    "data", [{"employee_id": "f-bob", "type": 0}, {**FLOW, "type": None}, {**FLOW, "type": True}, {}]
)
def test_what_is_no_record_of_a_punch(data: dict[str, Any]) -> None:
    assert read_flow(data) is None


def test_places_are_dropped_at_the_door() -> None:
    said = (
        b'{"header":{"event_type":"%s","event_id":"e1"},"event":{"employee_id":"f","location_name":"x","longitude":1}}'
    )
    event = event_of(said % FLOW_EVENT.encode())
    assert event is not None
    assert event.data == {"employee_id": "f"}
    assert event_of(said % b"im.message.receive_v1") is None


# --- over the connection ---------------------------------------------------------------------------------------------


@asynccontextmanager
async def told(
    make_workplace: WorkplaceMaker, open_chats: ChatsMaker, frozen: Clock, listener: Listener | None = None
) -> AsyncIterator[tuple[Workplace, FakeFeishuApp]]:
    """Bob has the early shift, his team asks Feishu's attendance with the app of the connection, and a worker listens."""
    feishu = FakeFeishuApp()
    async with feishu.running(), make_workplace(feishu_base_url=feishu.base_url, public_url="") as office:
        people = {"app_id": "cli_good1", "app_secret": "good", "people": f"Bob {OPEN_ID}"}
        channel = {"name": "飞书", "kind": "feishu_app", "team_id": office.team_a, "config": people}
        await office.alice.post("/api/v1/channels", channel)
        await give_shift(office, EARLY, office.bob)
        await office.root.patch(f"/api/v1/users/{office.bob.id}", {"feishu_userid": "f-bob"})
        config = {"app_id": "cli_good12345", "app_secret": "good-secret"}
        body = {"name": "飞书考勤", "kind": "feishu_attendance", "team_id": office.team_a, "config": config}
        source_id = (await office.alice.post("/api/v1/punch-sources", body))["id"]
        async with office.database.write() as session:
            source = await session.get(PunchSource, source_id)
            assert source is not None
            source.config = {**source.config, "app_id": "cli_good1"}
            session.add(source)
        frozen.set(shanghai("08:52"))
        async with Outbound.of(office.settings) as outbound:
            sender = office.app.state.sender
            worker = ReminderWorker(office.database, office.settings, sender, outbound, ChangeNotifier())
            async with open_chats(office, listener=listener or worker._heard):
                await is_open(feishu)
                yield office, feishu


async def say(feishu: FakeFeishuApp, kind: str, event: dict[str, Any]) -> int:
    """The code of the acknowledgement."""
    identity = await feishu.push(kind, event, parts=2)
    await feishu.until(lambda: identity in feishu.answers)
    code, _, seconds = feishu.answers[identity]
    assert seconds < 3
    return code


def today(**values: Any) -> dict[str, Any]:
    return {**change(**values), "date": int(f"{TODAY:%Y%m%d}"), "address": "never read"}


async def test_a_result_ends_the_reminder_of_its_point(
    make_workplace: WorkplaceMaker,
    open_chats: ChatsMaker,
    frozen: Clock,
) -> None:
    async with told(make_workplace, open_chats, frozen) as (office, feishu):
        assert await say(feishu, TASK_EVENT, today()) == 200
        assert (await reminder_of(office.bob))["status"] == "punched"
        assert (await reminder_of(office.bob, "clock_out"))["status"] == "scheduled"
        assert await say(feishu, TASK_EVENT, today()) == 200  # it may come twice
        async with office.database.read() as session:
            punches = [(row.kind, row.source) for row in await session.exec(select(Punch))]
        assert punches == [(IN, "feishu_attendance")]
        await office.tick()
        assert await inbox_of(office.bob) == []


@pytest.mark.parametrize(
    "case",
    [
        "missing",
        "of a stranger",
        "of another app",
        "of another team",
        "of yesterday",
        "of the clock-out, too early",
        "of two people",
    ],
)
async def test_other_results_end_nothing(
    make_workplace: WorkplaceMaker,
    open_chats: ChatsMaker,
    frozen: Clock,
    case: str,
) -> None:
    async with told(make_workplace, open_chats, frozen) as (office, feishu):
        event = today()
        match case:
            case "missing":
                event = today(current_status="Lack")
            case "of a stranger":
                event["employee_id"] = "f-other"
            case "of another app" | "of another team":
                async with office.database.write() as session:
                    for source in await session.exec(select(PunchSource)):
                        if case == "of another app":
                            source.config = {**source.config, "app_id": "cli_another1"}
                        else:
                            source.team_id = office.team_c
                        session.add(source)
            case "of two people":
                await office.add_person("Erin", team_id=office.team_a, feishu_userid="f-bob")
            case "of yesterday":
                event["date"] = int(f"{TODAY - timedelta(days=1):%Y%m%d}")
            case "of the clock-out, too early":
                event = today(work_type="off")
        assert await say(feishu, TASK_EVENT, event) == 200
        assert (await reminder_of(office.bob))["status"] != "punched"
        assert (await reminder_of(office.bob, "clock_out"))["status"] != "punched"


@pytest.mark.parametrize(("kind", "is_put_off"), [(0, True), (3, False), (4, False)])
async def test_a_record_of_a_punch_puts_the_next_reminder_off_until_it_is_checked(
    make_workplace: WorkplaceMaker,
    open_chats: ChatsMaker,
    frozen: Clock,
    kind: int,
    is_put_off: bool,
) -> None:
    async with told(make_workplace, open_chats, frozen) as (office, feishu):
        await office.tick()  # the first reminder
        due = datetime.fromisoformat((await reminder_of(office.bob))["next_due_at"])
        frozen.set(due - timedelta(seconds=20))
        flow = {
            "employee_id": "f-bob",
            "check_time": str(int(frozen.now.timestamp())),
            "type": kind,
            "longitude": 121.4,
        }
        assert await say(feishu, FLOW_EVENT, flow) == 200
        moved = datetime.fromisoformat((await reminder_of(office.bob))["next_due_at"])
        assert (moved > due) is is_put_off
        assert (await reminder_of(office.bob))["status"] != "punched"


async def test_an_event_that_could_not_be_taken_comes_again(
    make_workplace: WorkplaceMaker,
    open_chats: ChatsMaker,
    frozen: Clock,
) -> None:
    async def fails(*_: Any) -> None:
        raise RuntimeError("the database is busy")

    async with told(make_workplace, open_chats, frozen, fails) as (_, feishu):
        assert await say(feishu, TASK_EVENT, today()) == 500
