"""Generated requests against every operation of the API, as its own description allows them, and as it does not.

    python -m security.fuzz --examples 100        (with tests/ on the path; `make fuzz` does)

A server of its own runs on loopback with a database of its own that is lived in (furnished.py). Whoever sends `Bearer fuzz` is
Root, whatever happened to Root meanwhile: the requests themselves sign people out, change passwords and delete teams.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import uvicorn

from conftest import SECRET, test_settings
from daka import clock, security
from daka.app import create_app
from daka.database import Database
from daka.identity.models import Role, SignInFailure, User
from daka.migrations import migrate
from daka.scheduler.models import Worker
from security.furnished import A_BACKUP, OPENED_AT, furnish

ENDLESS = "/api/v1/events"
SOMETHING_REAL = 0.8
LEAST_SHARE = 0.9
# Their vendors are not here: nobody answers on this port.
WAYS = {
    "dingtalk_base_url": "http://127.0.0.1:9",
    "feishu_base_url": "http://127.0.0.1:9",
    "dingtalk_client_id": "fuzz",
    "dingtalk_client_secret": "fuzz",
    "feishu_app_id": "fuzz",
    "feishu_app_secret": "fuzz",
}
CONFIGURATION = """
[checks]
# Rules that a JSON schema cannot say (whose shift, which span) are 422, links that are over 410: both documented.
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "414", "415", "422", "429"]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "410", "413", "414", "422", "429"]

[[operations]]
# 503 is what it is for: no worker runs here, so what was made in the run is soon overdue.
include-path = "/api/health"
checks.not_a_server_error.enabled = false
checks.positive_data_acceptance.enabled = false

[[operations]]
# Described as a file whatever the format, for generated clients; JSON is checked against that.
include-path = "/api/v1/roster/export"
checks.response_schema_conformance.enabled = false
"""


@dataclass(frozen=True)
class Outcome:
    passed: bool
    cases: int
    operations: int
    report: str
    answered: "Answered"


async def _prepare(url: str) -> dict[str, list[Any]]:
    database = Database(test_settings(database_url=url))
    await migrate(database)
    names = await furnish(url)
    async with database.write() as session:
        tomorrow = OPENED_AT + timedelta(days=1)
        session.add(Worker(id="fuzz", started_at=OPENED_AT, last_tick_at=tomorrow))  # healthy
    await database.dispose()
    return names


def _configuration(names: dict[str, list[Any]]) -> str:
    """What the live_server holds as dictionaries: four times in five a parameter is something that there is."""
    lines, parameters = [CONFIGURATION], ["[parameters]"]
    operations: dict[str, list[str]] = defaultdict(list)
    for number, (name, values) in enumerate(names.items()):  # "a parameter", or "a path its parameter"
        lines.append(f"[dictionaries.d{number}]\nvalues = {json.dumps(values)}")
        bound = f'{{ dictionary = "d{number}", probability = {SOMETHING_REAL} }}'
        path, _, parameter = name.rpartition(" ")
        if path:
            operations[path].append(f'parameters."{parameter}" = {bound}')
        else:
            parameters.append(f'"{parameter}" = {bound}')
    own = [f'[[operations]]\ninclude-path = "{path}"\n' + "\n".join(bounds) for path, bounds in operations.items()]
    return "\n".join([*parameters, *lines, *own])


@dataclass
class Answered:
    """How often each operation of a description was answered with each status."""

    statuses: dict[str, Counter[int]]
    _shapes: list[tuple[re.Pattern[str], str]]

    @classmethod
    def of(cls, description: dict[str, Any]) -> "Answered":
        paths = sorted(description["paths"], key=lambda path: path.count("{"))  # /users/import before /users/{user_id}
        shapes = [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))), path) for path in paths]
        operations = {f"{method.upper()} {path}" for path in paths for method in description["paths"][path]}
        return cls({operation: Counter() for operation in sorted(operations) if ENDLESS not in operation}, shapes)

    def note(self, method: str, path: str, status: int) -> None:
        template = next((template for shape, template in self._shapes if shape.fullmatch(path)), "")
        if (operation := f"{method} {template}") in self.statuses:
            self.statuses[operation][status] += 1

    @property
    def without_success(self) -> list[str]:
        """The operations that never answered with 2xx."""
        return [name for name, found in self.statuses.items() if not any(200 <= status < 300 for status in found)]

    @property
    def share(self) -> float:
        """Of the operations, those that answered with 2xx."""
        return 1 - len(self.without_success) / len(self.statuses)


class AlwaysRoot:
    """Gives `Bearer fuzz` a token of Root's that is good at this moment, keeps Root's password, and notes the answers."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.answered = Answered.of(app.openapi())
        self.password_hash = ""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            method, path = scope["method"], scope["path"]

            async def noting(message: Any) -> None:
                if message["type"] == "http.response.start":
                    self.answered.note(method, path, message["status"])
                await answer(message)

            answer, send = send, noting
            headers = dict(scope["headers"])
            if headers.get(b"authorization") == b"Bearer fuzz":
                async with self._app.state.database.write() as session:
                    root = await session.get_one(User, 1)  # whatever was made of them meanwhile
                    self.password_hash = self.password_hash or root.password_hash
                    root.role, root.is_active, root.deleted_at = Role.ADMIN, True, None
                    root.password_hash = self.password_hash
                    await session.exec(sa.delete(SignInFailure))
                token = security.signed(
                    SECRET,
                    "access",
                    issued_at=clock.now(),
                    lifetime=timedelta(minutes=1),
                    sub="1",
                    ver=root.token_version,
                )
                headers[b"authorization"] = f"Bearer {token}".encode()
                scope = {**scope, "headers": list(headers.items())}
        await self._app(scope, receive, send)


