"""A DingTalk that listens, for tests that need nothing else of it."""

from collections.abc import AsyncIterator

import pytest

from conftest import Workplace, WorkplaceMaker
from fakes.dingtalk import FakeDingTalk
from scenes import dingtalk_workplace

WithDingTalk = tuple[Workplace, FakeDingTalk]


@pytest.fixture
async def with_dingtalk(make_workplace: WorkplaceMaker) -> AsyncIterator[WithDingTalk]:
    async with dingtalk_workplace(make_workplace) as made:
        yield made
