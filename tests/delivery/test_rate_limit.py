"""How fast a lane may send and when a failure is tried again: what holds for every history."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daka.delivery.channels.dingtalk_robot import DingTalkRobot
from daka.delivery.channels.kind import Rate
from daka.delivery.lanes import MOST_COUNTED_SENDS
from daka.delivery.rate_limit import DELIVERIES_PER_LANE, RETRIES_WAIT, allowance, retry_at

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def seconds_ago(*seconds: float) -> list[float]:
    return [NOON.timestamp() - ago for ago in seconds]


@pytest.mark.parametrize(
    ("sent", "free", "again_in"),
    [
        ([], 3, None),
        ([10], 2, None),
        ([10, 20], 1, None),
        ([10, 20, 30], 0, 30),
        ([10, 20, 59], 0, 1),
        ([10, 20, 60], 1, None),
        ([1, 2, 3, 4], 0, 56),
    ],
)
def test_three_a_minute(sent: list[float], free: int, again_in: float | None) -> None:
    found = allowance(Rate(3, MINUTE), seconds_ago(*sent), NOON)
    assert found == (free, NOON + timedelta(seconds=again_in) if again_in else None)


def test_a_lane_without_a_rate_sends_what_it_claims() -> None:
    assert allowance(None, seconds_ago(*range(200)), NOON) == (DELIVERIES_PER_LANE, None)


def test_dingtalks_pace_stays_below_what_blocks_a_robot() -> None:
    # DingTalk blocks a robot for ten minutes after the 20th message in a minute.
    assert DingTalkRobot.rate is not None
    assert DingTalkRobot.rate.messages < 20
    assert DingTalkRobot.rate.per >= MINUTE
    assert DingTalkRobot.rate.messages <= MOST_COUNTED_SENDS


@given(st.integers(1, 30), st.lists(st.floats(0, 50), max_size=60), st.integers(1, 80))
def test_never_more_than_the_rate_in_any_sliding_minute(limit: int, pauses: list[float], waiting: int) -> None:
    rate, now, sends = Rate(limit, MINUTE), NOON, []
    pause = iter(pauses)
    while waiting:
        free, again_at = allowance(rate, sends[-MOST_COUNTED_SENDS:], now)
        for _ in range(min(free, waiting)):
            sends.append(now.timestamp())
            waiting -= 1
        if again_at is not None:
            assert again_at > now, "a lane that is put to sleep wakes later"
        now = max(again_at or now, now + timedelta(seconds=next(pause, 1)))
    for first, after in zip(sends, sends[limit:], strict=False):
        assert after - first >= 60 - 1e-3


@given(st.integers(1, 1000), st.floats(0, 1, exclude_max=True))
def test_a_retry_waits_longer_each_time_up_to_half_a_minute(attempts: int, chance: float) -> None:
    wait = (retry_at(NOON, attempts, lambda: chance) - NOON).total_seconds()
    least = RETRIES_WAIT[min(attempts, len(RETRIES_WAIT)) - 1]
    assert least <= wait + 1e-6
    assert wait <= least * 1.25


def test_retries_of_many_senders_are_spread() -> None:
    assert len({retry_at(NOON, 3) for _ in range(20)}) > 10