def _going_on() -> Callable[[], datetime]:
    """A clock that goes on from the morning that the live_server was left in."""
    started = time.monotonic()
    return lambda: OPENED_AT + timedelta(seconds=time.monotonic() - started)


@contextmanager
def running_server(url: str, folder: str) -> Iterator[tuple[str, dict[str, list[Any]], Answered]]:
    """The application on a free port of loopback, in a thread; the names of what is in its database; how it answered."""
    names = asyncio.run(_prepare(url))
    app = create_app(test_settings(database_url=url, log_level="ERROR", data_dir=folder, **WAYS), with_worker=False)
    (Path(folder) / "backups").mkdir()
    (Path(folder) / "backups" / A_BACKUP).write_bytes(b"nobody reads it")
    watched = AlwaysRoot(app)
    config = uvicorn.Config(watched, host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.05)
    try:
        with clock.set_to(_going_on()):
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", names, watched.answered
    finally:
        server.should_exit = True
        thread.join(10)


def fuzz(
    url: str, *, examples: int, phases: str = "examples,coverage,fuzzing", more: list[str] | None = None
) -> Outcome:
    """Run every check on every operation."""
    with tempfile.TemporaryDirectory() as folder, running_server(url, folder) as (address, names, answered):
        (Path(folder) / "schemathesis.toml").write_text(_configuration(names))
        command = [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{address}/api/openapi.json",
            "--header=Authorization: Bearer fuzz",
            f"--exclude-path={ENDLESS}",
            f"--max-examples={examples}",
            f"--phases={phases}",
            "--continue-on-failure",
            "--request-timeout=30",
            "--workers=2",
            "--no-color",
            "--generation-database=none",
            *(more or []),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, cwd=folder, env={**os.environ, "COLUMNS": "120"}, check=False
        )
    report = done.stdout + done.stderr
    cases = sum(int(found.replace(",", "")) for found in re.findall(r"(\d[\d,]*) generated", report)[-1:])
    operations = sum(int(found) for found in re.findall(r"Tested: +(\d+)", report)[-1:])
    return Outcome(done.returncode == 0, cases, operations, report, answered)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100, help="requests for each operation and kind of input")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument(
        "--database", default="", help="another database than a SQLite file, for example postgresql://…"
    )
    asked, more = parser.parse_known_args()
    clock.EARLIEST = OPENED_AT - timedelta(days=1)  # that morning is before this version
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/fuzz.db"
        outcome = fuzz(url, examples=asked.examples, phases=asked.phases, more=more)
    print(outcome.report)
    for operation in outcome.answered.without_success:
        print(f"never 2xx: {operation}  {dict(outcome.answered.statuses[operation])}")
    print(f"{outcome.answered.share:.1%} of the operations answered with 2xx (at least {LEAST_SHARE:.0%} must)")
    print(f"{outcome.cases} requests to {outcome.operations} operations: {'all good' if outcome.passed else 'FAILED'}")
    return 0 if outcome.passed and outcome.answered.share >= LEAST_SHARE else 1


if __name__ == "__main__":
    sys.exit(main())
