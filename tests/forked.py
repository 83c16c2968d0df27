"""Processes of `daka` that fork from one that has imported it: to import takes most of a start.

Tests hold a `Program`; this file as a program is what forks. It takes a line of JSON on standard input, answers with one,
and ends with its input.
"""

import atexit
import gc
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from loopback import loopback_guard


class Program:
    """One process that forks. `module` calls `fork_when_asked`."""

    def __init__(self, module: str) -> None:
        environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        paths = loopback_guard.environment()["PYTHONPATH"], str(Path(__file__).parent)
        self._process = subprocess.Popen(
            [sys.executable, "-u", "-m", module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        self._lock = Lock()
        atexit.register(self._end)

    def ask(self, **wanted: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(wanted).encode() + b"\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())

    def start(self, *arguments: str, folder: Path, environment: Mapping[str, str], output: Path) -> "Forked":
        """`daka` with these arguments, in that folder and environment, writing to that file."""
        pid = self.ask(arguments=arguments, folder=str(folder), environment=dict(environment), output=str(output))
        return Forked(pid, self)

    def _end(self) -> None:
        self._process.communicate()


program = cache(Program)


@dataclass
class Forked:
    """A process of a `Program`, as `subprocess.Popen` shows its own."""

    pid: int
    _program: Program
    returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            self.returncode = self._program.ask(ended=self.pid)
        return self.returncode

    def wait(self) -> int:
        while (code := self.poll()) is None:
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def fork_when_asked() -> None:
    import alembic.command  # noqa: F401 - by the first migration
    import uvloop  # noqa: F401 - by the first loop

    from daka import api, cli, commands, demo  # noqa: F401 - by the first command

    for route in api.router.routes:
        assert route.dependant  # type: ignore[attr-defined] - built here, and not in each process by its first request

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who presses Ctrl+C ends the tests, and they the servers
    gc.freeze()
    while line := sys.stdin.buffer.raw.readline():  # type: ignore[attr-defined] - nothing is read ahead that a child would get
        asked = json.loads(line)
        if ended := asked.get("ended"):
            found, status = os.waitpid(ended, os.WNOHANG)
            answer = os.waitstatus_to_exitcode(status) if found else None
        elif (answer := os.fork()) == 0:
            _become(asked)
            sys.exit(cli.main(asked["arguments"]))
        print(json.dumps(answer), flush=True)


def _become(asked: Mapping[str, Any]) -> None:
    """As if this process had been started there and so."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    output = os.open(asked["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number, to in enumerate((os.open(os.devnull, os.O_RDONLY), output, output)):
        os.dup2(to, number)


if __name__ == "__main__":
    fork_when_asked()
