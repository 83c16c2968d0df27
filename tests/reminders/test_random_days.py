"""Random days: people, planners and clocks do things in any order, and after each minute a few simple rules hold.

The rules are written without the planner's code: what a person sees on the roster and in their messages is all they use.
"""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conftest import TODAY, Clock, Workplace
from daka import clock
from scenes import assign, log_of, new_shift, reminders_of, shanghai

EVERY = 5


def policy_of(every: int) -> dict[str, dict[str, int]]:
    return {
        "clock_in": {"start": -10, "every": every, "until": 20},
        "clock_out": {"start": 0, "every": every, "until": 20},
    }


POLICY = policy_of(EVERY)
SHIFTS = {
    "A": [("09:00", "10:00")],
    "B": [("09:20", "10:20")],
    "C": [("08:50", "09:20"), ("09:40", "10:10")],
    "D": [("12:30", "13:30")],
}
FIRST, LAST = shanghai("08:30"), shanghai("10:50")
OPEN = ("scheduled", "nagging")


def periods(pairs: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"start": start, "end": end} for start, end in pairs]


@dataclass
class Day:
    """One random day of Bob's."""

    workplace: Workplace
    frozen: Clock
    chance: random.Random
    shifts: dict[str, int] = field(default_factory=dict)
    times: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: dict(SHIFTS))
    cell: str | None = None
    leave_id: int | None = None
    every: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SHIFTS, EVERY))
    zone: str = "Asia/Shanghai"
    is_active: bool = True
    is_down_until: datetime = FIRST
    history: list[str] = field(default_factory=list)

    async def begin(self) -> None:
        for name, pairs in SHIFTS.items():
            shift = {"name": f"班{name}", "code": name, "periods": periods(pairs)}
            self.shifts[name] = await new_shift(self.workplace.alice, shift, policy=POLICY)

    async def open_reminder(self) -> dict[str, Any] | None:
        found = [
            each
            for each in await reminders_of(self.workplace.alice, user_id=self.workplace.bob.id)
            if each["status"] in OPEN
        ]
        return self.chance.choice(found) if found else None

    async def on_reminder(self, what: str, **body: Any) -> None:
        if (found := await self.open_reminder()) is not None:
            self.history[-1] += f" {found['kind']} {found['point_at']}"
            # Refused where the window has closed and no worker has looked yet.
            await self.workplace.alice.http.post(f"/api/v1/reminders/{found['id']}/{what}", json=body)

    async def assign(self) -> None:
        self.cell = self.chance.choice([*self.shifts, None])
        self.history[-1] += f" {self.cell}"
        await assign(self.workplace, self.shifts[self.cell] if self.cell else None, self.workplace.bob)

    async def acknowledge(self) -> None:
        await self.on_reminder("ack")

    async def snooze(self) -> None:
        await self.on_reminder("snooze", minutes=self.chance.choice((2, 7)))

    async def skip(self) -> None:
        await self.on_reminder("skip")

    async def punch(self) -> None:
        await self.workplace.alice.http.post("/api/v1/punches", json={"user_id": self.workplace.bob.id})

    async def undo(self) -> None:
        done = [
            each
            for each in await reminders_of(self.workplace.alice, user_id=self.workplace.bob.id)
            if each["can_undo_until"]
        ]
        for each in done[:1]:
            self.history[-1] += f" {each['kind']} {each['point_at']}"
            await self.workplace.alice.http.post(f"/api/v1/reminders/{each['id']}/undo")

    async def leave(self) -> None:
        if self.leave_id is None:
            asked = {"user_id": self.workplace.bob.id, "from": str(TODAY)}
            self.leave_id = (await self.workplace.alice.post("/api/v1/leaves", asked))["id"]
        else:
            await self.workplace.alice.delete(f"/api/v1/leaves/{self.leave_id}")
            self.leave_id = None

    async def edit(self) -> None:
        name = self.chance.choice("AB")
        start = self.chance.choice(("08:55", "09:00", "09:10", "09:30"))
        self.times[name] = [(start, self.times[name][0][1])]
        self.history[-1] += f" {name} {start}"
        body = {"periods": periods(self.times[name])}
        await self.workplace.alice.patch(f"/api/v1/shifts/{self.shifts[name]}", body)

    async def policy(self) -> None:
        name, every = self.chance.choice("ABC"), self.chance.choice((2, 3, EVERY))
        self.every[name] = every
        self.history[-1] += f" {name} every {every}"
        await self.workplace.alice.patch(f"/api/v1/shifts/{self.shifts[name]}", {"policy": policy_of(every)})

    async def move_zone(self) -> None:
        self.zone = "Asia/Tokyo" if self.zone == "Asia/Shanghai" else "Asia/Shanghai"
        self.history[-1] += f" {self.zone}"
        await self.workplace.alice.patch(f"/api/v1/teams/{self.workplace.team_a}", {"timezone": self.zone})

    async def disable(self) -> None:
        self.is_active = not self.is_active
        body = {"is_active": self.is_active}
        await self.workplace.alice.patch(f"/api/v1/users/{self.workplace.bob.id}", body)

    async def outage(self) -> None:
        self.is_down_until = clock.now() + timedelta(minutes=self.chance.choice((3, 9, 15)))

    def points(self) -> set[tuple[str, datetime]]:
        """The punch points that the roster asks for."""
        if self.cell is None:
            return set()
        return {
            (kind, datetime.fromisoformat(f"{TODAY} {text}").replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC))
            for start, end in self.times[self.cell]
            for kind, text in (("clock_in", start), ("clock_out", end))
        }

    def work_ends_at(self) -> datetime:
        return max(at for _, at in self.points())


