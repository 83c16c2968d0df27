"""Settings from the environment: the older system's names work unchanged, mistakes are one sentence."""

import asyncio
import logging
import os
import socket
import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from conftest import test_settings as settings_with
from daka.app import create_app
from daka.cli import main
from daka.errors import ConfigurationError
from daka.settings import Settings


@pytest.fixture
def no_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def resolve(host: str, *args: Any, **named: Any) -> Any:
        if ":" in host:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return socket.getaddrinfo(host, *args, **named)

    monkeypatch.setattr("daka.server.getaddrinfo", resolve)


OLDER_SYSTEM = """
SECRET_KEY=0123456789abcdef0123456789abcdef
DATABASE_URL=sqlite:///data/app.db
WORKING_URL=http://127.0.0.1:9/in?access_token=1
NO_WORK_URL=http://127.0.0.1:9/out
API_TOKEN=airscript-token
REMINDER_ENABLED=true
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty working directory, an environment that says nothing, and logging as it was afterwards."""
    for name in list(os.environ):
        if name.lower() in Settings.model_fields:
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield tmp_path
    root.handlers[:] = handlers
    root.setLevel(level)


def test_the_environment_of_the_older_system_boots(folder: Path) -> None:
    (folder / ".env").write_text(OLDER_SYSTEM)
    settings = Settings()
    assert settings.async_database_url == "sqlite+aiosqlite:///data/app.db"
    assert (settings.api_token, settings.reminder_enabled) == ("airscript-token", True)
    assert settings.working_url.endswith("/in?access_token=1")
    assert (settings.timezone, settings.work_overtime, settings.port) == ("Asia/Shanghai", 0, 8000)

    async def boot() -> None:
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            assert (folder / "data" / "app.db").is_file()

    asyncio.run(boot())


@pytest.mark.parametrize(
    ("given", "driven"),
    [
        ("sqlite:///data/app.db", "sqlite+aiosqlite:///data/app.db"),
        ("sqlite:////var/lib/daka/app.db", "sqlite+aiosqlite:////var/lib/daka/app.db"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///x.db"),
        ("postgresql://daka:pw@db:5432/daka", "postgresql+asyncpg://daka:pw@db:5432/daka"),
        ("postgres://daka:pw@db/daka", "postgresql+asyncpg://daka:pw@db/daka"),
        ("postgresql+psycopg2://db/daka", "postgresql+asyncpg://db/daka"),
        ("postgresql+psycopg://db/daka", "postgresql+asyncpg://db/daka"),
        ("postgresql+asyncpg://db/daka?ssl=require", "postgresql+asyncpg://db/daka?ssl=require"),
    ],
)
def test_database_addresses_take_the_async_driver(given: str, driven: str) -> None:
    assert settings_with(database_url=given).async_database_url == driven


@pytest.mark.parametrize("given", ["mysql://db/daka", "oracle://x", "app.db", ""])
def test_another_database_is_refused_by_name(given: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL: .* use sqlite:///… or postgresql://…"):
        _ = settings_with(database_url=given).async_database_url


@pytest.mark.parametrize("secret", ["your-secret-key-here", "change-me-change-me-change-me", "CHANGEME", "short"])
def test_a_placeholder_for_the_secret_is_refused_in_one_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], secret: str
) -> None:
    monkeypatch.setenv("SECRET_KEY", secret)
    assert main(["migrate"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    assert said.err.startswith("daka: SECRET_KEY is ")
    assert "openssl rand -hex 32" in said.err
    assert not (folder / "data").exists()


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("TIMEZONE", "Mars/Olympus", "IANA time zone"),
        ("TIMEZONE", "../etc/passwd", "IANA time zone"),
        ("PORT", "70000", "65535"),
        ("PORT", "http", "integer"),
        ("LOG_LEVEL", "LOUD", "is not one of"),
        ("WORKING_URL", "not an address", "URL"),
        ("WORK_OVERTIME", "-5", "greater than or equal to 0"),
        ("REMINDER_ENABLED", "perhaps", "boolean"),
        ("ALLOW_PRIVATE_TARGETS", "10.0.0.0/99", "10.0.0.0/99"),
        ("ALLOW_PRIVATE_TARGETS", "http://192.168.1.5:8080/", "such as 192.168.1.0/24 or nas.lan:8080"),
        ("PUBLIC_URL", "daka.lan", "is not a URL such as http://"),
        ("PUBLIC_URL", "daka.lan:8080", "is not a URL such as http://"),
        ("PUBLIC_URL", "http://fd00::1:8080", "is not a URL such as http://"),
        ("PUBLIC_URL", '"http://daka.lan"', "is not a URL such as http://"),
        ("PUBLIC_URL", "http://daka.lan/daka", "the web app has no path"),
        ("PUBLIC_URL", "https://daka.lan/login?x=1", "the web app has no path"),
        ("PUBLIC_URL", "https://daka.lan/#/today", "the web app has no path"),
        ("PUBLIC_URL", "https://boss:secret@daka.lan", "the web app has no path"),
        ("TRUSTED_PROXIES", "172.17.0.0/99", "'172.17.0.0/99'"),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy", "and not 'proxy'"),
        ("DATABASE_URL", "postgresql://daka:pw@db:port/daka", "in the password @ is written as %40"),
        ("SECRET_KEY", " " * 40, "too short"),
        ("DINGTALK_CLIENT_SECRET", "lonely", "belong together"),
        ("FEISHU_APP_SECRET", "lonely", "belong together"),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, value: str, words: str
) -> None:
    monkeypatch.setenv(name, value)
    assert main(["migrate"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"daka: {name} ")
    assert words in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("name", "other"), [("DINGTALK_CLIENT_ID", "DINGTALK_CLIENT_SECRET"), ("FEISHU_APP_ID", "FEISHU_APP_SECRET")]
)
def test_an_app_without_its_secret_is_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, other: str
) -> None:
    monkeypatch.setenv(name, "lonely")
    assert main(["migrate"]) == 1
    assert capsys.readouterr().err == f"daka: {other} and {name} belong together: set both or neither\n"


