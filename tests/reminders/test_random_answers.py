"""Answers, their undo, and changes of the roster in random order: what stands is what a few sentences of rules say."""

import os
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from conftest import TODAY, Clock, WorkplaceMaker
from scenes import EARLY, assign, give_shift, shanghai

SEEDS = range(int(os.environ.get("ANSWERS", "2")))
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
WINDOWS = {"clock_in": (-15, 10), "clock_out": (0, 30)}
PERSISTING = ("acknowledged", "punched")
ZONES = {6: "Asia/Dhaka", 8: "Asia/Shanghai", 9: "Asia/Tokyo"}
ANSWERS = ["ack", "ack", "punch", "snooze", "skip", "undo"]
CHANGES = ["start", "end", "overtime", "zone", "policy", "cell", "person", "leave"]


@dataclass
class Point:
    """One punch point by the rules alone."""

    kind: str
    moment: datetime
    """With overtime."""
    point_at: datetime
    answer: tuple[datetime, str, datetime] | None = None
    """About which moment, how, and when."""
    others: list[tuple[datetime, str, datetime]] = field(default_factory=list)
    is_skipped: bool = False
    is_told_away: bool = False
    """A punch was told of while nobody was to be reminded: it may count once somebody is."""

    @property
    def opens_at(self) -> datetime:
        return self.moment + WINDOWS[self.kind][0] * MINUTE

    @property
    def ends_at(self) -> datetime:
        return self.moment + (WINDOWS[self.kind][1] + 1) * MINUTE

    def is_about_now(self, answer: tuple[datetime, str, datetime]) -> bool:
        """The same moment, or one within the hour of which it is not hours ahead."""
        distance = abs(answer[0] - self.moment)
        return not distance or (distance <= HOUR and answer[2] >= self.point_at - 4 * HOUR)

    def settle(self, now: datetime) -> None:
        """After the moment has changed, or somebody is to be reminded again."""
        if self.answer and not self.is_about_now(self.answer) and now < self.ends_at:
            self.others.append(self.answer)
            self.answer = None
        if self.answer is None:
            back = next((each for each in self.others if self.is_about_now(each)), None)
            if back is not None:
                self.others.remove(back)
                self.answer = back


@pytest.mark.parametrize("seed", SEEDS)
async def test_random_answers(make_workplace: WorkplaceMaker, frozen: Clock, seed: int) -> None:
    chance = random.Random(seed)
    async with make_workplace() as workplace:
        bob, alice = workplace.bob, workplace.alice
        shift = await give_shift(workplace, EARLY, bob)
        start, end, overtime, east, every, leave = 540, 1080, 0, 8, 5, None
        is_assigned = is_active = on_roster = True
        points = {
            kind: Point(kind, shanghai(at), shanghai(at))
            for kind, at in (("clock_in", "09:00"), ("clock_out", "18:00"))
        }
        history: list[str] = []
        frozen.set(shanghai("07:00"))

        def moved(kind: str) -> datetime:
            minutes = start if kind == "clock_in" else end + overtime
            return shanghai("00:00") + minutes * MINUTE + (8 - east) * HOUR

        async def rows() -> dict[str, dict[str, Any]]:
            found = (await alice.get("/api/v1/reminders", user_id=bob.id, **{"from": str(TODAY), "to": str(TODAY)}))[
                "items"
            ]
            return {each["kind"]: each for each in found}

        for _ in range(45):
            frozen.forward(minutes=chance.choice([1, 2, 7, 16, 31]))
            now = frozen.now
            if now > shanghai("22:30"):
                break
            await workplace.tick()
            kind = chance.choice(list(points))
            point, row = points[kind], (await rows()).get(kind)
            do = chance.choice(ANSWERS + CHANGES)
            history.append(f"{now + 8 * HOUR:%H:%M} {do} {kind}")
            if do in ("ack", "snooze", "skip", "undo") and row is not None:
                answer = await alice.http.post(f"/api/v1/reminders/{row['id']}/{do}")
                history[-1] += f" {answer.status_code}"
                is_away = not on_roster or leave is not None
                if do == "ack" and not (point.is_skipped or (is_away and not point.answer)):
                    assert answer.is_success, history
                    point.answer = point.answer or (point.moment, "acknowledged", now)
                if do == "skip" and answer.is_success and row["status"] != "skipped":
                    point.is_skipped = True
                if do == "undo" and answer.is_success:
                    if row["status"] == "acknowledged":
                        assert point.answer is not None, history
                        assert now - point.answer[2] <= 5 * MINUTE, history
                        point.answer = None
                    else:
                        point.is_skipped = False
            elif do == "punch":
                told = {"user_id": bob.id, "kind": kind, "work_date": str(TODAY)}
                answer = await alice.http.post("/api/v1/punches", json=told)
                history[-1] += f" {answer.status_code}"
                if row is not None and answer.is_success and row["status"] not in ("skipped", *PERSISTING):
                    point.answer = (point.moment, "punched", now)
                elif answer.is_success:
                    point.is_told_away = True
            elif do in ("start", "end", "overtime"):
                if do == "start":
                    start = chance.choice([480, 530, 540, 590, 660, 780])
                elif do == "end":
                    end = chance.choice([1000, 1050, 1080, 1130, 1200])
                else:
                    overtime = chance.choice([0, 50, 95, 150])
                periods = [{"start": f"{start // 60:02}:{start % 60:02}", "end": f"{end // 60:02}:{end % 60:02}"}]
                await alice.patch(f"/api/v1/shifts/{shift}", {"periods": periods, "overtime_minutes": overtime})
                history[-1] += f" {start} {end} {overtime}"
            elif do == "zone":
                east = chance.choice(list(ZONES))
                await workplace.root.patch(f"/api/v1/teams/{workplace.team_a}", {"timezone": ZONES[east]})
            elif do == "policy":
                every = 15 - every
                rules = {
                    name: {"start": opens, "every": every, "until": until} for name, (opens, until) in WINDOWS.items()
                }
                await alice.patch(f"/api/v1/shifts/{shift}", {"policy": rules})
            elif do == "cell":
                is_assigned = not is_assigned
                await assign(workplace, shift if is_assigned else None, bob)
            elif do == "person":
                is_active = not is_active
                await alice.patch(f"/api/v1/users/{bob.id}", {"is_active": is_active})
            elif do == "leave":
                if leave is None:
                    leave = await alice.post("/api/v1/leaves", {"user_id": bob.id, "from": str(TODAY)})
                else:
                    await alice.delete(f"/api/v1/leaves/{leave['id']}")
                    leave = None
            on_roster = is_assigned and is_active
            if on_roster:
                for name, each in points.items():
                    each.moment = moved(name)
                    each.point_at = each.moment - (overtime * MINUTE if name == "clock_out" else 0 * MINUTE)
                    if leave is None and not (each.is_skipped and each.answer is None):
                        each.settle(now)
            found = await rows()
            for name, each in points.items():
                status = found[name]["status"] if name in found else "none"
                if each.is_told_away:
                    continue
                if not on_roster:
                    assert status not in ("scheduled", "nagging"), (history, name, status)
                    continue
                if each.answer:
                    assert status == each.answer[1], (history, name, status, each)
                elif leave or each.is_skipped:
                    assert status not in ("scheduled", "nagging", *PERSISTING), (history, name, status, each)
                else:
                    assert status not in PERSISTING, (history, name, status, each)
                    assert (status in ("scheduled", "nagging")) == (now < each.ends_at), (history, name, status, each)
