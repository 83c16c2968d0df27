"""Runs proposals: each in a process of its own, one at a time in the installation."""

import asyncio
import json
import logging
from asyncio.subprocess import Process
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from types import TracebackType
from typing import Annotated, cast

from fastapi import Depends, Request

from daka import clock
from daka.change_events import Topic, publish
from daka.database import Database, when_free
from daka.identity.models import User
from daka.lifetime import Lifetime
from daka.processes import process_of
from daka.proposing.__main__ import Failure, Progress, ProposalResult, ProposalTask, Report
from daka.proposing.building import Built, Facts, Key, changes, is_met
from daka.proposing.models import Proposal, ProposalStatus
from daka.proposing.reading import read_shares
from daka.proposing.schemas import (
    ObstacleRead,
    ProposalOutcome,
    ProposalProgress,
    ProposedCell,
    ProposedShare,
    ProposedWish,
    RulePoints,
    UnmetNeed,
)
from daka.proposing.scores import Obstacle

log = logging.getLogger(__name__)

SAVE_EVERY = timedelta(seconds=1)
GONE_AFTER = timedelta(seconds=90)
"""A proposal without progress for this long is shown as interrupted."""
LONGEST_GOODBYE = timedelta(seconds=3)
LONGEST_LINE_BYTES = 20_000_000


@dataclass(frozen=True, slots=True)
class ProposalJob:
    """What is to be computed, and what its numbers stand for."""

    task: ProposalTask
    built: Built
    facts: Facts
    people: list[User]


