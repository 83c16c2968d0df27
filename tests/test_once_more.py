"""`--once-more` on small projects: what it forgives, what it does not, and what it says."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PASSES = "def test_passes(): pass\n"
FAILS = "def test_fails(): assert 1 == 2\n"
FAILS_ONCE = """
from pathlib import Path
def test_fails_once(tmp_path_factory):
    mark = Path(__file__).with_name("tried")
    was_tried = mark.exists()
    mark.touch()
    assert was_tried, "the first time"
"""
ENDS_BADLY_ONCE = """
import pytest
from pathlib import Path
@pytest.fixture
def bad_end():
    yield
    mark = Path(__file__).with_name("ended")
    was_tried = mark.exists()
    mark.touch()
    assert was_tried
def test_ends_badly(bad_end): pass
"""


def run(folder: Path, *options: str, **files: str) -> tuple[int, list[str]]:
    """Exit status and lines of a run over these files."""
    for name, text in files.items():
        (folder / f"test_{name}.py").write_text(text)
    (folder / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-p", "once_more", "--once-more", *options]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "2")], ids=["alone", "two workers"])
def test_what_passes_the_second_time_is_named_and_does_not_fail_the_run(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    status, lines = run(tmp_path, *options, passes=PASSES, once=FAILS_ONCE, end=ENDS_BADLY_ONCE)
    assert status == 0
    named = next(line for line in lines if line.startswith("FLAKY 2: "))
    assert set(named.removeprefix("FLAKY 2: ").split(", ")) == {
        "test_once.py::test_fails_once",
        "test_end.py::test_ends_badly",
    }
    assert re.fullmatch(r"=+ 3 passed, 2 flaky in .*=+", lines[-1])
    assert any("AssertionError: the first time" in line for line in lines)


def test_what_fails_twice_fails_the_run(tmp_path: Path) -> None:
    status, lines = run(tmp_path, passes=PASSES, once=FAILS_ONCE, never=FAILS)
    assert status == 1
    assert "FLAKY 1: test_once.py::test_fails_once" in lines
    assert re.fullmatch(r"=+ 1 failed, 2 passed, 1 flaky in .*=+", lines[-1])


def test_a_run_without_failures_says_flaky_0(tmp_path: Path) -> None:
    status, lines = run(tmp_path, passes=PASSES)
    assert status == 0
    assert "FLAKY 0" in lines
    assert re.fullmatch(r"=+ 1 passed in .*=+", lines[-1])


def test_many_failures_are_not_tried_again(tmp_path: Path) -> None:
    many = "import pytest\n@pytest.mark.parametrize('n', range(21))\n" + FAILS.replace("()", "(n)")
    status, lines = run(tmp_path, many=many)
    assert status == 1
    assert "FLAKY 0" in lines
    assert not any("once more" in line for line in lines)


def test_a_file_that_cannot_be_read_fails_the_run(tmp_path: Path) -> None:
    status, _ = run(tmp_path, passes=PASSES, broken="import nothing_of_this_name\n")
    assert status != 0
