"""The process that computes a proposal: its limits, its reports, and how it ends."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from daka.proposing.__main__ import Failure, Progress, ProposalResult, ProposalTask, Report
from daka.proposing.model import Model
from proposing.instances import as_text, broken_rules, model_of, read_instance

OWN2 = read_instance(Path(__file__).parent / "own2.txt")


def process() -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "daka.proposing"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    )


def given(seconds: float = 60, rounds: int | None = None, model: Model | None = None) -> str:
    task = ProposalTask(model=model or model_of(OWN2), seed=3, seconds=seconds, rounds=rounds)
    return json.dumps(json.loads(task.model_dump_json())) + "\n"


def answer_of(task: str) -> str:
    """All that the process says; its input stays open, since it ends with its parent."""
    with process() as started:
        assert started.stdin
        assert started.stdout
        started.stdin.write(task)
        said = started.stdout.read()
        assert started.wait(10) == 0
    return said


def reports(text: str) -> list[ProposalResult | Progress | Failure]:
    return [Report.validate_json(line) for line in text.splitlines()]


def test_it_reports_progress_and_then_the_result() -> None:
    *progress, result = reports(answer_of(given(rounds=300)))
    assert isinstance(result, ProposalResult)
    assert progress
    assert result.cost <= progress[0].cost  # type: ignore[union-attr]
    assert broken_rules(OWN2, as_text(model_of(OWN2), result.rows)) == []
    assert sum(each.missing for each in result.unmet) == result.missing > 0
    assert all(each.obstacles for each in result.unmet)


def test_the_same_seed_gives_the_same_result_in_every_process() -> None:
    first, second = (reports(answer_of(given(rounds=40)))[-1].model_dump() for _ in range(2))
    assert {**first, "seconds": 0} == {**second, "seconds": 0}


@pytest.mark.parametrize("told", ["s", "ss"])
def test_stopped_it_gives_the_best_so_far(told: str) -> None:
    with process() as started:
        assert started.stdin
        assert started.stdout
        started.stdin.write(given())
        started.stdout.readline()
        started.stdin.write(told)  # twice, where two have seen that it is to stop
        started.stdin.flush()
        *_, result = reports(started.stdout.read())
    assert isinstance(result, ProposalResult)
    assert result.seconds < 30


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")
def test_it_is_nice_small_and_ends_with_its_parent() -> None:
    with process() as started:
        assert started.stdin
        assert started.stdout
        started.stdin.write(given())
        started.stdout.readline()
        there = Path("/proc", str(started.pid))
        assert there.joinpath("stat").read_text().rpartition(")")[2].split()[16] == str(min(19, os.nice(0) + 10))
        limits = there.joinpath("limits").read_text()
        assert [line.split()[3] for line in limits.splitlines() if line.startswith("Max address space")] == [
            "256000000"
        ]
        started.stdin.close()
        assert started.wait(30) == 1
