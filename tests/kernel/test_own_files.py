"""Other users of the machine cannot read the database, its companions, backups and the key."""

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import test_settings as settings_with
from daka.own_files import close_to_others

FILES = (
    "app.db",
    "app.db-wal",
    "app.db-shm",
    "app.db.before-20261128T000000Z",
    "app.daka.db",
    "secret.key",
    "backups/daka-20261128T000000Z.jsonl.gz",
    "backups/daka-20261128T000000Z.jsonl.gz.sealed",
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def made(folder: Path, file_mode: int, folder_mode: int) -> Path:
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
        (folder / name).chmod(file_mode)
    folder.chmod(folder_mode)
    return folder


@pytest.mark.parametrize(
    ("found", "becomes", "folder", "folder_becomes"),
    [
        (0o644, 0o600, 0o755, 0o700),
        (0o666, 0o600, 0o777, 0o700),
        (0o604, 0o600, 0o701, 0o700),
        (0o640, 0o640, 0o750, 0o750),  # a group that an administrator set
        (0o660, 0o660, 0o770, 0o770),
        (0o600, 0o600, 0o700, 0o700),
    ],
    ids=lambda each: f"{each:o}",
)
def test_what_others_could_read_is_closed_to_them(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    found: int,
    becomes: int,
    folder: int,
    folder_becomes: int,
) -> None:
    data = made(tmp_path / "data", found, folder)
    settings = settings_with(data_dir=data, database_url=f"sqlite:///{data}/app.db")
    with caplog.at_level(logging.WARNING):
        close_to_others(settings)
        close_to_others(settings)
    assert {name: mode(data / name) for name in FILES} == dict.fromkeys(FILES, becomes)
    assert mode(data) == folder_becomes
    assert len(caplog.records) == (found != becomes), "told once"


def test_folders_of_others_and_links_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "elsewhere").chmod(0o644)
    (tmp_path / "secret.key").symlink_to(tmp_path / "elsewhere")
    close_to_others(settings_with(data_dir=Path(), database_url="postgresql://x"))
    assert mode(tmp_path) == 0o755, "the folder in which the server was started is not its own"
    assert mode(tmp_path / "elsewhere") == 0o644


@pytest.mark.parametrize(("umask", "file"), [(0o022, 0o600), (0o027, 0o640)])
def test_new_files_are_private_from_the_first_moment(tmp_path: Path, umask: int, file: int) -> None:
    data = tmp_path / "data"
    environment = {
        **{name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")},
        "DATA_DIR": str(data),
        "DATABASE_URL": f"sqlite:///{data}/app.db",
    }
    command = [sys.executable, "-m", "daka"]
    for words in (["migrate"], ["backup", str(data / "backups" / "daka-20261128T000000Z.jsonl.gz")]):
        subprocess.run([*command, *words], env=environment, cwd=tmp_path, check=True, umask=umask, capture_output=True)
    modes = {path.name: mode(path) for path in data.rglob("*") if path.is_file()}
    assert modes.pop("daka-20261128T000000Z.jsonl.gz") == modes.pop("secret.key") == 0o600
    assert set(modes.values()) == {file}, modes
    assert mode(data) & 0o007 == 0


def test_a_user_without_a_home_and_without_an_entry_in_passwd_can_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As under systemd's DynamicUser without nss-systemd, or with docker run --user."""

    def unknown(_: object) -> None:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    made(tmp_path, 0o644, 0o755)
    close_to_others(settings_with(data_dir=tmp_path, database_url=f"sqlite:///{tmp_path}/app.db"))
    assert mode(tmp_path) == 0o700
    assert {mode(tmp_path / name) for name in FILES} == {0o600}
