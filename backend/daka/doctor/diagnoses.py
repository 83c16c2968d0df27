"""The doctor's diagnoses, and the checks that need only values. Pure functions."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from daka.languages import Language
from daka.settings import Settings


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    """Reminders may not be sent, or data may be lost."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in both languages."""

    en: str
    zh: str

    def said(self, language: Language) -> str:
        return self.zh if language is Language.CHINESE else self.en


@dataclass(frozen=True, slots=True)
class Diagnosis:
    check: str
    level: Severity
    message: Sentence
    remedy: Sentence | None = None

    def line(self, language: Language = Language.ENGLISH) -> str:
        """One line for a terminal; what was checked and how bad it is are English, so that logs can be searched."""
        arrow = f"  →  {self.remedy.said(language)}" if self.remedy else ""
        return f"{self.level.value:<8} {self.check:<10} {self.message.said(language)}{arrow}"

    def json(self) -> dict[str, str]:
        remedy = self.remedy.en if self.remedy else ""
        return {"check": self.check, "level": self.level.value, "message": self.message.en, "remedy": remedy}


Pair = tuple[str, str]
"""English, Chinese."""


def ok(check: str, message: Pair) -> Diagnosis:
    return Diagnosis(check, Severity.OK, Sentence(*message))


def warning(check: str, message: Pair, remedy: Pair) -> Diagnosis:
    return Diagnosis(check, Severity.WARNING, Sentence(*message), Sentence(*remedy))


def error(check: str, message: Pair, remedy: Pair) -> Diagnosis:
    return Diagnosis(check, Severity.ERROR, Sentence(*message), Sentence(*remedy))


LOW_BYTES, SCARCE_BYTES = 1_000_000_000, 200_000_000
LATE, TOO_LATE = timedelta(seconds=3), timedelta(seconds=30)


SET_THE_CLOCK = (
    "set the clock, and run a time service such as systemd-timesyncd or chrony",
    "校准时钟，并开启时间同步（systemd-timesyncd 或 chrony）",
)


FREE_UP: Pair = (
    "free up space: without it nothing can be recorded, sent or backed up",
    "清理空间：没有空间就无法记录、发送和备份",
)


def disk(folder: str, free_bytes: int) -> Diagnosis:
    free = f"{free_bytes / 1e9:.1f} GB" if free_bytes >= LOW_BYTES else f"{free_bytes / 1e6:.0f} MB"
    message = f"{free} free in {folder}", f"{folder} 还剩 {free}"
    if free_bytes < SCARCE_BYTES:
        return error("disk", message, FREE_UP)
    if free_bytes < LOW_BYTES:
        remedy = (
            "free up space, or lower LOG_RETENTION_DAYS and BACKUP_KEEP",
            "清理空间，或调小 LOG_RETENTION_DAYS 和 BACKUP_KEEP",
        )
        return warning("disk", message, remedy)
    return ok("disk", message)


def clock_offset(offset: timedelta, by: Pair) -> Diagnosis:
    """How far this machine's clock is ahead of (or, negative, behind) the clock of `by`."""
    seconds = offset.total_seconds()
    if abs(offset) <= LATE:
        return ok("clock", (f"agrees with {by[0]}", f"与{by[1]}一致"))
    message = (
        f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {by[0]}",
        f"比{by[1]}{'快' if seconds > 0 else '慢'} {abs(seconds):.0f} 秒",
    )
    return (error if abs(offset) > TOO_LATE else warning)("clock", message, SET_THE_CLOCK)


def unreadable_key(settings: Settings, problem: OSError) -> Diagnosis:
    """The key file is there, or may be, and this process cannot look."""
    message = (
        f"{settings.secret_file} cannot be read by user {os.getuid()} ({problem.strerror})",
        f"用户 {os.getuid()} 读不了 {settings.secret_file}（{problem.strerror}）",
    )
    remedy = (
        "run this command as the user as which the server runs, or give the folder to this user (chown -R)",
        "用运行服务的用户执行这个命令，或把文件夹交给这个用户（chown -R）",
    )
    return error("secret", message, remedy)


