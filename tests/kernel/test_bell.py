"""The bell that wakes tasks: no ring and no cancellation is lost."""

import asyncio

import pytest

from daka.announcements import Bell


async def test_a_ring_between_two_waits_is_not_lost() -> None:
    bell = Bell()
    listener = bell.listener()
    bell.ring()
    assert await listener.wait(10) is True
    assert await listener.wait(0.01) is False


async def test_one_ring_wakes_everybody() -> None:
    bell = Bell()
    waiting = [asyncio.create_task(bell.listener().wait(10)) for _ in range(3)]
    await asyncio.sleep(0)
    bell.ring()
    assert await asyncio.gather(*waiting) == [True, True, True]


@pytest.mark.parametrize("turns", range(5))
async def test_a_waiter_that_is_cancelled_as_the_bell_rings_ends(turns: int) -> None:
    """A server that stops while something is announced must not wait for ever for its own tasks."""
    bell = Bell()

    async def wait_for_ever() -> None:
        listener = bell.listener()
        while True:
            await listener.wait(60)

    waiting = asyncio.create_task(wait_for_ever())
    await asyncio.sleep(0.01)
    bell.ring()
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    done, _ = await asyncio.wait([waiting], timeout=1)
    if not done:
        waiting.cancel()
    assert done == {waiting}
    assert waiting.cancelled()