@pytest.mark.parametrize("name", ["WORKING_URL", "CHECK_URL", "PUBLIC_URL", "TIMEZONE", "PORT", "SECRET_KEY"])
def test_an_empty_setting_counts_as_not_set(folder: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "")
    assert getattr(Settings(), name.lower()) == Settings.model_fields[name.lower()].default


@pytest.mark.parametrize(
    ("name", "given", "meant"),
    [
        ("PORT", "8123 ", 8123),
        ("TIMEZONE", " Asia/Shanghai\r", "Asia/Shanghai"),
        ("REMINDER_ENABLED", "false ", False),
        ("LOG_LEVEL", "info ", "INFO"),
        ("DATABASE_URL", "sqlite:///app.db ", "sqlite:///app.db"),
        ("DATA_DIR", "kept ", Path("kept")),
        ("BACKUP_DIR", "~/daka", Path.home() / "daka"),
        ("TRUSTED_PROXIES", " 127.0.0.1, 10.0.0.0/8 ", "127.0.0.1, 10.0.0.0/8"),
        ("TRUSTED_PROXIES", "*", "*"),
        ("PUBLIC_URL", " http://daka.lan:8080/ ", "http://daka.lan:8080"),
        ("PUBLIC_URL", "HTTP://DAKA.lan:80", "http://daka.lan"),
        ("PUBLIC_URL", "http:/daka.lan", "http://daka.lan"),
        ("PUBLIC_URL", "http://[FD00::1]:8080/", "http://[fd00::1]:8080"),
        ("PUBLIC_URL", "https://打卡.example", "https://xn--hlrr16a.example"),
        ("SECRET_KEY", " 0123456789abcdef0123456789abcdef ", " 0123456789abcdef0123456789abcdef "),
    ],
)
def test_a_setting_is_read_as_it_was_meant(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str, given: str, meant: object
) -> None:
    monkeypatch.setenv(name, given)
    assert getattr(Settings(), name.lower()) == meant


@pytest.mark.parametrize("left", ["", "\n", "a9Xq"])
def test_a_stored_secret_that_was_cut_short_is_refused_and_not_replaced(
    folder: Path, capsys: pytest.CaptureFixture[str], left: str
) -> None:
    (folder / "data").mkdir()
    (folder / "data" / "secret.key").write_text(left)
    assert main(["serve", "--port", "0"]) == 1
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("daka: data/secret.key is empty or cut short")
    assert (folder / "data" / "secret.key").read_text() == left
    assert Settings().existing_secret is None