def secret_key(settings: Settings, file_mode: int | None, *, is_whole: bool = True) -> Diagnosis:
    """SECRET_KEY, or the key file used instead.

    Args:
        file_mode: the permissions of the key file, None if it does not exist.
        is_whole: whether that file holds a key, and not a part of one.
    """
    if not settings.secret_key:
        kept = settings.secret_file
        if file_mode is None:
            message = f"no SECRET_KEY, and {kept} does not exist yet", f"没有 SECRET_KEY，{kept} 也还不存在"
            return warning("secret", message, ("it is created at the first start", "第一次启动时会生成"))
        if file_mode & 0o077:
            message = (
                f"{kept} is readable by others ({file_mode & 0o777:o})",
                f"{kept} 能被其他用户读取（{file_mode & 0o777:o}）",
            )
            return error("secret", message, (f"chmod 600 {kept}", f"chmod 600 {kept}"))
        if not is_whole:
            remedy = "put your copy of it there", "把另存的那一份放回去"
            return error("secret", (f"{kept} is empty or cut short", f"{kept} 是空的或不完整"), remedy)
        return ok("secret", (f"stored in {kept}; keep a copy in another place", f"保存在 {kept}；请在别处留一份"))
    if len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 12:
        remedy = (
            "generate one with openssl rand -hex 32, then run daka rotate-key with the former key",
            "用 openssl rand -hex 32 生成一个，再用旧密钥运行 daka rotate-key",
        )
        return warning("secret", ("SECRET_KEY is easy to guess", "SECRET_KEY 太容易猜到"), remedy)
    return ok("secret", ("SECRET_KEY is strong", "SECRET_KEY 足够强"))


def public_url(settings: Settings, browser_origin: str | None = None) -> Diagnosis:
    """PUBLIC_URL alone, or compared with the origin under which a browser shows the web app."""
    ours = settings.base_url
    address = urlsplit(ours)
    if not settings.public_url:
        message = "messages carry no links: PUBLIC_URL is empty", "没有设置 PUBLIC_URL，消息里不带链接"
        remedy = (
            "set PUBLIC_URL to the address at which phones reach the web app",
            "把 PUBLIC_URL 设为手机能打开的网页地址",
        )
        return warning("address", message, remedy)
    if browser_origin is not None and _origin(browser_origin) != _origin(ours):
        message = (
            f"links in messages point to {ours}, but this browser uses {browser_origin}",
            f"消息里的链接指向 {ours}，而这个浏览器用的是 {browser_origin}",
        )
        remedy = (
            "set PUBLIC_URL to the address under which people reach the web app",
            "把 PUBLIC_URL 设为大家打开网页的地址",
        )
        return warning("address", message, remedy)
    if address.hostname in ("localhost", "127.0.0.1", "::1", "0.0.0.0", "::"):  # noqa: S104 # nosec B104
        message = (
            f"links in messages point to {ours}, which other devices cannot open",
            f"消息里的链接指向 {ours}，别的设备打不开",
        )
        remedy = "set PUBLIC_URL to the URL of the web app", "把 PUBLIC_URL 设为网页的地址"
        return warning("address", message, remedy)
    if address.scheme != "https":
        remedy = "set up HTTPS and set PUBLIC_URL=https://…", "设置 HTTPS，并设 PUBLIC_URL=https://…"
        return warning("address", (f"{ours} is not encrypted", f"{ours} 没有加密"), remedy)
    return ok("address", (ours, ours))


def untrusted_proxy(address: str) -> Diagnosis:
    """HTTPS ends at a proxy that is not believed: nothing fails, but cookies are not secure and everybody is one address."""
    message = (
        f"this browser uses https, but its request arrived as http from {address}: cookies are not marked as secure",
        f"浏览器用的是 https，请求却以 http 从 {address} 到达：Cookie 没有标为安全",
    )
    needed = "X-Forwarded-For, X-Forwarded-Proto"
    remedy = (
        f"if {address} is your proxy, add it to TRUSTED_PROXIES (with Compose TRUSTED_PROXY); it has to send {needed}",
        f"{address} 如果是反向代理，就加进 TRUSTED_PROXIES（Compose 用 TRUSTED_PROXY）；代理要发送 {needed}",
    )
    return warning("proxy", message, remedy)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


_VERSION = re.compile(r"v?(\d+(?:\.\d+){0,3})")


def release(present: str, tag: str | None) -> Diagnosis:
    """The version that runs, compared with the tag of the newest release; None: what was answered names none."""
    ours, newest = _VERSION.fullmatch(present), _VERSION.fullmatch(tag or "")
    if ours is None or newest is None:
        message = f"{present} runs; the newest release could not be read", f"当前 {present}；没有读到最新版本"
        remedy = (
            "check RELEASE_URL: its JSON needs `tag_name`, such as v1.2.3",
            "检查 RELEASE_URL：其 JSON 里要有 tag_name，如 v1.2.3",
        )
        return warning("version", message, remedy)
    if _numbers(newest[1]) > _numbers(ours[1]):
        message = f"{present} runs; {newest[1]} is available", f"当前 {present}，已有新版本 {newest[1]}"
        return warning(
            "version", message, ("make a backup, then update as docs/operations.md says", "先备份，再按运维文档升级")
        )
    return ok("version", (f"{present} is the newest release", f"{present} 已是最新版本"))


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")]
    while numbers and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def exit_status(findings: Iterable[Diagnosis]) -> int:
    return int(any(found.level is Severity.ERROR for found in findings))
