"""Feishu attendance: its results of each kind, and what becomes of reminders."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from conftest import TODAY, Clock, Workplace, WorkplaceMaker
from daka.reminders.punches.feishu import result_of
from daka.reminders.punches.results import Point
from daka.shifts.times import PunchKind
from fakes.feishu_attendance import FakeFeishuAttendance, punched, seconds
from reminders.punches.test_checker import at, give_all, source_of
from scenes import beside, inbox_of, reminder_of, shanghai

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
NOW = START + timedelta(minutes=5)


def point(kind: PunchKind = PunchKind.CLOCK_IN) -> Point:
    return Point(
        reminder_id=1,
        user_id=1,
        username="bob",
        display_name="Bob",
        mobile="13800000001",
        dingtalk_userid=None,
        wecom_userid=None,
        feishu_userid=None,
        work_date=date(2026, 11, 23),
        period=0,
        kind=kind,
        point_at=START,
        counts_from=START - timedelta(hours=4),
        counts_until=START + timedelta(hours=4),
        zone="Asia/Shanghai",
    )


PUNCH = {"check_time": seconds(START - timedelta(minutes=2)), "type": 0}
RECORD = {"check_in_shift_time": seconds(START), "check_in_result_supplement": "None"}
CASES: dict[str, tuple[dict[str, Any], str]] = {
    "in time": ({"check_in_result": "Normal", "check_in_record": PUNCH}, "punched"),
    "late": ({"check_in_result": "Late", "check_in_record": PUNCH}, "punched"),
    "not yet": ({"check_in_result": "Todo"}, "not_punched"),
    "missing": ({"check_in_result": "Lack", "check_in_record": PUNCH}, "not_punched"),
    "not needed": ({"check_in_result": "NoNeedCheck", "check_in_result_supplement": "Leave"}, "unknown"),
    "by the system": ({"check_in_result": "SystemCheck", "check_in_record": PUNCH}, "unknown"),
    "awaiting approval": (
        {"check_in_result": "Normal", "check_in_record": {**PUNCH, "check_result": "PendingApproval"}},
        "unknown",
    ),
    "without a record": ({"check_in_result": "Normal"}, "unknown"),
    "made up for": ({"check_in_result": "Normal", "check_in_result_supplement": "CardReplacement"}, "punched"),
    "of another time": (
        {"check_in_result": "Normal", "check_in_record": {"check_time": seconds(START - timedelta(days=1))}},
        "unknown",
    ),
    "in the future": (
        {"check_in_result": "Normal", "check_in_record": {"check_time": seconds(NOW + timedelta(hours=1))}},
        "unknown",
    ),
    "of another period": ({"check_in_shift_time": seconds(START + timedelta(hours=6))}, "unknown"),
    "a new word": ({"check_in_result": "Perhaps", "check_in_record": PUNCH}, "unknown"),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_clear_counts(case: str) -> None:
    record, expected = CASES[case]
    assert result_of([{**RECORD, **record}], point(), NOW).state == expected


def test_no_record_of_the_day_is_unknown() -> None:
    assert result_of([], point(), NOW).state == "unknown"


async def add_feishu(workplace: Workplace, fake: FakeFeishuAttendance, **config: Any) -> dict[str, Any]:
    body = {
        "name": "飞书",
        "kind": "feishu_attendance",
        "team_id": workplace.team_a,
        "config": {"app_id": fake.app_id, "app_secret": fake.app_secret, **config},
    }
    source: dict[str, Any] = await workplace.alice.post("/api/v1/punch-sources", body)
    return source


async def test_who_has_punched_in_feishu_is_not_reminded(make_workplace: WorkplaceMaker, frozen: Clock) -> None:
    async with beside(FakeFeishuAttendance(), "feishu", make_workplace) as (workplace, fake):
        fake.mobiles["13800000001"] = "f-bob"
        record = fake.plan("f-bob", TODAY, shanghai("09:00"), shanghai("18:00"))
        await add_feishu(workplace, fake)
        await give_all(workplace, workplace.bob)
        due = datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"])
        first = (due + timedelta(hours=8)).strftime("%H:%M")
        await at(workplace, frozen, first)
        (message,) = await inbox_of(workplace.bob)
        assert "未能核实" not in message["text"]
        fake.refuses_token = f"t-{fake.tokens}"  # it is renewed by itself
        punched(record, "check_in", frozen.now)
        due = datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"])
        await at(workplace, frozen, (due + timedelta(hours=8)).strftime("%H:%M"))
        assert (await reminder_of(workplace.bob))["status"] == "punched"
        assert len(await inbox_of(workplace.bob)) == 1
        assert len([asked for asked in fake.asked if "batch_get_id" in asked.path]) == 1


@pytest.mark.parametrize("fault", ["secret", "scope"])
async def test_what_is_wrong_is_said_and_reminders_go_out(
    make_workplace: WorkplaceMaker, frozen: Clock, fault: str
) -> None:
    async with beside(FakeFeishuAttendance(), "feishu", make_workplace) as (workplace, fake):
        fake.lacking = {"contact:user.id:readonly"} if fault == "scope" else set()
        source = await add_feishu(workplace, fake, **({"app_secret": "another-one"} if fault == "secret" else {}))
        await give_all(workplace, workplace.bob)
        due = datetime.fromisoformat((await reminder_of(workplace.bob))["next_due_at"])
        await at(workplace, frozen, (due + timedelta(hours=8)).strftime("%H:%M"))
        assert "未能核实" in (await inbox_of(workplace.bob))[0]["text"]
        found = await source_of(workplace, source["id"])
        assert (found["status"], found["status_hint"]) == (
            "broken",
            "feishu_app" if fault == "secret" else "feishu_permission",
        )
