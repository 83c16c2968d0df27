"""The server's own files: this process can write them, and other users of the machine cannot read them."""

import logging
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from daka.errors import ConfigurationError
from daka.settings import Settings

log = logging.getLogger(__name__)

OTHERS = 0o007
DATABASE_FILES = ("", "-wal", "-shm", "-journal", ".before-*", ".restoring*")
"""What SQLite and a restore put beside the database, by the end of its name."""


def create_privately() -> None:
    """New files are the server's alone. A umask that keeps others out already stays: its group is an administrator's choice."""
    if (former := os.umask(0o077)) & OTHERS == OTHERS:
        os.umask(former)


def prepare_own_files(settings: Settings) -> None:
    """Before a start: refuse folders that cannot be written, read the key or make it, and close what others can read.

    Raises ConfigurationError: see `refuse_unwritable` and `Settings.secret`.
    """
    refuse_unwritable(settings)
    _ = settings.secret
    close_to_others(settings)


def close_to_others(settings: Settings) -> None:
    """Files get 0600, the data folder 0700, if others have any access to them.

    One to which others have none is left alone: its group is then what an administrator set.
    """
    changed = []
    for path in _own_files(settings):
        with suppress(OSError):  # gone meanwhile, somebody else's, or a file system without permissions
            if path.stat().st_mode & OTHERS and not path.is_symlink():
                path.chmod(0o700 if path.is_dir() else 0o600)
                changed.append(path.name)
    if changed:
        log.warning("Other users of this machine could read %s; now they cannot", ", ".join(sorted(changed)))


def _own_files(settings: Settings) -> Iterator[Path]:
    folder = settings.data_dir.absolute()
    home = Path(os.path.expanduser("~"))  # unlike Path.home(), it raises nothing for a user without an entry in passwd
    shared = (Path.cwd(), home, Path("/tmp"))  # noqa: S108 # nosec B108
    if folder not in shared and folder.is_dir():
        yield folder
    yield settings.secret_file
    if settings.database_file is not None:
        for end in DATABASE_FILES:
            yield from settings.database_file.parent.glob(settings.database_file.name + end)
            yield from settings.database_file.parent.glob(settings.database_file.stem + ".daka.db" + end)
    yield from settings.backup_folder.glob("daka-*.jsonl.gz*")


def refuse_unwritable(settings: Settings) -> None:
    """Refuse at once to start on folders that this process cannot write to, such as a bind mount made by root.

    Raises ConfigurationError: names the folder, its owner, and the user of this process.
    """
    wanted = {"DATA_DIR": settings.data_dir}
    if settings.database_file is not None and str(settings.database_file) != ":memory:":
        wanted["DATABASE_URL"] = settings.database_file.parent
    for name, folder in wanted.items():
        place = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        if not os.access(place, os.W_OK | os.X_OK):
            found = place.stat()
            if os.statvfs(place).f_flag & os.ST_RDONLY:
                raise ConfigurationError(
                    f"{name}: {place} is on a read-only file system; mount it writable (without :ro)"
                )
            if found.st_uid == os.getuid():
                raise ConfigurationError(
                    f"{name}: {place} belongs to the user as which the server runs, who may not write; run chmod u+rwx on it"
                )
            raise ConfigurationError(
                f"{name}: {place} belongs to user {found.st_uid} and is not writable by user {os.getuid()}, "
                f"as which the server runs; run chown -R {os.getuid()}:{os.getgid()} on that folder of the host, "
                "or run the server as its owner (with Compose: PUID and PGID in .env)"
            )
