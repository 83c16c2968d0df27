"""Masks secrets in what is shown or stored: requests of the test button, messages of providers. Pure."""

import json
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import parse_qsl, quote, urlsplit

_KNOWN_WORDS = {"robot", "send", "open-apis", "bot", "hook", "cgi-bin", "webhook", "webhooks", "services", "push"}
_SHORTEST = 4
"""Shorter parts of a URL are words, not secrets."""


def secret_parts(values: Iterable[str]) -> list[str]:
    """The strings to mask for these secret settings: the values, and of URLs the keys in path and query."""
    found: list[str] = []
    for value in values:
        parts = urlsplit(value) if "://" in value else None
        if parts is None:
            found.append(value)
            continue
        found += [kept for _, kept in parse_qsl(parts.query)]
        found += [segment for segment in parts.path.split("/") if segment.lower() not in _KNOWN_WORDS]
        found += filter(None, (parts.username, parts.password))
    return [part for part in found if len(part) >= _SHORTEST]


def masked(text: str, secrets: Iterable[str]) -> str:
    """The text with each secret, also in its encoded forms, shortened to `ab12…9f`."""
    for form, cut in _forms(tuple(secrets)) if text else ():
        text = text.replace(form, cut)
    return text


@lru_cache(maxsize=4096)
def _forms(secrets: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Every form in which a secret may appear, with its replacement; the longest first."""
    forms: dict[str, str] = {}
    for secret in secrets:
        cut = f"{secret[:4]}…{secret[-2:]}" if len(secret) >= 16 else "…"
        for form in (
            secret,
            quote(secret, safe=""),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
        ):
            forms[form] = cut
    return tuple(sorted(forms.items(), key=lambda pair: len(pair[0]), reverse=True))
