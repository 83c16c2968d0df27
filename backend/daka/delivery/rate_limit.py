"""Waits between attempts, and how many messages a lane may send. Pure."""

import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from daka.delivery.channels.kind import ChannelKind, Rate

DELIVERIES_PER_LANE = 20
RETRIES_WAIT = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
"""Seconds between attempts; the last one repeats until the delivery expires."""


def retry_at(now: datetime, attempts: int, chance: Callable[[], float] = random.random) -> datetime:
    """When to try again after this many attempts: exponential back-off with up to 25 % jitter."""
    wait = RETRIES_WAIT[min(attempts, len(RETRIES_WAIT)) - 1]
    return now + timedelta(seconds=wait * (1 + chance() / 4))


def allowance(rate: Rate | None, recent_sends: Sequence[float], now: datetime) -> tuple[int, datetime | None]:
    """How many messages a lane may send now, and when it may send the next one if that is none."""
    if rate is None:
        return DELIVERIES_PER_LANE, None
    since = now.timestamp() - rate.per.total_seconds()
    until = now.timestamp() + rate.per.total_seconds()  # later ones were stored before the clock was set back
    counted = [sent for sent in recent_sends if since < sent <= until]
    free = rate.messages - len(counted)
    if free > 0:
        return min(free, DELIVERIES_PER_LANE), None
    return 0, now + timedelta(seconds=min(counted) - since)


def lane_allowance(
    kind: ChannelKind[Any] | None, recent_sends: Sequence[float], now: datetime
) -> tuple[int, datetime | None]:
    """The same for a kind with its long-term and short-term limit."""
    limits = [
        allowance(rate, recent_sends, now) for rate in ((kind.rate, kind.burst) if kind else ()) if rate is not None
    ]
    free = min((free for free, _ in limits), default=DELIVERIES_PER_LANE)
    return free, max((again_at for _, again_at in limits if again_at is not None), default=None)
