"""Each thing that may be wrong is found, named in one line and comes with a remedy."""

import asyncio
import errno
import json
import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import sqlalchemy as sa
from httpx import URL

from conftest import SECRET, Clock
from conftest import test_settings as settings_with
from daka import clock
from daka.backup.models import BackupRun
from daka.backup.service import back_up
from daka.database import Database, DatabaseState, database_state
from daka.delivery.channels.registry import KINDS
from daka.delivery.models import Channel, ChannelStatus, Lane
from daka.doctor.diagnoses import Diagnosis, Severity, clock_offset, disk, exit_status, public_url, secret_key
from daka.doctor.machine import network_file_system
from daka.doctor.network import own_port
from daka.doctor.origins import origin_of
from daka.doctor.service import examine
from daka.doctor.unreachable import unreachable
from daka.identity.models import Role, Team, User
from daka.languages import language_of_terminal
from daka.migrations import newest_revision
from daka.outbound.http import Outbound
from daka.outbound.requests import HttpRequest, NoAnswer
from daka.scheduler.models import SchedulerState, Worker
from daka.security import SecretBox
from daka.settings import Settings
from daka.wiring import HOOKS
from fakes.server import Asked, FakeResponse, FakeServer

PUBLIC = {"public_url": "https://daka.example.com"}


def the(findings: list[Diagnosis], check: str) -> Diagnosis:
    """The worst of what was found about something."""
    order = [Severity.ERROR, Severity.WARNING, Severity.OK]
    return min((found for found in findings if found.check == check), key=lambda found: order.index(found.level))


@pytest.fixture
async def healthy(database: Database, frozen: Clock, tmp_path: Path) -> Settings:
    """An installation that nothing is wrong with."""
    settings = settings_with(
        database_url=database.engine.url.render_as_string(hide_password=False)
        .replace("+asyncpg", "")
        .replace("+aiosqlite", ""),
        data_dir=tmp_path,
        **PUBLIC,
    )
    frozen.set(datetime.now(UTC))  # the database server's clock cannot be set
    async with database.write() as session:
        session.add(Worker(id="w", started_at=clock.now(), last_tick_at=clock.now()))
        session.add(Lane(key="lane"))
        await session.flush()
        session.add(
            Channel(
                name="robot", kind="webhook", config={}, lane="lane", created_at=clock.now(), status_at=clock.now(),
                sealed_secrets=SecretBox(SECRET).seal({"url": "https://hooks.example.com/secret-path"}),
            )
        )  # fmt: skip
    await back_up(database, settings, to=None)
    return settings


async def test_a_clock_before_this_version_is_named(healthy: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "EARLIEST", clock.now() + timedelta(days=1))
    found = the(await examine(healthy, HOOKS, offline=True), "clock")
    assert found.level is Severity.ERROR
    assert f"it says {clock.now():%Y-%m-%d}" in found.message.en


async def test_nothing_is_wrong_with_a_healthy_one(healthy: Settings) -> None:
    findings = await examine(healthy, HOOKS, offline=True)
    wrong = [
        found.line() for found in findings if found.level is not Severity.OK and found.check not in ("calendar", "disk")
    ]
    assert wrong == []
    assert {found.check for found in findings} >= {
        "secret", "address", "zone", "disk", "tables", "database", "worker", "calendar", "channels", "backup",
    }  # fmt: skip


async def change(database: Database, statement: Any) -> None:
    async with database.write() as session:
        await session.exec(statement)


