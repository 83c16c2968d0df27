"""A storm: a company is due while workers are killed, the database crashes or its disk is full, and the provider fails.

Then the books are compared: what was due by the roster, what the provider says that it took, what the tables say was sent.
"""

import asyncio
import json
import random
import resource
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, func, select

from chaos.skewed import SetClock
from chaos.stage import (
    Company,
    Postgres,
    Process,
    SinkAt,
    environment_for,
    midnight_is_far,
    next_minute,
    settings_for,
    settle,
    sink,
    start_daka,
    this_minute,
)
from daka.database import Database, advisory_lock
from daka.delivery.lanes import LEASE
from daka.delivery.models import (
    Delivery,
    DeliveryAttempt,
    DeliveryReminder,
    DeliveryStatus,
    InboxMessage,
    Lane,
    Occasion,
    Outcome,
)
from daka.delivery.send_loop import FRESH_FOR_SECONDS
from daka.identity.models import User
from daka.migrations import migrate
from daka.reminders import actions
from daka.reminders.models import Reminder
from daka.reminders.planner import PLANNING_LOCK
from daka.reminders.states import OPEN
from daka.shifts.times import PunchKind
from daka.wiring import open_database

SHARES = {"error": 0.06, "reset": 0.05, "throttle": 0.02, "lie": 0.05, "timeout": 0.004}

LONGEST_CALM_SECONDS = 15.0
ANSWERS_BEFORE_SECONDS = 5.0
"""How long before the moment the first people answer."""
ANSWERED_PER_SECOND = 150
"""People over whose number the answers are spread."""
READ_BEFORE_SECONDS = FRESH_FOR_SECONDS + 3
"""A message that leaves was read for sending at most so long before, with some time for busy machines."""
JUMPS_SECONDS = (0.0, 8.0, 45.0, 300.0, -8.0, -45.0, -300.0)
"""How far the clock is ahead after a jump; reminders that are due stay inside their windows."""
ROOM_BYTES = 32 * 1024


@dataclass(frozen=True)
class Plan:
    """How hard the storm blows."""

    people: int
    addresses: int
    robots: int
    workers: int
    is_due_already: bool = False
    """Due in the present minute, as after a shift that was assigned late; otherwise in the next one."""
    minutes: int = 1
    """The people are due at so many full minutes in a row."""
    people_per_robot: int = 50
    kills: int = 5
    """Spread over the sending, so that they meet processes at work."""
    crashes_of_the_database: int = 1
    banned: int = 0
    """Robots that DingTalk blocks for ten minutes."""
    broken: int = 1
    """Robots that refuse for good: their people must be reached another way."""
    is_disk_full: bool = False
    jumps: int = 0
    """How often the wall clock is set, forward and back, also to 1970."""
    odd_share: float = 0.0
    """So many of the messages that the provider takes are answered oddly."""
    mailboxes: int = 0
    """So many people are reached by mail, over a server that is taken at its 250: QUIT may be met with silence."""
    name_faults: float = 0.0
    """So many of the look-ups of names fail."""
    answered: float = 0.0
    """So many of the people with a message of their own end their reminder themselves, before its moment or soon after it."""
    seed: int = 20261124
    within_seconds: float = 120

    @property
    def own_addresses(self) -> int:
        """People with a message of their own; the others share their team's."""
        return self.people - self.robots * self.people_per_robot


