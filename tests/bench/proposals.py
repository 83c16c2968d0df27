"""How good proposals are: our score over the best known one, missing needs, processor time and memory.

The published instances (schedulingbenchmarks.org) come without a licence and are read from the folder that SHIFT_INSTANCES names.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from daka.proposing.__main__ import ProposalResult, ProposalTask, Report
from proposing.instances import Instance, as_text, broken_rules, hidden_roster, model_of, read_instance, score

BEST_KNOWN = [607, 828, 1001, 1716, 1143, 1950, 1056, 1300, 439, 4631, 3443, 4040]
"""Of the published instances 1 … 12."""
OWN = Path(__file__).parents[1] / "proposing"
PROCESS = (
    "import resource, runpy, sys, os; real = os._exit\n"
    "def end(code):\n"
    "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr, flush=True); real(code)\n"
    "os._exit = end; runpy.run_module('daka.proposing', run_name='__main__')"
)


def compute(instance: Instance, seconds: float, seed: int) -> tuple[ProposalResult, int]:
    """The result, and the most memory in MB that the process had."""
    task = ProposalTask(model=model_of(instance), seed=seed, seconds=seconds)
    with subprocess.Popen(
        [sys.executable, "-c", PROCESS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stderr
        process.stdin.write(json.dumps(task.model_dump(mode="json")) + "\n")
        process.stdin.flush()
        result = Report.validate_json(process.stdout.read().splitlines()[-1])
        assert isinstance(result, ProposalResult)
        return result, int(process.stderr.read())


def measure(*, quick: bool) -> None:
    """Print one line for each instance."""
    print("(f) proposals: score, ÷ best known, people missing, processor seconds, memory")
    cases: list[tuple[str, Instance, int, float]] = [
        (name, read_instance(OWN / f"{name}.txt"), best, 20) for name, best in (("own1", 0), ("own2", 20))
    ]
    folder = Path(os.environ.get("SHIFT_INSTANCES", ""))
    files = sorted(folder.glob("Instance*.txt"), key=lambda file: int(re.sub(r"\D", "", file.stem)))
    for file in files if os.environ.get("SHIFT_INSTANCES") else []:
        number = int(re.sub(r"\D", "", file.stem))
        best = BEST_KNOWN[number - 1] if number <= len(BEST_KNOWN) else 0
        cases.append((f"published {number}", read_instance(file), best, 40))
    cases += [
        (f"hidden, {people} people × 31 days", hidden_roster(people, 31, 5), 0, 60) for people in (10, 30, 60, 100)
    ]
    for name, instance, best, seconds in cases:
        result, megabytes = compute(instance, seconds / (10 if quick else 1), seed=1)
        rows = as_text(model_of(instance), result.rows)
        assert broken_rules(instance, rows) == [], name
        assert sum(score(instance, rows)) == round(result.cost), name
        ratio = f"{result.cost / best:.3f}" if best else "–"
        print(
            f"    {name:<28} {result.cost:>6.0f}  {ratio:>5} of {best:<5} {result.missing:>3} missing"
            f"  {result.seconds:>5.1f} s  {megabytes} MB  {result.rounds:,} rounds",
            flush=True,
        )
