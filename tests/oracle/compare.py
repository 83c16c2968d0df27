"""Random people and weeks: what the model says about them, and what the preview says."""

import os
import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from conftest import Workplace
from daka import clock
from daka.delivery.models import Channel, Lane
from daka.identity.models import Role, TeamMove, User
from daka.identity.models import Team as TeamRow
from daka.roster.models import Assignment
from daka.roster.requests.models import Absence as AbsenceRow
from daka.roster.requests.models import AbsenceKind
from daka.shifts.models import Shift as ShiftRow
from daka.shifts.times import PunchKind
from oracle.model import IN, OUT, Absence, Person, Policy, Rule, Sent, Shift, Team, sent_to

ZONES = (
    "Asia/Shanghai",
    "Europe/Berlin",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "America/Santiago",
)
WEEK = timedelta(days=7)


def seed_of_this_run() -> int:
    """`ORACLE_SEED`, or another one for each run."""
    return int(os.environ.get("ORACLE_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)


# --- random people ---------------------------------------------------------------------------------------------------


def some_rule(chance: random.Random) -> Rule:
    start = chance.choice((-15, 0, 0, chance.randint(-180, 60), chance.randint(-720, 0)))
    every = chance.choice((None, 5, 5, 7, 10, 30, 60))
    until = min(start + chance.choice((0, 10, 30, chance.randint(0, 240), 720)), 720)
    if until - start > 240 and every is not None:
        every = chance.choice((30, 60, 97, 240))
    return Rule(
        start,
        every,
        until,
        escalate=chance.choice((None, 0, 5, chance.randint(0, 720))),
        also_team_from=chance.choice((None, None, 0, chance.randint(-60, 120))),
    )


def some_policy(chance: random.Random) -> Policy:
    start, end = chance.choice(((22 * 60, 6 * 60 + 30), (chance.randrange(1440), chance.randrange(1440)), (1320, 150)))
    is_quiet = chance.random() < 0.6 and start != end
    return Policy({IN: some_rule(chance), OUT: some_rule(chance)}, (start, end) if is_quiet else None)


def some_shift(chance: random.Random, owner: str | None) -> Shift:
    begins = chance.choice((0, 60, 105, 120, 135, 150, 9 * 60, 22 * 60, chance.randrange(1440)))
    periods, at = [], begins
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        end = at + chance.choice((180, 240, 480, chance.randint(30, 600)))
        if end - begins > 1380:
            break
        periods.append((at, end))
        at = end + chance.choice((0, 30, 60, 120))
    overtime = chance.choice((0, 0, 30, 95))
    return Shift(tuple(periods), overtime, some_policy(chance) if chance.random() < 0.6 else None, owner)


def some_week(chance: random.Random, zone: str) -> datetime:
    """The first minute of a week; often one in which clocks are changed."""
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=chance.randrange(2 * 365 * 24 * 60))
    if chance.random() < 0.6:
        for _ in range(400):
            later = moment + timedelta(days=1)
            if later.astimezone(ZoneInfo(zone)).utcoffset() != moment.astimezone(ZoneInfo(zone)).utcoffset():
                return moment - timedelta(minutes=chance.randrange(5 * 24 * 60))
            moment = later
    return moment


def some_person(chance: random.Random, teams: Sequence[Team]) -> tuple[Person, datetime]:
    team = chance.choice(teams)
    first = some_week(chance, team.zone)
    shifts = [some_shift(chance, chance.choice((None, team.name))) for _ in range(3)]
    days = [first.date() + timedelta(days=number) for number in range(-1, 9)]
    person = Person(
        team,
        some_policy(chance) if chance.random() < 0.2 else None,
        {day: chance.choice(shifts) for day in days if chance.random() < 0.85},
    )
    if chance.random() < 0.3:
        start = chance.choice(days)
        person.absences.append(
            Absence(start, start + timedelta(days=chance.randrange(3)), chance.choice((None, IN, OUT)), None)
        )
    if chance.random() < 0.2:
        person.absences.append(Absence(*(chance.choice(days),) * 2, chance.choice((IN, OUT)), 0))
    if chance.random() < 0.15:
        person.move = (chance.choice(days), chance.choice(teams))
    return person, first


# --- the same people in the database ---------------------------------------------------------------------------------


def stored_policy(policy: Policy | None) -> dict[str, Any] | None:
    if policy is None:
        return None
    quiet = [f"{minute // 60:02}:{minute % 60:02}" for minute in policy.quiet or ()]
    return {
        **{kind: vars(rule) for kind, rule in policy.rules.items()},
        "quiet_hours": {"start": quiet[0], "end": quiet[1]} if quiet else None,
    }


def clock_time(minute: int) -> str:
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


class Company:
    """Writes random people into a workplace."""

    def __init__(self, workplace: Workplace, chance: random.Random) -> None:
        self._workplace, self._chance, self._number = workplace, chance, 0

    def _name(self) -> str:
        self._number += 1
        return f"o{self._number}"

    async def some(self, how_many: int) -> list[tuple[int, Person, datetime]]:
        """People with their ids and weeks."""
        chance, now = self._chance, clock.now()
        teams = [Team(self._name(), zone, some_policy(chance) if chance.random() < 0.4 else None) for zone in ZONES]
        found = [some_person(chance, teams) for _ in range(how_many)]
        async with self._workplace.database.write() as session:

            async def channel(name: str, **owner: int) -> None:
                lane = self._name()
                session.add(Lane(key=lane))
                await session.flush()
                session.add(Channel(name=name, kind="inbox", config={}, lane=lane, created_at=now, **owner))

            async def account(role: Role, name: str, **values: Any) -> User:
                username = self._name()
                user = User(
                    username=username, display_name=username, password_hash="!", role=role, created_at=now, **values
                )
                session.add(user)
                await session.flush()
                await channel(name, user_id=user.id)
                return user

            ids: dict[str, int] = {}
            for team in teams:
                row = TeamRow(name=team.name, timezone=team.zone, policy=stored_policy(team.policy), created_at=now)
                session.add(row)
                await session.flush()
                ids[team.name] = row.id
                await channel("team", team_id=row.id)
                await account(Role.PLANNER, "planner", team_id=row.id)
            people = []
            for person, first in found:
                user = await account(
                    Role.MEMBER, "own", team_id=ids[person.team.name], policy=stored_policy(person.policy)
                )
                rows: dict[Shift, int] = {}
                for day, shift in person.cells.items():
                    if id(shift) not in rows:
                        row = ShiftRow(
                            name="班",
                            code="班",
                            color="#888888",
                            overtime_minutes=shift.overtime,
                            periods=[{"start": clock_time(a), "end": clock_time(b)} for a, b in shift.periods],
                            policy=stored_policy(shift.policy),
                            team_id=ids[shift.owner] if shift.owner else None,
                            created_at=now,
                        )
                        session.add(row)
                        await session.flush()
                        rows[id(shift)] = row.id
                    session.add(
                        Assignment(
                            user_id=user.id,
                            work_date=day,
                            shift_id=rows[id(shift)],
                            team_id=user.team_id,
                            updated_at=now,
                        )
                    )
                for absence in person.absences:
                    session.add(
                        AbsenceRow(
                            user_id=user.id,
                            kind=AbsenceKind.LEAVE,
                            first_date=absence.first,
                            last_date=absence.last,
                            punch_kind=PunchKind(absence.kind) if absence.kind else None,
                            period=absence.period,
                        )
                    )
                if person.move:
                    day, team = person.move
                    session.add(TeamMove(user_id=user.id, team_id=ids[team.name], from_date=day, created_at=now))
                people.append((user.id, person, first))
        return people


async def previewed(workplace: Workplace, user_id: int, first: datetime) -> set[Sent]:
    found = await workplace.root.get("/api/v1/reminders/preview", days=WEEK.days, at=first.isoformat(), user_id=user_id)
    assert not found["is_cut"], "fewer messages, please"
    return {
        (
            datetime.fromisoformat(message["at"]),
            message["occasion"],
            message["kind"],
            date.fromisoformat(person["work_date"]),
            message["channel_name"],
        )
        for message in found["messages"]
        for person in message["people"]
    }


async def differences(workplace: Workplace, people: Sequence[tuple[int, Person, datetime]]) -> tuple[int, list[str]]:
    """How many messages were compared, and for each person about whom the two disagree, how."""
    compared, wrong = 0, []
    for user_id, person, first in people:
        expected = sent_to(person, first, first + WEEK)
        seen = await previewed(workplace, user_id, first)
        compared += len(expected)
        if expected != seen:
            wrong.append(
                f"{person}\nweek of {first}\nonly the model: {sorted(expected - seen)[:6]}\n"
                f"only the preview: {sorted(seen - expected)[:6]}"
            )
    return compared, wrong
