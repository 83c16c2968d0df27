"""Proxies that the environment names. None is used: it would resolve names itself, out of sight of the guard. Pure."""

from collections.abc import Mapping

NAMES = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY")
WORDS = "is set, but no proxy is used; where a vendor is not reached directly, name a gateway in its *_BASE_URL"


def ignored_proxies(environment: Mapping[str, str]) -> list[str]:
    """The variables that name a proxy, as they are written. NO_PROXY alone names none."""
    return [name for name in environment if name.upper() in NAMES and environment[name].strip()]
