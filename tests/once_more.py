"""`--once-more`: what failed is tried once more at the end, alone. What passes then is named as flaky and fails no run."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

MOST = 20
"""More failures than these are no accident, and are not tried again."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--once-more", action="store_true", help="try what failed once more and name what passes then")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("once_more") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(OnceMore())


class OnceMore:
    def __init__(self) -> None:
        self._first_failures: dict[str, pytest.TestReport] = {}
        self._flaky: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._first_failures.setdefault(report.nodeid, report)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self, session: pytest.Session) -> Generator[None, object, object]:
        ended = yield
        if 0 < len(self._first_failures) <= MOST:
            self._try_again(session)
        return ended

    def _try_again(self, session: pytest.Session) -> None:
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.ensure_newline()
        reporter.write_sep("=", f"once more: {len(self._first_failures)} that failed")
        output, failed_twice = _run(session.config.rootpath, list(self._first_failures))
        if failed_twice:
            reporter.write_line(output)
        self._flaky = [name for name in self._first_failures if name not in failed_twice]
        for outcome in ("failed", "error"):
            reports = reporter.stats.pop(outcome, [])
            if kept := [report for report in reports if getattr(report, "nodeid", "") not in self._flaky]:
                reporter.stats[outcome] = kept
            session.testsfailed -= len(reports) - len(kept)
        passed = reporter.stats.setdefault("passed", [])
        counted = {report.nodeid for report in passed}
        passed += [self._first_failures[name] for name in self._flaky if name not in counted]
        if self._flaky:
            reporter.stats["flaky"] = [self._first_failures[name] for name in self._flaky]

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        for name in self._flaky:
            terminalreporter.write_sep("_", f"{name}, the first time")
            terminalreporter.write_line(self._first_failures[name].longreprtext)
        terminalreporter.write_line(
            f"FLAKY {len(self._flaky)}" + (f": {', '.join(self._flaky)}" if self._flaky else "")
        )


def _run(root: Path, names: list[str]) -> tuple[str, set[str]]:
    """What pytest says of these tests, and those that failed: all of them if it could not run."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, "-m", "pytest", "-o", f"cache_dir={cache}", *names]
        done = subprocess.run(
            command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        if done.returncode == pytest.ExitCode.OK:
            return done.stdout, set()
        noted = Path(cache, "v", "cache", "lastfailed")
        failed = set(json.loads(noted.read_text())) if noted.exists() else set()
    return done.stdout, failed & set(names) or set(names)