@pytest.mark.parametrize(
    ("check", "level", "says", "statement"),
    [
        ("worker", Severity.ERROR, "no worker is running", sa.delete(Worker)),
        ("channels", Severity.WARNING, "1 cannot send", sa.update(Channel).values(status=ChannelStatus.BROKEN)),
        ("channels", Severity.WARNING, "1 not tried yet", sa.update(Channel).values(status_at=None)),
        ("channels", Severity.WARNING, "built-in inbox", sa.update(Channel).values(is_enabled=False)),
        ("backup", Severity.ERROR, "the disk is full", sa.update(BackupRun).values(error="the disk is full")),
        ("backup", Severity.WARNING, "there is no backup", sa.delete(BackupRun)),
        ("backup", Severity.WARNING, "not on this machine", sa.update(BackupRun).values(file="/nowhere")),
        (
            "secret",
            Severity.ERROR,
            "cannot decrypt 1 stored secrets",
            sa.update(Channel).values(sealed_secrets="gAAAAA"),
        ),
        ("reminding", Severity.WARNING, "paused", sa.insert(SchedulerState).values(id=1, paused_at=datetime.now(UTC))),
        ("tables", Severity.ERROR, "a newer version", sa.text("UPDATE alembic_version SET version_num = '9999'")),
    ],
)
async def test_what_the_database_knows_is_found(
    healthy: Settings, database: Database, check: str, level: Severity, says: str, statement: Any
) -> None:
    try:
        await change(database, statement)
        found = the(await examine(healthy, HOOKS, offline=True), check)
        assert (found.level, bool(found.remedy)) == (level, True)
        assert (
            says in found.message.en
            if check != "channels"
            else any(says in one.message.en for one in await examine(healthy, HOOKS, offline=True))
        )
    finally:
        await change(database, sa.text(f"UPDATE alembic_version SET version_num = '{newest_revision()}'"))


async def test_an_old_backup_is_found(healthy: Settings, frozen: Clock) -> None:
    frozen.forward(days=3)
    assert the(await examine(healthy, HOOKS, offline=True), "backup").level is Severity.ERROR


async def test_a_year_whose_holidays_are_not_known_is_found(healthy: Settings, frozen: Clock) -> None:
    frozen.set(datetime(2031, 12, 20, tzinfo=UTC))
    found = the(await examine(healthy, HOOKS, offline=True), "calendar")
    assert (found.level, "2031" in found.message.en) == (Severity.WARNING, True)


async def test_a_database_that_does_not_answer_is_found(tmp_path: Path) -> None:
    settings = settings_with(database_url="postgresql://nobody@127.0.0.1:1/none", data_dir=tmp_path, **PUBLIC)
    findings = await examine(settings, HOOKS, offline=True)
    assert the(findings, "database").level is Severity.ERROR
    assert exit_status(findings) == 1


async def test_looking_makes_no_database(tmp_path: Path) -> None:
    settings = settings_with(database_url=f"sqlite:///{tmp_path}/app.db", data_dir=tmp_path, **PUBLIC)
    found = the(await examine(settings, HOOKS, offline=True), "tables")
    assert (found.level, str(tmp_path / "app.db") in found.message.en) == (Severity.WARNING, True)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("why", "remedy", "in_chinese"),
    [
        (errno.EROFS, "mount it writable", "挂载"),
        (errno.EACCES, "make the server's user its owner", "所有者"),
        (errno.ENOSPC, "free up space", "清理空间"),
    ],
)
async def test_a_folder_that_cannot_be_written_to_has_the_remedy_of_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: int, remedy: str, in_chinese: str
) -> None:
    def fails(**_: object) -> None:
        raise OSError(why, os.strerror(why))

    monkeypatch.setattr("tempfile.TemporaryFile", fails)
    settings = settings_with(database_url=f"sqlite:///{tmp_path}/app.db", data_dir=tmp_path, **PUBLIC)
    found = the(await examine(settings, HOOKS, offline=True), "disk")
    assert found.remedy
    assert (remedy in found.remedy.en, in_chinese in found.remedy.zh) == (True, True)


async def test_a_file_that_is_damaged_is_found(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"no database at all, only words" * 100)
    settings = settings_with(database_url=f"sqlite:///{tmp_path}/app.db", data_dir=tmp_path, **PUBLIC)
    assert the(await examine(settings, HOOKS, offline=True), "database").level is Severity.ERROR


