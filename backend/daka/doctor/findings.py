"""What the doctor finds, and the judgements that need nothing but values. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from daka.settings import Settings


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    """Reminders may not go out, or data may be lost."""


@dataclass(frozen=True, slots=True)
class Finding:
    check: str
    level: Level
    says: str
    remedy: str = ""

    def line(self) -> str:
        arrow = f"  →  {self.remedy}" if self.remedy else ""
        return f"{self.level.value:<8} {self.check:<10} {self.says}{arrow}"

    def json(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def ok(check: str, says: str) -> Finding:
    return Finding(check, Level.OK, says)


def warning(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, Level.WARNING, says, remedy)


def error(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, Level.ERROR, says, remedy)


LOW_BYTES, SCARCE_BYTES = 1_000_000_000, 200_000_000
LATE, TOO_LATE = timedelta(seconds=3), timedelta(seconds=30)


def disk(folder: str, free_bytes: int) -> Finding:
    says = f"{free_bytes / 1_000_000:,.0f} MB free in {folder}"
    if free_bytes < SCARCE_BYTES:
        return error("disk", says, "make room: nothing is sent that cannot be written down")
    if free_bytes < LOW_BYTES:
        return warning("disk", says, "make room, or lower LOG_RETENTION_DAYS and BACKUP_KEEP")
    return ok("disk", says)


def clock_offset(offset: timedelta, by: str) -> Finding:
    """How far this machine's clock is ahead (or, negative, behind), as somebody else's clock says."""
    seconds = offset.total_seconds()
    says = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {by}"
    if abs(offset) > TOO_LATE:
        return error("clock", says, "run a time service: systemd-timesyncd or chrony")
    if abs(offset) > LATE:
        return warning("clock", says, "run a time service: systemd-timesyncd or chrony")
    return ok("clock", f"agrees with {by}")


def secret_key(settings: Settings, file_mode: int | None) -> Finding:
    """SECRET_KEY, or the file that stands for it; `file_mode` are its permissions, None if it is not there."""
    if not settings.secret_key:
        kept = settings.data_dir / "secret.key"
        if file_mode is None:
            return warning("secret", f"no SECRET_KEY, and {kept} is not there yet", "it is made at the first start")
        if file_mode & 0o077:
            return error("secret", f"{kept} can be read by others ({file_mode & 0o777:o})", f"chmod 600 {kept}")
        return ok("secret", f"kept in {kept}; keep a copy elsewhere")
    if len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 12:
        return warning(
            "secret",
            "SECRET_KEY is easy to guess",
            "make one with openssl rand -hex 32, then daka rotate-key with the former",
        )
    return ok("secret", "SECRET_KEY is long")


def public_url(settings: Settings) -> Finding:
    address = urlsplit(settings.base_url)
    if not settings.public_url or address.hostname in ("localhost", "127.0.0.1", "::1"):
        return warning(
            "address", f"links in messages lead to {settings.base_url}", "set PUBLIC_URL to where people reach it"
        )
    if address.scheme != "https":
        return warning(
            "address", f"{settings.base_url} is not encrypted", "put HTTPS in front and set PUBLIC_URL=https://…"
        )
    return ok("address", settings.base_url)


def exit_status(findings: Iterable[Finding]) -> int:
    return int(any(found.level is Level.ERROR for found in findings))
