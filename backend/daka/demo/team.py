"""The demo's people, shifts, roster and channels, created with the same functions as by the API."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel.ext.asyncio.session import AsyncSession

from daka import clock
from daka.delivery.schemas import ChannelCreate
from daka.delivery.service import create_channel
from daka.identity.access import Principal
from daka.identity.models import Role, Team, User
from daka.roster.schemas import Cell
from daka.roster.service import change_roster
from daka.shifts.schemas import ShiftCreate
from daka.shifts.service import create_shift

TEAM = "一车间"
DAYS_BEFORE, DAYS_AFTER = 6, 7
LEAD = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class DemoPerson:
    username: str
    name: str
    role: Role
    today: str
    """Code of the shift that the person works today."""
    has_inbox: bool = False


PEOPLE = (
    DemoPerson("admin", "周敏", Role.ADMIN, "早", has_inbox=True),
    DemoPerson("alice", "李爱丽", Role.PLANNER, "早", has_inbox=True),
    DemoPerson("bob", "王波", Role.MEMBER, "早", has_inbox=True),
    DemoPerson("chen", "陈晨", Role.MEMBER, "早"),
    DemoPerson("dong", "董莉", Role.MEMBER, "中"),
    DemoPerson("fang", "方圆", Role.MEMBER, "中"),
    DemoPerson("gao", "高飞", Role.MEMBER, "分"),
    DemoPerson("huang", "黄河", Role.MEMBER, "分", has_inbox=True),
    DemoPerson("jiang", "江雪", Role.MEMBER, "夜"),
    DemoPerson("lin", "林夕", Role.MEMBER, "夜"),
    DemoPerson("ma", "马超", Role.MEMBER, "休"),
    DemoPerson("zhao", "赵云", Role.MEMBER, "休"),
)
CYCLE = ("早", "早", "中", "夜", "休", "分", "休")
"""Shifts of the other days: each person follows this sequence from a different position."""


def shifts_around(now: datetime, zone: ZoneInfo) -> tuple[datetime, list[dict[str, Any]]]:
    """Shifts with reminders from the next minute on, and the start of the morning shift.

    早: the first reminder is due at the next full minute. 中: two minutes later. 分: the first part ends one minute later, for a
    clock-out reminder. 夜 is an ordinary night shift across midnight.
    """
    next_minute = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    morning = (next_minute + LEAD).astimezone(zone)
    middle = morning + timedelta(minutes=2)
    first_end = (next_minute + timedelta(minutes=1)).astimezone(zone)

    def period(start: datetime, hours: float) -> dict[str, str]:
        return {"start": f"{start:%H:%M}", "end": f"{start + timedelta(hours=hours):%H:%M}"}

    return morning, [
        {"name": "早班", "code": "早", "color": "hue-2", "periods": [period(morning, 8)]},
        {
            "name": "中班",
            "code": "中",
            "color": "hue-5",
            "periods": [period(middle, 8)],
            "policy": {
                "clock_in": {"start": -15, "every": 2, "until": 10, "escalate": 2},
                "clock_out": {"start": 0, "every": 5, "until": 30, "escalate": None},
            },
        },
        {"name": "夜班", "code": "夜", "color": "hue-9", "periods": [{"start": "22:00", "end": "06:00"}]},
        {
            "name": "分段班",
            "code": "分",
            "color": "hue-11",
            "periods": [
                {"start": f"{first_end - timedelta(hours=4):%H:%M}", "end": f"{first_end:%H:%M}"},
                period(first_end + timedelta(hours=2), 4),
            ],
        },
        {"name": "休息", "code": "休", "color": "hue-7", "is_rest": True},
    ]


async def create_demo_team(
    session: AsyncSession, *, password_hash: str, robot_url: str, robot_secret: str, zone: ZoneInfo
) -> None:
    """Create everything that the demo shows, in one transaction."""
    now = clock.now()
    team = Team(name=TEAM, timezone=str(zone))
    session.add(team)
    await session.flush()
    users = [
        User(
            username=person.username,
            display_name=person.name,
            role=person.role,
            team_id=team.id,
            password_hash=password_hash,
            mobile=f"138000000{index:02}",
        )
        for index, person in enumerate(PEOPLE)
    ]
    session.add_all(users)
    await session.flush()
    admin = Principal(users[0], frozenset())
    morning, wanted = shifts_around(now, zone)
    shift_ids = {
        shift["code"]: (await create_shift(session, admin, ShiftCreate.model_validate(shift))).id for shift in wanted
    }
    await _create_channels(session, admin, users, team.id, robot_url, robot_secret)
    await change_roster(session, admin, list(_cells(users, shift_ids, morning)), revision=None, over_imported=False)


async def _create_channels(
    session: AsyncSession, admin: Principal, users: list[User], team_id: int, robot_url: str, robot_secret: str
) -> None:
    robot = {"webhook_url": robot_url, "secret": robot_secret, "keyword": "打卡"}
    await create_channel(
        session, admin, ChannelCreate(name="一车间群", kind="dingtalk_robot", team_id=team_id, config=robot)
    )
    for person, user in zip(PEOPLE, users, strict=True):
        if person.has_inbox:
            await create_channel(session, Principal(user, frozenset()), ChannelCreate(name="收件箱", kind="inbox"))


def _cells(users: list[User], shift_ids: dict[str, int], morning: datetime) -> list[Cell]:
    today = morning.date()
    return [
        Cell(
            user_id=user.id,
            date=today + timedelta(days=offset),
            shift_id=shift_ids[person.today if offset == 0 else CYCLE[(index + offset) % len(CYCLE)]],
        )
        for index, (person, user) in enumerate(zip(PEOPLE, users, strict=True))
        for offset in range(-DAYS_BEFORE, DAYS_AFTER + 1)
    ]
