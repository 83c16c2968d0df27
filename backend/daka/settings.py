"""Settings from the environment and `.env`; every name is documented in docs/settings.md (a test compares)."""

import ipaddress
import os
import secrets
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, HttpUrl, TypeAdapter, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from daka.errors import ConfigurationError

MINIMUM_SECRET_LENGTH = 16
_PLACEHOLDERS = ("your-secret", "your_secret", "change-me", "changeme", "change_me", "placeholder", "secret-key-here")
_URL = TypeAdapter(HttpUrl)
_AS_GIVEN = ("secret_key", "backup_key")
"""What was encrypted with a key needs every character of it again."""


class Settings(BaseSettings):
    """The operator's settings. Empty strings count as unset, so that a Compose file can pass them through."""

    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True, hide_input_in_errors=True
    )

    secret_key: str = Field(default="", repr=False)
    """Signs tokens and encrypts stored secrets. If empty, a key is generated and stored in `DATA_DIR/secret.key`."""
    database_url: str = "sqlite:///data/app.db"
    data_dir: Path = Path("data")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str = ""
    """URL of the web app as phones reach it, used for links in messages. If empty, messages carry none."""
    timezone: str = "Asia/Shanghai"
    log_level: str = "INFO"
    web_dir: Path | None = None
    """Folder of the built web app. Default: the one in the package, else frontend/dist of the source tree."""
    trusted_proxies: str = "127.0.0.1"
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are trusted, in uvicorn's syntax."""

    reminder_enabled: bool = True
    plan_horizon_hours: int = Field(default=48, ge=24, le=24 * 14)
    send_concurrency: int = Field(default=200, ge=1, le=1000)
    log_retention_days: int = Field(default=90, ge=1)

    working_url: str = Field(default="", repr=False)
    no_work_url: str = Field(default="", repr=False)
    work_overtime: int = Field(default=0, ge=0, le=24 * 60)
    """Minutes added to the end of a shift without its own overtime before clock-out reminders start."""
    api_token: str = Field(default="", repr=False)
    check_url: str = Field(default="", repr=False)

    dead_man_url: str = Field(default="", repr=False)
    """Requested with GET every minute while reminders work, so that an external monitor raises an alarm when they stop."""
    release_url: str = ""
    """JSON with the newest release's `tag_name`, asked only when an administrator looks it up."""
    allow_private_targets: Annotated[tuple[str, ...], NoDecode] = ()
    """Private networks (CIDR), addresses or host names that channels with a free URL may reach."""
    dingtalk_base_url: str = ""
    """Replaces the vendor's origin, for tests, the demo and private gateways. The same applies to the following settings."""
    feishu_base_url: str = ""
    wecom_base_url: str = ""
    serverchan_base_url: str = ""
    pushplus_base_url: str = ""
    wxpusher_base_url: str = ""
    telegram_base_url: str = ""
    slack_base_url: str = ""
    web_push_base_url: str = ""
    discord_base_url: str = ""
    vika_base_url: str = ""
    metrics_token: str = Field(default="", repr=False)
    max_body_bytes: int = Field(default=1_000_000, ge=10_000)
    audit_retention_days: int = Field(default=730, ge=30)
    """How many days the audit log is kept."""

    backup_every_hours: int = Field(default=24, ge=0, le=24 * 31)
    """Interval of automatic backups, made by a worker at 03:30 in TIMEZONE; 0 turns them off."""
    backup_dir: Path | None = None
    """Folder for backups. Default: DATA_DIR/backups."""
    backup_keep: int = Field(default=14, ge=1)
    """How many backups are kept."""
    backup_keep_days: int = Field(default=90, ge=1)
    """How many days backups are kept. The newest one is always kept."""
    backup_key: str = Field(default="", repr=False)
    """Passphrase with which backups are encrypted."""

    oidc_issuer: str = ""
    """Issuer URL of an OpenID Connect provider, exactly as in its metadata. Turns on external login with it."""
    oidc_client_id: str = ""
    oidc_client_secret: str = Field(default="", repr=False)
    oidc_label: str = ""
    """Name of these accounts on the sign-in page. Default: “company account”, in the reader's language."""
    oidc_username_claim: str = "preferred_username"
    """The claim matched with the account's username at the first login."""
    oidc_create_members: bool = False
    """Whether an unknown person gets a new account, as a member without a team."""
    dingtalk_client_id: str = ""
    """An internal app of DingTalk or Feishu: users who connected their account can sign in with it."""
    dingtalk_client_secret: str = Field(default="", repr=False, validate_default=True)
    feishu_app_id: str = ""
    feishu_app_secret: str = Field(default="", repr=False, validate_default=True)

    @field_validator("secret_key")
    @classmethod
    def _secret_is_real(cls, secret: str) -> str:
        if secret and any(word in secret.lower() for word in _PLACEHOLDERS):
            raise ValueError("is still the placeholder; set a long random value, e.g. from: openssl rand -hex 32")
        return secret

    @field_validator("*", mode="before")
    @classmethod
    def _is_trimmed(cls, value: Any, info: ValidationInfo) -> Any:
        """Blanks around a value are a slip of the hand: `app.db ` would be another, empty database."""
        return value.strip() if isinstance(value, str) and info.field_name not in _AS_GIVEN else value

    @field_validator("secret_key", "backup_key")
    @classmethod
    def _key_is_long(cls, key: str) -> str:
        if key and len(key.strip()) < MINIMUM_SECRET_LENGTH:
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
            raise ValueError(
                f"{name!r} is not an IANA time zone such as Asia/Shanghai (in a container TZ sets it)"
            ) from error
        return name

    @field_validator("allow_private_targets", mode="before")
    @classmethod
    def _targets_are_a_list(cls, value: Any) -> Any:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @field_validator("allow_private_targets")
    @classmethod
    def _targets_are_networks_or_hosts(cls, targets: tuple[str, ...]) -> tuple[str, ...]:
        for target in targets:
            try:
                if "/" in target:
                    ipaddress.ip_network(target, strict=False)
            except ValueError:
                raise ValueError(
                    f"lists networks, addresses and host names, such as 192.168.1.0/24 or nas.lan:8080, and not {target}"
                ) from None
        return targets

    @field_validator("*")
    @classmethod
    def _is_url(cls, value: Any, info: ValidationInfo) -> Any:
        name = str(info.field_name)
        if value and name.endswith(("_url", "_issuer")) and name != "database_url":
            _url(value)
        return value

    @field_validator("public_url")
    @classmethod
    def _is_root_of_its_address(cls, value: str) -> str:
        """As browsers write it: `HTTP://打卡.example:80/` is `http://xn--….example`."""
        if not value:
            return value
        url = _url(value)
        if (url.path or "").strip("/") or url.query or url.fragment or url.username or url.password:
            raise ValueError("is only scheme, host and port, such as http://192.168.1.10:8080: the web app has no path")
        return str(url).rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies_are_addresses(cls, value: str) -> str:
        for part in value.split(","):
            try:
                if part.strip() not in ("", "*"):
                    ipaddress.ip_network(part.strip(), strict=False)
            except ValueError:
                raise ValueError(
                    f"lists addresses and networks, such as 172.17.0.1,10.0.0.0/8, and not {part.strip()!r}"
                ) from None
        return value

    @field_validator("data_dir", "backup_dir", "web_dir")
    @classmethod
    def _home_is_known(cls, path: Path | None) -> Path | None:
        """`~` of an .env file, which no shell replaces."""
        return path and Path(os.path.expanduser(path))

    @field_validator("dingtalk_client_secret", "feishu_app_secret")
    @classmethod
    def _app_is_whole(cls, secret: str, info: ValidationInfo) -> str:
        app = str(info.field_name).replace("_secret", "_id")
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
        """The time zone of people without a team."""
        return ZoneInfo(self.timezone)

    @cached_property
    def base_url(self) -> str:
        """URL of the web app without a trailing slash; on this machine if `PUBLIC_URL` is empty."""
        return self.public_url or f"http://localhost:{self.port}"

    @cached_property
    def async_database_url(self) -> str:
        """`DATABASE_URL` with the async driver; the previous system's `sqlite:///…` and `postgresql://…` work unchanged."""
        scheme, _, rest = self.database_url.partition("://")
        match scheme:
            case "sqlite" | "sqlite+aiosqlite":
                return f"sqlite+aiosqlite://{rest}"
            case "postgres" | "postgresql" | "postgresql+asyncpg" | "postgresql+psycopg2" | "postgresql+psycopg":
                return f"postgresql+asyncpg://{rest}"
        raise ConfigurationError(f"DATABASE_URL: {scheme!r} is not supported; use sqlite:///… or postgresql://…")

    @cached_property
    def database_file(self) -> Path | None:
        """The SQLite file of DATABASE_URL; None for a database server."""
        try:
            url = make_url(self.async_database_url)
        except (ArgumentError, ValueError):
            raise ConfigurationError(
                "DATABASE_URL cannot be read; it is postgresql://USER:PASSWORD@HOST:PORT/DATABASE, "
                "and in the password @ is written as %40, / as %2F, : as %3A and % as %25"
            ) from None
        return Path(url.database or ":memory:") if url.get_backend_name() == "sqlite" else None

    @property
    def database_server(self) -> str:
        """Host and port of the database server, without the name and the password of the user."""
        url = make_url(self.async_database_url)
        host = url.host or url.query.get("host") or "localhost"
        return f"{host}:{url.port or 5432}"

    @property
    def secret_file(self) -> Path:
        """Where the generated key is kept if SECRET_KEY is empty."""
        return self.data_dir / "secret.key"

    @cached_property
    def secret(self) -> str:
        """`SECRET_KEY`, or the key stored in the data folder, generated at first use and readable only by its owner.

        Raises ConfigurationError: the stored key is cut short.
        """
        if self.secret_key:
            return self.secret_key
        keep = self.secret_file
        if not keep.exists():
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(keep, secrets.token_urlsafe(48))
        if (kept := self.existing_secret) is None:
            raise ConfigurationError(
                f"{keep} is empty or cut short, as after a full disk: put your copy of it there, or, "
                "if this installation has no robots and keys yet, remove it so that a new one is generated"
            )
        return kept

    @property
    def existing_secret(self) -> str | None:
        """Like `secret`, but None if there is no key, or only a part of one."""
        if self.secret_key:
            return self.secret_key
        kept = self.secret_file.read_text().strip() if self.secret_file.is_file() else ""
        return kept if len(kept) >= MINIMUM_SECRET_LENGTH else None

    @cached_property
    def backup_folder(self) -> Path:
        return self.backup_dir or self.data_dir / "backups"

    @cached_property
    def web_files(self) -> Path | None:
        """Folder of the built web app, or None if it is not built."""
        package = Path(__file__).parent
        candidates = [self.web_dir] if self.web_dir else [package / "web", package.parents[1] / "frontend" / "dist"]
        return next((folder for folder in candidates if (folder / "index.html").is_file()), None)


def _url(value: str) -> HttpUrl:
    try:
        return _URL.validate_python(value)
    except ValidationError as error:
        why = error.errors()[0]["msg"].removeprefix("Input should be a valid URL, ")
        raise ValueError(f"is not a URL such as http://192.168.1.10:8080 ({why})") from None


def _write_once(place: Path, text: str) -> None:
    """Create a private file that is whole from its first moment; one that another process has created stays."""
    fresh = place.with_name(f"{place.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, place)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        if not place.exists():
            fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