@pytest.mark.parametrize(
    ("problem", "says", "in_chinese"),
    [
        (ConnectionRefusedError(111, "refused"), "nothing listens at db.lan:5432", "没有程序在监听"),
        (socket.gaierror(-2, "unknown"), "the name of db.lan:5432 is not known", "域名"),
        (TimeoutError(), "db.lan:5432 does not answer in time", "超时没有回应"),
        (OSError(errno.EHOSTUNREACH, ""), "db.lan:5432 cannot be reached (No route to host)", "连不上"),
        (asyncpg.InvalidPasswordError("hunter2"), "refuses the user name or the password", "用户名或密码"),
        (asyncpg.InvalidCatalogNameError("no"), "there is no such database", "没有这个数据库"),
        (asyncpg.DiskFullError("no space"), "the disk of db.lan:5432 is full", "满了"),
        (asyncpg.ReadOnlySQLTransactionError("a standby"), "db.lan:5432 cannot be written to", "不能写入"),
    ],
)
def test_why_a_database_server_cannot_be_used(problem: Exception, says: str, in_chinese: str) -> None:
    settings = settings_with(database_url="postgresql://daka:hunter2@db.lan/daka")
    wrapped = sa.exc.DBAPIError("SELECT 1", None, problem)
    for each in (
        (wrapped,) if database_state(wrapped) in (DatabaseState.FULL, DatabaseState.READ_ONLY) else (problem, wrapped)
    ):
        found = unreachable(settings, each)
        assert (says in found.message.en, in_chinese in found.message.zh) == (True, True), found
        assert "hunter2" not in str(found)