def test_a_secret_is_whole_from_its_first_moment_for_everybody_who_starts_at_once(folder: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for _ in range(20):
        (folder / "data" / "secret.key").unlink(missing_ok=True)
        with ThreadPoolExecutor(8) as threads:
            made = set(threads.map(lambda _: Settings().secret, range(8)))
        assert len(made) == 1
        assert [path.name for path in (folder / "data").iterdir()] == ["secret.key"]


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("127.0.0.1", "PORT: {port} is in use by another program"),
        ("0.0.0.0", "PORT: {port} is in use by another program"),
        ("localhost", "PORT: {port} is in use by another program"),
        ("192.0.2.1", "HOST: 192.0.2.1 is not an address of this machine"),
        ("localhost:8000", "HOST: localhost:8000 does not resolve"),
    ],
)
@pytest.mark.usefixtures("no_name_server")
def test_an_address_where_the_server_cannot_listen_is_named_before_it_starts(
    folder: Path, capsys: pytest.CaptureFixture[str], host: str, words: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        assert main(["serve", "--host", host, "--port", str(port)]) == 1
    [said] = capsys.readouterr().err.splitlines()
    assert said.startswith("daka: " + words.format(port=port))
    assert not (folder / "data" / "app.db").exists()


def test_without_a_secret_one_is_made_and_kept_for_its_owner_only(folder: Path) -> None:
    made = Settings().secret
    assert len(made) >= 32
    assert Settings().secret == made
    assert stat.S_IMODE((folder / "data" / "secret.key").stat().st_mode) == 0o600


def test_secrets_are_not_shown_when_settings_are_printed() -> None:
    secrets: dict[str, Any] = {
        "secret_key": "c0ffee01" * 4,
        "api_token": "c0ffee02",
        "working_url": "https://oapi.dingtalk.com/robot/send?access_token=c0ffee03",
        "no_work_url": "https://x.example/c0ffee04",
        "check_url": "https://x.example/c0ffee05",
        "metrics_token": "c0ffee06",
        "dingtalk_client_id": "app",
        "dingtalk_client_secret": "c0ffee07",
        "feishu_app_id": "app",
        "feishu_app_secret": "c0ffee08",
    }
    assert "c0ffee" not in repr(settings_with(**secrets))


def test_links_lead_to_where_people_reach_the_web_app() -> None:
    assert settings_with(port=8123, public_url="").base_url == "http://localhost:8123"
    assert settings_with(public_url="https://daka.example/").base_url == "https://daka.example"


def test_a_users_password_is_asked_for_and_hashed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from io import StringIO

    monkeypatch.setenv("SECRET_KEY", "0123456789abcdef0123456789abcdef")
    monkeypatch.setattr("sys.stdin", StringIO("an uncommon phrase of words\n"))
    assert main(["user", "create", "Root", "--role", "admin"]) == 0
    monkeypatch.setattr("sys.stdin", StringIO("an uncommon phrase of words\n"))
    assert main(["user", "create", "root"]) == 1
    assert "The username root is already taken" in capsys.readouterr().err
    assert main(["user", "list"]) == 0
    assert "\troot\tadmin\tactive\t" in capsys.readouterr().out
    for weak in ("short", "password123", "Root2026"):
        monkeypatch.setattr("sys.stdin", StringIO(f"{weak}\n"))
        assert main(["user", "password", "root"]) == 1
        assert capsys.readouterr().err.startswith("daka: ")
    monkeypatch.setattr("sys.stdin", StringIO("another uncommon phrase\n"))
    assert main(["user", "password", "root"]) == 0
    recorded = (
        sqlite3.connect(folder / "data" / "app.db").execute("SELECT action, actor_name FROM audit_entry").fetchall()
    )
    assert recorded == [("user.created", "daka user"), ("user.password_set", "daka user")]
    assert b"uncommon phrase" not in (folder / "data" / "app.db").read_bytes()


def test_the_clock_tells_utc() -> None:
    from daka import clock

    assert clock.now().tzinfo is UTC
    moment = datetime(2026, 11, 23, tzinfo=UTC)
    with clock.set_to(moment):
        assert clock.now() == moment
    assert clock.now() > moment or clock.now() != moment


def test_a_folder_of_another_user_is_refused_at_once_with_folder_owner_and_user(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(os, "getuid", lambda: (folder / "data").stat().st_uid + 1)
    for command in ("serve", "worker", "migrate"):
        assert main([command]) == 1
        said = capsys.readouterr()
        [line] = [line for line in said.err.splitlines() if line.startswith("daka: ")]
        owner = (folder / "data").stat().st_uid
        assert f"{folder / 'data'} belongs to user {owner} and is not writable by user {os.getuid()}" in line
        assert f"chown -R {os.getuid()}:{os.getgid()}" in line
        assert "PUID and PGID" in line


def test_a_folder_of_its_own_that_it_may_not_write_to_needs_no_other_owner(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data").mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main(["migrate"]) == 1
    said = capsys.readouterr().err
    assert f"{folder / 'data'} belongs to the user as which the server runs" in said
    assert ("chmod u+rwx" in said, "chown" in said) == (True, False)


def test_a_read_only_file_system_is_called_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "data").mkdir()
    found = os.statvfs(folder)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    monkeypatch.setattr(os, "statvfs", lambda path: os.statvfs_result((*found[:8], found[8] | os.ST_RDONLY, found[9])))
    assert main(["serve"]) == 1
    assert "data is on a read-only file system; mount it writable" in capsys.readouterr().err
