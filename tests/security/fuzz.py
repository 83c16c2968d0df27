"""Generated requests against every operation of the API, as its own description allows them, and as it does not.

    python -m security.fuzz --examples 100        (with tests/ on the path; `make fuzz` does)

A server of its own runs on loopback with a database of its own. Whoever sends `Bearer fuzz` is Root, whatever happened to
Root's sessions meanwhile: the requests themselves sign people out, change passwords and delete teams.
"""

import argparse
import asyncio
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn

from conftest import PASSWORD, SECRET, test_settings
from daka import clock, security
from daka.app import create_app
from daka.database import Database
from daka.identity.models import Role, Team, User
from daka.migrations import migrate
from daka.reminders.models import Worker

ENDLESS = "/api/v1/events"
# A path that only takes POST answers GET as the web app's catch-all does, 404, and a 405 names the methods of one route: both
# are how FastAPI matches routes, and no client depends on them.
NOT_ASKED = "unsupported_method,allow_header_conformance"
CONFIGURATION = """
[checks]
# Rules that a JSON schema cannot say (whose shift, which span) are 422, links that are over 410: both documented.
negative_data_rejection.expected-statuses = ["400", "401", "403", "404", "405", "409", "413", "415", "422", "429"]
positive_data_acceptance.expected-statuses = ["2xx", "3xx", "400", "401", "403", "404", "409", "410", "413", "422", "429"]

[[operations]]
# 503 is what it is for: no worker runs here, so what was made in the run is soon overdue.
include-path = "/api/health"
checks.not_a_server_error.enabled = false
checks.positive_data_acceptance.enabled = false
"""


@dataclass(frozen=True)
class Outcome:
    passed: bool
    cases: int
    operations: int
    report: str


async def _prepare(url: str) -> None:
    database = Database(test_settings(database_url=url))
    await migrate(database)
    hashed = await security.hash_password(PASSWORD)
    async with database.write() as session:
        team = Team(name="Team A", timezone="Asia/Shanghai", created_at=clock.now())
        session.add(team)
        await session.flush()
        for name, role in (("root", Role.ADMIN), ("alice", Role.PLANNER), ("bob", Role.MEMBER)):
            person = User(
                username=name,
                display_name=name.title(),
                password_hash=hashed,
                role=role,
                team_id=team.id,
                created_at=clock.now(),
            )
            session.add(person)
            await session.flush()
        session.add(Worker(id="fuzz", started_at=clock.now(), last_tick_at=clock.now() + timedelta(days=1)))  # healthy
    await database.dispose()


class AlwaysRoot:
    """Gives `Bearer fuzz` a token of Root's that is good at this moment."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            if headers.get(b"authorization") == b"Bearer fuzz":
                async with self._app.state.database.read() as session:
                    root = await session.get(User, 1)
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


@contextmanager
def running_server(url: str, folder: str) -> Iterator[str]:
    """The application on a free port of loopback, in a thread."""
    asyncio.run(_prepare(url))
    app = create_app(test_settings(database_url=url, log_level="ERROR", data_dir=folder), with_worker=False)
    config = uvicorn.Config(AlwaysRoot(app), host="127.0.0.1", port=0, log_config=None, timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the server did not start")
        time.sleep(0.05)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


def fuzz(
    url: str, *, examples: int, phases: str = "examples,coverage,fuzzing", more: list[str] | None = None
) -> Outcome:
    """Run every check on every operation."""
    with tempfile.TemporaryDirectory() as folder, running_server(url, folder) as address:
        (Path(folder) / "schemathesis.toml").write_text(CONFIGURATION)
        command = [
            str(Path(sys.executable).parent / "schemathesis"),
            "run",
            f"{address}/api/openapi.json",
            "--header=Authorization: Bearer fuzz",
            f"--exclude-path={ENDLESS}",
            f"--max-examples={examples}",
            f"--phases={phases}",
            f"--exclude-checks={NOT_ASKED}",
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
    return Outcome(done.returncode == 0, cases, operations, report)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100, help="requests for each operation and kind of input")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful")
    parser.add_argument(
        "--database", default="", help="another database than a SQLite file, for example postgresql://…"
    )
    asked, more = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        url = asked.database or f"sqlite:///{folder}/fuzz.db"
        outcome = fuzz(url, examples=asked.examples, phases=asked.phases, more=more)
    print(outcome.report)
    print(f"{outcome.cases} requests to {outcome.operations} operations: {'all good' if outcome.passed else 'FAILED'}")
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main())