async def test_a_folder_that_cannot_be_read_is_found_and_breaks_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As for an ordinary user who looks at the server's own folder: tests may run as root, to whom everything opens."""
    real = os.stat

    def stat(path: Any, *args: Any, **options: Any) -> os.stat_result:
        if "closed" in str(path) and not str(path).endswith("closed"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return real(path, *args, **options)

    (tmp_path / "closed").mkdir()
    monkeypatch.setattr(os, "stat", stat)
    settings = settings_with(
        secret_key="", data_dir=tmp_path / "closed", database_url=f"sqlite:///{tmp_path}/closed/app.db", **PUBLIC
    )
    findings = await examine(settings, HOOKS, offline=True)
    for check in ("secret", "database"):
        assert (the(findings, check).level, "Permission denied" in the(findings, check).message.en) == (
            Severity.ERROR,
            True,
        )


async def test_a_clock_that_was_set_back_is_found(healthy: Settings, frozen: Clock) -> None:
    frozen.forward(days=-1)
    (found,) = [each for each in await examine(healthy, HOOKS, offline=True) if "set back" in each.message.en]
    assert (found.check, found.level, "往回调" in found.message.zh) == ("clock", Severity.ERROR, True)


async def test_two_people_with_one_userid_are_found(healthy: Settings, database: Database) -> None:
    async with database.write() as session:
        team = Team(name="A", timezone="Asia/Shanghai", policy={}, created_at=clock.now())
        elsewhere = Team(name="B", timezone="Asia/Shanghai", policy={}, created_at=clock.now())
        session.add_all([team, elsewhere])
        await session.flush()
        for name, in_team in (("赵一", team), ("钱二", team), ("孙三", elsewhere), ("李四", team)):
            session.add(
                User(
                    username=name, display_name=name, role=Role.MEMBER, team_id=in_team.id, is_active=name != "李四",
                    password_hash="", dingtalk_userid="Manager7" if name == "赵一" else "manager7", created_at=clock.now(),
                )
            )  # fmt: skip
    found = the(await examine(healthy, HOOKS, offline=True), "people")
    assert found.level is Severity.WARNING
    assert "赵一、钱二" in found.message.zh
    assert "孙三" not in found.message.zh
    assert "李四" not in found.message.zh


@pytest.mark.parametrize(
    ("mounts", "kind"),
    [
        ("/dev/sda / ext4 rw 0 0\nnas:/vol /srv nfs4 rw 0 0\n", "nfs4"),
        ("/dev/sda / ext4 rw 0 0\n//nas/a /srv/my\\040data cifs rw 0 0\n/dev/b /srv/my\\040data/db ext4 rw 0 0\n", ""),
        ("nas:/root / nfs rw 0 0\n/dev/b /srv ext4 rw 0 0\n", ""),
        ("", ""),
    ],
)
def test_a_database_on_a_network_file_system(tmp_path: Path, mounts: str, kind: str) -> None:
    (tmp_path / "mounts").write_text(mounts)
    assert network_file_system(Path("/srv/my data/db/app.db"), tmp_path / "mounts") == kind


# --- servers elsewhere ------------------------------------------------------------------------------------------------


class Provider(FakeServer):
    """Tells the time, which may be wrong."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        super().__init__()
        self.ahead = ahead

    def answer(self, asked: Asked) -> FakeResponse:
        return FakeResponse({}, headers={"Date": format_datetime(datetime.now(UTC) + self.ahead, usegmt=True)})


async def use(database: Database, address: str) -> None:
    await change(database, sa.update(Channel).values(sealed_secrets=SecretBox(SECRET).seal({"url": address})))


async def test_a_provider_is_asked_for_nothing_and_tells_the_time(healthy: Settings, database: Database) -> None:
    settings = healthy.model_copy(update={"allow_private_targets": ("127.0.0.1",), "public_url": ""})
    async with Provider(timedelta(minutes=2)).running() as provider:
        await use(database, f"{provider.base_url}/secret-path?access_token=abc")
        findings = await examine(settings, HOOKS)
    assert the(findings, "network").level is Severity.OK
    assert [(asked.method, asked.path, asked.body) for asked in provider.asked] == [("HEAD", "/", b"")]
    assert "secret-path" not in str(findings)
    assert the(findings, "clock").level is Severity.ERROR
    assert the(findings, "clock").message.en.endswith("behind the providers")


async def test_a_provider_that_cannot_be_reached_is_found(healthy: Settings, database: Database) -> None:
    settings = healthy.model_copy(update={"allow_private_targets": ("127.0.0.1",), "public_url": ""})
    await use(database, "http://127.0.0.1:9/hook")
    found = the(await examine(settings, HOOKS), "network")
    assert (found.level, found.message.en.split(":")[0]) == (Severity.ERROR, "http")


HEALTH = {"status": "ok", "version": "1", "checks": {"scheduler": "ok"}}


class Answering(FakeServer):
    """Whatever it is asked, the same."""

    def __init__(self, body: Any) -> None:
        super().__init__()
        self.body = body

    def answer(self, asked: Asked) -> FakeResponse:
        return FakeResponse(self.body)


@pytest.mark.parametrize(
    ("body", "level", "says"),
    [(HEALTH, Severity.WARNING, "other devices cannot open"), ({"hello": "nginx"}, Severity.WARNING, "not as Daka")],
)
async def test_the_address_in_messages_is_opened(
    healthy: Settings, database: Database, body: Any, level: Severity, says: str
) -> None:
    await change(database, sa.update(Channel).values(is_enabled=False))
    async with Answering(body).running() as proxy:
        findings = await examine(healthy.model_copy(update={"public_url": proxy.base_url}), HOOKS)
    said = [found.message.en for found in findings if found.check == "address" and found.level is level]
    assert any(says in each for each in said), said
    assert [asked.path for asked in proxy.asked] == ["/api/health"]


@pytest.mark.parametrize(
    ("failure", "level", "says"),
    [
        (NoAnswer("certificate", "the TLS connection failed; is the certificate trusted, in date, and for this name?"),
         Severity.ERROR, "是否过期"),
        (NoAnswer("timeout", "no answer in time"), Severity.WARNING, "超时"),
    ],
)  # fmt: skip
async def test_an_address_that_does_not_open_is_said_in_both_languages(
    healthy: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    failure: NoAnswer,
    level: Severity,
    says: str,
) -> None:
    async def send(_: Outbound, asked: HttpRequest) -> Any:
        raise failure

    await change(database, sa.update(Channel).values(is_enabled=False))
    monkeypatch.setattr(Outbound, "send", send)
    found = the(await examine(healthy, HOOKS), "address")
    assert (found.level, says in found.message.zh) == (level, True)


async def test_who_listens_on_its_port_is_told() -> None:
    async with Answering(HEALTH).running() as ours, Answering({"status": "ok"}).running() as other:
        at = [await asyncio.to_thread(own_port, settings_with(port=URL(each.base_url).port)) for each in (ours, other)]
    assert [found and found.level for found in at] == [Severity.OK, Severity.ERROR]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert await asyncio.to_thread(own_port, settings_with(port=free.getsockname()[1])) is None


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in ("inbox", "email")])
def test_where_each_kind_goes_is_known(kind: str) -> None:
    origin = origin_of(kind, dict(KINDS[kind].example), settings_with())
    assert origin is not None
    assert origin[0].startswith("http")
    assert "/" not in origin[0].split("://")[1]


def test_a_gateway_instead_of_the_vendor_is_asked_instead() -> None:
    settings = settings_with(dingtalk_base_url="http://gateway.lan:8080/ding")
    assert origin_of("dingtalk_robot", {"webhook_url": "https://oapi.dingtalk.com/robot"}, settings) == (
        "http://gateway.lan:8080",
        True,
    )


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, Severity.OK), (-2, Severity.OK), (4, Severity.WARNING), (-31, Severity.ERROR)]
)
def test_a_wrong_clock(seconds: int, level: Severity) -> None:
    assert clock_offset(timedelta(seconds=seconds), "them").level is level


@pytest.mark.parametrize(("free", "level"), [(5e9, Severity.OK), (5e8, Severity.WARNING), (1e8, Severity.ERROR)])
def test_a_full_disk(free: float, level: Severity) -> None:
    assert disk("/data", int(free)).level is level


@pytest.mark.parametrize(
    ("values", "mode", "level"),
    [
        ({"secret_key": "0123456789abcdef" * 4}, None, Severity.OK),
        ({"secret_key": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, None, Severity.WARNING),
        ({"secret_key": "sixteen letters!"}, None, Severity.WARNING),
        ({"secret_key": ""}, 0o100600, Severity.OK),
        ({"secret_key": ""}, 0o100644, Severity.ERROR),
        ({"secret_key": ""}, None, Severity.WARNING),
    ],
)
def test_a_weak_secret(values: dict[str, str], mode: int | None, level: Severity) -> None:
    assert secret_key(settings_with(**values), mode).level is level


def test_a_key_that_was_cut_short() -> None:
    assert "cut short" in secret_key(settings_with(secret_key=""), 0o100600, is_whole=False).message.en


@pytest.mark.parametrize(
    ("address", "level"),
    [("", Severity.WARNING), ("http://localhost:8080", Severity.WARNING), ("http://daka.lan", Severity.WARNING),
     ("https://daka.example.com", Severity.OK)],
)  # fmt: skip
def test_an_address_that_nobody_can_follow(address: str, level: Severity) -> None:
    assert public_url(settings_with(public_url=address)).level is level


def test_the_command_line_says_it_in_lines_and_in_json(tmp_path: Path) -> None:
    def doctor(*options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "daka", "doctor", "--offline", *options],
            cwd=tmp_path,
            env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)},
            text=True,
            capture_output=True,
            check=False,
        )

    key = tmp_path / "secret.key"
    key.write_text(SECRET)
    key.chmod(0o644)
    said = doctor()
    assert said.returncode == 1
    assert f"→  chmod 600 {key}" in said.stdout
    assert f"能被其他用户读取（644）  →  chmod 600 {key}" in doctor("--language", "zh").stdout
    key.chmod(0o600)
    found = json.loads(doctor("--json").stdout)
    assert {"check": "secret", "level": "ok"}.items() <= found[0].items()


async def test_tables_of_an_unreleased_version_are_named(healthy: Settings, database: Database) -> None:
    await change(database, sa.text("ALTER TABLE calendar_feed RENAME TO feed_of_old"))
    try:
        found = the(await examine(healthy, HOOKS, offline=True), "tables")
        assert found.level is Severity.ERROR
        assert "lacks calendar_feed" in found.message.en
        assert "restore a backup" in str(found.remedy)
    finally:  # other tests use the same tables
        await change(database, sa.text("ALTER TABLE feed_of_old RENAME TO calendar_feed"))


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_TW"}, "zh"),
        ({"LANG": "zh_CN", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_terminals_language(environment: dict[str, str], language: str) -> None:
    assert language_of_terminal(environment) == language
