"""One browser and one server for all browser tests; every visit is a browser profile of its own.

Whatever a test does, no page may ask another host and none may end with an uncaught error.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser, Error, async_playwright, expect

from browser import NoBrowser, find
from conftest import DatabaseMaker
from e2e.live_server import LiveServer, furnished
from e2e.server import PASSWORD, StartEmpty, running
from e2e.visit import FLAGS, Visit, Visitor
from fakes.dingtalk import FakeDingTalk

FOLDER = Path(__file__).parent

expect.set_options(timeout=10_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        try:
            path = find(playwright.chromium.executable_path)
            opened = await playwright.chromium.launch(executable_path=path, args=FLAGS)
        except NoBrowser as sentence:
            pytest.fail(str(sentence), pytrace=False)
        except Error as error:
            pytest.fail(f"{path} does not start: {error.message.splitlines()[0]}", pytrace=False)
        yield opened
        await opened.close()


@pytest.fixture
async def visitor(browser: Browser) -> AsyncIterator[Visitor]:
    """Opens visits, ends them, and holds them to what every page must keep."""
    opened: list[Visit] = []

    async def open_visit(address: str, username: str | None = None, **options: Any) -> Visit:
        visit = await Visit.begin(browser, address, **options)
        opened.append(visit)
        if username:
            await visit.enter(username, PASSWORD)
        return visit

    yield open_visit
    for visit in opened:
        for page in visit.context.pages:  # what a test answers itself may be on its way still
            await page.unroute_all(behavior="ignoreErrors")
        await visit.context.close()
    assert [visit.foreign for visit in opened if visit.foreign] == []
    assert [visit.errors for visit in opened if visit.errors] == []


@pytest.fixture(scope="module")
async def live_server(
    tmp_path_factory: pytest.TempPathFactory, sqlite_maker: DatabaseMaker
) -> AsyncIterator[LiveServer]:
    """A furnished `daka serve` on a database of its own, beside a DingTalk that answers as the vendor's does."""
    async with AsyncExitStack() as stack:
        dingtalk = await stack.enter_async_context(FakeDingTalk().running())
        settings = {"DINGTALK_BASE_URL": dingtalk.base_url, "DATABASE_URL": await sqlite_maker.url()}
        folder = tmp_path_factory.mktemp("live_server")
        address = await stack.enter_async_context(running("serve", folder, **settings))
        http = await stack.enter_async_context(httpx.AsyncClient(base_url=address, trust_env=False))
        yield await furnished(address, http, dingtalk)


@pytest.fixture(scope="module")
async def demo(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """The address of a demo that has just started."""
    async with running("demo", tmp_path_factory.mktemp("demo"), DEMO_PASSWORD=PASSWORD) as address:
        yield address


@pytest.fixture
async def start_empty(tmp_path: Path, sqlite_maker: DatabaseMaker) -> AsyncIterator[StartEmpty]:
    """Starts a server that nobody has set up yet."""
    async with AsyncExitStack() as stack:

        async def start(**environment: str) -> str:
            environment["DATABASE_URL"] = await sqlite_maker.url()
            return await stack.enter_async_context(running("serve", tmp_path, **environment))

        yield start