@dataclass
class Report:
    """What became of what was due."""

    due: int = 0
    delivered: int = 0
    lost: list[int] = field(default_factory=list)
    """Reminders that reached nobody."""
    messages: int = 0
    """Messages that the provider took, each counted once."""
    in_inboxes: int = 0
    duplicates: int = 0
    duplicates_after_a_kill: int = 0
    """A process was killed, or the database crashed, between the first of them and the next."""
    other_keys: int = 0
    """The same reminder twice at one address under different keys."""
    false_sent: int = 0
    """Recorded as sent, though no provider took it."""
    answered_before: int = 0
    """Reminders that their people ended before they were due."""
    answered_after: int = 0
    """The same once they were due."""
    sent_after_answer: int = 0
    """Messages that left although their only reminder had ended before they were read for sending."""
    kills: int = 0
    crashes: int = 0
    jumps: int = 0
    unanswered: int = 0
    """Duplicates of messages whose answer nobody can read."""
    refused: dict[str, int] = field(default_factory=dict)
    lateness: list[float] = field(default_factory=list)
    """Seconds from the due moment to the first time that a provider took it."""
    seconds: float = 0.0
    full_seconds: float = 0.0
    retries: int = 0
    """How often a process logged that its work failed and is retried."""

    def __str__(self) -> str:
        late = sorted(self.lateness) or [0.0]
        p50, p99 = late[len(late) // 2], late[int(len(late) * 0.99)]
        sure = self.duplicates_after_a_kill
        taken_back = f"{self.answered_before} before their moment, {self.answered_after} after it"
        lines = [
            f"due                    {self.due} reminders",
            f"delivered              {self.delivered} in {self.messages} messages, and {self.in_inboxes} in inboxes",
            f"lost                   {len(self.lost)}",
            f"duplicated             {self.duplicates}, of these {sure} with the same key across a kill or crash",
            f"                       {self.unanswered} after an answer that was cut short",
            f"twice under other keys {self.other_keys}",
            f"falsely called sent    {self.false_sent}",
            f"taken back             {taken_back}; sent all the same {self.sent_after_answer}",
            f"killed                 {self.kills} processes; the database crashed {self.crashes} times",
            f"clock set              {self.jumps} times",
            f"disk full              {self.full_seconds:.0f} s; work failed and was tried again {self.retries} times",
            f"refused by the sink    {sum(self.refused.values())} {dict(sorted(self.refused.items()))}",
            f"late                   p50 {p50:.1f} s, p99 {p99:.1f} s, max {late[-1]:.1f} s",
            f"took                   {self.seconds:.0f} s",
        ]
        return "\n".join(lines)

    @property
    def holds(self) -> bool:
        """Whether the promise was kept."""
        return (
            not self.lost
            and not self.false_sent
            and not self.other_keys
            and not self.sent_after_answer
            and self.duplicates == self.duplicates_after_a_kill + self.unanswered
        )


class ChaosRun:
    """One run on one database."""

    def __init__(
        self, plan: Plan, database_url: str, folder: Path, server: Postgres | None, say: Callable[[str], None]
    ) -> None:
        self._plan = plan
        self._url = database_url
        self._folder = folder
        self._server = server
        self._say = say
        self._chance = random.Random(plan.seed)
        self._answered_at: dict[int, float] = {}
        """When each reminder that somebody ended was surely ended."""
        self._hurts: list[float] = []
        """When something was killed."""
        self._report = Report()
        self._processes: list[Process] = []

    async def run(self) -> Report:
        plan, started = self._plan, time.monotonic()
        settings = settings_for(self._url)
        database = Database(settings)
        try:
            await migrate(database)
            log = self._folder / "taken.jsonl"
            log.touch()
            with sink(log, plan.seed) as provider:
                first = this_minute() if plan.is_due_already else next_minute(20 + plan.people / 300)
                due_at = [first + timedelta(minutes=number) for number in range(plan.minutes)]
                assert midnight_is_far(due_at), "it is midnight in Shanghai; start again in a few minutes"
                company = await settle(
                    database,
                    provider,
                    people=plan.people,
                    addresses=plan.addresses,
                    due_at=due_at,
                    robots=plan.robots,
                    people_per_robot=plan.people_per_robot,
                    mailboxes=plan.mailboxes,
                    host="nas.example" if plan.name_faults else "127.0.0.1",
                )
                await self._blow(database, provider, company)
                self._report.refused = provider.count()["refused"]
            await self._compare(database, log.read_text().splitlines(), company)
        finally:
            for process in self._processes:
                process.stop()
            await database.dispose()
        self._report.seconds = time.monotonic() - started
        return self._report

    # --- the weather -------------------------------------------------------------------------------------------------

    async def _blow(self, database: Database, provider: SinkAt, company: Company) -> None:
        plan = self._plan
        provider.hurt(
            SHARES,
            banned=company.robots[: plan.banned],
            broken=company.robots[plan.banned : plan.banned + plan.broken],
            odd_share=plan.odd_share,
        )
        wall = SetClock(self._folder / "clock")
        environment = environment_for(
            self._url, provider, self._folder, PORT="0", CLOCK_FILE=str(self._folder / "clock"),
            NAME_FAULTS=str(plan.name_faults),
        )  # fmt: skip
        program = "chaos.skewed" if plan.jumps or plan.name_faults else "daka"
        command = ["worker"] if self._server else ["serve", "--port", "0"]

        def start(number: int) -> Process:
            return start_daka(command, environment, self._folder / f"worker{number}.log", program=program)

        self._processes = [start(number) for number in range(plan.workers)]
        wait = (company.due_at[0] - datetime.now(company.due_at[0].tzinfo)).total_seconds()
        self._say(f"{plan.people} people are due in {wait:.0f} s" if wait > 0 else f"{plan.people} people are due")
        await asyncio.sleep(max(wait - ANSWERS_BEFORE_SECONDS, 0))
        setting = asyncio.create_task(self._set_clock(wall))
        answering = asyncio.create_task(self._answer(company))
        await _until(lambda: provider.count()["taken"] > 0, within_seconds=30)
        if plan.is_disk_full:
            await self._fill_the_disk(5)
        crashes = plan.crashes_of_the_database
        crash_at = {(number + 1) * plan.kills // (crashes + 1) for number in range(crashes)}
        for number in range(plan.kills):
            goal = (number + self._chance.random()) / (plan.kills + 1) * plan.own_addresses
            await _until(lambda goal=goal: provider.count()["taken"] >= goal, within_seconds=LONGEST_CALM_SECONDS)
            if number in crash_at and self._server:
                self._say("the database crashes")
                self._hurts.append(time.time())
                await asyncio.to_thread(self._server.crash_and_recover)
                self._report.crashes += 1
            victim = self._chance.randrange(plan.workers)
            if self._processes[victim].is_running:
                self._processes[victim].kill()
                self._hurts.append(time.time())
                self._report.kills += 1
            self._processes[victim] = start(victim)
        await setting
        await answering
        self._say("the storm is over; now everything is to arrive")
        deadline = time.monotonic() + plan.within_seconds
        while time.monotonic() < deadline and await self._is_anything_open(database, company):
            for number, process in enumerate(self._processes):
                if not process.is_running:  # as a supervisor does it; a crash on its own is reported below
                    self._say(f"worker {number} ended by itself with {process.popen.returncode}")
                    self._processes[number] = start(number)
            await asyncio.sleep(0.5)

    async def _answer(self, company: Company) -> None:
        """People end their reminders, 我已打卡 and 这次跳过 in turn: half of them before the moment, the others after it."""
        plan, count = self._plan, int(self._plan.own_addresses * self._plan.answered)
        spread = company.due_at[-1].timestamp() - company.due_at[0].timestamp() + plan.people / ANSWERED_PER_SECOND
        moments = [self._chance.uniform(-ANSWERS_BEFORE_SECONDS, 0) for _ in range(count // 2)]
        moments += [self._chance.uniform(0, spread) for _ in range(count - count // 2)]
        people = self._chance.sample(range(plan.robots * plan.people_per_robot, plan.people), count)
        database = open_database(settings_for(self._url))
        try:
            for number, (moment, person) in enumerate(zip(sorted(moments), people, strict=True)):
                await asyncio.sleep(company.due_at[0].timestamp() + moment - time.time())
                with suppress(OSError, SQLAlchemyError):  # the database is away: who is refused gets the reminder
                    if ended := await _end(database, f"p{person}", is_skip=bool(number % 2)):
                        self._answered_at[ended] = time.time()
        finally:
            await database.dispose()

    async def _set_clock(self, wall: SetClock) -> None:
        """Set the clock again and again while messages go out, and in the end right."""
        for _ in range(self._plan.jumps):
            seconds = self._chance.choice((*JUMPS_SECONDS, -time.time()))
            wall.set(seconds)
            self._report.jumps += 1
            await asyncio.sleep(2.2 + 2 * self._chance.random())
        wall.set(0.0)

    async def _fill_the_disk(self, seconds: float) -> None:
        """No file may grow: the database's writes fail until there is room again (the small log has it still)."""
        self._say("the disk is full")
        pids = [process.popen.pid for process in self._processes if process.is_running]
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (ROOM_BYTES, resource.RLIM_INFINITY))
        await asyncio.sleep(seconds)
        for pid in pids:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        self._report.full_seconds = seconds

    async def _is_anything_open(self, database: Database, company: Company) -> bool:
        soon = datetime.now(company.due_at[0].tzinfo) + timedelta(seconds=self._plan.within_seconds)
        async with database.read() as session:
            # Where a provider asked for an hour, others have taken over.
            held = select(Lane.key).where(col(Lane.throttled_until) > soon)
            waiting = (
                await session.exec(
                    select(func.count())
                    .select_from(Delivery)
                    .where(col(Delivery.next_attempt_at).is_not(None), col(Delivery.lane).not_in(held))
                )
            ).one()
            unseen = (
                await session.exec(
                    select(func.count())
                    .select_from(Reminder)
                    .where(
                        Reminder.kind == PunchKind.CLOCK_IN,
                        Reminder.steps_sent == 0,
                        col(Reminder.status).in_(OPEN),
                    )
                )
            ).one()
            planned = (
                await session.exec(
                    select(func.count()).select_from(Reminder).where(Reminder.kind == PunchKind.CLOCK_IN)
                )
            ).one()
        return bool(waiting or unseen or planned < company.people)

    # --- the books ---------------------------------------------------------------------------------------------------

    async def _compare(self, database: Database, log: Sequence[str], company: Company) -> None:
        report = self._report
        taken: dict[str, list[tuple[float, str]]] = defaultdict(list)
        unanswered: Counter[str] = Counter()
        for line in log:
            entry = json.loads(line)
            if "unanswered" in entry:
                unanswered[entry["unanswered"]] += 1
                continue
            taken[entry["key"]].append((entry["at"], entry["to"]))
        async with database.read() as session:
            reminders = {
                found.id: found
                for found in await session.exec(select(Reminder).where(Reminder.kind == PunchKind.CLOCK_IN))
            }
            carried = list(
                await session.exec(
                    select(Delivery.key, Delivery.status, DeliveryReminder.reminder_id)
                    .join(DeliveryReminder, col(DeliveryReminder.delivery_id) == Delivery.id)
                    .where(Delivery.occasion == Occasion.REMINDER)
                )
            )
            inbox = set(await session.exec(select(InboxMessage.key)))
            recorded = Counter(
                await session.exec(
                    select(Delivery.key)
                    .join(DeliveryAttempt, col(DeliveryAttempt.delivery_id) == Delivery.id)
                    .where(DeliveryAttempt.outcome == Outcome.DONE)
                )
            )
        report.due, report.messages, report.in_inboxes = company.people, len(taken), len(inbox)
        first_seen: dict[int, float] = {}
        at_address: Counter[tuple[int, str]] = Counter()
        false_sent: set[str] = set()
        reached: set[int] = set()
        for key, status, reminder_id in carried:
            if reminder_id not in reminders:
                continue
            if key in taken:
                reached.add(reminder_id)
                first = min(at for at, _ in taken[key])
                first_seen[reminder_id] = min(first, first_seen.get(reminder_id, first))
                at_address[reminder_id, taken[key][0][1]] += 1
            elif key in inbox:
                reached.add(reminder_id)
            elif status is DeliveryStatus.SENT:
                false_sent.add(key)
        report.delivered = len(reached)
        report.lost = sorted(set(reminders) - reached - set(self._answered_at)) + [0] * (
            company.people - len(reminders)
        )
        report.false_sent = len(false_sent)
        self._count_answers(reminders, [(key, found) for key, _, found in carried], taken)
        report.other_keys = sum(count - 1 for count in at_address.values())
        report.lateness = [seen - reminders[found].opens_at.timestamp() for found, seen in first_seen.items()]
        for key, times in taken.items():
            moments = sorted(at for at, _ in times)
            # The answer left the sink; whoever waited for it was killed before its record was safe: so it has no record,
            # and nobody else took the message before the lease ran out.
            unrecorded = len(moments) - recorded[key]
            for earlier, later in pairwise(moments):
                report.duplicates += 1
                if unanswered[key]:
                    unanswered[key] -= 1
                    report.unanswered += 1
                    continue
                until = min(later, earlier + LEASE.total_seconds())
                if unrecorded > 0 and any(earlier - 1 <= hurt <= until for hurt in self._hurts):
                    report.duplicates_after_a_kill += 1
                    unrecorded -= 1
        report.retries = self._retries()

    def _count_answers(
        self,
        reminders: Mapping[int, Reminder],
        carried: Sequence[tuple[str, int]],
        taken: Mapping[str, Sequence[tuple[float, str]]],
    ) -> None:
        """Compare when people ended their reminders with when the provider took messages about them."""
        report = self._report
        for reminder_id, at in self._answered_at.items():
            is_before = at < reminders[reminder_id].opens_at.timestamp()
            report.answered_before += is_before
            report.answered_after += not is_before
            until = at if is_before else at + READ_BEFORE_SECONDS
            keys = [key for key, found in carried if found == reminder_id]
            report.sent_after_answer += sum(moment > until for key in keys for moment, _ in taken.get(key, ()))

    def _retries(self) -> int:
        return sum(
            file.read_text(errors="replace").count("failed; retrying") for file in self._folder.glob("worker*.log")
        )


async def _end(database: Database, username: str, *, is_skip: bool) -> int | None:
    """End somebody's reminder as they would; returns its id, or None if it was over already."""
    async with database.write() as session:
        if is_skip:  # planning locks reminders after its own lock, never before
            await advisory_lock(session, PLANNING_LOCK)
        user = (await session.exec(select(User).where(User.username == username))).one()
        asked = select(Reminder).where(Reminder.user_id == user.id, Reminder.kind == PunchKind.CLOCK_IN)
        reminder = (await session.exec(asked.with_for_update())).one()
        if reminder.status not in OPEN:
            return None
        if is_skip:
            await actions.skip(session, reminder, user, user.id)
        else:
            actions.acknowledge(session, reminder, user, "chaos")
        return reminder.id


async def _until(condition: Callable[[], bool], *, within_seconds: float) -> None:
    for _ in range(int(within_seconds / 0.05)):
        if condition():
            return
        await asyncio.sleep(0.05)


async def run_storm(plan: Plan, server: Postgres | None, say: Callable[[str], None] = print) -> Report:
    """A storm over PostgreSQL if there is a server, else over a SQLite file."""
    with tempfile.TemporaryDirectory(prefix="storm") as folder:
        url = server.new_database() if server else f"sqlite:///{folder}/storm.db"
        return await ChaosRun(plan, url, Path(folder), server, say).run()
