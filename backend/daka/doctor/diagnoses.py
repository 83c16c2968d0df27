"""The doctor's diagnoses, and the checks that need only values. Pure functions."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from daka.settings import Settings


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    """Reminders may not be sent, or data may be lost."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    check: str
    level: Severity
    message: str
    remedy: str = ""

    def line(self) -> str:
        arrow = f"  →  {self.remedy}" if self.remedy else ""
        return f"{self.level.value:<8} {self.check:<10} {self.message}{arrow}"

    def json(self) -> dict[str, str]:
        return {name: str(value) for name, value in asdict(self).items()}


def ok(check: str, message: str) -> Diagnosis:
    return Diagnosis(check, Severity.OK, message)


def warning(check: str, message: str, remedy: str) -> Diagnosis:
    return Diagnosis(check, Severity.WARNING, message, remedy)


def error(check: str, message: str, remedy: str) -> Diagnosis:
    return Diagnosis(check, Severity.ERROR, message, remedy)


LOW_BYTES, SCARCE_BYTES = 1_000_000_000, 200_000_000
LATE, TOO_LATE = timedelta(seconds=3), timedelta(seconds=30)


def disk(folder: str, free_bytes: int) -> Diagnosis:
    message = f"{free_bytes / 1_000_000:,.0f} MB free in {folder}"
    if free_bytes < SCARCE_BYTES:
        return error("disk", message, "free up space: without it no reminder can be recorded and sent")
    if free_bytes < LOW_BYTES:
        return warning("disk", message, "free up space, or lower LOG_RETENTION_DAYS and BACKUP_KEEP")
    return ok("disk", message)


def clock_offset(offset: timedelta, by: str) -> Diagnosis:
    """How far this machine's clock is ahead of (or, negative, behind) the clock of `by`."""
    seconds = offset.total_seconds()
    message = f"{abs(seconds):.0f} s {'ahead of' if seconds > 0 else 'behind'} {by}"
    if abs(offset) > TOO_LATE:
        return error("clock", message, "run a time service such as systemd-timesyncd or chrony")
    if abs(offset) > LATE:
        return warning("clock", message, "run a time service such as systemd-timesyncd or chrony")
    return ok("clock", f"agrees with {by}")


def secret_key(settings: Settings, file_mode: int | None) -> Diagnosis:
    """SECRET_KEY, or the key file used instead. `file_mode` is its permissions, None if it does not exist."""
    if not settings.secret_key:
        kept = settings.secret_file
        if file_mode is None:
            return warning(
                "secret", f"no SECRET_KEY, and {kept} does not exist yet", "it is created at the first start"
            )
        if file_mode & 0o077:
            return error("secret", f"{kept} is readable by others ({file_mode & 0o777:o})", f"chmod 600 {kept}")
        return ok("secret", f"stored in {kept}; keep a copy in another place")
    if len(settings.secret_key) < 32 or len(set(settings.secret_key)) < 12:
        return warning(
            "secret",
            "SECRET_KEY is easy to guess",
            "generate one with openssl rand -hex 32, then run daka rotate-key with the former key",
        )
    return ok("secret", "SECRET_KEY is strong")


def public_url(settings: Settings) -> Diagnosis:
    address = urlsplit(settings.base_url)
    if not settings.public_url:
        return warning(
            "address",
            "messages carry no links, because PUBLIC_URL is empty",
            "set PUBLIC_URL to the address at which phones reach the web app",
        )
    if address.hostname in ("localhost", "127.0.0.1", "::1"):
        return warning(
            "address", f"links in messages point to {settings.base_url}", "set PUBLIC_URL to the URL of the web app"
        )
    if address.scheme != "https":
        return warning("address", f"{settings.base_url} is not encrypted", "set up HTTPS and set PUBLIC_URL=https://…")
    return ok("address", settings.base_url)


def exit_status(findings: Iterable[Diagnosis]) -> int:
    return int(any(found.level is Severity.ERROR for found in findings))
