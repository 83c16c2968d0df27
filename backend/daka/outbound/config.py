"""Settings as channels and punch sources keep them: filled in with forms, parsed, sealed and opened in one place."""

from abc import ABC
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar, cast, get_args
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import settings_in
from daka.errors import ConfigurationError, Invalid
from daka.schema import Schema
from daka.security import SecretBox
from daka.widths import visible


class Config(Schema):
    """Settings that people fill in. Fields of type SecretStr are encrypted at rest and never shown."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _without_invisible_characters(cls, value: object, info: ValidationInfo) -> object:
        """Copying from web pages adds characters that nobody sees and no provider takes."""
        text = value.get_secret_value() if isinstance(value, SecretStr) else value
        if not isinstance(text, str):
            return value
        if info.field_name in cls.secret_fields():
            return visible(text)
        # Where blanks count, everything does. Names and keywords need joiners: some scripts and emoji are written with them.
        return visible(text, keeps_joiners=True) if cls.model_config.get("str_strip_whitespace") else text

    @classmethod
    def secret_fields(cls) -> frozenset[str]:
        return _secret_fields(cls)

    def secrets(self) -> dict[str, str]:
        """The secret settings that have a value."""
        found = {name: getattr(self, name) for name in self.secret_fields()}
        return {name: revealed(secret) for name, secret in found.items() if secret is not None}


@lru_cache(maxsize=256)
def _secret_fields(config: type[Config]) -> frozenset[str]:
    return frozenset(name for name, info in config.model_fields.items() if "SecretStr" in str(info.annotation))


class KindRead(Schema):
    """A kind and the JSON schema of its settings, from which the web app builds a form."""

    kind: str
    labels: dict[str, str]
    config_schema: dict[str, Any]
    secret_fields: list[str] = Field(description="Write-only: never returned; leave out to keep, null to clear")


C = TypeVar("C", bound=Config)


class Kind(ABC, Generic[C]):
    """A kind of channel or punch source. The type argument is the class of its settings."""

    name: ClassVar[str]
    labels: ClassVar[dict[str, str]]
    """The kind's name by language."""
    config: ClassVar[type[Config]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        for argument in (found for base in cls.__dict__.get("__orig_bases__", ()) for found in get_args(base)):
            if isinstance(argument, type):
                cls.config = argument

    def parsed(self, values: dict[str, Any]) -> C:
        """Settings as the kind's own type. Raises pydantic.ValidationError: they do not fit."""
        return cast(C, self.config.model_validate(values))

    def target(self, config: C) -> str:
        """The host that is asked, without secrets."""
        address = getattr(config, "webhook_url", None) or getattr(config, "url", None)
        return urlsplit(revealed(address)).hostname or ""

    def form(self) -> dict[str, Any]:
        """What the web app builds the form of the settings from."""
        return {
            "kind": self.name,
            "labels": self.labels,
            "config_schema": self.config.model_json_schema(),
            "secret_fields": sorted(self.config.secret_fields()),
        }


class Choice(StrEnum):
    """The values of a setting, with what people read for each."""

    zh: str
    en: str

    def __new__(cls, value: str, zh: str, en: str) -> Self:
        member = str.__new__(cls, value)
        member._value_, member.zh, member.en = value, zh, en
        return member


Words = tuple[str, str]
"""A text in Chinese and in English."""
LANGUAGES = ("zh", "en")


def setting(
    default: Any = ...,
    *,
    title: Words,
    about: Words | None = None,
    example: object = None,
    **limits: Any,
) -> Any:
    """A field of a form: title, description and example. The default of a `Choice` names its other values."""
    extra: dict[str, Any] = {"titles": dict(zip(LANGUAGES, title, strict=True))}
    if isinstance(default, Choice):
        extra["choices"] = {each.value: {"zh": each.zh, "en": each.en} for each in type(default)}
    if about:
        extra["descriptions"] = dict(zip(LANGUAGES, about, strict=True))
    return Field(
        default,
        title=title[0],
        description=about[0] if about else None,
        examples=None if example is None else [example],
        json_schema_extra={**extra, **limits.pop("extra", {})},
        **limits,
    )


def refusal(*, zh: str, en: str) -> PydanticCustomError:
    """What to raise when a value breaks a rule of its own: the API serves the reason in both languages (`text`)."""
    return PydanticCustomError("value_error", "{en}", {"zh": zh, "en": en})


_SAVING = {"is_being_saved": True}


def is_being_saved(info: ValidationInfo) -> bool:
    """Whether people are saving these settings. A stricter rule must not break what was saved before it."""
    return bool(info.context and info.context.get("is_being_saved"))


def revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def parsed_config(config: type[C], given: Mapping[str, Any], kept_secrets: Mapping[str, str] | None = None) -> C:
    """Settings from a request. Secrets that it leaves out are kept; null removes a setting.

    Raises Invalid: with the field and the reason, never with the value.
    """
    values = {**(kept_secrets or {}), **given}
    try:
        return config.model_validate(
            {name: value for name, value in values.items() if value is not None}, context=_SAVING
        )
    except ValidationError as error:
        problem = Invalid("invalid_input", "The settings do not fit this kind")
        problem.extra["errors"] = [
            {"loc": ["body", "config", *part["loc"]], "code": part["type"], "msg": part["msg"], **_text(part)}
            for part in error.errors(include_url=False, include_input=False)
        ]
        raise problem from None


def _text(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's reason in both languages (see `refusal`). Nothing else of the context: it may hold the value."""
    reason = {language: problem.get("ctx", {}).get(language) for language in ("zh", "en")}
    return {"text": reason} if all(isinstance(words, str) for words in reason.values()) else {}


class HasConfig(Protocol):
    """A row with the two columns of `sealed`."""

    config: dict[str, Any]
    sealed_secrets: str


def sealed(session: AsyncSession, config: Config) -> tuple[dict[str, Any], str]:
    """The two columns in which a row keeps its settings: those that may be shown, and the secrets, encrypted."""
    secrets = config.secrets()
    shown = config.model_dump(mode="json", exclude=set(config.secret_fields()), exclude_none=True)
    return shown, SecretBox(settings_in(session).secret).seal(secrets) if secrets else ""


def is_stored(session: AsyncSession, row: HasConfig, config: Config) -> bool:
    """Whether a row keeps these very settings already."""
    shown = config.model_dump(mode="json", exclude=set(config.secret_fields()), exclude_none=True)
    return shown == row.config and config.secrets() == readable(session, row.sealed_secrets)


def opened(session: AsyncSession, sealed_secrets: str) -> dict[str, str]:
    """The secrets of a row, decrypted. Raises ConfigurationError: they were encrypted with another SECRET."""
    return SecretBox(settings_in(session).secret).open(sealed_secrets) if sealed_secrets else {}


def readable(session: AsyncSession, sealed_secrets: str) -> dict[str, str]:
    """The same for forms: secrets that were encrypted with another SECRET_KEY are missing, and can be entered again."""
    try:
        return opened(session, sealed_secrets)
    except ConfigurationError:
        return {}