def window(kind: str, point: datetime) -> tuple[datetime, datetime]:
    policy = POLICY[kind]
    return point + timedelta(minutes=policy["start"]), point + timedelta(minutes=policy["until"])


async def check(day: Day, now: datetime, messages: list[tuple[datetime, set[int]]]) -> None:
    reminders = await reminders_of(day.workplace.alice, user_id=day.workplace.bob.id)
    by_point = {(each["kind"], datetime.fromisoformat(each["point_at"])): each for each in reminders}
    if not day.is_active:
        assert not any(each["status"] in OPEN for each in reminders), "not active"
    for kind, point in day.points():
        opens, closes = window(kind, point)
        if now >= max(closes, day.work_ends_at()) and (kind, point) not in by_point:
            continue  # assigned after its work
        if not day.is_active:
            continue
        assert (kind, point) in by_point, f"{kind} {point} is nowhere"
        found = by_point[kind, point]
        if not day.is_active:
            continue
        if day.leave_id is not None:
            assert found["status"] not in OPEN, "on leave"
            continue
        if found["status"] not in OPEN or not opens <= now <= closes:
            continue
        if found["snoozed_until"] and datetime.fromisoformat(found["snoozed_until"]) > now:
            continue
        last = max((at for at, ids in messages if found["id"] in ids), default=None)
        assert last is not None, f"{kind} {point} is open since {opens} and was never said"
        assert now - last < timedelta(minutes=day.every[day.cell or ""]), f"{kind} {point} was last said at {last}"
    for each in reminders:
        at = datetime.fromisoformat(each["point_at"])
        if each["status"] in OPEN:
            assert (each["kind"], at) in day.points(), f"{each['kind']} {at} is not on the roster"


ACTIONS: list[Callable[[Day], Any]] = [
    *(Day.assign, Day.assign, Day.acknowledge, Day.snooze, Day.snooze, Day.skip),
    *(Day.punch, Day.undo, Day.undo, Day.leave, Day.leave, Day.edit),
    *(Day.policy, Day.policy, Day.move_zone, Day.disable, Day.disable, Day.outage),
]


async def live(day: Day) -> None:
    await day.begin()
    moment, seen = FIRST, set[int]()
    messages: list[tuple[datetime, set[int]]] = []
    while moment <= LAST:
        day.frozen.set(moment)
        if day.chance.random() < 0.25 or moment == FIRST:
            act = Day.assign if moment == FIRST else day.chance.choice(ACTIONS)
            day.history.append(f"{moment + timedelta(hours=8):%H:%M} {act.__name__}")
            await act(day)
        allowed = {
            each["id"]
            for each in await reminders_of(day.workplace.alice, user_id=day.workplace.bob.id)
            if each["status"] in OPEN
        }
        if moment < day.is_down_until:
            moment += timedelta(minutes=1)
            continue
        await day.workplace.tick()
        for delivery in await log_of(day.workplace.alice, occasion="reminder"):
            if delivery["id"] not in seen:
                seen.add(delivery["id"])
                said = {line["reminder_id"] for line in delivery["people"]}
                assert said <= allowed, "said although it had ended"
                messages.append((moment, said))
        await check(day, moment, messages)
        moment += timedelta(minutes=1)


async def test_a_random_day_forgets_nothing_and_says_nothing_that_is_over(workplace: Workplace, frozen: Clock) -> None:
    """Each run draws another day; RANDOM_DAY=… repeats one."""
    seed = int(os.environ.get("RANDOM_DAY") or random.SystemRandom().randrange(10**9))
    day = Day(workplace, frozen, random.Random(seed))
    try:
        await live(day)
    except AssertionError as error:
        raise AssertionError("\n".join([f"RANDOM_DAY={seed}: {error}", *day.history])) from error
