"""What a page waits for until it shows what it is for: its HTML, the files that this names, and as few answers as can be."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Page, Route, expect

from e2e.live_server import LiveServer
from e2e.visit import PHONE, Visit, Visitor

REFRESH = "/api/v1/auth/refresh"
PATIENCE_SECONDS = 20


@asynccontextmanager
async def only(page: Page, address: str, path: str, *together: str) -> AsyncIterator[None]:
    """Nothing is answered but the page, the files that it names, the session, and `together`, once all of that is asked for.

    The files come only when the session is asked for: neither waits for the other.
    """
    html = await (await page.context.request.get(address + path)).text()
    named = set(re.findall(r'(?:src|href|data-english)="(/[^"]+)"', html))
    session_asked, rest_asked = asyncio.Event(), asyncio.Event()
    missing = set(together)

    async def answer(route: Route) -> None:
        asked = route.request.url.removeprefix(address).partition("?")[0]
        if asked == REFRESH:
            session_asked.set()
        elif asked in missing:
            missing.discard(asked)
            if not missing:
                rest_asked.set()
            await asyncio.wait_for(rest_asked.wait(), PATIENCE_SECONDS)
        elif asked.startswith("/assets/") and asked in named:
            await asyncio.wait_for(session_asked.wait(), PATIENCE_SECONDS)
        elif asked not in {*named, path}:
            return
        await route.continue_()

    await page.route("**/*", answer)
    yield
    await page.unroute_all(behavior="ignoreErrors")


@pytest.mark.parametrize("language", ["zh", "en"])
async def test_today_of_a_member_takes_one_answer_beside_its_files(
    live_server: LiveServer, visitor: Visitor, language: str
) -> None:
    bob = await visitor(live_server.address, "bob", size=PHONE, language=language)
    async with only(bob.page, live_server.address, "/"):
        await bob.page.goto(live_server.address, wait_until="commit")
        await expect(bob.page.locator(".mine .clock")).to_be_visible()


async def test_today_of_a_planner_takes_one_answer_beside_its_files(live_server: LiveServer, visitor: Visitor) -> None:
    alice = await visitor(live_server.address, "alice")
    async with only(alice.page, live_server.address, "/"):
        await alice.page.goto(live_server.address, wait_until="commit")
        await expect(alice.page.locator(".team .counts")).to_be_visible()


@pytest.mark.parametrize("username", ["alice", "root"])
async def test_the_roster_takes_two_turns_of_answers_beside_its_files(
    live_server: LiveServer, visitor: Visitor, username: str
) -> None:
    """Root has no team, so the first of all teams is shown."""
    visit = await visitor(live_server.address, username)
    async with only(visit.page, live_server.address, "/roster", "/api/v1/roster", "/api/v1/shifts"):
        await visit.page.goto(f"{live_server.address}/roster", wait_until="commit")
        await expect(visit.page.locator("tr[data-row]").first).to_be_visible()


async def test_what_changes_while_the_page_opens_is_seen(live_server: LiveServer, visitor: Visitor) -> None:
    """The answer that came with the session is older than the line on which changes are told."""
    user_id = await live_server.add_person("opener", "欧朋", live_server.team_id)
    visit = await visitor(live_server.address, "opener", size=PHONE)
    opens = asyncio.Event()

    async def late(route: Route) -> None:
        await opens.wait()
        await route.continue_()

    await visit.page.route("**/api/v1/events", late)
    await visit.open("/")
    assert live_server.shift_ids is not None
    await expect(visit.page.locator(".mine-head")).not_to_contain_text("早")
    await live_server.plan(user_id, live_server.today, live_server.shift_ids["早"])
    opens.set()
    await expect(visit.page.locator(".mine-head")).to_contain_text("早")


async def test_today_opens_with_kept_files_without_asking_for_the_page(
    live_server: LiveServer, visitor: Visitor
) -> None:
    bob = await visitor(live_server.address, "bob", size=PHONE, keeps_files=True)
    await bob.open("/")
    await bob.until("navigator.serviceWorker.ready.then(() => navigator.serviceWorker.controller !== null)")
    assert await _bytes_of_the_page(bob, "/calendar") > 0
    assert await _bytes_of_the_page(bob, "/") == 0


async def _bytes_of_the_page(visit: Visit, path: str) -> int:
    await visit.open(path)
    return int(await visit.page.evaluate("performance.getEntriesByType('navigation')[0].transferSize"))
