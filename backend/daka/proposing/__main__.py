"""Computes one proposal in a process of its own: `python -m daka.proposing`. Started by `runs.py`.

Standard input: a line of JSON (see `ProposalTask`); then `s` to stop and keep the best so far. It ends when its input is closed.
Standard output, one JSON document a line: `Progress` now and then, and at the end a `ProposalResult` or a `Failure`.
"""

import os
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO

from pydantic import TypeAdapter

from daka.file_reader_process import OUT_OF_MEMORY, confine
from daka.proposing import scores
from daka.proposing.model import Model, Row
from daka.proposing.search import NoRow, Search
from daka.schema import Schema

REPORT_EVERY_SECONDS = 0.5
SLOWEST = 6
"""Stop when that many times the processor time has passed on the clock: others use the machine."""
MEMORY_BYTES = 256_000_000


class ProposalTask(Schema):
    """What is to be computed, and for how long."""

    model: Model
    seed: int
    seconds: float
    """Of processor time."""
    rounds: int | None = None
    """Ends after so many rounds instead, the same on every machine."""


class Progress(Schema):
    """The best so far."""

    cost: float
    missing: int
    seconds: float
    rounds: int


class ProposalResult(Progress):
    """The best roster, and what it is worth."""

    rows: list[Row]
    points: dict[str, float]
    unmet: list[scores.Unmet]


class Failure(Schema):
    """Nothing can be proposed, since a person's limits leave no row."""

    no_row_for: int


Report = TypeAdapter[ProposalResult | Progress | Failure](ProposalResult | Progress | Failure)
"""What a line of the output is; the first that fits."""


def propose(task: ProposalTask, stopped: threading.Event) -> Iterator[ProposalResult | Progress | Failure]:
    """Progress, then the result."""
    started, started_on_clock = time.process_time(), time.monotonic()
    reported_at = started_on_clock
    try:
        search = Search(task.model, task.seed)
    except NoRow as error:
        yield Failure(no_row_for=error.person)
        return
    number = 0

    def progress() -> float:
        if stopped.is_set():
            return 1
        if task.rounds is not None:
            return number / task.rounds
        spent = (time.process_time() - started) / task.seconds
        return max(spent, (time.monotonic() - started_on_clock) / (SLOWEST * task.seconds))

    def so_far() -> Progress:
        counts = scores.headcounts(task.model, search.best.rows)
        return Progress(
            cost=search.best.cost,
            missing=sum(max(0, missing) for _, _, missing in counts),
            seconds=round(time.process_time() - started, 2),
            rounds=number,
        )

    yield so_far()
    for _ in search.rounds(progress):
        number += 1
        if time.monotonic() - reported_at >= REPORT_EVERY_SECONDS:
            reported_at = time.monotonic()
            yield so_far()
    yield ProposalResult(
        **so_far().model_dump(),
        rows=search.best.rows,
        points=scores.points(task.model, search.best.rows),
        unmet=scores.unmet(task.model, search.best.rows),
    )


def listen(commands: IO[bytes], stopped: threading.Event) -> None:
    """Stop when told to; end this process when its parent has gone."""
    while commands.read(1):  # perhaps told twice
        stopped.set()
    os._exit(1)


def main() -> None:
    task = ProposalTask.model_validate_json(sys.stdin.buffer.readline())
    stopped = threading.Event()
    threading.stack_size(256 * 1024)
    threading.Thread(target=listen, args=(sys.stdin.buffer, stopped), daemon=True).start()
    confine(MEMORY_BYTES, int(task.seconds * 2 + 60))
    try:
        for report in propose(task, stopped):
            sys.stdout.write(report.model_dump_json() + "\n")
            sys.stdout.flush()
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    os._exit(0)


if __name__ == "__main__":
    main()
