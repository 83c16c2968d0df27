"""What lives from its first use until the server ends."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Any, TypeVar

Kept = TypeVar("Kept", bound=AbstractAsyncContextManager[Any])


class Lifetime:
    """One of each kind. All are left when the stack is."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._kept: dict[type[Any], Any] = {}

    async def of(self, kind: type[Kept], make: Callable[[], Kept]) -> Kept:
        if kind not in self._kept:
            self._kept[kind] = made = make()
            await self._stack.enter_async_context(made)
        found: Kept = self._kept[kind]
        return found
