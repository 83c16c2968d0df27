"""The change notifier: no wake-up and no cancellation is lost."""

import asyncio

import pytest

from daka.change_events import ChangeNotifier


async def test_a_ring_between_two_waits_is_not_lost() -> None:
    notifier = ChangeNotifier()
    listener = notifier.listener()
    notifier.wake_all()
    assert await listener.wait(10) is True
    assert await listener.wait(0.01) is False


async def test_one_ring_wakes_everybody() -> None:
    notifier = ChangeNotifier()
    waiting = [asyncio.create_task(notifier.listener().wait(10)) for _ in range(3)]
    await asyncio.sleep(0)
    notifier.wake_all()
    assert await asyncio.gather(*waiting) == [True, True, True]


@pytest.mark.parametrize("turns", range(5))
async def test_a_waiter_that_is_cancelled_as_the_bell_rings_ends(turns: int) -> None:
    """A server that stops while something is announced must not wait for ever for its own tasks."""
    notifier = ChangeNotifier()

    async def wait_for_ever() -> None:
        listener = notifier.listener()
        while True:
            await listener.wait(60)

    waiting = asyncio.create_task(wait_for_ever())
    await asyncio.sleep(0.01)
    notifier.wake_all()
    for _ in range(turns):
        await asyncio.sleep(0)
    waiting.cancel()
    done, _ = await asyncio.wait([waiting], timeout=1)
    if not done:
        waiting.cancel()
    assert done == {waiting}
    assert waiting.cancelled()
