"""Access tokens of apps: fetched once, shared by everything that uses the same app, and renewed before they expire."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from daka import clock
from daka.outbound.bodies import seconds_of

USUAL_LIFE, LONGEST_LIFE = timedelta(hours=2), timedelta(days=1)
RENEW_BEFORE = timedelta(minutes=8)


@dataclass(frozen=True, slots=True)
class AppToken:
    text: str
    expires_at: datetime


def app_token(text: str, seconds: object) -> AppToken:
    """A token with the lifetime that its answer names in seconds, within reason."""
    return AppToken(text, clock.now() + (seconds_of(seconds, LONGEST_LIFE) or USUAL_LIFE))


class AppTokens:
    """The tokens of one process. Never stored: a new process fetches its own, and the vendor returns the same one if valid."""

    def __init__(self) -> None:
        self._tokens: dict[str, AppToken] = {}
        self._locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, app: str, fetch: Callable[[], Awaitable[AppToken]], *, refused: str = "") -> str:
        """The app's token. `refused` is one that the vendor no longer accepts: it is replaced, once for all callers."""
        async with self._locks[app]:
            known = self._tokens.get(app)
            is_good = known is not None and known.text != refused and clock.now() < known.expires_at - RENEW_BEFORE
            if known is None or not is_good:
                known = self._tokens[app] = await fetch()
            return known.text
