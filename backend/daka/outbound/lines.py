"""Connections to vendors that are open in this process and over which messages go out; one process holds each."""

from collections.abc import Awaitable, Callable
from typing import Any

Ask = Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]
"""Sends a message and returns the vendor's answer. Raises NoAnswer."""


async def _nowhere(_: str) -> bool:
    return False


class Lines:
    """By the app's key, see `ChatApp.key`."""

    def __init__(self) -> None:
        self.open: dict[str, Ask] = {}
        self.is_held: Callable[[str], Awaitable[bool]] = _nowhere
        """Whether any process holds this app's connection; set by who knows."""
