"""Settings from the environment and `.env`; every name is documented in docs/settings.md (a test compares)."""

import ipaddress
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, HttpUrl, TypeAdapter, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url

from daka.errors import ConfigurationError

MINIMUM_SECRET_LENGTH = 16
_PLACEHOLDERS = ("your-secret", "your_secret", "change-me", "changeme", "change_me", "placeholder", "secret-key-here")
_URL = TypeAdapter(HttpUrl)


class Settings(BaseSettings):
    """What an operator can set. Empty strings count as not set, so that a compose file may pass them through."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    secret_key: str = Field(default="", repr=False)
    """Signs tokens and encrypts stored secrets. When empty, one is made and kept in `DATA_DIR/secret.key`."""
    database_url: str = "sqlite:///data/app.db"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    """Where people reach the web app, for the links inside messages. Default: http://localhost:PORT."""
    timezone: str = "Asia/Shanghai"
    log_level: str = "INFO"
    web_dir: Path | None = None
    """The built web app. Default: frontend/dist beside the source tree, if it is there."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed, as uvicorn reads them."""

    reminder_enabled: bool = True
    plan_horizon_hours: int = Field(default=48, ge=24, le=24 * 14)
    send_concurrency: int = Field(default=200, ge=1, le=1000)
    log_retention_days: int = Field(default=90, ge=1)

    working_url: str = Field(default="", repr=False)
    no_work_url: str = Field(default="", repr=False)
    work_overtime: int = Field(default=0, ge=0, le=24 * 60)
    """Minutes that clock-out reminders wait after the end of a shift that has no overtime of its own."""
    api_token: str = Field(default="", repr=False)
    check_url: str = Field(default="", repr=False)

    dead_man_url: str = Field(default="", repr=False)
    """Asked with GET every minute as long as reminding works, so that a watcher elsewhere notices when it does not."""
    allow_private_targets: Annotated[tuple[str, ...], NoDecode] = ()
    """Networks (CIDR), addresses or host names inside the LAN that channels with a free address may reach."""
    dingtalk_base_url: str = ""
    """Another origin instead of the vendor's own, for tests, the demo and private gateways; so are the next ones."""
    feishu_base_url: str = ""
    wecom_base_url: str = ""
    serverchan_base_url: str = ""
    pushplus_base_url: str = ""
    telegram_base_url: str = ""
    slack_base_url: str = ""
    discord_base_url: str = ""
    vika_base_url: str = ""
    metrics_token: str = Field(default="", repr=False)
    max_body_bytes: int = Field(default=1_000_000, ge=10_000)
    audit_retention_days: int = Field(default=730, ge=30)
    """How long the audit log is kept."""

    backup_every_hours: int = Field(default=24, ge=0, le=24 * 31)
    """A worker makes a backup that often, at half past three in TIMEZONE; 0 leaves it to others."""
    backup_dir: Path | None = None
    """Where backups are kept. Default: DATA_DIR/backups."""
    backup_keep: int = Field(default=14, ge=1)
    """How many of them are kept."""
    backup_keep_days: int = Field(default=90, ge=1)
    """How long they are kept. The newest one is always kept."""
    backup_key: str = Field(default="", repr=False)
    """A passphrase that backups are encrypted with."""

    oidc_issuer: str = ""
    """Address of an OpenID Connect provider, exactly as it names itself; people can then sign in there, too."""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_label: str = "公司账号"
    """What the button on the sign-in page says."""
    oidc_username_claim: str = "preferred_username"
    """Which claim is the username of the account here, at the first sign-in."""
    oidc_create_members: bool = False
    """Whether somebody without an account becomes a member without a team."""
    dingtalk_client_id: str = ""
    """An internal app of DingTalk, and of Feishu: people who connected their account can then sign in there, too."""
    dingtalk_client_secret: str = Field(default="", repr=False, validate_default=True)
    feishu_app_id: str = ""
    feishu_app_secret: str = Field(default="", repr=False, validate_default=True)

    @field_validator("secret_key")
    @classmethod
    def _secret_is_real(cls, secret: str) -> str:
        if secret and any(word in secret.lower() for word in _PLACEHOLDERS):
            raise ValueError("is still the placeholder; set a long random value, e.g. from: openssl rand -hex 32")
        if secret and len(secret) < MINIMUM_SECRET_LENGTH:
            raise ValueError(
                f"is too short; use at least {MINIMUM_SECRET_LENGTH} characters, e.g. openssl rand -hex 32"
            )
        return secret

    @field_validator("backup_key")
    @classmethod
    def _backup_key_is_long(cls, key: str) -> str:
        if key and len(key) < MINIMUM_SECRET_LENGTH:
            raise ValueError(
                f"is too short; use at least {MINIMUM_SECRET_LENGTH} characters, e.g. openssl rand -hex 32"
            )
        return key

    @field_validator("timezone")
    @classmethod
    def _zone_exists(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is not an IANA time zone such as Asia/Shanghai") from error
        return name

    @field_validator("allow_private_targets", mode="before")
    @classmethod
    def _targets_are_a_list(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("allow_private_targets")
    @classmethod
    def _targets_are_networks_or_hosts(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        for target in targets:
            if "/" in target:
                ipaddress.ip_network(target, strict=False)
        return targets

    @field_validator("working_url", "no_work_url", "check_url", "dead_man_url", "public_url", "oidc_issuer")
    @classmethod
    def _is_url(cls, url: str) -> str:
        if url:
            _URL.validate_python(url)
        return url

    @field_validator("*")
    @classmethod
    def _base_is_url(cls, value: Any, info: ValidationInfo) -> Any:
        if value and str(info.field_name).endswith("_base_url"):
            _URL.validate_python(value)
        return value

    @field_validator("dingtalk_client_secret", "feishu_app_secret")
    @classmethod
    def _app_is_whole(cls, secret: str, info: ValidationInfo) -> str:
        app = {"dingtalk_client_secret": "dingtalk_client_id", "feishu_app_secret": "feishu_app_id"}[
            str(info.field_name)
        ]
        if bool(secret) != bool(info.data.get(app)):
            raise ValueError(f"and {app.upper()} belong together: set both or neither")
        return secret

    @field_validator("log_level")
    @classmethod
    def _level_exists(cls, level: str) -> str:
        if level.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"}:
            raise ValueError(f"{level!r} is not one of DEBUG, INFO, WARNING, ERROR, CRITICAL")
        return level.upper()

    @cached_property
    def zone(self) -> ZoneInfo:
        """The zone of people without a team."""
        return ZoneInfo(self.timezone)

    @cached_property
    def base_url(self) -> str:
        """Address of the web app without a trailing slash."""
        return self.public_url.rstrip("/") or f"http://localhost:{self.port}"

    @cached_property
    def async_database_url(self) -> str:
        """`DATABASE_URL` with the async driver: the older system's `sqlite:///…` and `postgresql://…` work unchanged."""
        scheme, _, rest = self.database_url.partition("://")
        match scheme:
            case "sqlite" | "sqlite+aiosqlite":
                return f"sqlite+aiosqlite://{rest}"
            case "postgres" | "postgresql" | "postgresql+asyncpg" | "postgresql+psycopg2" | "postgresql+psycopg":
                return f"postgresql+asyncpg://{rest}"
        raise ConfigurationError(f"DATABASE_URL: {scheme!r} is not supported; use sqlite:///… or postgresql://…")

    @cached_property
    def database_file(self) -> Path | None:
        """The file that DATABASE_URL names; None if it names a server."""
        url = make_url(self.async_database_url)
        return Path(url.database or ":memory:") if url.get_backend_name() == "sqlite" else None

    @cached_property
    def secret(self) -> str:
        """`SECRET_KEY`, or the one kept in the data folder, made at first use and readable only by its owner."""
        if self.secret_key:
            return self.secret_key
        keep = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(keep, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return keep.read_text().strip()
        with os.fdopen(handle, "w") as file:
            file.write(made := secrets.token_urlsafe(48))
        return made

    @property
    def present_secret(self) -> str | None:
        """The same, but none is made."""
        keep = self.data_dir / "secret.key"
        return self.secret_key or (keep.read_text().strip() if keep.is_file() else None)

    @cached_property
    def backup_folder(self) -> Path:
        return self.backup_dir or self.data_dir / "backups"

    @cached_property
    def web_files(self) -> Path | None:
        """Folder of the built web app, or None when it was not built."""
        candidate = self.web_dir or Path(__file__).parents[2] / "frontend" / "dist"
        return candidate if (candidate / "index.html").is_file() else None
