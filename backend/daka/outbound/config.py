"""Settings with encrypted fields, as channels and punch sources keep them: parsed, sealed and opened in one place."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError, ValidationInfo, field_validator
from sqlmodel.ext.asyncio.session import AsyncSession

from daka.database import settings_in
from daka.errors import Invalid
from daka.security import SecretBox


class Config(BaseModel):
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
        return visible(text, _JOINERS) if cls.model_config.get("str_strip_whitespace") else text

    @classmethod
    def secret_fields(cls) -> frozenset[str]:
        return _secret_fields(cls)

    def secrets(self) -> dict[str, str]:
        """The secret settings that have a value."""
        found = {name: getattr(self, name) for name in self.secret_fields()}
        return {name: revealed(secret) for name, secret in found.items() if secret is not None}


_JOINERS = "\u200c\u200d"


def visible(text: str, kept: str = "") -> str:
    """The text without invisible characters (zero-width spaces, BOM, direction marks), and with ordinary blanks."""
    if text.isascii():
        return text
    shown = "".join(each for each in text if each in kept or unicodedata.category(each) != "Cf")
    return "".join(" " if unicodedata.category(each) == "Zs" else each for each in shown)


@lru_cache(maxsize=256)
def _secret_fields(config: type[Config]) -> frozenset[str]:
    return frozenset(name for name, info in config.model_fields.items() if "SecretStr" in str(info.annotation))


C = TypeVar("C", bound=Config)


def revealed(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


def parsed_config(config: type[C], given: Mapping[str, Any], kept_secrets: Mapping[str, str] | None = None) -> C:
    """Settings from a request. Secrets that it leaves out are kept; null removes a setting.

    Raises:
        Invalid: with the field and the reason, never with the value.
    """
    values = {**(kept_secrets or {}), **given}
    try:
        return config.model_validate({name: value for name, value in values.items() if value is not None})
    except ValidationError as error:
        problem = Invalid("invalid_input", "The settings do not fit this kind")
        problem.extra["errors"] = [
            {"loc": ["body", "config", *part["loc"]], "code": part["type"], "msg": part["msg"], **_text(part)}
            for part in error.errors(include_url=False, include_input=False)
        ]
        raise problem from None


def _text(problem: Mapping[str, Any]) -> dict[str, Any]:
    """A rule's reason in both languages (see `forms.refusal`). Nothing else of the context: it may hold the value."""
    reason = {language: problem.get("ctx", {}).get(language) for language in ("zh", "en")}
    return {"text": reason} if all(isinstance(words, str) for words in reason.values()) else {}


def sealed(session: AsyncSession, config: Config) -> tuple[dict[str, Any], str]:
    """The two columns in which a row keeps its settings: those that may be shown, and the secrets, encrypted."""
    secrets = config.secrets()
    shown = config.model_dump(mode="json", exclude=set(config.secret_fields()), exclude_none=True)
    return shown, SecretBox(settings_in(session).secret).seal(secrets) if secrets else ""


def opened(session: AsyncSession, sealed_secrets: str) -> dict[str, str]:
    """The secrets of a row, decrypted. Raises ConfigurationError: they were encrypted with another SECRET."""
    return SecretBox(settings_in(session).secret).open(sealed_secrets) if sealed_secrets else {}
