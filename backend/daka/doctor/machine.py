"""The checks of this machine: settings, clock, environment and disks."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from daka import __version__, clock
from daka.doctor.diagnoses import (
    FREE_UP,
    SET_THE_CLOCK,
    Diagnosis,
    Pair,
    clock_offset,
    disk,
    error,
    ok,
    public_url,
    secret_key,
    unreadable_key,
    untrusted_proxy,
    warning,
)
from daka.outbound.proxies import WORDS, ignored_proxies
from daka.settings import Settings


@dataclass(frozen=True, slots=True)
class Browser:
    """What a browser says of itself."""

    origin: str
    offset: timedelta
    """How far this machine's clock is ahead of the browser's."""
    arrived_as: str
    """The scheme with which its request arrived here, if need be as a trusted proxy says."""
    arrived_from: str


def machine_findings(settings: Settings, browser: Browser | None = None) -> Iterator[Diagnosis]:
    try:
        mode = settings.secret_file.stat().st_mode if settings.secret_file.exists() else None
        yield secret_key(settings, mode, is_whole=settings.existing_secret is not None)
    except OSError as problem:
        yield unreadable_key(settings, problem)
    yield public_url(settings, browser.origin if browser else None)
    here = clock.now().astimezone(settings.zone)
    yield ok(
        "zone",
        (f"{settings.timezone}, where it is now {here:%H:%M}", f"{settings.timezone}，那里现在是 {here:%H:%M}"),
    )
    yield ok("version", (f"Daka {__version__}", f"Daka {__version__}"))
    if not clock.is_plausible():
        doubt = clock.describe_doubt()
        message = f"nothing is sent while the clock is wrong: {doubt}", f"时钟不对，校准之前什么都不发送：{doubt}"
        yield error("clock", message, SET_THE_CLOCK)
    if browser:
        yield clock_offset(browser.offset, ("this browser", "这个浏览器"))
        if browser.origin.startswith("https:") and browser.arrived_as == "http":
            yield untrusted_proxy(browser.arrived_from)
    for name in ignored_proxies(os.environ):
        remedy = (
            f"unset {name}, or set the vendors' *_BASE_URL to a gateway of your own",
            f"去掉 {name}，或把服务商的 *_BASE_URL 设为自己的网关",
        )
        yield warning("proxy", (f"{name} {WORDS}", f"{name} 已设置，但不会使用：连接总是直接发出"), remedy)
    if not settings.reminder_enabled:
        message = "REMINDER_ENABLED is false: nothing is sent", "REMINDER_ENABLED 是 false：什么都不发送"
        yield warning("reminding", message, ("set it to true", "改为 true"))
    seen: set[Path] = set()
    for folder in _folders(settings):
        place = next(parent for parent in (folder.absolute(), *folder.absolute().parents) if os.path.exists(parent))
        if place in seen:
            continue
        seen.add(place)
        try:
            with tempfile.TemporaryFile(dir=place):
                pass
        except OSError as problem:
            message = f"{place} is not writable ({problem.strerror})", f"{place} 不能写入（{problem.strerror}）"
            yield error("disk", message, NOT_WRITABLE.get(problem.errno or 0, OF_ANOTHER_USER))
            continue
        yield disk(str(place), shutil.disk_usage(place).free)

    if settings.database_file is not None and (kind := network_file_system(settings.database_file.absolute())):
        message = (
            f"the SQLite database is on a network file system ({kind}): with two machines on it, data is lost",
            f"SQLite 数据库放在网络文件系统（{kind}）上：两台机器同时用会丢数据",
        )
        remedy = "put it on a disk of this machine, or use PostgreSQL", "放到本机磁盘上，或改用 PostgreSQL"
        yield warning("disk", message, remedy)


OF_ANOTHER_USER: Pair = ("make the server's user its owner", "把它的所有者改为运行服务的用户")
NOT_WRITABLE: dict[int, Pair] = {
    errno.EROFS: ("mount it writable, without ro", "以可写的方式挂载，不要加 ro"),
    errno.ENOSPC: FREE_UP,
    errno.EDQUOT: FREE_UP,
}
NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "afs", "ceph", "glusterfs", "fuse.sshfs", "fuse.glusterfs", "ncpfs")


def network_file_system(file: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of network file system that a file is on; empty: none, or this machine does not say."""
    try:
        lines = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return ""
    over = [(place.replace("\\040", " "), kind) for _, place, kind, *_ in lines]
    around = [(place, kind) for place, kind in over if file.is_relative_to(place)]
    _, kind = max(around, key=lambda each: len(each[0]), default=("", ""))
    return kind if kind.startswith(NETWORK_FILE_SYSTEMS) else ""


def _folders(settings: Settings) -> Iterator[Path]:
    yield settings.data_dir
    if settings.database_file is not None:
        yield settings.database_file.parent
    if settings.backup_every_hours:
        yield settings.backup_folder
