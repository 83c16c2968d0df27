"""Fields of settings with titles and descriptions in both languages, so that the web app builds a form for any kind."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field
from pydantic_core import PydanticCustomError


def setting(
    default: Any = ...,
    *,
    zh: str,
    en: str,
    help_zh: str = "",
    help_en: str = "",
    example: object = None,
    choices: Mapping[str, tuple[str, str]] | None = None,
    **limits: Any,
) -> Any:
    """A field of a form: title, description and example.

    `choices` names each value of an enumeration: `{"text": ("纯文字", "Plain text")}`.
    """
    extra: dict[str, Any] = {"titles": {"zh": zh, "en": en}}
    if choices:
        extra["choices"] = {
            str(value): {"zh": label_zh, "en": label_en} for value, (label_zh, label_en) in choices.items()
        }
    if help_zh:
        extra["descriptions"] = {"zh": help_zh, "en": help_en}
    return Field(
        default,
        title=zh,
        description=help_zh or None,
        examples=None if example is None else [example],
        json_schema_extra={**extra, **limits.pop("extra", {})},
        **limits,
    )


def refusal(*, zh: str, en: str) -> PydanticCustomError:
    """What to raise when a value breaks a rule of its own: the API serves the reason in both languages (`text`)."""
    return PydanticCustomError("value_error", "{en}", {"zh": zh, "en": en})