class Proposals:
    """The proposals that this server process computes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._processes: dict[int, Process] = {}

    async def __aenter__(self) -> "Proposals":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        running = dict(self._tasks)
        for task in running.values():
            task.cancel()
        await asyncio.gather(*running.values(), return_exceptions=True)
        with suppress(TimeoutError):  # without it they count as running until `GONE_AFTER`
            async with asyncio.timeout(LONGEST_GOODBYE.total_seconds()):
                for proposal_id in running:
                    await self._end(proposal_id, ProposalStatus.INTERRUPTED, None)

    def start(self, proposal_id: int, job: ProposalJob) -> None:
        """Compute in the background. The row is committed."""
        running = asyncio.create_task(self._run(proposal_id, job))
        self._tasks[proposal_id] = running
        running.add_done_callback(lambda _: self._tasks.pop(proposal_id, None))

    def stop(self, proposal_id: int) -> None:
        """Keep the best so far, if this process computes it."""
        if process := self._processes.get(proposal_id):
            with suppress(ConnectionError, RuntimeError):  # it has just ended by itself (RuntimeError: uvloop's)
                cast(asyncio.StreamWriter, process.stdin).write(b"s")

    def end(self, proposal_id: int) -> None:
        """Compute it no longer, if this process does."""
        if task := self._tasks.get(proposal_id):
            task.cancel()

    async def _run(self, proposal_id: int, job: ProposalJob) -> None:
        async with process_of("daka.proposing", longest_line_bytes=LONGEST_LINE_BYTES) as process:
            self._processes[proposal_id] = process
            try:
                await self._compute(proposal_id, job, process)
            finally:
                self._processes.pop(proposal_id, None)

    async def _compute(self, proposal_id: int, job: ProposalJob, process: Process) -> None:
        stdin = cast(asyncio.StreamWriter, process.stdin)
        with suppress(ConnectionError):
            # As JSON does it: Pydantic's own keeps sets apart.
            stdin.write(json.dumps(job.task.model_dump(mode="json")).encode() + b"\n")
            await stdin.drain()
        last = await self._follow(proposal_id, process)
        if isinstance(last, ProposalResult):
            await self._finish(proposal_id, last, job)
        elif isinstance(last, Failure):
            async with self._database.read() as session:
                shares = await read_shares(session, job.facts, job.people, {})
            failed_for = job.built.user_ids[last.no_row_for]
            outcome = ProposalOutcome(cells=[], score=[], unmet=[], shares=shares, no_row_for=failed_for)
            await self._end(proposal_id, ProposalStatus.FAILED, outcome)
        else:
            log.error("A proposal's process ended early", extra={"fields": {"status": await process.wait()}})
            await self._end(proposal_id, ProposalStatus.INTERRUPTED, None)

    async def _follow(self, proposal_id: int, process: Process) -> Progress | ProposalResult | Failure | None:
        """Save progress until the process ends; its last report."""
        last: Progress | ProposalResult | Failure | None = None
        saved_at = clock.now() - SAVE_EVERY
        while line := await cast(asyncio.StreamReader, process.stdout).readline():
            last = Report.validate_json(line)
            if type(last) is Progress and clock.now() - saved_at >= SAVE_EVERY:
                saved_at = clock.now()
                progress = ProposalProgress(**last.model_dump())
                if await when_free(partial(self._save, proposal_id, progress)):
                    self.stop(proposal_id)
        return last

    async def _save(self, proposal_id: int, progress: ProposalProgress) -> bool:
        """Store progress. Returns whether another process was asked to stop it."""
        async with self._database.write() as session:
            row = await session.get(Proposal, proposal_id)
            if row is None:
                return True
            row.progress, row.seen_at = progress.model_dump(), clock.now()
            publish(session, Topic.PROPOSAL, user_id=row.created_by)
            return row.stop_asked

    async def _finish(self, proposal_id: int, result: ProposalResult, job: ProposalJob) -> None:
        cells = changes(job.built, job.facts, result.rows)
        async with self._database.read() as session:
            shares = await read_shares(session, job.facts, job.people, cells)
        progress = ProposalProgress(**Progress(**result.model_dump()).model_dump())
        await self._end(proposal_id, ProposalStatus.READY, outcome_of(result, job, cells, shares), progress)

    async def _end(
        self,
        proposal_id: int,
        status: ProposalStatus,
        outcome: ProposalOutcome | None,
        progress: ProposalProgress | None = None,
    ) -> None:
        async def write() -> None:
            async with self._database.write() as session:
                row = await session.get(Proposal, proposal_id)
                if row is None or row.status is not ProposalStatus.RUNNING:  # discarded, or ended already
                    return
                row.status, row.seen_at = status, clock.now()
                row.outcome = outcome.model_dump(mode="json") if outcome else None
                row.progress = progress.model_dump() if progress else row.progress
                publish(session, Topic.PROPOSAL, user_id=row.created_by)

        await when_free(write)


def outcome_of(
    result: ProposalResult, job: ProposalJob, cells: dict[Key, int | None], shares: list[ProposedShare]
) -> ProposalOutcome:
    """A result in the roster's own ids and dates."""
    built, facts = job.built, job.facts
    planned = {(person.user_id, day): shift for person in facts.people for day, shift in person.planned.items()}

    def obstacle(each: Obstacle) -> ObstacleRead:
        has_shift = each.code in ("at_work", "kept") and each.value
        shift_id = built.shift_ids[int(each.value) - 1] if has_shift else None
        return ObstacleRead(user_id=built.user_ids[each.person], code=each.code, value=each.value, shift_id=shift_id)

    return ProposalOutcome(
        cells=[
            ProposedCell(user_id=key[0], date=key[1], before_shift_id=planned.get(key), shift_id=shift_id)
            for key, shift_id in sorted(cells.items())
        ],
        score=[RulePoints(rule=rule, points=round(points, 1)) for rule, points in result.points.items()],
        unmet=[
            UnmetNeed(
                date=built.days[need.day],
                shift_id=built.shift_ids[need.value - 1],
                missing=need.missing,
                obstacles=[obstacle(each) for each in need.obstacles],
            )
            for need in result.unmet
        ],
        shares=shares,
        wishes=[
            ProposedWish(
                user_id=person.user_id,
                date=wish.day,
                kind=wish.kind,
                shift_id=wish.shift_id,
                is_met=is_met(wish, built.shift_ids[value - 1] if value else None),
            )
            for person, row in zip(facts.people, result.rows, strict=True)
            for wish in person.wishes
            for value in (row[built.days.index(wish.day)],)
        ],
    )


async def proposals_of(request: Request) -> Proposals:
    state = request.app.state
    lifetime = cast(Lifetime, state.lifetime)
    return await lifetime.of(Proposals, lambda: Proposals(state.database))


ProposalsDep = Annotated[Proposals, Depends(proposals_of)]
